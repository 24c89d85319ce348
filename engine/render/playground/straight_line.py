"""The scalar graph of one point as straight-line code, which every row runs through: for small networks.

Each node is a number of its own, computed by its rule, and each contribution is added where eager code adds it, in the
same order: the last row first, and a row's nodes from the loss back. So a step is that of an eager `fit`, bit for bit.
Networks that compute more than IEEE 754 lays down to the last bit take loops (`array_loops`), as exp has other last
bits in browsers, and so do larger ones: code for every scalar is long then, and no faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.graph import topological_order
from engine.primitives import Elementary
from engine.primitives.stopping import NOTHING
from engine.render.playground.placeholders import needed_lines
from engine.render.playground.training_program import Place, TrainingProgram
from engine.render.walkthrough.javascript import JavaScriptExpression, Script
from engine.value import Value

MOST_PARAMETERS = 120
MOST_NODES = 250
EXACT = {
    "add", "sub", "mul", "div", "neg", "abs", "sqrt", "square", "sum", "dot", "weighted_sum", "where", "maximum",
    "minimum", "max", "min", "sign", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal",
}  # fmt: skip


class _InlineSums(Script):
    """A script with sums written out; from left to right, as the operations of that name add."""

    def compute(self, operation: Elementary, operands: Sequence[Any]) -> JavaScriptExpression:
        if operation.name not in EXACT:
            raise TypeError(f"{operation.name} has other last bits in browsers")
        if operation.name not in ("sum", "dot", "weighted_sum"):
            return super().compute(operation, operands)
        texts = [self.operand(operand)[0] for operand in operands]
        n = len(texts) // 2
        products = [f"{x} * {y}" for x, y in zip(texts[:n], texts[n:])]
        terms = {"sum": texts, "dot": products, "weighted_sum": [*texts[2 * n :], *products]}[operation.name]
        text = " + ".join(["0", *terms])
        if text not in self._known:
            number = operation(*[self.operand(operand)[1] for operand in operands])
            self._known[text] = JavaScriptExpression(self, f"t{len(self._known)}", number)
            self.lines.append(f"const {self._known[text].text} = {text};")
        return self._known[text]


def straight_line(
    program: TrainingProgram,
    cost: Value,
    metrics: Sequence[Value],
    outputs: Sequence[Value],
    units: Sequence[tuple[Value, Value]],
    leaves: Mapping[Value, tuple[str, int]],
) -> TrainingProgram:
    """The same program as straight-line code; or the program as it is, where that would be no better.

    Args:
        program: in loops.
        cost: the loss of one point, as an eager graph.
        metrics: those of the point.
        outputs: those of the network at it.
        units: z and a of each unit of the program that is no input, in its order.
        leaves: where the number of each input, target and parameter is.
    """
    order = topological_order(cost)
    if len(program.parameters) > MOST_PARAMETERS or len(order) > MOST_NODES:
        return program
    try:
        return _Written(program, order, metrics, outputs, leaves).program(cost, metrics, outputs, units)
    except TypeError:  # a rule that is not exact, or not written with the engine's functions
        return program


class _Written:
    def __init__(
        self,
        program: TrainingProgram,
        order: list[Value],
        metrics: Sequence[Value],
        outputs: Sequence[Value],
        leaves: Mapping[Value, tuple[str, int]],
    ) -> None:
        self.given, self.leaves, self.order = program, leaves, order
        known = {*order}
        self.nodes = [*order, *[node for node in topological_order(*metrics) if node not in known]]
        inner = [node for node in self.nodes if node._parents]
        self.place = {node: k for k, node in enumerate(inner)}
        self.from_x = {node for node in topological_order(*outputs) if node._parents}

    def program(
        self, cost: Value, metrics: Sequence[Value], outputs: Sequence[Value], units: Sequence[tuple[Value, Value]]
    ) -> TrainingProgram:
        count = len(self.place)
        forward = [node for node in self.place if node in self.from_x]
        score = [node for node in self.place if node not in self.from_x]
        back, reached = self._backward(cost)
        head = "(theta, grad, x, y, rows) => {"
        every = "for (let r = 0; r < rows; r++) {"
        source = (
            f"(capacity) => {{\nconst v = new Float64Array({count} * capacity);\n"
            f"const g = new Float64Array({count} * capacity);\n"
            f"const forward = {head}\n{every}\n{self._values(forward)}}}\n}};\n"
            f"const score = {head}\n{every}\n{self._values(score)}}}\n}};\n"
            f"const backward = {head}\ngrad.fill(0);\nfor (let r = rows - 1; r >= 0; r--) {{\n{back}}}\n}};\n"
            "return { capacity, forward, score, backward, buffers: { v, g } };\n}"
        )

        def place(node: Value, buffer: str = "v") -> Place:
            if node in self.place:
                return buffer, count, self.place[node]
            kind, k = self.leaves[node]
            sizes = {"x": self.given.sizes[0], "y": self.given.sizes[1], "theta": 0}
            return kind, sizes[kind], k

        found = iter(units)
        places: list[dict[str, Place | None]] = []
        for unit, given in zip(self.given.units, self.given.places):
            if unit.kind == "input":
                places.append(given)
                continue
            z, a = next(found)
            places.append({"z": place(z), "a": place(a), "delta": place(z, "g") if z in reached else None})
        return replace(
            self.given,
            source=source,
            places=places,
            cost=place(cost),
            metrics=[place(metric) for metric in metrics],
            outputs=[place(output) for output in outputs],
        )

    def _text(self, node: Value) -> str:
        if node in self.place:
            return f"v[o + {self.place[node]}]"
        kind, k = self.leaves[node]
        size = {"x": self.given.sizes[0], "y": self.given.sizes[1]}.get(kind)
        return f"{kind}[{k}]" if size is None else f"{kind}[r * {size} + {k}]"

    def _operands(self, script: Script, node: Value) -> list[Any]:
        return [
            JavaScriptExpression(script, self._text(parent), parent.data)
            if parent in self.place or parent in self.leaves
            else parent.data
            for parent in node._parents
        ]

    def _values(self, nodes: Sequence[Value]) -> str:
        lines = [f"const o = r * {len(self.place)};\n"] if nodes else []
        for node in nodes:
            script = _InlineSums()
            value = self._rule(node)(*self._operands(script, node))[0]
            text = script.operand(value)[0]
            (*before, last) = script.lines or [""]
            if last.startswith(f"const {text} = "):  # the value itself needs no name
                lines.append(f"{{ {' '.join(before)} {self._text(node)} = {last.partition(' = ')[2]} }}\n")
            else:
                lines.append(f"{{ {' '.join(script.lines)} {self._text(node)} = {text}; }}\n")
        return "".join(lines)

    def _backward(self, cost: Value) -> tuple[str, set[Value]]:
        """The lines of the adjoint pass of a row, and the nodes that it reaches."""
        adjoint = {node: f"g[o + {k}]" for node, k in self.place.items()}
        learned = {leaf for leaf, (kind, _) in self.leaves.items() if kind == "theta"}
        wanted = {*learned}
        for node in self.order:
            if any(parent in wanted for parent in node._parents):
                wanted.add(node)
        reached = {cost}
        lines = [f"const o = r * {len(self.place)};\n", f"{adjoint[cost]} = 1 / rows;\n"]
        for node in reversed(self.order):
            if node not in reached or node not in self.place or node not in wanted:
                continue
            script = _InlineSums()
            value, pullback = self._rule(node)(*self._operands(script, node))
            text = script.operand(value)[0]
            before = [
                f"const {text} = {self._text(node)};" if line.startswith(f"const {text} = ") else line
                for line in script.lines
            ]
            start = len(script.lines)
            contributions = [*pullback(JavaScriptExpression(script, "d", 1.0))]
            after = script.lines[start:]
            stores = []
            for parent, contribution in zip(node._parents, contributions):
                if parent not in wanted or contribution is NOTHING:
                    continue
                written = script.operand(contribution)[0]
                if parent in learned:
                    stores.append(f"grad[{self.leaves[parent][1]}] += {written};")
                else:
                    stores.append(f"{adjoint[parent]} {'+=' if parent in reached else '='} {written};")
                    reached.add(parent)
            kept = needed_lines([*before, *after], " ".join(stores))
            lines.append(f"{{ const d = {adjoint[node]}; {kept}{' '.join(stores)} }}\n")
        return "".join(lines), reached

    def _rule(self, node: Value) -> Any:
        assert node.op is not None
        return node.op.rule
