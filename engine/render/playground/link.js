// The state of the page in the address, after the #: who opens the link sees the same step of the same training.
//
// It holds the settings, how the data were changed, at which step, and what is looked at; not the numbers: those are
// computed again, exactly.

const MOST_STEPS = 20000; // that a link is computed up to
const MOST_SEED = 1e9;

function linkOf(task, trainer, { weights, chosen, mode }) {
  const hidden = task.hidden === task.architecture.hidden ? {} : { hidden: task.hidden };
  const changes = trainer.versions.slice(1).map(({ from, change }) => [from, change]);
  const data = changes.length ? { data: changes } : {};
  return `#${encodeURIComponent(JSON.stringify({ weights, ...hidden, ...data, events: trainer.events, step: trainer.step, chosen, mode }))}`;
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
  const versions = [Data.given(task)];
  for (const each of Array.isArray(read.data) ? read.data.slice(0, 1000) : []) {
    const [from, change] = Array.isArray(each) ? each : [];
    if (!whole(from, versions.length - 1) || !versions[from].takes(change)) return null;
    versions.push(versions[from].changed(change, from));
  }
  const checks = {
    lr: (lr) => typeof lr === "number" && lr >= 0,
    optimizer: (name) => Object.hasOwn(task.optimizers, name),
    data: (version) => whole(version, versions.length - 1),
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
  if (!isWhole || !read.events.every(isEvent) || !whole(read.step, MOST_STEPS) || !(read.weights === null || whole(read.weights, MOST_SEED))) return null;
  return { ...read, versions };
}

// What a link has chosen, where it is there; else the first point.
function readChoice({ chosen }, { units }, { rows }) {
  const { kind, row, unit, edge } = chosen ?? {};
  const isOf = (k, list) => Number.isInteger(k) && k >= 0 && k < list;
  if (kind === "point" && isOf(row, rows)) return { kind, row };
  if (kind === "unit" && isOf(unit, units.length)) return { kind, unit };
  const edges = isOf(unit, units.length) ? units[unit].edges : [];
  if (kind === "weight" && isOf(edge, edges.length) && edges[edge][1] !== null) return { kind, unit, edge };
  return { kind: "point", row: 0 };
}
