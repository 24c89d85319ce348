"""Native code gives the numbers of the other backends: networks and formulas, one row and many."""

import math

import numpy as np
import pytest

import engine
from engine import Value, compile
from nn import MLP, hinge

pytestmark = pytest.mark.usefixtures("all_native")

ROWS = [1, 3, 4, 8, 21]  # one lane, and lanes with and without room to spare


def same_on_both(f, *arguments) -> None:
    native, usual = compile(f, backend="native"), compile(f)
    np.testing.assert_allclose(native(*arguments), usual(*arguments), rtol=1e-13, atol=1e-15)
    value, gradient = native.value_and_grad(*arguments)
    expected, gradients = usual.value_and_grad(*arguments)
    assert math.isclose(value, expected, rel_tol=1e-13)
    np.testing.assert_allclose(gradient, gradients, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_network(rows: int, activation: str) -> None:
    rng = np.random.default_rng(rows)
    model = MLP(2, [16, 16, 1], activation=activation, seed=0)
    same_on_both(lambda x, y: hinge(model(x), y), rng.normal(size=(rows, 2)), rng.choice([-1.0, 1.0], size=rows))


@pytest.mark.parametrize("rows", ROWS)
def test_black_scholes(rows: int) -> None:
    rate, volatility = Value(0.03), Value(0.25)

    def price(spot, strike, years):
        width = volatility * engine.sqrt(years)
        d = (engine.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / width

        def below(x):
            return 0.5 * engine.erfc(-x / math.sqrt(2.0))

        return spot * below(d) - strike * engine.exp(-rate * years) * below(d - width)

    rng = np.random.default_rng(rows)
    same_on_both(price, *(rng.uniform(low, high, size=rows) for low, high in ((80, 120), (90, 110), (0.1, 2.0))))
