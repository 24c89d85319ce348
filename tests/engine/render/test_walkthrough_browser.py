"""The page in a browser: stepping, keys, editing, and what is written where.

It needs Chromium and its driver, `chromium` and `chromedriver` on PATH, and is skipped without them.
"""

import math
import random
import re

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
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from browser_pages import HOSTILE, expression
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

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
    assert page.text("#step-title") == "From y back through ×"
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


@pytest.mark.parametrize(
    "typed", ["", "two", "1,5", "0x10", "1e", "1/", "2x", "(1", "sin", "e e", "__proto__", "constructor(1)"]
)
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
    assert page.browser.title == "Step through the gradient of $&"
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
