// Where the program's files lie, and how its workers start: each address in the form that bundlers look for.

// Browsers start no worker from another origin, but one of this origin may import it.
function startForeign(name) {
  const code = `import ${JSON.stringify(new URL(name, files.style).href)};`;
  const shim = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(shim, { type: "module" });
  // Not at once: the browser reads it when it gets round to it.
  setTimeout(() => URL.revokeObjectURL(shim), 60_000);
  return worker;
}

// Asked for late: on a server that renders pages there is no location. Of a file's address, since bundlers may put the
// path of their own machine in the place of a bare import.meta.url.
const isForeign = () => new URL(files.style).origin !== self.location.origin;

export const files = {
  style: new URL("./style.css", import.meta.url).href,
  weights: new URL("../weights/lite.bpk", import.meta.url).href,
  startEngine: () =>
    isForeign()
      ? startForeign("worker.js")
      : new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  startThumbnailer: () =>
    isForeign()
      ? startForeign("thumbnailer.js")
      : new Worker(new URL("./thumbnailer.js", import.meta.url), { type: "module" }),
};
