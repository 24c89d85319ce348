// What is taken home: the weights as a file that model.load reads, Python that goes on from here, a picture.

function download(name, type, content) {
  const link = element("a", { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
  document.body.append(link);
  link.click();
  link.remove();
}

// A number as Python and JSON read it back to the last bit.
function written(x, json) {
  if (!Number.isFinite(x)) {
    const name = Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
    return json ? `"${name}"` : `float("${name}")`;
  }
  if (Object.is(x, -0)) return "-0.0";
  return Number.isInteger(x) && Math.abs(x) < 1e15 ? `${x}.0` : String(x);
}

// Every parameter of the model by its name, in the model's order.
function stateOf(task, theta) {
  const numbers = { ...task.others };
  task.keys.forEach((key, k) => (numbers[key] = theta[k]));
  return Object.fromEntries((task.order ?? task.keys).map((key) => [key, numbers[key]]));
}

function weightsFile(task, theta) {
  const state = stateOf(task, theta);
  const lines = Object.entries(state).map(([key, number]) => `  ${JSON.stringify(key)}: ${written(number, true)}`);
  return `{\n "format": ${JSON.stringify(task.format)},\n "model": ${JSON.stringify(task.model)},\n "parameters": {\n${lines.join(",\n")}\n }\n}\n`;
}

// A whole epoch is behind: `fit` can go on from here.
function isBetweenEpochs(trainer) {
  return !trainer.settings.batch || trainer.order === null || trainer.position >= trainer.data.rows;
}

function pythonCode(task, trainer) {
  const { settings, theta, data } = trainer;
  const list = (numbers) => `[${[...numbers].map((x) => written(x, false)).join(", ")}]`;
  const side = (flat, size, row) => (size === 1 ? written(flat[row], false) : list(flat.slice(row * size, (row + 1) * size)));
  const [xs, ys] = task.sizes;
  const pairs = (of) =>
    Array.from({ length: of.rows }, (_, row) => `    (${task.inputIsList ? list(of.x.slice(row * xs, (row + 1) * xs)) : side(of.x, xs, row)}, ${side(of.y, ys, row)}),\n`).join("");
  const state = stateOf(task, theta);
  const numbers = Object.entries(state).map(([key, x]) => `    ${JSON.stringify(key)}: ${written(x, false)},\n`).join("");
  const optimizer = task.optimizers[settings.optimizer].python.replace("LR", written(settings.lr, false));
  const place = new Map(task.keys.map((key, k) => [key, k]));
  const kept = Object.keys(state).map((key) => `    [${trainer.kept.map((array) => (place.has(key) ? written(array[place.get(key)], false) : "0.0")).join(", ")}],\n`).join("");
  const steps = Object.keys(state).map((key) => (place.has(key) ? trainer.updates : 0));
  const [words, next] = trainer.generator.saved();
  const generator = settings.batch
    ? `generator = random.Random()\ngenerator.setstate((3, (${[...words].join(", ")}, ${next}), None))\n`
    : "generator = None  # all pairs at once: nothing is drawn\n";
  const training = `model = ${task.constructor}
model.load_state_dict({
${numbers}})

pairs = [
${pairs(data)}]
held_out = [
${pairs(task.validation)}]

optimizer = ${optimizer}
state = optimizer.state_dict()
state["steps"] = [${steps.join(", ")}]
state["buffers"] = [
${kept}]
optimizer.load_state_dict(state)

${generator}
history = fit(
    model,
    pairs,
    loss=${task.code.loss},
    optimizer=optimizer,
    epochs=100,
    batch_size=${settings.batch || "None"},
    seed=generator,
    validation=held_out or None,
    compiled=True,
)
print(history)
`;
  const title = JSON.stringify(task.title).slice(1, -1).replaceAll('"', "'");
  const code = [...task.code.definitions, training].join("\n\n\n");
  const future = task.code.definitions.length ? "from __future__ import annotations\n\n" : "";
  return `"""The training of the page ${title}, from step ${trainer.step} on."""\n\n${future}${imports(task.code, code)}\n\n${code}`;
}

// The lines that import what is used, in groups.
function imports({ imports }, code) {
  const renamed = (original, name) => (original === name ? name : `${original} as ${name}`);
  const linesOf = ([module, names]) => {
    const used = names.filter(([, name]) => new RegExp(`\\b${name}\\b`).test(code));
    const whole = used.filter(([original]) => original === null).map(([, name]) => `import ${renamed(module, name)}\n`);
    const parts = used.filter(([original]) => original !== null).map(([original, name]) => renamed(original, name));
    return [...whole, ...(parts.length ? [`from ${module} import ${parts.sort().join(", ")}\n`] : [])].join("");
  };
  return imports.map((group) => group.map(linesOf).join("")).filter(Boolean).join("\n");
}
