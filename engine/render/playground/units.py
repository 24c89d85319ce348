"""The units of a network, found in its scalar graph: neurons, however they were written.

A unit is an input, a sum (a neuron's weighted input z, or the sum at a residual connection), or an operation on several
units (a gate). An operation on one unit alone is that unit's activation: tanh(z), and z * sigmoid(z) too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.lifting.tape import Tape
from engine.value import Value


@dataclass
class Unit:
    """A unit.

    Attributes:
        kind: "input", "sum" or "operation".
        column: the longest way from an input.
        z, a: the entries of the tape with its weighted input and its activation; the same where it has none.
        edges: (the unit that it comes from, the place of the weight among the parameters or None).
        bias: the place of its bias among the parameters; None without one.
        number: of an input, its place among the numbers of x, from 1; else 0.
        operations: the names of the operations that make a from z, or of a gate.
    """

    kind: str
    column: int
    z: int
    a: int
    edges: list[tuple[int, int | None]] = field(default_factory=list)
    bias: int | None = None
    number: int = 0
    operations: list[str] = field(default_factory=list)


def units_of(
    tape: Tape,
    inputs: Mapping[int, int],
    outputs: Sequence[int],
    place_of: Mapping[Value, int],
) -> list[Unit]:
    """The units that the outputs are computed from, each after those it needs.

    Args:
        tape: the graph.
        inputs: its entries that are inputs, by their number from 1; without those that nothing uses.
        outputs: its entries that are outputs.
        place_of: where each parameter is among all.
    """
    units = [Unit("input", 0, entry, entry, number=number) for number, entry in inputs.items()]
    unit_of = {entry: k for k, entry in enumerate(inputs.values())}
    parameter_of = {entry: place_of[value] for entry, value in tape.leaves.items() if value in place_of}
    for entry in _ancestors(tape, outputs):
        if entry in unit_of or entry in tape.leaves or entry in tape.constants:
            continue
        edges, bias = _edges(tape, entry, unit_of, parameter_of)
        sources = {source for source, _ in edges}
        unweighted = all(weight is None for _, weight in edges)
        if len(sources) == 1 and unweighted and bias is None and units[min(sources)].kind != "input":
            k = sources.pop()
            units[k].a = entry
            units[k].operations.append(tape.operations[entry][0].name if entry in tape.operations else "sum")
        else:
            kind = "sum" if entry in tape.terms else "operation"
            column = 1 + max([units[source].column for source in sources], default=0)
            k = len(units)
            units.append(Unit(kind, column, entry, entry, edges, bias))
            if kind == "operation":
                units[k].operations.append(tape.operations[entry][0].name)
        unit_of[entry] = k
    return units


def _edges(
    tape: Tape, entry: int, unit_of: Mapping[int, int], parameter_of: Mapping[int, int]
) -> tuple[list[tuple[int, int | None]], int | None]:
    """Where an entry's numbers come from, and its bias."""
    edges: list[tuple[int, int | None]] = []
    bias = None
    for _, u, v in tape.terms.get(entry, ()):
        known = [x for x in (u, v) if x in unit_of]
        weights = [parameter_of[x] for x in (u, v) if x in parameter_of]
        if not known and weights:
            bias = weights[0]
        edges += [(unit_of[x], weights[0] if weights else None) for x in known]
    if entry in tape.operations:
        edges += [(unit_of[x], None) for x in tape.operations[entry][1] if x in unit_of]
    return list(dict.fromkeys(edges)), bias


def _ancestors(tape: Tape, outputs: Sequence[int]) -> list[int]:
    """The entries that the outputs are computed from, in the order of the tape."""
    found: set[int] = set()
    stack = [*outputs]
    while stack:
        entry = stack.pop()
        if entry not in found:
            found.add(entry)
            stack.extend(tape.operands(entry))
    return _ordered(tape, found)


def _ordered(tape: Tape, entries: set[int]) -> list[int]:
    """Each after its operands: an entry's number alone does not say so once sums are absorbed."""
    order: list[int] = []
    done: set[int] = set()
    for entry in sorted(entries):
        stack = [entry]
        while stack:
            top = stack[-1]
            waiting = [x for x in tape.operands(top) if x not in done]
            if top in done or not waiting:
                if top not in done:
                    done.add(top)
                    order.append(top)
                stack.pop()
            else:
                stack += waiting
    return order
