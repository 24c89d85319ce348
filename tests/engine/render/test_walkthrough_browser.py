"""The page in a browser: stepping, keys, editing, what is written where, themes, phones.

It needs Chromium and its driver, `chromium` and `chromedriver` on PATH, and is skipped without them.
"""

import math
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine import (
    Value,
    clip,
    derivative,
    exp,
    log,
    log_softmax,
    maximum,
    primitive,
    prod,
    relu,
    sigmoid,
    tanh,
    var,
    weighted_sum,
)  # fmt: skip
from engine.render import font
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

HOSTILE = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>'&\N{PARTY POPPER}"


class Page:
    """A page that is open in the browser."""

    def __init__(self, browser):
        self.browser = browser

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def press(self, *keys, on="body"):
        for key in keys:
            self.browser.find_element(By.CSS_SELECTOR, on).send_keys(key)

    def type(self, name, text):
        field = self.browser.find_element(By.CSS_SELECTOR, f'[aria-label="value of {name}"]')
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text or Keys.DELETE)

    def text(self, selector):
        return " ".join(self.browser.find_element(By.CSS_SELECTOR, selector).get_attribute("textContent").split())

    @property
    def step(self):
        return int(self.run("return document.getElementById('slider').value"))

    def listed(self):
        """The list of values: name -> (value, adjoint), None where it is not known yet."""
        cells = self.run(
            """return [...document.querySelectorAll("tbody tr")].map((row) => [
                row.querySelector("th").textContent,
                row.querySelector("input")?.value ?? row.cells[1].dataset.number ?? null,
                row.cells[2].dataset.number ?? null])"""
        )
        return {name: (number(value), number(adjoint)) for name, value, adjoint in cells}

    def drawn(self):
        """The texts of the drawing by the id of their group."""
        return self.run(
            """return Object.fromEntries([...document.querySelectorAll("#drawing g[id]")].map((group) =>
                [group.id, [...group.querySelectorAll("text")].map((text) => text.textContent.trim())]))"""
        )

    def lit(self):
        return self.run("return [...document.querySelectorAll('#drawing .lit')].map((part) => part.id).sort()")


def number(text):
    return None if text is None else float(text.replace("\N{MINUS SIGN}", "-"))


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a Value; fails for anything in the browser's console, an error or a blocked request."""

    def show(value, **options):
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.get(Path(value.walkthrough(tmp_path / "page.html", **options)).as_uri())
        return Page(browser)

    yield show
    assert browser.get_log("browser") == []


def media(browser, **features):
    named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})


def expression():
    """y = (a + b) a: s = a + b, and a is used twice."""
    a, b = Value(3.0, "a"), Value(-1.0, "b")
    return ((a + b).named("s") * a).named("y")


# Steps


def test_each_step_of_both_passes(show):
    page = show(expression())
    assert page.text("#step-number") == "Step 1 of 6 · forward pass"
    assert page.listed() == {"a": (3.0, None), "b": (-1.0, None), "s": (None, None), "y": (None, None)}
    assert page.lit() == ["node-0", "node-1"]
    assert page.drawn()["node-2"] == ["s", "value", "", "adjoint", ""]

    page.press(Keys.ARROW_RIGHT)
    assert page.text("#step-title") == "The value of s"
    assert page.text(".equations") == "s=a + b=3 + (−1)=2"
    assert page.listed()["s"] == (2.0, None)
    assert page.lit() == ["edge-2", "edge-2-0", "edge-2-1", "node-2", "op-2"]
    assert page.drawn()["node-2"] == ["s", "value", "2", "adjoint", ""]

    page.press(Keys.ARROW_RIGHT)
    assert page.text(".equations") == "y=s × a=2 × 3=6"

    page.press(Keys.ARROW_RIGHT)
    assert page.text("#step-number") == "Step 4 of 6 · adjoint pass"
    assert page.text(".equations") == "∂y/∂y=1"
    assert page.listed()["y"] == (6.0, 1.0)
    assert page.lit() == ["node-3"]

    page.press(Keys.ARROW_RIGHT)
    assert page.text("#step-title") == "From y back through *"
    to_s, to_a = page.run("return [...document.querySelectorAll('.contribution')].map((part) => part.innerText)")
    assert to_s.split("\n") == [
        "to s",
        *("local derivative", "∂y/∂s = a = 3"),
        *("contribution", "∂y/∂y × ∂y/∂s = 1 × 3 = 3"),
        *("adjoint", "∂y/∂s = 3"),
    ]  # fmt: skip
    assert to_a.split("\n")[-2:] == ["1 of 2 added up", "∂y/∂a = 2 + …"]
    assert page.listed()["a"] == (3.0, None)
    assert page.drawn()["node-0"][-1] == "2 +…"
    assert page.drawn()["edge-3-0"] == ["1 × 3", "= 3"]
    assert page.drawn()["edge-2-0"] == ["", ""]
    assert page.lit() == ["edge-3", "edge-3-0", "edge-3-1", "node-3", "op-3"]

    page.press(Keys.ARROW_RIGHT)
    assert "2 of 2 added up∂y/∂a = 2 + 3 = 5" in page.text("#step-body")
    assert page.listed() == {"a": (3.0, 5.0), "b": (-1.0, 3.0), "s": (2.0, 3.0), "y": (6.0, 1.0)}
    assert page.drawn()["node-0"] == ["a", "value", "3", "adjoint", "5"]


