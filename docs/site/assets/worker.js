// Python in a worker: a loop without end stops the worker, and not the page.

import { loadPyodide } from "../runtime/pyodide.mjs";
import { Graphviz } from "../runtime/graphviz.js";

const runtime = new URL("../runtime/", import.meta.url);
const fetched = async (name) => new Uint8Array(await (await fetch(new URL(name, runtime))).arrayBuffer());
const exercises = ["check", "picture", "sheet"];

async function start() {
  const [python, graphviz, archive] = await Promise.all([
    loadPyodide({ indexURL: runtime.href, packages: [] }),
    Graphviz.load(),
    fetched("liftgrad.zip"),
  ]);
  python.FS.writeFile("/lib/liftgrad.zip", archive);
  python.runPython("import sys; sys.path.insert(0, '/lib/liftgrad.zip')");
  const page = python.pyimport("docs.site.in_the_page");
  page.lay_out_with((source, format) => graphviz.layout(source, format, "dot"));
  return { python, page };
}

const started = start();
started.then(
  () => self.postMessage({ ready: true }),
  (error) => self.postMessage({ failed: String(error) }),
);

// The demos come when they are first asked for: a first picture does without.
let demos;
const withDemos = async (python) => {
  demos ??= fetched("demos.zip").then((archive) => {
    python.unpackArchive(archive, "zip", { extractDir: "/lib/demos" });
    python.runPython("import importlib, sys; sys.path.append('/lib/demos'); importlib.invalidate_caches()");
  });
  return demos;
};

self.onmessage = async ({ data: { number, what, words } }) => {
  const { python, page } = await started;
  if (exercises.includes(what) || words.some((word) => word.includes("demos"))) await withDemos(python);
  const tell = (part) => self.postMessage({ number, part: JSON.parse(part) });
  const answer = what === "playground" ? page.playground(...words, tell) : page[what](...words);
  self.postMessage({ number, answer: JSON.parse(answer) });
};
