"""What a compiled function is asked for beside its value: gradients with respect to arguments, and Jacobians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import primitives
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.traced import traced_node
from engine.value import Value

EVERY = -1  # output: a Jacobian asks for all of them in turn


@dataclass(frozen=True)
class Wanted:
    """A derivative of each row's own value, for which a compiled function has a program of its own.

    Attributes:
        argnums: the arguments that it is with respect to, by number; None for the parameters.
        output: the output that it is of; EVERY for each in turn; None for a function of one output.
    """

    argnums: tuple[int, ...] | None
    output: int | None = None

    def graph_of(self, graph: ScalarGraph, parameters: Sequence[Value]) -> tuple[ScalarGraph, tuple[int, ...]]:
        """The graph with one output whose gradients are wanted, and the numbers of the inputs that they belong to.

        What a Jacobian is with respect to has rows, whether all share it or not. With respect to the parameters, those
        become one more input, so that each row has its own. For every output in turn the one output is the sum of all,
        weighed by the last input.
        """
        inputs, outputs = [*graph.inputs], graph.outputs
        argnums = self.argnums
        if argnums is None:
            argnums = (len(inputs),)
            inputs.append([*parameters])
        if self.output == EVERY:
            weights = [traced_node(None, ()) for _ in outputs]
            inputs.append(weights)
            outputs = [traced_node(primitives.dot, (*weights, *outputs))]
        elif self.output is not None:
            outputs = [outputs[self.output]]
        shared = graph.shared if self.output is None else graph.shared - {*argnums}
        return replace(graph, outputs=outputs, inputs=inputs, requirements=(), shared=shared), argnums


def numbers_of(argnums: Any, count: int) -> tuple[int, ...]:
    """The arguments that `argnums` asks for, by number: one, or several in a tuple or list; -1 is the last.

    Raises:
        TypeError: for what is no whole number.
        ValueError: for one that is not there, or is there twice.
    """
    several = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    for number in several:
        if isinstance(number, bool) or not hasattr(number, "__index__"):
            raise TypeError(
                f"argnums says by number with respect to which arguments, as 0 or (0, 1), got {argnums!r} of type "
                f"{type(argnums).__name__}"
            )
        if not -count <= number < count:
            raise ValueError(
                f"argnums={argnums!r}: there {'is' if count == 1 else 'are'} {count} argument{'s' * (count != 1)}, "
                "counted from 0"
            )
    numbers = tuple([number % count for number in several])
    if len({*numbers}) < len(numbers):
        raise ValueError(f"argnums={argnums!r} asks for the same argument twice")
    if not numbers:
        raise ValueError("argnums=() asks for no argument: give at least one, as argnums=0")
    return numbers
