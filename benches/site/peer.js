// From an empty page to the first mask, with onnxruntime-web on the page or in a worker.
import { takeLongestPause } from "./pauses.js";

const options = new URLSearchParams(location.search);

/** The grey values of a photo, by Pillow's formula. */
async function greyOf(url) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const grey = new Uint8Array(data.length / 4);
  for (let pixel = 0; pixel < grey.length; pixel += 1) {
    const [red, green, blue] = data.subarray(4 * pixel, 4 * pixel + 3);
    grey[pixel] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
  }
  return grey;
}

async function start() {
  const { normalised, Onnx } = await import("./onnx.js");
  const { OnnxInWorker } = await import("./onnx-in-worker.js");
  const kind = options.get("where") === "worker" ? OnnxInWorker : Onnx;
  const model = new URL("models/w16.onnx", location).href;
  const runtime = await kind.start({ provider: options.get("provider"), threads: 1, model });
  const { seconds, output } = await runtime.run(normalised(await greyOf("photos/tile.png")));
  const share = output.reduce((sum, value) => sum + (value > 0.5), 0) / output.length;
  return { seconds, wall: performance.now() / 1e3, pause: takeLongestPause(), share };
}

const started = start();

window.cold = () => started;
