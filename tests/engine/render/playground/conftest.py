"""A model's playground, opened in the browser in which pages are tested."""

from pathlib import Path

import pytest


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
