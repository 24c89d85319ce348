"""The pages of operations: each operation with its formulas, plots, edges and proof, without a browser."""

import math
import re

import pytest

import engine
import nn
from demos.operations import PUBLIC
from docs.proofs.proving import Refused
from docs.site import operation_pages, reference
from docs.site.edges import edges
from docs.site.operation_plot import curves, picture
from engine.primitives import OPERATIONS, primitive_of


def typeset(formula, display):
    return f"<math>{formula}</math>"


@pytest.fixture(scope="module")
def sections():
    """The section of each operation by its name."""
    bodies = "".join(body for _, _, body in operation_pages.pages(typeset))
    return dict(re.findall(r'<section class="operation"><h2 id="(\w+)">(.*?)</section>', bodies, flags=re.DOTALL))


def test_every_operation_is_there_with_all_there_is_of_it(sections):
    assert [*sections] == [operation.name for operation in PUBLIC]
    for operation in PUBLIC:
        text = sections[operation.name]
        assert text.count("<svg") == len(operation.derivatives)
        assert "nan" in text
        assert text.count(r"\frac{\partial ") >= 2 * len(operation.derivatives)  # the formulas, and the proof
        assert operation_pages.address(operation).endswith(f"#{operation.name}")


def test_the_reference_has_every_public_name():
    text = reference.reference(typeset)
    assert re.findall(r'<h3 id="([\w.]+)">', text.split('id="operations"')[0]).count("engine.Value.backward") == 1
    for package in (engine, nn):
        for name in package.__all__:
            thing = getattr(package, name)
            assert text.count(f'<h3 id="{package.__name__}.{name}">') == 1
            if (operation := primitive_of(thing)) and operation in PUBLIC:
                assert f'href="{operation_pages.address(operation)}">Formula, plot, edges and proof' in text
    assert {operation.name for operation in PUBLIC} <= {name for name, _ in re.findall(r'#(\w+)">(\w+)</a></td>', text)}


def test_a_proof_is_shown_as_it_is_made(sections):
    assert r"\frac{\partial y}{\partial x} &= 1 - \tanh^{2}{\left(x \right)}" in sections["tanh"]
    squares = r"\frac{g}{\cosh^{2}{\left(x \right)}} = g \left(1 - \tanh^{2}{\left(x \right)}\right)"
    assert rf"x &\leftarrow {squares}" in sections["tanh"]  # what the rule computes, and g times what is printed
    assert "<math>x > 0</math> real" in sections["log"]
    assert "not proved: near 0 its rule is a series" in sections["sinc"]
    assert sections["relu"].count("<p>Where ") == 4  # two cases, of the derivatives and of the rule


def test_what_is_wrong_ends_the_build(monkeypatch):
    wrong = OPERATIONS["tanh"]  # a copy of a primitive is itself
    monkeypatch.setattr(wrong, "derivatives", ("1 - tanh(x)**3",))
    monkeypatch.setattr(operation_pages, "PUBLIC", [wrong])
    with pytest.raises(Refused, match="is not"):
        [*operation_pages.pages(typeset)]


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x < y", r"\begin{cases} 1 & x < y \\ 0 & \text{otherwise} \end{cases}"),
        ("where(x, 1, where(x > y, 2, 3))",
         r"\begin{cases} 1 & x \neq 0 \\ 2 & x > y \\ 3 & \text{otherwise} \end{cases}"),
        ("w_1 x_1 + ... + w_n x_n + b", r"w_{1} x_{1} + \cdots + w_{n} x_{n} + b"),
        ("1 where x_k is the largest", r"\text{1 where $x_k$ is the largest}"),
    ],
)  # fmt: skip
def test_formulas(text, latex):
    assert operation_pages.in_latex(text) == latex


def test_edges_are_computed_and_compared():
    at_zero = next(edge for edge in edges(OPERATIONS["log"]) if edge.operands == [0.0])
    assert (at_zero.value, at_zero.slopes) == (-math.inf, [math.inf])
    assert at_zero.is_pytorchs
    tie = next(edge for edge in edges(OPERATIONS["maximum"]) if edge.operands == [1.0, 1.0])
    assert tie.slopes == [0.5, 0.5]
    others = [edge for edge in edges(OPERATIONS["softsign"]) if not edge.is_pytorchs]
    assert [edge.operands for edge in others] == [[-math.inf], [math.inf]]
    assert all(edge.torch is None for edge in edges(OPERATIONS["square"]))


def lines(operation, number=0):
    """How many separate lines the value and the derivative are drawn with."""
    svg = picture(operation.name, curves(operation, operation.operand_names)[number])
    return [data.count("M") for data in re.findall(r'<path d="(M[^"]*L[^"]*)"', svg)]


def test_a_plot_has_gaps_where_it_jumps():
    assert lines(OPERATIONS["sin"]) == [1, 1]
    assert lines(OPERATIONS["relu"]) == [1, 2]
    assert lines(OPERATIONS["floor"])[0] == 8
    assert lines(OPERATIONS["tan"])[0] == 3
    assert lines(OPERATIONS["maximum"]) == [1, 2]
