"""The page itself in Chromium: its controls, the keyboard, what it says, hostile input, how large it is."""

import json
import random

import pytest

from demos.playground import DATA, curve, moons
from engine import Value, tanh
from nn import MLP, SGD, Dropout, Module, squared_error
from nn.playground import loss_for

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from browser_pages import HOSTILE
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

MOONS = moons(random.Random(0))


def text(run, name):
    return run("return document.getElementById(arguments[0]).textContent", name)


def network(**options):
    return MLP(2, [8, 8, 1], activation="tanh", seed=3, **options)


@pytest.fixture(scope="module")
def relu_page(tmp_path_factory):
    path = tmp_path_factory.mktemp("playground") / "relu.html"
    return MLP(2, [8, 1], seed=0).playground(path, MOONS, validation=0.2)


def test_the_keyboard_alone_is_enough(open_playground, browser):
    run = open_playground(network(), MOONS, batch_size=100, validation=0.2)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert text(run, "step-now") == "2"
    body.send_keys("e")
    assert text(run, "step-now") == "4"  # 160 pairs in two batches
    body.send_keys(Keys.HOME)
    assert text(run, "step-now") == "0"
    body.send_keys(" ")
    assert run("return page.playing")
    body.send_keys(" ")
    assert not run("return page.playing")
    browser.find_element(By.CSS_SELECTOR, '[aria-label="Neuron 3 of layer 2"]').send_keys(Keys.ENTER)
    assert text(run, "inspector-title") == "Neuron 3 of layer 2"
    browser.find_element(By.CSS_SELECTOR, '[data-inspect="w1"]').send_keys(Keys.ENTER)
    assert text(run, "inspector-title") == "Weight w²[2][1]"


