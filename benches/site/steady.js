// Contenders that stay, each asked in turn for the same photo. Driven by xtask/src/bench.
import { normalised } from "./onnx.js";
import { OnnxInWorker } from "./onnx-in-worker.js";

const contenders = new Map();

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return response;
}

async function ours({ backend, weights }) {
  const { createSegmenter } = await import("./dist/www/crack-segmenter.js");
  const segmenter = await createSegmenter({ backend, weightsUrl: weights });
  if (segmenter.engine.backend !== backend) throw new Error(`it runs on ${segmenter.engine.backend}`);
  const photos = new Map();
  return {
    about: segmenter.engine.adapter,
    async run(name) {
      if (!photos.has(name)) photos.set(name, await (await fetched(`photos/${name}.png`)).blob());
      let tiles = 1;
      const onprogress = ({ stage, total }) => stage === "tiles" && (tiles = total);
      const { seconds, scale, probabilities } = await segmenter.segment(photos.get(name), { onprogress });
      return { seconds, scale, tiles, output: probabilities };
    },
  };
}

async function onnx(options) {
  const runtime = await OnnxInWorker.start({ ...options, model: new URL(options.model, import.meta.url).href });
  const inputs = new Map();
  return {
    about: "",
    async run(name) {
      if (!inputs.has(name)) {
        const grey = new Uint8Array(await (await fetched(`models/${name}.grey`)).arrayBuffer());
        inputs.set(name, normalised(grey));
      }
      return runtime.run(inputs.get(name));
    },
  };
}

function base64(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

window.bench = {
  /** `kind`: "ours" or "onnx"; resolves to what it tells of itself. */
  async start(name, kind, options) {
    const contender = await { ours, onnx }[kind](options);
    contenders.set(name, contender);
    return contender.about;
  },

  /** Resolves to `seconds` and, where it is to be kept, the output as base64: 8 bits a pixel (ours) or 32-bit floats. */
  async run(name, photo, keep) {
    const { output, ...told } = await contenders.get(name).run(photo);
    return keep ? { ...told, output: base64(output) } : told;
  },
};
