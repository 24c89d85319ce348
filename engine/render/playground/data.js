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

  // change: ["noise", share], ["set", row, x, y], ["add", row] or ["remove", row]; from: the number of this version.
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
    next.rows += { add: 1, remove: -1 }[kind] ?? 0;
    return new Data(task, next, noise, next.base, next.drawn, from, change);
  }

  // A change that takes the place of the one before, when both are made at the same step: a point on its way.
  replaces(change) {
    return this.change !== null && this.change[0] === change[0] && (change[0] === "noise" || (change[0] === "set" && this.change[1] === change[1]));
  }

  // Whether a link's change is one that these data can have.
  takes(change) {
    if (!Array.isArray(change)) return false;
    const [kind, what, x, y] = change;
    const numbers = (list, size) => Array.isArray(list) && list.length === size && list.every((number) => Number.isFinite(number));
    const isRow = Number.isInteger(what) && what >= 0 && what < this.rows;
    if (kind === "noise") return typeof what === "number" && what >= 0 && what <= 1;
    if (kind === "set") return isRow && numbers(x, this.task.sizes[0]) && numbers(y, this.task.sizes[1]) && y.every((number) => isTarget(this.task, number));
    return (kind === "add" && isRow) || (kind === "remove" && isRow && this.rows > 1);
  }
}

// Whether the loss takes a number as a target.
function isTarget({ classes, outputs, sizes }, y) {
  if (classes === "signs") return y === 1 || y === -1;
  if (classes === "bits") return y >= 0 && y <= 1;
  return classes && sizes[1] === 1 ? Number.isInteger(y) && y >= 0 && y < outputs.length : true;
}
