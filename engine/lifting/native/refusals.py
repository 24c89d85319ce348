"""How many numbers of a call are not as its function requires: counted by native code, with the same rules.

A rule is written with operators, so it can be read with terms as with numbers; see `engine.requirements`.
"""

from __future__ import annotations

import numpy as np

from engine.lifting.argument_checks import Check
from engine.lifting.native.expand import Expansion, expand_value
from engine.lifting.native.numbers import Namespace, Numbers
from engine.lifting.native.terms import ROW, Terms, Unsupported


def expand_refusals(check: Check) -> Expansion:
    """The count over all rows, as a function that returns nothing else.

    Raises:
        Unsupported: for a rule that cannot be read so, and one about what is computed of parameters.
    """
    if check.program is None:
        terms, computed = Terms(), []
    else:
        if check.program.parameters:
            raise Unsupported("a requirement of what is computed of parameters")
        expansion = expand_value(check.program.arrays)
        terms, computed = expansion.terms, expansion.outputs
    of_inputs = [(terms.leaf("input", *place), requirement) for place, requirement in check.given]
    counted = [
        _refused(terms, term, requirement.allowed)
        for term, requirement in [*of_inputs, *zip(computed, check.computed)]
    ]  # fmt: skip
    total = terms.sum(counted)
    if terms.levels[total] == ROW:
        total = terms.row_sum([total])
    return Expansion(terms, [total], by_rows=False)


def _refused(terms: Terms, term: int, allowed: object) -> int:
    """1 of a number that is not allowed, else 0."""
    assert callable(allowed)
    try:
        answer = allowed(Numbers(terms, np.asarray(term)))
    except Exception as error:
        raise Unsupported("a requirement that is not arithmetic") from error
    if not isinstance(answer, Numbers):
        raise Unsupported("a requirement that is not arithmetic")
    refused: Numbers = Namespace(terms).where(answer, 0.0, 1.0)
    return int(refused.where.item())
