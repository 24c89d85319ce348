"""Numbers that count the multiplications done with them."""

from __future__ import annotations

from demos.why_backprop.circuit import Circuit, Number
from demos.why_backprop.four_ways import Method
from engine.operand import Operators
from engine.primitives import Elementary, Primitive


class Meter:
    """How many multiplications there were; a division is one too."""

    def __init__(self) -> None:
        self.multiplications = 0


class Counted(Operators):
    """A number that counts the multiplications done with it. Rules work on it as they do on floats."""

    __slots__ = ("data", "meter")

    def __init__(self, data: float, meter: Meter) -> None:
        self.data, self.meter = data, meter

    def _made(self, data: float, multiplications: int = 0) -> Counted:
        self.meter.multiplications += multiplications
        return Counted(data, self.meter)

    def __primitive__(self, primitive: Primitive, operands: tuple[Number, ...]) -> Counted:
        """Every operation on this number: here, compute and count."""
        if not isinstance(primitive, Elementary):
            return primitive.rule(*operands)[0]  # type: ignore[no-any-return]
        if primitive.takes_any_number:
            products = len(operands) // 2 if primitive.name in ("weighted_sum", "dot") else 0
        else:  # the slopes of tanh and sigmoid, 1 - a * a and a * (1 - a), are a product each
            products = int(primitive.name in ("mul", "div", "sech2", "sigmoid_slope"))
        return self._made(primitive(*map(_float, operands)), products)


def _float(number: Number) -> float:
    return number.data if isinstance(number, Counted) else number


def multiplications(method: Method, circuit: Circuit) -> int:
    """How many multiplications a method needs for the gradient."""
    meter = Meter()
    method(circuit, [Counted(number, meter) for number in circuit.numbers])
    return meter.multiplications
