// Where the program's files lie, and how its workers start: each address in the form that bundlers look for.
import { isForeign, startForeign } from "./foreign.js";

// Asked for late: on a server that renders pages there is no location. Of a file's address, since bundlers may put the
// path of their own machine in the place of a bare import.meta.url.
const isElsewhere = () => isForeign(files.style);
const startBeside = (name) => startForeign(new URL(name, files.style));

export const files = {
  style: new URL("./style.css", import.meta.url).href,
  weights: new URL("../weights/lite.bpk", import.meta.url).href,
  startEngine: () =>
    isElsewhere() ? startBeside("worker.js") : new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  startThumbnailer: () =>
    isElsewhere()
      ? startBeside("thumbnailer.js")
      : new Worker(new URL("./thumbnailer.js", import.meta.url), { type: "module" }),
};
