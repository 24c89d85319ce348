"""How operations are recorded: as a graph, unless something else is asked for.

`no_grad` and `detect_anomaly` set it for a block of code. It is a context variable, so that a block in one thread or
asyncio task does not change another.

Threads may build and differentiate graphs at the same time if no leaf is in two of them. A leaf that is shared adds up
what every `backward` brings, and adding is not atomic: two threads at once may lose a contribution. Let each thread
have leaves of its own and add their gradients up in the end, or use `engine.grad`, which touches no `grad` at all.
"""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import not_a_rule
from engine.primitives.stopping import NOTHING

if TYPE_CHECKING:
    from engine.lifting.tracers import Tracer
    from engine.primitives import Primitive
    from engine.value import Value

Function = TypeVar("Function", bound=Callable[..., Any])


class Recording:
    """What is unusual about recording now.

    Attributes:
        graph: whether a result keeps its parents and pullback.
        anomalies: whether a nan or an infinity is an error, and if so where each node was made.
        known: nodes by operation and operands, that an equal operation uses again instead of making a new one.
        tracer: what makes a node instead of computing one, while the compiler traces a function; see `tracing`.
    """

    __slots__ = ("_block", "_outer", "_unusual", "anomalies", "graph", "known", "tracer")

    def __init__(self, block: object = None, outer: Recording | None = None, **unusual: Any) -> None:
        self._block, self._outer, self._unusual = block, outer, unusual
        self.graph: bool = outer.graph if outer else True
        self.anomalies: dict[Value, str] | None = outer.anomalies if outer else None
        self.known: dict[Any, Value] | None = None
        self.tracer: Tracer | None = outer.tracer if outer else None
        for name, setting in unusual.items():
            setattr(self, name, setting)

    def without(self, block: object) -> Recording | None:
        """What is unusual inside the same blocks but for this one, which need not be the innermost."""
        inner: list[Recording] = []
        recording: Recording | None = self
        while recording is not None and recording._block is not block:
            inner.append(recording)
            recording = recording._outer
        if recording is None:
            return self
        left = recording._outer
        for recording in reversed(inner):
            left = Recording(recording._block, left, **recording._unusual)
        return left

    def is_inside(self, block: object) -> bool:
        """Whether this is the recording of a block, or of one inside it."""
        recording: Recording | None = self
        while recording is not None and recording._block is not block:
            recording = recording._outer
        return recording is not None


current: ContextVar[Recording | None] = ContextVar("current", default=None)  # None: nothing unusual, the fast path


_ENDED_ELSEWHERE = object()  # the block of a recording that is still there where its block cannot be left any more


def tracing() -> Tracer | None:
    """The compiler's tracer, while it traces a function: no Value but a constant has a number then, nor a parameter."""
    unusual = current.get()
    return None if unusual is None else unusual.tracer


def refuse_if_traced(what: str, way_out: str) -> None:
    """Raise TraceError if a function is being traced: `what` needs a number, and would be done once and for all."""
    tracer = tracing()
    if tracer is not None:
        raise tracer.refusal(what, way_out)


def check_not_traced(node: Value, what: str, way_out: str) -> None:
    """The same, but for a plain number in the function: that is known."""
    if not node.is_constant:
        refuse_if_traced(what, way_out)


class recording:  # noqa: N801  called as a function, like the context managers of the standard library
    """Within the block or decorated function record as `Recording` says: these attributes set, others as outside.

    It is in force from where the block is entered to where it is left, also while a generator waits inside it at a
    ``yield``. Generators are taken in turn, so blocks need not end in the order in which they began: the end of a block
    takes away what that block set, and nothing else.
    """

    def __init__(self, **unusual: Any) -> None:
        self._unusual = unusual
        self._entered: list[Recording] = []

    def __enter__(self) -> None:
        outer = current.get()
        while outer is not None and outer.is_inside(_ENDED_ELSEWHERE):
            outer = outer.without(_ENDED_ELSEWHERE)
        inner = Recording(object(), outer, **self._unusual)
        self._entered.append(inner)
        current.set(inner)

    def __exit__(self, *_: object) -> None:
        now = current.get()
        ours = [entered for entered in self._entered if now is not None and now.is_inside(entered._block)]
        ended = (ours or self._entered)[-1]
        self._entered.remove(ended)
        if now is not None and ours:
            current.set(now.without(ended._block))
        else:  # a generator that was left in another context: there the block was not in force, where it began it was
            usual = Recording(None, ended._outer)
            ended._block = _ENDED_ELSEWHERE
            ended.graph, ended.anomalies, ended.tracer, ended.known = usual.graph, usual.anomalies, usual.tracer, None

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


