"""What axe-core finds in a page that is open, on a page and on a phone, light and dark."""

from importlib.util import find_spec
from pathlib import Path

from browser_pages import media
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
