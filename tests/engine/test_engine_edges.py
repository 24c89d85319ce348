"""Every primitive at its edges (infinities, zeros of both signs, kinks, ties, nan) against recorded PyTorch numbers."""

import pytest
from recorded_edges import DIFFERENT, EXPECTED, OURS, RECORDED, TORCH, agrees, cases_of

from engine import Value, grad


def computed(name, operands):
    """The value, and the derivatives as `backward` leaves them."""
    leaves = [Value(x) for x in operands]
    y = OURS[name](*leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def computed_as_graphs(name, operands):
    """The value, and the derivatives as `grad` builds them."""
    leaves = [Value(x) for x in operands]
    y = OURS[name](*leaves)
    return y.data, [slope.data for slope in grad(y, leaves)]


def test_what_is_recorded_is_ours():
    """An operation that PyTorch has belongs into tests/data/record_torch_edges.py; one that it has not is not there."""
    assert {*RECORDED} <= {*OURS}
    assert len(RECORDED) > 70


@pytest.mark.parametrize("way", [computed, computed_as_graphs])
@pytest.mark.parametrize("name", RECORDED)
def test_value_and_gradient_are_those_of_pytorch(name, way):
    wrong = [
        f"{name}{(*operands,)} is {way(name, operands)}; PyTorch {TORCH}: {expected}"
        for operands, expected in cases_of(name)
        if not agrees(*way(name, operands), expected)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: f"{case[0]}({', '.join(case[1])})")
def test_a_difference_on_purpose_is_one(case):
    name, operands = case
    assert not agrees(*computed(name, [float(text) for text in operands]), EXPECTED[case])
