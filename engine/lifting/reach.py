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
    found = [False] * tape.length
    for entry in tape.outputs:
        found[entry] = True
    for entry in range(tape.length - 1, -1, -1):
        if not found[entry]:
            continue
        op, operands = tape.operations.get(entry, (None, tape.operands(entry)))
        for k, operand in enumerate(operands):
            if op is None or passes_on(op, k):
                found[operand] = True
    return found


def passes_on(op: Primitive, k: int) -> bool:
    """Whether operand k of an operation gets an adjoint; of a user's own, each may."""
    if op is entry_at:
        return k > 0
    return op.takes_any_number or k >= len(op.derivatives) or op.derivatives[k] != "0"
