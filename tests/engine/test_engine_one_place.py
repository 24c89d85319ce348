"""An operation is one place: its rule. Everything else about it follows, and what is written down is up to date."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from demos import operations
from engine.primitives import OPERATIONS

ROOT = Path(__file__).parents[2]

ELEMENTARY = '''

@elementary("cbrt(x)", "1 / (3 * cbrt(x)**2)", number=lambda x: math.copysign(math.fabs(x) ** (1.0 / 3.0), x))
def cbrt(x: Scalar, y: Scalar) -> Pullback:
    """The cube root."""
    return lambda g, y=y: (quotient(g, 3.0 * y * y),)


@elementary(
    "exp(x) - y", "exp(x)", "-1",
    number=lambda x, y: math.exp(x) - y,
    arrays=lambda xp: lambda x, y: xp.exp(x) - y,
    javascript="(x, y) => Math.exp(x) - y",
)  # fmt: skip
def above(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """How far e^x is above y."""
    return lambda g, x=x: (g * exp(x), -g)
'''

COMPOSED = '''

@primitive("log(cosh(x)) * scale", "tanh(x) * scale", "log(cosh(x))")
def logcosh(x: Scalar, scale: Scalar = 1.0) -> tuple[Scalar, Pullback]:
    """The logarithm of cosh x, without overflow."""
    y = abs(x) + softplus(-2.0 * abs(x)) - math.log(2.0)
    return y * scale, lambda g, x=x, y=y, scale=scale: (g * tanh(x) * scale, g * y)
'''

EVERYWHERE = """
import math, sys
from pathlib import Path
import engine, nn
from engine import Value, compile, derivative, grad, gradcheck
from engine.primitives import OPERATIONS
from engine.render.walkthrough.javascript import arithmetic, javascript

assert Path(engine.__file__).parents[1] == Path.cwd(), engine.__file__
new = {"cbrt": [2.0], "above": [0.5, 0.25], "logcosh": [-1.5, 2.0]}
formulas = {"cbrt": "cbrt(x)", "above": "exp(x) - y", "logcosh": "log(cosh(x)) * scale"}
y = {"cbrt": 2.0 ** (1 / 3), "above": math.exp(0.5) - 0.25, "logcosh": 2 * math.log(math.cosh(1.5))}
slope = {"cbrt": 2.0 ** (-2 / 3) / 3, "above": math.exp(0.5), "logcosh": -2 * math.tanh(1.5)}
second = {"cbrt": -2 / 9 * 2.0 ** (-5 / 3), "above": math.exp(0.5), "logcosh": 2 / math.cosh(1.5) ** 2}

def close(a, b):
    return math.isclose(a, b, rel_tol=1e-12)

for name, at in new.items():
    function, method, primitive = getattr(engine, name), getattr(Value, name), OPERATIONS[name]
    assert name in engine.__all__ and name in dir(Value)
    assert method.__doc__.startswith(formulas[name] + ". ") and function.__doc__ == method.__doc__
    assert close(function(*at), y[name]) and isinstance(function(*at), float)
    x, *others = [Value(number) for number in at]
    node = function(x, *others)
    assert node.op is primitive and node == method(x, *others) and close(node.data, y[name])
    node.backward()
    assert close(x.grad, slope[name])
    assert close(grad(grad(node, x), x).data, second[name])
    assert gradcheck(function, at)
    for backend in sys.argv[1:]:
        compiled = compile(function, backend=backend)
        assert close(float(compiled(*at)), y[name]), (name, backend)
        slope_of = compile(lambda *xs: derivative(lambda x: function(x, *xs[1:]))(xs[0]), backend=backend)
        assert close(float(slope_of(*at)), slope[name]), (name, backend)
        w = Value(at[0])
        loss = compile(lambda *rest: function(w, *rest), backend=backend)
        loss.backward(*at[1:])
        assert close(w.grad, slope[name]), (name, backend)
    assert javascript(primitive, at) is not None
    labelled = function(*[Value(number, f"x{k}") for k, number in enumerate(at)])
    names = {f"x{k}": number for k, number in enumerate(at)}
    assert close(eval(labelled.expression(), {**vars(engine), **names}), y[name])
    assert close(eval(str(engine.formula_of(labelled)), {**vars(engine), **names}), y[name])
    assert name in labelled.latex()
    page = Path(node.walkthrough("page.html")).read_text(encoding="utf-8")
    assert name in page and formulas[name] in node.tree() + str(primitive)
