"""Module: a thing with parameters, and modules within it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine import Value, no_grad
from engine.readable import readable, readable_repr
from nn import storage
from nn.arguments import flag
from nn.compiling import LossOf, compile_module
from nn.mode import is_evaluating, set_to
from nn.parameters import modules_of, parameters_of
from nn.rows import plain_row

if TYPE_CHECKING:
    import os

    from typing_extensions import Self

    from nn.compiling import CompiledLoss
    from nn.drawing import Picture


class Module:
    """A part of a model: parameters, and modules within it.

    A parameter is a `Value` that nothing computes, kept in an attribute: the Value itself, or lists, tuples, dicts,
    deques and NumPy arrays of Values, to any depth. Modules kept the same way are part of this one. Both are found by
    looking, in order of assignment, and named by the way to them: ``layers.0.weight.1.0``. Values in a set, which has
    no order, and in an object of another class are refused. Attributes whose name starts with an underscore are left
    alone.

    Attributes:
        training: whether it is in training, as a new one is: what `train` and `eval` set, and False inside `predict`
            and `evaluate`. `Dropout` works differently then, and so may a module of your own.

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
        """(name, parameter) for every parameter; one that is shared comes once, by its first name.

        Raises:
            TypeError: for Values in a set, or in an object that is no Module: they would not be learned.
        """
        yield from parameters_of(self)

    def modules(self) -> Iterator[Module]:
        """This module and every module within it, each once."""
        yield from modules_of(self)

    def parameters(self) -> list[Value]:
        """Every parameter, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    # Training and evaluation

    @property
    def training(self) -> bool:
        return self._training and not is_evaluating.get()

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = flag("training", mode)

    _training = True  # of a module that neither train nor eval has been called on

    def train(self, mode: bool = True) -> Self:
        """Put this module, and all within it, into training, or with False into evaluation; return it."""
        for module in modules_of(self):
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module, and all within it, into evaluation; return it."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients: `grad` reads 0.0, and is drawn blank, until the next backward pass."""
        named = parameters_of(self)
        kept = vars(self)["_kept_parameters"]
        if kept is not None:
            kept.forget_grad()
            return
        for _, parameter in named:
            parameter.grad = None

    def check_input(self, x: Any) -> None:
        """Raise ValueError or TypeError if x cannot be an input of this module; `fit` asks before it starts."""

    def predict(self, x: Any) -> Any:
        """The output for x as plain numbers, computed without building a graph, and as in evaluation.

        The article's evaluation: weights fixed, inputs vary, the network ends with the output layer.
        """
        with no_grad(), set_to(is_evaluating, True):
            return plain(self(x))

    def compile(
        self, loss: Callable[[Any, Any], Any] | None = None, backend: str = "numpy", dtype: str = "float64"
    ) -> CompiledLoss:
        """This module, or a loss of it, compiled to run at array speed; see `engine.compile`.

        A module that asks for its mode, as one with a `Dropout` does, has a program for training and one for
        evaluation; each call runs that of the mode at the time, and in training draws new masks.

        Args:
            loss: (output, target) -> cost. With it the compiled function takes x and the target, and its `backward`
                adds the gradient to the parameters; without it, it takes x and gives the output.
            backend: "numpy", "jax", "native" or "auto".
            dtype: "float64" or "float32", what is computed in.

        >>> from nn import MLP, squared_error
        >>> model = MLP(2, [3, 1], init=lambda *_: 1.0)
        >>> model.compile()([[1.0, 2.0], [0.0, 0.0]])
        array([9., 0.])
        >>> model.compile(squared_error).backward([[1.0, 2.0], [0.0, 0.0]], [8.0, 1.0])
        1.0
        """
        if loss is not None and not callable(loss):
            raise TypeError(f"loss is a function (output, target) -> cost, such as nn.squared_error, got {loss!r}")
        return compile_module(self, self if loss is None else LossOf(self, loss), backend, dtype)

    # Looking at it

    def draw(
        self,
        x: Any = None,
        y: Any = None,
        *,
        loss: Callable[[Any, Any], Any] | None = None,
        edges: str = "weight",
        number_format: str = ".3g",
        max_units: int = 10,
    ) -> Picture:
        """The model as a picture, which a notebook shows; its numbers are also where the pointer is.

        Layers one after another (an `MLP`, `Layer`, `Neuron`, `Linear`, or a module of these alone) are columns of
        units, the inputs first, with an edge for each weight w^l_jk from unit k to unit j: blue above 0, orange and
        dashed below, the thicker the larger its size beside the largest of the layer. Any other module is a box with
        the modules within it inside.

        Args:
            x: an input, for which every unit shows its z^l_j and a^l_j.
            y: what the loss takes beside the output.
            loss: (output, y) -> cost C: every unit shows delta^l_j = dC/dz^l_j too. No `grad` is touched.
            edges: "weight", or "gradient" for what backward passes have left in the weights' `grad`.
            number_format: how numbers are written, as in ``format(number, ".3g")``.
            max_units: how many units of a layer are drawn; of more the first and the last, and one for all between.

        Raises:
            ValueError: for an option out of range, or an input of a module that is not layers one after another.

        >>> from nn import MLP, squared_error
        >>> model = MLP(2, [3, 1], activation="tanh", seed=1)
        >>> model.draw([1.0, -0.5], 1.0, loss=squared_error)
        <Picture: MLP(2, [3, 1], activation="tanh"): 13 parameters: shown by a notebook, .to_svg("network.svg") writes \
it>
        """
        from nn.drawing import draw_module

        return draw_module(self, x, y, loss=loss, edges=edges, number_format=number_format, max_units=max_units)

    def summary(self) -> str:
        """A table of the modules: shapes, how many parameters, and the norm of their gradient once there is one.

        >>> from nn import MLP
        >>> print(MLP(2, [3, 1], activation="tanh").summary())
        module                                       shapes                parameters
        model     MLP(2, [3, 1], activation="tanh")                        13
        layers.0  Layer(2, 3, activation="tanh")     weight 3 × 2, bias 3  9
        layers.1  Layer(3, 1, activation="linear")   weight 1 × 3, bias 1  4
        """
        from nn.summary import summary

        return summary(self)

    def playground(self, path: str | os.PathLike[str], data: Any, **options: Any) -> str:
        """Write a page in which this model learns from the data before one's eyes, and return its path.

        One HTML file, which needs no other, no server and no network. It trains as `fit` does, from the parameters'
        present numbers, with the same shuffles: play, pause, one step, and back to any step. The network is drawn with
        what each neuron computes over the inputs; a click on a point, a neuron or a weight shows its numbers. The model
        itself does not change. Points that it learns from can be moved, added and taken away, and get noise; what is
        held out stays as it is.

        To take home there are the weights as a file for `load`, and the Python of the same training. Of a class, an
        activation or a loss that no installed package has, that has the source, with what it uses; a class is made
        again with the attributes that are called as its constructor's arguments. The code is run and compared before:
        where it makes something else, or the source is not there, the page has none and says why.

        Args:
            path: where to write the page.
            data: pairs (x, y), as for `fit`.
            options: `loss`, (output, target) -> cost; without one it is the hinge loss for targets -1 and 1, a log loss
                for classes, else the squared error. `optimizer`, one of `nn`'s (default: Adam); others can be chosen in
                the page. `batch_size`, `seed` and `validation`, a fraction to hold out, as for `fit`. `title`.

        Raises:
            ValueError, TypeError: what `fit` and `compile` raise for such data and for such a model; for a model with
                `Dropout`, or too large.
            OSError: if the file cannot be written.
        """
        from nn.playground import playground

        return playground(self, path, data, **options)

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
        storage.write_json(path, {"model": repr(self), "parameters": self.state_dict()})

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set every parameter to its number in a file that `save` wrote; an error changes nothing.

        Raises:
            ValueError: if the file is not one of ours, or is of a model that was built otherwise (which its repr
                tells); says what was expected.
            OSError: if it cannot be read.
        """
        try:
            assign(numbers_in_file(self, storage.read_json(path, parameters=dict, model=str)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{readable(os.fsdecode(path), 300)}: {error}") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"

    def _repr_html_(self) -> str:
        from nn.display import module_html

        return module_html(self)


def numbers_in_state(module: Module, state: Any) -> list[tuple[Value, float]]:
    """Every parameter with the number that `load_state_dict(state)` sets it to. Raises what that does."""
    if not isinstance(state, Mapping):
        raise TypeError(f"a state is a dict of numbers by name, as state_dict() gives, got {readable_repr(state)}")
    own = dict(module.named_parameters())
    missing, foreign = [name for name in own if name not in state], [name for name in state if name not in own]
    if missing or foreign:
        raise ValueError(
            f"this is the state of another model than {readable_repr(module)}: "
            f"expected {len(own)} numbers, got {len(state)}; "
            + "; ".join(
                f"{readable(names[0])} {problem}" + (f" (nor are {len(names) - 1} more)" if len(names) > 1 else "")
                for names, problem in ((missing, "is not in the state"), (foreign, "is not a parameter here"))
                if names
            )
        )
    return [(parameter, storage.json_number(state[name], name)) for name, parameter in own.items()]


def numbers_in_file(module: Module, document: Mapping[str, Any]) -> list[tuple[Value, float]]:
    """The same for the document in a file, which must be of a model that was built as this one.

    Raises:
        ValueError: if it is not; says what both are.
    """
    try:
        numbers = numbers_in_state(module, document["parameters"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"saved from {readable(document['model'], 300)}: {error}") from None
    if as_built(document["model"]) != as_built(repr(module)):
        raise ValueError(
            f"saved from {readable(document['model'], 300)}, but this model is {readable_repr(module, 300)}: "
            'build the same model; or, for the numbers alone, load_state_dict(json.load(file)["parameters"])'
        )
    return numbers


def assign(numbers: list[tuple[Value, float]]) -> None:
    """Set each parameter to its number."""
    for parameter, number in numbers:
        parameter.data = number


def as_built(shown: str) -> str:
    """A model's repr without what changes while it is as it was built: addresses, and the numbers of Values."""
    return re.sub(r" at 0x[0-9A-Fa-f]+|(?<=\bValue\()data=[^,)]*(, grad=[^,)]*)?", "", shown)


def plain(output: Any) -> Any:
    """`output` with its Values, in lists to any depth, as plain floats."""
    if isinstance(output, Value):
        return output.data
    return [plain(part) for part in output] if isinstance(output, (list, tuple)) else plain_row(output)
