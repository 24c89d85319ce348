// The front page: type, and see.

import { start, askInParts } from "./python.js";
import { editor, running, show, showMore } from "./page.js";

const [area, button, share, place, said] = ["#code", "#run", "#share", "#outputs", "#said"].map((name) =>
  document.querySelector(name),
);

const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const decode = (text) => new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));

function fromLink() {
  if (!location.hash.startsWith("#code=")) return false;
  try {
    area.value = decode(decodeURIComponent(location.hash.slice(6)));
    return true;
  } catch {
    said.textContent = "The link is damaged: its code cannot be read.";
    return false;
  }
}

async function run() {
  await running(button, place, async () => {
    said.textContent = "Python is at work…";
    let first = true;
    const tell = (outputs) => {
      if (first) show(place, outputs);
      else showMore(place, outputs);
      place.removeAttribute("aria-busy"); // what is there can be read
      first = false;
    };
    tell(await askInParts(tell, "playground", area.value));
    said.textContent = "";
    place.dataset.done = "yes";
  });
}

share.addEventListener("click", async () => {
  history.replaceState(null, "", `#code=${encodeURIComponent(encode(area.value))}`);
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "The link is copied.";
  } catch {
    said.textContent = "The link is in the address bar.";
  }
});

button.addEventListener("click", run);
const shared = fromLink();
editor(area, run);
if (shared) {
  // What somebody else wrote runs when it is asked for.
  said.textContent = "This code came with the link. Read it, then press Run.";
  start().catch((error) => show(place, [{ kind: "error", text: error.message }]));
} else run();
