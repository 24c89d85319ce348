"""The last hint: a learner's own answer as a graph."""

import sys

import pytest
from typical_mistakes import TYPICAL_MISTAKES, mistaken

from demos.exercises.answers import Answer, NotYet
from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.manifest import EXERCISES
from demos.exercises.picture import drawn, given, picture_of


@pytest.fixture
def answered(tmp_path):
    """Draw the answer to an exercise with this code."""

    def picture(name, code):
        path = tmp_path / f"{name}.py"
        path.write_text(code, encoding="utf-8")
        try:
            return drawn(name, Answer(path))
        finally:
            sys.modules.pop(name, None)

    return picture


def test_every_solution_is_drawn_and_no_exercise_as_given_out_fails():
    for exercise in EXERCISES:
        made = drawn(exercise.name, Answer(SOLUTIONS / f"{exercise.name}.py"))
        assert "<svg" in made.svg, exercise.name
        assert "data" in made.text
        assert (
            "Your answer cannot be drawn" not in drawn(exercise.name, Answer(ORIGINALS / f"{exercise.name}.py")).caption
        )
        sys.modules.pop(exercise.name, None)


def test_the_picture_shows_what_the_learner_wrote(answered):
    made = answered("01_slope", "def slope(f, x, h):\n    return (f(x + h) - f(x)) / h\n")
    assert made.text.splitlines()[1].startswith("slope = /")
    assert made.text.splitlines()[1].split()[-1] == "3.5"
    made = answered("05_pullback_of_tanh", "import math\ndef tanh_pullback(g, y):\n    return g / math.cosh(y) ** 2\n")
    assert "cosh" in made.text, "math's functions are the engine's meanwhile"
    made = answered("07_order", "def order(y):\n    return [y, *y.parents]\n")
    assert "a: not listed" in made.text
    assert "y: 1" in made.text


def test_typical_mistakes_are_drawn(answered):
    """The last one listed for each exercise."""
    last = {number: (number, right, wrong) for number, right, wrong, _ in TYPICAL_MISTAKES}
    made = {number: answered(*mistaken(*line)) for number, line in last.items()}
    assert all(picture.caption for picture in made.values())
    assert {number for number, picture in made.items() if not picture.svg} <= {"05", "06", "09", "22", "23", "24"}


def test_what_cannot_be_drawn_says_why(tmp_path, answered):
    assert "three dots" in answered("03_partial_derivatives", "def gradient(a, b, c):\n    return b, a, ...\n").caption
    assert "no number" in answered("02_chain_rule", "def chain(*_):\n    return 'a'\n").caption
    path = tmp_path / "01_slope.py"
    path.write_text("while True:\n    pass\n", encoding="utf-8")
    assert "a loop without end?" in picture_of("01_slope", path, 2.0).caption
    path.write_text("import os\nos._exit(3)\n", encoding="utf-8")
    assert picture_of("01_slope", path, 10.0).caption.startswith("Your code ended Python")
    path.write_text("x = = 1\n", encoding="utf-8")
    assert "cannot read this file" in picture_of("01_slope", path, 10.0).caption
    with pytest.raises(NotYet):
        Answer(path)


def test_exercises_about_a_graph_have_one():
    for exercise in EXERCISES:
        assert bool(given(exercise.name)) == (exercise.kind == "graph")
