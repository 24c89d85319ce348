// The controls that change the network: neurons and layers more and less, and what each layer's activation is.

class ArchitectureView {
  // change: (hidden layers) -> learns with another network from the beginning.
  constructor(task, change) {
    this.task = task;
    this.change = change;
    this.root = byId("architecture");
    this.button = byId("change-network");
    this.button.addEventListener("click", () => {
      this.root.hidden = !this.root.hidden;
      this.button.setAttribute("aria-expanded", String(!this.root.hidden));
    });
    this.show();
  }

  show() {
    const { note } = this.task.architecture;
    const focused = document.activeElement?.dataset?.architecture;
    const { hidden } = this.task;
    if (note) this.root.replaceChildren(element("p", { class: "quiet" }, note));
    else this.root.replaceChildren(...hidden.map((_, l) => this.layer(l)), this.more());
    const again = focused && this.root.querySelector(`[data-architecture="${focused}"]:enabled`);
    if (focused) (again || this.root.querySelector("button:enabled"))?.focus();
  }

  layer(l) {
    const { hidden, architecture } = this.task;
    const [neurons, activation] = hidden[l];
    const layer = `layer ${l + 1}`;
    const fewer = this.control(`less${l}`, "−", `One neuron less in ${layer}`, () => this.with(l, [neurons - 1, activation]));
    const more = this.control(`more${l}`, "+", `One neuron more in ${layer}`, () => this.with(l, [neurons + 1, activation]));
    fewer.disabled = neurons === 1;
    more.disabled = neurons >= architecture.mostNeurons;
    more.title = more.disabled ? `At most ${architecture.mostNeurons} neurons` : "";
    const select = element("select", { "aria-label": `Activation of ${layer}`, "data-architecture": `activation${l}` });
    for (const name of Object.keys(activations)) select.append(element("option", { value: name }, name));
    select.value = activation;
    select.addEventListener("change", () => this.with(l, [neurons, select.value]));
    const remove = this.control(`without${l}`, "×", `Take ${layer} away`, () => this.change(hidden.filter((_, k) => k !== l)));
    return element("div", { class: "layer-controls", role: "group", "aria-label": `Layer ${l + 1}` }, fewer, element("span", {}, `${neurons}`), more, select, remove);
  }

  more() {
    const { hidden } = this.task;
    const most = templates.length - 1;
    const add = this.control("add", "Add a layer", "Add a hidden layer", () => this.change([...hidden, hidden.at(-1) ?? [4, "tanh"]]));
    add.disabled = hidden.length >= most;
    add.title = add.disabled ? `At most ${most} hidden layers` : "";
    return add;
  }

  with(l, layer) {
    this.change(this.task.hidden.map((each, k) => (k === l ? layer : each)));
  }

  control(key, text, name, action) {
    const button = element("button", { type: "button", "data-architecture": key, "aria-label": name, title: name }, text);
    button.addEventListener("click", action);
    return button;
  }
}
