// The error function, which JavaScript has not. What it is on floats, and its derivative, stand with the rules.

const special = {
  // Below 3 the series x + 2/3 x^3 + 4/15 x^5 + ... times 2 e^(-x^2) / sqrt(pi), whose terms all have one sign; above
  // it 1 less the continued fraction of erfc, which needs few terms there.
  erf(x) {
    const r = Math.abs(x);
    if (!(r < 6)) return Number.isNaN(x) ? x : Math.sign(x);
    if (r >= 3) return Math.sign(x) * (1 - special.tail(r, 60));
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= (2 * r * r) / (2 * n + 1);
      sum += term;
    }
    return ((2 * Math.exp(-r * r)) / Math.sqrt(Math.PI)) * sum;
  },

  erfc(x) {
    if (Number.isNaN(x)) return x;
    if (x < 0.75) return 1 - special.erf(x);
    if (x > 28) return 0;
    return special.tail(x, x < 3 ? 400 : 60);
  },

  // erfc of x > 0 by its continued fraction. x^2 in two parts: rounding it would cost e^(-x^2) digits far out.
  tail(x, terms) {
    let fraction = x;
    for (let n = terms; n > 0; n--) fraction = x + n / 2 / fraction;
    const rounded = Math.round(x * 256) / 256;
    const square = Math.exp(-rounded * rounded) * Math.exp((rounded - x) * (rounded + x));
    return square / (fraction * Math.sqrt(Math.PI));
  },
};
