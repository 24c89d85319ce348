// A film of the training as an animated GIF (GIF89a, with the compression of Lempel, Ziv and Welch).

const FILM = { frames: 48, width: 360, height: 288, colours: 256, pause: 12 }; // hundredths of a second
FILM.bits = Math.log2(FILM.colours);

// The steps that are shown: closer together at the beginning, where most happens.
function filmSteps(furthest) {
  const steps = Array.from({ length: FILM.frames }, (_, k) => Math.round(furthest * (k / (FILM.frames - 1)) ** 2));
  return [...new Set(steps)];
}

// The colours of a film. Colours that agree in the first 5 bits of each channel are one, their mean; the most frequent
// are the palette, and each other is shown as the nearest of these. Returns the palette, and a function of a frame to the
// places of its pixels in it.
function paletteOf(frames) {
  const bin = (data, k) => ((data[k] >> 3) << 10) | ((data[k + 1] >> 3) << 5) | (data[k + 2] >> 3);
  const sums = new Float64Array(4 << 15); // red, green, blue, how many
  for (const { data } of frames) {
    for (let k = 0; k < data.length; k += 4) {
      const at = 4 * bin(data, k);
      for (let part = 0; part < 3; part++) sums[at + part] += data[k + part];
      sums[at + 3]++;
    }
  }
  const used = [...Array(1 << 15).keys()].filter((colour) => sums[4 * colour + 3]).sort((p, q) => sums[4 * q + 3] - sums[4 * p + 3]);
  const channels = (colour) => [0, 1, 2].map((part) => Math.round(sums[4 * colour + part] / sums[4 * colour + 3]));
  const palette = used.slice(0, FILM.colours).map(channels);
  const place = new Uint8Array(1 << 15);
  for (const colour of used) {
    const own = channels(colour);
    const far = palette.map((other) => own.reduce((sum, part, k) => sum + (part - other[k]) ** 2, 0));
    place[colour] = far.indexOf(Math.min(...far));
  }
  return { palette, places: ({ data }) => Uint8Array.from({ length: data.length / 4 }, (_, k) => place[bin(data, 4 * k)]) };
}

// A frame's places in the palette as codes: each stands for the longest run of places that has been before.
function compressed(places) {
  const bytes = [];
  const [clear, end] = [FILM.colours, FILM.colours + 1];
  let [known, next, size, buffer, filled] = [new Map(), end + 1, FILM.bits + 1, 0, 0];
  const put = (code) => {
    buffer |= code << filled;
    for (filled += size; filled >= 8; filled -= 8, buffer >>>= 8) bytes.push(buffer & 255);
  };
  put(clear);
  let run = places[0];
  for (let k = 1; k < places.length; k++) {
    const longer = known.get(run * FILM.colours + places[k]);
    if (longer !== undefined) {
      run = longer;
      continue;
    }
    put(run);
    known.set(run * FILM.colours + places[k], next++);
    if (next > 1 << size && size < 12) size++;
    if (next === 4096) {
      put(clear);
      [known, next, size] = [new Map(), end + 1, FILM.bits + 1];
    }
    run = places[k];
  }
  put(run);
  put(end);
  if (filled) bytes.push(buffer & 255);
  return bytes;
}

// frames: ImageData, all of one size.
function gifOf(frames) {
  const { width, height } = frames[0];
  const { palette, places } = paletteOf(frames);
  const word = (number) => [number & 255, number >> 8];
  const bytes = [..."GIF89a"].map((letter) => letter.charCodeAt(0));
  bytes.push(...word(width), ...word(height), 0xf0 | (FILM.bits - 1), 0, 0);
  for (let k = 0; k < FILM.colours; k++) bytes.push(...(palette[k] ?? [0, 0, 0]));
  bytes.push(0x21, 0xff, 11, ...[..."NETSCAPE2.0"].map((letter) => letter.charCodeAt(0)), 3, 1, 0, 0, 0); // again and again
  frames.forEach((frame, k) => {
    const pause = k === frames.length - 1 ? 150 : FILM.pause;
    bytes.push(0x21, 0xf9, 4, 4, ...word(pause), 0, 0, 0x2c, 0, 0, 0, 0, ...word(width), ...word(height), 0, FILM.bits);
    const data = compressed(places(frame));
    for (let from = 0; from < data.length; from += 255) {
      const block = data.slice(from, from + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  });
  bytes.push(0x3b);
  return new Uint8Array(bytes);
}

// What the plane shows at each of the steps.
function filmFrames() {
  const now = trainer.step;
  const canvas = element("canvas", { width: FILM.width, height: FILM.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const frames = filmSteps(trainer.furthest).map((step) => {
    trainer.goTo(step);
    const state = prepared();
    context.fillStyle = variable("--paper");
    context.fillRect(0, 0, FILM.width, FILM.height);
    plane.draw(context, FILM.width, FILM.height - 24, state);
    context.fillStyle = variable("--paper");
    context.fillRect(0, FILM.height - 24, FILM.width, 24);
    context.fillStyle = variable("--ink");
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "left";
    context.fillText(`step ${step}, loss ${formatted(state.loss)}`, 8, FILM.height - 7);
    return context.getImageData(0, 0, FILM.width, FILM.height);
  });
  trainer.goTo(now);
  return frames;
}
