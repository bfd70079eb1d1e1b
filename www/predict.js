// What a page gets in place of a call to the original Space.
import { createSegmenter } from "./segmenter.js";

let segmenter = null;

async function start() {
  segmenter ??= createSegmenter({ mode: "space" });
  try {
    return await segmenter;
  } catch (error) {
    segmenter = null;
    throw error;
  }
}

/**
 * Answers as `client.predict("/predict", { image })` of Gradio's JavaScript client did, without a server: with a mask of
 * 256x256 pixels, 255 where there is a crack. The address in the answer is this page's own; `URL.revokeObjectURL` gives
 * its memory back. The first call starts a segmenter, and its worker, for as long as the page lives.
 */
export async function predict(image) {
  const photo = image?.image ?? image;
  const result = await (await start()).segment(photo?.blob ?? photo?.url ?? photo);
  const png = await result.png("mask");
  const url = URL.createObjectURL(png);
  const file = {
    path: url,
    url,
    size: png.size,
    orig_name: "image.png",
    mime_type: "image/png",
    is_stream: false,
    meta: { _type: "gradio.FileData" },
  };
  return { type: "data", time: new Date(), endpoint: "/predict", fn_index: 0, data: [file] };
}
