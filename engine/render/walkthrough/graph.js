// The numbers of a graph: its values, and the adjoints of its output.
//
// nodes[i] has its operands, positions below i; what of the graph is not shown is null. rules[r](...operands) is the
// value and the pullback, as in Python. Where there is no derivative at all, as of a comparison, a contribution is null.

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
  const contributions = nodes.map((node) => (node.operands ?? []).map(() => 0));
  const isReached = nodes.map((_, i) => i === nodes.length - 1); // the others pass nothing on, not even 0 × ∞
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!pullback[i] || !isReached[i]) continue;
    pullback[i](adjoint[i]).forEach((contribution, j) => {
      if (contribution === null) return;
      const k = nodes[i].operands[j];
      contributions[i][j] = contribution;
      adjoint[k] += contribution;
      isReached[k] = true;
    });
  }
  const slopes = pullback.map((passOn) => passOn(1).map((slope) => slope ?? 0));
  return { value, adjoint, contributions, slopes: nodes.map((_, i) => slopes[i] ?? []) };
}

// For each node the edges by which contributions come back to it, in the order in which they do.
function uses(nodes) {
  const found = nodes.map(() => []);
  for (let i = nodes.length - 1; i >= 0; i--) {
    nodes[i].operands.forEach((k, j) => k !== null && found[k].push({ from: i, edge: j }));
  }
  return found;
}
