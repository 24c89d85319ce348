"""A model's playground, opened in the browser in which pages are tested."""

import random
from pathlib import Path

import pytest

from demos.playground import moons
from nn import MLP


@pytest.fixture
def open_page(browser):
    """Opens a page's file; fails for anything in the browser's console, an error or a blocked request."""

    def open_page(path):
        browser.get("about:blank")  # the same page without the state that its address has
        browser.get(Path(path).as_uri())
        return browser.execute_script

    yield open_page
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert browser.get_log("browser") == []


@pytest.fixture
def open_playground(open_page, tmp_path):
    """Writes a model's playground and opens it."""
    return lambda model, data, **options: open_page(model.playground(tmp_path / "page.html", data, **options))


@pytest.fixture(scope="module")
def moons_page(tmp_path_factory):
    """A page that is written once for all tests of a file that look at the same."""
    path = tmp_path_factory.mktemp("playground") / "moons.html"
    model = MLP(2, [8, 8, 1], activation="tanh", seed=3)
    return model.playground(path, moons(random.Random(0)), validation=0.2, title="W" * 100)
