"""An array graph as JavaScript: loops over typed arrays.

Each array that has to be computed has a buffer and a loop that fills it. What only moves numbers about is a view of
another array's buffer (`views`), and an operation that only one other uses, number by number, is written into that one.
What the operations are in JavaScript stands with their rules; the derivatives are arrays of the graph already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY, REDUCTIONS, Array, Operand
from engine.render.playground.placeholders import PLACEHOLDERS, Extent
from engine.render.playground.views import View, contiguous, reshaped
from engine.render.walkthrough.javascript import INFIX

UNROLLED = 16  # terms of an inner product that are written out
LITERALS = {math.inf: "Infinity", -math.inf: "(-Infinity)"}


class ArrayLoops:
    """Writes arrays as loops, in the order of their graph.

    Args:
        leaves: where the numbers of the parameter and argument arrays are, by their names in the graph.
        kept: arrays that get a buffer whatever they are used for.

    Attributes:
        lengths: how many numbers each buffer holds, and whether that is for each row: by its name.
        constants: the arrays of numbers and of indices, by name.
    """

    def __init__(self, leaves: Mapping[str, View], kept: Iterable[Array]) -> None:
        self.lengths: dict[str, tuple[int, bool]] = {}
        self.constants: dict[str, list[float] | list[int]] = {}
        self._leaves = leaves
        self._kept = {*kept}
        self._views: dict[Array, View] = {}
        self._numbers: dict[Array, str] = {}  # what is one number for all, as an expression
        self._inlined: set[Array] = set()
        self._constant_names: dict[tuple[str, bytes], str] = {}

    def view(self, array: Array) -> View:
        """Where the numbers of an array that has been written are."""
        return self._views[array]

    def function(self, arrays: Sequence[Array], all_arrays: Sequence[Array], gradients: Mapping[Array, int]) -> str:
        """The lines that compute `arrays`, each after its operands.

        Args:
            arrays: what to compute; what they need besides has been written before.
            all_arrays: all that is ever computed, to see who uses what.
            gradients: arrays that are copied into `grad`, and from where on.
        """
        users: dict[Array, list[Array]] = {}
        for array in all_arrays:
            for operand in array.operands:
                if isinstance(operand, Array):
                    users.setdefault(operand, []).append(array)
        here = {*arrays}
        lines = []
        for array in arrays:
            used = users.get(array, [])
            if (
                _is_elementwise(array)
                and array not in self._kept
                and array not in gradients
                and len(used) == 1
                and used[0] in here
                and _is_elementwise(used[0])
                and (used[0].shape, used[0].batched) == (array.shape, array.batched)
            ):
                self._inlined.add(array)
                continue
            lines += self._written(array)
        for array, offset in gradients.items():
            target = contiguous("grad", array.shape, False, offset)
            lines += _loops(array, lambda at, a=array, t=target: f"{t.number(at)} = {self._number(a, at)};")
        return "".join([f"{line}\n" for line in lines])

    # One array

    def _written(self, array: Array) -> list[str]:
        operand = array.operands[0] if array.operands else None
        moved = self._moved(array, operand)
        if moved is not None:
            self._views[array] = moved
            return []
        if array.op == "share":
            self._numbers[array] = "(1 / rows)" if array.batched else "1"
            return []
        if array.op == "broadcast" and (not isinstance(operand, Array) or operand in self._numbers):
            self._numbers[array] = self._number(operand, ())
            return []
        if array.op in ("reshape", "transpose", "permute", "slice", "alias", "number") and operand in self._numbers:
            self._numbers[array] = self._numbers[operand]
            return []
        view = self._new(array)
        write = _WRITERS.get(array.op)
        if write is not None:
            return write(self, array, view)
        if array.op in REDUCTIONS:
            return self._reduction(array, view)
        if not _is_elementwise(array):
            raise ValueError(
                f"a playground cannot compute this model: its program has the operation {array.op!r}, which has no "
                "form in JavaScript; train it with fit, compiled=True"
            )
        return _loops(array, lambda at: f"{view.number(at)} = {self._computed(array, at)};")

    def _moved(self, array: Array, x: Any) -> View | None:
        """The view that an array is of another's numbers; None if it has to be computed."""
        if array.op == "input":
            return self._leaves[array.detail]
        if array.op == "constant":
            return contiguous(self._constant(array.detail), array.shape, False)
        if not isinstance(x, Array) or x not in self._views:
            return None
        view = self._views[x]
        if array.op in ("alias", "number"):
            return view
        if array.op == "reshape":
            return reshaped(view, x.shape, array.shape)
        if array.op == "transpose":
            return View(view.buffer, view.offset, view.row, (*view.strides[:-2], view.strides[-1], view.strides[-2]))
        if array.op == "permute":
            return View(view.buffer, view.offset, view.row, tuple([view.strides[axis] for axis in array.detail]))
        if array.op == "slice":
            start, last = array.detail.start, view.strides[-1]
            return View(
                view.buffer, view.offset + start * last, view.row, (*view.strides[:-1], last * array.detail.step)
            )
        if array.op == "broadcast":
            strides = [0 if length == 1 else stride for length, stride in zip(x.shape, view.strides)]
            missing = len(array.shape) - len(strides)
            return View(view.buffer, view.offset, view.row, (*[0] * missing, *strides))
        return None

    def _new(self, array: Array) -> View:
        name = f"b{len(self.lengths)}"
        self.lengths[name] = array.size, array.batched
        view = self._views[array] = contiguous(name, array.shape, array.batched)
        return view

    def _constant(self, numbers: np.ndarray) -> str:
        key = (numbers.dtype.kind, numbers.tobytes())
        name = self._constant_names.get(key)
        if name is None:
            name = self._constant_names[key] = f"k{len(self.constants)}"
            self.constants[name] = numbers.reshape(-1).tolist()
        return name

    # Expressions

    def _number(self, operand: Operand, at: Sequence[str]) -> str:
        """A number of an operand: at places of its own shape, or of a shape that it is repeated to."""
        if not isinstance(operand, Array):
            return literal(float(operand))
        if operand in self._numbers:
            return self._numbers[operand]
        here = at[len(at) - len(operand.shape) :]
        places = ["0" if length == 1 else place for length, place in zip(operand.shape, here)]
        return self._computed(operand, places) if operand in self._inlined else self._views[operand].number(places)

    def _computed(self, array: Array, at: Sequence[str]) -> str:
        """The expression of an operation on numbers."""
        operands = [self._number(operand, at) for operand in array.operands]
        pattern = INFIX.get(array.op) or PLACEHOLDERS.get(array.op)
        if pattern:
            return f"({pattern.format(*operands)})"
        return f"ieee.{array.op}({', '.join(operands)})"

    # Operations on whole arrays

    def _reduction(self, array: Array, view: View) -> list[str]:
        (x,) = array.operands
        length = x.shape[-1]

        def line(at: Sequence[str]) -> str:
            target = view.number(at)
            if array.op == "sum":
                return self._sum(target, length, lambda k: self._number(x, [*at[:-1], k]))
            numbers = f"Array.from({{ length: {length} }}, (_, k) => {self._number(x, [*at[:-1], 'k'])})"
            return f"{target} = ieee.{array.op}(...{numbers});"

        return _loops(array, line)

    @staticmethod
    def _sum(target: str, length: int, term: Any) -> str:
        if length <= UNROLLED and not isinstance(length, Extent):
            return f"{target} = {' + '.join([term(str(k)) for k in range(length)])};"
        return f"let s = 0; for (let k = 0; k < {length}; k++) s += {term('k')}; {target} = s;"

    def _product(self, array: Array, view: View) -> list[str]:
        """A matrix product: the last axis of one with the last but one of the other."""
        a, b = array.operands

        def line(at: Sequence[str]) -> str:
            def term(k: str) -> str:
                leading = at[len(at) - len(b.shape) : -2] if len(b.shape) > 2 else []
                return f"{self._number(a, [*at[:-1], k])} * {self._number(b, [*leading, k, at[-1]])}"

            return self._sum(view.number(at), a.shape[-1], term)

        return _loops(array, line)

    def _rows_outer(self, array: Array, view: View) -> list[str]:
        g, v = array.operands
        leading = [f"l{axis}" for axis in range(len(g.shape) - 1)]
        inner = f"{view.number(['i0', 'i1'])} += {self._number(g, [*leading, 'i0'])} * "
        inner += f"{self._number(v, [*leading, 'i1'])};"
        loops = "".join([_for(name, length) for name, length in zip(leading, g.shape)])
        rows = "for (let r = 0; r < rows; r++) " if g.batched else ""
        body = f"{_for('i0', array.shape[0])}{_for('i1', array.shape[1])}{inner}"
        return [f"{view.buffer}.fill(0);", f"{rows}{loops}{body}"]

    def _row_sum(self, array: Array, view: View) -> list[str]:
        (x,) = array.operands
        return [
            f"{view.buffer}.fill(0);",
            *_loops(array, lambda at: f"{view.number(at)} += {self._number(x, at)};", batched=True),
        ]

    def _copy(self, array: Array, view: View) -> list[str]:
        """What a view cannot be: a reshape of numbers that do not lie one behind the other."""
        (x,) = array.operands
        if array.op != "reshape":
            return _loops(array, lambda at: f"{view.number(at)} = {self._number(x, at)};")
        old = contiguous(view.buffer, x.shape, array.batched)
        return _loops(x, lambda at: f"{old.number(at)} = {self._number(x, at)};", batched=array.batched)

    def _concatenate(self, array: Array, view: View) -> list[str]:
        lines, start = [], 0
        for x in array.operands:
            part = View(view.buffer, view.offset + start, view.row, view.strides)
            lines += _loops(x, lambda at, x=x, t=part: f"{t.number(at)} = {self._number(x, at)};", array.batched)
            start += x.shape[-1]
        return lines

    def _take(self, array: Array, view: View) -> list[str]:
        (x,) = array.operands
        indices = contiguous(self._constant(array.detail), array.shape, False)
        return _loops(array, lambda at: f"{view.number(at)} = {self._number(x, [indices.number(at)])};")

    def _spread(self, array: Array, view: View) -> list[str]:
        (x,) = array.operands
        indices = contiguous(self._constant(array.detail), array.shape, False)

        def line(at: Sequence[str]) -> str:
            return f"const k = {indices.number(at)}; {view.number(at)} = k < 0 ? 0 : {self._number(x, ['k'])};"

        return _loops(array, line)

    def _masked_product(self, array: Array, view: View) -> list[str]:
        """A matrix product without the terms that the mask leaves out; times 0 would make nan of what is infinite."""
        a, b = array.operands
        mask = contiguous(self._constant(array.detail.astype(int)), array.detail.shape, False)

        def line(at: Sequence[str]) -> str:
            def term(k: str) -> str:
                here = [*at[:-1], k]
                there = [*at[len(at) - len(b.shape) : -2], k, at[-1]]
                held = mask.number(here[len(here) - len(array.detail.shape) :])
                return f"({held} ? {self._number(a, here)} * {self._number(b, there)} : 0)"

            return self._sum(view.number(at), a.shape[-1], term)

        return _loops(array, line)

    def _blocks_outer(self, array: Array, view: View) -> list[str]:
        g, v = array.operands
        block, of_g, of_v, k = "i0", "i1", "i2", "k"
        inner = f"{view.number([block, of_g, of_v])} += {self._number(g, [block, k, of_g])} * "
        inner += f"{self._number(v, [block, k, of_v])};"
        loops = "".join([_for(name, length) for name, length in zip((block, of_g, of_v), array.shape)])
        rows = "for (let r = 0; r < rows; r++) " if g.batched else ""
        return [f"{view.buffer}.fill(0);", f"{rows}{loops}{_for(k, g.shape[1])}{inner}"]

    def _assemble(self, array: Array, view: View) -> list[str]:
        lines = [f"{view.buffer}.fill(0, 0, {array.size}{' * rows' if array.batched else ''});"]
        axes = len(array.shape) - 1
        for where, x in zip(array.detail, array.operands):
            if isinstance(where, slice):
                last = view.strides[-1]
                strides = (*view.strides[:-1], last * where.step)
                part = View(view.buffer, view.offset + where.start * last, view.row, strides)
                lines += _loops(x, lambda at, x=x, t=part: f"{t.number(at)} += {self._number(x, at)};", array.batched)
                continue
            indices = contiguous(self._constant(where), where.shape, False)

            def add(at: Sequence[str], x: Array = x, indices: View = indices) -> str:
                return f"{view.number([*at[:axes], indices.number(at[axes:])])} += {self._number(x, at)};"

            lines += _loops(x, add, array.batched)
        return lines

    def _segment_sum(self, array: Array, view: View) -> list[str]:
        (x,) = array.operands
        starts = self._constant(array.detail)
        size = x.shape[-1]

        def line(at: Sequence[str]) -> str:
            last = at[-1]
            end = f"{last} + 1 < {array.size} ? {starts}[{last} + 1] : {size}"
            loop = f"for (let k = {starts}[{last}], end = {end}; k < end; k++) s += {self._number(x, ['k'])};"
            return f"let s = 0; {loop} {view.number(at)} = s;"

        return _loops(array, line)


