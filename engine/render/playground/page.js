// The page: what is chosen and shown, the controls, and a frame after each change.

const task = JSON.parse(document.getElementById("task").textContent, revived);
for (const name of ["names", "keys", "order"]) task[name] &&= namesOf(task[name]);
for (const unit of task.units) unit.edges = edgesOf(unit.edges);
const byId = (id) => document.getElementById(id);
const SPEEDS = { "one step a second": -1000, "four a second": -250, "one step a frame": 1, "ten a frame": 10, "as fast as it goes": 0 };
const percent = (share) => `${Math.round(100 * share)}%`;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

// What of the task depends on the network, as the page was made with it.
const OF_NETWORK = ["theta", "names", "keys", "order", "units", "others", "cost", "metrics", "outputs", "model", "constructor", "graph", "equations"];
task.given = Object.fromEntries(OF_NETWORK.map((name) => [name, task[name]]));
task.hidden = task.architecture.hidden;
let programOf = givenProgram;

const page = { chosen: { kind: "point", row: 0 }, row: 0, mode: "weights", playing: false, weights: null };
const first = Object.keys(task.optimizers)[0];
const trainer = new Trainer(task, Data.given(task), { optimizer: first, lr: task.optimizers[first].lr, batch: task.batch && task.batch < task.learned.rows ? task.batch : 0 });
let shown = programOf(Math.max(1, task.learned.rows));
let aside = programOf(Math.max(1, task.validation.rows));
const maps = new Maps(task, task.learned);
const curve = new LossCurve((step) => moveTo(step));
let network = new NetworkView(task, choose);
const plane = new PlaneView(task, maps);
const pointer = new PlanePointer(task, plane, choose, edit);
const steps = new PointSteps(task);
const diagnosis = new Diagnosis(task, restart);
const inspector = new Inspector(task, network, plane, choose, edit);
const architecture = new ArchitectureView(task, (hidden) => setNetwork(hidden));

function choose(choice) {
  page.chosen = choice;
  if (choice.kind === "point") page.row = choice.row;
  render();
}

// Dead: no point moves it, and nothing comes back through it.
function deadUnits(grad) {
  const dead = new Set();
  task.units.forEach((unit, k) => {
    if (unit.kind !== "sum" || unit.operations.length === 0 || !unit.a || !unit.delta) return;
    const start = numberAt(shown, unit.a, 0);
    for (let row = 0; row < trainer.data.rows; row++) {
      if (numberAt(shown, unit.a, row) !== start || numberAt(shown, unit.delta, row) !== 0) return;
    }
    if (unit.edges.every(([, weight]) => weight === null || grad[weight] === 0)) dead.add(k);
  });
  return dead;
}

function measured(program, data) {
  program.forward(trainer.theta, null, data.x, data.y, data.rows);
  program.score(trainer.theta, null, data.x, data.y, data.rows);
  return { loss: mean(program, task.cost, data.rows), right: task.metrics.length ? mean(program, task.metrics[0], data.rows) : null };
}

function measure() {
  const { theta, data } = trainer;
  if (data.rows > shown.capacity) shown = programOf(data.rows);
  page.row = Math.min(page.row, data.rows - 1);
  const grad = new Float64Array(trainer.n);
  const learned = measured(shown, data);
  shown.backward(theta, grad, data.x, data.y, data.rows);
  const held = task.validation.rows ? measured(aside, task.validation) : null;
  const next = theta.slice();
  const used = trainer.fault === "accumulate" ? grad.map((g, k) => g + trainer.total[k]) : grad;
  trainer.update(next, used, trainer.kept.map((array) => array.slice()), trainer.updates + 1);
  curve.add(trainer.step, [learned.loss, held?.loss ?? NaN, learned.right ?? NaN, held?.right ?? NaN]);
  return { task, trainer, theta, grad, next, program: shown, data, validation: task.validation, loss: learned.loss, learned, held, dead: deadUnits(grad), row: page.row, chosen: page.chosen, mode: page.mode };
}

// What is drawn at the present step, computed.
function prepared() {
  const state = measure();
  maps.compute(trainer.theta, isDark(), page.row, shown, trainer.data.x);
  return { ...state, maps };
}