_ROOT = f"{__file__.rsplit(os.sep, 2)[0]}{os.sep}"  # of recording.py, or of its bytecode
_PYTHON = f"{os.path.dirname(os.__file__)}{os.sep}"
_INSTALLED = (f"{_PYTHON}site-packages", f"{_PYTHON}dist-packages")
_OUR_FILES = (f"{_ROOT}engine{os.sep}", f"{_ROOT}nn{os.sep}")


def apply_unusually(recording: Recording, primitive: Primitive, parents: tuple[Value, ...]) -> Value:
    """`engine.node.apply` inside `no_grad`, `detect_anomaly`, `reusing`, or while the compiler traces."""
    known = recording.known
    if known is not None and (primitive, parents) in known:
        return known[primitive, parents]
    if recording.tracer is not None:
        node = recording.tracer(primitive, parents, recording.graph)
        if known is not None:
            known[primitive, parents] = node
        return node
    from engine.value import Value

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
    return line_of_frame(sys._getframe(1))


def line_of_frame(frame: FrameType) -> str:
    """The same for a frame. Python's own library, as when `copy` is called, is not the user's either."""
    start: FrameType | None = frame
    while start and (is_ours(start.f_code.co_filename) or _is_of_python(start.f_code.co_filename)):
        start = start.f_back
    frame = start or frame
    return _line(frame.f_code.co_filename, frame.f_lineno)


def line_of_function(f: Callable[..., Any]) -> str:
    """Where a function begins: 'file:line: source'; its name if it was not written in Python."""
    code = getattr(f, "__code__", None) or getattr(type(f).__call__, "__code__", None)
    return _line(code.co_filename, code.co_firstlineno) if code else repr(f)


def line_of_error(error: BaseException) -> str:
    """Where an error came from, the last place outside the engine and nn: 'file:line: source'."""
    file, line = "?", 0
    step = error.__traceback__
    while step is not None:
        if not is_ours(step.tb_frame.f_code.co_filename):
            file, line = step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next
    return _line(file, line)


def is_ours(file: str) -> bool:
    """Whether a file belongs to the engine or nn."""
    return file.startswith(_OUR_FILES)


def _is_of_python(file: str) -> bool:
    return file.startswith((_PYTHON, "<frozen ")) and not file.startswith(_INSTALLED)


def _line(file: str, number: int) -> str:
    import linecache  # here, since few need it and it would slow down `import engine`

    from engine.readable import readable

    source = readable(linecache.getline(file, number).strip(), 200)
    return f"{readable(file, 1000)}:{number}" + (f": {source}" if source else "")


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

    reached = {order[-1]} if order else set()
    for node in reversed(order):
        if node.pullback is None or node not in reached:
            continue
        for k, contribution in enumerate(node.pullback(node._grad)):
            if contribution is NOTHING:
                continue
            reached.add(node.parents[k])
            if not math.isfinite(contribution) and not isinstance(node.parents[k], Constant):
                at = f", at {made[node]}" if node in made else ""
                numbers = [parent._data for parent in node.parents]
                raise FloatingPointError(
                    f"the pullback of {_call(node.op, node.parents, numbers)} takes the adjoint {node._grad} "
                    f"to {contribution} for operand {k + 1}{at}"
                )


def _call(primitive: Primitive | None, operands: tuple[Value, ...], numbers: Sequence[float]) -> str:
    from engine.readable import readable  # here, since it would slow down `import engine`

    name = primitive.name if primitive else "?"
    labels = [f" ({readable(operand.label, 40)})" if operand.label else "" for operand in operands[:8]]
    shown = [f"{x!r}{label}" for x, label in zip(numbers, labels)]
    return f"{name}({', '.join(shown)}{', ...' if len(operands) > 8 else ''})"
