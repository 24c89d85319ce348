"""python -m demos: the guided tour from end to end, and what it says when it cannot go on."""

import math
import sys
from pathlib import Path

import pytest

from demos import __main__ as tour
from demos.commands import DEMOS


@pytest.mark.slow
def test_the_tour_writes_what_it_says_and_learns_the_moons(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert tour.main(["--out", str(out)]) == 0
    said = capsys.readouterr().out
    listed = [line.strip() for line in said.splitlines() if line.strip().startswith(str(tmp_path))]
    assert sorted(listed) == sorted(str(path) for path in out.iterdir())
    assert len(listed) == 4
    assert "Step through" in (out / "backprop.html").read_text(encoding="utf-8")
    assert b"<svg" in (out / "neuron.svg").read_bytes()
    assert "100% of the points are on the right side" in said or "99% of the points" in said


def test_the_neuron_is_right_and_shown_as_it_runs():
    *_, b, z, a = tour.neuron()
    assert a.data == math.tanh(0.5)
    assert b.grad == z.grad == pytest.approx(1 - math.tanh(0.5) ** 2)
    shown = tour.body_of(tour.neuron).splitlines()
    assert shown[0].startswith("x1, x2 = Value(2.0")
    assert shown[-1] == "a.backward()"


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert tour.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == ['demos.moons needs sklearn: pip install "liftgrad[demos]"']


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert tour.main(["--out", str(tmp_path / "file" / "folder")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("options", "screen", "opened"), [([], True, 2), ([], False, 0), (["--no-open"], True, 0)])
def test_it_opens_what_it_draws_where_there_is_a_screen(tmp_path, monkeypatch, capsys, options, screen, opened):
    seen = []
    monkeypatch.setattr(tour, "network", lambda out: [])
    monkeypatch.setattr(tour.viewing, "has_screen", lambda: screen)
    monkeypatch.setattr(tour.viewing, "open_file", seen.append)
    assert tour.main(["--out", str(tmp_path), *options]) == 0
    assert seen == [str(tmp_path / name) for name in ("neuron.svg", "backprop.html")][:opened]
    assert ("Written, and opened:" in capsys.readouterr().out) == bool(opened)


def test_the_readme_and_the_tour_name_the_same_share_of_digits():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "reads 97% of held-out" in readme
    assert "read right 97 times in 100" in DEMOS["digits"]
