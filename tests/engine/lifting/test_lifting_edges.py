"""Every primitive at its edges, compiled, against recorded PyTorch numbers."""

import pytest
from recorded_edges import OURS, TORCH, agrees, cases_of

from engine import Value, compile

# x + y of parameters becomes an array's sum, which starts from 0.0 in NumPy as in PyTorch. Of zeros of opposite sign
# maximum and minimum give either one: in PyTorch the first or the second, by where they lie in an array.
SIGN_OF_ZERO = {("add", "[-0.0, -0.0]")} | {
    (n, z) for n in ("maximum", "minimum") for z in ("[-0.0, 0.0]", "[0.0, -0.0]")
}


@pytest.mark.parametrize("name", OURS)
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
        if (name, repr(operands)) in SIGN_OF_ZERO:
            assert value == expected[0] == 0.0
            value = expected[0]
        if not agrees(value, derivatives, expected):
            wrong.append(f"{name}{(*operands,)} is {value}, {derivatives}; PyTorch {TORCH}: {expected}")
    assert not wrong, "\n".join(wrong)
