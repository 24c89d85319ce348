"""The window onto the drawing, what may be typed, and the gradient check, in a browser."""

import math
import random

import pytest

from engine import Value, tanh
from engine.command_line.expression import ExpressionError, parsed_number
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from browser_pages import expression, media
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
IN_VIEW = """
    const outer = document.getElementById("drawing").getBoundingClientRect();
    return [...document.querySelectorAll(arguments[0])].every((part) => {
        const box = part.getBoundingClientRect();
        return box.left >= outer.left - 1 && box.right <= outer.right + 1 &&
            box.top >= outer.top - 1 && box.bottom <= outer.bottom + 1;
    })"""
SCALE = "return document.querySelector('#drawing > svg').getBoundingClientRect().width"


def go(page, step):
    """To a step, and until the drawing has come to rest."""
    page.browser.execute_async_script(
        """const [step, done] = arguments;
        const slider = document.getElementById("slider");
        slider.value = step;
        slider.dispatchEvent(new Event("input"));
        const drawing = document.getElementById("drawing");
        let before = null;
        const look = () => {
            const now = `${drawing.scrollLeft} ${drawing.scrollTop}`;
            if (now === before) return done();
            before = now;
            setTimeout(look, 50);
        };
        look();""",
        step,
    )


@pytest.mark.parametrize("size", ["phone", "page"])
def test_the_lit_value_is_in_view_in_a_graph_of_hundreds(show, size):
    model = MLP(4, [12, 12, 1], activation="tanh", seed=0)
    page = show(model([0.5, -1.0, 0.25, 2.0]), max_nodes=400)
    media(page.browser, prefers_reduced_motion="reduce")
    if size == "phone":
        page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    last = page.run("return +document.getElementById('slider').max")
    assert page.run("return document.querySelectorAll('#drawing .node:not(.op)').length") > 250
    for step in [*range(1, last, 17), last]:
        go(page, step)
        assert page.run(IN_VIEW, "#drawing .node.lit:not(.op)"), step
    assert page.run("return getComputedStyle(document.getElementById('map')).display") == "block"


def test_on_a_phone_what_gets_adjoints_is_whole(show):
    w, x, b = Value(-0.5, "w"), Value(2.0, "x"), Value(1.5, "b")
    page = show(tanh(w * x + b).named("y"))
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    media(page.browser, prefers_reduced_motion="reduce")
    for step in range(page.run("return +document.getElementById('slider').max") + 1):
        go(page, step)
        if step:
            assert page.run(IN_VIEW, "#drawing :is(.node.lit, .node.used)"), step


def test_on_a_phone_edit_and_effect_are_on_one_screen(show):
    page = show(expression())
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    page.press(Keys.END)
    tops_and_bottoms = page.run(
        """return ["#drawing", "[aria-label='value of a']", "[aria-label='value of b']"].map((found) => {
            const box = document.querySelector(found).getBoundingClientRect();
            return [box.top, box.bottom];
        })"""
    )
    assert all(0 <= top < bottom <= 844 - 100 for top, bottom in tops_and_bottoms)


def test_zoom_fit_and_follow(show):
    y = Value(1.0, "x")
    for _ in range(12):
        y = tanh(y) + 1.0
    page = show(y)
    media(page.browser, prefers_reduced_motion="reduce")
    natural = page.run(SCALE)
    page.press("0")
    room = page.run("return document.getElementById('drawing').clientWidth")
    assert page.run(SCALE) <= room < natural
    assert page.run("return getComputedStyle(document.getElementById('map')).display") == "none"
    pressed = "return document.getElementById('follow').getAttribute('aria-pressed')"
    assert page.run(pressed) == "false"
    fitted = page.run(SCALE)
    page.browser.find_element(By.ID, "larger").click()
    assert page.run(SCALE) == pytest.approx(1.25 * fitted, rel=1e-3)
    page.press(Keys.END)  # the size that was chosen is kept
    assert page.run(SCALE) == pytest.approx(1.25 * fitted, rel=1e-3)
    page.press("f")
    assert page.run(pressed) == "true"
    assert page.run(SCALE) == pytest.approx(natural, rel=1e-3)


def test_a_click_on_the_map_goes_there(show):
    y = Value(1.0, "x")
    for _ in range(40):
        y = tanh(y)
    page = show(y)
    page.run(
        """const map = document.getElementById("map");
        const box = map.getBoundingClientRect();
        map.dispatchEvent(new PointerEvent("pointerdown",
            { clientX: box.right - 2, clientY: box.top + box.height / 2, buttons: 1, bubbles: true }))"""
    )
    seen = "const d = document.getElementById('drawing'); return [d.scrollLeft + d.clientWidth, d.scrollWidth]"
    end, whole = page.run(seen)
    assert end == pytest.approx(whole, abs=2)


TYPED = [
    "1/3", "pi/4", "inf", "-inf", "nan", "2**-3**2", "-2**2", "1e3 // 7", "-7 % 3", "(1 + 2) * 3", "sqrt(2)", "e",
    "sin(pi/6)", "maximum(1, 2)", ".5", "2.", "--1", "+-3", "1/0", "exp(1000)", "abs(-2)", "2 3", "sum", "x", "1 +",
]  # fmt: skip


def test_boxes_take_what_the_command_line_takes(show):
    page = show(expression())
    for text in TYPED:
        found = page.run(
            """const field = document.querySelector('[aria-label="value of a"]');
            field.focus(); field.value = "7"; field.dispatchEvent(new Event("input"));
            field.value = arguments[0]; field.dispatchEvent(new Event("input"));
            const isWrong = field.hasAttribute("aria-invalid"); field.blur();
            return isWrong ? null : document.querySelector("#check output").textContent && field.value""",
            text,
        )
        try:
            expected = parsed_number(text)
        except ExpressionError:
            expected = None
        if expected is None:
            assert found is None, text
        else:
            assert found is not None, text
            number = float(found.replace("\N{MINUS SIGN}", "-"))
            assert number == pytest.approx(expected, rel=1e-5, nan_ok=True), text


def test_the_gradient_check_compares_differences_with_adjoints(show):
    draw = random.Random(0)
    w, x, b = (Value(draw.uniform(-1.0, 1.0), label) for label in "wxb")
    y = tanh(w * x + b).named("y")
    page = show(y)
    y.backward()
    for k, leaf in enumerate((w, x, b)):
        page.run(
            "const leaf = document.querySelector('#check select'); leaf.selectedIndex = arguments[0];"
            "leaf.dispatchEvent(new Event('input'))",
            k,
        )
        assert page.text("#check select option:checked") == leaf.label
        shown = [float(part.replace("\N{MINUS SIGN}", "-")) for part in page.run(
            "return [...document.querySelectorAll('#check b')].map((part) => part.textContent)"
        )]  # fmt: skip
        assert shown == pytest.approx([leaf.grad, leaf.grad], rel=1e-4)
        assert "They agree." in page.text("#check output")
    page.type("w", "5000")
    page.type("x", "0.0003")
    assert "They" in page.text("#check output")


def test_at_a_kink_the_check_says_that_they_differ(show):
    x = Value(0.0, "x")
    page = show(x.relu() * 3.0)
    assert "They differ" in page.text("#check output")
    field = page.browser.find_element(By.CSS_SELECTOR, "#check input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("0")
    assert "h is a number other than 0" in page.text("#check output")
    assert math.isfinite(page.listed()["x"][0])
