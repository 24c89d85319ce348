// What every page does: editors, snippets, the theme, and the site kept for when there is no network.

import { ask, stop } from "./python.js";

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// An editor is a text area as high as its text. Enter keeps the indentation; Ctrl+Enter runs.
export function editor(area, run) {
  const fit = () => {
    const scrolls = area.scrollWidth > area.clientWidth; // the bar takes the place of a line
    area.rows = Math.max(1, area.value.split("\n").length + scrolls);
  };
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      run();
      return;
    }
    const before = area.value.slice(0, area.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const indent = /^ */.exec(line)[0] + (line.trimEnd().endsWith(":") ? "    " : "");
    event.preventDefault();
    area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end");
    fit();
  });
  fit();
}

const captions = { gradients: "Gradients", explanation: "The chain rule, path by path", steps: "Step by step" };

export function picture(svg) {
  const made = element("div", { className: "picture", tabIndex: 0 });
  const parsed = new DOMParser().parseFromString(svg, "text/html");
  made.append(parsed.body.firstElementChild);
  return made;
}

function shown({ kind, text }) {
  if (kind === "svg") return [picture(text)];
  if (kind === "png") return [element("img", { src: text, alt: "What the last line draws" })];
  const caption = captions[kind] ? [element("h2", { textContent: captions[kind] })] : [];
  if (kind === "steps") {
    const frame = element("iframe", { className: "steps", title: "Both passes, step by step", srcdoc: text });
    frame.sandbox = "allow-scripts";
    return [...caption, frame];
  }
  return [...caption, element("pre", { className: kind, textContent: text, tabIndex: 0 })];
}

export function show(place, outputs) {
  place.replaceChildren();
  showMore(place, outputs);
}

export function showMore(place, outputs) {
  const list = outputs.stopped ? [{ kind: "error", text: outputs.stopped }] : outputs;
  place.append(...list.flatMap(shown));
}

// While something runs, its button stops it.
export async function running(button, place, work) {
  if (button.dataset.runs) return stop("Stopped.");
  const words = button.textContent;
  button.dataset.runs = "yes";
  button.textContent = "Stop";
  place.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (error) {
    show(place, [{ kind: "error", text: error.message }]);
  } finally {
    delete button.dataset.runs;
    button.textContent = words;
    place.removeAttribute("aria-busy");
  }
}

// Snippets of a page share what they define: those before it are run first, if they have not been.
const boxes = [...document.querySelectorAll(".snippet")];
const done = new Set();

async function runUpTo(box) {
  for (const each of boxes.slice(0, boxes.indexOf(box) + 1)) {
    const [area, place] = [each.querySelector("textarea"), each.querySelector(".outputs")];
    if (each !== box && done.has(each)) continue;
    const outputs = await ask("snippet", area.value);
    if (outputs.stopped) done.clear();
    else done.add(each);
    show(place, outputs);
    if (outputs.stopped) return;
  }
}

for (const box of boxes) {
  const [area, button, place] = ["textarea", ".run", ".outputs"].map((name) => box.querySelector(name));
  const run = () => running(button, place, () => runUpTo(box));
  button.addEventListener("click", run);
  area.addEventListener("input", () => done.delete(box));
  editor(area, run);
}

// A step-through page put into the text, made anew of what the reader's snippets have defined.
for (const button of document.querySelectorAll("button[data-steps]")) {
  const box = button.closest(".put-in");
  const before = boxes.filter((each) => each.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1);
  const said = element("div", { className: "outputs" });
  said.setAttribute("role", "status");
  box.append(said);
  button.addEventListener("click", () =>
    running(button, said, async () => {
      await runUpTo(before);
      const { page, error, stopped } = await ask("steps", button.dataset.steps);
      if (page) box.querySelector("iframe").srcdoc = page;
      show(said, page ? [] : [{ kind: "error", text: error ?? stopped }]);
    }),
  );
}

const theme = document.querySelector("#theme");
const system = matchMedia("(prefers-color-scheme: dark)");

function apply(choice) {
  if (choice) document.documentElement.dataset.theme = choice;
  theme.setAttribute("aria-pressed", String(choice ? choice === "dark" : system.matches));
  document.querySelectorAll("iframe").forEach(tellTheme);
}

// Pages within the page are drawn in its theme. They have no address of their own that could be named here.
function tellTheme(frame) {
  frame.contentWindow.postMessage({ theme: document.documentElement.dataset.theme ?? "" }, "*");
}

document.addEventListener("load", ({ target }) => target.localName === "iframe" && tellTheme(target), true);

theme.addEventListener("click", () => {
  const choice = theme.getAttribute("aria-pressed") === "true" ? "light" : "dark";
  localStorage.setItem("theme", choice);
  apply(choice);
});
system.addEventListener("change", () => apply(localStorage.getItem("theme")));
apply(localStorage.getItem("theme"));

// Kept for later, once the page has what it needs now.
if ("serviceWorker" in navigator && !navigator.webdriver) {
  addEventListener("load", () =>
    setTimeout(() => navigator.serviceWorker.register(new URL("../offline.js", import.meta.url)), 5000),
  );
}
