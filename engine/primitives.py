"""Every differentiable operation, each written once.

A primitive is one rule: from numbers to a number *and its pullback*. The pullback is the local derivative closure:
given the adjoint g of the result, it returns one contribution per operand, g times the local derivative.

    mul:  (x, y)  ->  x * y,  and  g -> (g * y, g * x)

Nothing else in the project knows a derivative. Graphs, higher derivatives, drawings, the compiler and the table of
operations in the README all read these rules. They are written with `engine.ieee754`, which serves floats, Values and
arrays alike, and follow PyTorch at every edge: kinks, ties, infinities and nan.

A condition inside a rule is a node as well (``ieee.less``, never Python's ``<``), so that a derivative's graph decides
afresh on new numbers. In a pullback ``y=y`` keeps the number in the function's defaults, which is lighter for Python's
garbage collector than a closure cell, and there is one pullback a node.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from numbers import Real
from typing import Any, TypeGuard, overload

from engine import ieee754 as ieee
from engine.refusals import not_a_number

Scalar = Any  # what rules work on: a float, a Value, or an array of the compiler
Pullback = Callable[..., tuple[Scalar, ...]]
Rule = Callable[..., tuple[Scalar, Pullback]]

_CO_VARARGS = 0x04  # inspect.CO_VARARGS, without importing inspect: `import engine` stays cheap


class Primitive:
    """A differentiable operation: call it on numbers for a number, on Values for a Value.

    Attributes:
        name: what it is called, in errors and in the table of operations.
        symbol: how a drawing shows it.
        rule: operands -> (value, pullback), with pullback: adjoint -> a contribution for each operand.
        formula: the value as an expression of the operands' names.
        derivatives: the local derivative with respect to each operand, as expressions of the operands too.
    """

    def __init__(self, rule: Rule, formula: str = "", derivatives: tuple[str, ...] = (), symbol: str = "") -> None:
        if not hasattr(rule, "__code__"):
            raise TypeError(
                f"a rule is a Python function of numbers that returns (value, pullback), got {rule!r}: write a def"
            )
        self.name = rule.__name__
        self.rule = rule
        self.formula = formula or f"{self.name}({', '.join(self.operand_names)})"
        self.derivatives = derivatives
        self.symbol = symbol or self.name
        self.__doc__ = rule.__doc__ or self.formula
        self.__module__, self.__qualname__ = rule.__module__, rule.__qualname__

    def __reduce__(self) -> str:
        """Copied and pickled as a function is: by name, staying the one primitive it is."""
        return self.__qualname__

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The names of the rule's operands; one of any number of operands with its star: ``*xs``."""
        code = self.rule.__code__
        fixed = code.co_varnames[: code.co_argcount]
        starred = code.co_varnames[code.co_argcount : code.co_argcount + bool(code.co_flags & _CO_VARARGS)]
        return (*fixed, *(f"*{name}" for name in starred))

    def __call__(self, *operands: Scalar, **named: Scalar) -> Scalar:
        """The value: a float for plain numbers, a Value that records the operation if any operand is one."""
        for name in self.operand_names[len(operands) :] if named else ():  # leaky_relu(x, slope=0.1)
            if name not in named:
                break
            operands += (named.pop(name),)
        if named:
            usage = f"{self.name}({', '.join(self.operand_names)})"
            raise TypeError(f"{usage} has no place for {', '.join(named)}: give its operands in order")
        missing = self.rule.__code__.co_argcount - len(operands)
        defaults = self.rule.__defaults__ or ()
        if 0 < missing <= len(defaults):  # an operand left out is a constant of the graph like any other number
            operands += defaults[-missing:]
        for operand in operands:
            if hasattr(operand, "_record"):
                return operand._record(self, operands)
        return self.rule(*map(as_float, operands))[0]

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.formula}>"


def as_float(number: object) -> float:
    """`number` as a Python float: an int, bool, Fraction or NumPy real scalar too.

    TypeError for anything else, OverflowError for an integer too large.
    """
    if is_real(number):
        try:
            return float(number)
        except OverflowError:
            raise OverflowError("an integer too large for a float, which holds up to about 1.8e308") from None
    raise TypeError(not_a_number(number))


def is_real(thing: Any) -> TypeGuard[float]:
    """Whether `thing` is a real number. NumPy's bool is one as Python's is, though not registered as `numbers.Real`."""
    return isinstance(thing, (float, int, Real)) or (getattr(thing, "dtype", None) == "bool" and thing.shape == ())


