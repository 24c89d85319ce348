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

from engine.lifting.arrays import TRUTHS, Array
from engine.lifting.differentiate import Derivatives
from engine.lifting.lift import Lifted
from engine.lifting.loops.array_loop import ArrayLoop
from engine.lifting.loops.write import write_loop
from engine.lifting.syntax import ATOM, FREE, Operands, Statement, costs, shape_of, written
from engine.mathematics.wrapping import WIDTH, wrapped

INLINE = 48  # the longest expression that is written into another instead of getting a name

_NONE: Mapping[Array, Any] = MappingProxyType({})


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


def write(lifted: Lifted, derivatives: Derivatives | None, scans: bool = False) -> ProgramText:
    """The function `value` of a lifted graph, and with its derivatives `value_and_gradients`.

    A loop is a ``for``, or with `scans` a function that `scan` calls.
    """
    constants = Constants()
    kinds = dict.fromkeys(lifted.results, "a") | dict.fromkeys(lifted.sums, "z")
    with_rows = [array for array in lifted.inputs if array.batched]
    same_for_all = [*lifted.parameters, *(array for array in lifted.inputs if not array.batched)]
    arguments = [array.detail for array in (*same_for_all, *with_rows)]
    rows = f"rows = len({with_rows[0].detail})" if with_rows else ""
    lines = Lines(constants, kinds, scans=scans)
    functions = [lines.function("value", arguments, rows, [lifted.output])]
    if derivatives is not None:
        gradients = {gradient: each.detail for gradient, each in zip(derivatives.gradients, derivatives.of)}
        lines = Lines(constants, kinds, derivatives.deltas, gradients, scans)
        outputs = [lifted.output, *derivatives.gradients]
        functions.append(lines.function("value_and_gradients", arguments, rows, outputs))
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


