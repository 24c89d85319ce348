// The state of the page in the address, after the #: who opens the link sees the same step of the same training.
//
// It holds the settings and at which step they were changed, not the numbers: those are computed again, exactly.

const MOST_STEPS = 20000; // that a link is computed up to

function linkOf(task, trainer, weights) {
  const hidden = task.hidden === task.architecture.hidden ? {} : { hidden: task.hidden };
  return `#${encodeURIComponent(JSON.stringify({ weights, ...hidden, events: trainer.events, step: trainer.step }))}`;
}

// What a link says; null for one that says nothing that this page could do.
function readLink(hash, task) {
  let read;
  try {
    read = JSON.parse(decodeURIComponent(hash.slice(1)));
  } catch {
    return null;
  }
  if (read === null || typeof read !== "object" || !Array.isArray(read.events)) return null;
  const whole = (n, most) => Number.isInteger(n) && n >= 0 && n <= most;
  const checks = {
    lr: (lr) => typeof lr === "number" && lr >= 0,
    optimizer: (name) => Object.hasOwn(task.optimizers, name),
    data: (version) => version === 0, // others are in no link
    batch: (size) => whole(size, Math.max(0, task.learned.rows - 1)),
  };
  const isLayer = (layer) => Array.isArray(layer) && whole(layer[0], task.architecture.mostNeurons) && layer[0] > 0 && Object.hasOwn(activations, layer[1]);
  const { hidden } = read;
  if (hidden !== undefined && !(Array.isArray(hidden) && hidden.length < templates.length && hidden.every(isLayer))) return null;
  const isEvent = (event) =>
    Array.isArray(event) &&
    whole(event[0], MOST_STEPS) &&
    event[1] !== null &&
    typeof event[1] === "object" &&
    Object.entries(event[1]).every(([name, setting]) => Object.hasOwn(checks, name) && checks[name](setting));
  const [first] = read.events;
  const isWhole = first && isEvent(first) && first[0] === 0 && Object.keys(checks).every((name) => Object.hasOwn(first[1], name));
  if (!isWhole || !read.events.every(isEvent) || !whole(read.step, MOST_STEPS) || !whole(read.weights, 1e9)) return null;
  return read;
}