@overload
def primitive(rule: Rule, /) -> Primitive: ...
@overload
def primitive(formula: str, /, *derivatives: str, symbol: str = "") -> Callable[[Rule], Primitive]: ...
def primitive(formula_or_rule: Any, /, *derivatives: str, symbol: str = "") -> Any:
    """Turn a rule into a differentiable operation, for built-in and user-made ones alike.

    The rule takes numbers and returns the value and its pullback. Written with this module's and `engine`'s functions
    (not `math`'s), it also serves higher derivatives and the compiler.

    >>> from engine import Value, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x * x * x, lambda g: (g * 3 * x * x,)
    >>> x = Value(2.0)
    >>> y = cube(x)
    >>> y.backward()
    >>> y.data, x.grad
    (8.0, 12.0)
    """
    if not isinstance(formula_or_rule, str):
        return Primitive(formula_or_rule)
    return lambda rule: Primitive(rule, formula_or_rule, derivatives, symbol)


# Arithmetic ---------------------------------------------------------------------------------------------------------


# Pullbacks that keep no number are made once, and shared by all nodes.


def _to_both(g: Scalar) -> tuple[Scalar, Scalar]:
    return g, g


def _to_difference(g: Scalar) -> tuple[Scalar, Scalar]:
    return g, -g


def _negated(g: Scalar) -> tuple[Scalar]:
    return (-g,)


def _passed(g: Scalar) -> tuple[Scalar]:
    return (g,)


def _stopped(_: Scalar) -> tuple[Scalar]:
    return (0.0,)


@primitive("x + y", "1", "1", symbol="+")
def add(x: Scalar, y: Scalar) -> Any:
    """The sum of two numbers."""
    return x + y, _to_both


@primitive("x - y", "1", "-1", symbol="-")
def sub(x: Scalar, y: Scalar) -> Any:
    """The difference of two numbers."""
    return x - y, _to_difference


@primitive("x * y", "y", "x", symbol="*")
def mul(x: Scalar, y: Scalar) -> Any:
    """The product of two numbers."""
    return x * y, lambda g, x=x, y=y: (g * y, g * x)


@primitive("x / y", "1 / y", "-x / y**2", symbol="/")
def div(x: Scalar, y: Scalar) -> Any:
    """The quotient of two numbers: 0/0 is nan, anything else over 0 an infinity."""
    q = ieee.div(x, y)
    return q, lambda g, q=q, y=y: (ieee.div(g, y), -g * ieee.div(q, y))


@primitive("-x", "-1", symbol="neg")
def neg(x: Scalar) -> Any:
    """The number with its sign turned."""
    return -x, _negated


@primitive("x**y", "y * x**(y - 1)", "x**y * log(x)", symbol="**")
def pow(x: Scalar, y: Scalar) -> Any:
    """x to the power y, as C's pow: nan for a negative x and a y that is not whole.

    Where the formulas have no limit the derivatives are PyTorch's: 0 for x if y is 0; 0 for y if x is 0 and y >= 0.
    """
    p = ieee.pow(x, y)

    def pullback(g: Scalar, x: Scalar = x, y: Scalar = y, p: Scalar = p) -> tuple[Scalar, Scalar]:
        slope = ieee.where(ieee.equal(y, 0.0), 0.0, y * ieee.pow(x, y - 1.0))
        flat = ieee.equal(x, 0.0) * ieee.less_equal(0.0, y)
        return g * slope, g * ieee.where(flat, 0.0, p * ieee.log(x))

    return p, pullback


@primitive("abs(x)", "sign(x)", symbol="abs")
def abs(x: Scalar) -> Any:
    """The absolute value; its derivative at 0 is 0."""
    return builtins.abs(x), lambda g, x=x: (g * ieee.sign(x),)


# Powers, exponentials and logarithms --------------------------------------------------------------------------------


@primitive("sqrt(x)", "1 / (2*sqrt(x))")
def sqrt(x: Scalar) -> Any:
    """The square root; nan below 0."""
    y = ieee.sqrt(x)
    return y, lambda g, y=y: (ieee.div(g, 2.0 * y),)


@primitive("exp(x)", "exp(x)")
def exp(x: Scalar) -> Any:
    """e to the power x; inf from about 709.8."""
    y = ieee.exp(x)
    return y, lambda g, y=y: (g * y,)


@primitive("expm1(x)", "exp(x)")
def expm1(x: Scalar) -> Any:
    """e^x - 1, exact near 0."""
    y = ieee.expm1(x)
    return y, lambda g, y=y: (g * (y + 1.0),)


@primitive("log(x)", "1 / x")
def log(x: Scalar) -> Any:
    """The natural logarithm; -inf at 0, nan below."""
    return ieee.log(x), lambda g, x=x: (ieee.div(g, x),)


