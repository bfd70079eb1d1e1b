// onnxruntime-web in a worker: what it is told first starts it, each input after that is answered.
import { Onnx } from "./onnx.js";

let runtime;

self.onmessage = async ({ data }) => {
  try {
    if (runtime) {
      self.postMessage(await runtime.run(data));
    } else {
      runtime = await Onnx.start(data);
      self.postMessage(null);
    }
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
