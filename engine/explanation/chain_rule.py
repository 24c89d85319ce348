"""The chain rule written out: every path between two nodes, and what each contributes to the derivative.

    dy/dx = sum over the paths from x to y of the product of the local derivatives along the path

That is what `backward` computes, without walking the paths: there can be exponentially many of them, while an adjoint
pass takes each edge once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, overload

from engine.adjoint_pass import adjoint_pass, passed_on
from engine.explanation.paths import Path, count_paths, paths_between
from engine.forward_pass import check_unchanged
from engine.graph import topological_order
from engine.value import Value

MAX_PATHS = 10
MAX_LEAVES = 10  # that are explained where none is named
_EACH_LEAF = object()


class Explanation:
    """Why dy/dx is what it is. Print it.

    Attributes:
        y, x: the two nodes.
        derivative: dy/dx, from one adjoint pass.
        paths: the paths from x to y, those that are shown; in the order of the operands, from y back.
        count: how many paths there are in all, counted up to `COUNTABLE`.
        steps: how many local derivatives there are on all paths together, counted up to `COUNTABLE`.
        edges: how many there are in the graph between x and y: what an adjoint pass multiplies by.
    """

    def __init__(
        self, y: Value, x: Value, *, derivative: float, paths: list[Path], count: int, steps: int, edges: int
    ) -> None:
        self.y, self.x = y, x
        self.derivative = derivative
        self.paths = paths
        self.count, self.steps, self.edges = count, steps, edges

    @property
    def total(self) -> float:
        """The sum of the products of the paths that are shown; the derivative, if that is all of them."""
        return float(sum(path.product for path in self.paths))

    def __str__(self) -> str:
        from engine.explanation.chain_rule_text import text_of

        return text_of(self)

    def _repr_html_(self) -> str:
        from engine.explanation.chain_rule_table import table_of

        return table_of(self)

    def __repr__(self) -> str:
        return str(self)  # explain(y, x) at the prompt is read, not only printed


class Explanations(list[Explanation]):
    """One `Explanation` for each leaf. Print it."""

    def __init__(self, explanations: Iterable[Explanation], left_out: int) -> None:
        super().__init__(explanations)
        self.left_out = left_out

    def __str__(self) -> str:
        from engine.render.terminal import spelled

        rest = [f"… {self.left_out:,} more leaves: explain(y, x) explains one"] if self.left_out else []
        return spelled("\n\n\n".join([*map(str, self), *rest]))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from engine.explanation.chain_rule_table import table_of

        return "".join(map(table_of, self))


@overload
def explain(y: Value, x: Value, *, max_paths: int = ...) -> Explanation: ...
@overload
def explain(y: Value, *, max_paths: int = ...) -> Explanations: ...
def explain(y: Value, x: Any = _EACH_LEAF, *, max_paths: int = MAX_PATHS) -> Explanation | Explanations:
    """The derivative of y with respect to x by the chain rule, with numbers, to print; no `grad` is touched.

    dy/dx is the sum over all paths from x to y of the product of the local derivatives along the path.

    Args:
        y: what is differentiated.
        x: with respect to what: a leaf or an inner node. If not given, each leaf in turn, the first ten of many.
        max_paths: how many paths to write out; all are counted.

    Returns:
        An `Explanation`, or a list of one for each leaf; its attributes the numbers: no paths and the derivative 0 if y
        does not depend on x.

    Raises:
        TypeError: for y or x that is not a Value.
        ValueError: for max_paths below 0.
        RuntimeError: if a leaf has changed since y was computed from it; `y.forward()` computes the graph again.

    >>> from engine import Value, explain, tanh
    >>> w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    >>> y = tanh(w * x + b).named("y")
    >>> explain(y, w)
    dy/dw by the chain rule: multiply along each path from w to y, add up the paths.
    <BLANKLINE>
    v1 = w * x    = -1        dv1/dw  = x = 2
    v2 = v1 + b   = 0.5       dv2/dv1 = 1
    y  = tanh(v2) = 0.462117  dy/dv2  = 1 - tanh(v2)**2 = 0.786448
    <BLANKLINE>
    w → v1 → v2 → y
        dy/dv2 * dv2/dv1 * dv1/dw = 0.786448 * 1 * 2 = 1.5729
    <BLANKLINE>
    1 path: dy/dw = 1.5729
    y.backward() will put it in w.grad.
    """
    for node in (y,) if x is _EACH_LEAF else (y, x):
        if not isinstance(node, Value):
            from engine.readable import readable_repr  # here, since it would slow down `import engine`

            got = f"{readable_repr(node)} of type {type(node).__name__}"
            raise TypeError(f"expected a Value, as in explain(y, x): got {got}")
    if max_paths < 0:
        raise ValueError(f"max_paths={max_paths}: it must be at least 0")
    order = topological_order(y)
    check_unchanged("explain", order)
    if x is _EACH_LEAF:
        leaves = [node for node in order if not node.parents and not node.is_constant]
        if not leaves:
            raise ValueError("explain(y): y was computed from plain numbers alone, so there is no leaf to explain")
        shown = [explain(y, leaf, max_paths=max_paths) for leaf in leaves[:MAX_LEAVES]]
        return Explanations(shown, len(leaves) - len(shown))
    count, steps, edges = count_paths(order, x)
    return Explanation(
        y,
        x,
        derivative=_derivative(order, y, x, count),
        paths=[*islice(paths_between(y, x, count), max_paths)],
        count=count.get(y, 0),
        steps=steps,
        edges=edges,
    )


def _derivative(order: list[Value], y: Value, x: Value, count: dict[Value, int]) -> float:
    """dy/dx by one adjoint pass over the nodes that x leads to."""

    def towards_x(node: Value, adjoint: float) -> list[tuple[Value, float]]:
        return [] if node is x else [(parent, g) for parent, g in passed_on(node, adjoint) if parent in count]

    return adjoint_pass(order, {y: 1.0}, towards_x).get(x, 0.0) if y in count else 0.0
