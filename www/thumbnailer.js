// Makes small pictures of photos beside the page, which a large one would stall. Answers each photo in turn with a JPEG
// file, or with null where the browser can't read it.

const WIDTH = 480;
const HEIGHT = 960;
const QUALITY = 0.8;

async function thumbnail(file) {
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium" });
  // Of a very high photo the middle.
  const height = Math.min(bitmap.height, HEIGHT);
  const canvas = new OffscreenCanvas(bitmap.width, height);
  canvas.getContext("2d").drawImage(bitmap, 0, (height - bitmap.height) / 2);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

// One after the other, so that a long queue does not decode all at once.
let last = Promise.resolve();

self.onmessage = ({ data }) => {
  last = last.then(() => thumbnail(data)).then((picture) => self.postMessage(picture), () => self.postMessage(null));
};