_WRITERS = {
    "rows_times": ArrayLoops._product,
    "matmul": ArrayLoops._product,
    "blocks_times": ArrayLoops._product,
    "blocks_outer": ArrayLoops._blocks_outer,
    "masked_matmul": ArrayLoops._masked_product,
    "spread": ArrayLoops._spread,
    "rows_outer": ArrayLoops._rows_outer,
    "row_sum": ArrayLoops._row_sum,
    "reshape": ArrayLoops._copy,
    "broadcast": ArrayLoops._copy,
    "concatenate": ArrayLoops._concatenate,
    "take": ArrayLoops._take,
    "assemble": ArrayLoops._assemble,
    "segment_sum": ArrayLoops._segment_sum,
}


def _is_elementwise(array: Array) -> bool:
    return (array.op in ELEMENTARY and array.op not in REDUCTIONS) or array.op in PLACEHOLDERS


def _for(name: str, length: int) -> str:
    return f"for (let {name} = 0; {name} < {length}; {name}++) "


def _loops(array: Array, line: Any, batched: bool | None = None) -> list[str]:
    """Loops over all numbers of an array around a line, which is written for the places along its axes."""
    places = ["0" if length == 1 else f"i{axis}" for axis, length in enumerate(array.shape)]
    head = "for (let r = 0; r < rows; r++) " if (array.batched if batched is None else batched) else ""
    head += "".join([_for(place, length) for place, length in zip(places, array.shape) if place != "0"])
    return [f"{head}{{ {line(places)} }}"]


def literal(number: float) -> str:
    """A number in JavaScript."""
    if not math.isfinite(number):
        return LITERALS.get(number, "NaN")
    return f"({number!r})" if math.copysign(1.0, number) < 0.0 else repr(number)
