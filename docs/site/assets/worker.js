// Python in a worker: a loop without end stops the worker, and not the page.

import { loadPyodide } from "../runtime/pyodide.mjs";
import { Graphviz } from "../runtime/graphviz.js";

const runtime = new URL("../runtime/", import.meta.url);

async function start() {
  const [python, graphviz, archive] = await Promise.all([
    loadPyodide({ indexURL: runtime.href, packages: [] }),
    Graphviz.load(),
    fetch(new URL("liftgrad.zip", runtime)).then((answer) => answer.arrayBuffer()),
  ]);
  python.unpackArchive(archive, "zip", { extractDir: "/lib/liftgrad" });
  python.runPython("import sys; sys.path.insert(0, '/lib/liftgrad')");
  const page = python.pyimport("docs.site.in_the_page");
  page.lay_out_with((source, format) => graphviz.layout(source, format, "dot"));
  return page;
}

const started = start();
started.then(
  () => self.postMessage({ ready: true }),
  (error) => self.postMessage({ failed: String(error) }),
);

self.onmessage = async ({ data: { number, what, words } }) => {
  const page = await started;
  self.postMessage({ number, answer: JSON.parse(page[what](...words)) });
};
