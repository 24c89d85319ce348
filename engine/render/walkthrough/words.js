// Steps put into words: for each {title, body, spoken}, the body as parts of the document. The method of a step is
// called as its kind.

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
    const rest = leaves.length - shown.length;
    const more = rest ? ` and ${rest} more in the list` : "";
    const equations = shown.map((i) => [this.name(i), this.number(this.numbers.value[i])]);
    const spoken = shown.map((i) => `${this.plainName(i)} is ${formatted(this.numbers.value[i])}`);
    const invitation = this.graph.editable ? " Type other numbers into the list to see what they change." : "";
    const text = `The leaves, which nothing computes.${invitation}`;
    return {
      title: "What is given",
      body: [element("p", {}, text), equationList(equations), element("p", {}, more)],
      spoken: `Given: ${spoken.join(", ")}${more}.`,
    };
  }

  value(i) {
    const { formula, operands } = this.nodes[i];
    const result = this.number(this.numbers.value[i]);
    const named = this.filled(formula, operands, (k) => this.name(k));
    const numbered = this.filled(formula, operands, (k) => this.number(this.numbers.value[k]), parenthesised);
    return {
      title: ["The value of ", this.name(i)],
      body: [
        equationList([
          [this.name(i), named],
          ["", numbered],
          ["", element("b", {}, result)],
        ]),
      ],
      spoken: `${this.plainName(i)} = ${plain(numbered)} = ${plain(result)}.`,
    };
  }

  start() {
    const first = this.indices().filter((i) => this.usesOf[i].length === 0);
    const equations = first.map((i) => [this.adjointOf(i), element("b", {}, this.number(this.numbers.adjoint[i]))]);
    const isOutput = first.length === 1 && !this.nodes[first[0]].unseenUses;
    const why = isOutput ? "That of the output itself is 1." : "These come from what is not shown.";
    const text = `The adjoint of a value is the derivative of the output with respect to it. ${why}`;
    const spoken = first.map((i) => `The adjoint of ${this.plainName(i)} is ${formatted(this.numbers.adjoint[i])}.`);
    return {
      title: "The backward pass begins",
      body: [element("p", {}, text), equationList(equations)],
      spoken: spoken.join(" "),
    };
  }

  pass(i) {
    const { operands, symbol } = this.nodes[i];
    const edges = operands.map((k, edge) => ({ k, edge })).filter(({ k }) => isPassedTo(this.nodes, k));
    const spoken = edges.map(({ k, edge }) => this.spokenContribution(i, k, edge));
    const adjoint = this.number(this.numbers.adjoint[i]);
    const fact = ["The adjoint of ", this.name(i), " is ", element("b", {}, adjoint), "."];
    return {
      title: ["From ", this.name(i), " back through ", element("span", { class: "symbol" }, symbol)],
      body: [
        element("p", {}, ...fact, " Each operand gets it times the local derivative."),
        ...edges.map(({ k, edge }) => this.contribution(i, k, edge)),
      ],
      spoken: [`${this.plainName(i)} passes its adjoint ${adjoint} back.`, ...spoken].join(" "),
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
        [
          "contribution",
          [this.adjointOf(i), " × ", derivative(), " = ", product, " = ", element("b", {}, contribution)],
        ],
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
    return [
      "∂",
      element("span", { class: "name", title: this.graph.output }, shortened(this.graph.output)),
      "/∂",
      this.name(i),
    ];
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