def test_a_weights_gradient_is_the_sum_over_the_points(open_page, moons_page):
    run = open_page(moons_page)
    shares = run(
        """for (let k = 0; k < 10; k++) trainer.advance();
        const { grad } = measure();
        return network.edges.map(({ from, to, weight }) => {
          let sum = 0;
          for (let row = 0; row < task.learned.rows; row++) {
            sum += numberAt(shown, task.units[to].delta, row) *
              numberAt(shown, task.units[from].a, row, trainer.theta, task.learned.x);
          }
          return [sum, grad[weight]];
        })"""
    )
    assert len(shares) == 2 * 8 + 8 * 8 + 8
    for share, gradient in shares:
        assert share == pytest.approx(gradient, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_points_share_is_the_sum_over_the_paths(open_playground, activation):
    model = MLP(2, [4, 3, 2, 2], activation=activation, seed=1)
    run = open_playground(model, [(x, [y, 1.0 - y]) for x, y in MOONS[:40]])
    shares = run(
        """for (let k = 0; k < 10; k++) trainer.advance();
        page.row = 5;
        const state = measure();
        return network.edges.map(({ from, to }) => {
          const a = numberAt(shown, task.units[from].a, 5, trainer.theta, task.learned.x);
          const paths = pathsFrom(network, to, state);
          const delta = numberAt(shown, task.units[to].delta, 5) * 40;
          return [paths.length, paths.reduce((sum, { product }) => sum + a * product, 0), a * delta];
        })"""
    )
    assert {count for count, *_ in shares} == {12, 4, 2, 1}  # widths 3, 2, 2 lie ahead, then 2, 2, and so on
    for _, total, share in shares:
        assert total == pytest.approx(share, rel=1e-9, abs=1e-15)


def test_an_unusable_learning_rate_is_said(open_page, moons_page, browser):
    run = open_page(moons_page)
    field = browser.find_element(By.ID, "lr")
    field.clear()
    field.send_keys("-1", Keys.TAB)
    assert "at least 0" in text(run, "story")
    assert run("return trainer.settings.lr") == 0.01


def test_a_training_that_breaks_says_so_and_stops(open_playground):
    model = network()
    run = open_playground(model, MOONS, loss=squared_error, optimizer=SGD(model.parameters(), lr=100.0))
    run("stepOn(1); play(true); for (let k = 0; k < 200; k++) trainer.advance(); render();")
    assert not run("return page.playing")
    good = run("return Math.max(...[...curve.measured].filter(([, [loss]]) => loss < Infinity).map(([step]) => step))")
    assert f"Go back to step {good}," in text(run, "story")


@pytest.mark.parametrize("fault", ["accumulate", "sign", "rate", "equal", "dead", "vanish"])
def test_a_broken_training_is_diagnosed(open_page, relu_page, fault):
    run = open_page(relu_page)
    said = run(
        """if (arguments[0] === "vanish") setNetwork(Array(3).fill([8, "tanh"]));
        diagnosis.next = diagnosis.faults.indexOf(arguments[0]);
        byId("break").click();
        const start = measure();
        const length = (column) => Math.hypot(...task.units.filter((unit) => unit.column === column)
          .flatMap((unit) => unit.edges.map(([, weight]) => start.grad[weight])));
        const gone = length(1) / (length(network.columns.length - 1) || 1);
        for (let k = 0; k < 60; k++) trainer.advance();
        const end = measure();
        const middle = trainer.theta.join();
        for (let k = 0; k < 7; k++) trainer.advance();
        trainer.goTo(60);
        const exact = trainer.theta.join() === middle;
        const wrong = diagnosis.faults.find((each) => each !== arguments[0]);
        byId("diagnosis").value = wrong;
        byId("answer").click();
        const first = byId("diagnosis-text").textContent;
        byId("diagnosis").value = arguments[0];
        byId("answer").click();
        const second = byId("diagnosis-text").textContent;
        const python = byId("take-python").disabled;
        byId("mend").click();
        const mended = trainer.theta.every((number, k) => number === task.theta[k]) && trainer.fault === null;
        const [before, after, dead] = [start.loss, end.loss, end.dead.size];
        return { first, second, python, mended, exact, gone, before, after, dead }""",
        fault,
    )
    assert said["first"].startswith("No, ")
    assert said["second"].startswith("Right: ")
    assert said["python"]
    assert said["mended"]
    assert said["exact"]
    if fault == "sign":
        assert said["after"] > said["before"]
    assert (said["dead"] == 8) == (fault == "dead")
    assert (said["gone"] < 1e-3) == (fault in ("vanish", "dead"))


@pytest.mark.parametrize("data", ["moons", "spiral", "curve"])
def test_a_points_graph_is_stepped_through(open_playground, browser, data):
    make, build = DATA[data]
    model, options = build()
    pairs = make(random.Random(0))
    run = open_playground(model, pairs, **options)
    run("for (let k = 0; k < 30; k++) trainer.advance(); choose({ kind: 'point', row: 7 });")
    browser.find_element(By.CSS_SELECTOR, '[data-inspect="graph"]').send_keys(Keys.ENTER)
    theta, shown, cost = run(
        """const { nodes } = steps.through;
        const { value, adjoint } = steps.through.numbers;
        return [Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]])),
                Object.fromEntries(nodes.map((node, i) => [node.name, adjoint[i]])), value.at(-1)]"""
    )
    model.load_state_dict(theta)
    x, y = pairs[7]
    loss = loss_for(pairs, len(task_outputs(model, x)))(model(x), y)
    model.zero_grad()
    loss.backward()
    assert cost == pytest.approx(loss.data, rel=1e-12)
    for parameter in model.parameters():
        assert shown[parameter.label] == pytest.approx(parameter.grad, rel=1e-9, abs=1e-15), parameter
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.END)
    assert "Step" in text(run, "step-number")
    assert run("return [...document.querySelectorAll('#drawing .node.lit, #drawing .edge.passed')].length") > 0
    body.send_keys(Keys.ARROW_LEFT, Keys.HOME)
    assert text(run, "step-now") == "30"  # the keys are the dialog's
    body.send_keys(Keys.ESCAPE)
    assert run("return !steps.isOpen && document.getElementById('drawing') === null")
    body.send_keys(Keys.ARROW_RIGHT)
    assert text(run, "step-now") == "31"


