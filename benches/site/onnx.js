// onnxruntime-web, as its documentation has it used: on the page or in a worker.

/** The network's input [n, 1, 256, 256] of grey bytes. */
export const normalised = (grey) => Float32Array.from(grey, (value) => (value / 255 - 0.5) / 0.5);

export class Onnx {
  #ort;
  #session;

  /** `provider`: "wasm" or "webgpu". */
  static async start({ provider, threads, model }) {
    const runtime = new Onnx();
    runtime.#ort = await import(`./ort/ort.${provider}.bundle.min.mjs`);
    runtime.#ort.env.wasm.numThreads = threads;
    runtime.#session = await runtime.#ort.InferenceSession.create(model, { executionProviders: [provider] });
    return runtime;
  }

  /** Resolves to the probabilities and the seconds that `session.run` took, which brings them back. */
  async run(input) {
    const tile = new this.#ort.Tensor("float32", input, [input.length / 65536, 1, 256, 256]);
    const begin = performance.now();
    const { probability } = await this.#session.run({ tile });
    const seconds = (performance.now() - begin) / 1e3;
    return { seconds, output: probability.data };
  }
}
