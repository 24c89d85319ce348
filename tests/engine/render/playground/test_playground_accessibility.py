"""The page by axe-core's rules, at both widths, light and dark, whatever is open in it."""

import random

import pytest

from demos.playground import moons
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from accessibility import found_by_axe


@pytest.mark.slow
@pytest.mark.parametrize(
    "shown",
    [
        "byId('change-network').click(); byId('break').click(); choose({ kind: 'weight', unit: 3, edge: 0 });",
        "stepOn(3); document.querySelector('[data-inspect=graph]').click(); steps.through.go(9);",
        "play(true); play(false); choose({ kind: 'unit', unit: 3 }); byId('show-equations').click();",
    ],
    ids=["controls", "graph", "equations"],
)
def test_no_violation(open_playground, browser, shown):
    run = open_playground(MLP(2, [3, 2, 1], activation="tanh", seed=0), moons(random.Random(0))[:40], validation=0.2)
    run(shown)
    assert found_by_axe(browser) == []
