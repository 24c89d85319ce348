// The drawing: which element stands for what, and how it shows the state after a step.

class Drawing {
  constructor(section, map, nodes, layerOf = []) {
    this.section = section;
    this.svg = section.querySelector("svg");
    this.nodes = nodes;
    this.layerOf = layerOf;
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute(
      "aria-label",
      `Computation graph of ${nodes.length} values; the step and the list describe it`,
    );
    this.svg.querySelectorAll("title").forEach((title) => title.remove());
    this.svg.insertAdjacentHTML(
      "afterbegin",
      '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" ' +
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0.5 8 4 0 7.5z"/></marker></defs>',
    );
    this.values = nodes.map((node, i) => this.prepared(node, i));
    this.view = new View(section, this.svg, map);
  }

  prepared(node, i) {
    const find = (id) => this.svg.getElementById(id);
    const group = find(`node-${i}`);
    if (group === null) return { card: find(`layer-${this.layerOf[i]}`) }; // its layer is folded
    const texts = [...group.querySelectorAll("text")];
    const title = document.createElementNS(this.svg.namespaceURI, "title");
    title.textContent = node.name;
    group.prepend(title);
    const edges = node.operands.map((_, k) => find(`edge-${i}-${k}`));
    const prepared = { group, operation: find(`op-${i}`), edges, result: find(`edge-${i}`) };
    for (const edge of [prepared.result, ...edges]) if (edge) addRest(edge);
    if (node.role === "constant") {
      return { ...prepared, value: new Slot(texts.at(-1), "middle"), adjoint: null, labels: [] };
    }
    const labels = edges.map((edge) => {
      const lines = edge === null ? [] : [...edge.querySelectorAll("text")];
      if (lines.length < 2) return null;
      const product = new Slot(lines.at(-2), "middle");
      return [product, new Slot(lines.at(-1), "middle", product.room)];
    });
    return { ...prepared, value: new Slot(texts.at(-3), "end"), adjoint: new Slot(texts.at(-1), "end"), labels };
  }

  show(step, numbers, known) {
    this.svg.querySelectorAll(".layer").forEach((card) => card.classList.remove("lit", "used", "back"));
    this.values.forEach((drawn, i) => {
      const node = this.nodes[i];
      const lit = step.node === i || (step.kind === "given" && node.symbol === undefined && node.role !== "constant");
      const used = step.node !== undefined && this.nodes[step.node].operands.includes(i);
      if (!drawn.group) {
        if (lit) drawn.card?.classList.add("lit");
        if (used) drawn.card?.classList.add("used");
        return;
      }
      drawn.value.write(known.value[i] ? formatted(numbers.value[i]) : "");
      const terms = known.arrived[i].map(({ from, edge }) => numbers.contributions[from][edge]);
      const partly = terms.length ? `${formatted(sumOf(terms))} +…` : "";
      drawn.adjoint?.write(known.adjoint[i] ? formatted(numbers.adjoint[i] + 0) : partly);
      const begins = step.kind === "start" && known.adjoint[i];
      mark(drawn.group, {
        known: known.value[i],
        reached: known.adjoint[i],
        lit: lit || begins,
        used,
        back: step.pass === "adjoint",
      });
      this.showOperation(drawn, i, step, numbers, known);
    });
    this.view.show(this.partsOf(step));
  }

  showOperation(drawn, i, step, numbers, known) {
    const lit = step.node === i;
    const back = step.pass === "adjoint";
    for (const part of [drawn.operation, drawn.result]) if (part) mark(part, { lit, back, known: known.value[i] });
    drawn.edges.forEach((edge, k) => {
      if (!edge) return;
      const operand = this.nodes[i].operands[k];
      const passed = known.arrived[operand].some((use) => use.from === i && use.edge === k);
      mark(edge, { lit: lit && (!back || passed), back, passed });
      const [product, contribution] = drawn.labels[k] ?? [];
      const [adjoint, slope, result] = [numbers.adjoint[i], numbers.slopes[i][k], numbers.contributions[i][k]];
      product?.write(passed ? `${formatted(adjoint)} × ${formatted(slope)}` : "");
      contribution?.write(passed ? `= ${formatted(result)}` : "");
    });
  }

  // What a step is about: the value, its operation, and what they are computed from.
  partsOf({ kind, node }) {
    const { group, card, operation, edges = [] } = this.values.at(node ?? (kind === "given" ? 0 : -1));
    const operands = node === undefined ? [] : this.nodes[node].operands.map((k) => this.values[k]);
    const others = operands.map((operand) => operand?.group ?? operand?.card);
    return [group ?? card, operation, ...edges, ...others].filter(Boolean);
  }
}

// The layout ends a line where its arrow head begins. On the way back the head is at the other end: the line goes on.
function addRest(edge) {
  const line = edge.querySelector("path");
  const rest = line.cloneNode();
  const end = line.getPointAtLength(line.getTotalLength());
  const tip = edge.querySelector("polygon").points[1];
  rest.setAttribute("d", `M${end.x} ${end.y}L${tip.x} ${tip.y}`);
  rest.classList.add("rest");
  line.after(rest);
}

function mark(part, states) {
  for (const [name, on] of Object.entries(states)) part.classList.toggle(name, Boolean(on));
}

// A place for a text in the drawing, as wide as what the layout kept it for; a longer text is made narrower.
class Slot {
  constructor(text, anchor, room = text.getBBox().width) {
    const box = text.getBBox();
    this.text = text;
    this.room = room;
    text.setAttribute("text-anchor", anchor);
    text.setAttribute("x", anchor === "end" ? box.x + box.width : box.x + box.width / 2);
  }

  write(string) {
    if (this.text.textContent === string) return;
    this.text.removeAttribute("textLength");
    this.text.textContent = string;
    if (string && this.text.getComputedTextLength() > this.room) {
      this.text.setAttribute("textLength", this.room);
      this.text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }
}