@primitive("log1p(x)", "1 / (1 + x)")
def log1p(x: Scalar) -> Any:
    """log(1 + x), exact near 0; -inf at -1, nan below."""
    return ieee.log1p(x), lambda g, x=x: (ieee.div(g, x + 1.0),)


# Trigonometric and hyperbolic functions -----------------------------------------------------------------------------


@primitive("sin(x)", "cos(x)")
def sin(x: Scalar) -> Any:
    """The sine of x radians."""
    return ieee.sin(x), lambda g, x=x: (g * ieee.cos(x),)


@primitive("cos(x)", "-sin(x)")
def cos(x: Scalar) -> Any:
    """The cosine of x radians."""
    return ieee.cos(x), lambda g, x=x: (g * -ieee.sin(x),)


@primitive("tan(x)", "1 + tan(x)**2")
def tan(x: Scalar) -> Any:
    """The tangent of x radians."""
    y = ieee.tan(x)
    return y, lambda g, y=y: (g * (y * y + 1.0),)


@primitive("arcsin(x)", "1 / sqrt(1 - x**2)")
def arcsin(x: Scalar) -> Any:
    """The angle in radians whose sine is x; nan outside [-1, 1]."""
    return ieee.arcsin(x), lambda g, x=x: (ieee.div(g, ieee.sqrt(1.0 - x * x)),)


@primitive("arccos(x)", "-1 / sqrt(1 - x**2)")
def arccos(x: Scalar) -> Any:
    """The angle in radians whose cosine is x; nan outside [-1, 1]."""
    return ieee.arccos(x), lambda g, x=x: (-ieee.div(g, ieee.sqrt(1.0 - x * x)),)


@primitive("arctan(x)", "1 / (1 + x**2)")
def arctan(x: Scalar) -> Any:
    """The angle in radians whose tangent is x."""
    return ieee.arctan(x), lambda g, x=x: (ieee.div(g, x * x + 1.0),)


@primitive("sinh(x)", "cosh(x)")
def sinh(x: Scalar) -> Any:
    """The hyperbolic sine, (e^x - e^-x) / 2."""
    return ieee.sinh(x), lambda g, x=x: (g * ieee.cosh(x),)


@primitive("cosh(x)", "sinh(x)")
def cosh(x: Scalar) -> Any:
    """The hyperbolic cosine, (e^x + e^-x) / 2."""
    return ieee.cosh(x), lambda g, x=x: (g * ieee.sinh(x),)


@primitive("tanh(x)", "1 - tanh(x)**2")
def tanh(x: Scalar) -> Any:
    """The hyperbolic tangent, an activation with values in (-1, 1)."""
    y = ieee.tanh(x)
    return y, lambda g, y=y: (g * (1.0 - y * y),)


@primitive("erf(x)", "2/sqrt(pi) * exp(-x**2)")
def erf(x: Scalar) -> Any:
    """The error function, 2/sqrt(pi) times the integral of e^-t^2 from 0 to x."""
    return ieee.erf(x), lambda g, x=x: (g * (2.0 / math.sqrt(math.pi) * ieee.exp(-(x * x))),)


# Activations --------------------------------------------------------------------------------------------------------


@primitive("sigmoid(x)", "sigmoid(x) * (1 - sigmoid(x))")
def sigmoid(x: Scalar) -> Any:
    """The logistic function 1 / (1 + e^-x), an activation with values in (0, 1); stable for any x."""
    y = ieee.sigmoid(x)
    return y, lambda g, y=y: (g * ((1.0 - y) * y),)


@primitive("where(x < 0, 0, x)", "where(x <= 0, 0, 1)")
def relu(x: Scalar) -> Any:
    """The rectifier max(x, 0); its derivative at 0 is 0."""
    y = ieee.where(ieee.less(x, 0.0), 0.0, x)
    off = ieee.less_equal(x, 0.0)
    if type(off) is float:  # decided already: sharing these two saves a fifth of a network's memory
        return y, _stopped if off else _passed
    return y, lambda g: (ieee.where(off, 0.0, g),)


@primitive("where(x > 0, x, slope*x)", "where(x > 0, 1, slope)", "where(x > 0, 0, x)")
def leaky_relu(x: Scalar, slope: Scalar = 0.01) -> Any:
    """The rectifier with a small slope below 0."""
    on = ieee.less(0.0, x)
    return ieee.where(on, x, slope * x), lambda g, on=on, x=x, slope=slope: (
        ieee.where(on, g, g * slope),
        ieee.where(on, 0.0, g * x),
    )


