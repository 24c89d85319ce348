"""The looks of the page in a browser: what fits, themes, phones, paper, motion, and what is spoken.

It needs Chromium and its driver, `chromium` and `chromedriver` on PATH, and is skipped without them.
"""

import re
import shutil
import subprocess

import pytest

from engine import Value, tanh
from engine.render import font

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from browser_pages import HOSTILE, expression, media
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


def boxes_that_stick_out(page):
    """The texts of cards that are not inside them."""
    return page.run(
        """return [...document.querySelectorAll("#drawing .node:not(.constant)")].flatMap((group) => {
            const outer = group.querySelector("path, polygon, ellipse").getBoundingClientRect();
            return [...group.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()])
                .filter(([_, box]) => box.width && (box.left < outer.left || box.right > outer.right + 0.5 ||
                    box.top < outer.top - 1 || box.bottom > outer.bottom + 1))
                .map(([text]) => `${group.id}: ${text.textContent}`);
        })"""
    )


def test_texts_stay_inside_their_cards(show):
    a, b = Value(-1.2345678e-5, "a"), Value(-9.87654e-201, "W" * 60)
    page = show((a * b + a * -1.23456e150).named("result"))
    page.press(Keys.END)
    assert boxes_that_stick_out(page) == []
    page.type("a", "-1.23456e-150")
    assert boxes_that_stick_out(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(show, width):
    page = show((Value(1.5, "a" * 200) * Value(2.0, HOSTILE)).named("W" * 80))
    page.browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    for key in (Keys.HOME, Keys.ARROW_RIGHT, Keys.END):
        page.press(key)
        assert page.run("return document.documentElement.scrollWidth") <= width
        small = page.run(
            "return [...document.querySelectorAll('button, input')].filter((part) => part.offsetParent)"
            ".filter((part) => part.getBoundingClientRect().height < 24).map((part) => part.id)"
        )
        assert small == []  # WCAG 2.2, target size


def test_what_a_step_is_about_is_in_view(show):
    y = Value(1.0, "x")
    for _ in range(12):
        y = y + 1.0
    page = show(y)
    media(page.browser, prefers_reduced_motion="reduce")
    for key in (Keys.END, Keys.HOME, Keys.ARROW_RIGHT, Keys.END):
        page.press(key)
        assert page.run(
            """const outer = document.getElementById("drawing").getBoundingClientRect();
            return [...document.querySelectorAll(".node.lit")].every((part) => {
                const box = part.getBoundingClientRect();
                return box.left >= outer.left && box.right <= outer.right;
            })"""
        )


def test_dark_and_light(show):
    page = show(expression())
    paper = "return getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(244, 245, 246)", "rgb(18, 24, 31)"
    media(page.browser, prefers_color_scheme="light")
    assert page.run(paper) == light
    media(page.browser, prefers_color_scheme="dark")
    assert page.run(paper) == dark
    page.browser.find_element(By.ID, "theme").click()
    assert page.run(paper) == light
    assert page.run("return document.getElementById('theme').getAttribute('aria-pressed')") == "false"


def test_on_paper_all_of_it_is_there_and_nothing_to_press(show):
    chain = Value(0.5, "a")
    for _ in range(30):
        chain = tanh(chain)  # wider and longer than a window
    page = show(chain)
    page.browser.find_element(By.ID, "theme").click()
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = page.run(
            """return Object.fromEntries(["theme", "controls", "reset", "drawing", "step", "known"].map(
                (id) => [id, getComputedStyle(document.getElementById(id)).display !== "none"]))"""
        )
        assert shown == {
            "theme": False,
            "controls": False,
            "reset": False,
            "drawing": True,
            "step": True,
            "known": True,
        }
        for part in ("drawing", "list"):
            room, needed = page.run(
                f"const part = document.getElementById('{part}');"
                "return [[part.clientWidth, part.clientHeight], [part.scrollWidth, part.scrollHeight]]"
            )
            assert room == needed
        assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_widths_of_texts_are_those_of_the_font(browser, tmp_path):
    """So nothing changes where the font is there; where it is not, texts fit all the same."""
    characters = [c for c in font._WIDTHS[False] if c not in " \xa0"]  # a blank alone may be left out
    y = Value(1.0, "a")
    for k in range(0, len(characters), 20):
        y = (y * 2.0).named("".join(characters[k : k + 20]))
    svg = y.draw(adjoint="beside", derivatives=True).pipe(encoding="utf-8")
    (tmp_path / "drawing.html").write_text(f"<meta charset=utf-8>{svg[svg.index('<svg') :]}", encoding="utf-8")
    browser.get((tmp_path / "drawing.html").as_uri())
    texts = browser.execute_script(
        """return [...document.querySelectorAll("text[textLength]")].map((text) => {
            const kept = [text.getAttribute("textLength"), text.getComputedTextLength()];
            text.removeAttribute("textLength");
            text.style.fontKerning = "none";
            return [text.textContent, ...kept.map(Number), text.getComputedTextLength()]; })"""
    )
    assert len(texts) > 40
    matching = shutil.which("fc-match") and subprocess.check_output(["fc-match", "Arial"], text=True)
    for text, given, kept, natural in texts:
        assert kept == pytest.approx(given, abs=0.1), text
        if matching and re.search("Arial|Liberation|Arimo", matching):
            assert natural == pytest.approx(given, rel=0.01, abs=0.3), text


def test_motion_is_reduced_for_those_who_ask(show):
    page = show(expression())
    duration = "return getComputedStyle(document.querySelector('#drawing .node path')).transitionDuration"
    media(page.browser, prefers_reduced_motion="no-preference")
    assert page.run(duration) != "0s"
    media(page.browser, prefers_reduced_motion="reduce")
    assert page.run(duration) == "0s"


def test_each_step_is_spoken_and_everything_has_a_name(show):
    page = show(expression())
    assert page.run("return document.getElementById('spoken').getAttribute('aria-live')") == "polite"
    assert page.text("#spoken") == "Step 1 of 6, forward pass. Given: a is 3, b is −1."
    page.press(*[Keys.ARROW_RIGHT] * 4)
    assert page.text("#spoken") == (
        "Step 5 of 6, adjoint pass. y passes its adjoint 1 back. To s: times the local derivative 3 is 3. "
        "Its adjoint is 3. To a: times the local derivative 2 is 2. Its adjoint is 2 so far."
    )
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = {
        (node["role"]["value"], node["name"]["value"])
        for node in tree
        if node.get("role", {}).get("value") in ("button", "slider", "textbox", "image")
    }
    assert all(name for _, name in named)
    assert {("slider", "Step"), ("textbox", "value of a"), ("button", "Play")} <= named


def test_the_order_of_focus_is_that_of_reading(show):
    page = show(expression())
    met = []
    for _ in range(13):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        met.append(page.run("return document.activeElement.id || document.activeElement.ariaLabel"))
    zoom = ["smaller", "larger", "fit", "follow"]
    assert met == ["theme", "drawing", *zoom, "play", "next", "last", "slider", "list", "value of a", "value of b"]


def test_nothing_is_fetched(show):
    page = show(expression())
    page.press(Keys.END)
    assert page.run("return performance.getEntriesByType('resource').length") == 0
