r"""Python's syntax trees as LaTeX, and names and numbers as mathematics writes them.

>>> from engine import Value, sqrt
>>> x, w = Value(2.0, label="x"), Value(3.0, label="w_12")
>>> (sqrt(x**2 + 1) / w).latex()
\frac{\sqrt{x^{2} + 1}}{w_{12}}
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.mathematics import notation
from engine.mathematics.notation import DOTS
from engine.primitives import OPERATIONS

if TYPE_CHECKING:
    from engine.value import Value

SUM, SIGN, PRODUCT, POWER, ATOM = range(5)  # how tightly what is written binds

COMMANDS = {  # of LaTeX's own
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "exp", "max", "min",
}  # fmt: skip
GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: r"\leq", ast.Gt: ">", ast.GtE: r"\geq", ast.Eq: "=", ast.NotEq: r"\neq",
}  # fmt: skip
_ESCAPED = {c: f"\\{c}" for c in "#$%&_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge ", " ": r"\ "}
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NAME = re.compile(rf"([^\W\d_{_SUPERSCRIPT}]+)([{_SUPERSCRIPT}]*)((?:[\W\d_][\w\W]*)?)")


class Latex(str):
    """LaTeX: a text that the prompt shows as it is, and a notebook as what it says."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self}$"


def latex(v: Value) -> Latex:
    r"""The formula a Value was computed by, in LaTeX; parts with a label or several uses on lines of their own.

    An operation is written as its formula has it, or as the LaTeX says that is declared with it.

    >>> from engine import Value, tanh
    >>> w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    >>> print(tanh(w * x + b).latex())
    \tanh\left(w x + b\right)
    """
    from engine.mathematics.graph_lines import lines_computing

    lines, names = lines_computing(
        v, lambda operation, trees, _: notation.as_written(operation, trees), lambda leaf: notation.number(leaf._data)
    )
    return latex_of_lines([(line.name, line.tree) for line in lines], names.labels)


def latex_of_lines(lines: Sequence[tuple[str, ast.expr]], labels: Mapping[str, str]) -> Latex:
    """Named trees in LaTeX: a single one without its name, several one below another."""
    written = Writer(lambda name: name_in_latex(labels.get(name, name)))
    if len(lines) == 1:
        return Latex(written.text(lines[0][1]))
    rows = [rf"{written.name(name)} &= {written.text(tree)}" for name, tree in lines]
    return aligned(rows)


def aligned(rows: Sequence[str]) -> Latex:
    """Equations one below another, each with & where they are aligned."""
    return Latex("\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}")


def name_in_latex(label: str) -> str:
    r"""A label as mathematics writes it: Greek letters, digits and indices below, what is long upright.

    >>> [name_in_latex(label) for label in ("x", "x1", "w_12", "w²[0][1]", "delta", "loss", "50%")]
    ['x', 'x_{1}', 'w_{12}', 'w^{2}_{0,1}', '\\delta', '\\mathrm{loss}', '\\mathrm{50\\%}']
    """
    match = _NAME.fullmatch(label)
    if match is None:
        return upright(label)
    letters, above, rest = match.groups()
    base = f"\\{letters}" if letters in GREEK else letters if len(letters) == 1 else upright(letters)
    indices = [part for part in re.split(r"[\W_]+", rest) if part]
    if rest and (not indices or re.search(r"[^\w\[\](), .]", rest)):
        return upright(label)
    power = "".join([str(_SUPERSCRIPT.index(digit)) for digit in above])
    below = ",".join([part if part.isdigit() or len(part) == 1 else upright(part) for part in indices])
    return base + (f"^{{{power}}}" if power else "") + (f"_{{{below}}}" if below else "")


def upright(text: str) -> str:
    """A text in upright letters, whatever is in it."""
    shown = "".join([_ESCAPED.get(c, c) for c in text if unicodedata.category(c)[0] != "C"])
    return f"\\mathrm{{{shown}}}"


def number_in_latex(x: float) -> str:
    """A number of six digits, with a power of ten where it is very large or small."""
    text = f"{x:.6g}"
    if "inf" in text:
        return text.replace("inf", r"\infty")
    if text == "nan":
        return r"\mathrm{nan}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if e else text


