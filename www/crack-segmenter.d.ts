/** Finds cracks in photos of concrete, on the visitor's own device. */

/**
 * A photo in whatever form a page has it, also another window's. SVG is not read: draw it onto a canvas. Of an `<img>` its file is
 * fetched, or where that can't be had (a revoked `blob:` address, say) the picture read as it is shown.
 */
export type Source =
  | Blob
  | string
  | URL
  | ImageData
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | HTMLImageElement;

/**
 * At the photo's own resolution, or so and once more upside down (twice the time, fewer false marks), or stretched to 256x256
 * as the original Space did.
 */
export type Mode = "native" | "thorough" | "space";

/** What computes; "webgpu-f16": WebGPU with numbers of 16 bits, where that is faster and agrees with the CPU to .05. */
export type Backend = "cpu" | "webgpu" | "webgpu-f16";

/** What is to compute; "auto": WebGPU where it is there, correct and faster. */
export type BackendChoice = "auto" | "cpu" | "webgpu";

/** What a PNG shows. */
export type PngKind = "mask" | "overlay" | "probability";

/**
 * Why a backend runs: it was chosen, or is the faster one (WebGPU only where it also agrees with the CPU). The CPU also
 * because the GPU is the CPU in disguise, is not there (no WebGPU, no adapter, failed to start), has no room for these weights,
 * computes something else, or was lost; "recovered": a worker was lost, and this one took over.
 */
export type Reason =
  | "chosen"
  | "faster"
  | "software-gpu"
  | "no-webgpu"
  | "no-adapter"
  | "gpu-failed"
  | "small-gpu"
  | "wrong-gpu"
  | "lost-gpu"
  | "recovered";

/** What runs. */
export interface Engine {
  readonly choice: BackendChoice;
  readonly backend: Backend;
  /** The processor's name, as far as the browser tells. */
  readonly adapter: string;
  /** Why this backend. */
  readonly reason: Reason;
  /** Their name: "lite", "open", or that of your own file. A page that needs certain ones looks here, or at a result's. */
  readonly weights: string;
  /** Tells weights of one name apart: the beginning of the file's SHA-256. */
  readonly weightsHash: string;
  /** Whether the visitor brought them. */
  readonly hasOwnWeights: boolean;
  /** Channels of the network's first stage. */
  readonly width: number;
  /** The threshold that came with the weights, 0 to 1. */
  readonly threshold: number;
  /** Largest difference of probability between GPU and CPU in the self-test; null on the CPU. */
  readonly selfTest: number | null;
  readonly secondsPerMegapixel: number;
}

/** What is under way. */
export type Stage =
  | { readonly stage: "program" | "weights"; readonly loaded: number; readonly total: number | null }
  | { readonly stage: "compiling" | "decoding" }
  | { readonly stage: "tiles"; readonly done: number; readonly total: number; readonly secondsLeft: number };

/** A stage and the photo it belongs to; null for the engine, and for a photo that the visitor brought. */
export type Progress = Stage & { readonly photo: File | null };

/** Which part failed. */
export type ErrorKind = "photo" | "network" | "program" | "weights" | "other-weights" | "device" | "export" | "measure";

/** Something that a person can do something about: `message` says what, in English; the element says it in its own language. */
export class SegmentationError extends Error {
  constructor(kind: ErrorKind, message: string, photo?: File | null, options?: ErrorOptions);
  readonly kind: ErrorKind;
  /** The photo that could not be segmented, where this module's caller brought it. */
  readonly photo: File | null;
}

/** Marked pixels that hang together. Lengths are in pixels of the photo. */
export interface Crack {
  /** Along its centre lines, all branches together. */
  readonly length: number;
  /** At right angles to the centre line, between the places where a crack is as likely as not; uncertain below 3 pixels. */
  readonly meanWidth: number;
  readonly maxWidth: number;
  /** Where it is widest: from the left and from the top. */
  readonly widest: readonly [number, number];
  /** Marked pixels. */
  readonly area: number;
  /** The first of them, row by row: from the left and from the top. */
  readonly start: readonly [number, number];
  /** Left, top, width and height. */
  readonly bounds: readonly [number, number, number, number];
  /** Which way it runs: degrees from the horizontal, counter-clockwise, 0 to 180; null where it runs every way. */
  readonly direction: number | null;
}

