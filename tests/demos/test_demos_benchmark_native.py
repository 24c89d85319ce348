"""The programs of the native benchmark: in NumPy by hand, in CasADi and in C they have the eager gradient."""

import importlib.util

import casadi
import numpy as np
import pytest

import engine
from demos.benchmark import __main__ as benchmark
from demos.benchmark import native
from demos.benchmark.native.in_c import COMPILER, in_c
from demos.benchmark.native.in_casadi import Expression, InCasADi
from demos.benchmark.native.problems import problems, random_graph

SMALL = {problem.title: problem for problem, _ in problems(quick=True)} | {"graph": random_graph(30)}


def eager(problem):
    for p in problem.parameters:
        p.grad = None
    cost = problem.cost(*problem.rows(1))
    cost.backward()
    return cost.data, [p.grad for p in problem.parameters]


@pytest.mark.parametrize("title", SMALL)
def test_in_casadi_it_is_the_same(title: str) -> None:
    problem = SMALL[title]
    value, gradient = eager(problem)
    function = InCasADi(problem)
    found, derivatives = function.call()
    assert float(found) == pytest.approx(value, rel=1e-12)
    assert derivatives.full().ravel() == pytest.approx(gradient, rel=1e-10, abs=1e-13)
    evaluate, found, derivatives = function.buffered()
    evaluate()
    assert found.item() == pytest.approx(value, rel=1e-12)
    assert derivatives == pytest.approx(gradient, rel=1e-10, abs=1e-13)


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
@pytest.mark.parametrize("title", [title for title, problem in SMALL.items() if problem.in_c])
def test_in_c_it_is_the_same(title: str) -> None:
    value, gradient = eager(SMALL[title])
    function, found = in_c(SMALL[title])
    assert function() == pytest.approx(value, rel=1e-12)
    assert found == pytest.approx(gradient, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("title", [title for title, problem in SMALL.items() if problem.by_hand])
def test_by_hand_it_is_the_same(title: str) -> None:
    value, gradient = eager(SMALL[title])
    found, derivatives = SMALL[title].by_hand(1)
    assert found == pytest.approx(value, rel=1e-12)
    assert derivatives == pytest.approx(gradient, rel=1e-10, abs=1e-13)


def test_an_operation_that_casadi_is_not_told_of_is_named() -> None:
    with pytest.raises(KeyError, match="arctan2"):
        engine.arctan2(Expression(casadi.SX.sym("x")), 2.0)


def test_a_gradient_that_differs_is_no_figure() -> None:
    problem = SMALL["graph"]
    with pytest.raises(AssertionError, match=r"random graph, 30 nodes: C and the NumPy backend differ by 5\.0e-01"):
        native._compare(problem, "C", (1.0, np.array([1.0, 3.0])), (1.0, np.array([1.0, 2.0])))


def test_without_llvmlite_it_says_what_to_install(capsys, monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "llvmlite" else find(name))
    benchmark.main(["native"])
    assert capsys.readouterr().out.endswith('llvmlite is not installed: pip install "liftgrad[native]"\n')
