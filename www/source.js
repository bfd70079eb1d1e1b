// Photos in whatever form a page has them, as files.
import { absolute, SegmentationError } from "./segmentation.js";

const FALLBACK_NAME = "photo";

/** A file of a photo: a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>. */
export async function toFile(source, { signal, name } = {}) {
  if (source instanceof File && !name) return source;
  const pngName = name ?? `${FALLBACK_NAME}.png`;
  switch (kindOf(source)) {
    case "File":
    case "Blob":
      return named(source, name ?? source.name ?? FALLBACK_NAME);
    case "String":
    case "URL":
      return fetched(source, signal, name);
    case "HTMLImageElement":
      return shown(source, signal, name, pngName);
    case "HTMLCanvasElement":
    case "OffscreenCanvas":
      return named(await toPng(source), pngName);
    case "ImageData":
    case "ImageBitmap":
      return named(await drawnToPng(source, source), pngName);
    default:
      throw new TypeError("A photo is a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>.");
  }
}

/** Not by its class: what comes from a frame has that of the frame's own window. */
const kindOf = (source) => Object.prototype.toString.call(source).slice("[object ".length, -1);

const named = (blob, name) => new File([blob], name, { type: blob.type });

/** An <img>: its file, or what the browser has of it where that is gone or not for the page to fetch. */
async function shown(image, signal, name, pngName) {
  try {
    return await fetched(image.currentSrc || image.src, signal, name);
  } catch (error) {
    const { complete, naturalWidth: width, naturalHeight: height } = image;
    if (error.kind !== "network" || !complete || !width) throw error;
    try {
      return named(await drawnToPng(image, { width, height }), pngName);
    } catch {
      // Another host's, say, which a page may show and not read.
      throw error;
    }
  }
}

async function fetched(address, signal, name) {
  if (!address) throw new SegmentationError("photo", "The picture has no address.");
  const url = new URL(absolute(address, "network"));
  let blob;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    blob = await response.blob();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const isOfHost = url.protocol.startsWith("http");
    const leave = isOfHost ? " Another host than this page's has to send Access-Control-Allow-Origin." : "";
    throw new SegmentationError(
      "network",
      `The photo at ${shortened(url)} could not be fetched (${error.message}). Is the address right, and does the page's ` +
        `policy (connect-src) allow it?${leave}`,
    );
  }
  return named(blob, name ?? (nameIn(url) || FALLBACK_NAME));
}

const shortened = ({ href }) => (href.length > 200 ? `${href.slice(0, 200)}…` : href);

/** The last part of the path; the addresses of data and of blobs have no name in them. */
function nameIn({ protocol, pathname }) {
  if (!protocol.startsWith("http")) return "";
  const lastPart = pathname.split("/").pop();
  try {
    return decodeURIComponent(lastPart);
  } catch {
    return lastPart;
  }
}

async function drawnToPng(source, { width, height }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  if (kindOf(source) === "ImageData") context.putImageData(source, 0, 0);
  else context.drawImage(source, 0, 0, width, height);
  try {
    return await toPng(canvas);
  } finally {
    // Gives its pixels back now; the browser would keep them until it tidies up.
    canvas.width = 0;
  }
}

async function toPng(canvas) {
  const blob = canvas.convertToBlob
    ? await canvas.convertToBlob({ type: "image/png" })
    : await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new SegmentationError("photo", "The canvas is empty, or larger than this browser can read.");
  return blob;
}
