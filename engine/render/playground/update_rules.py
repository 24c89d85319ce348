"""An optimizer's update rule in JavaScript, made by calling the rule itself.

The rule is arithmetic on theta, g, the step and what it keeps: called with expressions, it gives their text. It may do
something else at the first step and for other settings, so it is called once for the first step and once for all that
come after; the learning rate alone stays free.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from engine.render.walkthrough.javascript import JavaScriptExpression, Script

SAMPLE = 0.5  # any number: the page has its own


class LaterStep(JavaScriptExpression):
    """The number of a step after the first."""

    __slots__ = ()
    __hash__ = None

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return False

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return True


def update_rule(optimizer: Any, buffers: int) -> str:
    """The JavaScript expression ``{buffers, first, later}`` of an `nn.optim.Optimizer`.

    `first` and `later` are functions of (theta, grad, kept, lr, step, n): they update the n numbers of theta, and of
    each array of kept, in place.

    Raises:
        TypeError: for a rule that is not arithmetic: that branches on a number of a parameter.
    """
    first, later = _loop(optimizer, buffers, None), _loop(optimizer, buffers, LaterStep)
    return f"{{ buffers: {buffers}, first: {first}, later: {later} }}"


def _loop(optimizer: Any, buffers: int, kind: Callable[..., Any] | None) -> str:
    script = Script()
    rule = copy.copy(optimizer)
    vars(rule)["lr"] = JavaScriptExpression(script, "lr", SAMPLE)
    theta, g = (JavaScriptExpression(script, f"{name}[i]", SAMPLE) for name in ("theta", "grad"))
    kept = [JavaScriptExpression(script, f"v{k}[i]", SAMPLE) for k in range(buffers)]
    step = 1 if kind is None else kind(script, "step", 2.0)
    updated = [script.operand(number)[0] for number in rule.update(theta, g, step, *kept)]
    names = [f"v{k}" for k in range(buffers)]
    unpacked = f"const [{', '.join(names)}] = kept; " if names else ""
    lines = " ".join(script.lines)
    results = [f"n{k}" for k in range(len(updated))]
    computed = " ".join([f"const {name} = {text};" for name, text in zip(results, updated)])
    stored = " ".join([f"{name}[i] = {result};" for name, result in zip(["theta", *names], results)])
    return (
        f"(theta, grad, kept, lr, step, n) => {{ {unpacked}for (let i = 0; i < n; i++) "
        f"{{ {lines} {computed} {stored} }} }}"
    )
