// Where the program's files lie, and how its workers start: each address in the form that bundlers look for.

const here = import.meta.url;
const isForeign = new URL(here).origin !== self.location.origin;

// Browsers start no worker from another origin, but one of this origin may import it.
function startForeign(name) {
  const code = `import ${JSON.stringify(new URL(name, here).href)};`;
  const shim = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(shim, { type: "module" });
  // Not earlier: the browser reads it when it gets round to it.
  worker.addEventListener("message", () => URL.revokeObjectURL(shim), { once: true });
  return worker;
}

export const files = {
  style: new URL("./style.css", import.meta.url).href,
  weights: new URL("../weights/lite.bpk", import.meta.url).href,
  startEngine: () =>
    isForeign
      ? startForeign("worker.js")
      : new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  startThumbnailer: () =>
    isForeign
      ? startForeign("thumbnailer.js")
      : new Worker(new URL("./thumbnailer.js", import.meta.url), { type: "module" }),
};
