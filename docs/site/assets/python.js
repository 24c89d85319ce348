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
      if (data.part) return waiting.get(data.number)?.told(data.part);
      waiting.get(data.number)?.answered(data.answer);
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
  for (const { answered } of waiting.values()) answered({ stopped: why });
  waiting.clear();
}

export const ask = (what, ...words) => askInParts(() => {}, what, ...words);

// The same, and `told` gets what is there before the answer.
export async function askInParts(told, what, ...words) {
  await start();
  const number = count++;
  return new Promise((resolve) => {
    const late = setTimeout(
      () => stop(`Still running after ${SECONDS} seconds: a loop without end? It was stopped.`),
      SECONDS * 1000,
    );
    const answered = (answer) => {
      clearTimeout(late);
      resolve(answer);
    };
    waiting.set(number, { told, answered });
    worker.postMessage({ number, what, words });
  });
}