function render() {
  const state = prepared();
  network.update(state);
  plane.update(state);
  inspector.update(state);
  curve.update(trainer.step, trainer.furthest);
  const { step, furthest } = trainer;
  byId("timeline").max = furthest;
  byId("timeline").value = step;
  byId("step-now").textContent = step;
  byId("epoch-now").textContent = trainer.settings.batch ? `epoch ${trainer.epoch}` : "";
  byId("to-start").disabled = step === 0;
  byId("step-back").disabled = step === 0;
  const { text, alarm } = storyOf(state, page.before?.step === step - 1 ? page.before.loss : null, () => curve.lastGood());
  page.before = { step, loss: state.loss };
  if (page.storyText !== text) byId("story").textContent = page.storyText = text;
  byId("story").classList.toggle("alarm", alarm);
  if (alarm && page.playing) play(false);
  if (!page.playing) byId("said").textContent = `Step ${step}, loss ${formatted(state.loss)}`;
  const { learned, held } = state;
  const said = (each) => (curve.shown ? percent(each.right) : formatted(each.loss, 3));
  byId("loss-note").textContent = `training ${said(learned)}${held ? `, held out ${said(held)}` : ""}`;
  byId("plane-note").textContent = learned.right === null ? "" : `right: ${percent(learned.right)}${held ? `, held out ${percent(held.right)}` : ""}`;
  const unit = page.chosen.kind === "unit" ? page.chosen.unit : -1;
  const title = unit >= 0 && maps.cells ? network.title(unit) : maps.inputs === 1 ? "Curve" : maps.inputs === 2 ? "Decision" : task.classes ? "Classes" : "Outputs";
  byId("plane-title").textContent = title;
  plane.canvas.setAttribute("aria-label", `${title}: ${byId("plane-note").textContent || byId("loss-note").textContent}`);
  sayTaken();
  if (!page.playing && page.started && trainer.fault === null) history.replaceState(null, "", linkOf(task, trainer, page));
}

function sayModel() {
  const { rows } = task.learned;
  const classes = new Set(Array.from({ length: rows }, (_, row) => plane.classOf(plane.targetOf(task.learned, row))));
  let warning = "";
  if (rows === 1) warning = ". There is only one point: it can be learned by heart, and says nothing of others";
  else if (task.classes && classes.size === 1) warning = ". All points are of one class: there is nothing to tell apart";
  byId("model-line").textContent = task.model + warning;
}

function legend() {
  const held = task.validation.rows ? ", ■ held out" : "";
  sayModel();
  if (maps.inputs > 2) byId("plane-legend").textContent = task.classes ? "Rows: the true class. Columns: the network's. Numbers of points." : "Across: the target. Up: the output.";
  else byId("plane-legend").textContent = `● training${held}${task.classes || maps.inputs === 1 ? "" : "; colour: target and output"}`;
}

// The data, changed by hand: from the present step on, another training.
function edit(change) {
  trainer.changeData(change);
  curve.forget(trainer.step);
  page.before = null;
  showSettings();
  render();
}

// Stepping --------------------------------------------------------------------------------------------------------

function play(on) {
  page.playing = on;
  byId("train").toggleAttribute("data-playing", on);
  byId("train").setAttribute("aria-label", on ? "Pause" : "Train");
  if (on) {
    page.last = performance.now();
    requestAnimationFrame(frame);
  } else render();
}

function frame(now) {
  if (!page.playing) return;
  const speed = SPEEDS[byId("speed").value];
  const began = performance.now();
  if (speed < 0) {
    if (now - page.last < -speed) return void requestAnimationFrame(frame);
    page.last = now;
  }
  if (speed === 0) {
    while (performance.now() - began < 25 && Number.isFinite(advance()));
  } else for (let k = 0; k < Math.max(1, speed); k++) advance();
  render();
  requestAnimationFrame(frame);
}

function advance() {
  const cost = trainer.advance();
  showSettings();
  return cost;
}

function moveTo(step) {
  if (page.playing) play(false);
  trainer.goTo(step);
  page.before = null;
  showSettings();
  render();
}

function stepOn(count) {
  if (page.playing) play(false);
  for (let k = 0; k < count; k++) {
    if (k === count - 1) page.before = { step: trainer.step, loss: measured(shown, trainer.data).loss };
    advance();
  }
  render();
}

function epochOn() {
  const { batch } = trainer.settings;
  const { rows } = trainer.data;
  if (!batch) return stepOn(1);
  const done = isBetweenEpochs(trainer) ? 0 : trainer.position;
  return stepOn(Math.ceil((rows - done) / batch));
}

// Settings --------------------------------------------------------------------------------------------------------

function showSettings() {
  const { lr, optimizer, batch } = trainer.settings;
  if (document.activeElement !== byId("lr")) byId("lr").value = String(lr);
  if (document.activeElement !== byId("seed")) byId("seed").value = page.weights ?? "";
  byId("seed").placeholder = task.hidden === task.architecture.hidden ? "given" : "0";
  byId("optimizer").value = optimizer;
  byId("batch").value = String(batch);
  byId("batch").options[0].textContent = `all ${trainer.data.rows}`;
  byId("noise").value = trainer.data.noise;
  byId("noise").setAttribute("aria-valuetext", `${Math.round(100 * trainer.data.noise)}%`);
}

