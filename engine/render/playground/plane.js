// What the network computes over its inputs: a map for two inputs, a curve for one; and for more, outputs beside targets.

class Maps {
  constructor(task, data) {
    this.task = task;
    this.inputs = task.sizes[0];
    this.side = this.inputs === 2 ? 40 : this.inputs === 1 ? 80 : 0;
    const cells = this.inputs === 2 ? this.side ** 2 : this.side;
    this.cells = cells;
    this.ranges = Array.from({ length: this.inputs }, (_, j) => {
      let [low, high] = [Infinity, -Infinity];
      for (let row = 0; row < data.rows; row++) {
        low = Math.min(low, data.x[row * this.inputs + j]);
        high = Math.max(high, data.x[row * this.inputs + j]);
      }
      const margin = (high - low || 1) * 0.12;
      return [low - margin, high + margin];
    });
    if (!cells) return;
    this.makeProgram();
    this.x = new Float64Array(cells * this.inputs);
    for (let cell = 0; cell < cells; cell++) {
      const share = [(cell % this.side) + 0.5, this.side - 0.5 - Math.floor(cell / this.side)];
      for (let j = 0; j < this.inputs; j++) {
        const [low, high] = this.ranges[j];
        this.x[cell * this.inputs + j] = low + ((high - low) * share[j]) / this.side;
      }
    }
    this.image = new ImageData(this.side, this.inputs === 2 ? this.side : this.side);
  }

  makeProgram() {
    if (this.cells) this.program = programOf(this.cells);
  }

  compute(theta, dark, row, program, x) {
    this.dark = dark;
    this.row = row;
    this.points = program;
    this.pointsX = x;
    this.theta = theta;
    if (this.cells) this.program.forward(theta, null, this.x, null, this.cells);
  }

  numbers(place) {
    return Float64Array.from({ length: this.cells }, (_, cell) => numberAt(this.program, place, cell, this.theta, this.x));
  }

  // The map of a unit, in its button.
  draw(k, canvas) {
    const { a } = this.task.units[k];
    const size = this.cells ? this.side : 1;
    if (canvas.width !== size || canvas.height !== size) Object.assign(canvas, { width: size, height: size });
    const context = canvas.getContext("2d");
    if (!this.cells) {
      const number = a ? numberAt(this.points, a, this.row, this.theta, this.pointsX) : 0;
      context.fillStyle = `rgb(${shade(Math.tanh(number), this.dark)})`;
      context.fillRect(0, 0, 1, 1);
      return;
    }
    const numbers = a ? this.numbers(a) : new Float64Array(this.cells);
    let largest = 1e-9;
    for (const number of numbers) if (Math.abs(number) > largest && number < Infinity) largest = Math.abs(number);
    const { data } = this.image;
    if (this.inputs === 2) {
      numbers.forEach((number, cell) => put(data, cell, shade(number / largest, this.dark)));
    } else {
      const [paper, ink] = [shade(0, this.dark), shade(1, this.dark)];
      for (let cell = 0; cell < this.side ** 2; cell++) put(data, cell, paper);
      numbers.forEach((number, x) => {
        const y = Math.round(((1 - number / largest) / 2) * (this.side - 4)) + 1;
        for (let t = 0; t < 3; t++) if (y >= 0) put(data, (y + t) * this.side + x, ink);
      });
    }
    context.putImageData(this.image, 0, 0);
  }
}

function put(data, cell, [r, g, b]) {
  data[4 * cell] = r;
  data[4 * cell + 1] = g;
  data[4 * cell + 2] = b;
  data[4 * cell + 3] = 255;
}

// The input and the target of a point.
function pointOf({ sizes: [xs, ys] }, data, row) {
  return [Array.from(data.x.slice(row * xs, (row + 1) * xs)), Array.from(data.y.slice(row * ys, (row + 1) * ys))];
}

