"""Numbers that count the multiplications done with them."""

from __future__ import annotations

from demos.why_backprop.circuit import Circuit, Number
from demos.why_backprop.methods import Method
from engine import ieee754


class Meter:
    """How many multiplications there were; a division is one too."""

    def __init__(self) -> None:
        self.multiplications = 0


class Counted:
    """A number that counts the multiplications done with it. Rules work on it as they do on floats."""

    __slots__ = ("data", "meter")

    def __init__(self, data: float, meter: Meter) -> None:
        self.data, self.meter = data, meter

    def _made(self, data: float, multiplications: int = 0) -> Counted:
        self.meter.multiplications += multiplications
        return Counted(data, self.meter)

    def __add__(self, other: Number) -> Counted:
        return self._made(self.data + _float(other))

    __radd__ = __add__

    def __sub__(self, other: Number) -> Counted:
        return self._made(self.data - _float(other))

    def __rsub__(self, other: float) -> Counted:
        return self._made(other - self.data)

    def __neg__(self) -> Counted:
        return self._made(-self.data)

    def __mul__(self, other: Number) -> Counted:
        return self._made(self.data * _float(other), 1)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Counted:
        return self._made(self.data / _float(other), 1)

    def _record(self, name: str, operands: tuple[Number, ...]) -> Counted:
        """What the engine's arithmetic does with a number that is not a float: here, compute and count."""
        products = len(operands) // 2 if name in ("weighted_sum", "dot") else 0
        return self._made(getattr(ieee754, name)(*map(_float, operands)), products)


def _float(number: Number) -> float:
    return number.data if isinstance(number, Counted) else number


def multiplications(method: Method, circuit: Circuit) -> int:
    """How many multiplications a method needs for the gradient."""
    meter = Meter()
    method(circuit, [Counted(number, meter) for number in circuit.numbers])
    return meter.multiplications