function change(settings) {
  trainer.change(settings);
  curve.forget(trainer.step);
  showSettings();
  render();
}

// What the lines of the network show.
function showMode(mode) {
  page.mode = mode;
  for (const each of ["weights", "gradients"]) byId(`show-${each}`).setAttribute("aria-pressed", String(each === mode));
}

function offer(select, options) {
  for (const [value, text] of options) select.append(element("option", { value }, text));
}

// From the beginning, with other parameters; `fault`: what is wrong on purpose.
function restart(fault, theta) {
  if (page.playing) play(false);
  trainer.fault = fault;
  trainer.reset(theta);
  curve.measured.clear();
  page.before = null;
  render();
}

// Other hidden layers: another network, which learns from the beginning. With its first weights, if it is the given one.
function setNetwork(hidden) {
  const goesOn = page.playing;
  if (goesOn) play(false);
  const isGiven = JSON.stringify(hidden) === JSON.stringify(task.architecture.hidden);
  const changed = isGiven ? { task: task.given, programOf: givenProgram } : changedTask(task.architecture, hidden);
  Object.assign(task, changed.task, { hidden: isGiven ? task.architecture.hidden : hidden });
  programOf = changed.programOf;
  trainer.makeArrays();
  trainer.makeRoom();
  if (!isGiven || page.weights !== null) task.theta = drawnWeights();
  shown = programOf(Math.max(1, trainer.data.rows));
  aside = programOf(Math.max(1, task.validation.rows));
  maps.makeProgram();
  network.remove();
  network = inspector.network = new NetworkView(task, choose);
  page.chosen = { kind: "point", row: page.row };
  diagnosis.offer();
  sayModel();
  architecture.show();
  restart(null, task.theta);
  if (goesOn) play(true);
}

// The weights of MLP(..., seed=page.weights); of a changed network that nobody gave a seed those of 0.
function drawnWeights() {
  const generator = new MersenneTwister(page.weights ?? 0);
  const place = new Map(task.keys.map((key, k) => [key, k]));
  const theta = new Float64Array(trainer.n);
  for (const key of task.order ?? task.keys) {
    if (!key.includes(".weight.")) continue; // biases start from 0
    const share = ((generator.word() >>> 5) * 67108864 + (generator.word() >>> 6)) / 9007199254740992;
    if (place.has(key)) theta[place.get(key)] = -1 + 2 * share;
  }
  return theta;
}

function drawWeights(seed) {
  page.weights = seed;
  task.theta = drawnWeights();
  restart(null, task.theta);
  showSettings();
  byId("story").textContent = page.storyText = `New weights: those of seed=${page.weights}, evenly from −1 to 1.`;
}

function newWeights() {
  drawWeights((page.weights ?? 0) + 1);
}

// A seed that was typed; nothing for the weights as they were given.
function changeSeed(text) {
  const seed = text.trim() === "" ? null : Number(text);
  const isSeed = seed === null || (Number.isInteger(seed) && seed >= 0 && seed <= MOST_SEED);
  byId("seed").setAttribute("aria-invalid", String(!isSeed));
  if (!isSeed) byId("story").textContent = page.storyText = "A seed is a whole number.";
  else if (seed !== null) drawWeights(seed);
  else {
    page.weights = null;
    setNetwork(task.hidden);
  }
}

// What the address says, if it says anything.
function openLink() {
  const link = location.hash.length > 1 ? readLink(location.hash, task) : null;
  if (!link || (link.weights !== null && !task.draws)) return;
  page.weights = link.weights;
  if (link.hidden) setNetwork(link.hidden);
  else if (page.weights !== null) task.theta = drawnWeights();
  trainer.versions = link.versions;
  trainer.settings = { ...link.events[0][1] };
  trainer.makeRoom();
  trainer.reset(task.theta);
  trainer.events = link.events;
  while (trainer.step < link.step) {
    trainer.advance();
    if (trainer.step % 20 === 0) curve.add(trainer.step, [trainer.loss, NaN, NaN, NaN]);
  }
  page.chosen = readChoice(link, task, trainer.data);
  page.row = page.chosen.row ?? 0;
  showMode(link.mode === "gradients" ? "gradients" : "weights");
}

function sayTaken() {
  const between = isBetweenEpochs(trainer);
  byId("take-film").disabled = trainer.furthest === 0;
  byId("take-link").disabled = trainer.fault !== null;
  byId("take-python").disabled = !task.constructor || !between || trainer.fault !== null;
  const text = !task.constructor
    ? `No Python of this: ${task.code.note}. The weights load into your own.`
    : between
      ? ""
      : "Python goes on from the end of an epoch: press “epoch” first.";
  if (byId("take-note").textContent !== text) byId("take-note").textContent = text;
}

