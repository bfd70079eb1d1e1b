// From an empty page to the first mask, then on to a large photo.
import { takeLongestPause } from "./pauses.js";

const backend = new URLSearchParams(location.search).get("backend");

async function segmented(segmenter, name) {
  const begin = performance.now();
  const result = await segmenter.segment(`photos/${name}.png`);
  const share = result.share();
  return { seconds: result.seconds, wall: (performance.now() - begin) / 1e3, scale: result.scale, share };
}

const started = (async () => {
  const { createSegmenter } = await import("./dist/www/crack-segmenter.js");
  const segmenter = await createSegmenter({ backend });
  const first = await segmented(segmenter, "tile");
  return { segmenter, cold: { ...first, wall: performance.now() / 1e3, pause: takeLongestPause() } };
})();

window.cold = async () => (await started).cold;

window.large = async () => {
  const { segmenter } = await started;
  takeLongestPause();
  const large = await segmented(segmenter, "large");
  return { ...large, pause: takeLongestPause() };
};
