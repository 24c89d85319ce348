// What someone typed as a number: arithmetic in Python's notation, as the command line takes it: 1/3, pi/4, -2e-3, inf.
// Nothing is run as code: the text is read word by word, and only numbers, operators and the engine's functions count.

const namedNumbers = { pi: Math.PI, e: Math.E, inf: Infinity, infinity: Infinity, nan: NaN };
const wordsOfArithmetic = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([a-z_]\w*)|(\*\*|\/\/|[-+*/%(),]))/giy;

// The number; undefined if the text is none.
function typedNumber(text) {
  const found = [];
  const source = text.trim().replaceAll(minus, "-").replaceAll("π", "pi").replaceAll("∞", "inf");
  wordsOfArithmetic.lastIndex = 0;
  while (wordsOfArithmetic.lastIndex < source.length) {
    const match = wordsOfArithmetic.exec(source);
    if (match === null) return undefined;
    found.push(match);
  }
  const reader = new Arithmetic(found);
  const number = reader.sum();
  return reader.isAtEnd ? number : undefined;
}

// Python's precedence: + and -, then * / // %, then a sign, then ** from right to left. Undefined where it is no number.
class Arithmetic {
  constructor(found) {
    this.found = found;
    this.position = 0;
  }

  get isAtEnd() {
    return this.position === this.found.length;
  }

  take(...signs) {
    const sign = this.found[this.position]?.[3];
    if (!signs.includes(sign)) return null;
    this.position += 1;
    return sign;
  }

  chain(signs, operand, compute) {
    let left = operand();
    for (let sign = this.take(...signs); sign !== null && left !== undefined; sign = this.take(...signs)) {
      const right = operand();
      left = right === undefined ? undefined : compute[sign](left, right);
    }
    return left;
  }

  sum() {
    return this.chain(["+", "-"], () => this.product(), { "+": (x, y) => x + y, "-": (x, y) => x - y });
  }

  product() {
    return this.chain(["*", "/", "//", "%"], () => this.signed(), {
      "*": (x, y) => x * y,
      "/": (x, y) => x / y,
      "//": ieee.floor_divide,
      "%": ieee.remainder,
    });
  }

  signed() {
    const sign = this.take("+", "-");
    if (sign === null) return this.power();
    const number = this.signed();
    return number === undefined ? undefined : sign === "-" ? -number : number;
  }

  power() {
    const base = this.atom();
    if (base === undefined || this.take("**") === null) return base;
    const exponent = this.signed();
    return exponent === undefined ? undefined : ieee.pow(base, exponent);
  }

  atom() {
    const [, number, name] = this.found[this.position++] ?? [];
    if (number !== undefined) return Number(number);
    if (name !== undefined) return this.named(name);
    this.position -= 1;
    return this.take("(") === null ? undefined : this.inParentheses((numbers) => numbers[0], 1);
  }

  named(name) {
    if (Object.hasOwn(ieee, name) && this.take("(")) return this.inParentheses((numbers) => ieee[name](...numbers));
    if (name === "abs" && this.take("(")) return this.inParentheses(([number]) => Math.abs(number), 1);
    return Object.hasOwn(namedNumbers, name.toLowerCase()) ? namedNumbers[name.toLowerCase()] : undefined;
  }

  inParentheses(compute, most = 9) {
    const numbers = [];
    do numbers.push(this.sum());
    while (this.take(","));
    if (this.take(")") === null || numbers.includes(undefined) || numbers.length > most) return undefined;
    return compute(numbers);
  }
}