class PlaneView {
  constructor(task, maps) {
    this.task = task;
    this.maps = maps;
    this.root = document.getElementById("plane");
    this.canvas = element("canvas", { role: "img" });
    this.root.append(this.canvas);
    this.small = document.createElement("canvas");
    this.spots = []; // where the training points are
    this.toData = null; // (x, y) on the canvas -> [input, target or null]
  }

  classOf(y) {
    if (this.task.classes === "signs") return y > 0 ? 1 : 0;
    if (this.task.classes === "bits") return y > 0.5 ? 1 : 0;
    return Math.round(y);
  }

  targetOf(data, row) {
    const size = this.task.sizes[1];
    if (size === 1) return data.y[row];
    const row_y = data.y.slice(row * size, (row + 1) * size);
    return this.task.classes ? row_y.indexOf(Math.max(...row_y)) : row_y[0];
  }

  // What the whole plane shows: the output, or the chosen neuron.
  update(state) {
    const width = this.root.clientWidth;
    const fills = getComputedStyle(this.root).flexGrow === "1";
    const height = fills ? this.root.clientHeight : Math.round(width * (width > 400 ? 0.68 : 0.82));
    this.canvas.style.height = `${height}px`;
    this.draw(fitted(this.canvas, width, height), width, height, state);
  }

  draw(context, width, height, state) {
    const { inputs } = this.maps;
    if (inputs === 2) this.drawMap(context, width, height, state);
    else if (inputs === 1) this.drawCurve(context, width, height, state);
    else this.drawOutputs(context, width, height, state);
  }

  placeOf(state) {
    const { chosen } = state;
    return chosen.kind === "unit" && this.task.units[chosen.unit].kind !== "input" ? this.task.units[chosen.unit].z : null;
  }

  drawMap(context, width, height, state) {
    const { maps, task, small } = this;
    const place = this.placeOf(state);
    const several = task.outputs.length > 1 && !place;
    const { dark } = maps;
    const side = several && task.classes ? FINE * maps.side : maps.side;
    Object.assign(small, { width: side, height: side });
    const image = new ImageData(side, side);
    let line = null;
    if (several && task.classes) {
      const paper = shade(0, dark);
      const colours = task.outputs.map((_, c) => parsedColour(CLASS_COLOURS[c % 10]).map((part, k) => Math.round((part + paper[k]) / 2)));
      const all = task.outputs.map((each) => finer(maps.numbers(each), maps.side));
      for (let cell = 0; cell < side ** 2; cell++) {
        const winner = all.reduce((best, numbers, k) => (numbers[cell] > all[best][cell] ? k : best), 0);
        put(image.data, cell, colours[winner]);
      }
    } else {
      line = maps.numbers(place ?? task.outputs[0]);
      let largest = 1e-9;
      for (const number of line) if (Math.abs(number) > largest && number < Infinity) largest = Math.abs(number);
      const bounded = task.classes && !place ? (z) => Math.tanh(z / 2) : (z) => z / largest;
      line.forEach((number, cell) => put(image.data, cell, shade(bounded(number), dark, 0.5)));
    }
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = !several;
    context.drawImage(small, 0, 0, width, height);
    if (line && (task.classes || place)) contour(context, line, side, width, height, variable("--ink"));
    const [[x0, x1], [y0, y1]] = maps.ranges;
    const toScreen = (data, row) => [
      ((data.x[2 * row] - x0) / (x1 - x0)) * width,
      (1 - (data.x[2 * row + 1] - y0) / (y1 - y0)) * height,
    ];
    this.toData = (x, y) => [[x0 + (x / width) * (x1 - x0), y0 + (1 - y / height) * (y1 - y0)], null];
    this.drawPoints(context, width, height, state, toScreen);
  }

