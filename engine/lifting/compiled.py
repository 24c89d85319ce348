"""A function, or a graph, compiled: called like the original, on one sample or on a batch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.lifting.backends import backend_named
from engine.lifting.function_copies import copied
from engine.lifting.parameters import in_arrays
from engine.lifting.pipeline import CompiledGraph, compiled_function, compiled_graph
from engine.lifting.program import Program
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.structures import arrays_of, as_arrays, example, flat, rows_of, spec_of, without_settings
from engine.lifting.trace import TraceError
from engine.recording import refuse_if_traced
from engine.value import Value


class Compiled:
    """A compiled function. Call it as the original: on one sample, or on a batch.

    One sample: numbers in the structure the function takes; the result is a float, or a structure of floats.
    A batch: one more leading axis on every argument; the result has that axis too, and is an array. Where both readings
    are possible the first one the function accepts counts, and one sample is tried first.
    None, a str or a bool is a setting: another one traces the function again. A batch has one for all rows.

    It can be pickled if its function can. A copy calls a copy of the function: of the model that it is, or closes over.

    Attributes:
        program: the array program of the last call. `print` it to read it, `.draw()` to see its graph.
        parameters: the Values it differentiates with respect to, in the order of the gradient.
    """

    def __init__(self, f: Callable[..., Any] | Value, backend: str = "numpy") -> None:
        if not isinstance(f, Value) and not callable(f):
            raise TypeError(f"compile takes a function or a Value, not {f!r} of type {type(f).__name__}")
        self.backend = backend_named(backend)
        self._backend_name = backend
        self._f = f
        self._compiled: dict[Any, CompiledGraph] = {}
        self._last: Program | None = None
        self._lock = threading.RLock()  # for tracing: of two threads that call first, one does
        if isinstance(f, Value):
            self._compiled[()] = compiled_graph(ScalarGraph([f], []), self.backend.namespace)
            self._last = self._compiled[()].program

    @property
    def program(self) -> Program:
        if self._last is None:
            raise ValueError("there is no program yet: it is made when the compiled function is first called")
        return self._last

    @property
    def parameters(self) -> list[Value]:
        return self.program.parameters

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The function's value: of one sample, or an array with one for every row of a batch."""
        program, structure, rows, batch = self._prepare(self._positional(arguments, keywords))
        values = self.backend.values(program, batch)
        return _in_structure(structure, values.reshape(-1) if rows is None else values, rows is not None)

    def value_and_grad(self, *arguments: Any, **keywords: Any) -> tuple[float, np.ndarray]:
        """The value, the mean over a batch's rows, and its gradient as an array in the order of `parameters`."""
        _, value, gradient = self._differentiate(self._positional(arguments, keywords))
        return value, gradient

    def backward(self, *arguments: Any, **keywords: Any) -> float:
        """Add the gradient of the value, the mean over a batch's rows, to the parameters' `grad`; return the value.

        A loop of one's own over many parameters is faster in ``with engine.lifting.parameters.Store(parameters):``,
        which keeps them in one array meanwhile; `nn.fit` opens one.
        """
        program, value, gradient = self._differentiate(self._positional(arguments, keywords))
        in_arrays(program.kept).add_grad(gradient)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._f, Value):
            raise TypeError("a compiled graph cannot be copied or pickled: compile a function that computes it")
        return Compiled, (self._f, self._backend_name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        kind, (f, backend) = self.__reduce__()
        return kind(copied(f, memo), backend)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        name = repr(self._f) if isinstance(self._f, Value) else getattr(self._f, "__name__", repr(self._f))
        if self._last is None:
            return f"<compiled {name}: not traced yet>"
        says = self.backend.says(self._last)
        return f"<compiled {name}: {repr(self._last)[1:-1]}{says and '; '}{says}>"

    def _positional(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in the function's order."""
        if not keywords:
            return arguments
        import inspect

        return inspect.signature(self._f).bind(*arguments, **keywords).args  # type: ignore[arg-type]

    def _differentiate(self, arguments: tuple[Any, ...]) -> tuple[Program, float, np.ndarray]:
        program, structure, rows, batch = self._prepare(arguments)
        if structure is not None:
            raise TypeError("only a single number has a gradient: this function returns a structure of numbers")
        if rows == 0:
            raise ValueError("a batch of no rows has no mean: pass at least one row")
        if not program.parameters:
            raise ValueError(
                "there is nothing to differentiate with respect to: gradients are those of the Values that a function "
                "uses from outside, its parameters, and not of its arguments; make Values of those, or use grad inside"
            )
        value, gradients = self.backend.value_and_gradients(program, batch)
        return program, value, np.concatenate([gradient.reshape(-1) for gradient in gradients])

    # Structures -----------------------------------------------------------------------------------------------------

    def _prepare(self, arguments: tuple[Any, ...]) -> tuple[Program, Any, int | None, list[np.ndarray]]:
        """The program for the arguments, its result's structure, the number of rows, and an array for each argument."""
        refuse_if_traced("a compiled function was called", "call the function that it was compiled from")
        leaves = [as_arrays(argument, f"argument {k + 1}") for k, argument in enumerate(arguments)]
        spec = tuple([spec_of(leaf) for leaf in leaves])
        rows, row_spec = rows_of(leaves)
        if spec in self._compiled:
            rows = None
        elif rows is None or row_spec not in self._compiled:
            with self._lock:
                rows = self._trace(spec, row_spec, rows, [array for leaf in leaves for array in arrays_of(leaf)])
        compiled = self._compiled[spec if rows is None else row_spec]
        self._last = compiled.program
        batch = [flat(leaf, rows) for leaf in leaves]
        compiled.check(batch, rows is not None)
        return compiled.program, compiled.structure, rows, batch

    def _trace(self, spec: Any, row_spec: Any, rows: int | None, arrays: list[Any]) -> int | None:
        """Trace the function for one sample of the structure, or if it does not take that, for one row of a batch."""
        if isinstance(self._f, Value):
            raise TypeError("a compiled Value takes no arguments: it is evaluated for the data of its leaves")
        known = {without_settings(each) for each in self._compiled}  # with another setting numbers are read as before
        if rows is not None and without_settings(row_spec) in known and without_settings(spec) not in known:
            self._trace_one(row_spec)
            return rows
        try:
            self._trace_one(spec)
            return None
        except TraceError:
            raise
        except Exception as error:
            if rows is None:
                lengths = [str(len(array)) for array in arrays if array.ndim]
                if len(arrays) < 2 or len({*lengths}) < 2:
                    raise
                raise ValueError(
                    f"the arguments are not one sample: {error}; nor a batch: they have {', '.join(lengths)} rows"
                ) from error
            try:
                self._trace_one(row_spec)
            except (TypeError, ValueError) as row_error:
                if isinstance(row_error, TraceError):
                    raise
                kind = TypeError if isinstance(row_error, TypeError) else ValueError
                raise kind(
                    f"the arguments are neither one sample: {error}; nor a batch of {rows} rows: {row_error}"
                ) from row_error
            return rows

    def _trace_one(self, spec: Any) -> None:
        assert callable(self._f)
        if spec not in self._compiled:
            self._compiled[spec] = compiled_function(self._f, [*map(example, spec)], self.backend.namespace)


def _in_structure(structure: Any, values: np.ndarray, batched: bool) -> Any:
    """The outputs in the structure the function returned; of a batch, lists of equal lengths as further axes."""
    columns = iter(values.T if batched else values.tolist())

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(inner) for key, inner in part.items()}
        if isinstance(part, (list, tuple)):
            inner = [fill(each) for each in part]
            if batched and isinstance(part, list) and len({getattr(each, "shape", None) for each in inner}) == 1:
                return np.stack(inner, axis=1) if hasattr(inner[0], "shape") else inner
            return type(part)(inner)
        return next(columns)

    return fill(structure)
