"""A function's scalar graph: what tracing gives, and the rest of the compiler works on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.value import Value


@dataclass(frozen=True)
class Requirement:
    """What a number must be on every call: `allowed` of it, and the error if it is not; see `engine.requirements`."""

    node: Value
    allowed: Callable[[Any], Any]
    refusal: Callable[[float], Exception]


@dataclass(frozen=True)
class ScalarGraph:
    """The graph of a function.

    Attributes:
        outputs: the Values it returns.
        inputs: the Values that stand for the numbers of each argument, as one flat list.
        shared: the numbers of the arguments that all rows of a batch share.
        structure: what it returns, with None in place of each Value.
        requirements: what it requires of numbers.
        constants: the leaves that it made itself. Every other leaf that is not an input is a parameter.
        made: every node that it made, used or not, in order.
    """

    outputs: list[Value]
    inputs: list[list[Value]]
    structure: Any = None
    requirements: tuple[Requirement, ...] = ()
    constants: frozenset[Value] = frozenset()
    made: Sequence[Value] = ()
    shared: frozenset[int] = frozenset()

    @property
    def nodes(self) -> list[Value]:
        """Everything that is computed: the outputs, and what requirements are about."""
        return [*self.outputs, *(requirement.node for requirement in self.requirements)]
