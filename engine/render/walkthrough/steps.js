// The steps through both passes, what is known after each, and how each is put into words.

const isPassedTo = (nodes, k) => k !== null && nodes[k].role !== "constant";

function stepsThrough(nodes) {
  const computedNodes = nodes.map((_, i) => i).filter((i) => nodes[i].symbol !== undefined);
  const passing = computedNodes.filter((i) => nodes[i].operands.some((k) => isPassedTo(nodes, k)));
  return [
    { kind: "given", pass: "forward" },
    ...computedNodes.map((node) => ({ kind: "value", pass: "forward", node })),
    { kind: "start", pass: "adjoint" },
    ...passing.reverse().map((node) => ({ kind: "pass", pass: "adjoint", node })),
  ];
}

// After step s: which values and adjoints are known, and the contributions that each node has got so far.
function knownAfter(s, nodes, steps, usesOf) {
  const value = nodes.map((node) => node.symbol === undefined);
  const arrived = nodes.map(() => []);
  for (const { kind, node } of steps.slice(0, s + 1)) {
    if (kind === "value") value[node] = true;
    if (kind === "pass") {
      nodes[node].operands.forEach((k, edge) => isPassedTo(nodes, k) && arrived[k].push({ from: node, edge }));
    }
  }
  const begun = steps[s].pass === "adjoint";
  const adjoint = nodes.map((node, i) => begun && node.role !== "constant" && arrived[i].length === usesOf[i].length);
  return { value, adjoint, arrived };
}

// Words for steps: each method gives {title, body, spoken}, the body as nodes of the document.
class Words {
  constructor(graph, usesOf) {
    this.graph = graph;
    this.nodes = graph.nodes;
    this.usesOf = usesOf;
  }

  of(step, numbers, known) {
    this.numbers = numbers;
    this.known = known;
    return this[step.kind](step.node);
  }

  given() {
    const isGiven = (i) => this.nodes[i].symbol === undefined && this.nodes[i].role !== "constant";
    const leaves = this.indices().filter(isGiven);
    const shown = leaves.slice(0, 12); // the list has them all
    const more = leaves.length > shown.length ? ` and ${leaves.length - shown.length} more` : "";
    const equations = shown.map((i) => [this.name(i), this.number(this.numbers.value[i])]);
    const invitation = this.graph.editable && leaves.length ? " Type other numbers into the list to see what they change." : "";
    return {
      title: "What is given",
      body: [element("p", {}, `The leaves, which nothing computes.${invitation}`), equationList(equations), more && element("p", {}, more)],
      spoken: `Given: ${shown.map((i) => `${this.plainName(i)} is ${formatted(this.numbers.value[i])}`).join(", ")}${more}.`,
    };
  }

  value(i) {
    const { formula, operands } = this.nodes[i];
    const result = this.number(this.numbers.value[i]);
    const named = this.filled(formula, operands, (k) => this.name(k));
    const numbered = this.filled(formula, operands, (k) => this.number(this.numbers.value[k]), parenthesised);
    return {
      title: ["The value of ", this.name(i)],
      body: [equationList([[this.name(i), named], ["", numbered], ["", element("b", {}, result)]])],
      spoken: `${this.plainName(i)} = ${plain(numbered)} = ${plain(result)}.`,
    };
  }

  start() {
    const first = this.indices().filter((i) => this.usesOf[i].length === 0);
    const equations = first.map((i) => [this.adjointOf(i), element("b", {}, this.number(this.numbers.adjoint[i]))]);
    const output = first.length === 1 && !this.nodes[first[0]].unseenUses;
    const why = output
      ? "The adjoint of a value is the derivative of the output with respect to it. That of the output itself is 1."
      : "The adjoint of a value is the derivative of the output with respect to it. These come from what is not shown.";
    const spoken = first.map((i) => `The adjoint of ${this.plainName(i)} is ${formatted(this.numbers.adjoint[i])}.`);
    return { title: "The way back begins", body: [element("p", {}, why), equationList(equations)], spoken: spoken.join(" ") };
  }

  pass(i) {
    const { operands, symbol } = this.nodes[i];
    const edges = operands.map((k, edge) => ({ k, edge })).filter(({ k }) => isPassedTo(this.nodes, k));
    const adjoint = this.number(this.numbers.adjoint[i]);
    const fact = ["The adjoint of ", this.name(i), " is ", element("b", {}, adjoint), ". Each operand gets it times the local derivative."];
    return {
      title: ["From ", this.name(i), " back through ", element("span", { class: "symbol" }, symbol)],
      body: [element("p", {}, ...fact), ...edges.map(({ k, edge }) => this.contribution(i, k, edge))],
      spoken: `${this.plainName(i)} passes its adjoint ${plain(adjoint)} back. ${edges.map(({ k, edge }) => this.spokenContribution(i, k, edge)).join(" ")}`,
    };
  }

