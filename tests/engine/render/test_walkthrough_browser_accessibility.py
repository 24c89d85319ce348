"""The page by axe-core's rules, on a page and on a phone, light and dark."""

import pytest

from engine import Value, primitive, tanh
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from accessibility import found_by_axe
from browser_pages import expression
from selenium.webdriver.common.keys import Keys


@pytest.fixture
def violations(show):
    """Those of the page of a Value."""
    return lambda value, *keys, **options: found_by_axe(show(value, **options).browser, keys)


def test_no_violation(violations):
    assert violations(expression(), Keys.ARROW_RIGHT, Keys.END) == []


def test_no_violation_in_a_network_that_is_folded(violations):
    model = MLP(2, [8, 8, 1], seed=0)
    assert violations(model([0.5, -1.0]), Keys.END, params=dict(model.named_parameters())) == []


def test_no_violation_where_nothing_can_be_edited(violations):
    @primitive
    def odd(x):
        return x * 2.0 if x > 0.0 else x, lambda g: (g,)

    assert violations(tanh(odd(Value(1.5, "x"))), Keys.END) == []


def test_no_violation_in_the_gallery(browser, tmp_path):
    from demos import graphs

    browser.get(graphs.write(tmp_path)[-1].as_uri())
    assert found_by_axe(browser) == []
