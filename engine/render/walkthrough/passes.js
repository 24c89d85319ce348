// The steps through both passes, and what is known after each.

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
