// The segmenter without a view.
import { load, Part } from "./part.js";
import { absolute, expectFraction, expectOneOf, linked, untilAborted } from "./segmentation.js";

const OPTIONS = ["mode", "backend", "threshold", "weightsUrl", "signal"];

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
export async function createSegmenter(wished) {
  expectOptions(wished ?? {});
  const { threshold, mode, backend, weightsUrl, signal } = wished ?? {};
  if (threshold != null) expectFraction({ threshold });
  expectOneOf({ mode }, ["native", "thorough", "space"]);
  expectOneOf({ backend }, ["auto", "cpu", "webgpu"]);
  const options = { threshold, mode, backend, weightsUrl: weightsUrl ? absolute(weightsUrl, "weights") : undefined };
  const { stop, unlink } = linked(signal);
  const stopped = untilAborted(stop.signal);
  let part = null;
  let engine = null;
  try {
    const module = await Promise.race([load(), stopped]);
    part = new Part(module, null, options, (type, detail) => {
      if (type === "ready") engine = detail;
    });
    await Promise.race([part.ready, stopped]);
  } catch (error) {
    part?.dispose();
    throw error;
  } finally {
    unlink();
  }
  return new Segmenter(part, () => engine);
}

/** Refuses options that there are not: whoever misspells one would wonder why it changes nothing. */
function expectOptions(wished) {
  const known = OPTIONS.join(", ");
  if (typeof wished !== "object") throw new TypeError(`The options are an object, of ${known}.`);
  const unknown = Object.keys(wished).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new TypeError(`There is no option "${unknown}": there are ${known}.`);
}
