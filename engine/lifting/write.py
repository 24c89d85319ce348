"""Writing an array graph down as a short Python program over an array namespace.

Every name in the program is made here; nothing that a user typed gets into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.lifting.arrays import LEAVES, TRUTHS, Array
from engine.lifting.differentiate import Derivatives
from engine.lifting.lift import Lifted
from engine.lifting.syntax import ATOM, Operands, shape_of, written

FREE = LEAVES | {"alias", "reshape", "transpose"}  # what computes nothing, and gets no name
INLINE = 48  # the longest expression that is written into another instead of getting a name

_NONE: Mapping[Array, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a program: what it names, the text that computes it, the names in that, and the array's shape."""

    name: str
    text: str
    needs: list[str]
    shape: str

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


@dataclass(frozen=True)
class ProgramFunction:
    """A function of a program: its text, its lines that name something, and how many array operations it does."""

    name: str
    text: str
    statements: list[Statement]
    operations: int


@dataclass(frozen=True)
class ProgramText:
    """A program written down: its functions, and the arrays of numbers and indices that they name."""

    functions: list[ProgramFunction]
    constants: dict[str, np.ndarray]


def write(lifted: Lifted, derivatives: Derivatives | None) -> ProgramText:
    """The function `value` of a lifted graph, and with its derivatives `value_and_gradients`."""
    constants = Constants()
    kinds = dict.fromkeys(lifted.results, "a") | dict.fromkeys(lifted.sums, "z")
    arguments = [array.detail for array in (*lifted.parameters, *lifted.inputs)]
    rows = f"rows = len({lifted.inputs[0].detail})" if lifted.inputs else ""
    value = Lines(constants, kinds)
    functions = [value.function("value", arguments, rows, [lifted.output])]
    if derivatives is not None:
        gradients = {gradient: each.detail for gradient, each in zip(derivatives.gradients, lifted.parameters)}
        both = Lines(constants, kinds, derivatives.deltas, gradients)
        outputs = [lifted.output, *derivatives.gradients]
        functions.append(both.function("value_and_gradients", arguments, rows, outputs))
    return ProgramText(functions, constants.arrays)


class Constants:
    """The arrays of numbers (k) and of indices (i) that a program names."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self._names: dict[int, str] = {}

    def name(self, numbers: Any) -> str:
        """The name of an array: the same one for the same object."""
        if id(numbers) not in self._names:
            name = f"{'i' if numbers.dtype.kind == 'i' else 'k'}{len(self.arrays) + 1}"
            self.arrays[name] = numbers
            self._names[id(numbers)] = name
        return self._names[id(numbers)]


class Lines:
    """The lines of a function that computes some arrays.

    Args:
        constants: of the whole program.
        kinds: what to call the arrays that have a meaning: "z" and "a", which get a number.
        deltas: adjoint -> the weighted input z that it belongs to, and whose number it gets.
        gradients: adjoint -> the name of the parameter array it belongs to.
    """

    def __init__(
        self,
        constants: Constants,
        kinds: Mapping[Array, str],
        deltas: Mapping[Array, Array] = _NONE,
        gradients: Mapping[Array, str] = _NONE,
    ) -> None:
        self._statements: list[Statement] = []
        self._constants = constants
        self._operands = Operands()
        self._needs: dict[Array, list[str]] = {}  # the names in an array's text
        self._kinds = kinds
        self._deltas = deltas
        self._gradients = gradients
        self._counts: dict[str, int] = {}
        self._taken: set[str] = set()

    def function(self, name: str, arguments: Sequence[str], rows: str, outputs: Sequence[Array]) -> ProgramFunction:
        """The function that returns the outputs; `rows` is the line that counts a batch's rows, if it has any."""
        order = _needed(outputs)
        uses = _uses(order, outputs)
        for array in order:
            self._write(array, uses[array])
        results = ", ".join([self._operands.text(output) for output in outputs])
        body = [*map(str, self._statements), f"return {results}"]
        if rows and any("rows" in line for line in body):
            body.insert(0, rows)
        text = "\n".join([f"def {name}({', '.join(arguments)}):", *(f"    {line}" for line in body)])
        return ProgramFunction(name, text, self._statements, sum(array.op not in FREE for array in order))

    def _write(self, array: Array, uses: int) -> None:
        """The array's text: a line of its own, or an expression to be put into others."""
        text, binding = written(array, self._operands, self._constants.name)
        inner = [self._needs[operand] for operand in array.operands if isinstance(operand, Array)]
        needs = list(dict.fromkeys(chain.from_iterable(inner))) or ([text] if array.op == "input" else [])
        has_meaning = array in self._kinds or array in self._deltas or array in self._gradients
        if array.op not in FREE and (uses > 1 or len(text) > INLINE or has_meaning):
            name = self._name(array)
            self._statements.append(Statement(name, text, needs, shape_of(array)))
            text, binding, needs = name, ATOM, [name]
        self._operands[array], self._needs[array] = (text, binding), needs

    def _name(self, array: Array) -> str:
        if array in self._gradients:
            return f"d{self._gradients[array]}"
        z = self._deltas.get(array)
        if z is not None and z in self._operands:  # and not a z that nothing needs
            weighted_input, _ = self._operands[z]
            delta = f"delta{weighted_input[1:]}"
            if weighted_input.startswith("z") and delta.isidentifier() and delta not in self._taken:
                self._taken.add(delta)
                return delta
        return self._new_name(self._kinds.get(array, "c" if array.op in TRUTHS else "t"))

    def _new_name(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}{self._counts[kind]}"


def _uses(order: Sequence[Array], outputs: Sequence[Array]) -> dict[Array, int]:
    """How often each array's text is used. An output counts twice: it always has a name."""
    uses: dict[Array, int] = dict.fromkeys(outputs, 2)
    for array in reversed(order):
        times = uses[array] if array.op in FREE else 1  # what has no name is written wherever it is used
        for operand in array.operands:
            if isinstance(operand, Array):
                uses[operand] = uses.get(operand, 0) + times
    return uses


def _needed(outputs: Sequence[Array]) -> list[Array]:
    """What the outputs are computed from, each after its operands."""
    needed: dict[Array, None] = {}
    stack = list(outputs)
    while stack:
        array = stack.pop()
        if array not in needed:
            needed[array] = None
            stack.extend(operand for operand in array.operands if isinstance(operand, Array))
    return [array for array in outputs[0].graph.arrays if array in needed] if outputs else []
