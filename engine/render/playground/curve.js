// The loss by step, or the share of right classes: a curve that can be dragged along.

class LossCurve {
  constructor(goTo) {
    this.canvas = document.getElementById("loss");
    this.measured = new Map(); // step -> [loss, loss on what is held out, share right, share right of what is held out]
    this.shown = 0; // the place of the first of the two that are shown
    const drag = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - 44) / (box.width - 54);
      goTo(Math.round(Math.max(0, Math.min(1, share)) * Math.max(1, this.furthest)));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.buttons) drag(event);
    });
  }

  // Of a long training every second measurement goes, again and again: so many are not seen.
  add(step, numbers) {
    this.measured.set(step, numbers);
    if (this.measured.size <= 4000) return;
    const steps = [...this.measured.keys()].sort((a, b) => a - b);
    steps.forEach((each, k) => {
      if (k % 2 === 1) this.measured.delete(each);
    });
  }

  forget(step) {
    for (const each of this.measured.keys()) if (each > step) this.measured.delete(each);
  }

  // The last step whose loss was a number.
  lastGood() {
    return Math.max(-1, ...[...this.measured].filter(([, [loss]]) => Number.isFinite(loss)).map(([step]) => step));
  }

  update(step, furthest) {
    this.furthest = furthest;
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const context = fitted(this.canvas, width, height);
    const points = [...this.measured].sort(([a], [b]) => a - b).map(([at, all]) => [at, all.slice(this.shown, this.shown + 2)]);
    const numbers = points.flatMap(([, pair]) => pair).filter(Number.isFinite);
    if (!numbers.length) return;
    const [low, high] = this.shown ? [0, 1] : [Math.min(0, ...numbers), Math.max(...numbers, 1e-12)];
    const x = (at) => 44 + (width - 54) * (at / Math.max(1, furthest));
    const y = (number) => 8 + (height - 30) * (1 - (number - low) / (high - low));
    const [ink, quiet, rule] = ["--ink", "--quiet", "--rule"].map(variable);
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = quiet;
    context.strokeStyle = rule;
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const number of [low, (low + high) / 2, high]) {
      context.beginPath();
      context.moveTo(44, y(number));
      context.lineTo(width - 10, y(number));
      context.stroke();
      context.fillText(this.shown ? percent(number) : formatted(number, 2), 40, y(number) + 4);
    }
    context.fillText(`${furthest} steps`, width - 10, height - 6);
    context.textAlign = "left";
    context.fillText("0", 44, height - 6);
    const skip = Math.max(1, Math.floor(points.length / 800));
    [0, 1].forEach((side) => {
      context.beginPath();
      context.setLineDash(side ? [4, 3] : []);
      points.forEach(([at, pair], k) => {
        if ((k % skip === 0 || k === points.length - 1) && Number.isFinite(pair[side])) context.lineTo(x(at), y(pair[side]));
      });
      context.strokeStyle = side ? quiet : ink;
      context.lineWidth = side ? 1.5 : 2;
      context.stroke();
    });
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x(step), 4);
    context.lineTo(x(step), height - 20);
    context.strokeStyle = variable("--forward");
    context.lineWidth = 2;
    context.stroke();
  }
}
