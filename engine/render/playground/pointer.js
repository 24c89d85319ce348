// What the pointer does on the data: it chooses a point and moves it, or it draws new ones.

const REACH = 30; // of the pointer, in pixels
const APART = 12; // points of one stroke

class PlanePointer {
  constructor(task, plane, choose, edit) {
    Object.assign(this, { task, plane, choose, edit });
    this.select = byId("pointer");
    this.select.hidden = !plane.maps.cells;
    const count = task.classes ? Math.max(2, task.outputs.length) : 0;
    const names = { signs: ["\u22121", "1"] }[task.classes] ?? [...Array(count).keys()];
    offer(this.select, [["", "move points"], ...(count ? names.map((name, k) => [String(k), `draw class ${name}`]) : [["0", "draw points"]])]);
    const { canvas } = plane;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => event.buttons && this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.held = this.stroke = null));
    // A finger on a point moves it; elsewhere it moves the page.
    canvas.addEventListener("touchstart", (event) => this.takes(event.touches[0]) && event.preventDefault(), { passive: false });
  }

  placeOf({ clientX, clientY }) {
    const box = this.plane.canvas.getBoundingClientRect();
    return [Math.max(0, Math.min(box.width, clientX - box.left)), Math.max(0, Math.min(box.height, clientY - box.top))];
  }

  // The training point that is meant; -1 for none.
  nearest([x, y]) {
    let best = [REACH ** 2, -1];
    this.plane.spots.forEach(([a, b], row) => {
      const distance = (a - x) ** 2 + (b - y) ** 2;
      if (distance < best[0]) best = [distance, row];
    });
    return best[1];
  }

  takes(event) {
    return this.select.value !== "" || this.nearest(this.placeOf(event)) >= 0;
  }

  down(event) {
    const place = this.placeOf(event);
    if (this.takes(event)) this.plane.canvas.setPointerCapture(event.pointerId);
    if (this.select.value !== "") {
      this.stroke = { points: [], step: -1, last: null };
      return this.draw(place);
    }
    const row = this.nearest(place);
    if (row < 0) return;
    this.held = row;
    this.choose({ kind: "point", row });
  }

  move(event) {
    const place = this.placeOf(event);
    if (this.stroke) return this.draw(place);
    if (this.held === null || this.held === undefined || !this.plane.toData) return;
    const [x, y] = this.plane.toData(...place);
    this.edit(["set", this.held, x, y ?? pointOf(this.task, trainer.data, this.held)[1]]);
  }

  // One point more of a stroke. While training goes on, each is a change of its own.
  draw(place) {
    const { stroke } = this;
    if (stroke.last && Math.hypot(place[0] - stroke.last[0], place[1] - stroke.last[1]) < APART) return;
    if (stroke.step !== trainer.step) stroke.points = [];
    Object.assign(stroke, { step: trainer.step, last: place });
    const [x, y] = this.plane.toData(...place);
    stroke.points.push([x, y ?? this.target()]);
    this.edit(["draw", [...stroke.points]]);
  }

  // The target of what is drawn: of the class, or that of the chosen point.
  target() {
    const { classes, sizes } = this.task;
    const k = Number(this.select.value);
    if (!classes) return pointOf(this.task, trainer.data, page.row)[1];
    if (sizes[1] > 1) return Array.from({ length: sizes[1] }, (_, each) => Number(each === k));
    return [classes === "signs" ? 2 * k - 1 : k];
  }
}
