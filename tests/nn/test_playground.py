"""What a playground measures beside the loss: `nn.accuracy`, in the engine's operations; what it keeps for the next."""

import itertools
import math

import pytest

from nn import MLP, accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge, squared_error
from nn.network_templates import architecture
from nn.playground import _is_right, _traced

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


def test_the_templates_of_nns_losses_are_kept_those_of_ones_own_are_not():
    model, pair, scale = MLP(2, [3, 1], seed=0), ([0.5, 1.0], 1.0), [2.0]

    def own(output, y):
        return squared_error(output, y) * scale[0]

    before = architecture(model, own, _traced, pair, 0)
    scale[0] = 3.0
    after = architecture(model, own, _traced, pair, 0)
    for k, equations in enumerate(before.equations):
        assert "* 2.0" in equations
        assert after.equations[k] == equations.replace("2.0", "3.0")
    kept = [architecture(model, squared_error, _traced, pair, 0).programs for _ in range(2)]
    assert kept[0] == kept[1]
    assert kept[0][1] is kept[1][1]
    listed = architecture(model, squared_error, _traced, ([0.5, 1.0], [1.0]), 0)  # another structure
    assert listed.programs[1] is not kept[0][1]
