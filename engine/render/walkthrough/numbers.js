// Numbers as text: read, and written as Python's format(x, ".4g") does, with a real minus sign; but below a million no
// digit before the point is rounded away: 12345 is the same number wherever it stands.

const minus = "\u2212";

function formatted(x, digits = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : `${minus}inf`;
  const sign = x < 0 || Object.is(x, -0) ? minus : "";
  const whole = Math.round(Math.abs(x));
  if (whole >= 10 ** digits && whole < 1e6) return sign + whole;
  const [mantissa, exponent] = Math.abs(x)
    .toExponential(digits - 1)
    .split("e")
    .map(Number);
  if (exponent >= -4 && exponent < digits) {
    return sign + Number(Math.abs(x).toPrecision(digits)).toString();
  }
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${mantissa}e${exponent < 0 ? minus : "+"}${power}`;
}

// All the digits that tell a number from others.
function exactly(x) {
  if (!Number.isFinite(x)) return formatted(x);
  return String(Object.is(x, -0) ? "-0" : x).replaceAll("-", minus);
}

// What JSON cannot hold is written as {number: "inf"}.
function revived(key, value) {
  const isNumber = value !== null && typeof value === "object" && Object.hasOwn(value, "number");
  return isNumber ? Number(value.number.replace("inf", "Infinity")) : value;
}
