// Loads the worker's program and tells how far it is, in the words of src/protocol.rs. There are two: the one for a GPU is
// several times as large, so only browsers that offer one wait for it.
import init from "../worker.js";
import initForGpu from "../gpu-worker.js";

const post = (message) => self.postMessage({ message, files: [] });

// The size is unknown where the server compresses: Content-Length then counts other bytes than arrive here.
function withProgress(response) {
  const length = response.headers.has("Content-Encoding") ? null : Number(response.headers.get("Content-Length")) || null;
  let loaded = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      post({ type: "progress", job: null, stage: { stage: "program", loaded, total: length } });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: { "Content-Type": "application/wasm" } });
}

// There may be WebGPU, and nothing behind it.
const hasGpu = async () => Boolean(await navigator.gpu?.requestAdapter().catch(() => null));

async function load() {
  const [start, program] = (await hasGpu())
    ? [initForGpu, new URL("../gpu-worker_bg.wasm", import.meta.url)]
    : [init, new URL("../worker_bg.wasm", import.meta.url)];
  const response = await fetch(program);
  if (!response.ok) throw new Error(`${response.status} for ${response.url}`);
  await start({ module_or_path: withProgress(response) });
}

// No await at the top: bundlers make a classic script of this, where that is not known.
load().catch((error) => post({ type: "crashed", detail: `the program could not be loaded: ${error.message}` }));
