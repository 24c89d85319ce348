"""A primitive's formulas spelled out for the operands at hand, to put names or numbers in.

A formula is a list of texts and of positions of operands: ``x * y`` is ``[0, " * ", 1]``. The formulas are the
primitive's own (`Primitive.formula`, `Primitive.derivatives`); one of any number of operands is written out for as many
as there are, or with an ellipsis for all but the first and the last.

    >>> from engine import primitives
    >>> value_formula(primitives.weighted_sum, 5)
    [0, '*', 2, ' + ', 1, '*', 3, ' + ', 4]
    >>> value_formula(primitives.sum, 1000, ends=2)
    [0, ' + ', 1, ' + … + ', 998, ' + ', 999]
    >>> derivative_formula(primitives.weighted_sum, 0, 5)
    [2]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from engine.primitives import Primitive

Formula = list[str | int]
T = TypeVar("T")

_FIRST_TO_LAST = re.compile(r"((?:[^()+,]|\([^()]*\))+?)( \+ | \* |, )\.\.\.\2((?:[^()+,]|\([^()]*\))+)")
_INDEXED = re.compile(r"\b([a-z]+)_1\b")
_WORD = re.compile(r"(?<![\w.])([^\W\d]\w*)(?![\w(])")


def value_formula(primitive: Primitive, count: int, ends: int | None = None) -> Formula:
    """The value as an expression of `count` operands; of many terms the first and the last `ends`."""
    formula = primitive.formula
    names = operand_letters(primitive, count)
    if starred := _starred(primitive):
        formula = formula.replace(starred, ", ".join(shortened(names, str, ends)))
    return _split(_FIRST_TO_LAST.sub(lambda match: _spelled_out(match, names, ends), formula), names)


def derivative_formula(primitive: Primitive, k: int, count: int) -> Formula:
    """The local derivative with respect to operand k of `count`, as an expression of the operands; [] if not known."""
    names = operand_letters(primitive, count)
    if not _starred(primitive):
        return _split(primitive.derivatives[k], names) if k < len(primitive.derivatives) else []
    letter, _, index = names[k].partition("_")
    letters = [*dict.fromkeys(name.partition("_")[0] for name in names)]
    if letters.index(letter) >= len(primitive.derivatives):
        return []
    return _split(primitive.derivatives[letters.index(letter)].replace("_k", f"_{index}"), names)


def shortened(parts: Sequence[T], written: Callable[[T], str], ends: int | None) -> list[str]:
    """The parts as they are written; of many the first and the last so many."""
    if ends is None or len(parts) <= 2 * ends + 1:
        return [*map(written, parts)]
    return [*map(written, parts[:ends]), "…", *map(written, parts[-ends:])]


def _starred(primitive: Primitive) -> str | None:
    last = primitive.operand_names[-1]
    return last if last.startswith("*") else None


def operand_letters(primitive: Primitive, count: int) -> list[str]:
    """What the formula calls the operands. Of w_1 x_1 + ... + w_n x_n + b: first each w, then each x, then b."""
    if not _starred(primitive):
        return [*primitive.operand_names]
    first = _FIRST_TO_LAST.search(primitive.formula)
    letters = [*dict.fromkeys(_INDEXED.findall(first[1]))] if first else ["x"]
    single = re.findall(r"\+ ([a-z])\b(?!_)", primitive.formula[first.end() :]) if first else []
    n = (count - len(single)) // len(letters)
    return [f"{letter}_{i + 1}" for letter in letters for i in range(n)] + single


def _spelled_out(match: re.Match[str], names: list[str], ends: int | None) -> str:
    term, between, last = match.groups()
    n = max(int(name.partition("_")[2] or 0) for name in names)
    term = re.sub(r"(_1) (?=[a-z]+_1)", r"\1*", term)
    space = " " if last.endswith(" ") else ""
    return between.join(shortened(range(n), lambda i: term.replace("_1", f"_{i + 1}"), ends)) + space


def _split(formula: str, names: list[str]) -> Formula:
    position = {name: k for k, name in enumerate(names)}
    pieces: Formula = []
    for i, piece in enumerate(_WORD.split(formula)):
        if i % 2 and piece in position:
            pieces.append(position[piece])
        elif piece and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece:
            pieces.append(piece)
    return pieces
