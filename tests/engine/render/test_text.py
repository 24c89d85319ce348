"""v.tree(): what is shown, what is marked, what is left out, and how it fits the terminal."""

import os
import re
import subprocess
import sys
import textwrap

import pytest

import engine
from engine import Value, tanh
from engine.render.terminal import display_width


def neuron():
    w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    return tanh(w * x + b).named("y")


def test_data_and_gradients_stand_below_one_another():
    y = neuron()
    y.backward()
    assert y.tree(width=80).splitlines() == [
        "node        data       grad",
        "y = tanh     0.462117   1",
        "└─ +         0.5        0.786448",
        "   ├─ *     -1          0.786448",
        "   │  ├─ w  -0.5        1.5729",
        "   │  └─ x   2         -0.393224",
        "   └─ b      1.5        0.786448",
    ]


def test_there_is_no_gradient_before_a_backward_pass():
    y = neuron()
    assert "grad" not in y.tree()
    y.backward()
    assert "grad" in y.tree()


def test_a_gradient_that_is_zero_is_shown():
    x = Value(-1.0, label="x")
    y = engine.relu(x)
    y.backward()
    assert y.tree().splitlines()[-1].split() == ["└─", "x", "-1", "0"]


def test_a_shared_node_is_spelled_out_once():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c = (a * b).named("c")
    text = (c + c * a).tree(width=60)
    assert [re.sub(r"  +[-\d].*", "", line).strip() for line in text.splitlines()[1:]] == [
        "+", "├─ c = * #1", "│  ├─ a #2", "│  └─ b", "└─ *", "├─ c = * #1 ↑", "└─ a #2 ↑",
    ]  # fmt: skip
    again = [line for line in text.splitlines() if "↑" in line]
    assert not any(re.search(r"\d", line.split("↑")[1]) for line in again)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_it_fits_the_width(width):
    x = y = Value(1.0, label="a rather long label for a leaf, of sixty columns or more in all")
    for _ in range(100):
        y = engine.sin(y) + 1.0
    (y * x).backward()
    lines = (y * x).tree(width=width).splitlines()
    assert max(map(display_width, lines[:-1])) <= max(width, 40)
    assert any("…" in line for line in lines)


def test_the_width_is_that_of_the_terminal(monkeypatch):
    y = Value(1.0)
    for _ in range(100):
        y = engine.sin(y)
    monkeypatch.setenv("COLUMNS", "50")
    narrow = y.tree()
    assert narrow == y.tree(width=50)
    monkeypatch.setenv("COLUMNS", "150")
    assert len(y.tree().splitlines()) > len(narrow.splitlines())


@pytest.mark.parametrize("max_lines", [1, 2, 3, 5, 7, 20])
def test_what_is_left_out_is_counted(max_lines):
    leaves = [Value(float(k), label=f"x{k}") for k in range(50)]
    y = engine.sum(leaves) * engine.exp(leaves[0])  # 50 leaves, Σ, exp, *
    *shown, last = y.tree(max_lines=max_lines).splitlines()[1:]
    nodes = [line for line in shown if "more" not in line and "↑" not in line]
    assert len(nodes) <= max_lines
    assert last == f"… {53 - len(nodes)} of 53 nodes left out"


def test_a_graph_that_fits_leaves_nothing_out():
    assert "…" not in neuron().tree()


def test_one_operand_many_times_does_not_fill_the_screen():
    x = Value(2.0, label="x")
    text = engine.sum([x] * 100_000).tree(max_lines=10)
    assert len(text.splitlines()) == 12
    assert "… 99,991 more" in text


@pytest.mark.usefixtures("untraced")
def test_a_chain_of_a_million_nodes():
    y = Value(1.0)
    for _ in range(1_000_000):
        y = -y
    text = y.tree(width=80)
    assert text.splitlines()[-1].endswith("of 1,000,001 nodes left out")


def test_a_fan_out_of_fan_outs_is_not_unfolded():
    y = Value(1.0, label="x")
    for _ in range(200):
        y = y + y
    assert len(y.tree(width=2000, max_lines=10_000).splitlines()) == 1 + 201 + 200


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("two\nlines", r"two\nlines"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("‮right to left", r"\u202eright to left"),
        ("\ud800", r"\ud800"),
        ("重み", "重み"),
        ("δ̂", "δ̂"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian, Hindi and emoji need their joiners
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\u200d", r"\u200d"),  # alone it would not be seen
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\x9b31m", r"\x9b31m"),
        ("x" * 100_000, "x" * 10),
    ],
)
def test_labels_stay_on_their_line(label, shown):
    a, b = Value(2.0, label=label), Value(3.0, label="b")
    lines = (a * b).tree().splitlines()
    assert len(lines) == 4
    assert shown in lines[2]
    columns = {display_width(line[: line.rindex(number)]) for line, number in zip(lines[2:], "23")}
    assert len(columns) == 1


def test_numbers_at_the_edges():
    a, b = Value(float("nan"), label="a"), Value(float("-inf"), label="b")
    c = Value(1e-300, label="c")
    assert [line.split()[-1] for line in engine.sum([a, b, c]).tree().splitlines()[1:]] == [
        "nan", "nan", "-inf", "1e-300",
    ]  # fmt: skip


def test_a_users_operation_and_a_leaf():
    @engine.primitive
    def cube(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    assert cube(Value(2.0)).tree().splitlines() == ["node     data", "cube     8", "└─ leaf  2"]
    assert Value(3.0).tree(number_format=".2f").splitlines() == ["node  data", "leaf  3.00"]


@pytest.mark.parametrize("options", [{"width": 0}, {"max_lines": 0}, {"number_format": "?"}])
def test_options_that_make_no_sense(options):
    with pytest.raises(ValueError, match=r"at least 1|[Ff]ormat"):
        neuron().tree(**options)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "utf-8"])
def test_it_can_be_printed_on_any_stream(encoding):
    program = """
        import engine
        from engine import Value, explain
        w, x = Value(2.0, "重み"), Value(3.0, "x")
        y = engine.sum([w * x] * 3 + [engine.tanh(w)] * 20)
        print(y.tree(max_lines=40))
        print(explain(y, w, max_paths=2))
    """
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    run = [sys.executable, "-c", textwrap.dedent(program)]
    shown = subprocess.run(run, env=environment, capture_output=True, check=True).stdout.decode(encoding)
    label = "重み" if encoding == "utf-8" else r"\u91cd\u307f"
    assert f"{label} #2" in shown
    assert f"dy/d{label}" in shown
    assert ("├─" in shown) == (encoding in ("utf-8", "cp437"))
    assert ("|- " in shown) == (encoding in ("ascii", "cp1252", "latin-1"))


def test_a_long_label_is_shown_shortened_in_an_explanation():
    y = (Value(2.0, "x" * 100_000) * 3.0).named("y")
    text = str(engine.explain(y, y.parents[0]))
    assert len(text) < 2000
    assert "x" * 100 + "…" not in text
    assert "x…" in text
