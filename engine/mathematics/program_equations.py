r"""A lifted program in LaTeX: its lines as equations of layers.

The article's notation: W^{(l)}, b^{(l)}, z^{(l)}, a^{(l)}, \delta^{(l)}, and \partial C / \partial W^{(l)} for the
gradients. \odot multiplies entry by entry. What is one Value with a label goes by that.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.mathematics.latex import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    Latex,
    Writer,
    aligned,
    name_in_latex,
    parenthesised,
    upright,
)

if TYPE_CHECKING:
    from engine.lifting.program import Program

_OF_LAYER = re.compile(r"(W|b|z|a|delta)(\d+)")


def program_latex(program: Program) -> Latex:
    """The equations of a program: those of the value and the gradients, where it has gradients."""
    functions = {each.name: each for each in ast.parse(program.source).body if isinstance(each, ast.FunctionDef)}
    function = functions.get("value_and_gradients", functions["value"])
    shapes = {statement.name: statement.shape for statement in program.statements[function.name]}
    writer = ProgramWriter(_labels(program, function), program.shapes | shapes)
    *lines, last = function.body
    assert isinstance(last, ast.Return)
    assert last.value is not None
    outputs = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
    cost = outputs[0].id if len(functions) > 1 and isinstance(outputs[0], ast.Name) else ""
    has_rows = ast.unparse(lines[0]).startswith("rows = ") if lines else False
    mean = r"\frac{1}{n} \sum_{\mathrm{rows}} " if has_rows else ""
    rows = []
    for line in lines:
        rows += writer.rows(line)
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == cost:
            rows.append(f"C &= {mean}{writer.name(cost)}")
    return aligned(rows or [writer.text(outputs[0])])


def _labels(program: Program, function: ast.FunctionDef) -> dict[str, str]:
    """The labels of the parameter arrays of one Value."""
    found, start = {}, 0
    for argument, shape in zip(function.args.args, program.parameter_shapes):
        parameters = program.parameters[start : start + math.prod(shape)]
        start += len(parameters)
        label = parameters[0].label if len(parameters) == 1 else None
        if label and label.isidentifier():  # and not one of a matrix's entries, as w[0][0]
            found[argument.arg] = label
    return found


class ProgramWriter(Writer):
    """Writes the trees of a program's lines.

    Args:
        labels: what parameters are called that are one Value.
        shapes: of all arrays.
    """

    def __init__(self, labels: Mapping[str, str], shapes: Mapping[str, str]) -> None:
        super().__init__(self._name)
        self._labels = labels
        self._scalars = {name for name, shape in shapes.items() if shape.replace("rows × ", "") in ("", "rows", "1")}

        self._known: set[str] = set()  # what is there before a loop: what has one of these names is its state

    def rows(self, line: ast.stmt, indent: str = "", states: frozenset[str] = frozenset()) -> list[str]:
        """The equations of a line. In a loop they are those of a turn; a state is followed by what it becomes."""
        if isinstance(line, ast.For):
            turns = line.iter.args[0]  # type: ignore[attr-defined]
            backwards = isinstance(turns, ast.Call)  # reversed(range(n))
            first, last = 0, int(ast.unparse(turns.args[0] if backwards else turns)) - 1
            first, last = (last, first) if backwards else (first, last)
            head = rf"{indent}\text{{for }} {self.text(line.target)} = {first}, \ldots, {last}"
            inner = frozenset(self._known)
            return [f"& {head}:", *(row for each in line.body for row in self.rows(each, rf"{indent}\quad ", inner))]
        assert isinstance(line, ast.Assign)
        target = line.targets[0]
        name = ast.unparse(target)
        if name == "rows":
            return [rf"n &= \text{{rows of }} {self.text(line.value.args[0])}"]  # type: ignore[attr-defined]
        sign = r"\leftarrow" if name in states else "="
        self._known.add(name)
        return [f"{indent}{self.text(target)} &{sign} {self.text(line.value)}"]

    def _name(self, name: str) -> str:
        if name in self._labels:
            return name_in_latex(self._labels[name])
        if name == "rows":
            return "n"
        if name.startswith("d") and name[1:] in self._labels:
            return rf"\frac{{\partial C}}{{\partial {self._name(name[1:])}}}"
        match = _OF_LAYER.fullmatch(name)
        if match:
            letter = r"\delta" if match[1] == "delta" else match[1]
            return f"{letter}^{{({match[2]})}}"
        if name.startswith("d") and _OF_LAYER.fullmatch(name[1:]):
            return rf"\frac{{\partial C}}{{\partial {self._name(name[1:])}}}"
        return name_in_latex(name)

    def _written(self, tree: ast.expr) -> tuple[str, int]:
        if isinstance(tree, ast.Attribute) and tree.attr == "T":
            text = self.text(tree.value) if isinstance(tree.value, ast.Name) else self.text(tree.value, ATOM)
            return rf"{{{text}}}^{{\top}}", ATOM
        if isinstance(tree, ast.Attribute):
            return f"{self.text(tree.value, ATOM)}.{upright(tree.attr)}", ATOM
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult):
            return rf"{self.text(tree.left, PRODUCT)} \, {self.text(tree.right, PRODUCT)}", PRODUCT
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.FloorDiv, ast.Mod)):
            sign = r"\operatorname{div}" if isinstance(tree.op, ast.FloorDiv) else r"\bmod"
            return f"{self.text(tree.left, PRODUCT)} {sign} {self.text(tree.right, POWER)}", PRODUCT
        if isinstance(tree, ast.Subscript):
            parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
            ranges = [ast.unparse(part) for part in parts if ast.unparse(part) != "..."]
            return f"{{{self.text(tree.value, ATOM)}}}_{{{', '.join(ranges)}}}", POWER  # {u_1}_{t}: no double subscript
        if isinstance(tree, (ast.Tuple, ast.List)):
            return parenthesised(", ".join(map(self.text, tree.elts))), ATOM
        if isinstance(tree, ast.Constant) and not isinstance(tree.value, (int, float)):
            return upright(str(tree.value)), ATOM
        return super()._written(tree)

    def called(self, tree: ast.Call) -> tuple[str, int]:
        if isinstance(tree.func, ast.Name) and tree.func.id == "rows_sum":
            return rf"\sum_{{\mathrm{{rows}}}} {self.text(tree.args[0], PRODUCT)}", SIGN
        if isinstance(tree.func, ast.Attribute):
            inner = self.text(tree.func.value, PRODUCT)
            if tree.func.attr == "sum":
                return rf"\sum_{{\mathrm{{rows}}}} {inner}", SIGN
            of = ", ".join([inner, *map(self.text, tree.args)])
            return f"\\operatorname{{{tree.func.attr}}}{parenthesised(of)}", ATOM
        if isinstance(tree.func, ast.Name) and tree.func.id == "full":  # an array of one number
            return self._written(tree.args[1])
        return super().called(tree)

    def times(self, tree: ast.BinOp, right: str) -> str:
        sides = (tree.left, tree.right)
        if any(isinstance(side, ast.Constant) or _is_full(side) for side in sides):
            return super().times(tree, right)
        if any(isinstance(side, ast.Name) and side.id in self._scalars for side in sides):
            return r"\, "
        return r"\odot "


def _is_full(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "full"
