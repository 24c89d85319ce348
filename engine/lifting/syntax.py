"""How each array operation is written in a program: its text, and how tightly that binds.

Most are calls of a function of that name. The others are in two tables: infix signs, and functions that write the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY, LEAVES, Array, Operand

FREE = LEAVES | {"alias", "reshape", "transpose", "one_row", "no_rows"}  # what computes nothing, and gets no name
ATOM, PREFIX, PRODUCT = 9, 6, 5  # how tightly calls and names, a sign, and products bind
COMPARISON = 2
PRECEDENCE = {"+": 4, "-": 4, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": 7}
PRECEDENCE |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON)

INFIX = {  # how Python's operators of two operands are written, and how tightly they bind
    name: (operation.symbol, PRECEDENCE[operation.symbol])
    for name, operation in ELEMENTARY.items()
    if operation.symbol in PRECEDENCE and isinstance(operation.arrays, str)  # else NumPy's operator is another
}

Written = tuple[str, int]  # a text, and how tightly it binds
NameOf = Callable[[Any], str]  # an array of numbers or indices -> the name it has in the program


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a program: what it names, the text that computes it, the names in that, and the array's shape."""

    name: str
    text: str
    needs: list[str]
    shape: str

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


class Operands:
    """The texts of the arrays written so far, to be put into others; `rows` is how many rows a batch has there."""

    def __init__(self, rows: str = "rows") -> None:
        self.rows = rows
        self._written: dict[Array, Written] = {}

    def __setitem__(self, array: Array, written: Written) -> None:
        self._written[array] = written

    def __getitem__(self, array: Array) -> Written:
        return self._written[array]

    def __contains__(self, array: Array) -> bool:
        return array in self._written

    def text(self, operand: Operand, binding: int = 0) -> str:
        """An operand's text, in brackets where what is around it binds more tightly."""
        if isinstance(operand, float):
            text = repr(operand) if np.isfinite(operand) else f"float({str(operand)!r})"
            return f"({text})" if text.startswith("-") and binding > PREFIX else text
        text, tightness = self._written[operand]
        return text if tightness >= binding else f"({text})"

    def atom(self, array: Array) -> str:
        """The text of an operation's first operand, to which a method or an index can be attached."""
        return self.text(array.operands[0], ATOM)


def written(array: Array, operands: Operands, name_of: NameOf) -> Written:
    """The text of an array's operation on operands that are written already."""
    if array.op in INFIX:
        return _infix(array, operands)
    write = _WRITERS.get(array.op)
    return _call(array, operands) if write is None else write(array, operands, name_of)


def _infix(array: Array, operands: Operands) -> Written:
    sign, binding = INFIX[array.op]
    power = array.op == "pow"
    left = operands.text(array.operands[0], binding + power)
    right = operands.text(array.operands[1], binding + (array.op != "add"))
    return f"{left}**{right}" if power else f"{left} {sign} {right}", binding


def _call(array: Array, operands: Operands, *more: str) -> Written:
    arguments = [*map(operands.text, array.operands), *more]
    return f"{array.op}({', '.join(arguments)})", ATOM


def _matmul(array: Array, operands: Operands, _: NameOf) -> Written:
    left, right = array.operands
    return f"{operands.text(left, PRODUCT)} @ {operands.text(right, PREFIX)}", PRODUCT


def _rows_times(array: Array, operands: Operands, name_of: NameOf) -> Written:
    one_axis = len(array.operands[0].shape) == 1
    return _matmul(array, operands, name_of) if one_axis else _call(array, operands)


def _rows_outer(array: Array, operands: Operands, _: NameOf) -> Written:
    g, v = array.operands
    if len(g.shape) == len(v.shape) == 1 and g.batched:
        return f"{operands.atom(array)}.T @ {operands.text(v, PREFIX)}", PRODUCT
    return _call(array, operands)


def _neg(array: Array, operands: Operands, _: NameOf) -> Written:
    return f"-{operands.text(array.operands[0], PREFIX)}", PREFIX


def _share(array: Array, operands: Operands, __: NameOf) -> Written:
    return f"full({lengths(array, operands.rows)}, {'1.0 / rows' if array.batched else '1.0'})", ATOM


