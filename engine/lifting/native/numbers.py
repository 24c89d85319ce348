"""Arrays of terms, computed with as NumPy's are: the primitives' own array formulas are read with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np

from engine.lifting.native.terms import TRUTHS, Terms

OF_TERMS = {  # functions of NumPy that are one term for each number, by their names there
    **{name: name for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "fmod")},
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "negative": "neg",
    "copysign": "copysign",
    **{name: name for name in ("floor", "ceil", "round", "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10")},
    **{name: name for name in ("log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot")},
    **{name: name for name in ("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "erf", "erfc")},
    **dict.fromkeys(("abs", "absolute", "fabs"), "abs"),
}
MOST_FACTORS = 3  # a power of so few is their product


class Numbers:
    """An array of terms: `where` says which, and has its shape."""

    __array_ufunc__ = None  # NumPy leaves operators to this class

    def __init__(self, terms: Terms, where: Any) -> None:
        self.terms = terms
        self.where = np.asarray(where)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, which has no axis of rows."""
        return self.where.shape

    def __add__(self, other: Any) -> Numbers:
        return self._each("add", self, other)

    def __radd__(self, other: Any) -> Numbers:
        return self._each("add", other, self)

    def __sub__(self, other: Any) -> Numbers:
        return self._each("sub", self, other)

    def __rsub__(self, other: Any) -> Numbers:
        return self._each("sub", other, self)

    def __mul__(self, other: Any) -> Numbers:
        return self._each("mul", self, other)

    def __rmul__(self, other: Any) -> Numbers:
        return self._each("mul", other, self)

    def __truediv__(self, other: Any) -> Numbers:
        return self._each("div", self, other)

    def __rtruediv__(self, other: Any) -> Numbers:
        return self._each("div", other, self)

    def __pow__(self, other: Any) -> Numbers:
        return Namespace(self.terms).power(self, other)  # type: ignore[no-any-return]

    def __mod__(self, other: Any) -> Numbers:
        return Namespace(self.terms).remainder(self, other)

    def __neg__(self) -> Numbers:
        return self._each("neg", self)

    def __abs__(self) -> Numbers:
        return self._each("abs", self)

    def __lt__(self, other: Any) -> Numbers:
        return self._each("less", self, other)

    def __le__(self, other: Any) -> Numbers:
        return self._each("less_equal", self, other)

    def __gt__(self, other: Any) -> Numbers:
        return self._each("greater", self, other)

    def __ge__(self, other: Any) -> Numbers:
        return self._each("greater_equal", self, other)

    def __eq__(self, other: object) -> Any:
        return self._each("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return self._each("not_equal", self, other)

    __hash__ = None  # type: ignore[assignment]

    def __and__(self, other: Numbers) -> Numbers:
        return self._each("and", self, other)

    def __or__(self, other: Numbers) -> Numbers:
        return self._each("or", self, other)

    def sum(self, axis: int, keepdims: bool) -> Numbers:
        """The sums over the last axis, which stays with length 1."""
        return self._along(axis, keepdims, self.terms.sum)

    def max(self, axis: int, keepdims: bool) -> Numbers:
        """The largest numbers along the last axis."""
        return self._along(axis, keepdims, lambda row: reduce(self._choice("greater"), row))

    def min(self, axis: int, keepdims: bool) -> Numbers:
        """The smallest numbers along the last axis."""
        return self._along(axis, keepdims, lambda row: reduce(self._choice("less"), row))

    def _along(self, axis: int, keepdims: bool, of_row: Callable[[list[int]], int]) -> Numbers:
        assert axis == -1
        assert keepdims
        rows = self.where.reshape(-1, self.where.shape[-1]).tolist()
        return Numbers(self.terms, np.reshape([of_row(row) for row in rows], (*self.shape[:-1], 1)))

    def _choice(self, comparison: str) -> Callable[[int, int], int]:
        make = self.terms.make

        def choose(x: int, y: int) -> int:  # a nan, of equal ones the second
            return make("where", make("or", make(comparison, x, y), make("not_equal", x, x)), x, y)

        return choose

    def _each(self, op: str, *operands: Any) -> Numbers:
        return each(self.terms, op, *operands)


def each(terms: Terms, op: str, *operands: Any) -> Numbers:
    """An operation on each number; operands of different shapes are broadcast."""
    wheres = [x.where if isinstance(x, Numbers) else np.array(terms.constant(float(x))) for x in operands]
    make = terms.add if op == "add" else partial(terms.make, op)
    if {where.size for where in wheres} == {1}:  # a graph of scalars is many of these
        numbers = [where.item() for where in wheres]
        if op not in ("and", "or", "where"):
            numbers = _as_numbers(terms, numbers)
        return Numbers(terms, np.array(make(*numbers), ndmin=max([where.ndim for where in wheres])))
    shape = wheres[0].shape
    if any(where.shape != shape for where in wheres):
        shape = np.broadcast_shapes(*[where.shape for where in wheres])
        wheres = [where if where.shape == shape else np.broadcast_to(where, shape) for where in wheres]
    flat = [where.reshape(-1).tolist() for where in wheres]
    if op not in ("and", "or", "where"):
        flat = [_as_numbers(terms, each) for each in flat]
    return Numbers(terms, np.array([*map(make, *flat)], dtype=int).reshape(shape))


def as_numbers(terms: Terms, where: Any) -> Any:
    """Truth values as 1.0 and 0.0."""
    flat = where.reshape(-1).tolist()
    numbers = _as_numbers(terms, flat)
    return where if numbers is flat else np.reshape(numbers, where.shape)


def _as_numbers(terms: Terms, flat: list[int]) -> list[int]:
    ops = terms.ops
    if TRUTHS.isdisjoint([ops[x] for x in flat]):
        return flat
    return [terms.make("number", x) if ops[x] in TRUTHS else x for x in flat]


class Namespace:
    """The functions of NumPy that formulas use, on Numbers."""

    __name__ = "terms"

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def __getattr__(self, name: str) -> Callable[..., Numbers]:
        if name not in OF_TERMS:
            raise AttributeError(f"native code has no function {name!r}")
        return lambda *operands: each(self.terms, OF_TERMS[name], *operands)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """x where the condition is true (not 0), else y."""
        number = condition if isinstance(condition, float) else None
        if number is None:
            x, y = (
                Numbers(self.terms, as_numbers(self.terms, value.where)) if isinstance(value, Numbers) else value
                for value in (x, y)
            )
            return each(self.terms, "where", condition, x, y)
        return x if number != 0.0 else y

    def sum(self, x: Numbers, axis: int, keepdims: bool) -> Numbers:
        """The sums over the last axis."""
        return x.sum(axis, keepdims)

    def max(self, x: Numbers, axis: int, keepdims: bool) -> Numbers:
        """The largest numbers along the last axis."""
        return x.max(axis, keepdims)

    def min(self, x: Numbers, axis: int, keepdims: bool) -> Numbers:
        """The smallest numbers along the last axis."""
        return x.min(axis, keepdims)

    def maximum(self, x: Any, y: Any) -> Numbers:
        """The larger; nan if either is; of equal ones the second."""
        return self._chosen("greater", x, y)

    def minimum(self, x: Any, y: Any) -> Numbers:
        """The smaller; nan if either is; of equal ones the second."""
        return self._chosen("less", x, y)

    def _chosen(self, comparison: str, x: Any, y: Any) -> Numbers:
        is_nan = each(self.terms, "not_equal", x, x)
        return each(self.terms, "where", each(self.terms, comparison, x, y) | is_nan, x, y)

    def sign(self, x: Numbers) -> Any:
        """-1, 0 or 1; nan for nan."""
        below = self.where(x < 0.0, -1.0, self.where(x == 0.0, 0.0, x))
        return self.where(x > 0.0, 1.0, below)

    def power(self, x: Any, y: Any) -> Any:
        """x to the power y."""
        n = self._number_of(y)
        if n is not None and n in range(1, MOST_FACTORS + 1) and isinstance(x, Numbers):
            return reduce(lambda product, _: product * x, range(int(n) - 1), x)
        return 1.0 / x if n == -1.0 else each(self.terms, "power", x, y)

    def _number_of(self, y: Any) -> float | None:
        """The plain number that an exponent is; None if it is none."""
        if not isinstance(y, Numbers):
            return float(y)
        which = np.unique(y.where)
        return self.terms.number_of(int(which[0])) if which.size == 1 else None

    def floor_divide(self, x: Any, y: Any) -> Any:
        """The largest whole number not above x / y, as NumPy has it."""
        x, y = (
            value if isinstance(value, Numbers) else Numbers(self.terms, self.terms.constant(value)) for value in (x, y)
        )
        rest = each(self.terms, "fmod", x, y)
        quotient = (x - rest) / y
        other_side = each(self.terms, "not_equal", self.where(y < 0.0, 1.0, 0.0), self.where(rest < 0.0, 1.0, 0.0))
        quotient = self.where((rest != 0.0) & other_side, quotient - 1.0, quotient)
        whole = self.floor(quotient)
        whole = self.where(quotient - whole > 0.5, whole + 1.0, whole)
        whole = self.where(quotient != 0.0, whole, self.copysign(0.0, x / y))
        return self.where(y == 0.0, x / y, whole)

    def remainder(self, x: Any, y: Any) -> Numbers:
        """What is left of x after a whole number of y, with the sign of y."""
        rest = each(self.terms, "fmod", x, y)
        below, y_below = (self.where(each(self.terms, "less", part, 0.0), 1.0, 0.0) for part in (rest, y))
        is_apart = (rest != 0.0) & each(self.terms, "not_equal", below, y_below)
        rest = self.where(is_apart, each(self.terms, "add", rest, y), rest)
        return self.where(rest != 0.0, rest, self.copysign(0.0, y))  # type: ignore[no-any-return]

    def logaddexp(self, x: Any, y: Any) -> Any:
        """log(e^x + e^y)."""
        apart = each(self.terms, "sub", x, y)
        larger = self.where(apart > 0.0, x, y)
        total = larger + self.log1p(self.exp(-abs(apart)))
        return self.where(each(self.terms, "equal", x, y), each(self.terms, "add", x, math.log(2.0)), total)
