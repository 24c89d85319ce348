// The counterpart of engine/ieee754.py: the arithmetic that the rules are written in. No derivative is written here.

const ieee = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,

  // Below 3 the series x + 2/3 x^3 + 4/15 x^5 + ... times 2 e^(-x^2) / sqrt(pi), whose terms all have one sign; above
  // it 1 less the continued fraction of erfc, which needs few terms there.
  erf(x) {
    const r = Math.abs(x);
    if (!(r < 6)) return Number.isNaN(x) ? x : Math.sign(x);
    const scale = Math.exp(-r * r) / Math.sqrt(Math.PI);
    if (r < 3) {
      let term = x;
      let sum = x;
      for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
        term *= (2 * r * r) / (2 * n + 1);
        sum += term;
      }
      return 2 * scale * sum;
    }
    let fraction = r;
    for (let n = 60; n > 0; n--) fraction = r + n / 2 / fraction;
    return Math.sign(x) * (1 - scale / fraction);
  },

  sigmoid(x) {
    const e = Math.exp(-Math.abs(x)); // never overflows
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  },
  softplus: (x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0),

  // As C's pow: 1 to any power is 1, and so is -1 to an infinite one, where JavaScript has nan.
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),

  sign: (x) => (Number.isNaN(x) ? x : Number(x > 0) - Number(x < 0)),
  less: (x, y) => Number(x < y),
  less_equal: (x, y) => Number(x <= y),
  equal: (x, y) => Number(x === y),
  where: (condition, x, y) => (condition !== 0 ? x : y), // nan is not 0: it counts as true
  maximum: (x, y) => (x >= y || Number.isNaN(x) ? x : y),
  minimum: (x, y) => (x <= y || Number.isNaN(x) ? x : y),

  // Of any number of operands; sums run from left to right.
  sum: (...xs) => (xs.length ? xs.reduce((total, x) => total + x) : 0),
  dot(...operands) {
    const n = operands.length / 2;
    return operands.slice(0, n).reduce((total, x, k) => total + x * operands[n + k], 0);
  },
  weighted_sum(...operands) {
    const n = (operands.length - 1) / 2;
    return operands.slice(0, n).reduce((total, w, k) => total + w * operands[n + k], operands.at(-1));
  },
  norm2: (...xs) => (xs.some(Number.isNaN) ? NaN : Math.hypot(...xs)),
  max: (...xs) => xs.reduce(ieee.maximum),
  min: (...xs) => xs.reduce(ieee.minimum),
  logsumexp(...xs) {
    const shift = ieee.max(...xs);
    if (Math.abs(shift) === Infinity) return shift;
    return shift + Math.log(ieee.sum(...xs.map((x) => Math.exp(x - shift))));
  },
};