  // The points, from a layer: they are drawn again only where they have changed, as thousands of them take long.
  drawPoints(context, width, height, state, toScreen) {
    const density = context.getTransform().a;
    const scale = this.maps.inputs === 2 ? 0 : NaN; // that of a curve follows the output: never the same again
    const key = [width, height, density, this.maps.dark, scale];
    const isSame = this.drawn?.data === state.data && key.every((part, k) => part === this.drawn.key[k]);
    if (!isSame) {
      const layer = element("canvas", {});
      const on = fitted(layer, width, height, density);
      this.paint(on, state.validation, true, toScreen);
      this.drawn = { data: state.data, key, layer, spots: this.paint(on, state.data, false, toScreen) };
    }
    context.drawImage(this.drawn.layer, 0, 0, width, height);
    this.spots = this.drawn.spots;
    const [x, y] = this.spots[state.row] ?? [-99, -99];
    context.beginPath();
    context.arc(x, y, 8, 0, 7);
    context.strokeStyle = variable("--ink");
    context.lineWidth = 2.5;
    context.stroke();
  }

  // Draws data, and returns where each row is.
  paint(context, data, square, toScreen) {
    const size = data.rows > 2000 ? 1.5 : 4;
    context.strokeStyle = "#ffffff";
    return Array.from({ length: data.rows }, (_, row) => {
      const [x, y] = toScreen(data, row);
      context.beginPath();
      if (square) context.rect(x - size + 0.5, y - size + 0.5, 2 * size - 1, 2 * size - 1);
      else context.arc(x, y, size, 0, 7);
      context.fillStyle = this.colourOf(this.targetOf(data, row));
      context.fill();
      if (size > 2) context.stroke();
      return [x, y];
    });
  }

  colourOf(y) {
    if (this.task.classes) return CLASS_COLOURS[this.classOf(y) % 10];
    return this.maps.inputs === 2 ? `rgb(${shade(y / this.scale, this.maps.dark)})` : CLASS_COLOURS[1];
  }

  get scale() {
    this.knownScale ??= Math.max(1e-9, ...this.task.learned.y.slice(0, 5000).map(Math.abs));
    return this.knownScale;
  }

  drawCurve(context, width, height, state) {
    const { maps, task } = this;
    const place = this.placeOf(state) ?? task.outputs[0];
    const line = maps.numbers(place);
    const targets = Array.from({ length: state.data.rows }, (_, row) => this.targetOf(state.data, row));
    const low = Math.min(...targets, ...[...line].filter(Number.isFinite));
    const high = Math.max(...targets, ...[...line].filter(Number.isFinite));
    const margin = (high - low || 1) * 0.08;
    const [[x0, x1]] = maps.ranges;
    const toY = (y) => (1 - (y - low + margin) / (high - low + 2 * margin)) * height;
    const fromY = (y) => low - margin + (1 - y / height) * (high - low + 2 * margin);
    this.toData = (x, y) => [[x0 + (x / width) * (x1 - x0)], task.classes || task.sizes[1] > 1 ? null : [fromY(y)]];
    context.fillStyle = `rgb(${shade(0, maps.dark)})`;
    context.fillRect(0, 0, width, height);
    this.drawPoints(context, width, height, state, (data, row) => [((data.x[row] - x0) / (x1 - x0)) * width, toY(this.targetOf(data, row))]);
    context.beginPath();
    line.forEach((y, cell) => context.lineTo(((cell + 0.5) / maps.side) * width, toY(y)));
    context.strokeStyle = variable("--negative");
    context.lineWidth = 2.5;
    context.stroke();
  }

