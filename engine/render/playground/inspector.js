// What is inside, at the present step: a point, a neuron, a weight.

class Inspector {
  constructor(task, network, plane, choose, edit) {
    this.edit = edit;
    this.task = task;
    this.network = network;
    this.plane = plane;
    this.choose = choose;
    this.title = document.getElementById("inspector-title");
    this.note = document.getElementById("inspector-note");
    this.body = document.getElementById("inspector");
  }

  update(state) {
    const { kind } = state.chosen;
    if (page.playing && this.body.contains(document.activeElement) && document.activeElement.matches("input")) return;
    const focused = document.activeElement?.dataset?.inspect;
    this[kind](state);
    if (focused) this.body.querySelector(`[data-inspect="${focused}"]`)?.focus();
  }

  number(place, state) {
    return place === null ? NaN : numberAt(state.program, place, state.row, state.theta, state.data.x);
  }

  button(key, text, choice, name) {
    const button = element("button", { type: "button", "data-inspect": key, "aria-label": name ?? text }, text);
    button.addEventListener("click", () => this.choose(choice));
    return button;
  }

  // A field for a number of the data; `accepts` says which numbers it takes, `change` what they change.
  field(key, name, number, accepts, change) {
    const field = element("input", { type: "text", inputmode: "decimal", size: "7", "data-inspect": key, "aria-label": name, autocomplete: "off" });
    field.value = String(Number(number.toPrecision(6)));
    field.addEventListener("change", () => {
      const typed = typedNumber(field.value);
      const isNumber = typed !== undefined && Number.isFinite(typed) && accepts(typed);
      field.setAttribute("aria-invalid", String(!isNumber));
      if (isNumber) this.edit(change(typed));
    });
    return field;
  }

  point(state) {
    const { task } = this;
    const { row, data } = state;
    this.title.textContent = `Training point ${row + 1}`;
    this.note.textContent = "choose a point, a neuron or a line";
    const inputs = Array.from({ length: Math.min(4, task.sizes[0]) }, (_, j) => formatted(data.x[row * task.sizes[0] + j]));
    if (task.sizes[0] > 4) inputs.push("…");
    const outputs = task.outputs.map((place) => formatted(this.number(place, state)));
    const [xs, ys] = task.sizes;
    const number = row + 1;
    const [ownX, ownY] = pointOf(task, data, row);
    const fields = Array.from({ length: xs <= 4 ? xs : 0 }, (_, j) =>
      this.field(`x${j}`, `x${j + 1} of point ${number}`, data.x[row * xs + j], () => true, (x) => ["set", row, ownX.map((old, k) => (k === j ? x : old)), ownY]),
    );
    const target = ys === 1 && this.field("y", `target of point ${number}`, data.y[row], (y) => isTarget(task, y), (y) => ["set", row, ownX, [y]]);
    const equations = [
      ["x", fields.length ? fields : inputs.join(", ")],
      ["target y", target || formatted(this.plane.targetOf(data, row))],
      [outputs.length > 1 ? "outputs" : "output", element("span", { class: "value-number" }, outputs.slice(0, 10).join(", "))],
      ["loss", element("span", { class: "value-number" }, formatted(this.number(task.cost, state)))],
    ];
    const last = task.units.findLast((unit, k) => this.network.outputs.has(k) && unit.delta);
    if (last && outputs.length === 1) {
      const delta = this.number(last.delta, state) * data.rows;
      equations.push(["δ of the output", element("span", { class: "adjoint-number" }, formatted(delta))]);
    }
    if (task.metrics.length) equations.push(["class", this.number(task.metrics[0], state) ? "right" : "wrong"]);
    const through = element("button", { type: "button", "data-inspect": "graph" }, "step through its graph");
    through.addEventListener("click", () => steps.open(state));
    const other = (step) => ({ kind: "point", row: (row + step + data.rows) % data.rows });
    const how = xs <= 2 ? " Drag the point, or type other numbers." : fields.length || target ? " Type other numbers to change it." : "";
    const meaning = `One of ${data.rows} points whose losses are averaged. δ: how its loss changes with z.${how} ${steps.note}`;
    this.body.replaceChildren(
      element("div", { class: "inspector-columns" },
        equationList(equations),
        element("div", {},
          element("p", { class: "quiet" }, meaning),
          element("p", { class: "inspector-buttons" }, this.button("before", "previous point", other(-1)), this.button("after", "next point", other(1)), steps.note ? [] : through, ...this.edits(row, data)),
        ),
      ),
    );
  }

