// The page: controls, the list of values, and what they do.

const find = (id) => document.getElementById(id);
const graph = JSON.parse(find("graph").textContent, revived);
const { nodes } = graph;
const usesOf = uses(nodes);
const steps = stepsThrough(nodes);
const turn = steps.findIndex((step) => step.pass === "adjoint");
let drawing = new Drawing(find("drawing"), find("map"), nodes, graph.layerOf);
const words = new Words(graph, usesOf);
const check = new Check(find("check"), graph, () => check.show(numbers));
const pace = 1600; // milliseconds a step while playing
const firstNumbers = recorded(nodes);
let numbers = firstNumbers;
let current = 0;
let playing = null;

// The list of values

const rows = nodes.map((node, i) => (node.role === "constant" ? null : listed(node, i)));
const isLeaf = (i) => nodes[i].symbol === undefined;
const inOrder = [...nodes.keys()].sort((i, j) => isLeaf(j) - isLeaf(i)); // leaves first: they are what one changes
document.querySelector("tbody").append(...inOrder.filter((i) => rows[i]).map((i) => rows[i].row));

function listed(node, i) {
  const isInput = graph.editable && node.symbol === undefined;
  const value = element("td", {});
  const adjoint = element("td", { class: "adjoint" });
  const input = isInput
    ? element("input", {
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        autocapitalize: "off",
        enterkeyhint: "done",
        "aria-label": `value of ${node.name}`,
      })
    : null;
  if (input) {
    input.addEventListener("input", () => edited(i, input));
    input.addEventListener("focus", () => (input.value = exactly(numbers.value[i])));
    input.addEventListener("blur", () => {
      showProblem(input, false);
      show();
    });
    value.append(input);
  }
  const row = element(
    "tr",
    {},
    element("th", { scope: "row", title: node.name }, element("span", {}, node.name)),
    value,
    adjoint,
  );
  return { row, value, adjoint, input };
}

function edited(i, input) {
  const number = typedNumber(input.value);
  showProblem(input, number === undefined);
  if (number === undefined) return;
  const given = [...numbers.value];
  given[i] = number;
  numbers = computed(nodes, given);
  find("reset").disabled = false;
  show();
}

function showProblem(input, isThere) {
  if (isThere) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  find("problem").textContent = isThere ? "Not a number yet: one looks like 0.5, -2e-3, 1/3, pi/4 or inf." : "";
}

function reset() {
  numbers = firstNumbers;
  find("slider").focus();
  find("reset").disabled = true;
  show();
}

// Going through the steps

function go(step) {
  current = Math.min(Math.max(step, 0), steps.length - 1);
  show();
}

function stop() {
  clearInterval(playing);
  playing = null;
  showPlaying();
}

function play() {
  if (playing !== null) return stop();
  if (current === steps.length - 1) go(0);
  playing = setInterval(() => {
    go(current + 1);
    if (current === steps.length - 1) stop();
  }, pace);
  showPlaying();
}

function showPlaying() {
  const button = find("play");
  button.classList.toggle("playing", playing !== null);
  button.setAttribute("aria-label", playing === null ? "Play" : "Pause");
}

function show() {
  const step = steps[current];
  const known = knownAfter(current, nodes, steps, usesOf);
  const { title, body, spoken } = words.of(step, numbers, known);
  const where = `Step ${current + 1} of ${steps.length}`;
  const pass = step.pass === "forward" ? "forward pass" : "adjoint pass";
  document.body.dataset.pass = step.pass;
  find("step-number").replaceChildren(where, " · ", element("span", { class: step.pass }, pass));
  find("step-title").replaceChildren(...[title].flat(Infinity));
  find("step-body").replaceChildren(...body);
  find("spoken").textContent = `${where}, ${pass}. ${spoken}`;
  find("slider").value = current;
  find("slider").setAttribute("aria-valuetext", `${where}, ${pass}`);
  find("first").disabled = find("back").disabled = current === 0;
  find("last").disabled = find("next").disabled = current === steps.length - 1;
  drawing.show(step, numbers, known);
  rows.forEach((listing, i) => listing && showListed(listing, i, step, known));
  check.show(numbers);
  if (step.node !== undefined && !isTyping() && !narrow.matches) bringIntoView(rows[step.node].row);
}

