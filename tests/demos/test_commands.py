"""The demos by name, and `liftgrad NAME` as the wheel lays it out, outside a checkout."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demos import commands
from demos.exercises.asked import SOLUTIONS
from demos.exercises.manifest import EXERCISES

ROOT = Path(__file__).parents[2]


def test_every_demo_is_there_and_listed(capsys):
    for name in commands.DEMOS:
        spec = importlib.util.find_spec(f"demos.{name}")
        assert spec, name
    here = {path.stem for path in (ROOT / "demos").iterdir() if path.suffix in ("", ".py") and path.stem[0] != "_"}
    not_run = {
        "commands", "check", "operations", "style", "gpt", "identifiers", "names_pictures", "installed", "pictures",
    }  # fmt: skip
    assert here - not_run == {*commands.DEMOS}
    assert commands.run([]) == 0
    said = capsys.readouterr().out
    assert all(f"python -m demos.{name} " in said for name in commands.DEMOS)


def test_a_demo_that_is_not_there(capsys):
    assert commands.run(["moon"]) == 2
    assert "There is no demo 'moon'." in capsys.readouterr().err


def test_a_demo_gets_what_follows_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["liftgrad"])
    assert commands.run(["walkthrough", "--out", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").exists()
    with pytest.raises(SystemExit):
        commands.run(["walkthrough", "--help"])
    assert "usage: python -m demos.walkthrough" in capsys.readouterr().out


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the packages as the wheel has them."""
    folder = tmp_path_factory.mktemp("site-packages")
    skip = shutil.ignore_patterns("__pycache__", "installed")
    for source, target in (("engine", "engine"), ("nn", "nn"), ("demos", "liftgrad/demos")):
        shutil.copytree(ROOT / source, folder / target, ignore=skip)
    shutil.copytree(ROOT / "demos" / "installed" / "liftgrad", folder / "liftgrad", dirs_exist_ok=True, ignore=skip)
    return folder


def liftgrad(installed, folder, *words):
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "liftgrad", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_exercises_outside_a_checkout_beside_files_of_the_same_names(installed, tmp_path):
    for name in ("engine.py", "demos.py", "nn.py"):
        (tmp_path / name).write_text("raise RuntimeError('a file of the learner')\n", encoding="utf-8")
    started = liftgrad(installed, tmp_path, "exercises", "start")
    assert started.returncode == 0, started.stderr
    assert "-m liftgrad exercises" in started.stdout
    shutil.copy(SOLUTIONS / "01_slope.py", tmp_path / "exercises")
    checked = liftgrad(installed, tmp_path, "exercises")
    assert "Right: 1. " in checked.stdout, checked.stderr
    assert f"1 of {len(EXERCISES)}" in checked.stdout


def test_the_tour_outside_a_checkout(installed, tmp_path):
    said = liftgrad(installed, tmp_path, "tour", "--help")
    assert "usage: python -m liftgrad tour" in said.stdout, said.stderr


@pytest.mark.parametrize("name", ["engine", "nn"])
def test_a_package_that_another_distribution_has_overwritten(installed, tmp_path, name):
    folder = tmp_path / "site-packages"
    shutil.copytree(installed, folder)
    (folder / name / "__init__.py").write_text("x = 1\n", encoding="utf-8")
    said = liftgrad(folder, tmp_path, "tour", "--no-open")
    assert said.returncode == 1
    assert (
        f"The package {name} in {folder / name / '__init__.py'} is not the one that liftgrad installed" in said.stderr
    )
    assert "Traceback" not in said.stderr
