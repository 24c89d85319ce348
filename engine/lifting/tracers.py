"""What makes the nodes of a traced function: at its first call, and at its second, beside the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.lifting.scalar_graph import Requirement
from engine.lifting.traced import InTrace, InTraceAgain, TraceError, refusal, traced_node
from engine.primitives import primitive
from engine.recording import line_of_user
from engine.value import Constant, Value, apply

if TYPE_CHECKING:
    from engine.primitives import Primitive


_new_node = object.__new__


@primitive("x", "0")
def detach(x: Any) -> Any:
    """The same number, through which no gradient passes."""
    return x, lambda _: (0.0,)


class Tracer:
    """Makes the nodes of a function that is traced.

    Args:
        with_lines: whether to note where each node is made.

    Attributes:
        requirements: what the function has required so far.
        lines: where each node was made, if asked for.
        made: the nodes so far, in order.
        met_again: (how many nodes there were, the node) for each operation that was equal to an earlier one.
    """

    _kind: type[InTrace] = InTrace  # one for all: Python asks the operand of a subclass first

    def __init__(self, with_lines: bool = False) -> None:
        self.requirements: list[Requirement] = []
        self.lines: dict[int, str] = {}
        self.made: list[Value] = []
        self.met_again: list[tuple[int, Value]] = []
        self._with_lines = with_lines
        self._known: dict[tuple[Any, ...], Value] = {}

    def stand_in(self) -> Value:
        """The Value for the next number of the arguments."""
        return traced_node(None, (), InTrace)

    def __call__(self, operation: Primitive, parents: tuple[Value, ...], kept: bool) -> Value:
        """The node of an operation: an equal one is the same one. One that is not kept passes no gradient on."""
        key = (operation, *map(id, parents))  # of nodes that are alive: the key's own node keeps them
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = traced_node(operation, parents, self._kind)
            self.made.append(node)
            if self._with_lines:
                self.lines[id(node)] = line_of_user()
        else:
            self.met_again.append((len(self.made), node))
        return node if kept else self(detach, (node,), True)

    def end(self) -> None:
        """The function has returned: no operation will be equal to one of its own."""
        self._known = {}

    def detached(self, x: Value) -> Value:
        """A node with the number of x, through which no gradient passes."""
        return apply(detach, (x,))

    def require(self, node: Value, allowed: Callable[[Any], Any], error: Callable[[float], Exception]) -> None:
        """Note what the number of a node must be."""
        self.requirements.append(Requirement(node, allowed, error))

    def refusal(self, what: str, way_out: str) -> TraceError:
        """The error for what needs a number."""
        return refusal(what, way_out)


class RepeatingTracer(Tracer):
    """The same when the function is called again: each node is compared with what the first call made in its place.

    As long as they are alike, a node only stands beside that of the first call. From where they differ on, the nodes
    are those of a graph, to be looked at more closely (`engine.lifting.repeatable`).

    Args:
        first: of the first call.
        inputs: the Values that stood for its arguments, in order.

    Attributes:
        is_alike: whether everything so far is alike.
    """

    _kind = InTraceAgain

    def __init__(self, first: Tracer, inputs: Sequence[Value]) -> None:
        super().__init__()
        self.is_alike = True
        self._first = first
        self._inputs = inputs
        self._stand_ins: list[InTraceAgain] = []
        self._expected = [*first.made, traced_node(None, ())]  # what no operation makes comes last
        again = {id(node) for _, node in first.met_again}
        self._place = {id(node): place for place, node in enumerate(first.made) if id(node) in again} if again else {}
        self._again = -1  # how many operations were equal to earlier ones so far
        self._meet_next()

    def _meet_next(self) -> None:
        """Look out for the next operation that is equal to an earlier one."""
        self._again += 1
        met = self._first.met_again
        self._meets_at, self._met = met[self._again] if self._again < len(met) else (-1, self._expected[-1])

    @property
    def has_done_all(self) -> bool:
        """Whether all that the first call did was done again, and nothing else."""
        first = self._first
        return self.is_alike and (len(self.made), self._again) == (len(first.made), len(first.met_again))

    def stand_in(self) -> Value:
        self._stand_ins.append(_beside(self._inputs[len(self._stand_ins)], ()))
        return self._stand_ins[-1]

    def __call__(self, operation: Primitive, parents: tuple[Value, ...], kept: bool) -> Value:
        """The node of an operation."""
        if self.is_alike:
            made = self.made
            count = len(made)
            is_new = count != self._meets_at
            expected = self._expected[count] if is_new else self._met
            if expected.op is operation and are_beside(parents, expected._parents):
                if is_new:
                    node: Value = _beside(expected, parents)
                    made.append(node)
                else:
                    node = made[self._place[id(expected)]]
                    self._meet_next()
                return node if kept else self(detach, (node,), True)
            self.leave()
        return super().__call__(operation, parents, kept)

    def leave(self) -> None:
        """Let what has been made so far be a graph of its own, and go on as at a first call."""
        if not self.is_alike:
            return
        self.is_alike = False
        for node in self.made:
            assert node.op is not None
            key = (node.op, *map(id, node._parents))
            self._known[key] = node


def _beside(first: Value, parents: tuple[Value, ...]) -> InTraceAgain:
    """A node of the second call. Its operands are of that call too: the function may walk the graph, as `grad` does."""
    node: InTraceAgain = _new_node(InTraceAgain)
    node._grad = node.pullback = None
    node.op = first.op
    node._parents = parents
    node.first = first
    return node


def are_beside(parents: tuple[Value, ...], others: tuple[Value, ...]) -> bool:
    """Whether the operands of a second call are those of the first: the same leaves from outside, or equal numbers."""
    if len(parents) != len(others):
        return False
    for parent, other in zip(parents, others):
        kind = type(parent)
        if kind is InTraceAgain:
            if parent.first is not other:  # type: ignore[attr-defined]
                return False
        elif parent is other:
            if kind is InTrace:  # kept from the first call: there it was computed
                return False
        elif kind is not Constant or type(other) is not Constant or repr(parent._data) != repr(other._data):
            return False
    return True