def task_outputs(model, x):
    output = model(x)
    return output if isinstance(output, list) else [output]


def test_a_large_graph_is_not_stepped_through(open_playground):
    run = open_playground(MLP(20, [20, 10]), [([0.0] * 20, 3), ([1.0] * 20, 4)])
    assert "more than 500" in run("return steps.note")
    assert run("return document.querySelector('[data-inspect=graph]')") is None
    assert "more than 500" in text(run, "inspector")


class Hostile(Module):
    def __init__(self):
        self.named = {HOSTILE: Value(0.5, label=HOSTILE)}

    def __call__(self, x):
        return tanh(self.named[HOSTILE] * x[0])

    def __repr__(self):
        return HOSTILE


class Dropped(Module):
    def __init__(self):
        self.model, self.dropout = MLP(2, [3, 1]), Dropout(0.5)

    def __call__(self, x):
        return self.model([self.dropout(x_k) for x_k in x])


def test_names_are_only_text(open_playground):
    run = open_playground(Hostile(), MOONS, title=HOSTILE)
    run("render(); choose({ kind: 'unit', unit: 1 });")
    assert run("return document.title") == HOSTILE
    assert run("return document.querySelectorAll('img').length") == 0


def test_unusual_data_are_said(open_playground):
    run = open_playground(network(), [(x, 1) for x, _ in MOONS])
    assert "All points are of one class" in text(run, "model-line")
    run = open_playground(network(), MOONS[:1])
    assert "only one point" in text(run, "model-line")
    with pytest.raises(ValueError, match=r"row 0, x\[1\] is nan"):
        network().playground("never.html", [([0.0, float("nan")], 1)])
    with pytest.raises(ValueError, match="takes 2 inputs, got 1"):
        network().playground("never.html", [([0.0], 1)])
    with pytest.raises(ValueError, match="Dropout draws masks"):
        Dropped().playground("never.html", MOONS)
    with pytest.raises(ValueError, match="give it some of the pairs"):
        MLP(400, [1]).playground("never.html", [([0.0] * 400, 1)] * 501)


def test_a_wide_window_shows_all_of_it(open_page, moons_page, browser):
    metrics = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    try:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        run = open_page(moons_page)
        seen = run(
            """choose({ kind: "unit", unit: 12 });
            const parts = ["train", "lr", "network", "plane", "loss", "inspector", "break", "take-python"];
            return parts.map((id) => byId(id).getBoundingClientRect()).map(({ bottom, height }) => [bottom, height])"""
        )
        assert run("return document.documentElement.scrollHeight") == 800
        for bottom, height in seen:
            assert bottom <= 800
            assert height >= 30
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(open_page, moons_page, browser, width):
    try:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700},
        )
        run = open_page(moons_page)
        run("choose({ kind: 'unit', unit: 12 })")
        assert run("return document.documentElement.scrollWidth") <= width
        small = run(
            "return [...document.querySelectorAll('button, input, select')].filter((part) => part.offsetParent)"
            ".filter((part) => part.getBoundingClientRect().height < 23.9).map((part) => part.outerHTML)"
        )
        assert small == []  # WCAG 2.2, target size
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_page_is_small_and_needs_nothing_else(tmp_path):
    path = tmp_path / "page.html"
    network().playground(path, curve_of_two())
    content = path.read_text(encoding="utf-8")
    assert len(content) < 300_000
    assert "default-src 'none'" in content
    for wanted in ("src=", "@import", "fetch(", "XMLHttpRequest", "eval(", "new Function"):
        assert wanted not in content


def curve_of_two():
    return [([x, x], y) for (x,), y in curve(random.Random(0))]


@pytest.mark.parametrize("data", [name for name in DATA if name != "digits"])
def test_each_demo_learns(open_playground, data):
    make, build = DATA[data]
    model, options = build()
    run = open_playground(model, make(random.Random(0)), **options)
    before, after = run(
        "const before = measure().loss; for (let k = 0; k < 400; k++) trainer.advance(); render();"
        "return [before, measure().loss]"
    )
    assert after < before / 2


