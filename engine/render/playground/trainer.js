// Training, step by step, as `fit` does it, and the way back to every step.
//
// A checkpoint holds everything that goes on from step to step. What lies between two is computed again from the first,
// with the same settings at the same steps: exactly the same numbers.

class Trainer {
  // data: { x, y }, flat, with `rows` pairs; settings: { lr, optimizer, batch, fault }.
  constructor(task, data, settings) {
    this.task = task;
    this.settings = { ...settings, data: 0 };
    this.versions = [data]; // of the data: a change of them is a setting like any other
    this.fault = null; // what is wrong on purpose: see faults.js
    this.makeArrays();
    this.makeRoom();
    this.reset(task.theta);
  }

  get data() {
    return this.versions[this.settings.data];
  }

  // For the parameters of the network, as it is now.
  makeArrays() {
    this.n = this.task.theta.length;
    this.theta = new Float64Array(this.n);
    this.grad = new Float64Array(this.n);
    this.total = new Float64Array(this.n); // gradients that were not set to 0
    this.program = null;
  }

  makeRoom() {
    const { rows } = this.data;
    if (this.program && rows <= this.program.capacity) return;
    this.program = programOf(Math.max(1, rows));
    const [xs, ys] = this.task.sizes;
    this.batchX = new Float64Array(xs * rows);
    this.batchY = new Float64Array(ys * rows);
  }

  // Learn from other data from the present step on.
  changeData(change) {
    this.forgetFuture();
    const { versions } = this;
    versions.length = 1 + Math.max(this.settings.data, ...this.events.map(([, { data }]) => data ?? 0));
    const version = this.settings.data;
    const [step, last] = this.events[this.events.length - 1];
    const isNew = step === this.step && last.data === version && version > 0; // of this step: the change before it may go
    const used = this.events.slice(0, -1).some(([, each]) => each.data === version);
    if (isNew && !used && this.data.replaces(change) && version === versions.length - 1) {
      versions[version] = versions[this.data.from].changed(change, this.data.from);
      this.change({ data: version });
    } else {
      versions.push(this.data.changed(change, version));
      this.change({ data: versions.length - 1 });
    }
  }

  // Back to the beginning, with these parameters.
  reset(theta) {
    this.start = Float64Array.from(theta);
    this.theta.set(theta);
    this.grad.fill(0);
    this.total.fill(0);
    this.step = 0;
    this.epoch = 0;
    this.furthest = 0;
    this.generator = new MersenneTwister(this.task.seed);
    if (this.task.heldOut) this.generator.shuffle([...Array(this.task.pairs).keys()]); // as fit splits them
    this.loss = NaN; // of the last batch
    this.order = null;
    this.position = 0;
    this.newOptimizer();
    this.events = [[0, { ...this.settings }]];
    this.checkpoints = [this.saved()];
    this.every = 16;
  }

  newOptimizer() {
    this.rule = updateRules[this.settings.optimizer];
    this.kept = Array.from({ length: this.rule.buffers }, () => new Float64Array(this.n));
    this.updates = 0;
  }

  // Change a setting from the present step on; what was computed beyond it is another future, and forgotten.
  change(settings) {
    this.forgetFuture();
    this.apply(settings);
    const last = this.events[this.events.length - 1];
    if (this.step === 0) this.events = [[0, { ...this.settings }]];
    else if (last[0] === this.step) Object.assign(last[1], settings);
    else this.events.push([this.step, { ...settings }]);
    const checkpoint = this.checkpoints[this.checkpoints.length - 1];
    if (checkpoint.step === this.step) this.checkpoints[this.checkpoints.length - 1] = this.saved();
  }

  apply(settings) {
    const before = this.settings.optimizer;
    const { rows } = this.data;
    Object.assign(this.settings, settings);
    if (this.settings.optimizer !== before) this.newOptimizer();
    if ("batch" in settings || this.data.rows !== rows) this.order = null; // other batches
    this.makeRoom();
  }

  // The settings that were changed at this step: a checkpoint may be of before that.
  applyEvents() {
    for (const [step, settings] of this.events) if (step === this.step && step > 0) this.apply(settings);
  }

  forgetFuture() {
    this.furthest = this.step;
    this.events = this.events.filter(([step]) => step <= this.step);
    this.checkpoints = this.checkpoints.filter(({ step }) => step <= this.step);
  }

