"""The data changed in the page: typed, dragged, drawn, with noise; and the training that follows."""

import random

import pytest

from demos.playground import curve, moons
from nn import MLP

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

MOONS = moons(random.Random(0))


def test_the_data_are_changed_by_hand(open_playground, browser):
    run = open_playground(MLP(2, [8, 8, 1], activation="tanh", seed=3), MOONS, batch_size=50)
    run("for (let k = 0; k < 30; k++) trainer.advance(); choose({ kind: 'point', row: 3 });")
    early = run("trainer.goTo(10); const theta = trainer.theta.join(); trainer.goTo(30); return theta")
    field = browser.find_element(By.CSS_SELECTOR, '[aria-label="x1 of point 4"]')
    field.clear()
    field.send_keys("2.5", Keys.ENTER)
    assert run("return [trainer.data.x[6], task.learned.x[6]]") == [2.5, pytest.approx(MOONS[3][0][0])]
    browser.find_element(By.CSS_SELECTOR, '[data-inspect="more"]').send_keys(Keys.ENTER)
    assert run("return trainer.data.rows") == 201
    run("for (let k = 0; k < 9; k++) trainer.advance(); render();")
    late = run("return trainer.theta.join()")
    assert run("moveTo(10); return [trainer.theta.join(), trainer.data.rows]") == [early, 200]
    assert run("moveTo(29); stepOn(1); return trainer.data.rows") == 201  # of the step where it was changed
    assert run("moveTo(39); return [trainer.theta.join(), trainer.data.rows]") == [late, 201]
    field = browser.find_element(By.CSS_SELECTOR, '[data-inspect="y"]')
    field.clear()
    field.send_keys("7", Keys.ENTER)
    assert field.get_attribute("aria-invalid") == "true"  # no probability
    browser.find_element(By.CSS_SELECTOR, '[data-inspect="less"]').send_keys(Keys.ENTER)
    assert run("return trainer.data.rows") == 200


@pytest.mark.parametrize(("pairs", "side"), [(MOONS, "x"), (curve(random.Random(0)), "y")], ids=["classes", "numbers"])
def test_noise_is_on_what_one_learns_from_and_in_the_link(open_playground, browser, pairs, side):
    model = MLP(len(pairs[0][0]), [4, 1], activation="tanh", seed=0)
    run = open_playground(model, pairs)
    steps = "for (let k = 0; k < 5; k++) trainer.advance();"
    run(f"{steps} edit(['noise', 0.1]); edit(['noise', 0.3]); {steps} edit(['add', 2]); edit(['remove', 4]); {steps}")
    moved = "edit(['set', 3, pointOf(task, trainer.data, 3)[0].map((x) => x + 1), [1]])"
    run(f"edit(['noise', 0]); {moved}; {steps} render();")
    noisy, other = run(
        """trainer.goTo(8);
        const apart = (part) => task.learned[part].map((number, k) => trainer.data[part][k] - number);
        const length = (part) => Math.hypot(...apart(part)) / Math.sqrt(task.learned.rows);
        return [length(arguments[0]) / Math.hypot(...Data.spread(task)), length(arguments[0] === "x" ? "y" : "x")]""",
        side,
    )
    assert 0.15 < noisy < 0.35
    assert other == 0
    assert run("return trainer.versions.length") == 6  # the first noise was not yet learned from
    theta, data = run("moveTo(20); return [trainer.theta.join(), [...trainer.data.x, ...trainer.data.y]]")
    clean = [[*x, float(y)] for x, y in pairs]
    clean = [*clean[:4], *clean[5:], clean[2]]
    clean[3] = [*[x + 1 for x in clean[3][:-1]], 1.0]
    assert data == [x for row in clean for x in row[:-1]] + [row[-1] for row in clean]
    browser.refresh()
    assert run("return [trainer.step, trainer.theta.join()]") == [20, theta]
    assert run("return [...trainer.data.x, ...trainer.data.y]") == data


