"""Writing an array graph down as a short Python program over an array namespace.

Every name in the program is made here; nothing that a user typed gets into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY, LEAVES, TRUTHS, Array, Operand

PRECEDENCE = {"+": 4, "-": 4, "*": 5, "/": 5, "//": 5, "**": 7, "<": 2, "<=": 2, ">": 2, ">=": 2, "==": 2, "!=": 2}
# not %: of NumPy a zero has the sign of the divisor, of JAX that of the dividend
INFIX = {  # how Python's binary operators are written, and how tightly they bind
    name: (operation.symbol, PRECEDENCE[operation.symbol])
    for name, operation in ELEMENTARY.items()
    if operation.symbol in PRECEDENCE and name != "neg"
}
ATOM, PREFIX = 9, 6  # how tightly calls and names, and a sign, bind
FREE = LEAVES | {"alias", "reshape", "transpose"}  # what computes nothing, and gets no name
INLINE = 48  # the longest expression that is written into another instead of getting a name


class Statement:
    """One line of a program: what it names, the text that computes it, the names in that, and the array's shape."""

    __slots__ = ("name", "needs", "shape", "text")

    def __init__(self, name: str, text: str, needs: list[str], shape: str) -> None:
        self.name = name
        self.text = text
        self.needs = needs
        self.shape = shape

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