  // The rows of the next batch; null for all.
  nextRows() {
    const { rows } = this.data;
    const { batch } = this.settings;
    if (!batch) return null;
    if (this.order === null || this.position >= rows) {
      this.order = [...Array(rows).keys()];
      this.generator.shuffle(this.order);
      this.position = 0;
    }
    const chosen = this.order.slice(this.position, this.position + batch);
    this.position += batch;
    return chosen;
  }

  // One step: the gradient of a batch, and the update. Returns the mean loss of the batch.
  advance() {
    if (this.step === this.furthest) this.furthest++;
    const rows = this.nextRows();
    const { data, program } = this;
    let { x, y } = data;
    let count = data.rows;
    if (rows) {
      const [xs, ys] = this.task.sizes;
      count = rows.length;
      x = this.batchX;
      y = this.batchY;
      rows.forEach((row, k) => {
        for (let j = 0; j < xs; j++) x[k * xs + j] = data.x[row * xs + j];
        for (let j = 0; j < ys; j++) y[k * ys + j] = data.y[row * ys + j];
      });
    }
    this.gradient(program, x, y, count);
    const cost = mean(program, this.task.cost, count);
    this.updates++;
    if (this.fault === "accumulate") {
      for (let k = 0; k < this.n; k++) this.grad[k] = this.total[k] += this.grad[k];
    }
    this.update(this.theta, this.grad, this.kept, this.updates);
    this.loss = cost;
    this.step++;
    this.epoch = this.settings.batch ? this.epoch + (this.position >= data.rows ? 1 : 0) : this.epoch + 1;
    const last = this.checkpoints[this.checkpoints.length - 1];
    if (this.step === last.step + this.every) this.keep();
    this.applyEvents();
    return cost;
  }

  // The optimizer's step, or what a fault makes of it.
  update(theta, grad, kept, updates) {
    const rule = updates === 1 ? this.rule.first : this.rule.later;
    const used = this.fault === "sign" ? grad.map((g) => -g) : grad;
    const lr = this.settings.lr * (this.fault === "rate" ? 200 : 1);
    rule(theta, used, kept, lr, updates, this.n);
  }

  gradient(program, x, y, count) {
    const { theta, grad } = this;
    program.forward(theta, grad, x, y, count);
    program.score(theta, grad, x, y, count);
    program.backward(theta, grad, x, y, count);
  }

  keep() {
    this.checkpoints.push(this.saved());
    const most = Math.max(24, Math.min(400, Math.floor(1e6 / this.n)));
    if (this.checkpoints.length > most) {
      // every second one: the way back is twice as long, and memory stays bounded
      this.checkpoints = this.checkpoints.filter((_, k) => k % 2 === 0);
      this.every *= 2;
    }
  }

  saved() {
    return {
      step: this.step,
      epoch: this.epoch,
      theta: this.theta.slice(),
      total: this.fault === "accumulate" ? this.total.slice() : null,
      kept: this.kept.map((array) => array.slice()),
      updates: this.updates,
      settings: { ...this.settings },
      generator: this.generator.saved(),
      order: this.order ? this.order.slice() : null,
      position: this.position,
    };
  }

  // Go to a step that has been: from the checkpoint before it.
  goTo(step) {
    const target = Math.max(0, Math.min(step, this.furthest));
    let from = this.checkpoints[0];
    for (const each of this.checkpoints) if (each.step <= target) from = each;
    if (target < this.step || from.step > this.step) this.restore(from);
    while (this.step < target) this.advance();
  }

  restore(from) {
    this.settings = { ...from.settings };
    this.makeRoom();
    this.rule = updateRules[this.settings.optimizer];
    this.step = from.step;
    this.epoch = from.epoch;
    this.theta.set(from.theta);
    if (from.total) this.total.set(from.total);
    this.kept = from.kept.map((array) => array.slice());
    this.updates = from.updates;
    this.generator.restore(from.generator);
    this.order = from.order ? from.order.slice() : null;
    this.position = from.position;
    this.applyEvents();
  }
}

// The number of a row that is at a place.
function numberAt(program, [buffer, apart, offset], row, theta, x) {
  const array = buffer === "theta" ? theta : buffer === "x" ? x : program.buffers[buffer];
  return array[row * apart + offset];
}

function mean(program, place, rows) {
  let total = 0;
  for (let row = 0; row < rows; row++) total += numberAt(program, place, row);
  return total / rows;
}