@primitive("where(x <= 0, alpha*expm1(x), x)", "where(x <= 0, alpha*exp(x), 1)", "where(x <= 0, expm1(x), 0)")
def elu(x: Scalar, alpha: Scalar = 1.0) -> Any:
    """The exponential linear unit (Clevert, Unterthiner, Hochreiter 2015)."""
    off = ieee.less_equal(x, 0.0)
    e = ieee.expm1(x)
    return ieee.where(off, alpha * e, x), lambda g, off=off, e=e, alpha=alpha: (
        ieee.where(off, g * (alpha * (e + 1.0)), g),
        ieee.where(off, g * e, 0.0),
    )


@primitive("log(1 + exp(x))", "sigmoid(x)")
def softplus(x: Scalar) -> Any:
    """log(1 + e^x), a smooth rectifier; stable for any x."""
    return ieee.softplus(x), lambda g, x=x: (g * ieee.sigmoid(x),)


@primitive("x * sigmoid(x)", "sigmoid(x) * (1 + x*(1 - sigmoid(x)))")
def silu(x: Scalar) -> Any:
    """Swish, x sigmoid(x) (Ramachandran, Zoph, Le 2017, arXiv:1710.05941)."""
    s = ieee.sigmoid(x)
    return x * s, lambda g, x=x, s=s: (g * (s * (1.0 + x * (1.0 - s))),)


@primitive("x * tanh(softplus(x))", "tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x))**2)")
def mish(x: Scalar) -> Any:
    """Mish, x tanh(softplus(x)) (Misra 2019, arXiv:1908.08681)."""
    t = ieee.tanh(ieee.softplus(x))
    return x * t, lambda g, x=x, t=t: (g * (t + x * ieee.sigmoid(x) * (1.0 - t * t)),)


@primitive("x/2 * (1 + erf(x/sqrt(2)))", "(1 + erf(x/sqrt(2)))/2 + x * exp(-x**2/2)/sqrt(2*pi)")
def gelu(x: Scalar) -> Any:
    """x times the normal distribution's cumulative probability at x (Hendrycks, Gimpel 2016, arXiv:1606.08415)."""
    probability = 0.5 * (1.0 + ieee.erf(x * math.sqrt(0.5)))

    def pullback(g: Scalar, x: Scalar = x, probability: Scalar = probability) -> tuple[Scalar]:
        density = ieee.exp(-0.5 * (x * x)) * (1.0 / math.sqrt(2.0 * math.pi))
        return (g * (probability + x * density),)

    return x * probability, pullback


# Choosing -----------------------------------------------------------------------------------------------------------


def _to_the_chosen(g: Scalar, x: Scalar, y: Scalar, x_lost: Scalar, y_lost: Scalar) -> tuple[Scalar, Scalar]:
    """g to the one that was chosen, half each at a tie; with a nan neither lost, and both get g, as in PyTorch."""
    share = ieee.where(ieee.equal(x, y), 0.5 * g, g)
    return ieee.where(x_lost, 0.0, share), ieee.where(y_lost, 0.0, share)


@primitive("maximum(x, y)", "where(x > y, 1, where(x == y, 1/2, 0))", "where(x < y, 1, where(x == y, 1/2, 0))")
def maximum(x: Scalar, y: Scalar) -> Any:
    """The larger of two numbers; nan if either is. A tie gives half of the adjoint to each."""
    return ieee.maximum(x, y), lambda g, x=x, y=y: _to_the_chosen(g, x, y, ieee.less(x, y), ieee.less(y, x))


@primitive("minimum(x, y)", "where(x < y, 1, where(x == y, 1/2, 0))", "where(x > y, 1, where(x == y, 1/2, 0))")
def minimum(x: Scalar, y: Scalar) -> Any:
    """The smaller of two numbers; nan if either is. A tie gives half of the adjoint to each."""
    return ieee.minimum(x, y), lambda g, x=x, y=y: _to_the_chosen(g, x, y, ieee.less(y, x), ieee.less(x, y))


@primitive("where(condition, x, y)", "0", "where(condition, 1, 0)", "where(condition, 0, 1)")
def where(condition: Scalar, x: Scalar, y: Scalar) -> Any:
    """x if the condition is true (not 0), else y.

    Both are computed: an inf or nan in the branch not taken stays out of the value but returns in the derivative as
    0 * inf = nan, as in PyTorch and JAX. Choose the *argument* then: log(where(x > 0, x, 1)).
    """
    return ieee.where(condition, x, y), lambda g, c=condition: (0.0, ieee.where(c, g, 0.0), ieee.where(c, 0.0, g))


