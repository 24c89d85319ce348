// The error function, which JavaScript has not. What it is on floats, and its derivative, stand with the rules.

const special = {
  erf(x) {
    if (Math.abs(x) < 0.75) return special.series(x);
    return Math.sign(x) * (1 - special.tail(Math.abs(x))); // nan for nan
  },

  erfc(x) {
    if (Math.abs(x) < 0.75) return 1 - special.series(x);
    return x < 0 ? 2 - special.tail(-x) : special.tail(x);
  },

  // 2 / sqrt(pi) times x - x^3/3 + x^5/10 - ... - x^37/(18! 37), of which little cancels for |x| < 0.75.
  series(x) {
    if (x === 0) return x; // with its sign
    const t = x * x;
    let rest = 0;
    for (let n = 18; n > 0; n--) rest = 1 / (2 * n + 1) - (t / (n + 1)) * rest;
    return (2 / Math.sqrt(Math.PI)) * (x - x * (t * rest));
  },

  // erfc of x > 0.75 by its continued fraction, e^(-x^2) / sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + 3/2 / ...))).
  // x^2 in two parts, the first with few digits: rounding it would cost e^(-x^2) digits far out.
  tail(x) {
    if (x > 28) return 0; // below the smallest float
    let fraction = x;
    for (let n = Math.ceil(8 + (14 / x) ** 2); n > 0; n--) fraction = x + n / 2 / fraction;
    const rounded = Math.round(x * 256) / 256;
    const first = Math.exp(-rounded * rounded);
    const square = first + first * Math.expm1((rounded - x) * (rounded + x));
    return square / (fraction * Math.sqrt(Math.PI));
  },
};
