"""Primitives in JavaScript, made by calling their own rules.

A `JavaScriptExpression` is an operand (`engine.operand`): a rule called with such expressions returns that of its value
and a pullback, and the pullback called with one returns those of the contributions. Written down in order they are a
JavaScript function, so that the page has every derivative, those of users' primitives too, and none of them is written
twice. What an elementary operation is in JavaScript stands with its rule; what JavaScript has not is in special.js.

    >>> from engine import primitives
    >>> print(javascript(primitives.tanh, (0.5,)))
    (x0) => {
      const t0 = ieee.tanh(x0);
      return [t0, (g) => {
        const t1 = ieee.sech2(x0);
        const t2 = g * t1;
        return [t2];
      }];
    }
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.operand import Operators
from engine.primitives import OPERATIONS, Elementary, Primitive, as_float
from engine.primitives.stopping import NOTHING

Operand = Any  # a JavaScriptExpression, or a number

INFIX = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}", "abs": "Math.abs({})"}


def arithmetic() -> str:
    """The object `ieee`: what the number of every elementary operation is in JavaScript, as the rules' table says."""
    lines = [
        f"  {operation.name}: {operation.javascript},\n"
        for operation in OPERATIONS.values()
        if isinstance(operation, Elementary) and operation.name not in INFIX
    ]
    return f"const ieee = {{\n{''.join(lines)}}};\n"


def javascript(primitive: Primitive, numbers: Sequence[float]) -> str | None:
    """A JavaScript function of as many operands as there are numbers, with what the primitive's rule returns.

    It returns the value and the pullback, a function from the adjoint to an array of contributions, null where there is
    no derivative at all. None for a rule
    that cannot be written down: it leaves the engine's functions (``math.exp``), branches with ``if``, or gives
    something else at these numbers, since it goes by more than its operands.
    """
    script = Script()
    names = [f"x{k}" for k in range(len(numbers))]
    try:
        value, pullback = primitive.rule(
            *[JavaScriptExpression(script, name, number) for name, number in zip(names, numbers)]
        )
        forward, script.lines = script.lines, []
        contributions = [*pullback(JavaScriptExpression(script, "g", 1.0))]
        expected, true_pullback = primitive.rule(*numbers)
        slopes = [*true_pullback(1.0)]
        if not _same([expected, *slopes], [value, *contributions]):
            return None
        value, *contributions = [
            "null" if result is NOTHING else script.operand(result)[0] for result in (value, *contributions)
        ]
    except Exception:  # whatever a user's rule raises when its operands are not numbers
        return None
    inner = "".join([f"    {line}\n" for line in script.lines])
    outer = "".join([f"  {line}\n" for line in forward])
    returned = ", ".join(contributions)
    return (
        f"({', '.join(names)}) => {{\n{outer}  return [{value}, (g) => {{\n{inner}    return [{returned}];\n  }}];\n}}"
    )


def _same(expected: Sequence[float], found: Sequence[Operand]) -> bool:
    """Whether the numbers are equal, nan to nan."""
    numbers = [result.number if isinstance(result, JavaScriptExpression) else as_float(result) for result in found]
    return len(expected) == len(numbers) and all(
        math.isnan(x) and math.isnan(y) if x != y else True for x, y in zip(expected, numbers)
    )


class Script:
    """The lines written so far. What is computed already is not written again."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[str, JavaScriptExpression] = {}

    def compute(self, operation: Elementary, operands: Sequence[Operand]) -> JavaScriptExpression:
        """The expression of an elementary operation."""
        written = [self.operand(operand) for operand in operands]
        pattern = INFIX.get(operation.name) or f"ieee.{operation.name}({', '.join(['{}'] * len(operands))})"
        text = pattern.format(*[text for text, _ in written])
        if text not in self._known:
            made = JavaScriptExpression(self, f"t{len(self._known)}", operation(*[number for _, number in written]))
            self._known[text] = made
            self.lines.append(f"const {made.text} = {text};")
        return self._known[text]

    def operand(self, operand: Operand) -> tuple[str, float]:
        """How an operand is written in JavaScript, and its number."""
        if isinstance(operand, JavaScriptExpression):
            return operand.text, operand.number
        number = as_float(operand)
        if not math.isfinite(number):
            return {math.inf: "Infinity", -math.inf: "(-Infinity)"}.get(number, "NaN"), number
        return (f"({number!r})" if math.copysign(1.0, number) < 0.0 else repr(number)), number


class JavaScriptExpression(Operators):
    """A number in the page: its name there, and what it is here, at the numbers that the rule is tried on."""

    __slots__ = ("number", "script", "text")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, script: Script, text: str, number: float) -> None:
        self.script = script
        self.text = text
        self.number = number

    def __primitive__(self, primitive: Primitive, operands: tuple[Operand, ...]) -> Operand:
        if isinstance(primitive, Elementary) and primitive.is_built_in:
            return self.script.compute(primitive, operands)
        return primitive.rule(*operands)[0]  # it is written in the engine's operations, as this rule is

    def _refuse(self, *_: object) -> Any:
        raise TypeError("a Python branch on an expression: choose with engine.where(condition, a, b)")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
