r"""A lifted program in LaTeX: its lines as equations of layers.

The article's notation: W^{(l)}, b^{(l)}, z^{(l)}, a^{(l)}, \delta^{(l)}, and \partial C / \partial W^{(l)} for the
gradients. \odot multiplies entry by entry. Arguments go by their names in the function, and parameters by their labels.
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.mathematics.array_notation import INDICES, PUT, as_loop, filled_lines, in_terms, makes_room, on_paper
from engine.mathematics.latex import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Latex,
    Writer,
    aligned,
    name_in_latex,
    parenthesised,
    upright,
)

if TYPE_CHECKING:
    from engine.lifting.program import Program

MOST = 90  # letters and signs in a line

_OF_LAYER = re.compile(r"(W|b|z|a|delta)(\d+)")
_IN_A_TURN = re.compile(r"x_(\d+)")  # what a loop takes in a turn
_INDICES = re.compile(r"(\[[^\]]*\]|_?\d+)+$")


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
    for array, output in zip(function.args.args, outputs[1:]):
        gradient = f"d{array.arg}"
        if ast.unparse(output) != gradient and program.parameters:
            rows.append(f"{writer.name(gradient)} &= {writer.text(on_paper(output))}")
    return aligned(rows or [writer.text(outputs[0])])


def _labels(program: Program, function: ast.FunctionDef) -> dict[str, str]:
    """What the user calls arguments and parameter arrays: those whose name nothing else in the function has."""
    found, start = {}, 0
    for argument, shape in zip(function.args.args, program.parameter_shapes):
        parameters = program.parameters[start : start + math.prod(shape)]
        start += len(parameters)
        found[argument.arg] = _stem([parameter.label for parameter in parameters])
    found |= {f"x{number}": name for number, name in enumerate(program.argument_names, 1)}
    names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)} | {"C", "n"}
    written = ProgramWriter({}, {}).name
    labels = {name: label for name, label in found.items() if label}
    while True:  # what is dropped has its own name again, which may be what another label is
        taken = Counter([name_in_latex(labels[name]) if name in labels else written(name) for name in names])
        kept = {name: label for name, label in labels.items() if taken[name_in_latex(label)] == 1}
        if kept == labels:
            return kept
        labels = kept


def _stem(labels: Sequence[str | None]) -> str:
    """What the labels of an array's numbers have in common: k of k[0], k[1]; "" where they have no such name."""
    stems = {_INDICES.sub("", label) if len(labels) > 1 else label for label in labels if label}
    stem = stems.pop() if len(stems) == 1 and all(labels) else ""
    return stem if stem.isidentifier() and stem.isascii() else ""


