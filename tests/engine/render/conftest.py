"""The browser in which pages are tested, and the page of a Value opened in it.

It needs `chromium` and `chromedriver` on PATH; its tests are skipped without them.
"""

from pathlib import Path

import pytest
from chromium import chromium


@pytest.fixture(scope="package")
def browser(tmp_path_factory):
    """Chromium without a window."""
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a Value; fails for anything in the browser's console, an error or a blocked request."""
    from browser_pages import Page  # not at the top: only these tests need selenium

    def show(value, **options):
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.get(Path(value.walkthrough(tmp_path / "page.html", **options)).as_uri())
        return Page(browser)

    yield show
    assert browser.get_log("browser") == []
