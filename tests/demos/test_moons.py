"""The moons demonstration: learns, draws, and says what is missing."""

import sys

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

from demos import moons


def test_all_points_are_learned_and_drawn(tmp_path, capsys):
    assert moons.main(["--out", str(tmp_path / "pictures")]) == 0
    shown = capsys.readouterr().out
    assert "100% of the points" in shown
    for name in ("moons_loss.png", "moons_boundary.png"):
        picture = tmp_path / "pictures" / name
        assert str(picture) in shown
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_run_gives_model_history_accuracy_and_paths(tmp_path):
    result = moons.run(tmp_path, steps=3)
    assert len(result.history) == 3
    right = [(result.model.predict(x) > 0) == (y > 0) for x, y in moons.two_moons()]
    assert result.accuracy == sum(right) / 100
    assert [path.exists() for path in result.paths] == [True, True]


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert moons.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.moons needs sklearn: pip install "liftgrad[demos]"\n'
    assert [*tmp_path.iterdir()] == []
