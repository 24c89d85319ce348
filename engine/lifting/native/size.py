"""How large an array program is as native code: what is written out for LLVM to compile, what is done for a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.lifting.arrays import ELEMENTARY, LEAVES, REDUCTIONS, Array
from engine.lifting.loops.array_loop import FINAL
from engine.lifting.loops.stages import needed_of_turn
from engine.lifting.native.expand import FEWEST_MAPPED, FEWEST_PRODUCTS, MOST_UNROLLED
from engine.lifting.program import ArrayProgram
from engine.lifting.write import needed

FREE = LEAVES | {
    "alias", "one_row", "no_rows", "broadcast", "reshape", "transpose", "permute", "slice", "take", "spread",
    "concatenate", "of_loop", "share",
}  # fmt: skip
# what moves numbers about: native code reads each where it is
PRODUCTS = {"matmul", "masked_matmul", "blocks_times", "rows_times"}
OUTER_PRODUCTS = {"rows_outer", "blocks_outer"}
ALL_PRODUCTS = PRODUCTS | OUTER_PRODUCTS
MAPPED = {*ELEMENTARY, "row_sum"} - REDUCTIONS  # operations that are loops where they are on very many numbers
SEEN = {"alias", "one_row", "no_rows", "broadcast", "reshape", "transpose", "permute", "slice"}
# what leaves numbers where they lie, in even steps
WIDE = 8192  # numbers of a matrix from which on BLAS multiplies with it as fast as native code


@dataclass(frozen=True)
class Size:
    """The size of a program, in scalar operations of the value and the gradients.

    Attributes:
        written: those that are written out one by one, of a loop that stays one those of a turn.
        done: those that are done for a row, in all turns.
        in_wide_products: those of them that are in products of wide matrices.
    """

    written: int = 0
    done: int = 0
    in_wide_products: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.written + other.written, self.done + other.done, self.in_wide_products + other.in_wide_products
        )

    def times(self, turns: int) -> Size:
        """In so many turns of a loop, which is written turn by turn if it is short."""
        written = self.written * turns
        return Size(
            written if written <= MOST_UNROLLED else self.written, self.done * turns, self.in_wide_products * turns
        )


def size_of(program: ArrayProgram) -> Size:
    """The size of a program, about."""
    return _size(needed([program.output, *(program.gradients or [])]))


def _size(order: Sequence[Array]) -> Size:
    total, written, done = Size(), 0, 0  # the last two of what is no product and no loop
    even = {array for array in order if array.op in ("input", "constant", "of_loop", "share")}  # numbers in even steps
    for array in order:
        of = [x for x in array.operands if isinstance(x, Array)]
        if array.op in ALL_PRODUCTS or (array.op in SEEN and even.issuperset(of)):
            even.add(array)
        if array.op == "loop":
            results = [x.detail for x in order if x.op == "of_loop" and x.operands[0] is array]
            loop = array.detail
            wanted = [which for what, which in results if what != FINAL]
            turn = needed_of_turn([*loop.after, *wanted], {*loop.leaves})
            total += _size([x for x in turn if x not in loop.leaves]).times(loop.turns)
        elif array.op in PRODUCTS:
            total += _of_product(array.size, _of(array, 0).shape[-1], _of(array, 1).size)
        elif array.op in OUTER_PRODUCTS:
            shape = _of(array, 0).shape
            total += _of_product(array.size, shape[-2] if len(shape) > 1 else 1, array.size)
        elif array.op not in FREE:
            numbers = max([array.size, *[x.size for x in of]])
            is_loop = numbers >= FEWEST_MAPPED and array.op in MAPPED and even.issuperset(of)
            written += 1 if is_loop else numbers
            done += numbers
            if is_loop:
                even.add(array)
    return total + Size(written, done)


def _of_product(size: int, terms: int, numbers: int) -> Size:
    """Of a product of matrices: so many numbers, each a sum of so many terms, with a matrix of so many numbers."""
    done = 2 * size * terms
    return Size(done if size * terms < FEWEST_PRODUCTS else 0, done, done if numbers >= WIDE else 0)


def _of(array: Array, operand: int) -> Array:
    found = array.operands[operand]
    assert isinstance(found, Array)
    return found
