"""The records that stand for values: their texts, and cells as wide as those above and below them.

Every record of a picture has its name, its data and its grad as wide as the widest of the others has, so that what
stands in one column is of one width and an adjoint is as wide as its value. A few that are much longer than the others
are wider alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from engine.render import font
from engine.render.elements import Element
from engine.render.names import visible
from engine.render.typography import printed_number

PADDING = 4  # on every side of a cell
SMALL, LARGE = 9.0, 12.0  # sizes of captions and of what they are for
MUCH_LONGER = 1.6  # times the usual


class Records:
    """What the records of a drawing say, and how wide their cells are.

    Args:
        drawn: the elements.
        number_format: how numbers are written.
        adjoints: whether there is a record of the adjoint for each of them, as wide as that of the value.
        aligned: whether widths are made equal; in pictures from top to bottom nothing would be gained by that.
    """

    def __init__(self, drawn: Sequence[Element], number_format: str, *, adjoints: bool, aligned: bool) -> None:
        self.number_format = number_format
        values = [element for element in drawn if element.role != "constant"]
        incoming = _contributions(drawn) if adjoints else [[] for _ in drawn]
        self.terms = {element.index: self._terms(element, incoming[element.index]) for element in values}
        names = _equal([_longest_line(element.label) for element in values], aligned)
        data = _equal([_captioned("data", self.number(element.data)) for element in values], aligned)
        grads = _equal([_captioned("grad", self.grad(element) or " ") for element in values], aligned)
        sums = _equal([self._adjoint_width(element) if adjoints else 0 for element in values], aligned)
        self._widths: dict[int, tuple[int, int, int, int]] = {}
        for element, name, number, grad, total in zip(values, names, data, grads, sums, strict=True):
            if adjoints:  # both records are as wide as the wider one
                grad = max(grad, total - number)
                total = number + grad
            self._widths[element.index] = (name, number, grad, total)

    def number(self, number: float) -> str:
        """A number as it is drawn."""
        return printed_number(number, self.number_format)

    def grad(self, element: Element) -> str:
        """The gradient as it is drawn; nothing where there is none."""
        return "" if element.grad is None else self.number(element.grad)

    def value_cells(self, element: Element) -> tuple[int, int, int]:
        """The widths of name, data and grad; without a name its room is the data's."""
        name, data, grad, _ = self._widths[element.index]
        return (name, data, grad) if element.label else (0, name + data, grad)

    def adjoint_cells(self, element: Element) -> tuple[int, int]:
        """The widths of name and adjoint, together those of `value_cells`."""
        name, data, grad = self.value_cells(element)
        return name, data + grad

    def _terms(self, element: Element, incoming: list[float]) -> str:
        """What adds up to the adjoint, up to its equals sign; empty where it is one contribution."""
        if not 1 < len(incoming) <= 4 or element.unseen_uses:
            return ""
        terms = [self.number(contribution) for contribution in incoming]
        return (
            " + ".join([f"({term})" if contribution < 0 else term for term, contribution in zip(terms, incoming)])
            + " = "
        )

    def _adjoint_width(self, element: Element) -> int:
        number = self.number(element.adjoint or 0.0)
        return _captioned("adjoint", self.terms[element.index]) + _width(number, LARGE, bold=True)


def _contributions(drawn: Sequence[Element]) -> list[list[float]]:
    """What arrives at each element from the operations that are drawn."""
    incoming: list[list[float]] = [[] for _ in drawn]
    for element in reversed(drawn):
        for operand, contribution in zip(element.operands, element.passed_on, strict=True):
            if operand is not None:
                incoming[operand].append(contribution)
    return incoming


def edge_width(*texts: tuple[str, bool]) -> int:
    """How wide a label of an edge is that says these texts, each of them bold or not."""
    return sum(_width(text, 10.0, bold=bold) for text, bold in texts) + 2


def _equal(widths: list[int], aligned: bool) -> list[int]:
    """The widths, but for those much longer than usual all as large as the largest."""
    some = [width for width in widths if width]
    if not aligned or not some:
        return widths
    usual = max(width for width in some if width <= MUCH_LONGER * median(some))
    return [max(width, usual) for width in widths]


def _longest_line(label: str | None) -> int:
    return max(_width(line, LARGE, bold=True) for line in visible(label).split("\n")) + 2 * PADDING if label else 0


def _captioned(caption: str, text: str) -> int:
    return _width(caption, SMALL) + _width(" ", LARGE) + _width(text, LARGE) + 2 * PADDING


def _width(text: str, size: float, *, bold: bool = False) -> int:
    known = font.width(text, size, bold=bold)
    return math.ceil(0.75 * size * len(text) if known is None else known)