/** What was found in a photo. */
export class Segmentation {
  private constructor();
  /** The photo's file. */
  readonly photo: File;
  /** Size of the map, in pixels: the photo's own, upright; 256x256 in the mode "space". */
  readonly width: number;
  readonly height: number;
  /** The probability of a crack, 0 to 255: a byte a pixel, row by row. */
  readonly probabilities: Uint8Array<ArrayBuffer>;
  /** The threshold in force when it was made, 0 to 1. */
  readonly threshold: number;
  readonly mode: Mode;
  /** Working size over photo size, 0 to 1: below 1 for a photo too large for this device. */
  readonly scale: number;
  readonly backend: Backend;
  readonly weights: string;
  readonly weightsHash: string;
  /** Time from the decoded photo to the probabilities, in seconds. */
  readonly seconds: number;
  /** How many pixels of `probabilities` have each value, 0 to 255. */
  readonly counts: readonly number[];
  /** How many marks the visitor took out of `probabilities`: each time there is another `result` event. */
  readonly leftOut: number;
  /** The share of the area that is crack, 0 to 1. */
  share(threshold?: number): number;
  /** 255 where there is a crack, 0 elsewhere: a byte a pixel, row by row. */
  mask(threshold?: number): Uint8Array<ArrayBuffer>;
  /** The cracks of at least 16 pixels in length, longest first; not of the mode "space". */
  measure(threshold?: number): Promise<readonly Crack[]>;
  /** A PNG file that also says what made it. */
  png(kind?: PngKind, options?: { threshold?: number; opacity?: number }): Promise<Blob>;
}

export interface SegmentOptions {
  /** Stops the photo; the promise is rejected with an `AbortError`. */
  signal?: AbortSignal;
  onprogress?: (stage: Stage) => void;
  /** The photo's file name, for exports. */
  name?: string;
}

export interface SegmenterOptions {
  mode?: Mode;
  backend?: BackendChoice;
  /** 0 to 1; the one that came with the weights if not given. */
  threshold?: number;
  /** Address of a `.bpk` or `.safetensors` file, or of a folder with a manifest (ending in a slash; `#open` behind it takes those of that name). */
  weightsUrl?: string | URL;
  /** Gives the start up. */
  signal?: AbortSignal;
}

/** The segmenter without a view. */
export interface Segmenter {
  readonly engine: Engine;
  /**
   * Photos are worked one after the other, in the order of the calls: one whose address answers slowly holds up those behind it,
   * until its `signal` stops it. Rejected with a `SegmentationError`, with an `AbortError` when stopped, or with a `TypeError` for
   * what is no `Source`.
   */
  segment(source: Source, options?: SegmentOptions): Promise<Segmentation>;
  /** Frees everything; what is still in work is stopped, and what is asked for afterwards rejected with an `InvalidStateError`. */
  dispose(): void;
}

/**
 * Starts a segmenter. It shares worker, backend and weights with whatever else of this module is on the page: what is asked
 * for last holds for all. Without `weightsUrl` it takes the weights in use, with "auto" the backend in use. Rejected
 * with a `SegmentationError`, also where the wish can't be had and another engine runs, with an `AbortError` where it was given up,
 * or with a `TypeError` for options that there are not or that are of another type.
 */
export function createSegmenter(options?: SegmenterOptions): Promise<Segmenter>;

/** A file as Gradio's client describes it. */
export interface GradioFile {
  path: string;
  url: string;
  size: number;
  orig_name: string;
  mime_type: string;
  is_stream: false;
  meta: { _type: "gradio.FileData" };
}

/** The answer of Gradio's client to a call of the original Space. */
export interface GradioAnswer {
  type: "data";
  time: Date;
  endpoint: "/predict";
  fn_index: 0;
  data: [GradioFile];
}

/**
 * Answers as `client.predict("/predict", { image })` of Gradio's JavaScript client did, without a server: with a mask of
 * 256x256 pixels, 255 where there is a crack. The address in the answer is this page's own; `URL.revokeObjectURL` gives
 * its memory back. The first call starts a segmenter, and its worker, for as long as the page lives.
 */
export function predict(image: GradioImage | { image: GradioImage }): Promise<GradioAnswer>;

/** What Gradio's client takes for an image. */
export type GradioImage = Source | { url: string } | { blob: Blob };

export interface CrackSegmenterEventMap {
  /** Photos can be segmented: at the start, and again when backend or weights changed. */
  ready: CustomEvent<Engine>;
  progress: CustomEvent<Progress>;
  /** A photo has its result, whoever brought it; again each time that the visitor takes a mark out of it or puts it back. */
  result: CustomEvent<Segmentation>;
  error: CustomEvent<SegmentationError>;
  /** Another threshold was chosen, 0 to 1, by the visitor or by the page: what is shown is then `result.mask(detail)`. */
  thresholdchange: CustomEvent<number>;
  /** The worker, perhaps its GPU, was lost; a new one takes over: after a lost GPU first on the GPU again, then on the CPU. */
  devicelost: CustomEvent<null>;
}

/** What an element tells, its own and what every element does. */
export type CrackSegmenterElementEventMap = Omit<HTMLElementEventMap, keyof CrackSegmenterEventMap> & CrackSegmenterEventMap;

/**
 * `<crack-segmenter>`. Elements of one page share one worker, and so backend and weights: the last choice holds for all. Taken out
 * of the document it loses its photos and its result, unless it is put in again at once.
 */
