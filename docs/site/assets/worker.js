// Python in a worker: a loop without end stops the worker, and not the page.

import { loadPyodide } from "../runtime/pyodide.mjs";
import { Graphviz } from "../runtime/graphviz.js";

const runtime = new URL("../runtime/", import.meta.url);

// Any file server may serve the site, also one that compresses nothing: the large file is compressed already.
const plain = self.fetch;
self.fetch = async (address, options) => {
  if (!String(address).endsWith("pyodide.asm.wasm")) return plain(address, options);
  const packed = await plain(`${address}.gz`, options);
  const stream = packed.body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "Content-Type": "application/wasm" } });
};

async function start() {
  const [python, graphviz, archive] = await Promise.all([
    loadPyodide({ indexURL: runtime.href, packages: [] }),
    Graphviz.load(),
    plain(new URL("liftgrad.zip", runtime)).then((answer) => answer.arrayBuffer()),
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