class Writer:
    """Writes trees in LaTeX.

    Args:
        name: an identifier -> its LaTeX.
    """

    def __init__(self, name: Callable[[str], str]) -> None:
        self.name = name

    def text(self, tree: ast.expr, binding: int = SUM) -> str:
        """A tree, in parentheses where what is around it binds more tightly."""
        text, tightness = self._written(tree)
        return text if tightness >= binding else parenthesised(text)

    def _written(self, tree: ast.expr) -> tuple[str, int]:
        if isinstance(tree, ast.Constant):
            text = number_in_latex(float(tree.value))  # type: ignore[arg-type]
            return text, PRODUCT if "cdot" in text else ATOM
        if isinstance(tree, ast.Name):
            text = r"\cdots" if tree.id == DOTS else self.name(tree.id)
            return text, POWER if "^" in text else ATOM
        if isinstance(tree, ast.UnaryOp):
            return f"-{self.text(tree.operand, PRODUCT)}", SIGN
        if isinstance(tree, ast.Compare):
            return f"{self.text(tree.left)} {_RELATIONS[type(tree.ops[0])]} {self.text(tree.comparators[0])}", SUM
        if isinstance(tree, ast.BinOp):
            return self.infix(tree)
        assert isinstance(tree, ast.Call)
        return self.called(tree)

    def infix(self, tree: ast.BinOp) -> tuple[str, int]:
        """An operation between two operands."""
        if isinstance(tree.op, (ast.Add, ast.Sub)):
            sign = "+" if isinstance(tree.op, ast.Add) else "-"
            return f"{self.text(tree.left)} {sign} {self.text(tree.right, PRODUCT)}", SUM
        if isinstance(tree.op, ast.Mult):
            left, right = self.text(tree.left, SIGN), self.text(tree.right, PRODUCT)
            return f"{left} {self.times(tree, right)}{right}", PRODUCT
        if isinstance(tree.op, ast.Div):
            return rf"\frac{{{self.text(tree.left)}}}{{{self.text(tree.right)}}}", PRODUCT
        assert isinstance(tree.op, ast.Pow)
        exponent = self.text(tree.right)
        if isinstance(tree.left, ast.Call) and _is_named(tree.left):
            function, argument = self.called(tree.left)[0].split(r"\left", 1)
            return rf"{function}^{{{exponent}}}\left{argument}", PRODUCT
        return f"{self.text(tree.left, ATOM)}^{{{exponent}}}", POWER

    def times(self, tree: ast.BinOp, right: str) -> str:  # noqa: ARG002  another writer asks what is multiplied
        """The sign between two factors; nothing where they stand side by side."""
        return r"\cdot " if right[0].isdigit() else ""

    def called(self, tree: ast.Call) -> tuple[str, int]:
        """A function: as is declared with the operation, else by its name."""
        assert isinstance(tree.func, ast.Name)
        function = tree.func.id
        arguments = [*map(self.text, tree.args)]
        operation = OPERATIONS.get(function)
        if function == "float":
            return number_in_latex(float(tree.args[0].value)), ATOM  # type: ignore[attr-defined]
        if operation is not None and operation.latex:
            places = dict(zip(operation.operand_names, arguments))
            if "condition" in places and not isinstance(tree.args[0], ast.Compare):
                places["condition"] += r" \neq 0"
            pattern = rf"(?<![\\a-zA-Z])({'|'.join(places)})(?![a-zA-Z])"
            text = re.sub(pattern, lambda match: places[match[0]], operation.latex)
            return text, POWER if "^" in operation.latex else ATOM
        named = f"\\{function}" if function in COMMANDS else f"\\operatorname{{{function.replace('_', chr(92) + '_')}}}"
        return named + parenthesised(", ".join(arguments)), ATOM


def parenthesised(text: str) -> str:
    """A text in parentheses of its height."""
    return rf"\left({text}\right)"


def _is_named(tree: Any) -> bool:
    """Whether a call is written by its name, which its exponent may stand at."""
    operation = OPERATIONS.get(tree.func.id)
    return operation is None or not operation.latex
