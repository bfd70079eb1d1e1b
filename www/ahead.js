// Asks for the weights while the program is still on its way. src/web/fetch.rs takes up what was asked for here; it is what
// decides, and asks for all else by itself.

const asked = new Map();
let isOvertaken = false;

function ask(address) {
  const abandon = new AbortController();
  const response = fetch(address, { signal: abandon.signal });
  // Told by whoever takes it up.
  response.catch(() => {});
  asked.set(address, { response, abandon });
  return response;
}

/** The response to what was asked for here, as a promise, the first time; undefined for all else. */
export function takeAhead(address) {
  const taken = asked.get(address);
  asked.delete(address);
  if (!taken) {
    // Other weights than those, or the program was quicker: nobody will take the rest up.
    isOvertaken = true;
    for (const { abandon } of asked.values()) abandon.abort();
    asked.clear();
  }
  return taken?.response;
}

/** Asks for the weights at an address as in src/protocol.rs: a file, or a folder with a manifest. */
export async function fetchAhead(address) {
  const [folder, name] = address.split("#");
  if (!folder.endsWith("/")) return void ask(address);
  const manifest = (await ask(`${folder}manifest.json`)).clone();
  const { default: usual, weights } = await manifest.json();
  const { file, sha256 } = weights.find((entry) => entry.name === (name ?? usual));
  const listed = `${folder}${file}?sha256=${sha256}`;
  const isKept = await self.caches?.match(listed);
  if (!isKept && !isOvertaken) ask(listed);
}
