// Stepping through both passes of a graph: the controls, the list of values, and what they do. The parts of the
// document are those of steps.html; the drawing is there already.

const pace = 1600; // milliseconds a step while playing
const find = (id) => document.getElementById(id);

// The list stays where it is while someone types into it; on a phone too, where it is short: leaves come first.
const narrow = matchMedia("(max-width: 52rem)");
const isTyping = () => document.activeElement.matches("#list input");

class StepThrough {
  constructor(graph, numbers = recorded(graph.nodes)) {
    this.graph = graph;
    this.nodes = graph.nodes;
    this.usesOf = uses(this.nodes);
    this.steps = stepsThrough(this.nodes);
    this.drawing = new Drawing(find("drawing"), find("map"), this.nodes, graph.layerOf);
    this.words = new Words(graph, this.usesOf);
    this.check = new Check(find("check"), graph, () => this.check.show(this.numbers));
    this.firstNumbers = this.numbers = numbers;
    this.current = 0;
    this.playing = null;
    this.listening = new AbortController(); // for when the page goes on without it
    this.list();
    this.listen();
    this.offerLayers();
    this.show();
  }

  close() {
    this.stop();
    this.drawing.view.close();
    this.listening.abort();
    delete document.body.dataset.pass;
  }

  // The list of values

  list() {
    const { nodes } = this;
    this.rows = nodes.map((node, i) => (node.role === "constant" ? null : this.listed(node, i)));
    const isLeaf = (i) => nodes[i].symbol === undefined;
    const inOrder = [...nodes.keys()].sort((i, j) => isLeaf(j) - isLeaf(i)); // leaves first: they are what one changes
    find("list").querySelector("tbody").append(...inOrder.filter((i) => this.rows[i]).map((i) => this.rows[i].row));
    find("note").textContent = this.graph.note;
    find("reset").hidden = !this.graph.editable;
  }