# Step functions: their derivative is 0 wherever there is one. They are what rules decide by.


@primitive("sign(x)", "0")
def sign(x: Scalar) -> Any:
    """-1, 0 or 1."""
    return ieee.sign(x), lambda g: (0.0,)


@primitive("x < y", "0", "0", symbol="<")
def less(x: Scalar, y: Scalar) -> Any:
    """1 if x < y, else 0."""
    return ieee.less(x, y), lambda g: (0.0, 0.0)


@primitive("x <= y", "0", "0", symbol="<=")
def less_equal(x: Scalar, y: Scalar) -> Any:
    """1 if x <= y, else 0."""
    return ieee.less_equal(x, y), lambda g: (0.0, 0.0)


@primitive("x == y", "0", "0", symbol="==")
def equal(x: Scalar, y: Scalar) -> Any:
    """1 if x is equal to y, else 0."""
    return ieee.equal(x, y), lambda g: (0.0, 0.0)


# Of any number of operands ------------------------------------------------------------------------------------------


@primitive("x_1 + ... + x_n", "1", symbol="Σ")
def sum(*xs: Scalar) -> Any:
    """The sum of n numbers, from left to right."""
    return ieee.sum(*xs), lambda g, n=len(xs): (g,) * n


@primitive("x_1 y_1 + ... + x_n y_n", "y_k", "x_k", symbol="Σ x·y")
def dot(*operands: Scalar) -> Any:
    """The dot product; the operands are x_1..x_n, y_1..y_n."""

    def pullback(g: Scalar, operands: tuple[Scalar, ...] = operands) -> tuple[Scalar, ...]:
        n = len(operands) // 2
        return (*[g * y for y in operands[n:]], *[g * x for x in operands[:n]])

    return ieee.dot(*operands), pullback


@primitive("w_1 x_1 + ... + w_n x_n + b", "x_k", "w_k", "1", symbol="Σ w·x + b")
def weighted_sum(*operands: Scalar) -> Any:
    """The weighted input z of a neuron; the operands are w_1..w_n, x_1..x_n, b. Its adjoint is the neuron's delta."""

    def pullback(g: Scalar, operands: tuple[Scalar, ...] = operands) -> tuple[Scalar, ...]:
        n = len(operands) // 2
        return (*[g * x for x in operands[n:-1]], *[g * w for w in operands[:n]], g)

    return ieee.weighted_sum(*operands), pullback


@primitive("sqrt(x_1**2 + ... + x_n**2)", "x_k / norm2(x)")
def norm2(*xs: Scalar) -> Any:
    """The Euclidean length; its derivative at the origin is 0."""
    length = ieee.norm2(*xs)

    def pullback(g: Scalar, xs: tuple[Scalar, ...] = xs, length: Scalar = length) -> tuple[Scalar, ...]:
        origin = ieee.equal(length, 0.0)
        return tuple([g * ieee.where(origin, 0.0, ieee.div(x, length)) for x in xs])

    return length, pullback


@primitive("log(exp(x_1) + ... + exp(x_n))", "exp(x_k - logsumexp(x))")
def logsumexp(*xs: Scalar) -> Any:
    """A smooth maximum; stable for any xs. Its gradient is softmax(x)."""
    y = ieee.logsumexp(*xs)
    return y, lambda g, xs=xs, y=y: tuple([g * ieee.exp(x - y) for x in xs])


def _to_the_extreme(g: Scalar, xs: tuple[Scalar, ...], extreme: Scalar) -> tuple[Scalar, ...]:
    """g shared evenly among the xs that are the extreme one; of a nan, which equals nothing, all get nan."""
    chosen = [ieee.equal(x, extreme) for x in xs]
    ties = ieee.sum(*chosen)
    return tuple([ieee.div(g * c, ties) for c in chosen])


@primitive("max(x_1, ..., x_n)", "1 where x_k is the largest (shared among ties), else 0")
def max(*xs: Scalar) -> Any:
    """The largest of n numbers; nan if any is. Ties share the adjoint evenly."""
    y = ieee.max(*xs)
    return y, lambda g, xs=xs, y=y: _to_the_extreme(g, xs, y)


@primitive("min(x_1, ..., x_n)", "1 where x_k is the smallest (shared among ties), else 0")
def min(*xs: Scalar) -> Any:
    """The smallest of n numbers; nan if any is. Ties share the adjoint evenly."""
    y = ieee.min(*xs)
    return y, lambda g, xs=xs, y=y: _to_the_extreme(g, xs, y)
