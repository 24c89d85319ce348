"""The same programs in CasADi: one more reading of the rules, whose operations make CasADi's scalar expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from demos.benchmark.native.problems import Problem
from engine import Value
from engine.graph import topological_order
from engine.operand import Operators
from engine.primitive import Elementary, Primitive

MOST_NODES = 30_000  # of more, CasADi takes minutes for the gradient


class TooLarge(Exception):  # noqa: N818  not an error: it is left out
    """A program that is not given to CasADi."""


class Expression(Operators):
    """An expression of CasADi, as an operand."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        if not isinstance(primitive, Elementary):
            return primitive.rule(*operands)[0]
        return Expression(_written(primitive.name, *[x.of if isinstance(x, Expression) else x for x in operands]))


def _written(name: str, *operands: Any) -> Any:
    """An elementary operation on expressions and numbers."""
    import casadi

    if name in ("dot", "weighted_sum"):
        n = len(operands) // 2
        products = [x * y for x, y in zip(operands[:n], operands[n:])]
        return sum(products[1:], products[0]) + (operands[-1] if name == "weighted_sum" else 0.0)
    return _OPERATIONS[name](casadi, *operands)


def _named(name: str) -> Callable[..., Any]:
    return lambda casadi, *operands: getattr(casadi, name)(*operands)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda _, x, y: x + y,
    "sub": lambda _, x, y: x - y,
    "mul": lambda _, x, y: x * y,
    "div": lambda _, x, y: x / y,
    "neg": lambda _, x: -x,
    "pow": lambda _, x, y: x**y,
    "less": lambda _, x, y: x < y,
    "less_equal": lambda _, x, y: x <= y,
    "greater": lambda _, x, y: x > y,
    "greater_equal": lambda _, x, y: x >= y,
    "square": lambda _, x: x * x,
    "power": lambda _, x, n: x**n,
    "where": lambda casadi, c, x, y: casadi.if_else(c, x, y),
    "sum": lambda _, *xs: sum(xs[1:], xs[0]),
    "sigmoid": lambda casadi, x: 1.0 / (1.0 + casadi.exp(-x)),
    "erfc": lambda casadi, x: 1.0 - casadi.erf(x),
    "maximum": _named("fmax"),
    "minimum": _named("fmin"),
    **{name: _named(name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "erf")},
    "logsumexp": lambda casadi, *xs: casadi.logsumexp(casadi.vertcat(*xs)),
}


class InCasADi:
    """A problem as a function of CasADi's virtual machine: value and gradient of one row."""

    def __init__(self, problem: Problem) -> None:
        import casadi

        self._inputs = [np.ravel(argument[0]) for argument in problem.arguments]
        given = [[Value(float(x)) for x in numbers] for numbers in self._inputs]
        shaped = [_shaped(numbers, argument.shape[1:]) for numbers, argument in zip(given, problem.arguments)]
        order = topological_order(problem.cost(*shaped))
        if len(order) > MOST_NODES:
            raise TooLarge(f"{problem.title} has {len(order):,} nodes")
        symbols = [casadi.SX.sym("a", len(numbers)) for numbers in (problem.parameters, *given)]
        found = {
            leaf: Expression(symbol[k])
            for numbers, symbol in zip((problem.parameters, *given), symbols)
            for k, leaf in enumerate(numbers)
        }
        for node in order:
            if node not in found:
                found[node] = _of_node(node, [found[parent] for parent in node._parents])
        cost = found[order[-1]].of
        self.function = casadi.Function("f", symbols, [cost, casadi.densify(casadi.gradient(cost, symbols[0]))])
        self._parameters = np.array([p.data for p in problem.parameters])

    def call(self) -> Any:
        """Call it as CasADi is usually called: numbers in, value and gradient out."""
        return self.function(self._parameters, *self._inputs)

    def buffered(self) -> tuple[Callable[[], Any], Any, Any]:
        """The call that takes and leaves numbers where they are; where it leaves value and gradient."""
        buffer, evaluate = self.function.buffer()
        value, gradient = np.zeros(1), np.zeros(len(self._parameters))
        for k, numbers in enumerate((self._parameters, *self._inputs)):
            buffer.set_arg(k, memoryview(numbers))
        for k, numbers in enumerate((value, gradient)):
            buffer.set_res(k, memoryview(numbers))
        evaluate.kept = buffer, self, value, gradient  # CasADi has their addresses alone
        return evaluate, value, gradient


def _of_node(node: Value, operands: list[Any]) -> Any:
    """A node of the eager graph as an expression; a constant as its number."""
    if node.op is None:
        return node.data
    return node.op(*operands)


def _shaped(numbers: list[Value], shape: tuple[int, ...]) -> Any:
    """One row's numbers in the lists that the program takes."""
    if not shape:
        return numbers[0]
    if len(shape) == 1:
        return numbers
    size = len(numbers) // shape[0]
    return [_shaped(numbers[k * size : (k + 1) * size], shape[1:]) for k in range(shape[0])]
