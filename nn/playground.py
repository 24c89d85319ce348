"""playground: a page in which a model learns before one's eyes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine import Value, greater, where
from engine import max as max_of
from engine import min as min_of
from engine import sum as sum_of
from engine.primitives import equal
from nn.arguments import count, function
from nn.cross_entropies import binary_cross_entropy_with_logits, cross_entropy
from nn.data import Data, pairs_of, split
from nn.dropout import Dropout
from nn.initialization import generator_of
from nn.layers import MLP
from nn.losses import Loss, hinge, squared_error
from nn.metrics import name_of
from nn.network_templates import architecture
from nn.optim import Optimizer
from nn.parameters import modules_of
from nn.rows import is_row
from nn.storage import FORMAT
from nn.taken_code import NoCodeError, TakenCode, check_taken
from nn.training import fit
from nn.update_rules import SGD, Adam, AdamW, RMSprop

if TYPE_CHECKING:
    from engine.render.playground.page import Code
    from engine.render.playground.training_program import Traced
    from nn.module import Module

MOST_PARAMETERS = 20_000  # a step of more takes too long between two frames
MOST_NUMBERS = 200_000  # of the data; each takes some ten bytes of the page
CLASS_LOSSES = (hinge, binary_cross_entropy_with_logits, cross_entropy)


def playground(
    model: Module,
    path: str | os.PathLike[str],
    data: Data,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    batch_size: int | None = None,
    validation: float | None = None,
    seed: int = 0,
    title: str | None = None,
) -> str:
    """Write a page in which the model learns from the data, and return its path: what `Module.playground` does."""
    from engine.render.playground import page
    from engine.render.playground.point_graph import Kinds, graph_parts, point_graph
    from engine.render.playground.straight_line import straight_line
    from engine.render.playground.training_program import equations, training_program
    from engine.render.playground.update_rules import update_rule

    _check_model(model)
    pairs = pairs_of(data)
    numbers = len(pairs) * (_count(pairs[0][0]) + _count(pairs[0][1]))
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"the data are {numbers:,} numbers, a playground has at most {MOST_NUMBERS:,}: give it some of the pairs"
        )
    for row, (x, _) in enumerate(pairs):
        try:
            model.check_input(x)
        except (TypeError, ValueError) as error:
            raise type(error)(f"data: row {row}: {error}") from error
    outputs = _outputs(model(pairs[0][0]))
    loss = loss_for(pairs, len(outputs)) if loss is None else function("loss", loss, "(output, target) -> cost")
    optimizer = Adam(model.parameters(), lr=0.01) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is one of nn's, such as Adam(model.parameters()), got {optimizer!r}")
    if len(optimizer.param_groups) > 1 or {*optimizer.parameters} != {*model.parameters()}:
        raise ValueError("the playground's optimizer updates all parameters of the model, in one group")
    classes = _tells_classes(loss)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed is a whole number, got {seed!r}")
    generator = generator_of(seed)
    held_out: list[Any] = []
    learned = pairs
    if validation is not None:
        learned, held_out = split(pairs, validation, generator)

    program = training_program(_traced(model, loss), *pairs[0], metrics=int(classes))
    if len(program.parameters) > MOST_PARAMETERS:
        raise ValueError(f"a playground has at most {MOST_PARAMETERS:,} parameters, got {len(program.parameters):,}")
    lifted = model.compile(loss)
    lifted(*pairs[0])
    rules = {shown: (each, update_rule(each, each.buffers)) for shown, each in _optimizers(optimizer).items()}
    names = {parameter: name for name, parameter in model.named_parameters()}
    parameter_names = [names.get(parameter, parameter.label or "parameter") for parameter in program.parameters]
    labels = [parameter.label or "" for parameter in program.parameters]
    shown_names = labels if len({*labels}) == len(labels) else parameter_names
    some_pairs = [pairs[0], pairs[len(pairs) // 2], pairs[-1]]
    code = _code(model, loss, [each for each, _ in rules.values()], some_pairs)
    changeable = architecture(model, loss, _traced, pairs[0], int(classes))
    kinds = Kinds()
    x, y = (_values(side, name) for side, name in zip(pairs[0], "xy"))
    places = {parameter: ("theta", k) for k, parameter in enumerate(program.parameters)}
    places |= {value: (name, k) for side, name in ((x, "x"), (y, "y")) for k, value in enumerate(_flat(side))}
    passed = model.trace(x) if type(model) is MLP else None
    output = model(x) if passed is None else passed.output
    cost = loss(output, y)
    cost = cost if cost.label else cost.named("C")
    if passed is not None:
        measured = [_is_right(_outputs(output), y, loss)] if classes else []
        neurons = [pair for z, a in zip(passed.z, passed.a) for pair in zip(z, a)]
        program = straight_line(program, cost, measured, _outputs(output), neurons, places)
    graph = point_graph(cost, places, dict(zip(program.parameters, shown_names)), kinds)
    if not changeable.note:
        operations = {name: operation for name, (operation, _) in changeable.activations.items()}
        fan_ins = [*range(1, changeable.most_neurons + 1), changeable.inputs]
        changeable = replace(changeable, graph=graph_parts(cost, _outputs(output), graph, fan_ins, operations, kinds))
    lines = page.Lines(
        title=title or "Playground",
        model=repr(model),
        loss=name_of(loss),
        parameter_names=parameter_names,
        shown_names=shown_names,
        all_parameters=model.state_dict(),
        optimizers={shown: (each.lr, code, _constructor(each)) for shown, (each, code) in rules.items()},
        batch=None if batch_size is None else count("batch_size", batch_size),
        seed=seed,
        pairs=len(pairs),
        draws=type(model) is MLP,
        code=code,
        graph=graph,
        kinds=kinds,
        architecture=changeable,
        equations=equations(lifted.program.source, lifted.program.constants),
        format=FORMAT,
        classes=_class_kind(loss) if classes else "",
    )
    return page.write(path, program, lines, learned, held_out)


def _traced(model: Module, loss: Loss) -> Traced:
    """What is computed of a pair: (x, y) -> (cost, metrics, outputs)."""

    def cost_and_outputs(x: Any, y: Any) -> tuple[Any, list[Any], list[Any]]:
        output = model(x)
        numbers = _outputs(output)
        return loss(output, y), [_is_right(numbers, y, loss)] if _tells_classes(loss) else [], numbers

    return cost_and_outputs


def _tells_classes(loss: Loss) -> bool:
    return any(loss is each for each in CLASS_LOSSES)


def _code(model: Module, loss: Loss, optimizers: Iterable[Optimizer], pairs: Sequence[tuple[Any, Any]]) -> Code:
    """The Python that makes them again, or why there is none."""
    from engine.render.playground.page import Code

    taken = TakenCode()
    try:
        constructor, called = taken.expression(model), taken.expression(loss)
        check_taken(taken, model, constructor, loss, called, pairs)
        for each in (MLP, fit, *map(type, optimizers)):
            taken.expression(each)
        taken.know("random", random)
    except NoCodeError as error:
        return Code(note=str(error))
    return Code(constructor, called, taken.imports, taken.definitions)


def _check_model(model: Module) -> None:
    for module in modules_of(model):
        if isinstance(module, Dropout):
            raise ValueError(
                f"a playground of {model!r}: Dropout draws masks, which the page cannot; set its p to 0 or leave it out"
            )


def loss_for(pairs: Sequence[tuple[Any, Any]], outputs: int) -> Loss:
    """The loss that the targets call for: hinge for -1 and 1, log losses for classes, else the squared error."""
    targets = [y[0] if is_row(y) and len(y) == 1 else y for _, y in pairs]
    if any(is_row(y) for y in targets):
        return squared_error
    different = {float(y) for y in targets}
    if outputs == 1 and different <= {-1.0, 1.0}:
        return hinge
    if outputs == 1 and different <= {0.0, 1.0}:
        return binary_cross_entropy_with_logits
    if outputs > 1 and all(y.is_integer() and 0 <= y < outputs for y in different):
        return cross_entropy
    return squared_error


def _outputs(output: Any) -> list[Any]:
    return [*output] if is_row(output) else [output]


def _values(side: Any, name: str) -> Any:
    """An input or a target as Values, in the same lists."""
    if isinstance(side, (list, tuple)):
        return [_values(part, f"{name}[{k}]") for k, part in enumerate(side)]
    return Value(float(side), label=name)


def _count(side: Any) -> int:
    """How many numbers an input or a target has."""
    return sum(map(_count, side)) if isinstance(side, (list, tuple)) else 1


def _flat(side: Any) -> list[Value]:
    return [value for part in side for value in _flat(part)] if isinstance(side, list) else [side]


def _class_kind(loss: Loss) -> str:
    return {"hinge": "signs", "binary_cross_entropy_with_logits": "bits"}.get(name_of(loss), "indices")


def _is_right(numbers: list[Any], y: Any, loss: Loss) -> Any:
    """1 where the output is of the target's class, else 0: `nn.accuracy` of scores, in the engine's operations."""
    if loss is not cross_entropy:
        (score,) = numbers
        (target,) = _outputs(y)
        return equal(greater(score, 0.0), greater(target, 0.0 if loss is hinge else 0.5))
    largest = max_of(numbers)
    first = min_of([where(equal(number, largest), float(k), float(len(numbers))) for k, number in enumerate(numbers)])
    if not is_row(y):
        return equal(first, y)
    return sum_of([where(greater(target, 0.5), equal(first, float(k)), 0.0) for k, target in enumerate(y)])


def _optimizers(given: Optimizer) -> dict[str, Optimizer]:
    """Those that the page offers, by what it calls them; the given one first."""
    parameters = given.parameters
    offered: list[tuple[str, Callable[[], Optimizer]]] = [
        ("SGD", lambda: SGD(parameters, lr=0.1)),
        ("SGD, momentum 0.9", lambda: SGD(parameters, lr=0.1, momentum=0.9)),
        ("Adam", lambda: Adam(parameters, lr=0.01)),
        ("AdamW", lambda: AdamW(parameters, lr=0.01)),
        ("RMSprop", lambda: RMSprop(parameters, lr=0.01)),
    ]
    made = {name: make() for name, make in offered}
    alike = [name for name, each in made.items() if _constructor(each, "lr") == _constructor(given, "lr")]
    name = alike[0] if alike else f"{type(given).__name__}, as given"
    return {name: given, **{each: optimizer for each, optimizer in made.items() if each != name}}


def _constructor(optimizer: Optimizer, *without: str) -> str:
    """The Python that makes it, with LR for the learning rate."""
    settings = {name: getattr(optimizer, name) for name in optimizer.settings if name not in without}
    betas = (settings.pop("beta1", None), settings.pop("beta2", None))
    if betas[0] is not None:
        settings["betas"] = betas
    written = ", ".join([f"{name}={'LR' if name == 'lr' else repr(setting)}" for name, setting in settings.items()])
    return f"{type(optimizer).__name__}(model.parameters(), {written})"
