"""Everything works from a zipped wheel, which Python imports without unpacking it."""

import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A zip of what pyproject.toml puts into the wheel: all files of both packages."""
    path = tmp_path_factory.mktemp("wheel") / "liftgrad.whl"
    with zipfile.ZipFile(path, "w") as file:
        for package in ("engine", "nn"):
            for part in (ROOT / package).rglob("*"):
                if part.is_file() and "__pycache__" not in part.parts:
                    file.write(part, part.relative_to(ROOT).as_posix())
    return path


def python(wheel, folder, *arguments):
    """Run Python in an empty folder, with the wheel before everything else."""
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    run = [sys.executable, *arguments]
    return subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_pictures_pages_models_and_messages(wheel, tmp_path):
    program = """
        import engine, nn
        from engine import Value, detect_anomaly, explain, gradcheck, tanh
        assert engine.__file__.endswith(("liftgrad.whl/engine/__init__.py", "liftgrad.whl\\\\engine\\\\__init__.py"))

        w, x = Value(-0.5, label="w"), Value(2.0, label="x")
        y = tanh(w * x).named("y")
        y.backward()
        y.walkthrough("page.html")
        y.to_svg("graph.svg")
        assert y._repr_svg_().count("<svg") == 1
        assert "w" in y.tree()
        assert "by the chain rule" in str(explain(y, w))
        assert gradcheck(tanh, [0.5])
        model = nn.MLP(2, [3, 1], seed=0)
        model.save("model.json")
        nn.MLP(2, [3, 1], seed=1).load("model.json")
        assert "<table" in model._repr_html_()
        loss = model.compile(nn.squared_error)
        assert loss([[1.0, 2.0]], [0.5]).shape == (1,)
        try:
            with detect_anomaly():
                engine.log(Value(0.0))
        except FloatingPointError as error:
            print(error)
    """
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(program))
    said = python(wheel, tmp_path, str(file))
    assert said.startswith(f"log(0.0) is -inf, at {file}:")  # the user's line, not one in the wheel
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "knownAfter" in page  # the scripts are in it
    assert "@media print" in page
    assert (tmp_path / "graph.svg").stat().st_size > 1000


def test_the_command_line(wheel, tmp_path):
    out = python(wheel, tmp_path, "-m", "engine", "x*x", "x=3", "--walkthrough", "page.html", "--svg", "graph.svg")
    assert out.startswith("x*x = 9\n")
    assert (tmp_path / "page.html").stat().st_size > 10_000


def test_no_module_reads_files_beside_itself():
    """`__file__` is no place to look for data: it need not be a file."""
    for package in ("engine", "nn"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert "dirname(__file__)" not in source, path
            assert "Path(__file__)" not in source, path