assert "  cbrt: Math.cbrt,\\n" in arithmetic() and "  above: (x, y) => Math.exp(x) - y,\\n" in arithmetic()
assert close(Value(-1.5).logcosh().data, math.log(math.cosh(1.5)))
"""


def run(folder, *arguments):
    """Python in the folder, with the packages there and not those of this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def write_files(folder):
    run(folder, "-m", "demos.operations", "--write")


def append(file, text):
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the packages, to change."""
    for package in ("engine", "nn"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "demos").mkdir()
    for file in ("demos/__init__.py", "demos/operations.py", "README.md"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


@pytest.mark.slow
def test_a_new_rule_is_found_everywhere(checkout):
    append(checkout / "engine" / "primitives" / "powers.py", ELEMENTARY)
    append(checkout / "engine" / "primitives" / "activations.py", COMPOSED)
    write_files(checkout)

    run(checkout, "-c", EVERYWHERE, "numpy", "jax")
    typed = run(checkout, "-m", "engine", "cbrt(x) + above(x, 1) + logcosh(x)", "x=8")
    assert typed.startswith("cbrt(x) + above(x, 1) + logcosh(x) = 2989.26")  # 2 + e^8 - 1 + log(cosh(8))
    methods = (checkout / "engine" / "methods.py").read_text(encoding="utf-8")
    assert "    cbrt = of_one(primitives.cbrt)\n" in methods
    assert "    above = of_two(primitives.above)\n" in methods
    assert "    logcosh = of_some(primitives.logcosh)\n" in methods
    functions = (checkout / "engine" / "functions.py").read_text(encoding="utf-8")
    assert "cbrt = cast(OfOne, Methods.cbrt)\n" in functions
    assert "above = cast(OfTwo, Methods.above)\n" in functions
    assert "logcosh = cast(OfOneOrTwo, Methods.logcosh)\n" in functions
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert "| cbrt | `cbrt(x)` | `1 / (3 * cbrt(x)**2)` |\n" in readme
    assert "| logcosh | `log(cosh(x)) * scale` | `tanh(x) * scale`, `log(cosh(x))` |\n" in readme


def renamed(folder, old, new):
    file = folder / "engine" / "primitives" / "activations.py"
    text = file.read_text(encoding="utf-8")
    assert f"def {old}(" in text
    file.write_text(text.replace(f"def {old}(", f"def {new}("), encoding="utf-8")


def test_a_rule_can_be_renamed_and_removed(checkout):
    """Then methods.py and functions.py refer to a rule that is not there, and engine cannot be imported."""
    renamed(checkout, "softsign", "smooth_sign")
    with pytest.raises(AssertionError, match="softsign"):
        run(checkout, "-c", "import engine")
    write_files(checkout)
    code = "from engine import Value; import engine; print(Value(1.0).smooth_sign().data, hasattr(engine, 'softsign'))"
    assert run(checkout, "-c", code) == "0.5 False\n"

    renamed(checkout, "smooth_sign", "_gone")  # a name of its own file only
    file = checkout / "engine" / "primitives" / "activations.py"
    file.write_text(file.read_text(encoding="utf-8") + "\ndel _gone\n", encoding="utf-8")
    write_files(checkout)
    assert run(checkout, "-c", "import engine; print(hasattr(engine.Value, 'smooth_sign'))") == "False\n"
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert "| silu |" in readme
    assert "smooth_sign" not in readme


def test_what_is_written_down_is_what_the_rules_say():
    files = operations.texts()
    assert {path.name for path in files} == {"README.md", "methods.py", "functions.py"}
    for path, text in files.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python -m demos.operations --write"


def test_what_only_rules_use_is_no_function():
    ours = [name for name, operation in OPERATIONS.items() if not operation.is_public]
    assert ours == ["sech2", "sigmoid_slope"]
    for name in ours:
        assert not hasattr(engine, name)
        assert not hasattr(engine.Value, name)
        assert all(name not in text for text in operations.texts().values())


def test_writing_twice_changes_nothing(checkout):
    write_files(checkout)
    for path in operations.texts():
        copy = checkout / path.relative_to(ROOT)
        assert copy.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
