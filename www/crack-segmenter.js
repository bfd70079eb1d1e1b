// The module for other pages: defines <crack-segmenter>, and exports the segmenter without a view.
import { CrackSegmenterElement } from "./element.js";

export { CrackSegmenterElement };
export { predict } from "./predict.js";
export { Segmentation, SegmentationError } from "./segmentation.js";
export { createSegmenter } from "./segmenter.js";

const { customElements } = globalThis;
if (customElements && !customElements.get("crack-segmenter")) {
  customElements.define("crack-segmenter", CrackSegmenterElement);
}
