"""A model's playground, opened in the browser in which pages are tested."""

from pathlib import Path

import pytest


@pytest.fixture
def open_playground(browser, tmp_path):
    """Opens a model's playground; fails for anything in the browser's console, an error or a blocked request."""

    def open_playground(model, data, **options):
        browser.get(Path(model.playground(tmp_path / "page.html", data, **options)).as_uri())
        return browser.execute_script

    yield open_playground
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert browser.get_log("browser") == []
