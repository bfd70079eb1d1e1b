// Loads the worker's program and tells how far it is, in the words of src/protocol.rs. There are two: the one for a GPU is
// several times as large, so only browsers that offer one wait for it.
import init from "../worker.js";
import initForGpu from "../gpu-worker.js";
import { fetchAhead, takeAhead } from "./ahead.js";
import { isForeign, startForeign } from "./foreign.js";

const post = (message) => self.postMessage({ message, files: [] });

// The size is unknown where the server compresses: Content-Length then counts other bytes than arrive here. Of another
// origin's it can't be told whether it does.
function withProgress(response) {
  const isSizeUnknown = isForeign(response.url) || response.headers.has("Content-Encoding");
  const length = isSizeUnknown ? null : Number(response.headers.get("Content-Length")) || null;
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

// How long an adapter may take to be told of, in milliseconds: without it a photo is worked all the same.
const PATIENCE = 3000;

// There may be WebGPU, and nothing behind it. Without timestamps CubeCL ends the program when its first buffer is made.
async function hasGpu() {
  const asked = navigator.gpu?.requestAdapter().catch(() => null);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, "late"));
  const adapter = await Promise.race([asked, late]);
  // The program tells this from a device that has no GPU.
  self.isGpuLate = adapter === "late";
  return Boolean(adapter?.features?.has("timestamp-query"));
}

// Another worker with the same program, which is neither fetched nor compiled once more; for src/web/crew.rs.
function startHelper({ module, program, forGpu }, weights) {
  const helper = isForeign(program)
    ? startForeign(new URL("www/helper.js", program))
    : new Worker(new URL("./helper.js", import.meta.url), { type: "module" });
  // What goes wrong in there does not go wrong in here: unheeded, it would be this worker's error too.
  helper.addEventListener("error", (event) => event.preventDefault());
  helper.postMessage({ module, forGpu, weights });
  return helper;
}

async function load() {
  const forGpu = await hasGpu();
  const [start, program] = forGpu
    ? [initForGpu, new URL("../gpu-worker_bg.wasm", import.meta.url)]
    : [init, new URL("../worker_bg.wasm", import.meta.url)];
  const response = await fetch(program);
  if (!response.ok) throw new Error(`${response.status} for ${response.url}`);
  const module = await WebAssembly.compileStreaming(withProgress(response));
  self.startHelper = (weights) => startHelper({ module, program, forGpu }, weights);
  await start({ module_or_path: module });
}

// The page's first message is the address of the weights. It comes before the program listens, or after, where the page is
// busy: the program hears all but that. What is wrong with the weights the program tells.
self.addEventListener("message", (event) => {
  if (typeof event.data !== "string") return;
  event.stopImmediatePropagation();
  fetchAhead(event.data).catch(() => {});
});
self.takeAhead = takeAhead;

// No await at the top: bundlers make a classic script of this, where that is not known.
load().catch((error) => post({ type: "crashed", detail: `the program could not be loaded: ${error.message}` }));