  // A point more, beside this one; or this one less.
  edits(row, data) {
    const more = element("button", { type: "button", "data-inspect": "more" }, "add one like it");
    more.addEventListener("click", () => {
      page.row = data.rows;
      page.chosen = { kind: "point", row: page.row };
      this.edit(["add", row]);
    });
    const less = element("button", { type: "button", "data-inspect": "less" }, "remove it");
    less.disabled = data.rows === 1;
    less.addEventListener("click", () => this.edit(["remove", row]));
    const only = element("button", { type: "button", "data-inspect": "only" }, "remove the others");
    only.disabled = data.rows === 1;
    only.addEventListener("click", () => {
      page.row = 0;
      page.chosen = { kind: "point", row: 0 };
      this.edit(["only", row]);
    });
    return [more, less, only];
  }

  unit(state) {
    const { task, network } = this;
    const k = state.chosen.unit;
    const unit = task.units[k];
    this.title.textContent = network.title(k);
    this.note.textContent = `at training point ${state.row + 1}`;
    if (unit.kind === "input") {
      this.body.replaceChildren(equationList([["x", formatted(this.number(unit.a, state))]]));
      return;
    }
    const terms = unit.edges.map(([from, weight], index) => {
      const a = this.number(task.units[from].a, state);
      const w = weight === null ? 1 : state.theta[weight];
      return { name: weight === null ? network.title(from) : task.names[weight], w, a, product: w * a, weight, index };
    });
    if (unit.bias !== null) terms.push({ name: task.names[unit.bias], w: state.theta[unit.bias], a: 1, product: state.theta[unit.bias], weight: null });
    const largest = Math.max(1e-12, ...terms.map(({ product }) => Math.abs(product) || 0));
    const rows = terms.slice(0, 70).map(({ name, w, a, product, weight, index }, place) => {
      const title = weight === null ? name : this.button(`w${place}`, name, { kind: "weight", unit: k, edge: index });
      const width = (46 * (Math.abs(product) / largest) || 0).toFixed(1);
      const bar = document.createElementNS(SVG, "svg");
      for (const [key, text] of Object.entries({ width: 72, height: 10, viewBox: "0 0 96 10", preserveAspectRatio: "none", "aria-hidden": "true" })) bar.setAttribute(key, text);
      const box = document.createElementNS(SVG, "rect");
      const fill = `fill: var(${product < 0 ? "--negative" : "--positive"})`;
      for (const [key, text] of Object.entries({ x: product < 0 ? 48 - width : 48, y: 1, width, height: 8, style: fill })) box.setAttribute(key, text);
      bar.append(box);
      return element("tr", {}, element("td", {}, title), element("td", {}, `${formatted(w)} × ${formatted(a)}`), element("td", {}, formatted(product)), element("td", {}, bar));
    });
    const z = this.number(unit.z, state);
    const delta = this.number(unit.delta, state) * state.data.rows;
    const equations = [["z", element("span", { class: "value-number" }, formatted(z))]];
    if (unit.operations.length && unit.kind === "sum") {
      equations.push(["a", [`${unit.operations.join(", ")} of z = `, element("span", { class: "value-number" }, formatted(this.number(unit.a, state)))]]);
    }
    equations.push(["δ", element("span", { class: "adjoint-number" }, formatted(delta))]);
    this.body.replaceChildren(
      element("div", { class: "inspector-columns with-table" },
        element("table", {}, element("tbody", {}, rows)),
        element("div", {}, equationList(equations), element("p", { class: "quiet" }, this.health(k, state))),
      ),
    );
  }