function showListed({ row, value, adjoint, input }, i, step, known) {
  row.classList.toggle("lit", step.node === i);
  if (!input) write(value, known.value[i], numbers.value[i]);
  else if (input !== document.activeElement) input.value = formatted(numbers.value[i], 6);
  write(adjoint, known.adjoint[i], numbers.adjoint[i] + 0); // not -0, exact as that is
}

// The list stays where it is while someone types into it; on a phone too, where it is short: leaves come first.
const narrow = matchMedia("(max-width: 52rem)");
const isTyping = () => document.activeElement.matches("#list input");

function bringIntoView(row) {
  const [list, heading] = [find("list"), document.querySelector("thead").offsetHeight];
  const [top, bottom] = [row.offsetTop - heading, row.offsetTop + row.offsetHeight - list.clientHeight];
  list.scrollTop = Math.max(Math.min(list.scrollTop, top), bottom);
}

function write(cell, isKnown, number) {
  cell.textContent = isKnown ? formatted(number, 6) : "";
  if (isKnown) cell.dataset.number = exactly(number);
  else delete cell.dataset.number;
}

// Controls

find("note").textContent = graph.note;
find("reset").hidden = !graph.editable;
find("slider").max = steps.length - 1;
find("track").style.setProperty("--turn", `${(100 * (turn - 0.5)) / (steps.length - 1)}%`);
const controls = {
  first: () => go(0),
  back: () => go(current - 1),
  next: () => go(current + 1),
  last: () => go(steps.length - 1),
};
for (const [id, action] of Object.entries(controls)) {
  find(id).addEventListener("click", () => {
    stop();
    action();
  });
}
find("play").addEventListener("click", play);
find("reset").addEventListener("click", reset);
find("slider").addEventListener("input", (event) => {
  stop();
  go(event.target.valueAsNumber);
});

// Layers, folded into a card each, or one of them unfolded, or all

function unfold(which) {
  const template = find("drawing").querySelector(`template[data-unfolded="${which}"]`);
  drawing.svg.replaceWith(template.content.cloneNode(true));
  drawing.view.close();
  const { zoom } = drawing.view;
  drawing = new Drawing(find("drawing"), find("map"), nodes, graph.layerOf);
  drawing.view.zoom = zoom;
  showUnfolded(which);
  show();
}

function showUnfolded(which) {
  for (const button of find("layers").children) button.setAttribute("aria-pressed", button.value === which);
}

if (graph.layers.length) {
  const choices = [["", "Fold all"], ...graph.layers.map((name, k) => [String(k), name]), ["all", "Unfold all"]];
  for (const [value, caption] of choices) {
    const button = element("button", { type: "button", value, title: value && value !== "all" ? `Unfold ${caption}` : "" }, shortened(caption));
    button.addEventListener("click", () => unfold(value));
    find("layers").append(button);
  }
  find("layers").hidden = false;
  showUnfolded(drawing.svg.dataset.unfolded);
  find("drawing").addEventListener("click", (event) => {
    const card = event.target.closest(".layer");
    if (card) unfold(card.id.replace("layer-", ""));
  });
}

// How large the drawing is

const zooms = {
  smaller: () => drawing.view.zoomBy(0.8),
  larger: () => drawing.view.zoomBy(1.25),
  fit: () => drawing.view.zoomTo(drawing.view.whole),
  follow: () => drawing.view.zoomTo(null),
};
for (const [id, action] of Object.entries(zooms)) {
  find(id).addEventListener("click", () => {
    action();
    find("follow").setAttribute("aria-pressed", drawing.view.zoom === null);
  });
}

const keys = { ArrowLeft: controls.back, ArrowRight: controls.next, Home: controls.first, End: controls.last };
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input[type=text], select")) return;
  const zoom = { "+": "larger", "=": "larger", "-": "smaller", 0: "fit", f: "follow" }[event.key];
  if (zoom) find(zoom).click();
  else if (event.shiftKey) return;
  else if (event.key === " " && !event.target.matches("button")) play();
  else if (Object.hasOwn(keys, event.key)) {
    stop();
    keys[event.key]();
  } else return;
  event.preventDefault();
});

// The theme is the system's until the button says otherwise.
const theme = find("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const { dataset } = document.documentElement;
const isDark = () => (dataset.theme ? dataset.theme === "dark" : system.matches);
const showTheme = () => theme.setAttribute("aria-pressed", isDark());
system.addEventListener("change", showTheme);
theme.addEventListener("click", () => {
  dataset.theme = isDark() ? "light" : "dark";
  showTheme();
});

showTheme();
show();
