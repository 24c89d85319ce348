"""What a template of a network leaves open: the sizes of its layers and their activations.

A template is an array graph like any other. Its layers are traced with numbers of neurons that are all different, and
each is an `Extent` from then on: a whole number with a name, which every offset and stride computed from it keeps. The
activation of layer l is an operation `activation<l>` with the slope `slope<l>`, which the page fills with a rule's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.lifting.arrays import ELEMENTARY, REDUCTIONS, Array
from engine.primitive import Elementary, elementary
from engine.primitives import Primitive
from engine.render.walkthrough.javascript import JavaScriptExpression, Script

MOST_LAYERS = 5  # hidden ones; a template is some 3 kB of the page
KEEPING = {"input", "sum", "transpose", "rows_times", "rows_outer", "row_sum", "reshape", "broadcast", "share", "alias"}


class Extent(int):
    """A whole number that is written by its name in JavaScript."""

    text: str

    def __mul__(self, other: int) -> Any:
        if other == 1:
            return self
        return other if other == 0 else extent(int(self) * int(other), f"{_factor(self)} * {_factor(other)}")

    def __add__(self, other: int) -> Any:
        return self if other == 0 else extent(int(self) + int(other), f"{self.text} + {other}")

    __rmul__, __radd__ = __mul__, __add__

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return self.text


def extent(number: int, text: str) -> Extent:
    """A number with its name."""
    made = Extent(number)
    made.text = text
    return made


def _factor(number: int) -> str:
    return f"({number})" if isinstance(number, Extent) and "+" in number.text else f"{number}"


def open_extents(arrays: Iterable[Array], names: Mapping[int, str], fixed: set[int]) -> None:
    """Make the lengths of the arrays' axes extents.

    Args:
        arrays: of a graph that was traced with these lengths.
        names: length -> name.
        fixed: lengths of the same arrays that stay numbers.

    Raises:
        ValueError: for an array that another number of neurons would change in another way.
    """
    extents = {length: extent(length, name) for length, name in names.items()}
    for array in arrays:
        shape = tuple([extents.get(length, length) for length in array.shape])
        is_open = any(isinstance(length, Extent) for length in shape)
        keeps = array.op in KEEPING or array.op in PLACEHOLDERS or array.op in {*ELEMENTARY} - REDUCTIONS
        from_open = any(isinstance(x, Array) and {*x.shape} & {*extents} for x in array.operands)
        if (is_open or from_open) and not (keeps and {*array.shape} <= {1, *fixed, *extents}):
            raise ValueError(f"its program has the operation {array.op!r}, whose form depends on the number of neurons")
        array.shape = shape


def _unknown(*_: float) -> float:
    return math.nan


def _activation(layer: int) -> Elementary:
    def slope(z: Any, a: Any, y: Any) -> Any:  # noqa: ARG001
        raise TypeError("the slope of an open activation has no derivative")

    slope.__name__ = f"slope{layer}"
    of_slope = elementary(f"f{layer}'(z)", "0", "0", number=_unknown, is_public=False)(slope)

    def activation(z: Any, y: Any) -> Any:
        return lambda g: (g * of_slope(z, y),)

    activation.__name__ = f"activation{layer}"
    return elementary(f"f{layer}(z)", f"f{layer}'(z)", number=_unknown, is_public=False)(activation)


OPEN_ACTIVATIONS = [_activation(layer) for layer in range(1, MOST_LAYERS + 1)]
PLACEHOLDERS = {
    name: pattern
    for layer in range(MOST_LAYERS)
    for name, pattern in (
        (f"activation{layer + 1}", f"f[{layer}].value({{}})"),
        (f"slope{layer + 1}", f"f[{layer}].slope({{}}, {{}})"),
    )
}
"""What the operations are in JavaScript, by their names."""


class ArrayForm(JavaScriptExpression):
    """An expression in the form that array code has: what a compiled `fit` computes."""

    __slots__ = ()

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        if isinstance(primitive, Elementary) and primitive.is_built_in:
            if primitive.in_arrays is not None:
                return primitive.in_arrays(*operands)
            made = self.script.compute(primitive, operands)
            return ArrayForm(self.script, made.text, made.number)
        return primitive.rule(*operands)[0]


def filled_activation(operation: Primitive) -> str:
    """The JavaScript object ``{value, slope}`` of an activation: functions of z, and of z and a.

    Raises:
        TypeError: for a rule that is not written with the engine's operations.
    """
    script = Script()
    value, pullback = operation.rule(ArrayForm(script, "z", 0.5), *operation.defaults)
    a = script.operand(value)[0]
    forward = [*script.lines]
    slope, *_ = pullback(ArrayForm(script, "1", 1.0))
    known = [f"const {a} = a;" if line.startswith(f"const {a} = ") else line for line in script.lines]
    written = script.operand(slope)[0]
    return (
        f"{{ value: (z) => {{ {needed_lines(forward, a)}return {a}; }}, "
        f"slope: (z, a) => {{ {needed_lines(known, written)}return {written}; }} }}"
    )


def needed_lines(lines: list[str], result: str) -> str:
    """The lines that a result is computed from."""
    names, kept = {*re.findall(r"t\d+", result)}, []
    for line in reversed(lines):
        name, _, text = line.removeprefix("const ").partition(" = ")
        if name in names:
            names.update(re.findall(r"\bt\d+\b", text))
            kept.append(f"{line} ")
    return "".join(reversed(kept))


LINEAR = "{ value: (z) => z, slope: () => 1 }"
