"""What the layout of a function is made of: its parts, and where their numbers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.lifting.native.terms import Loop

if TYPE_CHECKING:
    from engine.lifting.native.layout import Layout


@dataclass
class Chunk:
    """A function of a few hundred terms.

    Attributes:
        level: theirs.
        terms: what it computes.
        stores: terms that it only puts to a place: (place, term).
        sums: inputs that are added to sums over the rows.
    """

    level: int
    terms: list[int] = field(default_factory=list)
    stores: list[tuple[int, int]] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)


@dataclass
class Call:
    """The call of a kernel: the term that it is."""

    level: int
    kernel: int


@dataclass
class Copy:
    """The copy of a matrix of numbers to a place where those of a row lie side by side."""

    level: int
    matrix: Matrix
    place: int
    rows: int
    columns: int


@dataclass
class Turns:
    """A loop: where its states are before it, its sequences, what is the same in all turns; the layout of a turn."""

    loop: Loop
    states: Matrix
    sequences: list[Matrix]
    constant: list[Matrix]
    turn: Layout


@dataclass(frozen=True)
class Matrix:
    """Where a matrix is: from a pointer and a place, with the steps along its rows and its columns.

    `varies` says whether it is one of vectors, a lane for each row of a batch.
    """

    pointer: str
    place: int
    steps: tuple[int, int]
    varies: bool


@dataclass
class Surroundings:
    """What the layout of a turn is told of that of the function around it; of the function itself there is nothing.

    Attributes:
        begin: how many numbers come before its own.
        shared: where what is "shared" is.
        given: where the arguments of a turn in registers are, which takes them from there; else none.
        tables: the plain numbers that lie in memory, in hexadecimal, and of each list of them its number.
    """

    begin: int = 0
    shared: int = 0
    given: Sequence[Matrix] = ()
    tables: dict[tuple[str, ...], int] = field(default_factory=dict)


Part = Chunk | Call | Copy
