"""Which entries an adjoint can reach.

Steps and comparisons pass nothing on, and `where` nothing to its condition. What is used by those alone has no adjoint.
In one array with others it would have an adjoint of 0, and 0 times an infinite slope is nan: so it stays apart.
"""

from __future__ import annotations

from engine.lifting.tape import Tape
from engine.lookup import entry_at
from engine.primitives import Primitive


def reached(tape: Tape) -> list[bool]:
    """Of each entry, whether some path of operations leads from it to an output and passes adjoints on."""
    known = {op: _stops(op) for op in {op for op, _ in tape.operations.values()}}
    found = [False] * tape.length
    for entry in tape.outputs:
        found[entry] = True
    for entry in range(tape.length - 1, -1, -1):
        if not found[entry]:
            continue
        those = tape.operands(entry)
        if entry in tape.operations:
            stops = known[tape.operations[entry][0]]
            if stops:
                those = [operand for k, operand in enumerate(those) if k not in stops]
        for operand in those:
            found[operand] = True
    return found


def _stops(op: Primitive) -> frozenset[int]:
    """The operands to which an operation passes no adjoint on."""
    return frozenset([k for k in range(max(1, len(op.derivatives))) if not passes_on(op, k)])


def passes_on(op: Primitive, k: int) -> bool:
    """Whether operand k of an operation gets an adjoint; of a user's own, each may."""
    if op is entry_at:
        return k > 0
    return op.takes_any_number or k >= len(op.derivatives) or op.derivatives[k] != "0"
