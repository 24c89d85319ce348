// Parts of the document. Text goes in as text, whatever is in it.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat(Infinity));
  return made;
}

function equationList(equations) {
  const rows = equations.map(([left, right]) =>
    element(
      "div",
      {},
      element("span", { class: "left" }, left),
      element("span", { class: "equals" }, "="),
      element("span", {}, right),
    ),
  );
  return element("div", { class: "equations" }, ...rows);
}

function definitions(rows) {
  return element("dl", {}, ...rows.flatMap(([caption, text]) => [element("dt", {}, caption), element("dd", {}, text)]));
}

// The same of a drawing.
function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat(Infinity));
  return made;
}
