// The training data, and what changes them: noise, a point that is moved, one more, one less. Every version is made from
// one before it by one change, so that a link can hold them all.
//
// Noise is on what one learns from: on the inputs where targets are classes, else on the targets. It is a share of their
// spread; what is added to a number is always in the same proportion, and without noise it is the number again.

class Data {
  // numbers: { rows, x, y }, flat; base: the noisy part without its noise; drawn: what is drawn for each of its numbers.
  constructor(task, numbers, noise, base, drawn, from, change) {
    Object.assign(this, { task, rows: numbers.rows, x: numbers.x, y: numbers.y, noise, base, drawn, from, change });
  }

  static given(task) {
    const part = task.learned[task.classes ? "x" : "y"];
    const generator = new MersenneTwister(1);
    const share = () => (generator.word() + 0.5) / 4294967296;
    const drawn = part.map(() => Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share())); // Box and Muller
    return new Data(task, task.learned, 0, part, drawn, 0, null);
  }

  // How far the numbers of each column of the noisy part are spread: their standard deviation.
  static spread(task) {
    const side = task.classes ? 0 : 1;
    const [part, columns] = [task.learned[side ? "y" : "x"], task.sizes[side]];
    return Array.from({ length: columns }, (_, j) => {
      const column = part.filter((_, k) => k % columns === j);
      const middle = column.reduce((sum, number) => sum + number, 0) / column.length;
      return Math.sqrt(column.reduce((sum, number) => sum + (number - middle) ** 2, 0) / column.length) || 1;
    });
  }

  // change: ["noise", share], ["set", row, x, y], ["add", row], ["remove", row], ["only", row], which removes all others,
  // or ["draw", points], each an input and a target; from: the number of this version.
  changed(change, from) {
    const [kind, what] = change;
    const { task } = this;
    const side = task.classes ? 0 : 1;
    const [xs, ys] = task.sizes;
    const columns = task.sizes[side];
    const noise = kind === "noise" ? what : this.noise;
    const next = { rows: this.rows, x: [...this.x], y: [...this.y], base: [...this.base], drawn: [...this.drawn] };
    const spread = Data.spread(task);
    const added = (k) => (noise ? noise * spread[k % columns] * next.drawn[k] : 0);
    const part = side ? "y" : "x";
    const sizes = { x: xs, y: ys, base: columns, drawn: columns };
    if (kind === "noise") next[part] = next.base.map((number, k) => number + added(k));
    if (kind === "set") {
      change[2].forEach((number, j) => (next.x[what * xs + j] = number));
      change[3].forEach((number, j) => (next.y[what * ys + j] = number));
      for (let k = what * columns; k < (what + 1) * columns; k++) next.base[k] = next[part][k] - added(k);
    }
    if (kind === "add") for (const [name, size] of Object.entries(sizes)) next[name].push(...next[name].slice(what * size, (what + 1) * size));
    if (kind === "remove") for (const [name, size] of Object.entries(sizes)) next[name].splice(what * size, size);
    if (kind === "only") for (const [name, size] of Object.entries(sizes)) next[name] = next[name].slice(what * size, (what + 1) * size);
    for (const [x, y] of kind === "draw" ? what : []) {
      const start = next.base.length;
      next.x.push(...x);
      next.y.push(...y);
      for (let k = start; k < start + columns; k++) {
        next.drawn.push(this.drawn[k % this.drawn.length]);
        next.base.push((side ? y : x)[k - start] - added(k));
      }
    }
    next.rows = next.x.length / xs;
    return new Data(task, next, noise, next.base, next.drawn, from, change);
  }

  // A change that takes the place of the one before, when both are made at the same step: a point on its way, a stroke.
  replaces(change) {
    if (this.change === null || this.change[0] !== change[0]) return false;
    const [kind, what] = this.change;
    const goesOn = () => what.length < change[1].length && what.every((point, k) => point === change[1][k]);
    return { noise: () => true, set: () => what === change[1], draw: goesOn }[kind]?.() ?? false;
  }

  // Whether a link's change is one that these data can have.
  takes(change) {
    if (!Array.isArray(change)) return false;
    const [kind, what, x, y] = change;
    const numbers = (list, size) => Array.isArray(list) && list.length === size && list.every((number) => Number.isFinite(number));
    const isRow = Number.isInteger(what) && what >= 0 && what < this.rows;
    if (kind === "noise") return typeof what === "number" && what >= 0 && what <= 1;
    const isTargetOf = (list) => numbers(list, this.task.sizes[1]) && list.every((number) => isTarget(this.task, number));
    if (kind === "set") return isRow && numbers(x, this.task.sizes[0]) && isTargetOf(y);
    const isPoint = (point) => Array.isArray(point) && numbers(point[0], this.task.sizes[0]) && isTargetOf(point[1]);
    if (kind === "draw") return Array.isArray(what) && what.length > 0 && what.every(isPoint);
    return (["add", "only"].includes(kind) && isRow) || (kind === "remove" && isRow && this.rows > 1);
  }
}

// Whether the loss takes a number as a target.
function isTarget({ classes, outputs, sizes }, y) {
  if (classes === "signs") return y === 1 || y === -1;
  if (classes === "bits") return y >= 0 && y <= 1;
  return classes && sizes[1] === 1 ? Number.isInteger(y) && y >= 0 && y < outputs.length : true;
}
