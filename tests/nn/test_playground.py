"""What a playground measures beside the loss: `nn.accuracy`, in the engine's operations."""

import itertools
import math

import pytest

from nn import accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge
from nn.playground import _is_right

NUMBERS = (-1.5, 0.0, 2.0)


def right(output, target, loss, **options):
    return float(_is_right(output, target, loss)), accuracy(output if len(output) > 1 else output[0], target, **options)


def test_of_classes_the_first_of_the_largest_counts():
    for output in itertools.product(NUMBERS, repeat=3):
        for target in range(3):
            measured, true = right([*output], target, cross_entropy)
            assert measured == true, (output, target)
            one_hot = [float(k == target) for k in range(3)]
            assert right([*output], one_hot, cross_entropy) == (true, true)
    assert _is_right([math.nan, 1.0, 0.0], 1, cross_entropy) == 0.0


@pytest.mark.parametrize(("loss", "targets"), [(hinge, (-1.0, 1.0)), (binary_cross_entropy_with_logits, (0.0, 1.0))])
def test_of_two_classes_the_score_counts(loss, targets):
    for output, target in itertools.product(NUMBERS, targets):
        measured = float(_is_right([output], target, loss))
        assert measured == float((output > 0) == (target == 1.0))