def test_keys_buttons_and_the_slider(show):
    page = show(expression())
    page.press(Keys.END)
    assert page.step == 5
    page.press(Keys.ARROW_RIGHT)
    assert page.step == 5
    page.press(Keys.HOME, Keys.ARROW_LEFT)
    assert page.step == 0
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert page.step == 1
    for button, expected in [("next", 2), ("back", 1), ("last", 5), ("first", 0)]:
        page.browser.find_element(By.ID, button).click()
        assert page.step == expected
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, on="#slider")  # one step each, not two
    assert page.step == 2
    assert page.text("#step-title") == "The value of y"
    page.press(Keys.HOME, on="#slider")
    assert page.step == 0


def test_space_plays_and_pauses(show):
    page = show(expression())
    page.run("document.getElementById('slider').focus()")
    page.press(Keys.SPACE)
    label = "return document.getElementById('play').getAttribute('aria-label')"
    assert page.run(label) == "Pause"
    WebDriverWait(page.browser, 5).until(lambda _: page.step >= 1)
    page.press(Keys.SPACE)
    assert page.run(label) == "Play"
    page.press(Keys.SPACE, Keys.ARROW_LEFT)  # a key takes over
    assert page.run(label) == "Play"
    page.press(Keys.SPACE, on="#play")
    assert page.run(label) == "Pause"
    page.press(Keys.END)
    assert page.run(label) == "Play"


def test_keys_belong_to_a_field_while_one_types(show):
    page = show(expression())
    page.press(Keys.ARROW_RIGHT)
    page.press(Keys.HOME, Keys.ARROW_RIGHT, Keys.END, " ", on='[aria-label="value of a"]')
    assert page.step == 1


# Numbers


def test_the_last_step_has_the_engines_gradients(show):
    model = MLP(2, [3, 1], activation="tanh", seed=2)
    loss = ((model([Value(0.3, "x1"), Value(-0.7, "x2")]) - 0.5) ** 2).named("C")
    page = show(loss)
    page.press(Keys.END)
    listed = page.listed()
    loss.backward()
    for parameter in model.parameters():
        value, adjoint = listed[parameter.label]
        assert adjoint == parameter.grad
        assert value == pytest.approx(parameter.data, rel=1e-5)  # the fields show six digits


def functions():
    """Graphs of all kinds, each of two leaves a and b, and numbers for them."""

    @primitive
    def swish(x):
        s = sigmoid(x)
        return x * s, lambda g: (g * (s + x * s * (1 - s)),)

    @primitive("x*x + y", "2*x", "1")
    def own(x, y):
        return x * x + y, lambda g: (g * 2 * x, g)

    return {
        "fan-out": lambda a, b: (a + b) * a + a / b - a**b,
        "neuron": lambda a, b: tanh(weighted_sum([a, b], [b, 0.5], a)),
        "users": lambda a, b: swish(own(a, b)),
        "a derivative": lambda a, b: derivative(lambda x: sigmoid(x * b) * x)(a),
        "powers": lambda a, b: a**3 * b**-1 + (a * b) ** 0.5 + 2.0**a,
        "steps": lambda a, b: a % b * a + a // b * b + round(a * 3.7) * clip(b, -1.0, a),
        "lists": lambda a, b: prod([a, b, a]) + var([a, b, 0.5]) + log_softmax([a, b])[0],
        "edges": lambda a, b: relu(a) * log(b) + maximum(a, b) / (a - b) + exp(a * 100),
    }


@pytest.mark.parametrize("kind", functions())
def test_editing_a_leaf_gives_the_engines_numbers(show, kind):
    f = functions()[kind]
    draw = random.Random(kind)
    page = show(f(Value(0.5, "a"), Value(1.5, "b")))
    page.press(Keys.END)
    points = [(draw.uniform(0.1, 3.0), draw.uniform(0.1, 3.0)), (2.0, 2.0), (0.0, 0.0), (-0.0, 1.0), (-1.5, 0.5)]
    for a, b in [*points, (math.inf, 1.0), (1.0, math.nan), (-1e300, 1e-300)]:
        page.type("a", repr(a))
        page.type("b", repr(b))
        page.run("document.activeElement.blur()")
        listed = page.listed()
        x, y = Value(a, "a"), Value(b, "b")
        f(x, y).backward()
        assert_equal(listed["a"][1], x.grad + 0.0)  # a zero is written without its sign
        assert_equal(listed["b"][1], y.grad + 0.0)


