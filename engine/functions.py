"""The engine's functions: of numbers, and of lists of numbers.

On plain numbers they return plain numbers, on Values (or a mixture) a Value. Those of numbers are the methods of a
Value under the same name; those of lists are in `engine.lists`.
"""

from __future__ import annotations

from typing import Protocol, cast, overload

from engine import node, primitives
from engine.lists import cumsum as cumsum
from engine.lists import dot as dot
from engine.lists import log_softmax as log_softmax
from engine.lists import logsumexp as logsumexp
from engine.lists import max as max
from engine.lists import mean as mean
from engine.lists import min as min
from engine.lists import norm2 as norm2
from engine.lists import prod as prod
from engine.lists import softmax as softmax
from engine.lists import std as std
from engine.lists import sum as sum
from engine.lists import var as var
from engine.lists import weighted_sum as weighted_sum
from engine.lookup import take as take
from engine.methods import Methods
from engine.value import Number, Value


class OfOne(Protocol):
    """A function of one number."""

    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, /) -> Value: ...


class OfOneOrTwo(Protocol):
    """A function of one number, and of another that may be left out."""

    @overload
    def __call__(self, x: float, parameter: float = ..., /, **named: float) -> float: ...
    @overload
    def __call__(self, x: Value, parameter: Number = ..., /, **named: Number) -> Value: ...
    @overload
    def __call__(self, x: float, parameter: Value, /) -> Value: ...


class OfOneToThree(Protocol):
    """A function of one number, and of two others that may be left out."""

    @overload
    def __call__(self, x: float, y: float = ..., z: float = ..., /, **named: float) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number = ..., z: Number = ..., /, **named: Number) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, z: Number = ..., /) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, z: Value, /) -> Value: ...


class OfTwo(Protocol):
    """A function of two numbers."""

    @overload
    def __call__(self, x: float, y: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, /) -> Value: ...


class OfThree(Protocol):
    """A function of three numbers."""

    @overload
    def __call__(self, x: float, y: float, z: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number, z: Number, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, z: Number, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, z: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, /, **named: float) -> float: ...
    @overload
    def __call__(self, x: Value, /, **named: Number) -> Value: ...


# A method is a function of numbers too; each has its type here.

# operations: written by python -m demos.operations --write
abs = cast(OfOne, Methods.abs)
square = cast(OfOne, Methods.square)
sqrt = cast(OfOne, Methods.sqrt)
exp = cast(OfOne, Methods.exp)
exp2 = cast(OfOne, Methods.exp2)
expm1 = cast(OfOne, Methods.expm1)
log = cast(OfOne, Methods.log)
log2 = cast(OfOne, Methods.log2)
log10 = cast(OfOne, Methods.log10)
log1p = cast(OfOne, Methods.log1p)
erf = cast(OfOne, Methods.erf)
erfc = cast(OfOne, Methods.erfc)
sin = cast(OfOne, Methods.sin)
cos = cast(OfOne, Methods.cos)
tan = cast(OfOne, Methods.tan)
arcsin = cast(OfOne, Methods.arcsin)
arccos = cast(OfOne, Methods.arccos)
arctan = cast(OfOne, Methods.arctan)
arctan2 = cast(OfTwo, Methods.arctan2)
hypot = cast(OfTwo, Methods.hypot)
radians = cast(OfOne, Methods.radians)
degrees = cast(OfOne, Methods.degrees)
sinc = cast(OfOne, Methods.sinc)
sinh = cast(OfOne, Methods.sinh)
cosh = cast(OfOne, Methods.cosh)
tanh = cast(OfOne, Methods.tanh)
arcsinh = cast(OfOne, Methods.arcsinh)
arccosh = cast(OfOne, Methods.arccosh)
arctanh = cast(OfOne, Methods.arctanh)
sigmoid = cast(OfOne, Methods.sigmoid)
relu = cast(OfOne, Methods.relu)
leaky_relu = cast(OfOneOrTwo, Methods.leaky_relu)
elu = cast(OfOneOrTwo, Methods.elu)
selu = cast(OfOne, Methods.selu)
softplus = cast(OfOne, Methods.softplus)
logaddexp = cast(OfTwo, Methods.logaddexp)
silu = cast(OfOne, Methods.silu)
swish = cast(OfOne, Methods.silu)
mish = cast(OfOne, Methods.mish)
gelu = cast(OfOne, Methods.gelu)
softsign = cast(OfOne, Methods.softsign)
hardtanh = cast(OfOne, Methods.hardtanh)
sign = cast(OfOne, Methods.sign)
floor = cast(OfOne, Methods.floor)
ceil = cast(OfOne, Methods.ceil)
round = cast(OfOne, Methods.round)
less = cast(OfTwo, Methods.less)
less_equal = cast(OfTwo, Methods.less_equal)
greater = cast(OfTwo, Methods.greater)
greater_equal = cast(OfTwo, Methods.greater_equal)
equal = cast(OfTwo, Methods.equal)
not_equal = cast(OfTwo, Methods.not_equal)
logical_and = cast(OfTwo, Methods.logical_and)
logical_or = cast(OfTwo, Methods.logical_or)
logical_not = cast(OfOne, Methods.logical_not)
maximum = cast(OfTwo, Methods.maximum)
minimum = cast(OfTwo, Methods.minimum)
where = cast(OfThree, node.of_some(primitives.where))
clip = cast(OfOneToThree, Methods.clip)

__all__ = [  # noqa: RUF022  in the order of the rules
    "abs",
    "square",
    "sqrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "erf",
    "erfc",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "hypot",
    "radians",
    "degrees",
    "sinc",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "sigmoid",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "logaddexp",
    "silu",
    "swish",
    "mish",
    "gelu",
    "softsign",
    "hardtanh",
    "sign",
    "floor",
    "ceil",
    "round",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "logical_and",
    "logical_or",
    "logical_not",
    "maximum",
    "minimum",
    "where",
    "clip",
    "sum",
    "mean",
    "prod",
    "take",
    "cumsum",
    "var",
    "std",
    "dot",
    "weighted_sum",
    "norm2",
    "logsumexp",
    "softmax",
    "log_softmax",
    "max",
    "min",
]
# end of operations