def test_a_link_leads_to_the_same_step(open_page, moons_page, browser):
    run = open_page(moons_page)
    theta = run(
        """newWeights();
        for (let k = 0; k < 60; k++) {
          if (k === 20) change({ lr: 0.05 });
          if (k === 40) change({ optimizer: "RMSprop", lr: 0.01 });
          trainer.advance();
        }
        moveTo(50);
        choose({ kind: "weight", unit: 12, edge: 2 });
        byId("show-gradients").click();
        return trainer.theta.join()"""
    )
    browser.find_element(By.ID, "take-link").send_keys(Keys.ENTER)
    WebDriverWait(browser, 10).until(lambda _: "leads to this step" in text(run, "take-note"))
    browser.refresh()
    assert text(run, "inspector-title") == "Weight w²[2][2]"
    assert run("return byId('show-gradients').getAttribute('aria-pressed')") == "true"
    assert run("return [trainer.step, trainer.theta.join()]") == [50, theta]
    assert run("return byId('optimizer').value") == "RMSprop"


def test_a_link_that_says_nonsense_is_left_alone(open_page, moons_page, browser):
    run = open_page(moons_page)
    sense = {"events": [[0, {"lr": 1, "optimizer": "SGD", "batch": 0, "data": 0}]], "step": 3, "weights": 0}

    def event(**settings):
        return {"events": [[0, {**sense["events"][0][1], **settings}]]}

    def read(link):
        return run("return readLink(`#${encodeURIComponent(arguments[0])}`, task) !== null", link)

    assert read(json.dumps(sense))
    for change in (
        event(lr=-1), event(optimizer="toString"), event(data=1), event(batch=1000), {"step": 1e99}, {"weights": -1},
        {"hidden": [[99, "tanh"]]}, {"hidden": [[2, "toString"]]}, {"data": [[0, ["remove", -1]]]}, {"events": []},
        {"data": [[0, ["draw", [[[0], [1]]]]]]}, {"data": [[0, ["draw", [[[0, 0], [7]]]]]]},
        {"data": [[0, ["only", 160]]]},
    ):  # fmt: skip
        assert not read(json.dumps({**sense, **change})), change
    assert not any(map(read, ("%", "null", "[]")))
    for chosen in (None, {"kind": "unit", "unit": 99}, {"kind": "weight", "unit": 0, "edge": 0}, {"kind": "toString"}):
        kept = run("return readChoice({ chosen: arguments[0] }, task, trainer.data)", chosen)
        assert kept == {"kind": "point", "row": 0}
    browser.execute_script("location.hash = '%'; location.reload()")
    assert run("return [trainer.step, trainer.settings.optimizer]") == [0, "Adam"]


def test_the_curve_of_the_share_that_is_right(open_page, moons_page, browser):
    run = open_page(moons_page)
    run("stepOn(30)")
    browser.find_element(By.ID, "show-right").send_keys(Keys.ENTER)
    learned, held = run("const { learned, held } = measure(); return [learned.right, held.right]")
    assert text(run, "loss-note") == f"training {100 * learned:.0f}%, held out {100 * held:.0f}%"
    assert run("return curve.measured.get(30).slice(2)") == [learned, held]


def test_who_wants_less_motion_gets_a_step_a_second(open_page, moons_page, browser):
    wanted = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})
        run = open_page(moons_page)
        assert run("return byId('speed').value") == "one step a second"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_both_themes(open_page, moons_page, browser):
    run = open_page(moons_page)
    paper = "return getComputedStyle(document.body).backgroundColor"
    seen = {run(paper)}
    browser.find_element(By.ID, "theme").send_keys(Keys.ENTER)
    seen.add(run(paper))
    assert len(seen) == 2
    assert run("return isDark()") == (run(paper) == "rgb(18, 24, 31)")
