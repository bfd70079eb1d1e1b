// The element in a frame of another page, and the messages between the two (types: EmbedRequest, EmbedReply in
// crack-segmenter.d.ts). Attributes of the element come behind the frame's address: embed.html?controls&mode=space.
import { CrackSegmenterElement, SegmentationError } from "./crack-segmenter.js";
import { toFile } from "./source.js";

const PREFIX = "crack-segmenter:";
const ATTRIBUTES = CrackSegmenterElement.observedAttributes;

const listed = document.querySelector("meta[name=crack-segmenter-origins]").content.split(/\s+/).filter(Boolean);
const allowed = new Set([location.origin, ...listed]);

const element = document.createElement("crack-segmenter");
for (const [name, value] of new URLSearchParams(location.search)) {
  if (ATTRIBUTES.includes(name)) element.setAttribute(name, value);
}

/** The page around, once it has spoken: nothing is told before, and nothing to others. */
let host = null;
/** Photos that the page around asked for, by the id that it gave them. */
const ids = new Map();

const idOf = (photo) => [...ids].find(([, asked]) => asked.file === photo)?.[0] ?? null;

function tell(type, message, transfer = []) {
  host?.source.postMessage({ type: PREFIX + type, ...message }, { targetOrigin: host.origin, transfer });
}

/** What a host that speaks only later has missed. */
let news = null;
const tellNews = () => news && tell(...news);

element.addEventListener("ready", ({ detail }) => {
  news = ["ready", { engine: detail }];
  tellNews();
});
element.addEventListener("devicelost", () => tell("devicelost"));
element.addEventListener("progress", ({ detail: { photo, ...progress } }) =>
  tell("progress", { id: idOf(photo), ...progress }),
);
element.addEventListener("error", ({ detail: { kind, message, photo } }) => {
  const told = ["error", { id: idOf(photo), kind, message }];
  if (!element.engine) news = told;
  tell(...told);
});
element.addEventListener("result", ({ detail }) => {
  const { width, height, threshold, mode, scale, backend, weights, weightsHash, seconds, photo } = detail;
  const finding = { width, height, threshold, mode, scale, backend, weights, weightsHash, seconds };
  // Copies, since they leave this page, which goes on showing the result.
  const [probabilities, mask] = [detail.probabilities.slice().buffer, detail.mask().buffer];
  const message = { id: idOf(photo), name: photo.name, share: detail.share(), ...finding, probabilities, mask };
  tell("result", message, [probabilities, mask]);
});

async function segment({ id, photo, name = "photo" }) {
  const abort = new AbortController();
  try {
    const file = await toFile(photo instanceof ArrayBuffer ? new Blob([photo]) : photo, { name });
    ids.set(id, { file, abort });
    await element.segment(file, { signal: abort.signal });
  } catch (error) {
    // What goes wrong with the photo itself is told by the element's event.
    if (error.name === "AbortError") tell("stopped", { id });
    else if (!(error instanceof SegmentationError && error.photo)) tell("error", { id, kind: "photo", message: error.message });
  } finally {
    ids.delete(id);
  }
}

function obey(message) {
  switch (message.type) {
    case `${PREFIX}hello`:
      tellNews();
      break;
    case `${PREFIX}segment`:
      segment(message);
      break;
    case `${PREFIX}cancel`:
      if (message.id === undefined) element.cancel();
      else ids.get(message.id)?.abort.abort();
      break;
    case `${PREFIX}configure`:
      for (const [name, value] of Object.entries(message.attributes)) {
        if (!ATTRIBUTES.includes(name)) continue;
        if (value === null) element.removeAttribute(name);
        else element.setAttribute(name, value);
      }
      break;
  }
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !allowed.has(origin) || !data?.type?.startsWith?.(PREFIX)) return;
  host = { source, origin };
  obey(data);
});

document.body.append(element);
