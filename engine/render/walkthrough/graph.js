// The numbers of a graph: its values, and the adjoints of its output.
//
// nodes[i] has its operands, positions below i; what of the graph is not shown is null. rules[r](...operands) is the
// value and the pullback, as in Python.

// The numbers that the engine computed.
function recorded(nodes) {
  return {
    value: nodes.map((node) => node.value),
    adjoint: nodes.map((node) => node.adjoint),
    slopes: nodes.map((node) => node.slopes ?? []),
    contributions: nodes.map((node) => node.contributions ?? []),
  };
}

// The numbers for other leaves: given[i] is the value of leaf i.
function computed(nodes, given) {
  const value = [];
  const pullback = [];
  nodes.forEach((node, i) => {
    if (node.rule === undefined) value[i] = given[i];
    else [value[i], pullback[i]] = rules[node.rule](...node.operands.map((k) => value[k]));
  });
  const adjoint = nodes.map(() => 0);
  adjoint[nodes.length - 1] = 1;
  const contributions = nodes.map(() => []);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!pullback[i]) continue;
    contributions[i] = pullback[i](adjoint[i]);
    nodes[i].operands.forEach((k, j) => (adjoint[k] += contributions[i][j]));
  }
  return { value, adjoint, contributions, slopes: nodes.map((node, i) => pullback[i]?.(1) ?? []) };
}

// For each node the edges by which contributions come back to it, in the order in which they do.
function uses(nodes) {
  const found = nodes.map(() => []);
  for (let i = nodes.length - 1; i >= 0; i--) {
    nodes[i].operands.forEach((k, j) => k !== null && found[k].push({ from: i, edge: j }));
  }
  return found;
}
