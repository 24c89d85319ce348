"""The operations as methods of a Value: ``v.tanh()``, ``v.maximum(w)``.

`python -m demos.operations --write` writes the lines from the table of rules, so that an editor and a type checker see
them. NumPy uses the methods too: ``np.exp(v)`` is ``v.exp()``.
"""

from __future__ import annotations

from engine import primitives
from engine.node import of_one, of_some, of_two


class Methods:
    """A method for every operation that is no operator."""

    __slots__ = ()

    # operations: written by python -m demos.operations --write
    abs = of_one(primitives.abs)
    square = of_one(primitives.square)
    sqrt = of_one(primitives.sqrt)
    exp = of_one(primitives.exp)
    exp2 = of_one(primitives.exp2)
    expm1 = of_one(primitives.expm1)
    log = of_one(primitives.log)
    log2 = of_one(primitives.log2)
    log10 = of_one(primitives.log10)
    log1p = of_one(primitives.log1p)
    erf = of_one(primitives.erf)
    erfc = of_one(primitives.erfc)
    sin = of_one(primitives.sin)
    cos = of_one(primitives.cos)
    tan = of_one(primitives.tan)
    arcsin = of_one(primitives.arcsin)
    arccos = of_one(primitives.arccos)
    arctan = of_one(primitives.arctan)
    arctan2 = of_two(primitives.arctan2)
    hypot = of_two(primitives.hypot)
    radians = of_one(primitives.radians)
    degrees = of_one(primitives.degrees)
    sinc = of_one(primitives.sinc)
    sinh = of_one(primitives.sinh)
    cosh = of_one(primitives.cosh)
    tanh = of_one(primitives.tanh)
    arcsinh = of_one(primitives.arcsinh)
    arccosh = of_one(primitives.arccosh)
    arctanh = of_one(primitives.arctanh)
    sigmoid = of_one(primitives.sigmoid)
    relu = of_one(primitives.relu)
    leaky_relu = of_some(primitives.leaky_relu)
    elu = of_some(primitives.elu)
    selu = of_one(primitives.selu)
    softplus = of_one(primitives.softplus)
    logaddexp = of_two(primitives.logaddexp)
    silu = of_one(primitives.silu)
    swish = of_one(primitives.silu)
    mish = of_one(primitives.mish)
    gelu = of_one(primitives.gelu)
    softsign = of_one(primitives.softsign)
    hardtanh = of_one(primitives.hardtanh)
    sign = of_one(primitives.sign)
    floor = of_one(primitives.floor)
    ceil = of_one(primitives.ceil)
    round = of_one(primitives.round)
    less = of_two(primitives.less)
    less_equal = of_two(primitives.less_equal)
    greater = of_two(primitives.greater)
    greater_equal = of_two(primitives.greater_equal)
    equal = of_two(primitives.equal)
    not_equal = of_two(primitives.not_equal)
    logical_and = of_two(primitives.logical_and)
    logical_or = of_two(primitives.logical_or)
    logical_not = of_one(primitives.logical_not)
    maximum = of_two(primitives.maximum)
    minimum = of_two(primitives.minimum)
    clip = of_some(primitives.clip)
    # end of operations
