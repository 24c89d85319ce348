"""How each term is written in LLVM's text: one number, or a vector with a number in every lane.

No flag lets LLVM compute with less care, so nan, infinities and signs of zero are IEEE 754's. Only the sums of products
of matrix products may take product and sum in one rounding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

from engine.lifting.native.functions import OF_C, OWN
from engine.lifting.native.terms import COMPARISONS

INFIX = {
    "add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv",
    "product": "fmul contract", "add_product": "fadd contract",
}  # fmt: skip
COMPARED = dict(
    zip(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), "olt ole ogt oge oeq une".split())
)
INTRINSICS = {"abs": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "round": "rint", "copysign": "copysign"}

assert {*COMPARED} == COMPARISONS


class Kind:
    """Numbers of so many lanes: their types, and their constants."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.number, self.truth, self.bits = map(self._type, ("double", "i1", "i64"))
        self.suffix = "f64" if lanes == 1 else f"v{lanes}f64"

    def _type(self, of_lane: str) -> str:
        return of_lane if self.lanes == 1 else f"<{self.lanes} x {of_lane}>"

    def constant(self, number: float) -> str:
        """A plain number, in all lanes."""
        return self._all("double", f"0x{struct.pack('>d', number).hex().upper()}")

    def whole(self, number: int) -> str:
        """A whole number, in all lanes."""
        return self._all("i64", str(number))

    def _all(self, of_lane: str, text: str) -> str:
        return text if self.lanes == 1 else f"<{', '.join([f'{of_lane} {text}'] * self.lanes)}>"


SCALAR = Kind(1)

MAGIC = 1.5 * 2.0**52  # added to a small whole number, this puts it into the lowest bits
MANTISSA, ONE, TWO_52 = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 0x4330000000000000


def called(op: str, kind: Kind) -> str:
    """The name of the function that an operation calls; "" if it calls none."""
    return f"@{op}.{kind.suffix}" if op in OWN or op in OF_C else ""


def written(op: str, name: str, operands: Sequence[str], kind: Kind, truths: Sequence[bool]) -> list[str]:
    """The lines that give `name` the operation's result; `truths` says which operands are true or false."""
    number, (x, *others) = kind.number, operands
    if op in INFIX:
        return [f"{name} = {INFIX[op]} {number} {x}, {others[0]}"]
    if op in COMPARED:
        return [f"{name} = fcmp {COMPARED[op]} {number} {x}, {others[0]}"]
    if op in ("and", "or"):
        return [f"{name} = {op} {kind.truth} {x}, {others[0]}"]
    if op in INTRINSICS:
        arguments = ", ".join([f"{number} {operand}" for operand in operands])
        return [f"{name} = call {number} @llvm.{INTRINSICS[op]}.{kind.suffix}({arguments})"]
    if called(op, kind):
        arguments = ", ".join([f"{number} {operand}" for operand in operands])
        return [f"{name} = call {number} {called(op, kind)}({arguments})"]
    if op == "where":
        lines = []
        if not truths[0]:
            lines.append(f"{name}.c = fcmp une {number} {x}, {kind.constant(0.0)}")
            x = f"{name}.c"
        return [*lines, f"{name} = select {kind.truth} {x}, {number} {others[0]}, {number} {others[1]}"]
    return _WRITERS[op](name, x, kind)


def _neg(name: str, x: str, kind: Kind) -> list[str]:
    return [f"{name} = fneg {kind.number} {x}"]


def _number(name: str, x: str, kind: Kind) -> list[str]:
    one, zero = kind.constant(1.0), kind.constant(0.0)
    return [f"{name} = select {kind.truth} {x}, {kind.number} {one}, {kind.number} {zero}"]


def _power_of_2(name: str, x: str, kind: Kind) -> list[str]:
    """2 to a whole power: its exponent, put where a number has its own."""
    return [
        f"{name}.m = fadd {kind.number} {x}, {kind.constant(MAGIC + 1023.0)}",
        f"{name}.i = bitcast {kind.number} {name}.m to {kind.bits}",
        f"{name}.s = shl {kind.bits} {name}.i, {kind.whole(52)}",
        f"{name} = bitcast {kind.bits} {name}.s to {kind.number}",
    ]


def _exponent(name: str, x: str, kind: Kind) -> list[str]:
    """E of x = 2^E (1 + f)."""
    return [
        f"{name}.i = bitcast {kind.number} {x} to {kind.bits}",
        f"{name}.s = lshr {kind.bits} {name}.i, {kind.whole(52)}",
        f"{name}.o = or {kind.bits} {name}.s, {kind.whole(TWO_52)}",
        f"{name}.n = bitcast {kind.bits} {name}.o to {kind.number}",
        f"{name} = fsub {kind.number} {name}.n, {kind.constant(2.0**52 + 1023.0)}",
    ]


def _mantissa(name: str, x: str, kind: Kind) -> list[str]:
    """1 + f of x = 2^E (1 + f)."""
    return [
        f"{name}.i = bitcast {kind.number} {x} to {kind.bits}",
        f"{name}.a = and {kind.bits} {name}.i, {kind.whole(MANTISSA)}",
        f"{name}.o = or {kind.bits} {name}.a, {kind.whole(ONE)}",
        f"{name} = bitcast {kind.bits} {name}.o to {kind.number}",
    ]


_WRITERS: Mapping[str, Callable[[str, str, Kind], list[str]]] = {
    "neg": _neg,
    "number": _number,
    "power_of_2": _power_of_2,
    "exponent": _exponent,
    "mantissa": _mantissa,
}