def _transpose(array: Array, operands: Operands, _: NameOf) -> Written:
    plain = len(array.shape) == 2 and not array.batched
    return f"{operands.atom(array)}.T" if plain else f"swap({operands.atom(array)})", ATOM


def _reshape(array: Array, operands: Operands, _: NameOf) -> Written:
    shape = (-1, *array.shape) if array.batched else array.shape
    return f"{operands.atom(array)}.reshape({', '.join(map(str, shape))})", ATOM


def _one_row(array: Array, operands: Operands, _: NameOf) -> Written:
    return f"{operands.atom(array)}.reshape(1, {', '.join(map(str, array.shape))})", ATOM


def _no_rows(array: Array, operands: Operands, _: NameOf) -> Written:
    return f"{operands.atom(array)}.reshape({', '.join(map(str, array.shape))})", ATOM


def _permute(array: Array, operands: Operands, _: NameOf) -> Written:
    order = [0, *(axis + 1 for axis in array.detail)] if array.batched else array.detail
    return f"{operands.atom(array)}.transpose({', '.join(map(str, order))})", ATOM


def _slice(array: Array, operands: Operands, _: NameOf) -> Written:
    part = array.detail
    step = f":{part.step}" if part.step != 1 else ""
    return f"{operands.atom(array)}[..., {part.start}:{part.stop}{step}]", ATOM


def _assemble(array: Array, operands: Operands, name_of: NameOf) -> Written:
    places = [
        f"slice({where.start}, {where.stop}, {where.step})" if isinstance(where, slice) else name_of(where)
        for where in array.detail
    ]
    pieces = [f"({place}, {operands.text(piece)})" for place, piece in zip(places, array.operands)]
    return f"assemble({lengths(array, operands.rows)}, {', '.join(pieces)})", ATOM


def _input(array: Array, _: Operands, __: NameOf) -> Written:
    return array.detail, ATOM


def _constant(array: Array, _: Operands, name_of: NameOf) -> Written:
    return name_of(array.detail), ATOM


def _alias(array: Array, operands: Operands, _: NameOf) -> Written:
    return operands[array.operands[0]]


def _row_sum(array: Array, operands: Operands, _: NameOf) -> Written:
    if operands.rows != "rows" and len(array.shape) == 1:  # those of all turns of a loop
        return f"rows_sum({operands.text(array.operands[0])})", ATOM
    return f"{operands.atom(array)}.sum(0)", ATOM


def _with_indices(array: Array, operands: Operands, name_of: NameOf) -> Written:
    return _call(array, operands, name_of(array.detail))


def _scatter_add(array: Array, operands: Operands, _: NameOf) -> Written:
    return _call(array, operands, str(array.detail))


def _broadcast(array: Array, operands: Operands, _: NameOf) -> Written:
    return _call(array, operands, lengths(array, operands.rows))


_WRITERS: Mapping[str, Callable[[Array, Operands, NameOf], Written]] = {
    "input": _input,
    "constant": _constant,
    "alias": _alias,
    "neg": _neg,
    "share": _share,
    "transpose": _transpose,
    "reshape": _reshape,
    "one_row": _one_row,
    "no_rows": _no_rows,
    "permute": _permute,
    "slice": _slice,
    "matmul": _matmul,
    "rows_times": _rows_times,
    "rows_outer": _rows_outer,
    "row_sum": _row_sum,
    "take": _with_indices,
    "segment_sum": _with_indices,
    "spread": _with_indices,
    "masked_matmul": _with_indices,
    "scatter_add": _scatter_add,
    "scatter_add_rows": _scatter_add,
    "broadcast": _broadcast,
    "assemble": _assemble,
}


def costs(array: Array) -> bool:
    """Whether an array's text takes time wherever it is written: numbers that are not side by side are copied."""
    if array.op not in FREE:
        return True
    (x,) = array.operands if array.op == "reshape" else (None,)
    return isinstance(x, Array) and x.op in ("slice", "permute", "transpose", "broadcast") and len(x.shape) > 1


def lengths(array: Array, rows: str) -> str:
    """The shape of an array with its batch axis, as program text."""
    shape: Sequence[Any] = (rows, *array.shape) if array.batched else array.shape
    return str(tuple(shape)).replace("'", "")


def shape_of(array: Array) -> str:
    """The shape for a reader: ``rows × 16``."""
    return " × ".join([*(["rows"] if array.batched else []), *map(str, array.shape)])
