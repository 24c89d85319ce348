"""A lifted graph, ready to run: two readable functions over arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.lifting.arrays import Array
from engine.lifting.backends import Namespace, executable
from engine.lifting.emit import Statement, Writer, shape_of
from engine.lifting.lift import Lifting
from engine.lifting.store import Block, Store, store_of
from engine.lifting.tape import Tape
from engine.value import Value

if TYPE_CHECKING:
    import graphviz


class Program:
    """What a scalar graph was lifted into. `print` it to read it.

    Attributes:
        source: the Python text: a function `value`, and for a single output `value_and_gradients`.
        scalar_nodes: how many nodes the scalar graph had.
        operations: how many array operations compute the value, and the value and gradients.
        parameters: the Values the gradients belong to, in the order of the arrays W1, b1, ...
        blocks: the same, an array each.
        value, value_and_gradients: the functions of the source, ready to call.
        statements: the lines of each of them.
        constants: the arrays of numbers and of indices that the source names.
        numbers_per_row: how many numbers a row of a batch takes while the program runs, at most.
    """

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Sequence[Value]], namespace: Namespace) -> None:
        lifting = Lifting(Tape(outputs), inputs)
        self._lifting = lifting
        self.scalar_nodes = lifting.tape.count
        self.parameters = [parameter for block in lifting.blocks for parameter in block]
        new = [parameter for parameter in self.parameters if store_of(parameter) is None]
        if new:
            Store(new)
        self.blocks = [Block(block, array.shape) for block, array in zip(lifting.blocks, lifting.parameters)]
        self.constants: dict[str, Any] = {}
        self.statements: dict[str, list[Statement]] = {}
        result = lifting.outputs
        scope = dict(namespace)
        value, operations = self._function("value", [result], scope)
        self.source, self.operations = value, (operations, operations)
        if len(outputs) == 1:
            adjoint = lifting.steps.adjoints(result, lifting.graph.share(result.shape, result.batched))
            gradients = [
                lifting.graph.broadcast(adjoint.get(array, 0.0), array.shape, batched=False)
                for array in lifting.parameters
            ]
            deltas = {adjoint[z]: z for z in lifting.sums if z in adjoint}
            both, more = self._function("value_and_gradients", [result, *gradients], scope, deltas)
            self.source, self.operations = f"{value}\n\n{both}", (operations, more)
            self.value_and_gradients = executable(both, "value_and_gradients", scope)
        self.value = executable(value, "value", scope)
        self.numbers_per_row = 1 + sum(array.size for array in lifting.graph.arrays if array.batched)

    def _function(
        self, name: str, results: list[Array], scope: Namespace, deltas: Mapping[Array, Array] = MappingProxyType({})
    ) -> tuple[str, int]:
        """The text of a function that computes the results, and how many operations it has."""
        lifting = self._lifting
        kinds = dict.fromkeys(lifting.values, "a") | dict.fromkeys(lifting.sums, "z")
        gradients = {gradient: array.detail for gradient, array in zip(results[1:], lifting.parameters)}
        inputs = [*lifting.parameters, *lifting.inputs]
        writer = Writer(kinds, deltas, gradients, self.constants)
        texts = writer.write(results)
        scope.update(self.constants)
        self.statements[name] = writer.statements
        body = [*map(str, writer.statements), f"return {', '.join(texts)}"]
        if any("rows" in line for line in body) and lifting.inputs:
            body.insert(0, f"rows = len({lifting.inputs[0].detail})")
        lines = [f"def {name}({', '.join(array.detail for array in inputs)}):", *(f"    {line}" for line in body)]
        return "\n".join(lines), writer.operations

    def draw(self, *, gradients: bool = False, direction: str = "LR") -> graphviz.Digraph:
        """The lifted graph as a `graphviz.Digraph`: an array a node, with the line that computes it.

        Args:
            gradients: draw the adjoint pass as well.
            direction: where the arrows point: "LR", "RL", "TB" or "BT".
        """
        from engine.lifting.picture import draw_statements

        lifting = self._lifting
        inputs = {array.detail: shape_of(array) for array in (*lifting.parameters, *lifting.inputs)}
        if gradients and "value_and_gradients" not in self.statements:
            raise ValueError("only a single number has gradients: this program computes several")
        name = "value_and_gradients" if gradients else "value"
        return draw_statements(self.statements[name], inputs, direction)

    def _repr_svg_(self) -> str:
        return self.draw().pipe(format="svg", encoding="utf-8")  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<program: {self.scalar_nodes} scalar nodes in {self.operations[0]} array operations>"
