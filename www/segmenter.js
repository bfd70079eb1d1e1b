// The segmenter without a view.
import { load, Part } from "./part.js";
import { absolute, expectOneOf } from "./segmentation.js";

/** Segments photos; made by `createSegmenter`. */
class Segmenter {
  #part;
  #engine;
  #isDisposed = false;

  constructor(part, engine) {
    this.#part = part;
    this.#engine = engine;
  }

  /** What runs: backend, processor, weights. */
  get engine() {
    return this.#engine();
  }

  /** Resolves to a `Segmentation`. Photos are worked one after the other. */
  async segment(source, options) {
    if (this.#isDisposed) throw new DOMException("This segmenter was disposed of: create another one.", "InvalidStateError");
    return this.#part.segment(source, { ...options, isKept: false });
  }

  /** Frees everything. What is still in work is stopped. */
  dispose() {
    this.#isDisposed = true;
    this.#part.dispose();
  }
}

/** Starts a segmenter; it shares worker, backend and weights with whatever else of this module is on the page. */
export async function createSegmenter({ threshold, mode, backend, weightsUrl } = {}) {
  expectOneOf({ mode }, ["native", "thorough", "space"]);
  expectOneOf({ backend }, ["auto", "cpu", "webgpu"]);
  const options = { threshold, mode, backend, weightsUrl: weightsUrl == null ? undefined : absolute(weightsUrl, "weights") };
  const module = await load();
  let engine = null;
  const part = new Part(module, null, options, (type, detail) => {
    if (type === "ready") engine = detail;
  });
  try {
    await part.ready;
  } catch (error) {
    part.dispose();
    throw error;
  }
  return new Segmenter(part, () => engine);
}
