// A worker that takes tiles off the one that started it, by the same program; see src/web/helper.rs.
import init from "../worker.js";
import initForGpu from "../gpu-worker.js";

self.onmessage = ({ data: { module, forGpu, weights } }) => {
  // Tells the program what it is here.
  self.helpWith = weights;
  (forGpu ? initForGpu : init)({ module_or_path: module }).catch((error) => self.postMessage(String(error)));
};
