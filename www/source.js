// Photos in whatever form a page has them, as files.
import { SegmentationError } from "./segmentation.js";

const FALLBACK_NAME = "photo";

/** A file of a photo: a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>. */
export async function toFile(source, { signal, name } = {}) {
  if (source instanceof File && !name) return source;
  if (source instanceof Blob) return named(source, name ?? FALLBACK_NAME);
  if (typeof source === "string" || source instanceof URL) return fetched(source, signal, name);
  if (source instanceof HTMLImageElement) return fetched(source.currentSrc || source.src, signal, name);
  const canvas = source instanceof HTMLCanvasElement || source instanceof OffscreenCanvas ? source : drawn(source);
  return named(await toPng(canvas), name ?? `${FALLBACK_NAME}.png`);
}

const named = (blob, name) => new File([blob], name, { type: blob.type });

async function fetched(address, signal, name) {
  const url = new URL(address, document.baseURI);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const lastPart = decodeURIComponent(url.pathname.split("/").pop() ?? "");
    return named(await response.blob(), name ?? (lastPart || FALLBACK_NAME));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new SegmentationError("network", `The photo at ${url.href} could not be fetched: ${error.message}`);
  }
}

function drawn(source) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [source.width, source.height];
  const context = canvas.getContext("2d");
  if (source instanceof ImageData) context.putImageData(source, 0, 0);
  else if (source instanceof ImageBitmap) context.drawImage(source, 0, 0);
  else throw new TypeError("A photo is a Blob, a URL, ImageData, a canvas, an ImageBitmap or an <img>.");
  return canvas;
}

async function toPng(canvas) {
  const blob =
    canvas instanceof HTMLCanvasElement
      ? await new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
      : await canvas.convertToBlob({ type: "image/png" });
  if (!blob) throw new SegmentationError("photo", "The canvas is empty, or larger than this browser can read.");
  return blob;
}
