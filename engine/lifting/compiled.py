"""A function, or a graph, compiled: called like the original, on one sample or on a batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from engine.lifting.backends import backend_named
from engine.lifting.parameters import in_arrays
from engine.lifting.pipeline import compiled_function, compiled_graph
from engine.lifting.program import Program
from engine.lifting.trace import ScalarGraph, TraceError
from engine.refusals import not_a_number
from engine.value import Value

Spec = Any  # the structure of an argument: a shape, or ("dict", keys, specs), or ("list", specs)


class Compiled:
    """A compiled function. Call it as the original: on one sample, or on a batch.

    One sample: numbers in the structure the function takes; the result is a float, or a structure of floats.
    A batch: one more leading axis on every argument; the result has that axis too, and is an array. Where both readings
    are possible the first one the function accepts counts, and one sample is tried first.

    Attributes:
        program: the array program of the last call. `print` it to read it, `.draw()` to see its graph.
        parameters: the Values it differentiates with respect to, in the order of the gradient.
    """

    def __init__(self, f: Callable[..., Any] | Value, backend: str = "numpy") -> None:
        if not isinstance(f, Value) and not callable(f):
            raise TypeError(f"compile takes a function or a Value, not {f!r} of type {type(f).__name__}")
        self.backend = backend_named(backend)
        self._f = f
        self._programs: dict[Any, tuple[Program, Any]] = {}
        self._last: Program | None = None
        if isinstance(f, Value):
            self._last = compiled_graph(ScalarGraph([f], [], None), self.backend.namespace)
            self._programs[()] = self._last, None

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
        """Add the gradient of the value, the mean over a batch's rows, to the parameters' `grad`; return the value."""
        program, value, gradient = self._differentiate(self._positional(arguments, keywords))
        in_arrays(program.parameters).add_grad(gradient)
        return value

    def __repr__(self) -> str:
        name = repr(self._f) if isinstance(self._f, Value) else getattr(self._f, "__name__", repr(self._f))
        return f"<compiled {name}: {'not traced yet' if self._last is None else repr(self._last)[1:-1]}>"

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
        leaves = [_as_arrays(argument, f"argument {k + 1}") for k, argument in enumerate(arguments)]
        spec = tuple([_spec(leaf) for leaf in leaves])
        rows, row_spec = _rows(leaves)
        if spec in self._programs:
            rows = None
        elif rows is None or row_spec not in self._programs:
            rows = self._trace(spec, row_spec, rows, [array for leaf in leaves for array in _arrays(leaf)])
        program, structure = self._programs[spec if rows is None else row_spec]
        self._last = program
        return program, structure, rows, [_flat(leaf, rows) for leaf in leaves]

    def _trace(self, spec: Any, row_spec: Any, rows: int | None, arrays: list[Any]) -> int | None:
        """Trace the function for one sample of the structure, or if it does not take that, for one row of a batch."""
        if isinstance(self._f, Value):
            raise TypeError("a compiled Value takes no arguments: it is evaluated for the data of its leaves")
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
        arguments = [_stand_in(part) for part in spec]
        self._programs[spec] = compiled_function(self._f, arguments, self.backend.namespace)


def _as_arrays(argument: Any, name: str) -> Any:
    """An argument with its numbers in arrays: one array if it is rectangular, else a dict or list of such."""
    if isinstance(argument, np.ndarray):
        return argument if argument.dtype == float else _numbers(argument, name)
    if isinstance(argument, dict):
        return {key: _as_arrays(part, f"{name}[{key!r}]") for key, part in argument.items()}
    if hasattr(argument, "__array__"):
        return _numbers(argument, name)
    if isinstance(argument, (list, tuple)):
        if not any(isinstance(part, dict) for part in argument):
            try:
                return _numbers(argument, name)
            except ValueError:
                pass  # lists of different lengths
        return [_as_arrays(part, f"{name}[{k}]") for k, part in enumerate(argument)]
    return _numbers(argument, name)


def _numbers(argument: Any, name: str) -> np.ndarray:
    """The argument as an array of floats. ValueError for lists of different lengths, TypeError for other things."""
    if isinstance(argument, Value):
        raise TypeError(f"{name} is a Value: pass its number, or let the function use it directly as a parameter")
    array = np.asarray(argument)
    if array.dtype.kind not in "fiub":  # of objects: big integers and Fractions are numbers too
        odd = [part for part in array.reshape(-1).tolist() if not isinstance(part, Real)]
        if odd or array.dtype.kind != "O":
            reason = not_a_number(odd[0] if odd else argument)
            raise TypeError(f"{name} must be numbers in lists, tuples, dicts or arrays: {reason}")
    return array.astype(float)


def _spec(leaf: Any) -> Spec:
    if isinstance(leaf, np.ndarray):
        return leaf.shape
    if isinstance(leaf, dict):
        return ("dict", tuple(leaf), tuple([_spec(part) for part in leaf.values()]))
    return ("list", tuple([_spec(part) for part in leaf]))


def _arrays(leaf: Any) -> list[np.ndarray]:
    if isinstance(leaf, np.ndarray):
        return [leaf]
    return [array for part in (leaf.values() if isinstance(leaf, dict) else leaf) for array in _arrays(part)]


def _rows(leaves: list[Any]) -> tuple[int | None, Any]:
    """The length of the leading axis if all arguments share one, and their structure without it."""
    arrays = [array for leaf in leaves for array in _arrays(leaf)]
    if not arrays or any(array.ndim == 0 for array in arrays):
        return None, None
    lengths = {len(array) for array in arrays}
    if len(lengths) > 1:
        return None, None
    return lengths.pop(), tuple([_without_rows(_spec(leaf)) for leaf in leaves])


def _without_rows(spec: Spec) -> Spec:
    if spec[:1] == ("dict",):
        return ("dict", spec[1], tuple([_without_rows(part) for part in spec[2]]))
    if spec[:1] == ("list",):
        return ("list", tuple([_without_rows(part) for part in spec[1]]))
    return spec[1:]


def _flat(leaf: Any, rows: int | None) -> np.ndarray:
    """An argument's numbers as one array, rows x numbers; one row for one sample."""
    if not isinstance(leaf, np.ndarray):
        parts = [_flat(array, rows) for array in _arrays(leaf)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((1 if rows is None else rows, 0))
    return leaf.reshape(1, leaf.size) if rows is None else leaf.reshape(rows, math.prod(leaf.shape[1:]))


class _List(list[Any]):
    """A list argument while it is traced: list arithmetic, which repeats and joins, is surely a mistake."""

    def _refuse(self, _: object) -> Any:
        raise TypeError("this argument is a list of numbers: compute with its elements")

    __add__ = __radd__ = __mul__ = __rmul__ = _refuse


def _stand_in(spec: Spec) -> Any:
    if spec[:1] == ("dict",):
        return dict(zip(spec[1], map(_stand_in, spec[2])))
    if spec[:1] == ("list",):
        return _List(map(_stand_in, spec[1]))
    return _List([_stand_in(spec[1:])] * spec[0]) if spec else 0.0


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
