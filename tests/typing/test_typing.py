"""Types reach the user's editor: mypy and pyright on programs as users write them, and completion with formulas."""

import json
import re
import runpy
import subprocess
import sys
import typing
from pathlib import Path

import jedi
import pytest
import typing_extensions

import engine
from engine import Value
from engine.methods import Methods
from engine.primitives import Primitive

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAMS = ["users_program.py", "users_network.py"]
MISTAKES = "users_mistakes.py"


def mypy(cache):
    """(file name, line) of every error."""
    files = [str(HERE / name) for name in (*PROGRAMS, MISTAKES)]
    run = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), *files]
    report = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert report.returncode in (0, 1), report.stdout + report.stderr
    errors = re.findall(r"^(.*):(\d+): error: ", report.stdout, flags=re.MULTILINE)
    return {(Path(file).name, int(line)) for file, line in errors}, report.stdout


def pyright(_):
    files = [str(HERE / name) for name in (*PROGRAMS, MISTAKES)]
    run = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *files]
    report = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert report.returncode in (0, 1), report.stdout + report.stderr
    found = json.loads(report.stdout)
    assert found["summary"]["filesAnalyzed"] == len(files)
    errors = [thing for thing in found["generalDiagnostics"] if thing["severity"] == "error"]
    return {(Path(thing["file"]).name, thing["range"]["start"]["line"] + 1) for thing in errors}, report.stdout


@pytest.mark.slow
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_knows_the_types_of_a_users_program_and_marks_the_mistakes(checker, tmp_path):
    errors, report = checker(tmp_path)
    lines = (HERE / MISTAKES).read_text(encoding="utf-8").splitlines()
    mistakes = {(MISTAKES, number) for number, line in enumerate(lines, 1) if line.endswith("  # mistake")}
    assert len(mistakes) >= 25
    assert errors == mistakes, report


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_types_are_those_that_python_finds(program, monkeypatch, capsys):
    """`assert_type` looks at the thing itself here: an annotation that lies is found."""
    checked = []

    def assert_type(thing, kind):
        checked.append(kind)
        assert is_of(thing, kind), f"{thing!r} is no {kind}"
        return thing

    monkeypatch.setattr(typing_extensions, "assert_type", assert_type)
    runpy.run_path(str(HERE / program))
    assert len(checked) >= (80 if program == "users_program.py" else 8)


def is_of(thing, kind):
    if isinstance(kind, str):
        kind = eval(kind, {"Primitive": Primitive})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is None:
        return thing is None
    if origin in (list, tuple):
        return type(thing) is origin and all(is_of(element, arguments[0]) for element in thing)
    if origin is dict:
        return all(is_of(key, arguments[0]) and is_of(value, arguments[1]) for key, value in thing.items())
    return isinstance(thing, kind)


def methods():
    return {name: method.primitive for name, method in vars(Methods).items() if not name.startswith("_")}


def test_every_method_and_function_begins_with_its_formula():
    for name, primitive in methods().items():
        assert getattr(Value, name).__doc__.startswith(f"{primitive.formula}. "), name
        assert getattr(engine.functions, name).__doc__ == getattr(Value, name).__doc__, name
    assert Value.tanh.__doc__ == "tanh(x). The hyperbolic tangent, an activation with values in (-1, 1)."
    assert {*methods()} <= {*dir(Value(1.0))}


def test_every_public_thing_of_a_value_has_a_docstring():
    for name in dir(Value):
        if not name.startswith("_") and name not in ("op", "pullback"):  # slots; the class says what they are
            assert getattr(Value, name).__doc__, name


def test_help_shows_how_to_call_it_and_the_formula(capsys):
    help(engine.tanh)
    help(engine.leaky_relu)
    help(Value.maximum)
    text = re.sub(" +$", "", capsys.readouterr().out, flags=re.MULTILINE)
    assert "tanh(x)\n    tanh(x). The hyperbolic tangent" in text
    assert "leaky_relu(*operands, **named)\n    where(x > 0, x, slope*x). The rectifier" in text
    assert "below 0.\n\n    Operands: x, slope=0.01.\n" in text
    assert "Operands: x, y.\n" in text


def test_the_prompt_completes_methods_and_shows_their_formulas():
    """As IPython does, which asks jedi with the things at the prompt."""
    at_the_prompt = {"v": Value(1.0), "engine": engine}
    completions = {c.name: c for c in jedi.Interpreter("v.", [at_the_prompt]).complete()}
    assert {*methods(), "backward", "forward", "data", "grad", "tree", "draw"} <= {*completions}
    assert "tanh(x). The hyperbolic tangent" in completions["tanh"].docstring()
    [softplus] = jedi.Interpreter("engine.softpl", [at_the_prompt]).complete()
    assert "log(1 + exp(x)). " in softplus.docstring()


def test_an_editor_completes_without_running_anything():
    code = "import engine\nfrom engine import Value, tanh\nv = Value(1.0)\n"
    project = jedi.Project(str(ROOT))
    for line in ("v.", "v.tanh().", "tanh(v).", "engine.maximum(v, 1.0)."):
        names = {c.name for c in jedi.Script(code + line, project=project).complete(4, len(line))}
        assert {"tanh", "maximum", "backward", "data"} <= names, line
