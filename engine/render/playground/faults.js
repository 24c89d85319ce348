// Trainings that are broken on purpose, to be diagnosed from what can be seen.

const FAULTS = {
  accumulate: {
    name: "the gradients are not set to 0 before each step",
    sign: "Gradients add up from step to step: the loss falls, shoots past its minimum, and swings ever wider. Without zero_grad each step goes along the sum of all gradients so far.",
  },
  sign: {
    name: "the steps go up the gradient, not down",
    sign: "The loss rises from the first step on, and what a weight's gradient says is the direction it moves in. The update must subtract: theta - lr * g.",
  },
  rate: {
    name: "the learning rate is far too large",
    sign: "The first step already jumps: the loss leaps up and down or becomes nan, while the gradients point the right way. Divide the learning rate by 10, and again.",
  },
  equal: {
    name: "all weights of a layer start from the same number",
    sign: "All neurons of a layer have the same map, and keep it: equal weights get equal gradients. Draw the weights at random.",
  },
  vanish: {
    name: "the gradients vanish on the way back: saturated neurons",
    sign: "Shown by their gradients, the lines fade towards the inputs: behind the first layer z is far from 0 for every point, where the activation is flat, and each slope near 0 multiplies what comes back. The last layer learns, the first gets next to nothing. Start from biases of 0 and small weights, or take relu.",
  },
  dead: {
    name: "the neurons of the first layer are dead",
    sign: "Their boxes are dashed: z is below 0 for every point, relu passes nothing, so their weights get no gradient and stay. Biases that start at 0, and smaller steps, prevent it.",
  },
};

// Whether a neuron behind the first layer can be driven to where its activation is flat.
function saturates(unit) {
  return unit.column > 1 && unit.bias !== null && unit.operations.some((name) => name === "tanh" || name === "sigmoid");
}

function possibleFaults(task) {
  const hidden = task.units.filter((unit) => unit.kind === "sum" && unit.operations.length);
  const rectified = hidden.some((unit) => unit.column === 1 && unit.operations.includes("relu") && unit.bias !== null);
  const canHave = { dead: rectified, equal: hidden.length > 1, vanish: hidden.some(saturates) };
  return Object.keys(FAULTS).filter((key) => canHave[key] ?? true);
}

// The parameters that a broken training starts from.
function brokenStart(task, fault) {
  const theta = Float64Array.from(task.theta);
  for (const unit of task.units) {
    if (fault === "equal") for (const [, weight] of unit.edges) if (weight !== null) theta[weight] = 0.5;
    if (fault === "vanish" && saturates(unit)) theta[unit.bias] = unit.bias % 2 ? 5 : -5;
    if (fault === "dead" && unit.column === 1 && unit.operations.includes("relu") && unit.bias !== null) theta[unit.bias] = -100;
  }
  return theta;
}

class Diagnosis {
  // start: (fault, theta) -> trains so from the beginning.
  constructor(task, start) {
    this.task = task;
    this.start = start;
    this.offer();
    byId("break").addEventListener("click", () => this.begin());
    byId("answer").addEventListener("click", () => this.answer());
    byId("mend").addEventListener("click", () => this.mend());
  }

  // The faults that this network can have.
  offer() {
    this.fault = null;
    this.faults = possibleFaults(this.task);
    this.next = Math.floor(Math.random() * this.faults.length);
    byId("diagnosis").replaceChildren(...this.faults.map((fault) => element("option", { value: fault }, FAULTS[fault].name)));
    this.show("");
  }

  begin() {
    this.fault = this.faults[this.next];
    this.next = (this.next + 1 + Math.floor(Math.random() * (this.faults.length - 1))) % this.faults.length;
    this.start(this.fault, brokenStart(this.task, this.fault));
    this.show("This training is broken. Train it, look inside, go back, and say what is wrong.");
  }

  answer() {
    const guess = byId("diagnosis").value;
    if (guess === this.fault) this.show(`Right: ${FAULTS[guess].name}. ${FAULTS[guess].sign}`);
    else this.show(`No, it is not that ${FAULTS[guess].name}. Look at the loss, at the maps, and at a weight before and after a step.`);
  }

  mend() {
    this.fault = null;
    this.start(null, Float64Array.from(this.task.theta));
    this.show("");
  }

  show(text) {
    const broken = Boolean(this.fault);
    byId("diagnosis-form").hidden = !broken;
    byId("diagnosis-text").textContent = text;
    byId("break").textContent = broken ? "Another one" : "Break it";
    byId("break").title = "A training with a fault that you are to find: another one each time";
  }
}
