"""Compiling a module, and a module whose numbers depend on its mode.

A compiled function is traced once. What a module does only in training would be frozen then, and so would a mask that
is drawn at random. So a module that asks for its mode has a program for each mode, chosen at every call, and its masks
are arguments of the program, drawn anew for every row.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from engine import Value, compile, no_grad
from nn.mode import mask_source, set_to
from nn.parameters import modules_of

if TYPE_CHECKING:
    import numpy as np

    from engine.lifting.compiled import Compiled
    from engine.lifting.program import Program
    from nn.dropout import Dropout
    from nn.module import Module


class LossOf:
    """(x, y) -> loss(model(x), y), and with `weighted` (x, y, w) -> w times that.

    A class and not a closure: a copy of it works on the copy of the model.
    """

    def __init__(self, model: Module, loss: Callable[[Any, Any], Any], weighted: bool = False) -> None:
        self.model, self.loss, self.weighted = model, loss, weighted

    def __call__(self, x: Any, y: Any, *weight: Any) -> Any:
        cost = self.loss(self.model(x), y)
        return weight[0] * cost if self.weighted else cost

    def __repr__(self) -> str:
        return f"{getattr(self.loss, '__name__', self.loss)} of {self.model!r}"


def compile_module(model: Module, f: Callable[..., Any], backend: str, dtype: str = "float64") -> CompiledLoss:
    """`f`, a function that calls the model, compiled."""
    if any(_asks_for_mode(type(module)) for module in modules_of(model)):
        return CompiledModule(model, f, backend, dtype)
    return compile(f, backend, dtype=dtype)


def _asks_for_mode(kind: type[Module]) -> bool:
    """Whether a method of a module's class reads `training`."""
    from nn.module import Module

    methods = [method for each in kind.__mro__ if each not in Module.__mro__ for method in vars(each).values()]
    return any("training" in getattr(method, "__code__", Module.__call__.__code__).co_names for method in methods)


