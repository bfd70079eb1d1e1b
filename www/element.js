// <crack-segmenter>: the app as an element of other pages.
import { load, Part } from "./part.js";
import { aborted, absolute, asTyped, linked, untilAborted } from "./segmentation.js";
import { ancestors, languagesOf, noProgram, wordsOf } from "./words.js";

// Here and not in the style sheet, which takes its time: the room is there at once.
const HOST_STYLE = `
  :host {
    /* Unlike a block's, its content fills a height that is only the least one, too. */
    display: grid; grid-template: minmax(0, 1fr) / 100%;
    min-inline-size: 0; max-inline-size: 100%; min-block-size: 0; block-size: max(36rem, 576px)
  }
  /* Where the host's height is that of what is in it. */
  .cs { contain-intrinsic-block-size: max(36rem, 576px) }
  :host([hidden]) { display: none }
  .failed { margin: 1rem; font: max(1rem, 16px)/1.5 system-ui, sans-serif }
`;

const OPTIONS = ["threshold", "overlay-opacity", "backend", "mode", "weights-url", "theme", "controls"];
const PROPERTIES = ["src", "threshold", "overlayOpacity", "backend", "mode", "weightsUrl", "theme", "controls"];

// On a server that renders pages there are no elements.
const Base = globalThis.HTMLElement ?? class {};

export class CrackSegmenterElement extends Base {
  static observedAttributes = ["src", "lang", ...OPTIONS];

  #part = null;
  #started = null;
  #engine = null;
  #result = null;
  /** Of the weights, and what was given for it last, which may be none. */
  #address;
  #given;
  /** The photo at `src`: what ends it, and its file once it has a result. None where it failed or was taken away. */
  #shown = null;
  /** Calls that wait for the start. */
  #early = new Set();
  /** Sees the language of what is around it change. */
  #surroundings = null;

  connectedCallback() {
    // Set before this class was known, they hide its own.
    for (const name of PROPERTIES) {
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }
    this.#watchLanguage();
    // It may have been moved to where another language is spoken.
    if (this.#part) this.#configure();
    // What goes wrong is told by an event.
    this.#begin().catch(() => {});
  }

  disconnectedCallback() {
    // Whoever moves it puts it in again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  /** Style sheets do not come along into another document, and one without a window takes none. */
  adoptedCallback() {
    if (this.ownerDocument.defaultView) this.#dress();
  }

  attributeChangedCallback(name, before, now) {
    // The same address again, however it is written, is another attempt.
    const isSame = before === now || (name === "src" && before && now && resolved(before) === resolved(now));
    if (isSame && (name !== "src" || !now || this.#hasShown())) return;
    if (this.#part) return name === "src" ? this.#show() : this.#configure();
    // What it could not be started with is mended, perhaps.
    const hasFailed = this.shadowRoot && this.isConnected && !this.#started;
    if (hasFailed && ["src", "weights-url"].includes(name)) this.#begin().catch(() => {});
  }

  /** What runs: backend, processor, weights; null until it is ready, and while there is none. */
  get engine() {
    return this.#part?.hasFailed ? null : this.#engine;
  }

  /** The latest result; null until there is one. */
  get result() {
    return this.#result;
  }

  /** Segments a photo and shows it. Resolves to a `Segmentation`. */
  async segment(source, options) {
    if (!this.isConnected) throw new DOMException("The element is not in a document.", "InvalidStateError");
    const { stop, unlink } = linked(options?.signal);
    this.#early.add(stop);
    try {
      await Promise.race([this.#begin(), untilAborted(stop.signal)]);
    } finally {
      this.#early.delete(stop);
      unlink();
    }
    // It may have been taken out as soon as it had started.
    if (stop.signal.aborted || !this.#part) throw aborted();
    return this.#part.segment(source, options);
  }

  /** Stops every photo that waits or is in work. */
  cancel() {
    for (const stop of this.#early) stop.abort();
    this.#part?.cancel();
  }

  /** Takes all photos away. */
  clear() {
    this.cancel();
    this.#leave();
    this.#part?.clear();
    this.#result = null;
  }

  /** Starts it, unless it runs; again after a failure. */
  #begin() {
    if (!this.#started) {
      const started = this.#start();
      this.#started = started;
      // Taken out and put in again, it is being started once more already.
      started.catch(() => {
        if (this.#started === started) this.#started = null;
      });
    }
    return this.#started;
  }

  async #start() {
    const root = document.createElement("div");
    root.className = "cs-root";
    const shadow = this.shadowRoot ?? this.#attach();
    shadow.replaceChildren(root);
    try {
      const module = await load();
      if (shadow.firstChild !== root) throw aborted();
      this.#part = new Part(module, root, this.#options(), (type, detail) => this.#tell(type, detail));
    } catch (error) {
      const typed = asTyped(error, "program");
      if (typed.name !== "AbortError") {
        this.#explain(root, typed);
        this.#tell("error", typed);
      }
      throw typed;
    }
    this.#load();
  }

  #attach() {
    this.attachShadow({ mode: "open" });
    this.#dress();
    return this.shadowRoot;
  }

  #dress() {
    const style = new this.ownerDocument.defaultView.CSSStyleSheet();
    style.replaceSync(HOST_STYLE);
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = [style];
  }

  /** Says in place of the view that there is none. */
  #explain(root, error) {
    const words = wordsOf(languagesOf(this));
    // Of all else the page's author is told, in the language of programs.
    const [lang, text] = error.kind === "program" ? [words.tag, noProgram(words, error)] : ["en", error.message];
    const line = document.createElement("p");
    [line.className, line.lang, line.textContent] = ["failed", lang, text];
    line.setAttribute("role", "alert");
    root.replaceChildren(line);
  }

  #watchLanguage() {
    this.#surroundings?.disconnect();
    this.#surroundings = new MutationObserver(() => this.#part && this.#configure());
    const roots = new Set(ancestors(this).map((element) => element.getRootNode()));
    for (const root of roots) this.#surroundings.observe(root, { attributeFilter: ["lang"], subtree: true });
  }

  #stop() {
    this.#surroundings?.disconnect();
    this.#surroundings = null;
    this.#leave();
    this.#part?.dispose();
    this.shadowRoot?.replaceChildren();
    [this.#part, this.#started, this.#engine, this.#result] = [null, null, null, null];
  }

  #configure() {
    try {
      this.#part.configure(this.#options());
    } catch (error) {
      this.#tell("error", asTyped(error, "program"));
    }
  }

  /** Where what is given is none: the one before, and that is told once. At the start there is nothing to go on with. */
  #weightsAddress() {
    const given = this.weightsUrl;
    try {
      this.#address = given ? absolute(given, "weights") : undefined;
    } catch (error) {
      if (!this.#part) throw error;
      if (this.#given !== given) this.#tell("error", error);
    }
    this.#given = given;
    return this.#address;
  }

  #tell(type, detail) {
    if (type === "ready") this.#engine = detail;
    if (type === "result") this.#result = detail;
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Shows the photo at `src` in place of all others. */
  #show() {
    this.clear();
    this.#load();
  }

  #load() {
    if (!this.src) return;
    const shown = { stop: new AbortController(), photo: null };
    this.#shown = shown;
    const found = ({ photo }) => {
      shown.photo = photo;
    };
    this.#part.segment(this.src, { signal: shown.stop.signal }).then(found, (error) => {
      if (this.#shown === shown) this.#shown = null;
      // What else goes wrong is told already.
      if (error.kind !== "network") return;
      this.#part?.lackSource();
      this.#tell("error", error);
    });
  }

  /** Whether the photo at `src` is in work, or has its result; the visitor may have taken it away. */
  #hasShown() {
    return this.#shown !== null && (!this.#shown.photo || this.#part.has(this.#shown.photo));
  }

