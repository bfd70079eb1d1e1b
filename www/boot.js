// Starts the app: loads its program and mounts it. A module of its own, because the page's Content-Security-Policy
// allows no inline script.
import { files } from "./files.js";

const root = document.getElementById("crack-segmenter");
const base = new URL("..", import.meta.url).href;

function explain(error) {
  console.error(error);
  const words = document.createElement("p");
  words.className = "boot boot--failed";
  words.setAttribute("role", "alert");
  words.textContent =
    typeof WebAssembly === "object"
      ? "The program could not be loaded. Check the connection and reload the page."
      : "This browser can't run WebAssembly, which this page needs. Update it, or use another one.";
  root.replaceChildren(words);
}

try {
  const { default: init, mountApp } = await import("../app.js");
  await init();
  root.replaceChildren();
  // Kept with the root: when the handle is collected, the page ends. The app takes its weights by their manifest, and
  // keeps them for when there is no network.
  root.page = mountApp(root, { ...files, weights: `${base}weights/` }, base);
} catch (error) {
  explain(error);
}