  // Whether a neuron is dead or saturated, and for how many points.
  health(k, state) {
    const unit = this.task.units[k];
    const { rows } = state.data;
    const z = Array.from({ length: rows }, (_, row) => numberAt(state.program, unit.z, row));
    const [low, high] = z.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [Infinity, -Infinity]);
    const range = `z is from ${formatted(low, 3)} to ${formatted(high, 3)} over the points`;
    if (state.dead.has(k)) return `Dead: ${range}, its activation is the same for all ${rows} and no gradient passes, so its weights do not change.`;
    if (unit.operations.length === 0) return "δ: how this point's loss changes with z. Linear: a = z.";
    let flat = 0;
    for (let row = 0; row < rows; row++) flat += Math.abs(this.slope(unit, row, state)) < 0.1;
    if (flat === 0) return "δ: how this point's loss changes with z. Its activation is nowhere flat.";
    return `δ: how this point's loss changes with z. Flat (slope below 0.1) for ${flat} of ${rows} points, as ${range}: little gradient passes there.`;
  }

  // The slope of a neuron's activation at a point, by a difference of its own numbers: da/dz of the nearest other point.
  slope(unit, row, state) {
    const z = (each) => numberAt(state.program, unit.z, each);
    const a = (each) => numberAt(state.program, unit.a, each);
    state.sorted ??= new Map();
    let order = state.sorted.get(unit);
    if (!order) {
      order = [...Array(state.data.rows).keys()].sort((p, q) => z(p) - z(q));
      order.place = new Map(order.map((each, place) => [each, place]));
      state.sorted.set(unit, order);
    }
    const place = order.place.get(row);
    const other = order[place + 1] ?? order[place - 1] ?? row;
    const apart = z(other) - z(row);
    return apart ? (a(other) - a(row)) / apart : 1;
  }

  weight(state) {
    const { task, network } = this;
    const { unit: k, edge } = state.chosen;
    const unit = task.units[k];
    const [from, weight] = unit.edges[edge];
    const { rows } = state.data;
    this.title.textContent = `Weight ${task.names[weight]}`;
    this.note.textContent = `from ${network.title(from)} to ${network.title(k)}`;
    const shares = Array.from({ length: rows }, (_, row) => {
      const delta = numberAt(state.program, unit.delta, row) * rows;
      return delta * numberAt(state.program, task.units[from].a, row, state.theta, state.data.x);
    });
    const total = shares.reduce((sum, share) => sum + share, 0) / rows;
    const gradient = state.grad[weight];
    const after = state.next[weight];
    const users = task.units.reduce((count, each) => count + each.edges.filter(([, w]) => w === weight).length, 0);
    const shared = users > 1 || Math.abs(total - gradient) > 1e-6 * Math.max(1e-9, Math.abs(gradient));
    const a = numberAt(state.program, task.units[from].a, state.row, state.theta, state.data.x);
    const paths = shared || page.playing ? null : pathsFrom(network, k, state);
    const canvas = element("canvas", { role: "img", "aria-label": "Each point's share of the gradient, sorted" });
    this.body.replaceChildren(
      element("div", { class: "inspector-columns with-paths" },
        element("div", {},
          equationList([
            ["w", element("span", { class: "value-number" }, formatted(state.theta[weight]))],
            ["gradient", [shared ? `from here ${formatted(total)}, in all ` : "", element("span", { class: "adjoint-number" }, formatted(gradient))]],
            ["after a step", `${formatted(after)} (${after < state.theta[weight] ? "" : "+"}${formatted(after - state.theta[weight])})`],
          ]),
          element("p", { class: "quiet" }, `The mean of δ a over ${rows} points, here sorted:`),
          canvas,
        ),
        element("div", {},
          element("h3", {}, `At point ${state.row + 1}: δ a = ${formatted(shares[state.row])}`),
          paths ? pathTable(network, paths, a) : [],
          element("p", {}, this.button("unit", network.title(k), { kind: "unit", unit: k })),
        ),
      ),
    );
    this.drawShares(canvas, shares);
  }

  drawShares(canvas, shares) {
    const [width, height] = [canvas.clientWidth || 240, canvas.clientHeight || 128];
    const context = fitted(canvas, width, height);
    const sorted = shares.filter(Number.isFinite).sort((a, b) => a - b);
    const largest = Math.max(1e-300, ...sorted.map(Math.abs));
    context.fillStyle = variable("--adjoint-line");
    sorted.forEach((share, k) => {
      const size = ((height / 2 - 2) * share) / largest;
      context.fillRect((k / sorted.length) * width, height / 2 - Math.max(0, size), Math.max(0.6, width / sorted.length - 0.4), Math.max(0.5, Math.abs(size)));
    });
    context.fillStyle = variable("--line");
    context.fillRect(0, height / 2, width, 1);
  }
}
