// Starts the app: loads its program and mounts it. A module of its own, because the page's Content-Security-Policy
// allows no inline script.
import { files } from "./files.js";
import { noProgram, wordsOf } from "./words.js";

const root = document.getElementById("crack-segmenter");
const base = new URL("..", import.meta.url).href;

/** The language that the person chose on an earlier visit, see src/web/ui/preferences.rs. */
function chosenLanguage() {
  try {
    return JSON.parse(localStorage.getItem("crack-segmenter.preferences"))?.language;
  } catch {
    // The browser keeps nothing.
    return null;
  }
}

const words = wordsOf([chosenLanguage() ?? ""]);
document.documentElement.lang = words.tag;
root.querySelector(".boot").textContent = words.loading;

function explain(error) {
  console.error(error);
  const line = document.createElement("p");
  line.className = "boot boot--failed";
  line.setAttribute("role", "alert");
  line.textContent = noProgram(words, error);
  root.replaceChildren(line);
}

try {
  const { default: init, mountApp } = await import("../app.js");
  await init();
  // The program's start and the page's in one go would hold the browser up.
  await new Promise((resolve) => setTimeout(resolve));
  root.replaceChildren();
  // Kept with the root: when the handle is collected, the page ends. The app takes its weights by their manifest, and
  // keeps them for when there is no network.
  root.page = mountApp(root, { ...files, weights: `${base}weights/` }, base);
} catch (error) {
  explain(error);
}
