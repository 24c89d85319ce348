"""How operations are recorded: as a graph, unless something else is asked for.

`no_grad` and `detect_anomaly` set it for a block of code. It is a context variable, so that a block in one thread or
asyncio task does not change another.
"""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import not_a_rule

if TYPE_CHECKING:
    from engine.primitives import Primitive
    from engine.value import Value

Function = TypeVar("Function", bound=Callable[..., Any])


class Recording:
    """What is unusual about recording now.

    Attributes:
        graph: whether a result keeps its parents and pullback.
        anomalies: whether a nan or an infinity is an error, and if so where each node was made.
        known: nodes by operation and operands, that an equal operation uses again instead of making a new one.
        tracer: what makes a node instead of computing one, while the compiler traces a function.
    """

    __slots__ = ("anomalies", "graph", "known", "tracer")

    def __init__(self) -> None:
        outer = current.get()
        self.graph: bool = outer.graph if outer else True
        self.anomalies: dict[Value, str] | None = outer.anomalies if outer else None
        self.known: dict[Any, Value] | None = None
        self.tracer: Callable[[Primitive, tuple[Value, ...], bool], Value] | None = outer.tracer if outer else None


current: ContextVar[Recording | None] = ContextVar("current", default=None)  # None: nothing unusual, the fast path


class recording:  # noqa: N801  called as a function, like the context managers of the standard library
    """Within the block or decorated function record as `Recording` says: these attributes set, others as outside."""

    def __init__(self, **unusual: Any) -> None:
        self._unusual = unusual
        self._tokens: list[Token[Recording | None]] = []

    def __enter__(self) -> None:
        inner = Recording()
        for name, setting in self._unusual.items():
            setattr(inner, name, setting)
        self._tokens.append(current.set(inner))

    def __exit__(self, *_: object) -> None:
        current.reset(self._tokens.pop())

    def __call__(self, f: Function) -> Function:
        if getattr(getattr(f, "__code__", None), "co_flags", 0) & _RUNS_LATER:
            raise TypeError(
                f"{f.__name__} is a generator or async function, which runs after the decorated call has returned: "
                "write the with block inside it"
            )

        @functools.wraps(f)
        def decorated(*arguments: Any, **keywords: Any) -> Any:
            with recording(**self._unusual):
                return f(*arguments, **keywords)

        return decorated  # type: ignore[return-value]


_RUNS_LATER = 0x20 | 0x80 | 0x200  # inspect's CO_GENERATOR, CO_COROUTINE and CO_ASYNC_GENERATOR


def no_grad() -> recording:
    """Compute without recording a graph, in a ``with`` block or a decorated function; as `torch.no_grad`.

    Results are leaves: their numbers are right, they have no parents, and no gradient passes through them.

    >>> from engine import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y, y.parents
    (Value(data=9), ())
    """
    return recording(graph=False)


def enable_grad() -> recording:
    """Record a graph even inside `no_grad`; as `torch.enable_grad`. What differentiates a function needs its graph."""
    return recording(graph=True)


def detect_anomaly() -> recording:
    """Raise FloatingPointError where the first nan or infinity is born; as `torch.autograd.detect_anomaly`.

    The error names the operation, its operands and the line of your code, for a value as it is computed and for an
    adjoint in `backward` (there the line that made the node, if that was inside the block too). Slows everything down.

    >>> from engine import Value, detect_anomaly, log
    >>> with detect_anomaly():
    ...     log(Value(0.0))
    Traceback (most recent call last):
    ...
    FloatingPointError: log(0.0) is -inf, at <doctest engine.recording.detect_anomaly[1]>:2: log(Value(0.0))
    """
    return recording(anomalies={})


def reusing(nodes: list[Value]) -> recording:
    """Within the block an operation equal to one of `nodes`, or to one made within it, is that node again."""
    return recording(known={(node.op, node.parents): node for node in nodes if node.parents})


_ROOT = __file__.removesuffix(f"engine{os.sep}recording.py")
_OUR_FILES = (f"{_ROOT}engine{os.sep}", f"{_ROOT}nn{os.sep}")


def apply_unusually(recording: Recording, primitive: Primitive, parents: tuple[Value, ...]) -> Value:
    """`engine.node.apply` inside `no_grad`, `detect_anomaly`, `reusing`, or while the compiler traces."""
    from engine.value import Value

    known = recording.known
    if known is not None and (primitive, parents) in known:
        return known[primitive, parents]
    if recording.tracer is not None:
        node = recording.tracer(primitive, parents, recording.graph)
        if known is not None:
            known[primitive, parents] = node
        return node
    returned = primitive.rule(*[parent._data for parent in parents])
    try:
        data, pullback = returned
    except (TypeError, ValueError):
        raise not_a_rule(primitive, returned) from None
    node = Value(data)
    if recording.graph:
        node.pullback, node._parents, node.op = pullback, parents, primitive
    if known is not None:
        known[primitive, parents] = node
    if recording.anomalies is not None:
        check_value(node, primitive, parents, recording.anomalies)
    return node


def line_of_user() -> str:
    """Where the code that is running was called from outside the engine and nn: 'file:line: source'."""
    frame = sys._getframe(1)
    while frame.f_back and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return _line(frame.f_code.co_filename, frame.f_lineno)


def line_of_error(error: BaseException) -> str:
    """Where an error came from, the last place outside the engine and nn: 'file:line: source'."""
    file, line = "?", 0
    step = error.__traceback__
    while step is not None:
        if not _is_ours(step.tb_frame.f_code.co_filename):
            file, line = step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next
    return _line(file, line)


def _is_ours(file: str) -> bool:
    return file.startswith(_OUR_FILES)


def _line(file: str, number: int) -> str:
    import linecache  # here, since few need it and it would slow down `import engine`

    source = linecache.getline(file, number).strip()
    return f"{file}:{number}" + (f": {source}" if source else "")


def check_value(node: Value, primitive: Primitive, operands: tuple[Value, ...], made: dict[Value, str]) -> None:
    """Raise FloatingPointError if the number of the node just made is not finite."""
    check_number(node._data, primitive, operands, [operand._data for operand in operands])
    made[node] = line_of_user()


def check_number(number: float, primitive: Primitive, operands: tuple[Value, ...], numbers: Sequence[float]) -> None:
    """Raise FloatingPointError if what a primitive made of these numbers of its operands is not finite."""
    if not math.isfinite(number):
        raise FloatingPointError(f"{_call(primitive, operands, numbers)} is {number}, at {line_of_user()}")


def check_adjoints(order: Sequence[Value], made: dict[Value, str]) -> None:
    """After an adjoint pass, raise FloatingPointError for the first contribution that is not finite."""
    from engine.value import Constant

    for node in reversed(order):
        if node.pullback is None:
            continue
        for k, contribution in enumerate(node.pullback(node._grad)):
            if not math.isfinite(contribution) and not isinstance(node.parents[k], Constant):
                at = f", at {made[node]}" if node in made else ""
                numbers = [parent._data for parent in node.parents]
                raise FloatingPointError(
                    f"the pullback of {_call(node.op, node.parents, numbers)} takes the adjoint {node._grad} "
                    f"to {contribution} for operand {k + 1}{at}"
                )


def _call(primitive: Primitive | None, operands: tuple[Value, ...], numbers: Sequence[float]) -> str:
    name = primitive.name if primitive else "?"
    shown = [f"{x!r} ({operand.label})" if operand.label else repr(x) for operand, x in zip(operands[:8], numbers)]
    return f"{name}({', '.join(shown)}{', ...' if len(operands) > 8 else ''})"
