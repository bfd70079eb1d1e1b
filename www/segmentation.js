// What was found in a photo, and what goes wrong.
import { files } from "./files.js";

/** Something that a person can do something about: `message` says what. */
export class SegmentationError extends Error {
  /** Which part failed: "photo", "network", "program", "weights", "other-weights", "device", "export" or "measure". */
  kind;
  /** The photo that could not be segmented, where it was this module's caller who brought it. */
  photo;

  constructor(kind, message, photo = null, options = undefined) {
    super(message, options);
    this.name = "SegmentationError";
    this.kind = kind;
    this.photo = photo;
  }
}

/** What a caller gets whose photo was stopped. */
export const aborted = () => new DOMException("The photo was stopped.", "AbortError");

/** A controller of our own, which a caller's signal aborts too until `unlink` is called. */
export function linked(signal) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  return { stop, unlink: () => signal?.removeEventListener("abort", abort) };
}

/** Rejects when a signal is given. */
export function untilAborted(signal) {
  return new Promise((_, reject) => {
    const abort = () => reject(aborted());
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
}

/** Whatever was thrown, as an error that callers expect. */
export function asTyped(error, kind) {
  if (error instanceof SegmentationError || error?.name === "AbortError") return error;
  return new SegmentationError(kind, error?.message ?? String(error));
}

/** An absolute address, of what a page may write relative to itself. */
export function absolute(url, kind) {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    throw new SegmentationError(kind, `"${url}" is no address.`);
  }
}

/** Refuses what is none of the words, in the form `{ name: value }`. */
export function expectOneOf(given, words) {
  const [[name, value]] = Object.entries(given);
  if (value !== undefined && !words.includes(value)) throw new TypeError(`${name} is one of ${words.join(", ")}.`);
}

/** Refuses what is no number, which the program would take for 0, in the form `{ name: value }`. */
export function expectFraction(given) {
  const [[name, value]] = Object.entries(given);
  if (typeof value !== "number" || Number.isNaN(value)) throw new TypeError(`${name} is a number, 0 to 1.`);
}

/** What was found in a photo. */
export class Segmentation {
  #module;
  #map;

  /** `finding` is what src/web/ui/host.rs calls so; `given` the very file that a caller brought, `photo` the same or its copy. */
  static async read(module, finding, map, photo, given) {
    const result = Object.assign(new Segmentation(), finding, { photo: given ?? photo });
    result.probabilities = new Uint8Array(await map.arrayBuffer());
    [result.#module, result.#map] = [module, map];
    return result;
  }

  /** The share of the area that is crack, 0 to 1. */
  share(threshold = this.threshold) {
    expectFraction({ threshold });
    const sum = (counts) => counts.reduce((total, count) => total + count, 0);
    const crack = sum(this.counts.slice(this.#module.cutoff(threshold) + 1));
    return crack / (sum(this.counts) || 1);
  }

  /** 255 where there is a crack, 0 elsewhere: a byte a pixel, row by row. */
  mask(threshold = this.threshold) {
    expectFraction({ threshold });
    const cutoff = this.#module.cutoff(threshold);
    const mask = new Uint8Array(this.probabilities.length);
    // By index: several times as fast, and a large photo's millions of pixels must not keep the page waiting.
    for (let pixel = 0; pixel < mask.length; pixel += 1) if (this.probabilities[pixel] > cutoff) mask[pixel] = 255;
    return mask;
  }

  /** Its cracks in pixels of the photo, longest first; not of a map that was stretched to a square. */
  async measure(threshold = this.threshold) {
    expectFraction({ threshold });
    if (this.mode === "space") {
      throw new SegmentationError("measure", "A map in the mode \"space\" is stretched: segment the photo in another mode to measure it.", this.photo);
    }
    try {
      return await this.#module.measure(files, this.width, this.height, threshold, this.#map);
    } catch (error) {
      throw asTyped(error, "measure");
    }
  }

  /** A PNG file that also says what made it: "mask", "overlay" or "probability". */
  async png(kind = "mask", { threshold = this.threshold, opacity } = {}) {
    expectOneOf({ kind }, ["mask", "overlay", "probability"]);
    expectFraction({ threshold });
    if (opacity != null) expectFraction({ opacity });
    const { width, height, photo, mode, scale, backend, weights, leftOut } = this;
    const drawing = { kind, width, height, threshold, opacity, name: photo.name, mode, scale, backend, weights, leftOut };
    try {
      return await this.#module.draw(files, drawing, this.#map, photo);
    } catch (error) {
      throw asTyped(error, "export");
    }
  }
}
