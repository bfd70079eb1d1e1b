// The element in a frame of another page, and the messages between the two (types: EmbedRequest, EmbedReply in
// crack-segmenter.d.ts). Attributes of the element come behind the frame's address: embed.html?controls&mode=space; but no
// photo's address, which this page would fetch as its own.
import { CrackSegmenterElement } from "./crack-segmenter.js";
import { asTyped, SegmentationError } from "./segmentation.js";
import { toFile } from "./source.js";
import { wordsOf } from "./words.js";

const PREFIX = "crack-segmenter:";
const ATTRIBUTES = CrackSegmenterElement.observedAttributes.filter((name) => name !== "src");

const listed = document.querySelector("meta[name=crack-segmenter-origins]").content.split(/\s+/).filter(Boolean);
const allowed = new Set([location.origin]);
for (const address of listed) {
  try {
    const { origin } = new URL(address);
    // Of "cracks.example:8443", whose scheme is the host's name; so call themselves pages that may be anybody's.
    if (origin === "null") throw new TypeError("no origin");
    allowed.add(origin);
  } catch {
    console.warn(`crack-segmenter-origins: "${address}" is no address, as https://cracks.example is.`);
  }
}

// Unless the address or the page around says another one.
document.documentElement.lang = wordsOf([]).tag;

const element = document.createElement("crack-segmenter");
for (const [name, value] of new URLSearchParams(location.search)) {
  if (ATTRIBUTES.includes(name)) element.setAttribute(name, value);
}

/** The page around, once it has spoken: nothing is told before, and nothing to others. */
let host = null;
/** What stops the photos that the page around asked for, by the id that it gave them. */
const stops = new Map();
/** The ids of their files, for as long as the element has these: the visitor may correct a result much later. */
const ids = new WeakMap();

/** All photos' numbers, also of those that the visitor brought. */
const numbers = new WeakMap();
let lastNumber = 0;

const idOf = (photo) => ids.get(photo) ?? null;

function numberOf(photo) {
  if (!numbers.has(photo)) numbers.set(photo, (lastNumber += 1));
  return numbers.get(photo);
}

function tell(type, message, transfer = []) {
  host?.source.postMessage({ type: PREFIX + type, ...message }, { targetOrigin: host.origin, transfer });
}

/** What a host that speaks only later has missed. */
let news = null;
const tellNews = () => news && tell(...news);

element.addEventListener("ready", ({ detail }) => {
  news = ["ready", { engine: detail }];
  tellNews();
});
element.addEventListener("devicelost", () => tell("devicelost"));
element.addEventListener("thresholdchange", ({ detail }) => tell("thresholdchange", { threshold: detail }));
element.addEventListener("progress", ({ detail: { photo, ...progress } }) =>
  tell("progress", { id: idOf(photo), ...progress }),
);
element.addEventListener("error", ({ detail: { kind, message, photo } }) => {
  const told = ["error", { id: idOf(photo), kind, message }];
  if (!element.engine) news = told;
  tell(...told);
});
element.addEventListener("result", ({ detail }) => {
  const { width, height, threshold, mode, scale, backend, weights, weightsHash, seconds, leftOut, photo } = detail;
  const finding = { width, height, threshold, mode, scale, backend, weights, weightsHash, seconds, leftOut };
  // Copies, since they leave this page, which goes on showing the result.
  const [probabilities, mask] = [detail.probabilities.slice().buffer, detail.mask().buffer];
  const message = { id: idOf(photo), photo: numberOf(photo), name: photo.name, share: detail.share(), ...finding, probabilities, mask };
  tell("result", message, [probabilities, mask]);
});

/** They become files one after the other, which keeps their order. */
let lastFile = Promise.resolve();

function inTurn(source, name) {
  const file = lastFile.then(() => toFile(source, { name }));
  lastFile = file.catch(() => {});
  return file;
}

async function segment({ id, photo, name }) {
  if (!["string", "number"].includes(typeof id)) {
    return tell("error", { id: null, kind: "photo", message: "A photo needs an id, a string or a number." });
  }
  if (stops.has(id)) return tell("error", { id, kind: "photo", message: "Another photo of this id is in work." });
  const abort = new AbortController();
  stops.set(id, abort);
  try {
    const isPhoto = [Blob, ArrayBuffer, ImageData, ImageBitmap].some((kind) => photo instanceof kind);
    // No addresses, as above.
    if (!isPhoto) throw new SegmentationError("photo", "A photo is a Blob, an ArrayBuffer, ImageData or an ImageBitmap.");
    const source = photo instanceof ArrayBuffer ? new Blob([photo]) : photo;
    const file = await inTurn(source, name ?? photo.name ?? "photo");
    // It came as a copy of the page's own.
    if (photo instanceof ImageBitmap) photo.close();
    ids.set(file, id);
    await element.segment(file, { signal: abort.signal });
  } catch (error) {
    const { name: what, kind, message, photo: told } = asTyped(error, "program");
    if (what === "AbortError") tell("stopped", { id });
    // What goes wrong with the photo itself is told by the element's event.
    else if (!told) tell("error", { id, kind, message });
  } finally {
    stops.delete(id);
  }
}

function obey({ type, id, attributes, ...rest }) {
  switch (type) {
    case `${PREFIX}hello`:
      tellNews();
      break;
    case `${PREFIX}segment`:
      segment({ id, ...rest });
      break;
    case `${PREFIX}cancel`:
      for (const [asked, abort] of stops) if (id === undefined || id === asked) abort.abort();
      if (id === undefined) element.cancel();
      break;
    case `${PREFIX}clear`:
      // Also what the element has not been given yet.
      for (const abort of stops.values()) abort.abort();
      element.clear();
      break;
    case `${PREFIX}configure`:
      for (const [name, value] of Object.entries(attributes ?? {})) {
        if (!ATTRIBUTES.includes(name)) continue;
        if (value === null) element.removeAttribute(name);
        else element.setAttribute(name, value);
      }
      break;
  }
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !data?.type?.startsWith?.(PREFIX)) return;
  if (!allowed.has(origin)) {
    console.warn(`${origin} is not among the crack-segmenter-origins of ${location.pathname}, so it gets no answer.`);
    return;
  }
  host = { source, origin };
  obey(data);
});

document.body.append(element);
