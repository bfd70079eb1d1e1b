// Photos in whatever form a page has them, as files.
import { absolute, SegmentationError } from "./segmentation.js";

const FALLBACK_NAME = "photo";

/** A file of a photo: a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>. */
export async function toFile(source, { signal, name } = {}) {
  if (source instanceof File && !name) return source;
  if (source instanceof Blob) return named(source, name ?? FALLBACK_NAME);
  if (typeof source === "string" || source instanceof URL) return fetched(source, signal, name);
  if (source instanceof HTMLImageElement) return fetched(source.currentSrc || source.src, signal, name);
  const isCanvas = source instanceof HTMLCanvasElement || source instanceof OffscreenCanvas;
  const png = await (isCanvas ? toPng(source) : drawnToPng(source));
  return named(png, name ?? `${FALLBACK_NAME}.png`);
}

const named = (blob, name) => new File([blob], name, { type: blob.type });

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
    throw new SegmentationError(
      "network",
      `The photo at ${shortened(url)} could not be fetched (${error.message}). Is the address right? Another host than ` +
        "this page's has to send Access-Control-Allow-Origin.",
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

async function drawnToPng(source) {
  if (!(source instanceof ImageData || source instanceof ImageBitmap)) {
    throw new TypeError("A photo is a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>.");
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [source.width, source.height];
  const context = canvas.getContext("2d");
  if (source instanceof ImageData) context.putImageData(source, 0, 0);
  else context.drawImage(source, 0, 0);
  try {
    return await toPng(canvas);
  } finally {
    // Gives its pixels back now; the browser would keep them until it tidies up.
    canvas.width = 0;
  }
}

async function toPng(canvas) {
  const blob =
    canvas instanceof HTMLCanvasElement
      ? await new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
      : await canvas.convertToBlob({ type: "image/png" });
  if (!blob) throw new SegmentationError("photo", "The canvas is empty, or larger than this browser can read.");
  return blob;
}
