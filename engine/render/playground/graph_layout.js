// A point's graph drawn in columns, with the elements that drawing.js looks for: a card for each value, a small circle
// for its operation, a line for each operand. Parameters have no card: they are the lines, and stand in the list.

const CARD = { width: 116, height: 58, gap: 14 };
const CIRCLE = { width: 54, apart: 56 }; // an operation, and how far the column before is away

// The nodes of each column. What comes from the inputs stands as far left as it can; the rest, as the target and what is
// computed from it alone, just before what uses it first.
function columnsOf(nodes) {
  const column = nodes.map((node) => (node.isInput ? 0 : -1));
  nodes.forEach((node, i) => {
    for (const k of node.operands) if (column[k] >= 0) column[i] = Math.max(column[i], column[k] + 1);
  });
  const users = uses(nodes);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (column[i] < 0 && users[i].length) column[i] = Math.min(...users[i].map(({ from }) => column[from])) - 1;
  }
  const first = Math.min(0, ...column);
  const columns = [];
  nodes.forEach((node, i) => {
    if (node.role !== "parameter") (columns[column[i] - first] ??= []).push(i);
  });
  return Array.from(columns, (each) => each ?? []);
}

function drawnGraph(nodes) {
  const columns = columnsOf(nodes);
  const pitch = CARD.width + CIRCLE.width + CIRCLE.apart;
  const tallest = Math.max(...columns.map((column) => column.length));
  const [width, height] = [columns.length * pitch - CIRCLE.apart + 20, tallest * (CARD.height + CARD.gap) + 20];
  const places = [];
  columns.forEach((column, c) =>
    column.forEach((i, place) => {
      const y = height / 2 + (place - (column.length - 1) / 2) * (CARD.height + CARD.gap);
      places[i] = { left: 10 + c * pitch + CIRCLE.width, y };
    }),
  );
  const root = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "font-size": 12 });
  const [lines, cards] = [svgElement("g", {}), svgElement("g", {})];
  root.append(lines, cards);
  nodes.forEach((node, i) => {
    if (!places[i]) return;
    cards.append(card(node, i, places[i]));
    if (node.symbol === undefined) return;
    const { left, y } = places[i];
    cards.append(circle(node, i, left - CIRCLE.width / 2 - 6, y));
    lines.append(arrow(`edge-${i}`, left - 14, y, left, y));
    node.operands.forEach((k, edge) => {
      const from = places[k];
      if (from) lines.append(arrow(`edge-${i}-${edge}`, from.left + CARD.width, from.y, left - CIRCLE.width + 2, y));
    });
  });
  return root;
}

function card(node, i, { left, y }) {
  const [top, right] = [y - CARD.height / 2, left + CARD.width - 8];
  const group = svgElement("g", { id: `node-${i}`, class: `node ${node.role}` });
  const text = (x, line, words, attributes = {}) => svgElement("text", { x, y: top + 16 + 17 * line, ...attributes }, words);
  const room = "-0.12345";
  const end = { "text-anchor": "end" };
  group.append(svgElement("path", { d: `M${left} ${top}h${CARD.width}v${CARD.height}h${-CARD.width}z` }));
  if (node.role === "constant") group.append(text(left + CARD.width / 2, 1, room, { "text-anchor": "middle" }));
  else {
    group.append(
      text(left + 8, 0, shortened(node.name, 16), { "font-weight": "bold" }),
      text(left + 8, 1, "value", { "font-size": 10 }),
      text(right, 1, room, end),
      text(left + 8, 2, "adjoint", { "font-size": 10 }),
      text(right, 2, room, end),
    );
  }
  return group;
}

function circle(node, i, x, y) {
  const group = svgElement("g", { id: `op-${i}`, class: "node op" });
  const symbol = shortened(node.symbol.replaceAll(" ", ""), 9);
  const size = symbol.length > 3 ? 9 : 12;
  group.append(
    svgElement("ellipse", { cx: x, cy: y, rx: CIRCLE.width / 2 - 8, ry: 12 }),
    svgElement("text", { x, y: y + size / 3, "text-anchor": "middle", "font-size": size }, symbol),
  );
  return group;
}

// A line with its head; the tip is the second corner of the head.
function arrow(id, x1, y1, x2, y2) {
  const group = svgElement("g", { id, class: "edge" });
  const [end, bend] = [x2 - 7, (x2 - x1) / 2];
  group.append(
    svgElement("path", { fill: "none", d: `M${x1} ${y1}C${x1 + bend} ${y1} ${end - bend} ${y2} ${end} ${y2}` }),
    svgElement("polygon", { points: `${end},${y2 - 3.5} ${x2},${y2} ${end},${y2 + 3.5}` }),
  );
  return group;
}
