// The program as a part of a page: what the element and the segmenter without a view have in common.
import { files } from "./files.js";
import { aborted, asTyped, linked, Segmentation, SegmentationError, untilAborted } from "./segmentation.js";
import { toFile } from "./source.js";

let program = null;

/** Loads the program, once. */
export function load() {
  program ??= import("../app.js").then(async (module) => {
    await module.default();
    // The program's start and the page's in one go would hold the browser up.
    await new Promise((resolve) => setTimeout(resolve));
    return module;
  });
  return program.catch((error) => {
    program = null;
    const message = `The program could not be loaded (${error.message}). Check the connection and reload the page.`;
    throw new SegmentationError("program", message, null, { cause: error });
  });
}

/** The program in a root, or without a view. */
export class Part {
  #module;
  #page;
  #tell;
  /** What is told of each photo that a caller waits for. */
  #waiting = new Map();
  /** The files that callers brought, by photo: these may be worked or corrected again. */
  #brought = new Map();
  /** One for each call that has not ended. */
  #stops = new Set();
  /** Resolves when the photo that is asked for next may be handed over: after those that were asked for before. */
  #gate = Promise.resolve();
  /** Why there is no engine, while there is none. */
  #failed = null;
  /** How many results each photo has had; none once it was taken away. */
  #turns = new Map();
  #ready = withResolvers();

  /** `tell(type, detail)` hears everything that happens. */
  constructor(module, root, options, tell) {
    this.#module = module;
    this.#tell = tell;
    // Whoever does not ask for it does not want to be told that it failed.
    this.#ready.promise.catch(() => {});
    // Later, so that who is told may do anything with the page.
    const later = (news, blobs) => queueMicrotask(() => this.#take(news, blobs));
    try {
      this.#page = module.mountPart(root, files, chosen(options), later);
    } catch (error) {
      throw asTyped(error, "program");
    }
  }

  /** Resolves to the engine once photos can be segmented. */
  get ready() {
    return this.#ready.promise;
  }

  /** Whether there is no engine, and nothing that brings one by itself. */
  get hasFailed() {
    return this.#failed !== null;
  }

  configure(options) {
    this.#page?.configure(chosen(options));
  }

  /** Segments a photo, and resolves to its `Segmentation`. `isKept`: it stays when it is done. */
  async segment(source, { signal, onprogress, name, isKept = true } = {}) {
    const { stop, unlink } = linked(signal);
    this.#stops.add(stop);
    // At the call, however long the photo takes to become a file.
    const gate = this.#gate;
    const { promise: passed, resolve: passOn } = withResolvers();
    this.#gate = gate.then(() => passed);
    const failedBefore = this.#failed;
    let photo;
    try {
      const file = await toFile(source, { signal: stop.signal, name });
      await Promise.race([gate, untilAborted(stop.signal)]);
      if (stop.signal.aborted || !this.#page) throw aborted();
      // A visitor may start it again. Where nobody sees it the next call does, and none that was made before the failure.
      if (!isKept && this.#failed !== failedBefore && this.#failed) throw this.#failed;
      photo = this.#page.segment(file);
      // A visitor is to see what waits. Where nobody sees it nothing waits there: what came last would be worked next.
      if (isKept) passOn();
      const waiting = withResolvers();
      this.#waiting.set(photo, { ...waiting, onprogress, passOn, signal: stop.signal });
      this.#brought.set(photo, file);
      stop.signal.addEventListener("abort", () => this.#page?.cancel(photo));
      return await waiting.promise;
    } catch (error) {
      // Whatever the signal was given as its reason.
      if (stop.signal.aborted) throw aborted();
      // What is no source; else a source that the browser does not let anyone read, say.
      throw error instanceof TypeError ? error : asTyped(error, "photo");
    } finally {
      passOn();
      unlink();
      this.#stops.delete(stop);
      if (!isKept && photo) this.#page?.remove(photo);
    }
  }

  /** Whether a photo that a caller brought is still here. */
  has(file) {
    return [...this.#brought.values()].includes(file);
  }

  /** Stops everything, also what is only being fetched. */
  cancel() {
    for (const stop of this.#stops) stop.abort();
    this.#page?.cancel();
  }

  /** Says in place of the photo that it could not be fetched. */
  lackSource() {
    this.#page?.lackSource();
  }

  /** Takes all photos away. Who still waits for one is told that it was stopped. */
  clear() {
    this.cancel();
    this.#page?.clear();
    this.#brought.clear();
    this.#turns.clear();
    this.#rejectWaiting(aborted());
  }

  /** Frees everything. Who still waits is told that the photo was stopped. */
  dispose() {
    const page = this.#page;
    this.#page = null;
    for (const stop of this.#stops) stop.abort();
    page?.free();
    this.#rejectAll(aborted());
  }

  async #take({ type, photo, ...news }, blobs) {
    // What was on its way when everything was freed.
    if (!this.#page) return;
    const waiting = this.#waiting.get(photo);
    // What the visitor brought is not named before it is done.
    const file = this.#brought.get(photo) ?? null;
    switch (type) {
      case "ready":
        this.#failed = null;
        this.#ready.resolve(news.engine);
        this.#tell("ready", news.engine);
        break;
      case "progress":
        try {
          waiting?.onprogress?.(news.progress);
        } catch (error) {
          // The caller's own affair, as with listeners of events.
          reportError(error);
        }
        this.#tell("progress", { photo: file, ...news.progress });
        break;
      case "result":
        // The next one may come while this one is read.
        waiting?.passOn();
        try {
          const turn = (this.#turns.get(photo) ?? 0) + 1;
          this.#turns.set(photo, turn);
          const result = await Segmentation.read(this.#module, news.result, ...blobs, file);
          // Overtaken by a later one of the same photo, or the photo was taken away.
          if (!this.#page || turn !== this.#turns.get(photo)) return;
          // Nobody wants it any more.
          if (waiting?.signal.aborted) throw aborted();
          this.#tell("result", result);
          this.#settle(photo, "resolve", result);
        } catch (error) {
          if (error.name === "AbortError") return this.#settle(photo, "reject", error);
          const unread = new SegmentationError("photo", `The result could not be read (${error.message}).`, file);
          this.#tell("error", unread);
          this.#settle(photo, "reject", unread);
        }
        break;
      case "removed":
        this.#brought.delete(photo);
        this.#turns.delete(photo);
        // Its result may have been on its way still.
        this.#settle(photo, "reject", aborted());
        break;
      case "stopped":
        this.#settle(photo, "reject", aborted());
        break;
      case "error": {
        const error = new SegmentationError(news.failure.kind, news.failure.message, file);
        // A first wish that can't be had: another part's engine is not what was asked for.
        if (photo === null) this.#ready.reject(error);
        this.#tell("error", error);
        this.#settle(photo, "reject", error);
        break;
      }
      case "failed": {
        const error = new SegmentationError(news.failure.kind, news.failure.message);
        this.#failed = error;
        this.#tell("error", error);
        this.#rejectAll(error);
        break;
      }
      case "thresholdchange":
        this.#tell("thresholdchange", news.threshold);
        break;
      case "devicelost":
        this.#tell("devicelost", null);
        break;
    }
  }

  #settle(photo, how, value) {
    this.#waiting.get(photo)?.[how](value);
    this.#waiting.delete(photo);
  }

  #rejectAll(error) {
    this.#ready.reject(error);
    this.#rejectWaiting(error);
  }

  #rejectWaiting(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The options that are there. */
const chosen = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

// Promise.withResolvers is younger than the browsers that this has to run in.
function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