class CompiledModule:
    """A compiled function of a module that works differently in training: see `engine.lifting.compiled.Compiled`.

    Called as that, and with the same attributes. Each call runs the program of the model's mode at the time.
    """

    def __init__(self, model: Module, f: Callable[..., Any], backend: str, dtype: str) -> None:
        self.backend, self.dtype = backend, dtype
        self._model, self._f = model, f
        self._compiled: dict[tuple[bool, ...], tuple[Compiled, Compiled]] = {}  # by mode: without masks, and with
        self._dropped: dict[Any, tuple[list[Dropout], bool]] = {}  # by mode and shapes: see `_units`
        self._samples: set[Any] = set()  # the shapes of what is surely one sample
        self._last: Compiled = compile(f, backend, dtype=dtype)

    @property
    def program(self) -> Program:
        """The array program of the last call. In training its last argument is the mask."""
        return self._last.program

    @property
    def parameters(self) -> list[Value]:
        """The Values it differentiates with respect to, in the order of the gradient."""
        return self._last.parameters

    def __call__(self, *arguments: Any) -> Any:
        """The function's value: of one sample, or an array with one for every row of a batch."""
        compiled, arguments = self._prepared(arguments)
        return compiled(*arguments)

    @overload
    def value_and_grad(self, *arguments: Any, argnums: None = None) -> tuple[float, np.ndarray]: ...
    @overload
    def value_and_grad(self, *arguments: Any, argnums: int | Sequence[int]) -> tuple[Any, Any]: ...
    def value_and_grad(self, *arguments: Any, argnums: int | Sequence[int] | None = None) -> tuple[Any, Any]:
        """The value and its gradient, with respect to the parameters or to arguments; see `Compiled.value_and_grad`."""
        argnums = _from_the_front(argnums, arguments)
        compiled, arguments = self._prepared(arguments)
        return compiled.value_and_grad(*arguments, argnums=argnums)

    def prepare(self, *arguments: Any) -> None:
        """Trace the function for such arguments; see `Compiled.prepare`."""
        compiled, arguments = self._prepared(arguments)
        compiled.prepare(*arguments)

    def jacobian(self, *arguments: Any, argnums: int | Sequence[int] | None = None) -> Any:
        """The derivatives of every output; see `Compiled.jacobian`."""
        argnums = _from_the_front(argnums, arguments)
        compiled, arguments = self._prepared(arguments)
        return compiled.jacobian(*arguments, argnums=argnums)

    def backward(self, *arguments: Any) -> float:
        """Add the gradient of the value, the mean over a batch's rows, to the parameters' `grad`; return the value."""
        compiled, arguments = self._prepared(arguments)
        return compiled.backward(*arguments)

    def _prepared(self, arguments: tuple[Any, ...]) -> tuple[Compiled, tuple[Any, ...]]:
        """The compiled function of the mode, and its arguments, with new masks if there are any."""
        mode = tuple(module.training for module in modules_of(self._model))
        if mode not in self._compiled:
            plain, masked = [compile(f, self.backend, dtype=self.dtype) for f in (self._f, Masked(self._f))]
            self._compiled[mode] = plain, masked
        key = mode, _shapes(arguments)
        if key not in self._dropped:
            self._dropped[key] = self._units(arguments)
        units, batched = self._dropped[key]
        self._last = self._compiled[mode][bool(units)]
        if not units:
            return self._last, arguments
        rows = _rows(arguments[0]) if batched else 1
        masks = [[unit.draw_factor() for unit in units] for _ in range(rows)]
        return self._last, (*arguments, masks if batched else masks[0])

    def _units(self, arguments: tuple[Any, ...]) -> tuple[list[Dropout], bool]:
        """The `Dropout` of each factor that one sample needs, in order; and whether the arguments are a batch.

        As in `Compiled`: what has the shape of a known sample in each row is a batch, else one sample is tried first.
        """
        with contextlib.suppress(Exception):
            row = tuple([_first_row(argument) for argument in arguments])
            if _shapes(row) in self._samples:
                return _asked(self._f, row), True
        with contextlib.suppress(Exception):
            units = _asked(self._f, arguments)
            self._samples.add(_shapes(arguments))
            return units, False
        with contextlib.suppress(Exception):
            units = _asked(self._f, row)
            self._samples.add(_shapes(row))
            return units, True
        return [], False  # neither one sample nor a batch: the compiled function says so

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied and pickled as what is compiled: a copy belongs to the copied model, and traces it when called."""
        return type(self), (self._model, self._f, self.backend, self.dtype)

    def __repr__(self) -> str:
        return f"<compiled {self._f!r}>"


class Masked:
    """`f` with one more argument, the factors for its `Dropout` modules, in order."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f

    def __call__(self, *arguments: Any) -> Any:
        *arguments, masks = arguments  # type: ignore[assignment]
        factors = iter(masks)
        with set_to(mask_source, lambda _: next(factors)):
            return self.f(*arguments)


def _asked(f: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Dropout]:
    """The `Dropout` modules that ask for a factor while f is called, in order. Draws none."""
    asked: list[Dropout] = []

    def note(dropout: Dropout) -> float:
        asked.append(dropout)
        return 1.0

    with no_grad(), set_to(mask_source, note):
        f(*arguments)
    return asked


def _from_the_front(argnums: Any, arguments: tuple[Any, ...]) -> Any:
    """The numbers of arguments counted from the front: behind them comes a mask."""
    if argnums is None:
        return None
    from engine.lifting.wanted import numbers_of

    numbers = numbers_of(argnums, len(arguments))
    return numbers if isinstance(argnums, (tuple, list)) else numbers[0]


def _first_row(batch: Any) -> Any:
    return {key: _first_row(part) for key, part in batch.items()} if isinstance(batch, dict) else batch[0]


def _rows(batch: Any) -> int:
    return _rows(next(iter(batch.values()))) if isinstance(batch, dict) else len(batch)


def _shapes(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([_shape(argument) for argument in arguments])


def _shape(part: Any) -> tuple[Any, ...]:
    """The shape of an argument as NumPy has it, of lists too; () of a number; else a structure of such."""
    if hasattr(part, "shape"):
        return tuple(part.shape)
    if isinstance(part, dict):
        return ("dict", *((key, _shape(each)) for key, each in part.items()))
    if not isinstance(part, (list, tuple)):
        return ()
    shapes = [*map(_shape, part)]
    rectangular = len({*shapes}) == 1 and all(isinstance(n, int) for n in shapes[0])
    return (len(part), *shapes[0]) if rectangular else ("list", *shapes)


if TYPE_CHECKING:
    CompiledLoss = Compiled | CompiledModule
