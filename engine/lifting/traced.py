"""The nodes of a traced function: Values without numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.recording import is_ours, line_of_user
from engine.value import Value

if TYPE_CHECKING:
    from engine.primitives import Primitive


class TraceError(TypeError):
    """A compiled function needs the number of something that has none until it runs, or does not repeat itself."""


class Traced(Value):
    """A node of a traced function: parents and operation, no number."""

    __slots__ = ()

    @property
    def _data(self) -> float:  # type: ignore[override]
        raise refusal("the number of a traced Value was read", "compute with the Value itself")

    def __repr__(self) -> str:
        return "<traced input>" if self.op is None else f"<traced {self.op.name}>"


class InTrace(Traced):
    """The same while the function runs: a look-up in a dict or set by the user's code is refused."""

    __slots__ = ()

    def __hash__(self) -> int:
        """Its identity; but where the arguments are plain numbers, a look-up by the user's code goes by number."""
        if not is_ours(sys._getframe(1).f_code.co_filename):
            raise refusal(
                "a look-up of a traced Value in a dict or set",
                "compare it with each key, as engine.where(x == 1, a, b)",
            )
        return object.__hash__(self)


class InTraceAgain(InTrace):
    """The same when the function is called again: it stands beside the node `first` of the first call."""

    __slots__ = ("first",)
    first: Value


def refusal(what: str, way_out: str) -> TraceError:
    """The error for what needs a number while a function is traced."""
    return TraceError(
        f"{what} in a compiled function, at {line_of_user()}\nWhile it is traced a Value has no number: {way_out}"
    )


def traced_node(operation: Primitive | None, parents: tuple[Value, ...], kind: type[Traced] = Traced) -> Value:
    """A node without a number."""
    node: Value = object.__new__(kind)
    node._grad = node.pullback = None
    node.op = operation
    node._parents = parents
    return node
