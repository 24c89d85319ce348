"""A function, or a graph, compiled: called like the original, on one sample or on a batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from engine.collector import no_collections
from engine.lifting.axes import EITHER, Rows, check_axes, rows_by_axes
from engine.lifting.backends import backend_named
from engine.lifting.function_copies import copied
from engine.lifting.jacobian import jacobian
from engine.lifting.parameters import in_arrays
from engine.lifting.pipeline import CompiledGraph, Prepared, compiled_graph
from engine.lifting.precision import dtype_named
from engine.lifting.program import Program, check_has_parameters
from engine.lifting.program_cache import ProgramCache
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.short_calls import ShortCalls
from engine.lifting.structures import (
    argument_names,
    arrays_of,
    as_arrays,
    example,
    flat,
    in_structure_of,
    outputs_in,
    rows_of,
    spec_of,
    without_settings,
)
from engine.lifting.trace import trace
from engine.lifting.traced import TraceError
from engine.lifting.wanted import Wanted, numbers_of
from engine.recording import refuse_if_traced
from engine.value import Value


class Compiled:
    """A compiled function. Call it as the original: on one sample, or on a batch.

    One sample: numbers in the structure the function takes; the result is a float, or a structure of floats.
    A batch: one more leading axis on every argument; the result has that axis too, and is an array. Where both readings
    are possible the first one the function accepts counts, and one sample is tried first.
    None, a str or a bool is a setting: another one traces the function again. A batch has one for all rows.

    With `in_axes`, as `jax.vmap` has it, every call is a batch: its entry for an argument is the axis of the rows, or
    None for one that all rows share. `in_axes` may have the structure of the arguments.

    With ``dtype="float32"`` arguments, constants and parameters are rounded to that, and computed with; results and
    gradients are arrays of float32. The Values themselves, their `grad` and the result of one sample stay floats.

    Gradients are with respect to the parameters, or with `argnums` to arguments, as `jax.value_and_grad` has them. Each
    structure of arguments, each setting and each kind of derivative has a program; those used last are kept (see
    `engine.lifting.program_cache`), the others made again when they are needed.

    It can be pickled if its function can. A copy calls a copy of the function: of the model that it is, or closes over.

    Attributes:
        program: the array program of the last call. `print` it to read it, `.draw()` to see its graph.
        parameters: the Values it differentiates with respect to, in the order of the gradient.
    """

    def __init__(
        self, f: Callable[..., Any] | Value, backend: str = "numpy", in_axes: Any = EITHER, dtype: Any = "float64"
    ) -> None:
        if not isinstance(f, Value) and not callable(f):
            raise TypeError(f"compile takes a function or a Value, not {f!r} of type {type(f).__name__}")
        dtype = dtype_named(dtype)
        self.backend = backend_named(backend, dtype)
        check_axes(in_axes)
        self._settings = backend, in_axes, dtype
        self._in_axes = in_axes
        self._f = f
        self._programs = ProgramCache()
        self._samples: set[Any] = set()  # the structures of what the function takes as one sample
        self._last: CompiledGraph | None = None
        self._short_calls = ShortCalls()
        self._lock = threading.RLock()  # for tracing: of two threads that call first, one does
        if isinstance(f, Value):
            if in_axes != EITHER:
                raise TypeError("a compiled Value takes no arguments: leave in_axes out")
            self._samples.add(())
            self._last = self._compile((), None)

    @property
    def program(self) -> Program:
        return self._latest().program

    @property
    def parameters(self) -> list[Value]:
        return [*self._latest().parameters]

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The function's value: of one sample, or an array with one for every row of a batch."""
        found = None if keywords else self._short_calls.values("value", arguments)
        if found is not None:
            self._last, number, results = found
            if self._last.structure is None and results.ndim == 1:
                return number
            return outputs_in(self._last.structure, results, results.ndim == 2)
        prepared = self._prepare(self._positional(arguments, keywords))
        compiled, rows, batch, *_ = prepared
        self._find_short_call("value", prepared)
        values = self.backend.values(compiled.program, batch)
        return outputs_in(compiled.structure, values.reshape(-1) if rows is None else values, rows is not None)

    @overload
    def value_and_grad(self, *arguments: Any, argnums: None = None, **keywords: Any) -> tuple[float, np.ndarray]: ...
    @overload
    def value_and_grad(self, *arguments: Any, argnums: int | Sequence[int], **keywords: Any) -> tuple[Any, Any]: ...
    def value_and_grad(
        self, *arguments: Any, argnums: int | Sequence[int] | None = None, **keywords: Any
    ) -> tuple[Any, Any]:
        """The value and its gradient: with respect to the parameters, or to arguments.

        Args:
            arguments: those of the function.
            argnums: None for the parameters: then the value is the mean over a batch's rows, and the gradient an array
                in the order of `parameters`. The number of an argument, counted from 0: then the value is what a call
                returns, and the gradient that of each row's own value with respect to that row, in the structure of
                the argument. Several numbers give a tuple of gradients. An argument that all rows share (`in_axes`)
                is as a parameter: value and gradient are those of the mean.
            keywords: arguments by name.

        Raises:
            TypeError: for a function that returns a structure of numbers, which has a `jacobian`.
            ValueError: for an argument that is not there, without parameters, for the mean of no rows; for arguments
                that have rows together with others that have none.

        >>> from engine import compile
        >>> f = compile(lambda x, y: x[0] * x[0] * y + x[1])
        >>> f.value_and_grad([3.0, 1.0], 2.0, argnums=0)
        (19.0, [12.0, 1.0])
        >>> f.value_and_grad([[3.0, 1.0], [1.0, 0.0]], [2.0, 5.0], argnums=1)
        (array([19.,  5.]), array([9., 1.]))
        """
        arguments = self._positional(arguments, keywords)
        if argnums is None:
            found = self._short_calls.values("gradients", arguments)
            if found is not None:
                self._last, value, gradient = found
                return value, gradient
            _, value, gradient = self._differentiate(arguments)
            return value, gradient
        of_sample = self._short_calls.row_gradients(argnums, arguments)
        if of_sample is not None:
            self._last, value, gradient = of_sample
            return value, gradient
        numbers = numbers_of(argnums, len(arguments))
        prepared = self._prepare(arguments, Wanted(numbers))
        compiled, rows, batch, leaves, shared, mixed = prepared
        self._find_short_call(argnums, prepared, numbers)
        of_rows = numbers[0] not in shared
        if any((k in shared) == of_rows or k in mixed for k in numbers):
            raise ValueError(
                f"argnums={numbers}: with respect to what has rows each row has a gradient, and with respect to what "
                f"they share their mean has one (in_axes={self._in_axes!r}): ask for one after the other, in arguments "
                "of their own"
            )
        if of_rows:
            values, gradients = self.backend.values_and_row_gradients(compiled.program, batch)
            value = values.item() if rows is None else values[:, 0].copy()
        else:
            _check_has_rows(rows)
            value, gradients = self.backend.value_and_gradients(compiled.program, batch)
            gradients = [gradient.reshape(1, -1) for gradient in gradients]
        batched = rows is not None and of_rows
        parts = [in_structure_of(arguments[k], leaves[k], g, batched) for k, g in zip(numbers, gradients)]
        return value, tuple(parts) if isinstance(argnums, (tuple, list)) else parts[0]

    def backward(self, *arguments: Any, **keywords: Any) -> float:
        """Add the gradient of the value, the mean over a batch's rows, to the parameters' `grad`; return the value.

        A loop of one's own over many parameters is faster in ``with engine.lifting.parameters.Store(parameters):``,
        which keeps them in one array meanwhile; `nn.fit` opens one.
        """
        short = self._short_calls.known.get("gradients")
        if short is not None and not keywords:
            call, compiled, _ = short
            found = call.backward(arguments)
            if found is not None:
                self._last = compiled
                return found
        program, value, gradient = self._differentiate(self._positional(arguments, keywords))
        in_arrays(program.kept).add_grad(gradient.astype(float, copy=False))
        return value

    def prepare(self, *arguments: Any, **keywords: Any) -> None:
        """Trace the function for such arguments, and check them, as a call does; nothing is computed."""
        self._prepare(self._positional(arguments, keywords))

    def jacobian(self, *arguments: Any, argnums: int | Sequence[int] | None = None, **keywords: Any) -> Any:
        """The derivatives of every output, as `jax.jacobian` has them; of a batch for each row.

        Args:
            arguments: those of the function.
            argnums: None for the derivatives with respect to the parameters, in the order of `parameters`. The number
                of an argument, counted from 0, for those with respect to it; several numbers give a tuple for each
                output.
            keywords: arguments by name.

        Returns:
            The structure of the result, and in it that of the argument, with an array for each array or list of numbers
            in both: of shape (rows, *outputs, *numbers), for one sample without rows. The derivative of one output
            with respect to one number is a float.

        Raises:
            ValueError: for an argument that is not there; without parameters.

        >>> from engine import compile
        >>> polar = compile(lambda x: [x[0] * x[1], x[0] + x[1]])
        >>> polar.jacobian([3.0, 2.0], argnums=0)
        array([[2., 3.],
               [1., 1.]])
        """
        arguments = self._positional(arguments, keywords)
        numbers = None if argnums is None else numbers_of(argnums, len(arguments))
        several = isinstance(argnums, (tuple, list))
        return jacobian(self.backend, lambda wanted: self._prepare(arguments, wanted), arguments, numbers, several)

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._f, Value):
            raise TypeError("a compiled graph cannot be copied or pickled: compile a function that computes it")
        return Compiled, (self._f, *self._settings)

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        kind, (f, *settings) = self.__reduce__()
        return kind(copied(f, memo), *settings)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        name = repr(self._f) if isinstance(self._f, Value) else getattr(self._f, "__name__", repr(self._f))
        if self._last is None:
            return f"<compiled {name}: not traced yet>"
        says = self.backend.says(self._last.program)
        several = f"; {len(self._programs)} programs kept" if len(self._programs) > 1 else ""
        dropped = f", {self._programs.dropped} dropped" if self._programs.dropped else ""
        return f"<compiled {name}: {repr(self._last.program)[1:-1]}{says and '; '}{says}{several}{dropped}>"

    def _latest(self) -> CompiledGraph:
        if self._last is None:
            raise ValueError("there is no program yet: it is made when the compiled function is first called")
        return self._last

    def _positional(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in the function's order."""
        if not keywords:
            return arguments
        import inspect

        return inspect.signature(self._f).bind(*arguments, **keywords).args  # type: ignore[arg-type]

    def _differentiate(self, arguments: tuple[Any, ...]) -> tuple[Program, float, np.ndarray]:
        prepared = self._prepare(arguments)
        compiled, rows, batch, *_ = prepared
        _check_is_number(compiled)
        program = compiled.program
        _check_has_rows(rows)
        check_has_parameters(program)
        self._find_short_call("gradients", prepared)
        value, gradients = self.backend.value_and_gradients(program, batch)
        return program, value, np.concatenate([gradient.reshape(-1) for gradient in gradients])

    def _find_short_call(self, asked: Any, of: Prepared, numbers: Sequence[int] = ()) -> None:
        if self._in_axes == EITHER:
            self._short_calls.find(asked, self.backend, of, self._samples, numbers)

    # Structures -----------------------------------------------------------------------------------------------------

    def _prepare(self, arguments: tuple[Any, ...], wanted: Wanted | None = None) -> Prepared:
        """The program for the arguments, and those as it takes them."""
        refuse_if_traced("a compiled function was called", "call the function that it was compiled from")
        leaves = [as_arrays(argument, f"argument {k + 1}") for k, argument in enumerate(arguments)]
        if self._in_axes != EITHER:
            return self._prepare_rows(rows_by_axes(leaves, self._in_axes), wanted)
        spec = tuple([spec_of(leaf) for leaf in leaves])
        rows, row_spec = rows_of(leaves)
        if spec in self._samples:
            rows = None
        elif rows is None or row_spec not in self._samples:
            with self._lock:
                rows = self._read(spec, row_spec, rows, [array for leaf in leaves for array in arrays_of(leaf)])
        if rows is not None:
            spec = row_spec
        compiled = self._programs.get(spec if wanted is None else (spec, wanted)) or self._compile(spec, wanted)
        self._last = compiled
        batch = [flat(leaf, rows) for leaf in leaves]
        compiled.check(batch, rows is not None)
        return Prepared(compiled, rows, batch, leaves)

    def _prepare_rows(self, of: Rows, wanted: Wanted | None) -> Prepared:
        """The same for arguments of which it is said where their rows are."""
        key = of.spec if wanted is None else (of.spec, wanted)
        compiled = self._programs.get(key) or self._compile(of.spec, wanted, of.shared)
        self._last = compiled
        batch = [of.numbers(k) for k in range(len(of.leaves))]
        compiled.check(batch, True)
        return Prepared(compiled, of.count, batch, of.leaves, of.shared, of.mixed)

    def _read(self, spec: Any, row_spec: Any, rows: int | None, arrays: list[Any]) -> int | None:
        """Find out whether the function takes the arguments as one sample, or if not so, each row of them as one.

        Returns:
            None, or the number of rows.
        """
        if isinstance(self._f, Value):
            raise TypeError("a compiled Value takes no arguments: it is evaluated for the data of its leaves")
        known = {without_settings(each) for each in self._samples}  # with another setting numbers are read as before
        if rows is not None and without_settings(row_spec) in known and without_settings(spec) not in known:
            self._compile(row_spec, None)
            return rows
        try:
            self._compile(spec, None)
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
                self._compile(row_spec, None)
            except (TypeError, ValueError) as row_error:
                if isinstance(row_error, TraceError):
                    raise
                kind = TypeError if isinstance(row_error, TypeError) else ValueError
                raise kind(
                    f"the arguments are neither one sample: {error}; nor a batch of {rows} rows: {row_error}"
                ) from row_error
            return rows

    def _compile(self, spec: Any, wanted: Wanted | None, shared: frozenset[int] = frozenset()) -> CompiledGraph:
        """The program for a sample of that structure, made if it is not there."""
        key = spec if wanted is None else (spec, wanted)
        with self._lock, no_collections():
            compiled = self._programs.get(key)
            if compiled is None:
                f: Any = self._f
                parameters: Sequence[Value] = ()
                graph = ScalarGraph([f], []) if isinstance(f, Value) else trace(f, [*map(example, spec)])
                if wanted is not None and wanted.output is None and graph.structure is not None:
                    raise TypeError(NO_NUMBER)
                if wanted is not None and wanted.argnums is None:
                    parameters = self._compile(spec, None, shared).parameters
                graph = replace(graph, shared=shared)
                compiled = compiled_graph(graph, self.backend.namespace, wanted, parameters)
                compiled.program.argument_names = argument_names(f)
                dropped = self._programs.add(key, compiled)
                if dropped is not None:
                    self.backend.forget(dropped.program)
                known = len(self._samples)
                self._samples.add(spec)
                if dropped is not None or len(self._samples) > known:
                    self._short_calls.forget()
            return compiled


NO_NUMBER = (
    "only a single number has a gradient: this function returns a structure of numbers; jacobian has the derivatives "
    "of each"
)


def _check_has_rows(rows: int | None) -> None:
    """ValueError for a batch of no rows."""
    if rows == 0:
        raise ValueError("a batch of no rows has no mean: pass at least one row")


def _check_is_number(compiled: CompiledGraph) -> None:
    """TypeError for a structure of numbers."""
    if compiled.structure is not None:
        raise TypeError(NO_NUMBER)
