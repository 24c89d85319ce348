"""The page by axe-core's rules, on a page and on a phone, light and dark."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from engine import Value, primitive, tanh
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from browser_pages import expression, media
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

AXE = Path(*find_spec("axe_core_python").submodule_search_locations) / "axe.min.js"  # not imported: the script alone


def found_by_axe(browser, keys=()):
    """What axe finds in the page that is open, after some keys, in every theme and at both sizes."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = []
    for width, height in ((1280, 800), (390, 844)):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        for theme in ("light", "dark"):
            media(browser, prefers_color_scheme=theme, prefers_reduced_motion="reduce")
            for key in (Keys.HOME, *keys):
                browser.find_element(By.TAG_NAME, "body").send_keys(key)
                result = browser.execute_async_script(
                    "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(done)"
                )
                assert len(result["passes"]) > 10
                found += [(width, theme, each["id"], each["nodes"][0]["html"]) for each in result["violations"]]
    return found


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
