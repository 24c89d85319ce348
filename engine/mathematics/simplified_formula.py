"""formula_of: what a Value is, as a formula, beside its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from engine.mathematics.graph_lines import Names
    from engine.mathematics.latex import Latex
    from engine.value import Value


class SimplifiedFormula:
    """The formula of a Value, simplified. `print` it for Python; a notebook sets it as mathematics.

    Attributes:
        value: the Value.
        number: its number.
    """

    def __init__(self, value: Value, number: float, lines: list[tuple[str, ast.expr]], names: Names) -> None:
        self.value, self.number = value, number
        self._lines, self._names = lines, names

    def latex(self) -> Latex:
        """The formula in LaTeX."""
        from engine.mathematics.latex import latex_of_lines

        return latex_of_lines(self._lines, self._names.labels)

    def __str__(self) -> str:
        from engine.mathematics.graph_lines import lines_of

        return "\n".join(lines_of(self._lines))

    def __repr__(self) -> str:
        return f"{self} = {self.number + 0.0:.6g}"  # + 0.0: -0.0, exact, reads as 0

    def _repr_latex_(self) -> str:
        return self.latex()._repr_latex_()


def formula_of(v: Value) -> SimplifiedFormula:
    """The formula of a Value, simplified, beside its number: of ``grad(y, x)`` the derivative as a formula.

    Like terms are added up and like factors are powers; nothing is multiplied out. A part that is used more than once
    has a line of its own. Between kinks: at x = 0 the formula of a choice such as relu is that of the engine's rule.

    Args:
        v: the Value.

    Raises:
        TypeError: for what is no Value.
        RuntimeError: if a leaf has changed since v was computed from it; `v.forward()` computes the graph again.

    >>> from engine import Value, formula_of, grad, tanh
    >>> w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    >>> formula_of(grad(tanh(w * x + b), w))
    x * (1 - tanh(w * x + b)**2) = 1.5729
    >>> formula_of(grad(x**3 + 2 * x, x))
    3 * x**2 + 2 = 14
    """
    from engine.value import Value

    if not isinstance(v, Value):
        from engine.readable import readable_repr

        way_out = "call it with Values first, as formula_of(f(x))" if callable(v) else "compute it from Values"
        if isinstance(v, (list, tuple)) and v and isinstance(v[0], Value):
            way_out = "take them one at a time, as in formula_of(grads[0])"
        raise TypeError(f"formula_of a Value: got {readable_repr(v)} of type {type(v).__name__}: {way_out}")
    from engine.forward_pass import check_unchanged
    from engine.graph import topological_order
    from engine.mathematics.simplification import simplified

    check_unchanged("formula_of", topological_order(v))
    lines, names = simplified(v)
    return SimplifiedFormula(v, v.data, lines, names)
