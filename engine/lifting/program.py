"""A lifted graph, ready to run: two readable functions over arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.lifting.arrays import Array
from engine.lifting.parameters import Parameters, in_arrays
from engine.lifting.syntax import Statement
from engine.value import Value

if TYPE_CHECKING:
    import graphviz

    from engine.lifting.native.backend import NativeProgram
    from engine.lifting.native.listing import NativeListing
    from engine.mathematics.latex import Latex


def check_has_parameters(program: Program) -> None:
    """ValueError for a program without parameters, of which derivatives with respect to them are asked."""
    if not program.parameters:
        raise ValueError(
            "there is nothing to differentiate with respect to: without argnums gradients are those of the Values that "
            "a function uses from outside, its parameters; argnums=0 asks for those of the first argument"
        )


@dataclass(frozen=True, eq=False)
class ArrayProgram:
    """The array graph of a program.

    Attributes:
        parameters: the parameter arrays.
        inputs: the argument arrays.
        output: the outputs' numbers.
        gradients: the gradient of each parameter array, or of the arguments that it is asked for; None where there are
            several outputs.
    """

    parameters: list[Array]
    inputs: list[Array]
    output: Array
    gradients: list[Array] | None

    @property
    def shared(self) -> list[Array]:
        """The arguments that all rows share."""
        return [array for array in self.inputs if not array.batched]

    @property
    def with_rows(self) -> list[Array]:
        """The other ones."""
        return [array for array in self.inputs if array.batched]


@dataclass(repr=False, eq=False)
class Program:
    """What a scalar graph was lifted into. `print` it to read it.

    Attributes:
        source: the Python text: a function `value`, and for a single output `value_and_gradients`.
        scalar_nodes: how many nodes the scalar graph had.
        operations: how many array operations compute the value, and the value and gradients.
        parameters: the Values the gradients belong to, in the order of the arrays W1, b1, ...
        parameter_shapes: of those arrays.
        functions: the functions of the source by name, ready to call.
        statements: the lines of each of them.
        shapes: of the parameter and argument arrays, by name.
        constants: the arrays of numbers and of indices that the source names.
        dtype: the precision it computes in, "float64" or "float32".
        shared: the numbers of the arguments that all rows share; the functions take them after the parameters.
        numbers_per_row: how many numbers a row of a batch takes while the program runs, at most.
        calls: how many calls of array operations that is, those of loops in all their turns.
        computed: how many numbers those calls compute for a row.
        loops: how many loops it has, not counting loops in loops.
        arrays: the array graph, which other backends than those of arrays read.
        argument_names: what the function calls its arguments, "" for one without a name of its own.
        kept: the parameters' numbers.
        native_program: its native code; None where nothing has been run as that.
    """

    source: str
    scalar_nodes: int
    operations: tuple[int, int]
    parameters: list[Value]
    parameter_shapes: list[tuple[int, ...]]
    functions: dict[str, Callable[..., Any]]
    statements: dict[str, list[Statement]]
    shapes: dict[str, str]
    constants: dict[str, Any]
    dtype: str
    shared: list[int]
    numbers_per_row: int
    calls: int
    computed: int
    loops: int
    arrays: ArrayProgram
    argument_names: list[str] = field(default_factory=list)
    kept: Parameters = field(init=False)
    native_program: NativeProgram | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.kept = Parameters(self.parameters)
        self._numbers: Any = None
        self._arrays: list[Any] = []

    def parameter_arrays(self) -> list[Any]:
        """The present numbers of the parameters, in arrays of their own."""
        return [array.copy() for array in self.present_arrays()]

    def present_arrays(self) -> list[Any]:
        """The same, not to be written to: the same arrays again if no number has changed."""
        numbers = in_arrays(self.kept).data()
        if numbers is self._numbers:
            return self._arrays
        known, numbers = numbers, numbers.astype(self.dtype, copy=False)
        end, arrays = 0, []
        for shape in self.parameter_shapes:
            start, end = end, end + math.prod(shape)
            arrays.append(numbers[start:end].reshape(shape))
        self._numbers, self._arrays = None, arrays  # of two threads one may come between
        self._numbers = known
        return arrays

    @property
    def value(self) -> Callable[..., Any]:
        """The function that computes the outputs."""
        return self.functions["value"]

    @property
    def value_and_gradients(self) -> Callable[..., Any]:
        """The function that computes the only output and the gradient for each parameter array."""
        return self.functions["value_and_gradients"]

    def draw(self, *, gradients: bool = False, direction: str = "LR") -> graphviz.Digraph:
        """The lifted graph as a `graphviz.Digraph`: an array a node, with the line that computes it.

        Args:
            gradients: draw the gradients as well, in a lane of their own below, from right to left.
            direction: where the arrows point without gradients: "LR", "RL", "TB" or "BT".
        """
        from engine.lifting.diagram import draw_statements

        if gradients and "value_and_gradients" not in self.statements:
            raise ValueError("only a single number has gradients: this program computes several")
        forward = self.statements["value"]
        if not gradients:
            return draw_statements(forward, self.shapes, direction)
        both = self.statements["value_and_gradients"]
        last = max(k for k, line in enumerate(both) if line.name == forward[-1].name)
        return draw_statements(both, self.shapes, direction, last + 1)

    @property
    def native(self) -> NativeListing:
        """The native code that has been made of the program so far: `print` it for LLVM's text.

        Its `assembly` is that of this processor. ValueError for a program that does not run as native code.
        """
        if self.native_program is None:
            raise ValueError('this program does not run as native code: compile the function with backend="native"')
        return self.native_program.listing()

    def latex(self) -> Latex:
        r"""The equations in LaTeX, in the article's notation: W^{(l)}, z^{(l)}, \delta^{(l)}; a notebook sets them.

        Of the value, and where the program has them of the gradients. Parameters go by their labels, and arguments by
        their names, where these are no other array's.
        """
        from engine.mathematics.program_equations import program_latex

        return program_latex(self)

    def _repr_latex_(self) -> str:
        return self.latex()._repr_latex_()

    def _repr_svg_(self) -> str:
        return self.draw().pipe(format="svg", encoding="utf-8")  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        loops = f", {self.loops} loop{'s' * (self.loops > 1)}" if self.loops else ""
        single = f", {self.dtype}" if self.dtype != "float64" else ""
        return f"<program: {self.scalar_nodes} scalar nodes in {self.operations[0]} array operations{loops}{single}>"