def assert_equal(found, expected):
    """Equal but for the last digits of exp and the like, which are not the same in every library."""
    if math.isfinite(expected) and expected != 0.0:
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)
    else:
        assert repr(found) == repr(expected)


def test_editing_moves_everything_that_depends_on_it_and_can_be_undone(show):
    page = show(expression())
    page.press(Keys.END)
    page.type("a", "−10")
    assert page.listed() == {"a": (-10.0, -21.0), "b": (-1.0, -10.0), "s": (-11.0, -10.0), "y": (110.0, 1.0)}
    assert page.drawn()["node-3"][2] == "110"
    assert page.step == 5
    page.browser.find_element(By.ID, "reset").click()
    assert page.listed()["a"] == (3.0, 5.0)
    assert not page.browser.find_element(By.ID, "reset").is_enabled()


@pytest.mark.parametrize("typed", ["", "two", "1,5", "0x10", "1e", "--1"])
def test_what_is_no_number_changes_nothing(show, typed):
    page = show(expression())
    page.press(Keys.END)
    page.run(
        "const field = document.querySelector('[aria-label=\"value of a\"]'); field.focus();"
        "field.value = arguments[0]; field.dispatchEvent(new Event('input'))",
        typed,
    )
    invalid = "return document.querySelector('[aria-label=\"value of a\"]').getAttribute('aria-invalid')"
    assert page.run(invalid) == "true"
    assert page.text("#problem").startswith("Not a number yet")
    assert page.drawn()["node-2"] == ["s", "value", "2", "adjoint", "3"]
    page.run("document.activeElement.blur()")
    assert page.run(invalid) is None
    assert page.text("#problem") == ""
    assert page.listed()["a"] == (3.0, 5.0)


def test_a_number_has_the_same_digits_on_its_edge_as_in_words(show):
    a, b = Value(2.0, "a"), Value(4.0, "b")
    z = (a * b).named("z")
    page = show((z * z * 0.5).named("L"))
    for typed in ("31", "123.456", "-0.123456"):
        page.type("a", typed)
        page.run("document.activeElement.blur()")
        page.press(Keys.END)
        product, contribution = page.drawn()["edge-2-1"]
        assert f"{product} {contribution}" in re.sub("[()]", "", page.text("#step-body"))
        if typed == "31":
            assert (product, contribution) == ("124 × 31", "= 3844")


# Text


def test_labels_stay_text(show):
    page = show((Value(1.5, HOSTILE) * Value(2.0, "b")).named("$&"))
    page.press(*[Keys.ARROW_RIGHT] * 3)
    assert page.browser.title == "Backpropagation in $&"
    assert not page.browser.find_elements(By.TAG_NAME, "img")
    assert HOSTILE in page.listed()
    assert page.drawn()["node-0"][0] == HOSTILE[:19] + "…"
    assert (
        page.browser.find_element(By.CSS_SELECTOR, "tbody input").get_attribute("aria-label") == f"value of {HOSTILE}"
    )


def test_a_page_that_cannot_compute_is_read_only(show):
    @primitive
    def own_exp(x):
        return math.exp(x), lambda g: (g * math.exp(x),)

    y = own_exp(Value(0.5, "x") * 2.0)
    page = show(y)
    page.press(Keys.END)
    assert not page.browser.find_elements(By.CSS_SELECTOR, "tbody input")
    assert "own_exp" in page.text("#note")
    assert page.listed()["x"] == (0.5, 2.0 * math.e)


def test_a_part_says_what_is_not_shown(show):
    a = Value(2.0, "a")
    s = (a * 3.0).named("s")
    y = (tanh(s).named("t") * s + s * exp(s)).named("y")
    page = show(y, depth=3)
    page.press(Keys.ARROW_RIGHT)
    for _ in range(12):
        page.press(Keys.ARROW_RIGHT)
    y.backward()
    assert page.listed()["t"] == (pytest.approx(math.tanh(6.0)), 6.0)
    assert page.listed()["a"][1] == a.grad


def test_a_module_of_a_network_steps_from_what_is_not_shown(show):
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    loss = (model([Value(1.0, "x1"), Value(0.5, "x2")]) ** 2).named("C")
    page = show(loss, module=model.layers[0])
    page.press(Keys.END)
    loss.backward()
    for parameter in model.layers[0].parameters():
        assert page.listed()[parameter.label][1] == parameter.grad


# Looks


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
    for _ in range(9):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        met.append(page.run("return document.activeElement.id || document.activeElement.ariaLabel"))
    assert met == ["theme", "drawing", "play", "next", "last", "slider", "list", "value of a", "value of b"]


def test_nothing_is_fetched(show):
    page = show(expression())
    page.press(Keys.END)
    assert page.run("return performance.getEntriesByType('resource').length") == 0
