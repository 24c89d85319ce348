"""The stages of a loop: what of a turn is done in the loop, and what for all turns at once.

In the loop itself is only what the next turn needs. What depends on no state is done before it, and what no later turn
needs after it, for all turns at once: there the rows of all turns are the rows of one batch. So a weight's gradient is
one product over all turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.lifting.arrays import LEAVES, Array
from engine.lifting.loops.array_loop import FINAL, MOVING, ArrayLoop

ONCE, BEFORE, LOOP, AFTER = 0, 1, 2, 3


class Stages:
    """What is done in each stage of a loop.

    Attributes:
        loop: it.
        once: the arrays that are the same in all turns, in order.
        before: those computed for all turns before the loop.
        inside: those computed in the loop.
        after: those computed for all turns after it.
        exported: those of `before` of which the loop takes a turn's part.
        stacked: the states, and arrays of `inside`, of which the numbers of all turns are kept.
    """

    def __init__(self, loop: ArrayLoop, outputs: Iterable[tuple[str, Any]]) -> None:
        self.loop = loop
        self._given = {*loop.leaves}
        wanted = [which for what, which in outputs if what != FINAL]
        order = needed_of_turn([*loop.after, *wanted], self._given)
        self._depends = self._dependences(order)
        self._next = {*needed_of_turn(loop.after, self._given)}
        self._demanded: list[set[Array]] = [set(), set(), set(), set()]
        self._exported: set[Array] = set()
        self._stacked: set[Array] = set()
        for array in loop.after:
            self._demand(array, LOOP)
        for array in wanted:
            self._demand(array, AFTER)
        self.once, self.before, self.inside, self.after = (
            [array for array in order if array in demanded and array not in self._given] for demanded in self._demanded
        )
        self.exported = [array for array in order if array in self._exported]
        self.stacked = [array for array in order if array in self._stacked]

    def home(self, array: Array) -> int:
        """The stage in which an array is computed."""
        if array in self._given:
            return self._depends[array]  # of a state the loop, also where no later turn reads it
        if array.op == "of_loop":
            array = array.operands[0]
        depends = self._depends[array]
        return depends if depends < LOOP or array in self._next else AFTER

    def is_same_in_all_turns(self, array: Array) -> bool:
        return self._depends[array] == ONCE

    def _only_moves(self, array: Array) -> bool:
        """Whether a turn's numbers are only moved about: then that is done where they are read."""
        return array.op in MOVING and all(
            operand in self._given or self._depends[operand] == ONCE or self._only_moves(operand)
            for operand in array.operands
            if isinstance(operand, Array)
        )

    def _dependences(self, order: Sequence[Array]) -> dict[Array, int]:
        depends = dict.fromkeys(self.loop.states, LOOP) | dict.fromkeys(self.loop.sequences, BEFORE)
        depends |= dict.fromkeys(self.loop.shared, ONCE)
        for array in order:
            if array not in depends:
                depends[array] = max([depends[x] for x in array.operands if isinstance(x, Array)], default=ONCE)
        return depends

    def _demand(self, array: Array, stage: int) -> None:
        """An array is needed in a stage: computed there, or taken from another one."""
        stack = [(array, stage)]
        while stack:
            array, stage = stack.pop()
            home = self.home(array)
            if home == ONCE:
                stage = ONCE
            elif array in self._given:
                if home == LOOP and stage == AFTER:
                    self._stacked.add(array)
            elif home == LOOP and stage == AFTER and array.op not in MOVING:
                self._stacked.add(array)
                stage = LOOP
            elif home == BEFORE and stage != BEFORE and not (stage == LOOP and self._only_moves(array)):
                if stage == LOOP:
                    self._exported.add(array)
                stage = BEFORE
            if array not in self._demanded[stage]:
                self._demanded[stage].add(array)
                if array not in self._given:
                    stack += [(operand, stage) for operand in array.operands if isinstance(operand, Array)]


def needed_of_turn(wanted: Sequence[Array], given: set[Array]) -> list[Array]:
    """What arrays of a turn are computed from, and they, in order, down to what the turn is given."""
    needed: set[Array] = set()
    stack = list(wanted)
    while stack:
        array = stack.pop()
        if array not in needed:
            needed.add(array)
            if array not in given and array.op not in LEAVES:
                stack.extend(operand for operand in array.operands if isinstance(operand, Array))
    return [array for array in wanted[0].graph.arrays if array in needed]
