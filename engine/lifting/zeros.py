"""Where the sign of a zero is seen. Python's sum() begins with 0, and 0.0 + x is x but for x = -0.0, which becomes 0.0.

So ``0.0 +`` is left out of a sum unless that could become another number: 1/0.0 is inf and 1/-0.0 is -inf. Where no
operation after the sum tells the zeros apart, a result or a gradient that is exactly zero may have the other sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import primitives
from engine.lifting.terms import Application, Term
from engine.lookup import entry_at
from engine.primitives import Elementary, Primitive

BLIND, PASSES, SEES = range(3)  # takes both zeros alike; gives zeros of two signs; gives different numbers

_SEVERAL_OPERANDS: Mapping[Primitive, tuple[int, ...]] = {  # of each operand; of the last and all after it
    primitives.add: (PASSES,),
    primitives.sub: (PASSES,),
    primitives.mul: (PASSES,),
    primitives.div: (PASSES, SEES),
    primitives.sum: (PASSES,),
    primitives.dot: (PASSES,),
    primitives.weighted_sum: (PASSES,),
    primitives.maximum: (PASSES,),
    primitives.minimum: (PASSES,),
    primitives.max: (PASSES,),
    primitives.min: (PASSES,),
    primitives.where: (BLIND, PASSES),
    primitives.prod: (PASSES,),
    primitives.norm2: (PASSES,),
    primitives.logsumexp: (BLIND,),
    entry_at: (BLIND, PASSES),
}


def seen_signs(operations: dict[int, Application], length: int) -> list[bool]:
    """Of each entry, whether something computed from it would be another number if it were a zero of the other sign."""
    seen = [False] * length
    known = {op: _makes_of(op) for op in {op for op, _ in operations.values()}}
    for entry, (op, operands) in reversed(operations.items()):
        makes = known[op]
        if makes == (PASSES,):
            if seen[entry]:
                for operand in operands:
                    seen[operand] = True
            continue
        for k, operand in enumerate(operands):
            what = makes[min(k, len(makes) - 1)]
            if what == SEES or (what == PASSES and seen[entry]):
                seen[operand] = True
    return seen


def is_needless(
    terms: Sequence[Term], constants: Mapping[int, float], operations: Mapping[int, Application], is_seen: bool
) -> bool:
    """Whether the only constants of a sum are zeros, and adding them changes nothing that is seen."""
    zeros = [repr(-constants[u] if minus else constants[u]) for minus, u, v in terms if v < 0 and u in constants]
    if not zeros or len(terms) == len(zeros) or not {*zeros} <= {"0.0", "-0.0"}:
        return False
    if "0.0" not in zeros:  # x - 0.0 is x, whatever x is
        return True
    return not is_seen or any(_is_above_zero(term, operations) for term in terms)


def _is_above_zero(term: Term, operations: Mapping[int, Application]) -> bool:
    """Whether a term is surely not -0.0: a square, a power of e."""
    minus, u, v = term
    if minus:
        return False
    return u == v or (v < 0 and u in operations and operations[u][0] is primitives.exp)


def _makes_of(op: Primitive) -> tuple[int, ...]:
    """What an operation, and its pullback, make of a zero as each operand; the last is for all after it too."""
    if op in _SEVERAL_OPERANDS:
        return _SEVERAL_OPERANDS[op]
    if isinstance(op, Elementary) and op.is_truth and op.is_built_in:
        return (BLIND,)
    if not op.is_built_in or len(op.operand_names) != 1 or op.operand_names[0].startswith("*"):
        return (SEES,)
    of_zero, of_minus_zero = _with_slope(op, 0.0), _with_slope(op, -0.0)
    if list(map(repr, of_zero)) == list(map(repr, of_minus_zero)):
        return (BLIND,)
    return (PASSES,) if of_zero == of_minus_zero else (SEES,)


def _with_slope(op: Primitive, x: float) -> list[float]:
    value, pullback = op.rule(x)
    return [value, *(g for g in pullback(1.0) if isinstance(g, float))]
