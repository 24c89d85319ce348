// Colours of numbers: blue above 0, red below, paper at 0, in both themes; and those of classes.

const CLASS_COLOURS = ["#b22f3c", "#1f66ad", "#2f7d4f", "#8a5bb5", "#b0721e", "#2b8a94", "#a8478a", "#6b7280", "#7a8a1f", "#4453b8"];

// A colour as [r, g, b] for a number in [-1, 1]; `strength` is how far from paper the ends are.
function shade(number, dark, strength = 1) {
  if (Number.isNaN(number)) return dark ? [70, 78, 88] : [160, 160, 160];
  const share = Math.min(1, Math.abs(number)) * strength;
  const paper = dark ? [38, 46, 56] : [240, 241, 243];
  const end = number > 0 ? (dark ? [84, 156, 226] : [31, 102, 173]) : dark ? [232, 104, 114] : [178, 47, 60];
  return paper.map((from, k) => Math.round(from + (end[k] - from) * share));
}

function parsedColour(text) {
  return [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
}

function variable(name) {
  const probe = element("span", { style: `color: var(${name})`, hidden: "" });
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// A canvas as large as it is shown, on screens of any density.
function fitted(canvas, width, height, density = window.devicePixelRatio || 1) {
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
