"""The door to `engine.lifting`, which needs NumPy: everything else here runs without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.value import Value

if TYPE_CHECKING:
    from engine.lifting.compiled import Compiled


def compile(
    f: Callable[..., Any] | Value, backend: str = "numpy", *, in_axes: Any = "either", dtype: Any = "float64"
) -> Compiled:
    """Lift a scalar function into array form, to run it thousands of times faster.

    The compiled function means what f means, on every call: what f computes from its arguments and parameters is
    computed anew, comparisons too. What would need a number while f is traced (``if w > 0``, `data`, ``max(w, 3)``) is
    refused, with its line. What Python does itself is done once: f is traced twice, and random numbers, counters and
    flags that are found so are refused; pass them as arguments.

    Two things cannot be found: a plain number from outside that changes later, which stays what it was when f was
    traced, so make it a Value or an argument; and a look at an argument's type, which is a Value's while f is traced.

    Args:
        f: a function of numbers, or of lists, tuples and dicts of numbers, that computes a Value (or a structure of
            Values) with the engine; or a Value, whose graph is then evaluated again for its leaves' numbers at the
            time. The leaf Values that f uses and neither gets as arguments nor makes itself are its parameters.
            Arguments that are None, texts or flags are settings: f is traced again for each.
        backend: what runs it. "numpy"; "jax" for XLA, with the rows of a batch shared among the devices there are;
            "native" for machine code that LLVM makes when f is first called, for programs of narrow arrays or of few
            rows, where what each call of a NumPy function costs is most of the time; or "auto", which chooses native
            code but for a program that is nearly all products of wide matrices, or that has more than 50,000 scalar
            operations to write out one by one, of a loop those of a turn: then NumPy, also where llvmlite is not
            installed. What runs and why is in the `repr` of the compiled function. What native code cannot do yet
            runs on NumPy. What LLVM has made is kept in the user's folder for caches, for the next process; the
            environment variable LIFTGRAD_CACHE=0 turns that off.
        in_axes: "either": a call is one sample or a batch, whichever f takes. Else every call is a batch, and this says
            where its rows are, as in `jax.vmap`: an axis for all arguments; or a tuple, for each argument an axis, None
            if all rows share it, or a list or dict of those for its parts.
        dtype: "float64"; or "float32", which takes half of the memory where arrays are large
            and keeps about 7 digits.

    Returns:
        A `Compiled`. It is traced when first called, and again for arguments of another structure.

    Raises:
        ImportError: if NumPy, or what its backend needs (JAX, llvmlite), is not installed; says what to install.
        ValueError: for another backend or precision, for `in_axes` by which nothing has rows.
        TraceError: a TypeError, if f asks a traced Value for its number, draws random numbers, or does something else
            when it is called again; says where, and the way out.

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
    return Compiled(f, backend, in_axes, dtype)
