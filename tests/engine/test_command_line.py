"""python -m engine: what it prints and writes, on any stream, and errors that point at what is wrong."""

import math
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from engine import Value
from engine.command_line import main
from engine.command_line.expression import FUNCTIONS
from engine.render.terminal import display_width

ROOT = Path(__file__).parents[2]


def run(capsys, *arguments):
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_value_and_gradients(capsys):
    code, out, err = run(capsys, "tanh(w*x + b)", "w=2", "x=-1", "b=0.5")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "tanh(w*x + b) = -0.905148",
        "",
        "   value  gradient",
        "w   2     -0.180707",
        "x  -1      0.361413",
        "b   0.5    0.180707",
    ]
    assert 1 - math.tanh(-1.5) ** 2 == pytest.approx(0.180707, abs=1e-6)


def test_as_a_program():
    command = [sys.executable, "-m", "engine", "-x**2", "x=3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[0] == "-x**2 = -9"
    done = subprocess.run([*command[:3], "x +", "x=3"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1:] == ["  x +", "     ^"]


def test_second_derivatives(capsys):
    _, out, _ = run(capsys, "x**3 * y", "--second", "x=2", "y=pi")
    lines = out.splitlines()[-3:]
    assert [line.split() for line in lines] == [
        ["second", "derivatives", "x", "y"],
        ["x", f"{6 * 2 * math.pi:.6g}", "12"],
        ["y", "12", "0"],
    ]


def test_tree_and_explanation(capsys):
    _, out, _ = run(capsys, "x*x + y", "x=3", "y=1", "--tree", "--explain", "x")
    assert "├─ *" in out
    assert "2 paths: dresult/dx = 3 + 3 = 6" in out
    code, _, err = run(capsys, "x*x", "x=3", "--explain", "z")
    assert code == 2
    assert err.splitlines() == ["python -m engine: --explain takes one of x", "  --explain z", "            ^"]


def test_svg(capsys, tmp_path):
    path = tmp_path / "graph.svg"
    code, out, _ = run(capsys, "x*x", "x=3", "--svg", str(path))
    assert code == 0
    assert f"written: {path}" in out
    assert "<svg" in path.read_text(encoding="utf-8")
    code, _, err = run(capsys, "x*x", "x=3", "--svg", str(tmp_path / "no" / "graph.svg"))
    assert code == 1
    assert err.startswith(f"python -m engine: cannot write {tmp_path / 'no' / 'graph.svg'}: ")
    assert len(err.splitlines()) == 1


def test_walkthrough(capsys, monkeypatch):
    monkeypatch.setattr(Value, "walkthrough", lambda value, path: f"{path} of {value.data}", raising=False)
    code, out, _ = run(capsys, "x*x", "x=3", "--walkthrough", "page.html")
    assert code == 0
    assert "written: page.html of 9.0" in out


def test_without_an_expression_it_helps(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    assert "examples:" in out
    assert all(name in out for name in FUNCTIONS)


def test_an_expression_of_numbers_alone(capsys):
    assert run(capsys, "2*sin(pi/2)") == (0, "2*sin(pi/2) = 2\n", "")


def test_a_number_that_is_not_used_is_told(capsys):
    _, out, _ = run(capsys, "x*x", "x=3", "why=1")
    assert out.splitlines()[-1].split() == ["why", "1", "0", "(not", "in", "the", "expression)"]


def test_where_a_nan_comes_from_is_told(capsys):
    assert "(log(-1) is nan)" in run(capsys, "exp(log(x)) + 1", "x=-1")[1]


@pytest.mark.parametrize(
    ("arguments", "problem", "line", "column"),
    [
        (["x*y", "x=1"], "y has no value: add one behind the expression, as in: y=0.5", "x*y", 2),
        (["wieght*x", "weight=1", "x=2"], "wieght has no value; did you mean weight?", "wieght*x", 0),
        (["2 + sinn(x)", "x=1"], "there is no function sinn; did you mean sin?", "2 + sinn(x)", 4),
        (["tahn(x)", "x=1"], "there is no function tahn; did you mean tanh?", "tahn(x)", 0),
        (["ln(x)", "x=1"], "there is no function ln; did you mean log?", "ln(x)", 0),
        (["exp + x", "x=1"], "exp is a function: write exp(x)", "exp + x", 0),
        (["sin x", "x=1"], "sin is a function: write sin(x)", "sin x", 4),
        (["3 + 2x", "x=1"], "an operator is missing here: write * to multiply", "3 + 2x", 5),
        (["tanh(w*x b)", "x=1"], "an operator is missing here: write * to multiply", "tanh(w*x b)", 9),
        (["2 + x.tanh()", "x=1"], "a dot leads nowhere here: write tanh(x)", "2 + x.tanh()", 4),
        (["math.sqrt(x)", "x=1"], "a dot leads nowhere here: write sqrt(x)", "math.sqrt(x)", 0),
        (["x.foo()", "x=1"], "a dot leads nowhere here: write sin(x) for math.sin(x)", "x.foo()", 0),
        (["x^2", "x=1"], "^ is not a power here: write x**2", "x^2", 1),
        (["x +", "x=1"], "the expression ends with '+': something is missing behind it", "x +", 3),
        (["tanh(w*x", "x=1"], "'(' was never closed", "tanh(w*x", 4),
        (["w*x)", "x=1"], "unmatched ')'", "w*x)", 3),
        (["y = x**2", "x=1"], "= does not belong in an expression", "y = x**2", 2),
        (["lambda*2", "lambda=1"], "lambda is a word of Python's own: choose another name", "lambda*2", 0),
        (["δ*x + foo(x)", "δ=1", "x=1"], "there is no function foo", "δ*x + foo(x)", 6),
        (["重*x + foo(x)", "重=1", "x=1"], "there is no function foo", "重*x + foo(x)", 7),
        (["x", "x=two"], "two is not a number", "x=two", 2),
        (["x", "x=1.2.3"], "1.2.3 is not a number", "x=1.2.3", 2),
        (["x", "x="], "a number is missing here", "x=", 2),
        (["x", "x=1", "x=2"], "x has been given before", "x=2", 0),
        (["x", "2x=1"], "'2x' cannot be a name", "2x=1", 0),
        (["w*x", "+", "b"], "this is not a number such as x=2; is the expression in quotes?", "+", 0),
        (["tanh(x, y)", "x=1"], "tanh takes 1 number, got 2: write tanh(x)", "tanh(x, y)", 0),
        (["leaky_relu()", "x=1"], "leaky_relu takes 1 or 2 numbers, got 0", "leaky_relu()", 0),
        (["dot(x, y)", "x=1"], "write dot([x1, x2], [y1, y2])", "dot(x, y)", 0),
        (["dot([x], [x, x])", "x=1"], "must be of the same length", "dot([x], [x, x])", 0),
        (["sum()"], "sum of no numbers", "sum()", 0),
        (["1 + [x, x]", "x=1"], "a list belongs inside sum", "1 + [x, x]", 4),
        (["0,5*x", "x=1"], "a decimal number is written with a point", "0,5*x", 0),
        (["x if x else 1", "x=1"], "write where(condition, a, b)", "x if x else 1", 0),
        (["x < y < 1"], "compare two numbers at a time", "x < y < 1", 6),
        (["x is 1"], "comparisons are < <= > >= == !=", "x is 1", 2),
        (["x & 1"], "this operator is not one of + - * / // % **", "x & 1", 2),
        (["x and 1"], "write logical_and(x, y), logical_or(x, y)", "x and 1", 0),
        (["not x"], "write logical_not(x)", "not x", 0),
        (["x %"], "the expression ends with '%'", "x %", 3),
        (["softmax([x, 1])"], "softmax gives several numbers, and an expression is one", "softmax([x, 1])", 0),
        (["atan2(x, 1)"], "there is no function atan2; did you mean arctan2?", "atan2(x, 1)", 0),
        (["2 * 1j"], "1j is not a real number", "2 * 1j", 4),
        (["2 * True"], "True is not a real number", "2 * True", 4),
        (["2(3)"], "write * to multiply", "2(3)", 0),
        (["leaky_relu(x, slope=1)"], "arguments have no names here", "leaky_relu(x, slope=1)", 20),
        (["$x"], "'$' is not expected here", "$x", 0),
        (["  "], "there is no expression", "", 0),
    ],
)
def test_errors_point_at_the_place(capsys, arguments, problem, line, column):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    said, shown, caret = err.splitlines()
    assert problem in said
    assert shown.strip() == line
    assert caret.index("^") == 2 + column
    assert display_width(caret) == 3 + column


# What it writes on: any stream, and any text


def output_of(arguments, encoding, **options):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    run = [sys.executable, "-m", "engine", *arguments]
    return subprocess.run(run, env=environment, capture_output=True, check=False, **options)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "koi8-r", "utf-16", "utf-8"])
def test_any_stream_is_written_on(encoding):
    done = output_of(["tanh(w*δ + b)", "w=2", "δ=-1", "b=0.5", "--tree", "--explain", "δ", "--second"], encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    delta = "δ" if encoding in ("cp437", "utf-16", "utf-8") else "\\u03b4"
    assert f"tanh(w*{delta} + b) = -0.905148" in text
    assert f"dy/d{delta} by the chain rule" in text
    assert text.splitlines()[0].startswith("tanh")
    if encoding == "ascii":
        assert "|- *" in text
        assert "-> v1 -> v2 ->" in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_errors_point_at_the_place_on_any_stream(encoding):
    done = output_of(["δ*x + foo(x)", "δ=1", "x=1"], encoding)
    _, shown, caret = done.stderr.decode(encoding).splitlines()
    assert done.returncode == 2
    assert shown == "  \\u03b4*x + foo(x)"
    assert shown[caret.index("^") :].startswith("foo")


@pytest.mark.skipif(os.name == "nt", reason="a pipe breaks otherwise there")
@pytest.mark.parametrize(
    "arguments", [["x*x", "x=2"], ["+".join(["x"] * 150), "x=2", "--tree"], [], ["--help"], ["x +"]]
)
def test_a_closed_pipe_is_no_error(arguments):
    for stream in ("stdout", "stderr"):
        reading, writing = os.pipe()
        os.close(reading)
        other = "stderr" if stream == "stdout" else "stdout"
        done = subprocess.run(
            [sys.executable, "-m", "engine", *arguments], check=False, **{stream: writing, other: subprocess.PIPE}
        )
        os.close(writing)
        assert b"Traceback" not in (done.stderr or b"")
        assert b"BrokenPipe" not in (done.stderr or b"")
        assert done.returncode in (0, 1, 2)


def test_the_hosts_streams_are_left_as_they_are(capsys):
    before = sys.stdout.errors, sys.stdout.encoding
    assert run(capsys, "2*x", "x=1")[0] == 0
    assert (sys.stdout.errors, sys.stdout.encoding) == before


HOSTILE = "\x1b[31m\x07\u202e\x9b2J"


@pytest.mark.parametrize(
    "arguments",
    [
        [f"x + {HOSTILE}"],
        [f"{HOSTILE}"],
        ["x", f"x={HOSTILE}"],
        ["x", f"{HOSTILE}=1"],
        ["x", HOSTILE],
        ["x", "x=1", "--explain", HOSTILE],
        ["x", "x=1", "--explain", "y" * 10_000],
        ["x", "x=1", "--svg", f"no folder/{HOSTILE}"],
        ["x", "x=1", "--svg", "no folder/" + "y" * 10_000],
        ["y" * 9_000],
        ["y" * 9_000 + "(x)", "x=1"],
        ["x", "x=" + "y" * 9_000],
        ["x", "2" * 9_000 + "=1"],
        ["x", "z" * 9_000],
    ],
)
def test_what_is_given_is_shown_safely_and_short(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert code in (1, 2)
    assert len(err) < 1000
    assert not [c for c in out + err if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]


def test_unknown_options_are_shown_safely_and_short(capsys):
    for option in (f"--{HOSTILE}", "--" + "y" * 10_000):
        with pytest.raises(SystemExit):
            main(["x", "x=1", option])
        err = capsys.readouterr().err
        assert "\x1b" not in err
        assert len(err) < 1000


def test_a_long_expression_is_shown_shortened(capsys):
    code, out, _ = run(capsys, " + ".join(["x"] * 150), "x=2")
    assert code == 0
    assert len(out.splitlines()[0]) < 140
    assert out.splitlines()[0].endswith("… = 300")


def test_it_is_written_to_standard_output_too(tmp_path):
    if not Path("/dev/stdout").exists():
        pytest.skip("there is no /dev/stdout here")
    done = output_of(["x*x", "x=2", "--svg", "/dev/stdout"], "utf-8")
    assert done.returncode == 0
    assert b"</svg>" in done.stdout
    assert done.stdout.endswith(b"written: /dev/stdout\n")