class ProgramWriter(Writer):
    """Writes the trees of a program's lines.

    Args:
        labels: what the user calls parameters and arguments.
        shapes: of all arrays.
    """

    def __init__(self, labels: Mapping[str, str], shapes: Mapping[str, str]) -> None:
        super().__init__(self._name)
        self._labels = labels
        self._scalars = {name for name, shape in shapes.items() if shape.replace("rows × ", "") in ("", "rows", "1")}

        self._turns: dict[str, ast.FunctionDef] = {}
        self._known: set[str] = set()  # what is there before a loop: what has one of these names is its state

    def rows(self, line: ast.stmt, indent: str = "", states: frozenset[str] = frozenset()) -> list[str]:
        """The equations of a line. In a loop they are those of a turn; a state is followed by what it becomes."""
        if isinstance(line, ast.For):
            turns = line.iter.args[0]  # type: ignore[attr-defined]
            backwards = isinstance(turns, ast.Call)  # reversed(range(n))
            ends = [0, int(ast.unparse(turns.args[0] if backwards else turns)) - 1]
            start, end = reversed(ends) if backwards else ends
            head = rf"{indent}\text{{for }} {self.text(line.target)} = {start}, \ldots, {end}"
            inner = frozenset(self._known)
            return [f"& {head}:", *(row for each in line.body for row in self.rows(each, rf"{indent}\quad ", inner))]
        if isinstance(line, ast.FunctionDef):  # a turn, for scan
            self._turns[line.name] = line
            return []
        assert isinstance(line, ast.Assign)
        if isinstance(line.value, ast.Call) and ast.unparse(line.value.func) == "scan":
            index = INDICES[indent.count("quad")]
            return [row for each in as_loop(line, self._turns, index) for row in self.rows(each, indent, states)]
        target = line.targets[0]
        name = ast.unparse(target)
        if name == "rows":
            return [rf"n &= \text{{rows of }} {self.text(line.value.args[0])}"]  # type: ignore[attr-defined]
        if makes_room(line.value):
            return []
        names = {ast.unparse(each) for each in (target.elts if isinstance(target, ast.Tuple) else [target])}
        sign = r"\leftarrow" if names & states else "="
        self._known |= names
        first, *others = self.broken(on_paper(line.value))
        return [f"{indent}{self.text(target)} &{sign} {first}", *(rf"& \qquad {other}" for other in others)]

    def broken(self, tree: ast.expr) -> list[str]:
        """A right side in lines that a page has room for, broken between terms, or between the parts of an array."""
        terms = in_terms(tree)
        if len(terms) > 1:
            parts = [f"{sign} {self.text(term, PRODUCT if sign else SUM)}".strip() for sign, term in terms]
        elif _is_concatenated(tree) or isinstance(tree, ast.Tuple):
            inner, (left, right) = (tree.elts, "()") if isinstance(tree, ast.Tuple) else (tree.args, "[]")  # type: ignore[attr-defined]
            parts = [f"{self.text(part)}," for part in inner]
            parts[0], parts[-1] = f"{left}{parts[0]}", f"{parts[-1][:-1]}{right}"
        else:
            parts = [self.text(tree)]
        return filled_lines(parts, width, MOST)

    def _name(self, name: str) -> str:
        if name in self._labels:
            return name_in_latex(self._labels[name])
        if name == "rows":
            return "n"
        if name.startswith("d") and name[1:] in self._labels:
            return rf"\frac{{\partial C}}{{\partial {self._name(name[1:])}}}"
        match = _IN_A_TURN.fullmatch(name)
        if match:
            return rf"\tilde{{x}}_{{{match[1]}}}"
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
            ranges = [self._place(part) for part in parts if ast.unparse(part) != "..."]
            return f"{{{self.text(tree.value, ATOM)}}}_{{{', '.join(ranges)}}}", POWER  # {u_1}_{t}: no double subscript
        if isinstance(tree, (ast.Tuple, ast.List)):
            return parenthesised(", ".join(map(self.text, tree.elts))), ATOM
        if isinstance(tree, ast.Constant) and not isinstance(tree.value, (int, float)):
            return upright(str(tree.value)), ATOM
        return super()._written(tree)

    def _place(self, tree: ast.expr) -> str:
        """Indices: those of a range as Python writes them, a name as a name."""
        if isinstance(tree, ast.Call):  # slice(2, 8, 1)
            first, end, step = map(ast.unparse, tree.args)
            return f"{first}:{end}" + (f":{step}" if step != "1" else "")
        return ast.unparse(tree) if isinstance(tree, ast.Slice) else self.text(tree)

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
        if isinstance(tree.func, ast.Name) and tree.func.id == PUT:
            return rf"\left[{self.text(tree.args[0])}\right]_{{\to {self._place(tree.args[1])}}}", ATOM
        if _is_concatenated(tree):
            return f"[{', '.join(map(self.text, tree.args))}]", ATOM
        if isinstance(tree.func, ast.Name) and tree.func.id == "segment_sum":
            return rf"\sum_{{{self._place(tree.args[1])}}} {self.text(tree.args[0], PRODUCT)}", SIGN
        return super().called(tree)

    def times(self, tree: ast.BinOp, right: str) -> str:
        sides = (tree.left, tree.right)
        if any(isinstance(side, ast.Constant) or _is_full(side) for side in sides):
            return super().times(tree, right)
        if any(isinstance(side, ast.Name) and side.id in self._scalars for side in sides):
            return r"\, "
        return r"\odot "


def _is_concatenated(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "concatenate"


def _is_full(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "full"


def width(text: str) -> int:
    """About how many letters and signs a formula is wide."""
    plain = re.sub(r"\\(left|right|operatorname|mathrm|text|begin|end|frac)\b", "", text)
    return len(re.sub(r"[{}^_ ]", "", re.sub(r"\\[a-zA-Z]+", "m", plain)))
