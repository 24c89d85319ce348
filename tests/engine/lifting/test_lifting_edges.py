"""Every primitive at its edges, compiled, against recorded PyTorch numbers."""

import pytest
from recorded_edges import OURS, RECORDED, TORCH, agrees, cases_of

from engine import Value, compile

SMALLEST = 2.2250738585072014e-308  # a normal number: below it array libraries may have 0

SUMS = {
    "add": lambda x, y: [x, y],
    "sum": lambda *xs: [*xs],
    "dot": lambda *operands: [x * y for x, y in zip(operands, operands[len(operands) // 2 :])],
    "weighted_sum": lambda *operands: [*SUMS["dot"](*operands[:-1]), operands[-1]],
}


def has_either_zero(name, operands):
    """Whether the value is a zero whose sign depends on how arrays do it, also in PyTorch.

    A sum of negative zeros alone: added to one another they are -0.0, as an array's sum, which starts from 0.0, they
    are 0.0. The larger or smaller of zeros of opposite sign: the first or the second, by where they lie in an array.
    """
    if name in SUMS:
        return {*map(repr, SUMS[name](*operands))} == {"-0.0"}
    texts = {*map(repr, operands)}
    if name == "clip":
        return texts >= {"0.0", "-0.0"} and "nan" not in texts
    return name in ("maximum", "minimum", "max", "min") and texts == {"0.0", "-0.0"}


@pytest.mark.parametrize("name", RECORDED)
def test_compiled_value_and_gradient_are_those_of_pytorch(name):
    wrong, compiled = [], {}
    for operands, expected in cases_of(name):
        if len(operands) not in compiled:
            leaves = [Value(0.5 + k) for k in range(len(operands))]
            compiled[len(operands)] = leaves, compile(OURS[name](*leaves))
        leaves, again = compiled[len(operands)]
        for leaf, number in zip(leaves, operands):
            leaf.data, leaf.grad = number, None
        value = again()
        again.backward()
        derivatives = [leaf.grad for leaf in leaves]
        if has_either_zero(name, operands):
            assert value == expected[0] == 0.0
            value = expected[0]
        if 0.0 < expected[0] < SMALLEST and value == 0.0:
            value = expected[0]
        if not agrees(value, derivatives, expected):
            wrong.append(f"{name}{(*operands,)} is {value}, {derivatives}; PyTorch {TORCH}: {expected}")
    assert not wrong, "\n".join(wrong)
