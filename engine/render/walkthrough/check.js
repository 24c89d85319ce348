// The gradient check: a leaf is moved by h to both sides, and the output says what its slope is.

class Check {
  constructor(section, graph, onChange) {
    this.section = section;
    this.graph = graph;
    this.leaf = section.querySelector("select");
    this.step = section.querySelector("input");
    const leaves = graph.nodes.map((node, i) => ({ node, i }));
    for (const { node, i } of leaves) {
      if (node.symbol === undefined && node.role !== "constant") {
        this.leaf.append(element("option", { value: i }, shortened(node.name)));
      }
    }
    for (const part of [this.leaf, this.step]) part.addEventListener("input", onChange);
    section.hidden = !graph.editable || !this.leaf.options.length;
  }

  show(numbers) {
    if (this.section.hidden) return;
    const { nodes, output } = this.graph;
    const i = Number(this.leaf.value);
    const h = typedNumber(this.step.value);
    const isStep = h !== undefined && Number.isFinite(h) && h !== 0;
    if (isStep) this.step.removeAttribute("aria-invalid");
    else this.step.setAttribute("aria-invalid", "true");
    const said = this.section.querySelector("output");
    if (!isStep) {
      said.replaceChildren("h is a number other than 0, such as 0.001.");
      return;
    }
    const at = (x) => {
      const given = [...numbers.value];
      given[i] = x;
      return computed(nodes, given).value.at(-1);
    };
    const x = numbers.value[i];
    const [above, below] = [x + h, x - h];
    const numeric = (at(above) - at(below)) / (above - below);
    const adjoint = numbers.adjoint[i];
    const name = () => element("span", { class: "name" }, shortened(nodes[i].name));
    const result = () => element("span", { class: "name" }, shortened(output));
    const difference = Math.abs(numeric - adjoint);
    const agree = difference <= 1e-3 * Math.max(Math.abs(numeric), Math.abs(adjoint)) + 1e-6;
    const verdict = agree ? "They agree." : "They differ: try a smaller h, or there is a kink near.";
    said.replaceChildren(
      equationList([
        [[result(), " at ", name(), " + h"], formatted(at(above), 7)],
        [[result(), " at ", name(), ` ${minus} h`], formatted(at(below), 7)],
        ["their difference / 2h", element("b", {}, formatted(numeric, 6))],
        ["adjoint", element("b", {}, formatted(adjoint, 6))],
      ]),
      element("p", { class: agree ? "agree" : "differ" }, verdict),
    );
  }
}
