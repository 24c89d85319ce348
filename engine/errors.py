"""What to say to someone whose numbers, rules or pullbacks are not what they should be: what it is, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.primitives import Primitive
    from engine.value import Value


def not_a_number(thing: object) -> str:
    """What to tell someone who passed `thing` where a real number belongs."""
    kind = type(thing).__name__
    if hasattr(thing, "__primitive__"):
        way_out = "it is one already: use it as it is, or v.detach() for its number alone"
    elif isinstance(thing, str):
        way_out = f"convert it with float({thing!r})" if _reads_as_number(thing) else "a label goes in label=..."
    elif isinstance(thing, (list, tuple)) or hasattr(thing, "__len__"):
        way_out = "make one Value an element: [Value(x) for x in ...]"
    elif thing is None:
        way_out = "is a return missing in a function that you call?"
    elif isinstance(thing, complex):
        way_out = "only real numbers have gradients here: take .real, .imag or abs()"
    else:
        way_out = "convert it with float(...) first"
    shown = repr(thing)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"expected a real number, got {shown} of type {kind}: {way_out}"


def not_a_rule(primitive: Primitive, returned: object) -> TypeError:
    """What to raise for a rule that returned something else than a value and its pullback."""
    return TypeError(
        f"the rule of {primitive.name} returned {returned!r}: "
        "return the value and the pullback, as in `return x * y, lambda g: (g * y, g * x)`"
    )


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_operands(primitive: Primitive, operands: Iterable[object]) -> None:
    """Raise TypeError if an operand is not a Value."""
    for k, operand in enumerate(operands, 1):
        if not hasattr(operand, "__primitive__"):
            raise TypeError(
                f"operand {k} of {primitive.name} is {operand!r} of type {type(operand).__name__}, not a Value: "
                f"call {primitive.name}(...), which takes numbers too"
            )


def parents_stay(node: Value) -> str:
    """What to tell someone who assigns the parents of a node."""
    return f"{node!r} keeps the parents that it was computed from: compute a new Value instead, as in a * b"


def made_by_hand(*arguments: object, **by_name: object) -> str:
    """What to tell someone who gives a Value its parents and derivatives, as other engines have it."""
    given = [*map(repr, arguments), *(f"{name}={thing!r}" for name, thing in by_name.items())]
    shown = ", ".join(text if len(text) <= 60 else text[:57] + "..." for text in given)
    return (
        f"Value(data, {shown}): a Value takes its number and a label; parents and derivatives come from the operation "
        f"that computes it. {_OWN_OPERATION}"
    )


def no_backward_by_hand() -> str:
    """What to tell someone who assigns _backward, as in micrograd."""
    return (
        f"_backward cannot be assigned: a Value has its pullback from the operation that computes it. {_OWN_OPERATION}"
    )


_OWN_OPERATION = """Write an operation of your own as
    from engine import primitive

    @primitive
    def square(x):
        return x * x, lambda g: (g * 2 * x,)"""


def no_float(node: Value) -> str:
    """What to tell someone who turns a Value into a float."""
    return (
        f"{node!r} does not turn into a float by itself, which would lose its gradient: "
        "use engine's functions instead of math's, as engine.sin(v), or v.data for the number alone"
    )


def no_copy(node: Value) -> str:
    """What to tell someone who copies or pickles an inner node."""
    assert node.op is not None
    return (
        f"a Value computed by {node.op.name} cannot be copied or pickled without its whole graph: "
        "copy its number with v.detach(), or its leaves, and compute it again"
    )


def no_digits(node: Value, digits: object) -> str:
    """What to tell someone who rounds to a number of digits."""
    return (
        f"round({node!r}, {digits}): a Value rounds to a whole number; to show fewer digits write f'{{v:.{digits}f}}'"
    )


def checked_label(label: object) -> str:
    """The label, if it is text. TypeError if it is not."""
    if isinstance(label, str):
        return label
    if isinstance(label, (tuple, list, set)):
        way_out = "a Value gets its operands from the operation that makes it, as in a + b"
    else:
        way_out = f"write str({label!r})"
    raise TypeError(f"a label is a str, got {label!r} of type {type(label).__name__}: {way_out}")


def check_contributions(node: Value) -> None:
    """Raise TypeError if the node's pullback does not return a number for each operand. A leaf has none."""
    if node.pullback is None:
        return
    assert node.op is not None
    returned = node.pullback(node.grad)
    check_count(node.op, returned, len(node.parents))
    for contribution in returned:
        if not isinstance(contribution, (float, int)):
            raise TypeError(f"the pullback of {node.op.name}: {not_a_number(contribution)}")


def check_all_contributions(order: Sequence[Value], leaves: Sequence[Value]) -> None:
    """Raise TypeError for the first pullback that returned something else than numbers. NumPy's become floats."""
    for node in reversed(order):  # as the adjoint pass went
        check_contributions(node)
    for node in (*order, *leaves):
        node._grad = float(node.grad)


def check_count(op: Primitive, returned: object, n: int) -> None:
    """Raise TypeError if what a pullback returned are not n contributions."""
    name = op.name
    way_out = "return a tuple with the adjoint times the local derivative for each operand"
    if not isinstance(returned, (tuple, list)):
        raise TypeError(f"the pullback of {name} returned {returned!r}, not a tuple: {way_out}")
    if len(returned) != n:
        raise TypeError(f"the pullback of {name} returned {len(returned)} contributions for {n} operands: {way_out}")
