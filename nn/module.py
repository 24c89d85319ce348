"""Module: a thing with parameters, and modules within it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine import Value, compile, no_grad
from engine.value import Constant
from nn import storage

if TYPE_CHECKING:
    import os

    from engine.lifting.compiled import Compiled


class Module:
    """A part of a model: parameters, and modules within it.

    A parameter is a `Value` that nothing computes, kept in an attribute: the Value itself, or lists of Values, to any
    depth. Modules kept the same way are part of this one. Both are found by looking, in order of assignment, and named
    by the way to them: ``layers.0.weights.1.0``. Attributes whose name starts with an underscore are left alone.

    >>> from engine import Value
    >>> from nn import Module
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.intercept = Value(2.0), Value(1.0)
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.intercept
    >>> line = Line()
    >>> line(3.0)
    Value(data=7)
    >>> line.state_dict()
    {'slope': 2.0, 'intercept': 1.0}
    """

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say what it computes: define __call__(self, x)")

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """(name, parameter) for every parameter; one that is shared comes once, by its first name."""
        return _walk("", self, set())

    def parameters(self) -> list[Value]:
        """Every parameter, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients: `grad` reads 0.0, and is drawn blank, until the next backward pass."""
        for parameter in self.parameters():
            parameter.grad = None

    def check_input(self, x: Any) -> None:
        """Raise ValueError or TypeError if x cannot be an input of this module; `fit` asks before it starts."""

    def predict(self, x: Any) -> Any:
        """The output for x as plain numbers, computed without building a graph.

        The article's evaluation: weights fixed, inputs vary, the network ends with the output layer.
        """
        with no_grad():
            return plain(self(x))

    def compile(self, loss: Callable[[Any, Any], Any] | None = None, backend: str = "numpy") -> Compiled:
        """This module, or a loss of it, compiled to run at array speed; see `engine.compile`.

        Args:
            loss: (output, target) -> cost. With it the compiled function takes x and the target, and its `backward`
                adds the gradient to the parameters; without it, it takes x and gives the output.
            backend: "numpy" or "jax".

        >>> from nn import MLP, squared_error
        >>> model = MLP(2, [3, 1], init=lambda nin, nout, generator: 1.0)
        >>> model.compile()([[1.0, 2.0], [0.0, 0.0]])
        array([9., 0.])
        >>> model.compile(squared_error).backward([[1.0, 2.0], [0.0, 0.0]], [8.0, 1.0])
        1.0
        """
        if loss is not None and not callable(loss):
            raise TypeError(f"loss is a function (output, target) -> cost, such as nn.squared_error, got {loss!r}")
        if loss is None:
            return compile(self, backend)
        return compile(LossOf(self, loss), backend)

    # Saving and loading

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter by its name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to its number in `state`: all of them, or (with an error) none.

        Raises:
            ValueError: if the names are not exactly this module's: `state` is of a model of another shape.
            TypeError: for something that is not a number.
        """
        assign(numbers_in_state(self, state))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to a JSON file, which `load` reads back to the last bit.

        The file appears whole or not at all: a crash half-way leaves an older file of that name as it was.
        """
        storage.write(path, {"model": repr(self), "parameters": self.state_dict()})

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set every parameter to its number in a file that `save` wrote; an error changes nothing.

        Raises:
            ValueError: if the file is not one of ours, or is of a model that was built otherwise (which its repr
                tells); says what was expected.
            OSError: if it cannot be read.
        """
        try:
            assign(numbers_in_file(self, storage.read(path, parameters=dict, model=str)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"

    def _repr_html_(self) -> str:
        from nn.display import module_html

        return module_html(self)


class LossOf:
    """The loss of a model as a function of x and the target. A copy of it is the loss of a copy of the model."""

    def __init__(self, model: Module, loss: Callable[[Any, Any], Any]) -> None:
        self.model = model
        self.loss = loss

    def __call__(self, x: Any, y: Any) -> Any:
        return self.loss(self.model(x), y)

    def __repr__(self) -> str:
        return f"{getattr(self.loss, '__name__', self.loss)} of {self.model!r}"


def numbers_in_state(module: Module, state: Any) -> list[tuple[Value, float]]:
    """Every parameter with the number that `load_state_dict(state)` sets it to. Raises what that does."""
    if not isinstance(state, Mapping):
        raise TypeError(f"a state is a dict of numbers by name, as state_dict() gives, got {state!r}")
    own = dict(module.named_parameters())
    missing, foreign = [name for name in own if name not in state], [name for name in state if name not in own]
    if missing or foreign:
        raise ValueError(
            f"this is the state of another model than {module!r}: expected {len(own)} numbers, got {len(state)}; "
            + "; ".join(
                f"{names[0]} {problem}" + (f" (nor are {len(names) - 1} more)" if len(names) > 1 else "")
                for names, problem in ((missing, "is not in the state"), (foreign, "is not a parameter here"))
                if names
            )
        )
    return [(parameter, storage.number(state[name], name)) for name, parameter in own.items()]


def numbers_in_file(module: Module, document: Mapping[str, Any]) -> list[tuple[Value, float]]:
    """The same for the document in a file, which must be of a model that was built as this one.

    Raises:
        ValueError: if it is not; says what both are.
    """
    try:
        numbers = numbers_in_state(module, document["parameters"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"saved from {document['model']}: {error}") from None
    if _as_built(document["model"]) != _as_built(repr(module)):
        raise ValueError(
            f"saved from {document['model']}, but this model is {module!r}: build the same model; or, for the "
            'numbers alone, load_state_dict(json.load(file)["parameters"])'
        )
    return numbers


def assign(numbers: list[tuple[Value, float]]) -> None:
    """Set each parameter to its number."""
    for parameter, number in numbers:
        parameter.data = number


def _as_built(shown: str) -> str:
    """A model's repr without what changes while it is as it was built: addresses, and the numbers of Values."""
    return re.sub(r" at 0x[0-9A-Fa-f]+|(?<=\bValue\()data=[^,)]*(, grad=[^,)]*)?", "", shown)


def plain(output: Any) -> Any:
    """`output` with its Values, in lists to any depth, as plain floats."""
    if isinstance(output, Value):
        return output.data
    return [plain(part) for part in output] if isinstance(output, (list, tuple)) else output


def _walk(name: str, part: Any, met: set[int]) -> Iterator[tuple[str, Value]]:
    """The parameters in `part`: a Value, a module, or a list, tuple or dict of such."""
    if isinstance(part, Value):
        if part.parents or isinstance(part, Constant):
            return  # computed, not learned
    elif isinstance(part, Module):
        parts = [(key, value) for key, value in vars(part).items() if not key.startswith("_")]
    elif isinstance(part, (list, tuple)):
        parts = [(str(k), value) for k, value in enumerate(part)]
    elif isinstance(part, dict):
        parts = [(str(key), value) for key, value in part.items()]
    else:
        return
    if id(part) in met:
        return
    met.add(id(part))
    if isinstance(part, Value):
        yield name, part
    else:
        for key, value in parts:
            yield from _walk(f"{name}.{key}" if name else key, value, met)
