// Python for a page: started when it is first needed, stopped when it takes too long, started again.

const SECONDS = 20; // that a snippet may take

let worker = null;
let ready = null;
let count = 0;
let failStart = () => {};
const waiting = new Map();

export function start() {
  ready ??= new Promise((resolve, reject) => {
    failStart = reject;
    worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onerror = (event) => reject(new Error(event.message || "Python could not be started."));
    worker.onmessage = ({ data }) => {
      if (data.ready) {
        document.documentElement.dataset.python = "ready";
        return resolve();
      }
      if (data.failed) return reject(new Error(data.failed));
      waiting.get(data.number)?.(data.answer);
      waiting.delete(data.number);
    };
  });
  return ready;
}

// Ends what is running. What was defined is gone with it.
export function stop(why) {
  worker?.terminate();
  worker = ready = null;
  failStart(new Error(why));
  for (const tell of waiting.values()) tell({ stopped: why });
  waiting.clear();
}

export async function ask(what, ...words) {
  await start();
  const number = count++;
  return new Promise((resolve) => {
    const late = setTimeout(
      () => stop(`Still running after ${SECONDS} seconds: a loop without end? It was stopped.`),
      SECONDS * 1000,
    );
    waiting.set(number, (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    worker.postMessage({ number, what, words });
  });
}