export class CrackSegmenterElement extends HTMLElement {
  static readonly observedAttributes: string[];
  /**
   * Address of the photo to show. Another one, or none, takes all photos of the element away, those that a visitor added too,
   * and rejects what `segment()` has not answered. The same one does so where its photo failed, was stopped or was taken away, and
   * loads it again; else it changes nothing.
   */
  get src(): string;
  set src(value: string | URL | null | undefined);
  /** 0 to 1; null = the one that came with the weights. */
  get threshold(): number | null;
  set threshold(value: number | string | null | undefined);
  /** Opacity of what is drawn over the photo, 0 to 1; null = the usual one. */
  get overlayOpacity(): number | null;
  set overlayOpacity(value: number | string | null | undefined);
  get backend(): BackendChoice;
  set backend(value: BackendChoice | null | undefined);
  get mode(): Mode;
  set mode(value: Mode | null | undefined);
  /**
   * Address of a weights file, or of a folder with a manifest (ending in a slash; `#open` behind it takes those of that name).
   * New weights segment the shown photo again, unless the visitor corrected its result; if another element or segmenter asked for
   * them, the result stays, and its `weights` tell. The folder's `#lite`, or none in the place of one, brings the usual ones back.
   */
  get weightsUrl(): string;
  set weightsUrl(value: string | URL | null | undefined);
  /** "auto": as the visitor's device has it, whatever the page's `color-scheme`. */
  get theme(): "auto" | "light" | "dark";
  set theme(value: "auto" | "light" | "dark" | null | undefined);
  /** Whether the visitor gets buttons, settings and ways to bring photos in. */
  controls: boolean;
  /**
   * Language of the element's words, as a language tag: "en", "de", "fr" or "es", of any region. Where it is empty or not
   * known, the nearest one around the element counts that is, then the browser's.
   */
  lang: string;
  /** What runs; null until it is ready, and while there is none. */
  readonly engine: Engine | null;
  /** The latest result; null until there is one. */
  readonly result: Segmentation | null;
  /**
   * Segments a photo and shows it. It stays, as those before it do, until `clear()`. Photos join the queue in the order of the
   * calls, slow addresses as with `Segmenter.segment`; the one that is shown, at first the last one, is worked before the others.
   * Rejected as `Segmenter.segment`.
   */
  segment(source: Source, options?: SegmentOptions): Promise<Segmentation>;
  /** Stops every photo that waits or is in work. */
  cancel(): void;
  /** Takes all photos away. */
  clear(): void;
  addEventListener<K extends keyof CrackSegmenterElementEventMap>(
    type: K,
    listener: (this: CrackSegmenterElement, event: CrackSegmenterElementEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof CrackSegmenterElementEventMap>(
    type: K,
    listener: (this: CrackSegmenterElement, event: CrackSegmenterElementEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "crack-segmenter": CrackSegmenterElement;
  }
}

/**
 * What a page posts to the frame that shows `embed.html`. `id` is the page's own choice, and comes back with every reply; a photo
 * without one is answered by an error.
 */
export type EmbedRequest =
  /** Comes first, after the frame's `load` event: only who has spoken is told anything. */
  | { type: "crack-segmenter:hello" }
  | { type: "crack-segmenter:segment"; id: string | number; photo: Blob | ArrayBuffer | ImageData | ImageBitmap; name?: string }
  /** Stops the photo of this id; without one all photos, those that the visitor brought too. */
  | { type: "crack-segmenter:cancel"; id?: string | number }
  /** Takes all photos away; until then they stay. */
  | { type: "crack-segmenter:clear" }
  /** The element's attributes, but `src`; null takes one away. */
  | { type: "crack-segmenter:configure"; attributes: Record<string, string | null> };

/** What the frame posts back. `id` is null for the engine, for photos that the visitor brought, and for what came without one. */
export type EmbedReply =
  | { type: "crack-segmenter:ready"; engine: Engine }
  | ({ type: "crack-segmenter:progress"; id: string | number | null } & Stage)
  | {
      type: "crack-segmenter:result";
      id: string | number | null;
      /** Tells the frame's photos apart, also those that the visitor brought: a photo's later results have the same. */
      photo: number;
      /** The photo's file name. */
      name: string;
      width: number;
      height: number;
      share: number;
      threshold: number;
      mode: Mode;
      scale: number;
      backend: Backend;
      weights: string;
      weightsHash: string;
      seconds: number;
      /** How many marks the visitor took out: each time there is another message, of the same `id` and `photo`. */
      leftOut: number;
      /** A byte a pixel, row by row, 0 to 255; transferred. */
      probabilities: ArrayBuffer;
      /** A byte a pixel, row by row, 0 or 255; transferred. */
      mask: ArrayBuffer;
    }
  | { type: "crack-segmenter:stopped"; id: string | number }
  | { type: "crack-segmenter:error"; id: string | number | null; kind: ErrorKind; message: string }
  /** Another threshold was chosen, 0 to 1, by the visitor or by the page. */
  | { type: "crack-segmenter:thresholdchange"; threshold: number }
  | { type: "crack-segmenter:devicelost" };