  // More than two inputs: each pair's output over its target.
  drawOutputs(context, width, height, state) {
    const { task, maps } = this;
    const outputs = task.outputs.length;
    const guess = (program, row) => {
      const numbers = task.outputs.map((place) => numberAt(program, place, row));
      if (outputs === 1) return numbers[0];
      return task.classes ? numbers.indexOf(Math.max(...numbers)) : numbers[0];
    };
    context.fillStyle = `rgb(${shade(0, maps.dark)})`;
    context.fillRect(0, 0, width, height);
    if (task.classes) {
      const classes = Math.max(2, outputs);
      const counts = Array.from({ length: classes }, () => new Array(classes).fill(0));
      const sum = new Array(classes).fill(0);
      for (let row = 0; row < state.data.rows; row++) {
        const made = guess(state.program, row);
        const truth = this.classOf(this.targetOf(state.data, row));
        counts[truth][outputs === 1 ? Number(made > 0) : made]++;
        sum[truth]++;
      }
      const [w, h] = [(width - 26) / classes, (height - 26) / classes];
      context.font = "12px system-ui, sans-serif";
      context.textAlign = "center";
      for (let i = 0; i < classes; i++) {
        for (let j = 0; j < classes; j++) {
          const share = counts[i][j] / (sum[i] || 1);
          context.fillStyle = `rgb(${shade(i === j ? share : -share, maps.dark, 0.6)})`;
          context.fillRect(26 + j * w, i * h, w - 1, h - 1);
          context.fillStyle = variable("--ink");
          if (counts[i][j]) context.fillText(String(counts[i][j]), 26 + (j + 0.5) * w, (i + 0.5) * h + 4);
        }
        context.fillStyle = variable("--quiet");
        context.fillText(String(i), 13, (i + 0.5) * h + 4);
        context.fillText(String(i), 26 + (i + 0.5) * w, height - 8);
      }
      this.spots = [];
      return;
    }
    const made = Array.from({ length: state.data.rows }, (_, row) => guess(state.program, row));
    const truth = made.map((_, row) => this.targetOf(state.data, row));
    const all = [...made.filter(Number.isFinite), ...truth];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const at = (y) => 12 + ((y - low) / (high - low || 1)) * (Math.min(width, height) - 24);
    this.spots = made.map((y, row) => [at(truth[row]), height - at(y)]);
    context.fillStyle = CLASS_COLOURS[1];
    for (const [x, y] of this.spots) context.fillRect(x - 2, y - 2, 4, 4);
  }
}

// A map with FINE times as many cells each way: what lies between is interpolated, so that borders are no stairs.
const FINE = 4;

function finer(numbers, side) {
  const fine = new Float64Array((FINE * side) ** 2);
  const at = (k) => Math.max(0, Math.min(side - 1, (k + 0.5) / FINE - 0.5));
  for (let j = 0; j < FINE * side; j++) {
    const [y, row] = [at(j), Math.min(side - 2, Math.floor(at(j)))];
    for (let i = 0; i < FINE * side; i++) {
      const [x, column] = [at(i), Math.min(side - 2, Math.floor(at(i)))];
      const [s, t, corner] = [x - column, y - row, row * side + column];
      fine[j * FINE * side + i] =
        (1 - t) * ((1 - s) * numbers[corner] + s * numbers[corner + 1]) +
        t * ((1 - s) * numbers[corner + side] + s * numbers[corner + side + 1]);
    }
  }
  return fine;
}

// The line on which a map is 0, by marching squares: a short segment through each square of four cells.
function contour(context, numbers, side, width, height, colour) {
  context.beginPath();
  const at = (i, j) => [((i + 0.5) / side) * width, ((j + 0.5) / side) * height];
  for (let j = 0; j + 1 < side; j++) {
    for (let i = 0; i + 1 < side; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const ends = [];
      for (let k = 0; k < 4; k++) {
        const [[a, b], [c, d]] = [corners[k], corners[(k + 1) % 4]];
        const [p, q] = [numbers[b * side + a], numbers[d * side + c]];
        if (p < 0 !== q < 0) {
          const t = p / (p - q);
          ends.push(at(a + (c - a) * t, b + (d - b) * t));
        }
      }
      for (let k = 0; k + 1 < ends.length; k += 2) {
        context.moveTo(...ends[k]);
        context.lineTo(...ends[k + 1]);
      }
    }
  }
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.stroke();
}
