"""How operations are recorded: as a graph, unless something else is asked for.

`no_grad` and `detect_anomaly` set it for a block of code. It is a context variable, so that a block in one thread or
asyncio task does not change another.
"""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.lifting.trace import Tracer
    from engine.primitives import Primitive
    from engine.value import Value


class Recording:
    """What is unusual about recording now.

    Attributes:
        graph: whether a result keeps its parents and pullback.
        anomalies: whether a nan or an infinity is an error, and if so where each node was made.
        known: nodes by operation and operands, that an equal operation uses again instead of making a new one.
        tracer: what makes a node instead of computing one, while the compiler traces a function; see `tracing`.
    """

    __slots__ = ("anomalies", "graph", "known", "tracer")

    def __init__(self) -> None:
        outer = current.get()
        self.graph: bool = outer.graph if outer else True
        self.anomalies: dict[Value, str] | None = outer.anomalies if outer else None
        self.known: dict[Any, Value] | None = None
        self.tracer: Tracer | None = outer.tracer if outer else None


current: ContextVar[Recording | None] = ContextVar("current", default=None)  # None: nothing unusual, the fast path


def tracing() -> Tracer | None:
    """The compiler's tracer, while it traces a function: no Value but a constant has a number then, nor a parameter."""
    unusual = current.get()
    return None if unusual is None else unusual.tracer


def refuse_if_traced(what: str, way_out: str) -> None:
    """Raise TraceError if a function is being traced: `what` needs a number, and would be done once and for all."""
    tracer = tracing()
    if tracer is not None:
        raise tracer.refusal(what, way_out)


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

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        if getattr(getattr(f, "__code__", None), "co_flags", 0) & _RUNS_LATER:
            raise TypeError(
                f"{f.__name__} is a generator or async function, which runs after the decorated call has returned: "
                "write the with block inside it"
            )

        @functools.wraps(f)
        def decorated(*arguments: Any, **keywords: Any) -> Any:
            with recording(**self._unusual):
                return f(*arguments, **keywords)

        return decorated


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
_PYTHON = f"{os.path.dirname(os.__file__)}{os.sep}"
_INSTALLED = (f"{_PYTHON}site-packages", f"{_PYTHON}dist-packages")
_OUR_FILES = (f"{_ROOT}engine{os.sep}", f"{_ROOT}nn{os.sep}")


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

    source = linecache.getline(file, number).strip()
    return f"{file}:{number}" + (f": {source}" if source else "")


def check_value(node: Value, primitive: Primitive, operands: tuple[Value, ...], made: dict[Value, str]) -> None:
    """Raise FloatingPointError if the number of the node just made is not finite."""
    line = line_of_user()
    if not math.isfinite(node._data):
        raise FloatingPointError(f"{_call(primitive, operands)} is {node._data}, at {line}")
    made[node] = line


def check_adjoints(order: list[Value], made: dict[Value, str]) -> None:
    """After an adjoint pass, raise FloatingPointError for the first contribution that is not finite."""
    from engine.value import Constant

    for node in reversed(order):
        if node.pullback is None:
            continue
        for k, contribution in enumerate(node.pullback(node._grad)):
            if not math.isfinite(contribution) and not isinstance(node.parents[k], Constant):
                at = f", at {made[node]}" if node in made else ""
                raise FloatingPointError(
                    f"the pullback of {_call(node.op, node.parents)} takes the adjoint {node._grad} "
                    f"to {contribution} for operand {k + 1}{at}"
                )


def _call(primitive: Primitive | None, operands: tuple[Value, ...]) -> str:
    name = primitive.name if primitive else "?"
    shown = [repr(operand._data) + (f" ({operand.label})" if operand.label else "") for operand in operands[:8]]
    return f"{name}({', '.join(shown)}{', ...' if len(operands) > 8 else ''})"
