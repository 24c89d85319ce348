"""Lookups in tables, and what their gradients add back, in LLVM's text.

An index is a number, and a negative one counts from the end. One that is out of range has been refused before; here it
is taken modulo the table's length, so that no other memory is touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.lifting.native.library import loop
from engine.lifting.native.operations import Kind


@dataclass(frozen=True, order=True)
class Gather:
    """A function (out, a, index, cells, n, c, steps of a along its rows and columns, step of the index, valid rows).

    Of the operation "lookup" a is the table, of n rows; else a is added to the rows of `out`, of which there are n.

    Attributes:
        op: "lookup"; "scatter"; "scatter_sum", which adds what all rows of a batch have.
        a_varies, index_varies: whether those are vectors, a lane for each row of a batch.
        lanes: of the vectors.
    """

    op: str
    a_varies: bool
    index_varies: bool
    lanes: int

    @property
    def name(self) -> str:
        kinds = "".join(["v" if varies else "s" for varies in (self.a_varies, self.index_varies)])
        return f"@{self.op}.{kinds}.{Kind(self.lanes).suffix}"

    @property
    def out_varies(self) -> bool:
        """Whether the result is of vectors."""
        return self.op == "lookup" or (self.op == "scatter" and self.lanes > 1)


def gather_functions(gathers: Iterable[Gather]) -> str:
    """These functions."""
    return "\n".join([_written(gather) for gather in sorted({*gathers})])


def _written(gather: Gather) -> str:
    body = f"""
  %lane = urem i64 %i, {gather.lanes}
  %cell = udiv i64 %i, {gather.lanes}
  %row = udiv i64 %cell, %c
  %column = urem i64 %cell, %c
  %which = mul i64 %row, %step
  %at = add i64 %which, {"%lane" if gather.index_varies else 0}
  %given = getelementptr double, ptr %index, i64 %at
  %number = load double, ptr %given
  %whole = call i64 @llvm.fptosi.sat.i64.f64(double %number)
  %rest = srem i64 %whole, %n
  %above = add i64 %rest, %n
  %below = icmp slt i64 %rest, 0
  %k = select i1 %below, i64 %above, i64 %rest
  %x = mul i64 {"%k" if gather.op == "lookup" else "%row"}, %down
  %y = mul i64 %column, %along
  %xy = add i64 %x, %y
  %place = add i64 %xy, {"%lane" if gather.a_varies else 0}
  %from = getelementptr double, ptr %a, i64 %place
  %value = load double, ptr %from"""
    if gather.op == "lookup":
        body += """
  %to = getelementptr double, ptr %out, i64 %i
  store double %value, ptr %to"""
    else:
        body += f"""
  %before = mul i64 %k, %c
  %element = add i64 %before, %column
  %vector = mul i64 %element, {gather.lanes if gather.out_varies else 1}
  %into = add i64 %vector, {"%lane" if gather.out_varies else 0}
  %to = getelementptr double, ptr %out, i64 %into
  %is_row = icmp ult i64 %lane, %valid
  %added = select i1 {"%is_row" if gather.op == "scatter_sum" else "true"}, double %value, double -0.0
  %was = load double, ptr %to
  %is = fadd double %was, %added
  store double %is, ptr %to"""
    arguments = "ptr %out, ptr %a, ptr %index, i64 %cells, i64 %n, i64 %c, i64 %down, i64 %along, i64 %step, i64 %valid"
    return loop(gather.name[1:], arguments, "%cells", body)
