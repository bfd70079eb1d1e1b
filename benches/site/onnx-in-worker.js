// The page's side of onnx-worker.js.

export class OnnxInWorker {
  #worker = new Worker(new URL("./onnx-worker.js", import.meta.url), { type: "module" });

  static async start(options) {
    const runtime = new OnnxInWorker();
    await runtime.#ask(options);
    return runtime;
  }

  run(input) {
    return this.#ask(input);
  }

  #ask(message) {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => (data?.error ? reject(new Error(data.error)) : resolve(data));
      this.#worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be started"));
      this.#worker.postMessage(message);
    });
  }
}