class Text:
    """The text of a function, while it is written: its lines, and the names that are taken."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.statements: list[Statement] = []
        self.operations = 0
        self.loops = 0  # around the line to come
        self.taken: set[str] = set()
        self.names: dict[Array, str] = {}  # of the arrays that have one
        self._indent = ""
        self._counts: dict[str, int] = {}

    def add(self, statement: Statement) -> None:
        """A line that names something."""
        self.statements.append(statement)
        self.line(str(statement))

    def line(self, text: str) -> None:
        self.lines.append(f"{self._indent}{text}")

    def begin(self, head: str) -> None:
        """The first line of a block; what follows is inside it."""
        self.line(head)
        self._indent += "    "

    def end(self) -> None:
        """The end of the block."""
        self._indent = self._indent[:-4]

    def new_name(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}{self._counts[kind]}"


class Lines:
    """The lines of a function, or of a stage of a loop in it, that compute some arrays.

    Args:
        constants: of the whole program.
        kinds: what to call the arrays that have a meaning: "z" and "a", which get a number.
        deltas: adjoint -> the weighted input z that it belongs to, and whose number it gets.
        gradients: adjoint -> the name of the parameter array it belongs to.
        scans: whether a loop is a function that `scan` calls, as JAX wants it, or else a ``for``.
        text: of the function.
        rows: how many rows a batch has here.
    """

    def __init__(
        self,
        constants: Constants,
        kinds: Mapping[Array, str],
        deltas: Mapping[Array, Array] = _NONE,
        gradients: Mapping[Array, str] = _NONE,
        scans: bool = False,
        text: Text | None = None,
        rows: str = "rows",
    ) -> None:
        self.out = text or Text()
        self.operands = Operands(rows)
        self.needs: dict[Array, list[str]] = {}  # the names in an array's text
        self.scans = scans
        self._constants = constants
        self._kinds = kinds
        self._deltas = deltas
        self._gradients = gradients

    def function(self, name: str, arguments: Sequence[str], rows: str, outputs: Sequence[Array]) -> ProgramFunction:
        """The function that returns the outputs; `rows` is the line that counts a batch's rows, if it has any."""
        self.write(needed(outputs), outputs)
        results = ", ".join([self.operands.text(output) for output in outputs])
        body = [*self.out.lines, f"return {results}"]
        if rows and any("rows" in line for line in body):
            body.insert(0, rows)
        lines = [wrapped(line, WIDTH - 4).replace("\n", "\n    ") for line in body]
        text = "\n".join([wrapped(f"def {name}({', '.join(arguments)}):"), *(f"    {line}" for line in lines)])
        return ProgramFunction(name, text, self.out.statements, self.out.operations)

    def section(self, loop: ArrayLoop, rows: str, results: Sequence[Array]) -> Lines:
        """Lines of the same function for a stage of a loop with these results; no array is known there yet."""
        kinds = dict.fromkeys(loop.results, "a") | dict.fromkeys(loop.sums, "z")
        for after in loop.after:
            kinds.pop(after, None)  # it has the name of the state
        gradients = {each.detail[1]: self._gradients[each] for each in results if each in self._gradients}
        return Lines(self._constants, kinds, loop.deltas, gradients, self.scans, self.out, rows)

    def write(self, order: Sequence[Array], outputs: Sequence[Array]) -> None:
        """The arrays in that order, but for those that are known already; the outputs get a name."""
        uses = _uses(order, outputs)
        for array in order:
            if array not in self.operands:
                if array.op == "loop":
                    write_loop(
                        self, array, [each for each in order if each.op == "of_loop" and each.operands[0] is array]
                    )
                else:
                    self.out.operations += array.op not in FREE
                    self._write(array, uses.get(array, 1))

    def know(self, array: Array, text: str, needs: Sequence[str]) -> None:
        """An array's numbers are those of a text that binds like a name."""
        self.operands[array], self.needs[array] = (text, ATOM), [*needs]

    def named(self, array: Array, kind: str, text: str, needs: Sequence[str]) -> str:
        """A line that names a text, which has the shape of that array; the name."""
        name = self.out.new_name(kind)
        self.out.add(Statement(name, text, [*needs], shape_of(array)))
        return name

    def _write(self, array: Array, uses: int) -> None:
        """The array's text: a line of its own, or an expression to be put into others."""
        text, binding = written(array, self.operands, self._constants.name)
        inner = [self.needs[operand] for operand in array.operands if isinstance(operand, Array)]
        needs = list(dict.fromkeys(chain.from_iterable(inner))) or ([text] if array.op == "input" else [])
        has_meaning = array in self._kinds or array in self._deltas or array in self._gradients
        if (array.op not in FREE and (len(text) > INLINE or has_meaning)) or (uses > 1 and costs(array)):
            name = self.out.names[array] = self._name(array)
            self.out.add(Statement(name, text, needs, shape_of(array)))
            text, binding, needs = name, ATOM, [name]
        self.operands[array], self.needs[array] = (text, binding), needs

    def _name(self, array: Array) -> str:
        if array in self._gradients:
            return f"d{self._gradients[array]}"
        z = self._deltas.get(array)
        if z is not None and z in self.out.names:  # and not a z that nothing needs
            weighted_input = self.out.names[z]
            delta = f"delta{weighted_input[1:]}"
            if weighted_input.startswith("z") and delta.isidentifier() and delta not in self.out.taken:
                self.out.taken.add(delta)
                return delta
        return self.out.new_name(self._kinds.get(array, "c" if array.op in TRUTHS else "t"))


def _uses(order: Sequence[Array], outputs: Sequence[Array]) -> dict[Array, int]:
    """How often each array's text is used. An output counts twice: it always has a name."""
    uses: dict[Array, int] = dict.fromkeys(outputs, 2)
    for array in reversed(order):
        times = 1 if costs(array) else uses.get(array, 1)  # what has no name is written wherever it is used
        for operand in array.operands:
            if isinstance(operand, Array):
                uses[operand] = uses.get(operand, 0) + times
    return uses


def needed(outputs: Sequence[Array]) -> list[Array]:
    """The outputs and what they are computed from, each after its operands."""
    found: set[Array] = set()
    stack = list(outputs)
    while stack:
        array = stack.pop()
        if array not in found:
            found.add(array)
            stack.extend(operand for operand in array.operands if isinstance(operand, Array))
    return [array for array in outputs[0].graph.arrays if array in found] if outputs else []
