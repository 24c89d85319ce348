"""What a rule may be read with.

A rule is written once, in Python's operators and the engine's functions, and read with different kinds of operands:

- floats: the rule computes a number, and its pullback the contributions to an adjoint;
- `engine.Value`: the rule builds a graph, so that a derivative can be differentiated again;
- arrays that will be computed (`engine.lifting.arrays`): the rule becomes array code;
- expressions of a page (`engine.render.walkthrough`): the rule becomes JavaScript;
- whatever else is an `Operand`: symbols to prove a rule with, numbers that count their multiplications.

This is the idea that keeps every derivative in one place. A new reading is a class with one method, `__primitive__`,
and Python's operators, which `Operators` derives from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from engine import primitives

if TYPE_CHECKING:
    from engine.primitive import Primitive


@runtime_checkable
class Operand(Protocol):
    """What a rule may be read with, beside floats."""

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        """The result of `primitive` on `operands` in this reading.

        Every operation on this operand comes here: those of Python's operators and of the engine's functions.

        Args:
            primitive: what is computed.
            operands: at least one of them is of this class; the others may be plain numbers.

        An elementary primitive (`engine.primitive.Elementary`) is to be written down as an operation of the reading;
        of any other ``primitive.rule(*operands)[0]`` is its value, composed of elementary ones.
        """


class Operators:
    """Python's operators in terms of `__primitive__`, for readings: an operator and a function are one operation.

    `Value` has operators of its own, which a type checker and a reader see one by one and which are faster.
    """

    __slots__ = ()

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say what {primitive.name} is in its reading")

    def __bool__(self) -> bool:
        raise TypeError("a Python branch while a rule is read: choose with engine.where(condition, a, b)")

    def __add__(self, other: Any) -> Any:
        return self.__primitive__(primitives.add, (self, other))

    def __radd__(self, other: Any) -> Any:
        return self.__primitive__(primitives.add, (other, self))

    def __sub__(self, other: Any) -> Any:
        return self.__primitive__(primitives.sub, (self, other))

    def __rsub__(self, other: Any) -> Any:
        return self.__primitive__(primitives.sub, (other, self))

    def __mul__(self, other: Any) -> Any:
        return self.__primitive__(primitives.mul, (self, other))

    def __rmul__(self, other: Any) -> Any:
        return self.__primitive__(primitives.mul, (other, self))

    def __truediv__(self, other: Any) -> Any:
        return self.__primitive__(primitives.div, (self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return self.__primitive__(primitives.div, (other, self))

    def __mod__(self, other: Any) -> Any:
        return self.__primitive__(primitives.remainder, (self, other))

    def __rmod__(self, other: Any) -> Any:
        return self.__primitive__(primitives.remainder, (other, self))

    def __floordiv__(self, other: Any) -> Any:
        return self.__primitive__(primitives.floor_divide, (self, other))

    def __rfloordiv__(self, other: Any) -> Any:
        return self.__primitive__(primitives.floor_divide, (other, self))

    def __pow__(self, other: Any) -> Any:
        return self.__primitive__(primitives.pow, (self, other))

    def __rpow__(self, other: Any) -> Any:
        return self.__primitive__(primitives.pow, (other, self))

    def __neg__(self) -> Any:
        return self.__primitive__(primitives.neg, (self,))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.__primitive__(primitives.abs, (self,))
