// Makes small pictures of photos beside the page, which a large one would stall. Answers each photo in turn with a JPEG
// file, or with null where the browser can't read it.

const WIDTH = 480;
const HEIGHT = 960;
const LEAST_HEIGHT = 240;
const QUALITY = 0.8;

async function thumbnail(file) {
  let bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium" });
  // A panorama's would be a few pixels high.
  if (bitmap.height < LEAST_HEIGHT) {
    bitmap.close();
    bitmap = await createImageBitmap(file, { resizeHeight: LEAST_HEIGHT, resizeQuality: "medium" });
  }
  // Of a very high or long photo the middle.
  const canvas = new OffscreenCanvas(Math.min(bitmap.width, WIDTH), Math.min(bitmap.height, HEIGHT));
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  // What is transparent is white to the network, too.
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, (width - bitmap.width) / 2, (height - bitmap.height) / 2);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

// One after the other, so that a long queue does not decode all at once.
let last = Promise.resolve();

self.onmessage = ({ data }) => {
  last = last.then(() => thumbnail(data)).then((picture) => self.postMessage(picture), () => self.postMessage(null));
};
