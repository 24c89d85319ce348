"""What a tape's entries are grouped into: the groups, and the parts of which sums consist."""

from __future__ import annotations

from dataclasses import dataclass

from engine.lifting.parameter_groups import ParameterGroup
from engine.lifting.patterns import Matrix
from engine.primitives import Primitive

HOLE = -1  # in place of an entry


@dataclass(frozen=True)
class InputGroup:
    """The numbers of one argument: its name, how many, and the entry of each one that is used, with its place.

    And whether it has rows, or all rows of a batch share it.
    """

    name: str
    size: int
    entries: list[int]
    places: list[int]
    batched: bool = True


@dataclass(frozen=True)
class OperationGroup:
    """Entries computed by one primitive: operands[i][k] is operand k of entry i."""

    op: Primitive
    entries: list[int]
    operands: Matrix


@dataclass(frozen=True)
class RaggedOperationGroup:
    """Entries computed by one reduction of different numbers of operands: all in one row, and how many each has."""

    op: Primitive
    entries: list[int]
    operands: Matrix
    lengths: list[int]


@dataclass(frozen=True)
class LookupGroup:
    """Entries looked up in a table: entry i is number where[i] of the flat table[index].

    The table is n x c, the index p, and what is looked up p x c.
    """

    entries: list[int]
    table: Matrix
    index: Matrix
    where: Matrix


@dataclass(frozen=True)
class Terms:
    """A part of sums: entry i gets plus or minus the sum over k of u[i][k] * v[i][k]; of u[i][k] where v is None."""

    minus: bool
    u: Matrix
    v: Matrix | None


@dataclass(frozen=True)
class MatrixProduct:
    """A part of sums: entry i gets plus or minus number where[i] of the flat v @ u.T, of each block if there are some.

    u is r x k or blocks x r x k, v is s x k or blocks x s x k, and the product s x r or blocks x s x r.
    """

    minus: bool
    u: Matrix
    v: Matrix
    where: Matrix


@dataclass(frozen=True)
class RaggedTerms:
    """A part of sums of different lengths: the terms of all entries in one row, and how many each entry has."""

    minus: bool
    u: Matrix
    v: Matrix | None
    lengths: list[int]


@dataclass(frozen=True)
class MaskedProduct:
    """A part of sums of different lengths: entry i gets plus or minus number where[i] of the flat u @ v.T.

    u is r x k or blocks x r x k, with HOLE where a sum has no such term; v is s x k or blocks x s x k.
    """

    minus: bool
    u: Matrix
    v: Matrix
    where: Matrix


@dataclass(frozen=True)
class WeightedTerms:
    """A part of sums: entry i gets plus or minus the sum over k of coefficients[i][k], a number, times x[i][k]."""

    minus: bool
    x: Matrix
    coefficients: Matrix


Part = WeightedTerms | Terms | MatrixProduct | RaggedTerms | MaskedProduct


@dataclass(frozen=True)
class SumGroup:
    """Linear entries, each the sum of the same parts."""

    entries: list[int]
    parts: list[Part]


Group = InputGroup | ParameterGroup | OperationGroup | RaggedOperationGroup | LookupGroup | SumGroup
