// The network in columns: a button for each unit, with a map of what it computes over the inputs, and a line for each
// weight, as wide as the weight or its gradient is large.

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 26; // a unit and the gap below it; smaller ones are not hit
const MOST_LINES = 1500; // beyond that, only those of the chosen unit

class NetworkView {
  constructor(task, choose) {
    this.task = task;
    this.root = document.getElementById("network");
    this.choose = choose;
    this.columns = [];
    task.units.forEach((unit, k) => (this.columns[unit.column] ??= []).push(k));
    this.columns = this.columns.filter(Boolean);
    this.outputs = new Set(task.units.flatMap((unit, k) => (task.outputs.some((place) => samePlace(place, unit.a)) ? [k] : [])));
    this.buttons = task.units.map((unit, k) => {
      const button = element("button", { type: "button", class: "unit", "aria-label": this.title(k), title: this.title(k), "aria-pressed": "false" });
      button.append(element("canvas", { width: "1", height: "1", "aria-hidden": "true" }));
      button.addEventListener("click", () => choose({ kind: "unit", unit: k }));
      return button;
    });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.root.append(this.svg, ...this.buttons);
    this.edges = task.units.flatMap((unit, to) => unit.edges.map(([from, weight], index) => ({ from, to, weight, index })));
    byId("network-note").textContent = this.edges.length > MOST_LINES ? "Choose a neuron to see its lines." : "";
    this.layout();
  }

  remove() {
    this.root.replaceChildren();
  }

  title(k) {
    const { units } = this.task;
    const column = this.columns.findIndex((each) => each.includes(k));
    const place = this.columns[column].indexOf(k) + 1;
    if (units[k].kind === "input") return `Input ${units[k].place}`;
    if (this.outputs.has(k)) return this.outputs.size === 1 ? "Output" : `Output ${place}`;
    return `Neuron ${place} of layer ${column}`;
  }

  // Its activation in the article's notation.
  symbol(k) {
    const column = this.columns.findIndex((each) => each.includes(k));
    return this.outputs.has(k) ? this.title(k).toLowerCase() : `a${superscript(column)}[${this.columns[column].indexOf(k)}]`;
  }

  layout() {
    const width = this.root.clientWidth;
    const tallest = Math.max(...this.columns.map((column) => Math.min(column.length, 10)));
    const fills = getComputedStyle(this.root).flexGrow === "1"; // a wide window: as high as there is room
    if (fills) this.root.style.height = "";
    document.body.style.setProperty("--network-height", `${SMALLEST * tallest + 24}px`); // the least that it needs
    const height = (fills ? this.root.clientHeight : Math.max(230, Math.min(350, 40 * tallest + 24))) - 24;
    const across = this.columns.map((column) => Math.ceil(column.length / (column.length > 10 ? 9 : 10)));
    const total = across.reduce((sum, n) => sum + n, 0);
    const crowded = Math.max(...across) > 1;
    const box = crowded ? 24 : Math.max(24, Math.min(fills ? 44 : 34, (width - 24) / total / 1.4, height / tallest - 4));
    const gap = (width - 24 - total * (box + 2)) / Math.max(1, this.columns.length - 1);
    this.places = [];
    this.root.querySelectorAll(".caption").forEach((caption) => caption.remove());
    let left = 12;
    this.columns.forEach((column, c) => {
      const rows = Math.ceil(column.length / across[c]);
      const pitch = Math.min(crowded ? 27 : box + (fills ? 12 : 6), height / rows);
      column.forEach((k, place) => {
        const size = this.outputs.has(k) && !crowded ? box * 1.4 : box;
        const x = left + (place % across[c]) * (box + 2) + box / 2;
        const y = 24 + height / 2 + (Math.floor(place / across[c]) - (rows - 1) / 2) * pitch;
        this.places[k] = { x: Math.min(x, width - size / 2 - 2), y, size };
        Object.assign(this.buttons[k].style, {
          left: `${this.places[k].x - size / 2}px`,
          top: `${y - size / 2}px`,
          width: `${size}px`,
          height: `${size}px`,
        });
      });
      const caption = element("span", { class: "caption" }, this.caption(c, column, width));
      const middle = left + (across[c] * (box + 2)) / 2;
      caption.style.left = `${Math.max(26, Math.min(width - 26, middle))}px`;
      this.root.append(caption);
      left += across[c] * (box + 2) + gap;
    });
    if (!fills) this.root.style.height = `${height + 24}px`;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height + 24}`);
    this.drawLines();
  }

  caption(c, column, width) {
    if (c === 0) return "inputs";
    if (column.every((k) => this.outputs.has(k))) return width < 500 ? "out" : "output";
    const names = [...new Set(column.flatMap((k) => this.task.units[k].operations))];
    return width < 500 || names.length === 0 || names.length > 2 ? `layer ${c}` : `layer ${c}, ${names.join(", ")}`;
  }

  drawLines() {
    this.svg.replaceChildren();
    const all = this.edges.length <= MOST_LINES;
    this.lines = [];
    for (const edge of this.edges) {
      if (!all && this.chosenUnit !== edge.to && this.chosenUnit !== edge.from) continue;
      const [a, b] = [this.places[edge.from], this.places[edge.to]];
      const [x1, x2] = [a.x + a.size / 2, b.x - b.size / 2];
      const bend = (x2 - x1) / 2;
      const d = `M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}`;
      const line = document.createElementNS(SVG, "path");
      line.setAttribute("d", d);
      this.svg.append(line);
      this.lines.push([edge, line]);
      if (edge.weight === null) continue;
      const hit = document.createElementNS(SVG, "path");
      hit.setAttribute("d", d);
      hit.setAttribute("class", "hit");
      hit.addEventListener("click", () => this.choose({ kind: "weight", unit: edge.to, edge: edge.index }));
      this.svg.append(hit);
    }
  }

  // state: { theta, grad, mode, chosen, maps, dead }
  update(state) {
    const chosenUnit = state.chosen.kind === "unit" ? state.chosen.unit : undefined;
    if (chosenUnit !== this.chosenUnit) {
      this.chosenUnit = chosenUnit;
      if (this.edges.length > MOST_LINES) this.drawLines();
    }
    const numbers = state.mode === "gradients" ? state.grad : state.theta;
    let largest = 0;
    for (const [{ weight }] of this.lines) if (weight !== null) largest = Math.max(largest, Math.abs(numbers[weight]) || 0);
    for (const [edge, line] of this.lines) {
      const number = edge.weight === null ? largest / 3 : numbers[edge.weight];
      const share = largest ? Math.abs(number) / largest : 0;
      const { chosen } = state;
      const isChosen = chosen.kind === "weight" && chosen.unit === edge.to && chosen.edge === edge.index;
      const kind = state.mode === "gradients" ? " gradient" : number < 0 ? " negative" : "";
      line.setAttribute("class", `line${kind}${isChosen ? " chosen" : ""}`);
      line.setAttribute("stroke-width", (0.3 + 5.5 * (share || 0)).toFixed(2));
      line.setAttribute("stroke-opacity", (0.3 + 0.6 * (share || 0)).toFixed(2));
    }
    this.buttons.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(chosenUnit === k));
      button.classList.toggle("dead", state.dead.has(k));
      const name = this.title(k) + (state.dead.has(k) ? ", dead" : "");
      if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
      state.maps.draw(k, button.firstChild);
    });
  }
}

function samePlace(a, b) {
  return a !== null && b !== null && a.every((part, k) => part === b[k]);
}