class Writer:
    """The lines of a program that computes some arrays.

    Args:
        kinds: what to call the arrays that have a meaning: "z" and "a", which get a number.
        deltas: adjoint -> the weighted input z that it belongs to, and whose number it gets.
        gradients: adjoint -> the name of the parameter array it belongs to.
        constants: the arrays of numbers and indices that the lines name, and other functions of the same program.

    Attributes:
        statements: the lines, each an assignment.
        operations: how many array operations they do.
    """

    def __init__(
        self,
        kinds: Mapping[Array, str],
        deltas: Mapping[Array, Array],
        gradients: Mapping[Array, str],
        constants: dict[str, np.ndarray],
    ) -> None:
        self.operations = 0
        self.statements: list[Statement] = []
        self.constants = constants
        self._constant_names = {id(numbers): name for name, numbers in constants.items()}
        self._expression: dict[Array, tuple[str, int]] = {}  # what stands for an array in the text, and how it binds
        self._names: dict[Array, list[str]] = {}  # the names in that text
        self._kinds = kinds
        self._deltas = deltas
        self._gradients = gradients
        self._counts: dict[str, int] = {}
        self._taken: set[str] = set()

    def write(self, outputs: Sequence[Array]) -> list[str]:
        """Write what the outputs need, and return the text that stands for each of them."""
        order = _needed(outputs)
        uses: dict[Array, int] = dict.fromkeys(outputs, 2)  # an output always has a name
        for array in reversed(order):
            times = uses[array] if array.op in FREE else 1  # what has no name is written wherever it is used
            for operand in array.operands:
                if isinstance(operand, Array):
                    uses[operand] = uses.get(operand, 0) + times
        self.operations = sum(array.op not in FREE for array in order)
        for array in order:
            text, binding = self._text(array)
            inner = [self._names[operand] for operand in array.operands if isinstance(operand, Array)]
            names = list(dict.fromkeys(chain.from_iterable(inner))) or ([text] if array.op == "input" else [])
            has_meaning = array in self._kinds or array in self._deltas or array in self._gradients
            if array.op not in FREE and (uses[array] > 1 or len(text) > INLINE or has_meaning):
                name = self._name(array)
                self.statements.append(Statement(name, text, names, shape_of(array)))
                text, binding, names = name, ATOM, [name]
            self._expression[array], self._names[array] = (text, binding), names
        return [self._operand(output) for output in outputs]

    def _name(self, array: Array) -> str:
        if array in self._gradients:
            return f"d{self._gradients[array]}"
        if array in self._deltas:
            weighted_input, _ = self._expression.get(self._deltas[array], ("", ATOM))  # a z that nothing needs
            delta = f"delta{weighted_input[1:]}"
            if weighted_input.startswith("z") and delta.isidentifier() and delta not in self._taken:
                self._taken.add(delta)
                return delta
        return self._new_name(self._kinds.get(array, "c" if array.op in TRUTHS else "t"))

    def _new_name(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}{self._counts[kind]}"

    def _constant(self, numbers: Any) -> str:
        name = self._constant_names.get(id(numbers))  # the same array twice is one and the same object
        if name is None:
            name = f"{'i' if numbers.dtype.kind == 'i' else 'k'}{len(self.constants) + 1}"
            self.constants[name] = numbers
            self._constant_names[id(numbers)] = name
        return name

    def _operand(self, operand: Operand, binding: int = 0) -> str:
        if isinstance(operand, float):
            text = repr(operand) if np.isfinite(operand) else f"float({str(operand)!r})"
            return f"({text})" if text.startswith("-") and binding > PREFIX else text
        text, tightness = self._expression[operand]
        return text if tightness >= binding else f"({text})"

    def _text(self, array: Array) -> tuple[str, int]:
        op, operands, detail = array.op, array.operands, array.detail
        if op == "input":
            return detail, ATOM
        if op == "constant":
            return self._constant(detail), ATOM
        if op in INFIX:
            sign, binding = INFIX[op]
            left = self._operand(operands[0], binding + (op == "pow"))
            right = self._operand(operands[1], binding + (op != "add"))
            return f"{left} {sign} {right}" if op != "pow" else f"{left}**{right}", binding
        if op == "alias":
            return self._expression[operands[0]]
        if op == "neg":
            return f"-{self._operand(operands[0], PREFIX)}", PREFIX
        if op == "share":
            batched, *shape = detail
            return f"full({_lengths(batched, shape)}, {'1.0 / rows' if batched else '1.0'})", ATOM
        first = self._operand(operands[0], ATOM)
        if op == "transpose":
            return (f"{first}.T" if len(array.shape) == 2 and not array.batched else f"swap({first})"), ATOM
        if op == "reshape":
            shape = (-1, *array.shape) if array.batched else array.shape
            return f"{first}.reshape({', '.join(map(str, shape))})", ATOM
        if op == "permute":
            order = [0, *(axis + 1 for axis in detail)] if array.batched else detail
            return f"{first}.transpose({', '.join(map(str, order))})", ATOM
        if op == "slice":
            step = f":{detail.step}" if detail.step != 1 else ""
            return f"{first}[..., {detail.start}:{detail.stop}{step}]", ATOM
        if op == "matmul" or (op == "rows_times" and len(operands[0].shape) == 1):
            return f"{self._operand(operands[0], 5)} @ {self._operand(operands[1], 6)}", 5
        if op == "rows_outer" and len(operands[0].shape) == len(operands[1].shape) == 1 and operands[0].batched:
            return f"{first}.T @ {self._operand(operands[1], 6)}", 5
        if op == "row_sum":
            return f"{first}.sum(0)", ATOM
        if op == "take":
            return f"take({self._operand(operands[0])}, {self._constant(detail)})", ATOM
        arguments = [self._operand(operand) for operand in operands]
        if op == "segment_sum":
            arguments.append(self._constant(detail))
        elif op == "broadcast":
            batched, *shape = detail
            arguments.append(_lengths(batched, shape))
        elif op == "assemble":
            places = [
                f"slice({where.start}, {where.stop}, {where.step})"
                if isinstance(where, slice)
                else self._constant(where)
                for where in detail
            ]
            pieces = ", ".join(f"({place}, {argument})" for place, argument in zip(places, arguments))
            arguments = [_lengths(array.batched, array.shape), pieces]
        return f"{op}({', '.join(arguments)})", ATOM


def shape_of(array: Array) -> str:
    """The shape for a reader: ``rows × 16``."""
    return " × ".join([*(["rows"] if array.batched else []), *map(str, array.shape)])


def _lengths(batched: bool, shape: Sequence[int]) -> str:
    """The shape of an array with its batch axis, as program text."""
    return str(("rows", *shape) if batched else (*shape,)).replace("'", "")


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
