"""A small engine with switches, for exercises in which one is broken: what comes out if a part of it is another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from demos.exercises.answers import Answer, NotYet
from demos.exercises.compare import Mistake, compare, slopes
from demos.exercises.picture import Picture
from demos.exercises.replies import short
from engine import Value
from engine.graph import topological_order

Slopes = Callable[..., Any]


@dataclass(frozen=True)
class Formula:
    """A formula of a and b: as it is written, and as a function of numbers with the methods tanh and exp."""

    text: str
    f: Callable[..., Any]

    def beside(self, others: Sequence[Formula], at: Sequence[float]) -> str:
        """Which formula fails, where, and which come before it, and are right."""
        right = [other.text for other in others[: others.index(self)]]
        first = "".join(f"    {text}\n" for text in right)
        return (f"Right for\n\n{first}\n" if right else "") + f"For {self.text}, at a = {at[0]:g}, b = {at[1]:g}:"


def gradient(number: Any, backward: Any, formula: Formula, at: Sequence[float]) -> list[float]:
    """The gradient that a learner's engine gives."""
    inputs = [number(x) for x in at]
    y = formula.f(*inputs)
    value = formula.f(*map(Value, at)).data
    if not isinstance(getattr(y, "data", None), (int, float)) or abs(y.data - value) > 1e-9 * (1 + abs(value)):
        raise NotYet(f"The value itself is wrong now: {short(getattr(y, 'data', y))}, and it should be {value:.6g}.")
    backward(y)
    return [x.grad for x in inputs]


def compare_engine(
    answer: Answer,
    what: str,
    formulas: Sequence[Formula],
    points: Sequence[tuple[Formula, Sequence[float]]],
    mistakes: Sequence[Mistake],
) -> None:
    """Raise NotYet unless a learner's engine has the right gradient of every formula at its point."""
    compare(
        answer,
        what,
        lambda formula, at: gradient(answer.Number, answer.backward, formula, at),
        lambda formula, at: slopes(formula.f, *at),
        points,
        inputs=lambda formula, at: formula.beside(formulas, at),
        names=["∂y/∂a", "∂y/∂b"],
        mistakes=mistakes,
    )


def picture_of_engine(answer: Any, formulas: Sequence[Formula]) -> Picture:
    """The first formula whose gradient is wrong, or the last one, with the numbers of a learner's engine."""
    at = (0.5, 1.5)
    true = like()
    for formula in formulas:
        if any(
            abs(a - b) > 1e-9 for a, b in zip(gradient(answer.Number, answer.backward, formula, at), true(formula, at))
        ):
            break
    theirs, ours = formula.f(*map(answer.Number, at)), formula.f(*[Value(x, n) for x, n in zip(at, "ab")]).named("y")
    answer.backward(theirs)
    met: list[Any] = []

    def walk(node: Any, own: Value) -> None:
        if all(node is not other for other in met):
            met.append(node)
            own.grad = node.grad
            for parent, its_own in zip(node.parents, own.parents):
                walk(parent, its_own)

    walk(theirs, ours)
    return Picture(f"{formula.text}, at a = 0.5, b = 1.5, with the grad that this engine gives to each number:", [ours])


def like(
    order: str = "", accumulate: bool = True, **rules: Slopes
) -> Callable[[Formula, Sequence[float]], list[float]]:
    """The gradients of an engine that is right but for these rules, this order of the pass, or sums at a fan-out.

    Args:
        order: "" for the right one. "given": as they are met; "parents first": the right list, but from its
            beginning; "every visit": as they are met, each time; "every visit, parents first": after
            their parents, each time, from the end.
        accumulate: whether contributions are added.
        rules: the local derivatives of an operation by its name: of the operands; of the value if there is one operand.
    """

    def answer(formula: Formula, at: Sequence[float]) -> list[float]:
        inputs = [Value(x) for x in at]
        y = formula.f(*inputs)
        grad = {y: 1.0}
        for node in _listed(y, order):
            for parent, slope in zip(node.parents, _slopes(node, rules)):
                grad[parent] = (grad.get(parent, 0.0) if accumulate else 0.0) + grad.get(node, 0.0) * slope
        return [grad.get(x, 0.0) for x in inputs]

    return answer


def _slopes(node: Value, rules: dict[str, Slopes]) -> Sequence[float]:
    rule = rules.get(node.op.name) if node.op else None
    if rule is None:
        return node.pullback(1.0) if node.parents else ()
    found = rule(node.data) if len(node.parents) == 1 else rule(*[parent.data for parent in node.parents])
    return found if isinstance(found, tuple) else (found,)


def _listed(y: Value, order: str) -> list[Value]:
    """The nodes in the order in which they hand on."""
    if order in ("", "parents first"):
        nodes = topological_order(y)
        return nodes if order else nodes[::-1]
    met: list[Value] = []

    def visit(node: Value) -> None:
        if order.startswith("every visit") or all(node is not other for other in met):
            if not parents_first:
                met.append(node)
            for parent in node.parents:
                visit(parent)
            if parents_first:
                met.append(node)

    parents_first = order.endswith("parents first")
    visit(y)
    return met[::-1] if parents_first else met
