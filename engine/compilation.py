"""The door to `engine.lifting`, which needs NumPy: everything else here runs without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.value import Value

if TYPE_CHECKING:
    from engine.lifting.compiled import Compiled


def compile(f: Callable[..., Any] | Value, backend: str = "numpy") -> Compiled:
    """Lift a scalar function into array form, to run it thousands of times faster.

    Args:
        f: a function of numbers, or of lists, tuples and dicts of numbers, that computes a Value (or a structure of
            Values) with the engine; or a Value, whose graph is then evaluated again for its leaves' numbers at the
            time. The leaf Values that f uses and does not get as arguments are its parameters.
        backend: "numpy"; or "jax" for XLA, with the rows of a batch shared among the devices there are.

    Returns:
        A `Compiled`. It is traced when first called, and again for arguments of another structure.

    Raises:
        ImportError: if NumPy, or JAX for its backend, is not installed; says what to install.
        TraceError: a TypeError, if f asks a traced Value for its number; says where, and the way out.

    >>> from engine import Value, compile
    >>> w, b = Value(2.0), Value(1.0)
    >>> loss = compile(lambda x, y: (w * x + b - y) ** 2)
    >>> loss(3.0, 5.0)
    4.0
    >>> loss([3.0, 0.0], [5.0, 0.0])
    array([4., 1.])
    >>> loss.backward([3.0, 0.0], [5.0, 0.0])
    2.5
    >>> w.grad, b.grad
    (6.0, 3.0)
    """
    try:
        from engine.lifting.compiled import Compiled
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ImportError('compile needs NumPy: pip install "liftgrad[compile]"') from None
    return Compiled(f, backend)