  contribution(i, k, edge) {
    const { operands, derivatives } = this.nodes[i];
    const slope = this.number(this.numbers.slopes[i][edge]);
    const contribution = this.number(this.numbers.contributions[i][edge]);
    const derivative = () => ["∂", this.name(i), "/∂", this.name(k)];
    const formula = this.filled(derivatives[edge], operands, (operand) => this.name(operand));
    const isNumber = plain(formula) === slope || formula.length === 0;
    const product = [this.number(this.numbers.adjoint[i]), " × ", parenthesised(slope)];
    return element(
      "section",
      { class: "contribution" },
      element("h3", {}, "to ", this.name(k)),
      definitions([
        ["local derivative", [derivative(), isNumber ? [] : [" = ", formula], " = ", slope]],
        ["contribution", [this.adjointOf(i), " × ", derivative(), " = ", product, " = ", element("b", {}, contribution)]],
        this.sum(k, i, edge),
      ]),
    );
  }

  // What operand k has got with this contribution. Where the same step brings several, each counts up to itself.
  soFar(k, from, edge) {
    const all = this.known.arrived[k];
    const arrived = all.slice(0, all.findIndex((use) => use.from === from && use.edge === edge) + 1);
    const terms = arrived.map((use) => this.numbers.contributions[use.from][use.edge]);
    const complete = terms.length === this.usesOf[k].length;
    return { terms, complete, total: complete ? this.numbers.adjoint[k] : sumOf(terms) };
  }

  sum(k, from, edge) {
    const { terms, complete, ...sum } = this.soFar(k, from, edge);
    const total = this.number(sum.total);
    const shown = terms.length > 1 ? [this.added(terms), " = "] : [];
    if (this.nodes[k].unseenUses) {
      const rest = complete ? [" + … = ", element("b", {}, total)] : [" + …"];
      return ["and uses not shown", [this.adjointOf(k), " = ", this.added(terms), rest]];
    }
    const caption = this.usesOf[k].length === 1 ? "adjoint" : `${terms.length} of ${this.usesOf[k].length} added up`;
    return [caption, [this.adjointOf(k), " = ", shown, element("b", {}, total), complete ? [] : " + …"]];
  }

  added(terms) {
    const longest = 6;
    const shown = terms.slice(-longest).map((term, n) => (n ? parenthesised(this.number(term)) : this.number(term)));
    return [terms.length > longest ? "… + " : "", shown.join(" + ")];
  }

  spokenContribution(i, k, edge) {
    const slope = formatted(this.numbers.slopes[i][edge]);
    const contribution = formatted(this.numbers.contributions[i][edge]);
    const { total, complete } = this.soFar(k, i, edge);
    const sum = complete ? `Its adjoint is ${formatted(total)}.` : `Its adjoint is ${formatted(total)} so far.`;
    return `To ${this.plainName(k)}: times the local derivative ${slope} is ${contribution}. ${sum}`;
  }

  // Pieces

  indices() {
    return this.nodes.map((_, i) => i);
  }

  name(i) {
    if (i === null) return "…";
    if (this.nodes[i].role === "constant") return this.number(this.numbers.value[i]);
    return element("span", { class: "name", title: this.nodes[i].name }, this.plainName(i));
  }

  plainName(i) {
    return shortened(this.nodes[i].name);
  }

  adjointOf(i) {
    return ["∂", element("span", { class: "name", title: this.graph.output }, shortened(this.graph.output)), "/∂", this.name(i)];
  }

  number(x) {
    return x === undefined ? "…" : formatted(x);
  }

  // A formula with names or numbers in the places of its operands.
  filled(formula, operands, fill, dressed = (text) => text) {
    return formula.map((piece, n) => {
      if (typeof piece === "string") return piece;
      const before = formula[n - 1] ?? "";
      const after = formula[n + 1] ?? "";
      const alone = (before === "" || /[(,] ?$/.test(before)) && !after.startsWith("^");
      const operand = fill(operands[piece]);
      return alone ? operand : dressed(operand);
    });
  }
}

const sumOf = (terms) => terms.reduce((total, term) => total + term, 0);
const parenthesised = (number) => (number.startsWith(minus) ? `(${number})` : number);
const shortened = (name, longest = 32) => {
  const characters = [...name];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : name;
};

// The text of nested pieces.
function plain(piece) {
  return Array.isArray(piece) ? piece.map(plain).join("") : (piece.textContent ?? piece);
}

// Parts of the document. Text goes in as text, whatever is in it.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat(Infinity));
  return made;
}

function equationList(equations) {
  const rows = equations.map(([left, right]) =>
    element("div", {}, element("span", { class: "left" }, left), element("span", { class: "equals" }, "="), element("span", {}, right)),
  );
  return element("div", { class: "equations" }, ...rows);
}

function definitions(rows) {
  return element("dl", {}, ...rows.flatMap(([caption, text]) => [element("dt", {}, caption), element("dd", {}, text)]));
}
