"""The page in Firefox, where it can be had: it computes what `fit` does, and is used in the same way."""

import random
from pathlib import Path

import pytest
from firefox import firefox

from demos.playground import moons
from nn import MLP, SGD, Adam, fit, squared_error
from nn import binary_cross_entropy_with_logits as log_loss

PAIRS = moons(random.Random(1))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with firefox(tmp_path_factory.mktemp("profile")) as firefox_browser:
        yield firefox_browser


@pytest.fixture
def show(browser, tmp_path):
    """Opens a model's playground; fails for anything that the browser's console says."""

    def show(model, **options):
        browser.open(Path(model.playground(tmp_path / "page.html", PAIRS, **options)).as_uri())
        return browser

    yield show
    assert browser.said == []


@pytest.mark.parametrize("activation", ["tanh", "swish"])
def test_it_learns_what_fit_learns(show, activation):
    model = MLP(2, [8, 8, 1], activation=activation, seed=3)
    page = show(model, optimizer=Adam(model.parameters(), lr=0.01))
    learned = page.run(
        """for (let k = 0; k < 1000; k++) trainer.advance();
        return Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]]))"""
    )
    fit(model, PAIRS, loss=log_loss, optimizer=Adam(model.parameters(), lr=0.01), epochs=1000, compiled=True)
    for name, p in model.state_dict().items():
        assert learned[name] == pytest.approx(p, rel=1e-12, abs=1e-14), name


def test_exact_operations_are_those_of_eager_fit_to_the_last_bit(show):
    model = MLP(2, [8, 8, 1], seed=3)
    options = {"batch_size": 32, "seed": 5}
    page = show(model, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.1, momentum=0.9), **options)
    learned = page.run(
        """for (let k = 0; k < 7 * 4; k++) trainer.advance();
        return Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]]))"""
    )
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    fit(model, PAIRS, loss=squared_error, optimizer=optimizer, epochs=4, **options)
    assert learned == model.state_dict()


def test_it_is_used_by_keys_and_leads_back(show):
    page = show(MLP(2, [4, 3, 1], activation="tanh", seed=0), validation=0.2)
    page.press("\ue014", "\ue014", "\ue014", "\ue012")  # right, right, right, left
    assert page.run("return [trainer.step, trainer.furthest]") == [2, 3]
    page.press(" ")
    assert page.run("return page.playing")
    page.press(" ")
    seen = page.run(
        """setNetwork([[3, "relu"], [2, "tanh"]]);
        edit(["noise", 0.2]);
        for (let k = 0; k < 20; k++) trainer.advance();
        choose({ kind: "weight", unit: 5, edge: 1 });
        FILM.frames = 6;
        const film = gifOf(filmFrames());
        const { data } = plane.canvas.getContext("2d").getImageData(0, 0, 60, 60);
        return [String.fromCharCode(...film.slice(0, 6)), new Set(data).size > 5, trainer.theta.join()]"""
    )
    assert seen[:2] == ["GIF89a", True]
    page.reload()
    assert page.run("return trainer.theta.join()") == seen[2]