def drag(browser, start, *way):
    """The mouse is pressed at a place of the canvas, moved along, and released."""
    box = browser.execute_script("const { left, top } = plane.canvas.getBoundingClientRect(); return [left, top]")
    mouse = {"button": "left", "buttons": 1, "clickCount": 1}
    kinds = ["mousePressed", *["mouseMoved"] * len(way), "mouseReleased"]
    for kind, place in zip(kinds, [start, *way, [start, *way][-1]]):
        at = {"x": box[0] + place[0], "y": box[1] + place[1]}
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, **at, **mouse})


def test_a_point_is_dragged(open_page, moons_page, browser):
    browser.set_window_size(1280, 1000)
    run = open_page(moons_page)
    x, y = run("return plane.spots[5]")
    drag(browser, (x, y), (x + 30, y))
    (moved, _), before = run("return [plane.spots[page.row], task.learned.x[2 * page.row]]")
    assert run("return trainer.data.x[2 * page.row]") > before
    assert moved == pytest.approx(x + 30, abs=6)


def test_a_finger_moves_a_point_and_elsewhere_the_page(open_page, moons_page, browser):
    phone = {"width": 390, "height": 600, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    run = open_page(moons_page)

    def swipe(x, y):
        left, top = run("const { left, top } = plane.canvas.getBoundingClientRect(); return [left, top]")
        for kind, by in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
            points = [] if by is None else [{"x": left + x, "y": top + y - by}]
            browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(*run("return plane.spots[9]"))
    assert run("return [scrollY, trainer.versions.length]") == [0, 2]
    assert run("return trainer.data.x.filter((x, k) => x !== task.learned.x[k]).length") == 2
    far = run("return [[2, 2], [plane.canvas.clientWidth - 2, 2]].find((place) => pointer.nearest(place) < 0)")
    swipe(*far)
    assert run("return trainer.versions.length") == 2


def test_data_are_drawn_by_hand(open_page, moons_page, browser):
    browser.set_window_size(1280, 1000)
    run = open_page(moons_page)
    run("""document.querySelector('[data-inspect="only"]').click()""")
    assert run("return [trainer.data.rows, byId('batch').options[0].textContent]") == [1, "all 1"]
    assert run("return [...byId('pointer').options].map(({ text }) => text)") == [
        "move points", "draw class 0", "draw class 1",
    ]  # fmt: skip
    run("byId('pointer').value = '1'")
    drag(browser, (60, 60), (63, 60), (80, 60), (100, 60))  # the second is too near to the first
    run("edit(['noise', 0.2]); byId('pointer').value = '0'")
    run("for (let k = 0; k < 5; k++) trainer.advance()")
    drag(browser, (60, 120), (80, 120))
    rows, targets, versions, spots = run(
        "return [trainer.data.rows, trainer.data.y.slice(1), trainer.versions.length, plane.spots.slice(4)]"
    )
    assert (rows, targets) == (6, [1, 1, 1, 0, 0])
    assert versions == 5  # what was given, one point of it, a stroke, noise, a stroke
    assert spots == [pytest.approx([60, 120]), pytest.approx([80, 120])]  # where they were drawn, noise or not
    seen = run("stepOn(10); return [trainer.theta.join(), trainer.data.x.join()]")
    browser.refresh()
    assert run("return [trainer.theta.join(), trainer.data.x.join()]") == seen


def test_a_curves_points_are_drawn_and_dragged(open_playground, browser):
    browser.set_window_size(1280, 1000)
    run = open_playground(MLP(1, [3, 1], activation="tanh", seed=0), curve(random.Random(0)))
    (x, y), before = run("return [plane.spots[30], [trainer.data.x[30], trainer.data.y[30]]]")
    drag(browser, (x, y), (x + 2, y - 12))
    at, up = run("return [trainer.data.x[30], trainer.data.y[30]]")
    assert at > before[0]
    assert up > before[1]
    run("byId('pointer').value = '0'")
    drag(browser, (40, 20))
    assert run("return [trainer.data.rows, plane.spots[61]]") == [62, pytest.approx([40, 20], abs=6)]
