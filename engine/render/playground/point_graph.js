// The graph of a point, in the page that steps through a graph: both passes, with the numbers of the present step.

class PointSteps {
  constructor(task) {
    this.task = task;
    this.dialog = byId("point-steps");
    byId("close-steps").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.close());
  }

  // Why there is no such graph; "" where there is.
  get note() {
    return this.task.graph.note;
  }

  get isOpen() {
    return this.dialog.open;
  }

  open({ row, data, theta, trainer }) {
    const { graph, sizes } = this.task;
    const nodes = graph.nodes.map(([name, role, from, kind]) => ({
      name,
      role,
      unseenUses: false,
      isInput: kind === undefined && from[0] === "x",
      operands: kind === undefined ? [] : from,
      ...(kind === undefined ? {} : { rule: kind, ...this.task.kinds[kind] }),
    }));
    const sources = {
      x: (place) => data.x[row * sizes[0] + place],
      y: (place) => data.y[row * sizes[1] + place],
      theta: (place) => theta[place],
    };
    const given = graph.nodes.map(([, , from]) => (Array.isArray(from) && from.length === 2 && sources[from[0]] ? sources[from[0]](from[1]) : from));
    byId("step-through").replaceChildren(byId("step-through-parts").content.cloneNode(true));
    byId("point-steps-title").textContent = `Point ${row + 1}, step by step`;
    byId("point-steps-note").textContent = `Its loss and the derivatives of that, with the weights that the training has at step ${trainer.step}. What is typed here changes nothing there.`;
    this.dialog.showModal();
    byId("drawing").append(drawnGraph(nodes));
    const whole = { nodes, output: graph.output, note: "", editable: true };
    this.through = new StepThrough(whole, computed(nodes, given));
    byId("next").focus();
  }

  close() {
    if (this.isOpen || !this.through) return; // the event of a dialog that was closed and opened again meanwhile
    this.through.close();
    this.through = null;
    byId("step-through").replaceChildren();
  }
}