function start() {
  offer(byId("optimizer"), Object.keys(task.optimizers).map((name) => [name, name]));
  const { rows } = task.learned;
  const sizes = [...new Set([1, 10, 32, 100, task.batch].filter((size) => size && size < rows))].sort((a, b) => a - b);
  offer(byId("batch"), [["0", ""], ...sizes.map((size) => [String(size), String(size)])]);
  offer(byId("speed"), Object.keys(SPEEDS).map((name) => [name, name]));
  byId("speed").value = calm ? "one step a second" : "one step a frame";
  byId("train").addEventListener("click", () => play(!page.playing));
  byId("to-start").addEventListener("click", () => moveTo(0));
  byId("step-back").addEventListener("click", () => moveTo(trainer.step - 1));
  byId("step-on").addEventListener("click", () => stepOn(1));
  byId("epoch-on").addEventListener("click", epochOn);
  byId("timeline").addEventListener("input", (event) => moveTo(Number(event.target.value)));
  byId("lr").addEventListener("change", (event) => {
    const lr = typedNumber(event.target.value);
    const isRate = lr !== undefined && lr >= 0 && lr < Infinity;
    event.target.setAttribute("aria-invalid", String(!isRate));
    if (isRate) change({ lr });
    else byId("story").textContent = page.storyText = "A learning rate is a number of at least 0.";
  });
  byId("optimizer").addEventListener("change", (event) => {
    const optimizer = event.target.value;
    change({ optimizer, lr: task.optimizers[optimizer].lr });
  });
  byId("batch").addEventListener("change", (event) => change({ batch: Number(event.target.value) }));
  byId("noise").addEventListener("input", (event) => edit(["noise", event.target.valueAsNumber]));
  byId("noise").title = `Noise on the ${task.classes ? "inputs" : "targets"} of the training points, in shares of their spread`;
  byId("drawn").hidden = !task.draws;
  byId("seed").addEventListener("change", (event) => changeSeed(event.target.value));
  byId("new-weights").addEventListener("click", newWeights);
  for (const mode of ["weights", "gradients"]) {
    byId(`show-${mode}`).addEventListener("click", () => {
      showMode(mode);
      render();
    });
  }
  byId("curve-of").hidden = !task.metrics.length;
  byId("loss-title").classList.toggle("spoken", task.metrics.length > 0);
  ["loss", "right"].forEach((name, k) => byId(`show-${name}`).addEventListener("click", () => {
    curve.shown = 2 * k;
    for (const each of ["loss", "right"]) byId(`show-${each}`).setAttribute("aria-pressed", String(each === name));
    curve.canvas.setAttribute("aria-label", `${k ? "The share of right classes" : "The loss"} by step`);
    render();
  }));
  byId("take-weights").addEventListener("click", () => download("weights.json", "application/json", weightsFile(task, trainer.theta)));
  byId("take-python").addEventListener("click", () => download("training.py", "text/x-python", pythonCode(task, trainer)));
  byId("take-picture").addEventListener("click", () => plane.canvas.toBlob((blob) => download("picture.png", "image/png", blob)));
  byId("take-film").addEventListener("click", () => {
    if (page.playing) play(false);
    download("training.gif", "image/gif", gifOf(filmFrames()));
    render();
  });
  byId("take-link").hidden = window !== window.top; // in another page the address is not seen
  byId("take-link").addEventListener("click", async () => {
    if (page.playing) play(false); // the address is that of the step where it stops
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    byId("take-note").textContent = copied ? "Copied: it leads to this step." : "The address of this page leads to this step: copy it.";
  });
  followTheme(render);
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return; // it has keys of its own
    if (event.target.closest("input, select, button") && event.key !== "e") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const done = { " ": () => play(!page.playing), ArrowRight: () => stepOn(1), ArrowLeft: () => moveTo(trainer.step - 1), Home: () => moveTo(0), e: epochOn }[event.key];
    if (!done) return;
    event.preventDefault();
    done();
  });
  const resized = new ResizeObserver(() => requestAnimationFrame(() => {
    network.layout();
    render();
  }));
  for (const id of ["network", "plane", "curve"]) resized.observe(byId(id));
  byId("show-equations").addEventListener("click", () => {
    byId("equations").querySelector("pre").textContent = task.equations;
    byId("equations").showModal();
  });
  byId("take-equations").addEventListener("click", () => download("equations.txt", "text/plain", `${task.equations}\n`));
  byId("close-equations").addEventListener("click", () => byId("equations").close());
  legend();
  openLink();
  page.started = true;
  showSettings();
  render();
}

start();
