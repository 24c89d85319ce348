"""What holds for the project as a whole: cheap to import, self-contained, documented."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def python(code):
    compiled_once = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=compiled_once, text=True)


def test_importing_the_engine_loads_nothing_heavy():
    code = "import sys; before = {*sys.modules}; import engine; print(*sorted({*sys.modules} - before))"
    loaded = {name.split(".")[0] for name in python(code).split()}
    heavy = {
        "graphviz",
        "numpy",
        "jax",
        "matplotlib",
        "sklearn",
        "IPython",
        "inspect",
        "dataclasses",
        "pathlib",
        "html",
    }
    assert not loaded & heavy


def test_importing_the_engine_is_cheap():
    """At most 30 ms of processor time: the best of five fresh interpreters."""
    code = "import time; t = time.process_time(); import engine; print(time.process_time() - t)"
    assert min(float(python(code)) for _ in range(5)) < 0.03


@pytest.mark.parametrize("package", ["engine", "nn"])
def test_every_public_name_is_there_and_documented(package):
    module = importlib.import_module(package)
    assert len({*module.__all__}) == len(module.__all__)
    for name in module.__all__:
        thing = getattr(module, name)
        if not callable(thing):
            continue
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for method in vars(thing):
                if not method.startswith("_") and callable(getattr(thing, method)):
                    assert inspect.getdoc(getattr(thing, method)), f"{name}.{method}"


def test_packages_are_marked_as_typed():
    for package in ("engine", "nn"):
        assert (ROOT / package / "py.typed").exists()


def test_imports_go_one_way():
    """demos -> nn -> engine: no package imports what is built on it."""
    for package, above in (("engine", ("nn", "demos")), ("nn", ("demos",))):
        for path in (ROOT / package).rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                words = line.split()
                if words[:1] in (["from"], ["import"]):
                    assert words[1].split(".")[0] not in above, f"{path}: {line}"


def test_the_version_of_python_is_the_same_everywhere():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [lowest] = re.findall(r'^requires-python = ">=(.*)"$', project, flags=re.MULTILINE)
    assert f'python_version = "{lowest}"' in project
    assert f'target-version = "py{lowest.replace(".", "")}"' in project
    assert f"Python {lowest} or later" in (ROOT / "README.md").read_text(encoding="utf-8")
