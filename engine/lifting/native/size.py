"""How many scalar operations an array program is: what native code of it costs to compile."""

from __future__ import annotations

from collections.abc import Sequence

from engine.lifting.arrays import LEAVES, Array
from engine.lifting.loops.array_loop import FINAL
from engine.lifting.loops.stages import needed_of_turn
from engine.lifting.program import ArrayProgram
from engine.lifting.write import needed

FREE = LEAVES | {
    "alias", "one_row", "no_rows", "broadcast", "reshape", "transpose", "permute", "slice", "take", "spread",
    "concatenate", "of_loop",
}  # fmt: skip
# what moves numbers about: native code reads each where it is
PRODUCTS = {"matmul", "masked_matmul", "blocks_times", "rows_times"}
OUTER_PRODUCTS = {"rows_outer", "blocks_outer"}


def scalar_operations(program: ArrayProgram) -> int:
    """Those of the value and the gradients for one row, about: equal ones count as often as they are done."""
    return _operations(needed([program.output, *(program.gradients or [])]))


def _operations(order: Sequence[Array]) -> int:
    total = 0
    for array in order:
        if array.op == "loop":
            results = [x.detail for x in order if x.op == "of_loop" and x.operands[0] is array]
            loop = array.detail
            wanted = [which for what, which in results if what != FINAL]
            turn = needed_of_turn([*loop.after, *wanted], {*loop.leaves})
            total += loop.turns * _operations([x for x in turn if x not in loop.leaves])
        elif array.op in PRODUCTS:
            total += 2 * array.size * _of(array, 0).shape[-1]
        elif array.op in OUTER_PRODUCTS:
            total += 2 * array.size * _of(array, 0).shape[-2] if len(_of(array, 0).shape) > 1 else array.size
        elif array.op not in FREE:
            total += max(array.size, *[x.size for x in array.operands if isinstance(x, Array)], 0)
    return total


def _of(array: Array, operand: int) -> Array:
    found = array.operands[operand]
    assert isinstance(found, Array)
    return found
