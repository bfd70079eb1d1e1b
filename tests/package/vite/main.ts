// A page that has no use for the element.
import { createSegmenter, SegmentationError, type Segmentation, type Stage } from "crack-segmenter";

const output = document.querySelector("output")!;
const stages: Stage["stage"][] = [];

try {
  const segmenter = await createSegmenter({ backend: "cpu" });
  const result: Segmentation = await segmenter.segment("wall.png", {
    onprogress: ({ stage }) => stages.push(stage),
  });
  const png: Blob = await result.png("overlay", { opacity: 0.5 });
  segmenter.dispose();
  output.textContent = `${result.share()} ${png.type} ${stages.includes("tiles")}`;
  output.dataset["state"] = "done";
} catch (error) {
  output.textContent = error instanceof SegmentationError ? `${error.kind}: ${error.message}` : String(error);
  output.dataset["state"] = "failed";
}
