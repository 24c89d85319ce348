// What the page knows of a network with other hidden layers: its program, made from the template of its depth, where its
// numbers are, its names, its units, and the graph of a point.

const superscript = (number) => String(number).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

// hidden: [number of neurons, activation] of each hidden layer. Returns what of a task is another then, and its program.
function changedTask(architecture, hidden) {
  const { inputs, outputs, last, written } = architecture;
  const template = templates[hidden.length];
  const n = hidden.map(([neurons]) => neurons);
  const sizes = [inputs, ...n, outputs];
  const operations = [...hidden.map(([, activation]) => activation), last];
  const places = template.places(n);
  const [names, keys, start] = [[], [], { weight: [], bias: [] }];
  for (const [kind, layer] of template.order) {
    start[kind][layer] = keys.length;
    const mark = superscript(layer + 1);
    for (let j = 0; j < sizes[layer + 1]; j++) {
      if (kind === "bias") {
        names.push(`b${mark}[${j}]`);
        keys.push(`layers.${layer}.bias.${j}`);
      }
      for (let k = 0; kind === "weight" && k < sizes[layer]; k++) {
        names.push(`w${mark}[${j}][${k}]`);
        keys.push(`layers.${layer}.weight.${j}.${k}`);
      }
    }
  }
  const order = operations.flatMap((_, layer) => ["weight", "bias"].flatMap((kind) => keys.filter((key) => key.startsWith(`layers.${layer}.${kind}.`))));
  const input = (k) => ["x", inputs, k];
  const units = Array.from({ length: inputs }, (_, k) => ({ kind: "input", column: 0, edges: [], bias: null, place: k + 1, operations: [], z: input(k), a: input(k), delta: null }));
  places.layers.forEach((layer, l) => {
    const before = units.length - sizes[l];
    for (let j = 0; j < sizes[l + 1]; j++) {
      const place = (each) => each && [each[0], each[1], each[2] + j * each[3]];
      units.push({
        kind: "sum",
        column: l + 1,
        edges: Array.from({ length: sizes[l] }, (_, k) => [before + k, start.weight[l] + j * sizes[l] + k]),
        bias: start.bias[l] + j,
        place: 0,
        operations: operations[l] === "linear" ? [] : [operations[l]],
        z: place(layer.z),
        a: place(layer.a),
        delta: place(layer.delta),
      });
    }
  });
  const list = (texts) => `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
  const layers = `[${sizes.slice(1).join(", ")}]`;
  const [different, one] = [new Set(operations.slice(0, -1)), JSON.stringify(operations[0])];
  const isPlain = different.size < 2 && last === "linear";
  const said = !isPlain ? `, activation=${list(operations)}` : hidden.length ? `, activation=${one}` : "";
  const functions = operations.slice(0, -1).map((name) => activations[name]);
  return {
    programOf: template.programOf(n, functions),
    task: {
      theta: new Array(keys.length).fill(0),
      names, keys, order, units,
      others: {},
      cost: places.cost,
      metrics: places.metrics,
      outputs: places.outputs,
      model: `MLP(${inputs}, ${layers}${said}): ${keys.length} parameters`, // as its repr in Python: a file of weights has it
      constructor: task.code.note ? "" : `MLP(${inputs}, ${layers}, activation=[${operations.map((name) => written[name]).join(", ")}])`,
      equations: filledEquations(architecture, operations),
      graph: changedGraph(architecture, sizes, operations, start),
    },
  };
}

// The equations of a depth with the activations of the layers: f(z), and f'(z) for its slope; then what these are.
function filledEquations({ equations, said }, operations) {
  const isLinear = (layer) => operations[layer - 1] === "linear";
  const text = equations[operations.length - 1]
    .replace(/ \* slope(\d)\((\w+), \w+\)/g, (_, layer, z) => (isLinear(layer) ? "" : ` * ${operations[layer - 1]}'(${z})`))
    .replace(/activation(\d)\((\w+)\)/g, (_, layer, z) => (isLinear(layer) ? z : `${operations[layer - 1]}(${z})`));
  const formulas = [...new Set(operations.slice(0, -1))].map((name) => said[name]).filter(Boolean);
  return [text, ...formulas].join("\n\n");
}

// The graph of a point, as Python writes the given one.
function changedGraph({ graph }, sizes, operations, start) {
  if (!graph) return { note: task.given.graph.note };
  const nodes = [];
  const add = (...node) => nodes.push(node) - 1;
  let before = Array.from({ length: sizes[0] }, (_, k) => add(`x[${k}]`, "leaf", ["x", k]));
  operations.forEach((operation, l) => {
    const mark = superscript(l + 1);
    const own = [];
    for (let j = 0; j < sizes[l + 1]; j++) {
      const at = (k) => ["theta", start.weight[l] + j * sizes[l] + k];
      const weights = before.map((_, k) => add(`w${mark}[${j}][${k}]`, "parameter", at(k)));
      const bias = add(`b${mark}[${j}]`, "parameter", ["theta", start.bias[l] + j]);
      own.push(add(`z${mark}[${j}]`, "inner", [...weights, ...before, bias], graph.sums[sizes[l]]));
    }
    const activation = graph.activations[operation];
    before = own.map((z, j) => {
      if (!activation) return z;
      const [kind, defaults] = activation;
      return add(`a${mark}[${j}]`, "inner", [z, ...defaults.map((number) => add(String(number), "constant", number))], kind);
    });
  });
  const first = nodes.length;
  for (const [name, role, from, kind] of graph.loss) {
    add(name, role, kind === undefined ? from : from.map((k) => (typeof k === "string" ? before[Number(k.slice(3))] : first + k)), kind);
  }
  if (nodes.length > graph.most) return { note: graph.tooLarge };
  return { note: "", output: nodes[nodes.length - 1][0], nodes };
}
