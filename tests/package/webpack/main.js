// A page that has no use for the element, and no types.
import { createSegmenter } from "crack-segmenter";

const output = document.querySelector("output");

createSegmenter()
  .then((segmenter) => segmenter.segment("wall.png"))
  .then(
    (result) => [result.share(), "done"],
    (error) => [error.message, "failed"],
  )
  .then(([words, state]) => {
    output.textContent = words;
    output.dataset.state = state;
  });
