"""Every differentiable operation, each written once: a table to be read aloud, in a file for each kind.

The rules are read with floats, Values, arrays and more (`engine.operand`); they follow PyTorch at every edge: kinks,
ties, infinities and nan. In a pullback ``y=y`` keeps the number in the function's defaults, which is lighter for
Python's garbage collector than a closure cell, and there is one pullback a node.
"""

from engine.primitive import Elementary as Elementary
from engine.primitive import Primitive as Primitive
from engine.primitive import Pullback as Pullback
from engine.primitive import Rule as Rule
from engine.primitive import Scalar as Scalar
from engine.primitive import as_float as as_float
from engine.primitive import is_real as is_real
from engine.primitive import primitive as primitive
from engine.primitive import primitive_of as primitive_of
from engine.primitives import activations, arithmetic, choosing, powers, sums, trigonometry
from engine.primitives.activations import *  # noqa: F403
from engine.primitives.arithmetic import *  # noqa: F403
from engine.primitives.choosing import *  # noqa: F403
from engine.primitives.powers import *  # noqa: F403
from engine.primitives.sums import *  # noqa: F403
from engine.primitives.trigonometry import *  # noqa: F403

OPERATIONS: dict[str, Primitive] = {
    operation.name: operation
    for table in (arithmetic, powers, trigonometry, activations, choosing, sums)
    for operation in vars(table).values()
    if isinstance(operation, Primitive) and operation.__module__ == table.__name__
}
"""All of them by name, in the order in which they are written."""