  listed(node, i) {
    const isInput = this.graph.editable && node.symbol === undefined;
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
      input.addEventListener("input", () => this.edited(i, input));
      input.addEventListener("focus", () => (input.value = exactly(this.numbers.value[i])));
      input.addEventListener("blur", () => {
        this.showProblem(input, false);
        this.show();
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

  edited(i, input) {
    const number = typedNumber(input.value);
    this.showProblem(input, number === undefined);
    if (number === undefined) return;
    const given = [...this.numbers.value];
    given[i] = number;
    this.numbers = computed(this.nodes, given);
    find("reset").disabled = false;
    this.show();
  }

  showProblem(input, isThere) {
    if (isThere) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    find("problem").textContent = isThere ? "Not a number yet: one looks like 0.5, -2e-3, 1/3, pi/4 or inf." : "";
  }

  reset() {
    this.numbers = this.firstNumbers;
    find("slider").focus();
    find("reset").disabled = true;
    this.show();
  }

  // Going through the steps

  go(step) {
    this.current = Math.min(Math.max(step, 0), this.steps.length - 1);
    this.show();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.showPlaying();
  }

  play() {
    const last = this.steps.length - 1;
    if (this.playing !== null) return this.stop();
    if (this.current === last) this.go(0);
    this.playing = setInterval(() => {
      this.go(this.current + 1);
      if (this.current === last) this.stop();
    }, pace);
    this.showPlaying();
  }

  showPlaying() {
    const button = find("play");
    button.toggleAttribute("data-playing", this.playing !== null);
    button.setAttribute("aria-label", this.playing === null ? "Play" : "Pause");
  }

  show() {
    const { current, steps, nodes, numbers } = this;
    const step = steps[current];
    const known = knownAfter(current, nodes, steps, this.usesOf);
    const { title, body, spoken } = this.words.of(step, numbers, known);
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
    this.drawing.show(step, numbers, known);
    this.rows.forEach((listing, i) => listing && this.showListed(listing, i, step, known));
    this.check.show(numbers);
    if (step.node !== undefined && !isTyping() && !narrow.matches) bringIntoView(this.rows[step.node].row);
  }

  showListed({ row, value, adjoint, input }, i, step, known) {
    const { numbers } = this;
    row.classList.toggle("lit", step.node === i);
    if (!input) write(value, known.value[i], numbers.value[i]);
    else if (input !== document.activeElement) input.value = formatted(numbers.value[i], 6);
    write(adjoint, known.adjoint[i], numbers.adjoint[i] + 0); // not -0, exact as that is
  }

  // Controls

  listen() {
    const { steps } = this;
    const turn = steps.findIndex((step) => step.pass === "adjoint");
    find("slider").max = steps.length - 1;
    find("track").style.setProperty("--turn", `${(100 * (turn - 0.5)) / (steps.length - 1)}%`);
    const controls = {
      first: () => this.go(0),
      back: () => this.go(this.current - 1),
      next: () => this.go(this.current + 1),
      last: () => this.go(steps.length - 1),
    };
    for (const [id, action] of Object.entries(controls)) {
      find(id).addEventListener("click", () => {
        this.stop();
        action();
      });
    }
    find("play").addEventListener("click", () => this.play());
    find("reset").addEventListener("click", () => this.reset());
    find("slider").addEventListener("input", (event) => {
      this.stop();
      this.go(event.target.valueAsNumber);
    });
    const zooms = {
      smaller: () => this.drawing.view.zoomBy(0.8),
      larger: () => this.drawing.view.zoomBy(1.25),
      fit: () => this.drawing.view.zoomTo(this.drawing.view.whole),
      follow: () => this.drawing.view.zoomTo(null),
    };
    for (const [id, action] of Object.entries(zooms)) {
      find(id).addEventListener("click", () => {
        action();
        find("follow").setAttribute("aria-pressed", this.drawing.view.zoom === null);
      });
    }
    const keys = { ArrowLeft: controls.back, ArrowRight: controls.next, Home: controls.first, End: controls.last };
    const onKey = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input[type=text], select")) return;
      const zoom = { "+": "larger", "=": "larger", "-": "smaller", 0: "fit", f: "follow" }[event.key];
      if (zoom) find(zoom).click();
      else if (event.shiftKey) return;
      else if (event.key === " " && !event.target.matches("button")) this.play();
      else if (Object.hasOwn(keys, event.key)) {
        this.stop();
        keys[event.key]();
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey, { signal: this.listening.signal });
  }

  // Layers, folded into a card each, or one of them unfolded, or all

  offerLayers() {
    const { layers = [] } = this.graph;
    if (!layers.length) return;
    const choices = [["", "Fold all"], ...layers.map((name, k) => [String(k), name]), ["all", "Unfold all"]];
    for (const [value, caption] of choices) {
      const button = element("button", { type: "button", value, title: value && value !== "all" ? `Unfold ${caption}` : "" }, shortened(caption));
      button.addEventListener("click", () => this.unfold(value));
      find("layers").append(button);
    }
    find("layers").hidden = false;
    this.showUnfolded(this.drawing.svg.dataset.unfolded);
    find("drawing").addEventListener("click", (event) => {
      const card = event.target.closest(".layer");
      if (card) this.unfold(card.id.replace("layer-", ""));
    });
  }

  unfold(which) {
    const template = find("drawing").querySelector(`template[data-unfolded="${which}"]`);
    const { view } = this.drawing;
    this.drawing.svg.replaceWith(template.content.cloneNode(true));
    view.close();
    this.drawing = new Drawing(find("drawing"), find("map"), this.nodes, this.graph.layerOf);
    this.drawing.view.zoom = view.zoom;
    this.showUnfolded(which);
    this.show();
  }

  showUnfolded(which) {
    for (const button of find("layers").children) button.setAttribute("aria-pressed", button.value === which);
  }
}

function bringIntoView(row) {
  const [list, heading] = [find("list"), find("list").querySelector("thead").offsetHeight];
  const [top, bottom] = [row.offsetTop - heading, row.offsetTop + row.offsetHeight - list.clientHeight];
  list.scrollTop = Math.max(Math.min(list.scrollTop, top), bottom);
}

function write(cell, isKnown, number) {
  cell.textContent = isKnown ? formatted(number, 6) : "";
  if (isKnown) cell.dataset.number = exactly(number);
  else delete cell.dataset.number;
}
