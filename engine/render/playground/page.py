"""The page of a playground: its program, its data, and the files that run there, in one HTML file."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import files
from engine.primitives import Primitive
from engine.readable import readable
from engine.render.playground.point_graph import Kinds
from engine.render.playground.runs import edge_runs, name_runs
from engine.render.playground.training_program import TrainingProgram
from engine.render.walkthrough.page import scripts, step_through
from engine.render.web_page import asset, filled, icon_button, script_json, theme_script

SCRIPTS = (
    "runs.js", "random.js", "data.js", "trainer.js", "colours.js", "network.js", "plane.js", "pointer.js", "curve.js",
    "paths.js", "inspector.js", "story.js", "faults.js", "link.js", "take_home.js", "film.js", "graph_layout.js",
    "point_graph.js", "changed_task.js", "architecture.js", "page.js",
)  # fmt: skip
BUTTONS = (
    ("first", "to-start", "Back to the first step", "First step (Home)"),
    ("back", "step-back", "One step back", "One step back (Left arrow)"),
    ("play", "train", "Train", "Train or pause (Space)"),
    ("next", "step-on", "One step", "One step (Right arrow)"),
)

OURS = ("engine", "nn")
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
MOST_LINES = 120  # of the equations


@dataclass(frozen=True)
class Architecture:
    """What the page can make of a network in layers.

    Attributes:
        note: why it can make nothing of it; "" where it can.
        inputs, outputs: how many there are.
        hidden: the number of neurons and the activation of each hidden layer.
        last: the activation of the output layer.
        most_neurons: of a layer.
        written: the Python of each activation, by name.
        activations: by name: the operation, or None for none at all, and what `filled_activation` makes of it.
        programs: the templates, by the number of hidden layers.
        equations: both passes of such a network; `activation1` and `slope1` stand for what its first layer has.
        graph: what the graph of a point is made of; None where it cannot be shown.
    """

    note: str = ""
    inputs: int = 0
    hidden: Sequence[tuple[int, str]] = ()
    outputs: int = 0
    last: str = "linear"
    most_neurons: int = 0
    written: Mapping[str, str] = field(default_factory=dict)
    activations: Mapping[str, tuple[Primitive | None, str]] = field(default_factory=dict)
    programs: Sequence[str] = ()
    equations: Sequence[str] = ()
    graph: dict[str, Any] | None = None

    def source(self) -> str:
        """The templates and the activations in JavaScript."""
        filled = ",\n".join([f"  {script_json(name)}: {code}" for name, (_, code) in self.activations.items()])
        return f"const templates = [{', '.join(self.programs)}];\nconst activations = {{\n{filled}\n}};\n"

    def described(self) -> dict[str, Any]:
        """What the page reads."""
        return {
            "note": self.note,
            "inputs": self.inputs,
            "hidden": self.hidden,
            "outputs": self.outputs,
            "last": self.last,
            "mostNeurons": self.most_neurons,
            "written": self.written,
            "equations": self.equations,
            "said": {name: _said(operation) for name, (operation, _) in self.activations.items() if operation},
            "graph": self.graph,
        }


@dataclass(frozen=True)
class Code:
    """The Python that makes a model, its loss and its optimizers again.

    Attributes:
        model: the call that makes the model; "" where there is no code.
        loss: the expression of the loss.
        imports: module -> the names from it, and what each is called here; of the module itself, the name None.
        definitions: the sources of what nothing has that is installed, each after what it uses.
        note: why there is no code; "" where there is.
    """

    model: str = ""
    loss: str = ""
    imports: Mapping[str, Mapping[str | None, str]] = field(default_factory=dict)
    definitions: Sequence[str] = ()
    note: str = ""

    def described(self) -> dict[str, Any]:
        """What the page reads."""
        entries = sorted([(module, [*names.items()]) for module, names in self.imports.items()])
        is_ours = [module.partition(".")[0] in OURS for module, _ in entries]
        return {
            "loss": self.loss,
            "imports": [[entry for entry, ours in zip(entries, is_ours) if ours == group] for group in (False, True)],
            "definitions": self.definitions,
            "note": readable(self.note, 300),
        }


def _said(operation: Primitive) -> str:
    """An activation and its derivative as formulas of x, as far as its rule says them."""
    name, formula, derivatives = operation.name, operation.formula, operation.derivatives
    said = [f"{name}(x) = {formula}"] if derivatives and formula != f"{name}(x)" else []
    said += [f"{name}'(x) = {derivatives[0]}"] if derivatives else []
    numbers = zip(operation.operand_names[1:], operation.defaults)
    return "\n".join([*said, *[f"{operand} = {number}" for operand, number in numbers if said]])


@dataclass(frozen=True)
class Lines:
    """What a page says and offers.

    Attributes:
        title, model, loss: what it says of them.
        parameter_names: of the program's parameters, in their order.
        shown_names: what the page calls them.
        all_parameters: name -> number, also of those that the loss does not use.
        optimizers: by name: the learning rate, the JavaScript of the rule, and the Python that makes it.
        batch: pairs for one step; None for all.
        seed: of the shuffles.
        pairs: how many pairs there were before some were held out.
        draws: whether the page can draw the weights of another seed, as an MLP does.
        code: the Python that makes a model like it.
        graph: of one point's loss, as `point_graph` has it.
        kinds: its operations.
        architecture: what can be made of the network.
        equations: both passes, lifted into arrays.
        format: what a file of weights says it is.
        classes: how targets tell classes: "signs", "bits", "indices", or "" where they do not.
    """

    title: str
    model: str
    loss: str
    parameter_names: list[str]
    shown_names: list[str]
    all_parameters: dict[str, float]
    optimizers: dict[str, tuple[float, str, str]]
    batch: int | None
    seed: int
    pairs: int
    draws: bool
    code: Code
    graph: dict[str, Any]
    kinds: Kinds
    architecture: Architecture
    equations: str
    format: str
    classes: str


def write(
    path: str | os.PathLike[str],
    program: TrainingProgram,
    lines: Lines,
    learned: Sequence[tuple[Any, Any]],
    held_out: Sequence[tuple[Any, Any]],
) -> str:
    """Write the page and return its path."""
    rules = ",\n".join([f"  {script_json(name)}: {code}" for name, (_, code, _) in lines.optimizers.items()])
    generated = f"const givenProgram = {program.source};\nconst updateRules = {{\n{rules}\n}};\n"
    generated += f"const rules = {lines.kinds.rules()};\n{lines.architecture.source()}"
    script = "\n".join([scripts(), generated, theme_script(), *map(_file, SCRIPTS)])
    script = COMMENT.sub("", script)  # a twentieth of the page
    content = filled(
        _file("page.html"),
        asset("engine.render.walkthrough", "page.css") + _file("page.css"),
        script,
        title=html.escape(readable(lines.title, 120)),
        buttons="".join([icon_button(*button) for button in BUTTONS]),
        steps=step_through(),
        model=html.escape(readable(lines.model, 200)),
        task=script_json(_task(program, lines, learned, held_out)),
    )
    return files.write(path, content.encode("utf-8", "replace"))


def readable_lines(text: str) -> str:
    """A text of several lines, each safe to show; the first of many."""
    lines = text.splitlines()
    more = [f"... and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return "\n".join([*[readable(line, 160) for line in lines[:MOST_LINES]], *more])


def _task(
    program: TrainingProgram, lines: Lines, learned: Sequence[tuple[Any, Any]], held_out: Sequence[tuple[Any, Any]]
) -> dict[str, Any]:
    places = program.places
    return {
        "title": readable(lines.title, 120),
        "model": lines.model,
        "loss": lines.loss,
        "theta": [parameter.data for parameter in program.parameters],
        "names": name_runs([readable(name, 80) for name in lines.shown_names]),
        "keys": name_runs(lines.parameter_names),
        "others": {key: number for key, number in lines.all_parameters.items() if key not in {*lines.parameter_names}},
        "order": None if [*lines.all_parameters] == lines.parameter_names else name_runs([*lines.all_parameters]),
        "optimizers": {name: {"lr": lr, "python": python} for name, (lr, _, python) in lines.optimizers.items()},
        "batch": lines.batch,
        "seed": str(abs(lines.seed)),  # a whole number of any size
        "pairs": lines.pairs,
        "heldOut": len(held_out),
        "constructor": lines.code.model,
        "draws": lines.draws,
        "code": lines.code.described(),
        "format": lines.format,
        "inputIsList": isinstance((*learned, *held_out)[0][0], (list, tuple)),
        "equations": readable_lines(lines.equations),
        "graph": lines.graph,
        "kinds": lines.kinds.said,
        "architecture": lines.architecture.described(),
        "classes": lines.classes,
        "sizes": program.sizes,
        "cost": program.cost,
        "metrics": program.metrics,
        "outputs": program.outputs,
        "units": [
            {
                "kind": unit.kind,
                "column": unit.column,
                "edges": edge_runs(unit.edges),
                "bias": unit.bias,
                "place": unit.number,
                "operations": unit.operations,
                **place,
            }
            for unit, place in zip(program.units, places)
        ],
        "learned": _flat(learned),
        "validation": _flat(held_out),
    }


def _flat(pairs: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    return {
        "rows": len(pairs),
        "x": [number for x, _ in pairs for number in _numbers(x)],
        "y": [number for _, y in pairs for number in _numbers(y)],
    }


def _numbers(entry: Any) -> list[float]:
    if isinstance(entry, (list, tuple)):
        return [number for part in entry for number in _numbers(part)]
    return [float(entry)]


def _file(name: str) -> str:
    return asset(__package__ or "", name)
