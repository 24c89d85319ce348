// A unit's delta as a sum over the paths from it to the loss: each the product of the slopes of the activations, the
// weights along it, and the delta of the output where it ends.

const MOST_PATHS = 5000;

// The paths from unit k at a point, largest first: [{ units, factors, product }]; null where a part of the way is no sum of
// units, or they are too many.
function pathsFrom(network, k, state) {
  const { units } = network.task;
  const delta = (u) => numberAt(state.program, units[u].delta, state.row) * state.data.rows;
  const users = (u) => network.edges.filter((edge) => edge.from === u);
  const weight = (edge) => (edge.weight === null ? 1 : state.theta[edge.weight]);
  const found = [];
  const follow = (u, before, factors) => {
    const onward = users(u);
    if (units[u].kind !== "sum" || !units[u].delta || found.length > MOST_PATHS) return false;
    if (!onward.length || network.outputs.has(u)) {
      const all = [...factors, delta(u)];
      found.push({ units: [...before, u], factors: all, product: all.reduce((product, factor) => product * factor, 1) });
      return network.outputs.has(u) && !onward.length;
    }
    const arrived = onward.reduce((sum, edge) => sum + weight(edge) * (units[edge.to].delta ? delta(edge.to) : NaN), 0);
    const slope = arrived === 0 ? 0 : delta(u) / arrived;
    const own = units[u].operations.length ? [slope] : [];
    return onward.every((edge) => follow(edge.to, [...before, u], [...factors, ...own, weight(edge)]));
  };
  return follow(k, [], []) && found.length <= MOST_PATHS ? found.sort((p, q) => Math.abs(q.product) - Math.abs(p.product)) : null;
}

// The table of a weight's share of the gradient at a point: a times each path.
function pathTable(network, paths, a) {
  const shown = paths.slice(0, 8);
  const title = (units) => (units.length > 1 ? units.slice(1).map((u) => network.symbol(u)).join(" → ") : "straight to the loss");
  const row = (path, factors, product) => element("tr", {}, element("td", {}, path), element("td", {}, formatted(product, 3)), element("td", {}, factors));
  const rows = shown.map(({ units, factors, product }) => row(title(units), [a, ...factors].map((factor) => formatted(factor, 2)).join("\u2009×\u2009").replace(/^/, "= "), a * product));
  const rest = paths.slice(8).reduce((sum, { product }) => sum + a * product, 0);
  if (paths.length > 8) rows.push(row(`${paths.length - 8} more`, "", rest));
  return element("table", { class: "paths" }, element("caption", {}, `the sum over ${paths.length} path${paths.length > 1 ? "s" : ""}: a, each slope and weight, δ of the output`), element("tbody", {}, rows));
}