  /** Ends the photo at `src`, which another one, or none, takes the place of. */
  #leave() {
    this.#shown?.stop.abort();
    this.#shown = null;
  }

  #options() {
    return {
      threshold: this.threshold ?? undefined,
      overlayOpacity: this.overlayOpacity ?? undefined,
      backend: this.backend,
      mode: this.mode,
      weightsUrl: this.#weightsAddress(),
      theme: this.theme,
      controls: this.controls,
      languages: languagesOf(this),
    };
  }

  /** Address of the photo to show. */
  get src() {
    return this.#url("src");
  }
  set src(url) {
    this.#reflect("src", url);
  }

  /** Probability above which a pixel is crack, 0 to 1; null = the one that came with the weights. */
  get threshold() {
    return this.#fraction("threshold");
  }
  set threshold(value) {
    this.#reflect("threshold", value);
  }

  /** Opacity of what is drawn over the photo, 0 to 1; null = the usual one. */
  get overlayOpacity() {
    return this.#fraction("overlay-opacity");
  }
  set overlayOpacity(value) {
    this.#reflect("overlay-opacity", value);
  }

  /** "auto", "cpu" or "webgpu". */
  get backend() {
    return this.#word("backend", ["auto", "cpu", "webgpu"]);
  }
  set backend(value) {
    this.#reflect("backend", value);
  }

  /** "native", "thorough" or "space". */
  get mode() {
    return this.#word("mode", ["native", "thorough", "space"]);
  }
  set mode(value) {
    this.#reflect("mode", value);
  }

  /** Address of a weights file, or of a folder with a manifest (ending in a slash; `#open` behind it takes those of that name). */
  get weightsUrl() {
    return this.#url("weights-url");
  }
  set weightsUrl(url) {
    this.#reflect("weights-url", url);
  }

  /** "auto", "light" or "dark". */
  get theme() {
    return this.#word("theme", ["auto", "light", "dark"]);
  }
  set theme(value) {
    this.#reflect("theme", value);
  }

  /** Whether the visitor gets buttons, settings and ways to bring photos in. */
  get controls() {
    return this.hasAttribute("controls");
  }
  set controls(is) {
    this.toggleAttribute("controls", Boolean(is));
  }

  #reflect(attribute, value) {
    if (value == null) this.removeAttribute(attribute);
    else this.setAttribute(attribute, String(value));
  }

  #url(attribute) {
    return resolved(this.getAttribute(attribute) ?? "");
  }

  #fraction(attribute) {
    // What is no number as a whole ("0,5") is none.
    const text = this.getAttribute(attribute)?.trim();
    const value = text ? Number(text) : NaN;
    return Number.isNaN(value) ? null : Math.min(Math.max(value, 0), 1);
  }

  /** The first of the words stands for all that are none. */
  #word(attribute, words) {
    const value = this.getAttribute(attribute)?.toLowerCase();
    return words.includes(value) ? value : words[0];
  }
}

/** What is no address stays as it is, as with <img>; it is told when it is used. */
function resolved(address) {
  try {
    return address ? absolute(address) : "";
  } catch {
    return address;
  }
}
