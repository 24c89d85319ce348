"""The loss of a model and its gradient as a JavaScript program, lifted into arrays as `engine.compile` does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.lifting.differentiate import Derivatives, adjoints
from engine.lifting.lift import Lifted, lift
from engine.lifting.tape import Tape, flatten
from engine.lifting.trace import trace
from engine.lifting.write import needed, write
from engine.render.playground.array_loops import ArrayLoops
from engine.render.playground.units import Unit, units_of
from engine.render.playground.views import View, contiguous
from engine.value import Value

Traced = Callable[[Any, Any], tuple[Any, list[Any], list[Any]]]
Place = tuple[str, int, int]  # a buffer, how far apart its rows are, and where the number is in a row


@dataclass(frozen=True)
class TrainingProgram:
    """A program that computes a loss, its gradient, and everything on the way.

    Attributes:
        source: the JavaScript expression of a function: for a number of rows, the program with buffers for as many.
        parameters: the Values that it learns, in the order of its array of parameters.
        units: the neurons, and what else its network has; see `units_of`.
        places: where the numbers of each unit are: "z", "a", and "delta", the adjoint of z.
        cost, metrics, outputs: where these are.
        sizes: how many numbers the input and the target of a row have.
    """

    source: str
    parameters: list[Value]
    units: list[Unit]
    places: list[dict[str, Place | None]]
    cost: Place
    metrics: list[Place]
    outputs: list[Place]
    sizes: tuple[int, int]


def training_program(f: Traced, x: Any, y: Any, metrics: int) -> TrainingProgram:
    """The program of a model.

    Args:
        f: (x, y) -> (cost, metrics, outputs).
        x: an input of the data, for its shape.
        y: its target.
        metrics: how many metrics f gives.

    Raises:
        TypeError: what `engine.compile` raises for a function that cannot be traced.
        ValueError: if the loss does not depend on any parameter.
    """
    return written_program(f, x, y, metrics).program()


def written_program(f: Traced, x: Any, y: Any, metrics: int) -> WrittenProgram:
    """The program before it is written down."""
    from engine.lifting.structures import as_arrays, example, spec_of

    def flat(x: Any, y: Any) -> list[Any]:
        cost, measured, outputs = f(x, y)
        return [cost, *measured, *outputs]

    specs = [spec_of(as_arrays(side, name)) for side, name in ((x, "the input"), (y, "the target"))]
    graph = trace(flat, [*map(example, specs)])
    tape = flatten(graph.outputs, graph.constants)
    lifted = lift(tape, graph.inputs)
    return WrittenProgram(tape, lifted, graph.inputs, metrics)


def equations(source: str, constants: Mapping[str, Any]) -> str:
    """The text of a program with the numbers that it names."""
    named = "\n".join([f"{name} = {numbers.tolist()}" for name, numbers in constants.items()])
    return f"{source}\n\n{named}" if named else source


class WrittenProgram:
    """Writes a program.

    Attributes:
        parameters, units, sizes: as `TrainingProgram` has them.
        lifted: the array graph.
        arrays: all that are computed, each after its operands.
    """

    def __init__(self, tape: Tape, lifted: Lifted, inputs: Sequence[Sequence[Value]], metrics: int) -> None:
        self.lifted, self.tape = lifted, tape
        self.inputs = inputs
        self.metrics = metrics
        self.sizes = (len(inputs[0]), len(inputs[1]))
        self.parameters = [value for values in lifted.values for value in values]
        if not self.parameters:
            raise ValueError("there is nothing to train: the loss does not depend on any parameter of the model")
        entries = {value: entry for entry, value in tape.leaves.items()}
        x = {number: entries[value] for number, value in enumerate(inputs[0], 1) if value in entries}
        self.units = units_of(tape, x, tape.outputs[1 + metrics :], {v: k for k, v in enumerate(self.parameters)})
        graph = lifted.recorder.graph
        located = lifted.placement.located(tape.outputs[0])
        if located is None or not located[0].batched:
            raise ValueError("the loss does not depend on the data: it is the same for every pair")
        cost, place = located
        self.cost = cost
        share = graph.share((1,), True)
        seed = share if cost.shape == (1,) else graph.assemble(cost.shape, [(np.array([place]), share)])
        self.adjoint = adjoints(lifted.recorder, {cost: seed})
        self.gradients = [graph.broadcast(self.adjoint.get(p, 0.0), p.shape, batched=False) for p in lifted.parameters]

        self.outputs = [lifted.placement.located(entry) for entry in tape.outputs]
        self.of_units = [lifted.placement.located(entry) for unit in self.units for entry in (unit.z, unit.a)]
        self.shown = [found[0] for found in (*self.outputs, *self.of_units) if found is not None]
        arguments = {*lifted.inputs}
        self.deltas = [self.adjoint[array] for array in self.shown if array in self.adjoint and array not in arguments]
        self.arrays = needed([*self.shown, *self.gradients, *self.deltas])

    def program(self) -> TrainingProgram:
        """The program."""
        lifted = self.lifted
        leaves, start, offsets = {}, 0, []
        for array in lifted.parameters:
            leaves[array.detail] = contiguous("theta", array.shape, False, start)
            offsets.append(start)
            start += array.size
        names = dict(zip([array.detail for array in lifted.inputs], ("x", "y")))
        leaves |= {array.detail: contiguous(names[array.detail], array.shape, True) for array in lifted.inputs}
        outputs, of_units, shown = self.outputs, self.of_units, self.shown
        loops = ArrayLoops(leaves, [*shown, *self.deltas])
        everything = self.arrays
        targets = {array for array in lifted.inputs if names[array.detail] == "y"}
        forward = needed([found[0] for found in (*outputs[1 + self.metrics :], *of_units) if found is not None])
        if any(array in targets for array in forward):
            raise ValueError("the output of the model depends on the target: the model is to compute it from x alone")
        score = [array for array in needed(shown) if array not in {*forward}]
        backward = [array for array in everything if array not in {*forward, *score}]
        gradients = dict(zip(self.gradients, offsets))
        functions = [
            ("forward", forward, {}),
            ("score", score, {}),
            ("backward", backward, gradients),
        ]
        bodies = [
            f"const {name} = (theta, grad, x, y, rows) => {{\n{loops.function(arrays, everything, last)}}};\n"
            for name, arrays, last in functions
        ]
        places = [self._places(loops, unit) for unit in self.units]
        return TrainingProgram(
            source=_source(loops, bodies),
            parameters=self.parameters,
            units=self.units,
            places=places,
            cost=self._place(loops, self.tape.outputs[0]),  # type: ignore[arg-type]
            metrics=[self._place(loops, entry) for entry in self.tape.outputs[1 : 1 + self.metrics]],  # type: ignore[misc]
            outputs=[self._place(loops, entry) for entry in self.tape.outputs[1 + self.metrics :]],  # type: ignore[misc]
            sizes=self.sizes,
        )

    def equations(self) -> str:
        """Both passes as Python, in the form that `engine.compile` writes."""
        lifted = self.lifted
        deltas = {self.adjoint[z]: z for z in lifted.sums if z in self.adjoint}
        text = write(replace(lifted, output=self.cost), Derivatives(lifted.parameters, self.gradients, deltas))
        return equations("\n\n".join([function.text for function in text.functions]), text.constants)

    def _places(self, loops: ArrayLoops, unit: Unit) -> dict[str, Place | None]:
        delta = None
        located = self.lifted.placement.located(unit.z)
        if located is not None and located[0] in self.adjoint and unit.kind != "input":
            adjoint = self.adjoint[located[0]]
            delta = _place(loops.view(adjoint).at(located[1], adjoint.shape))
        return {"z": self._place(loops, unit.z), "a": self._place(loops, unit.a), "delta": delta}

    def _place(self, loops: ArrayLoops, entry: int) -> Place | None:
        located = self.lifted.placement.located(entry)
        return None if located is None else _place(loops.view(located[0]).at(located[1], located[0].shape))


def _place(view: View) -> Place:
    return view.buffer, view.row, view.offset


def _source(loops: ArrayLoops, bodies: Sequence[str]) -> str:
    constants = "".join([f"const {name} = {_typed(numbers)};\n" for name, numbers in loops.constants.items()])
    lengths = ", ".join([f"{length}{' * capacity' if batched else ''}" for length, batched in loops.lengths.values()])
    named = ", ".join(loops.lengths)
    return (
        f"(capacity) => {{\n{constants}"
        f"const [{named}] = [{lengths}].map((n) => new Float64Array(n));\n{''.join(bodies)}"
        f"return {{ capacity, forward, score, backward, buffers: {{ {named} }} }};\n}}"
    )


def _typed(numbers: Sequence[float]) -> str:
    kind = "Int32Array" if all(isinstance(number, int) for number in numbers) else "Float64Array"
    return f"new {kind}({json.dumps(numbers)})".replace("-Infinity", "-1 / 0").replace("Infinity", "1 / 0")
