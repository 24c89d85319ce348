"""program.latex(): what is written can be set and fits a page, of every kind of program, and has the user's names."""

import ast
import re

import pytest

from demos.benchmark.kinds.kind import KINDS, Problem
from engine import Value, compile, maximum, take, tanh
from engine.lifting.program import Program
from engine.mathematics.array_notation import on_paper
from engine.mathematics.program_equations import MOST, width

COMMANDS = {
    *("left right frac quad qquad text mathrm operatorname cdot odot top partial sum to leftarrow ldots tilde".split()),
    *("delta omega sigma tanh sin log sqrt min max begin end infty leq neq".split()),
}


def can_be_set(text):
    """Whether the braces of every row are closed, \\left and \\right come in pairs, and all commands are LaTeX's."""
    plain = re.sub(r"\\[{}_#]", "", text)  # signs
    while r"\begin{cases}" in plain:  # from the inside out
        plain = re.sub(r"\\begin\{cases\}((?!\\begin).)*?\\end\{cases\}", "", plain)
    for row in plain.split(r"\\"):
        depth = 0
        for sign in row:
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0, row
        assert not depth, row
        assert row.count(r"\left(") + row.count(r"\left[") == row.count(r"\right)") + row.count(r"\right]"), row
        assert row.count("&") == 1 or "aligned" in row, row
        assert not re.search(r"[_^]\{[^{}]*\}[_^]\{[^{}]*\}[_^]|[_^][_^]", row), row
    return {*re.findall(r"\\([a-zA-Z]+)", plain)} <= COMMANDS


def rows_of(program: Program) -> list[str]:
    return [row.removesuffix(r" \\") for row in program.latex().splitlines()[1:-1]]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_program_is_set_on_a_page(name):
    problem = Problem(name, 1, small=True)
    problem.trace()
    assert can_be_set(problem.compiled.program.latex())
    assert max(map(width, rows_of(problem.compiled.program))) < MOST + 15


def recurrence(k, w, c):
    def f(signal, start):
        h = [start, start]
        for x in signal:
            h = [tanh(k[0] * h[0] + k[1] * h[1] + x), w * h[0]]
        return h[0] * c

    return f


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_loops_and_names(backend):
    k, w, c = [Value(0.5, "k[0]"), Value(-0.3, "k[1]")], Value(0.7, "omega"), Value(2.0, "C")
    compiled = compile(recurrence(k, w, c), backend=backend)
    compiled([0.1 * n for n in range(12)], 0.2)
    rows = rows_of(compiled.program)
    assert rows[0] == r"n &= \text{rows of } \mathrm{signal}"
    assert r"& \text{for } t = 0, \ldots, 11:" in rows
    assert r"& \text{for } t = 11, \ldots, 0:" in rows
    assert sum(r"\quad \left(s_{1}, s_{2}\right) &\leftarrow (" in row for row in rows) == 1
    text = "\n".join(rows)
    assert r"\omega" in text
    assert r"\frac{\partial C}{\partial k}" in text
    assert r"\mathrm{start}" in text
    assert "scan" not in text
    assert can_be_set(compiled.program.latex())


def test_a_name_that_another_array_has_is_not_taken():
    k = Value(0.5, "C")  # what the cost is called
    compiled = compile(lambda x2, n: (k * x2 - n) ** 2 + x2 * n)
    compiled(1.0, 2.0)
    text = compiled.program.latex()
    assert r"\frac{\partial C}{\partial C}" not in text
    assert "x_{1}" in text  # and not x_{2}, which is the other: n is how many rows there are
    assert r"\text{rows of } x_{1}" in text
    assert can_be_set(text)


def test_lookups_and_conditions_are_set():
    table = [Value(0.1 * n, f"table[{n}]") for n in range(9)]

    def f(index, x):
        return maximum(take(table, index), x) ** 2

    compiled = compile(f)
    compiled(3, 0.2)
    text = compiled.program.latex()
    assert r"{\mathrm{table}}_{\mathrm{index}}" in text
    assert can_be_set(text)


@pytest.mark.parametrize(
    ("code", "paper"),
    [
        ("rows_times(x.reshape(-1, 4, 2), W.T).reshape(-1, 8)", "x @ W.T"),
        ("rows_outer(d, swap(a))", "d.T @ a.T"),
        ("swap(masked_matmul(swap(a), b, k)).transpose(0, 2, 1)", "a.T @ b"),
        ("take(x, i) + spread(y, j)", "x[i] + y[j]"),
        ("assemble((rows, 4), (i, a), (slice(0, 2, 1), b))", "put(a, i) + put(b, slice(0, 2, 1))"),
        ("broadcast(b.reshape(1, 4), (20, 4))", "b"),
    ],
)
def test_what_only_arranges_numbers_is_left_out(code, paper):
    assert ast.unparse(on_paper(ast.parse(code, mode="eval").body)) == paper
