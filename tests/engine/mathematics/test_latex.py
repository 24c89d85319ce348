"""latex(): what is written can be set, by matplotlib, and says what the formula says."""

import re

import pytest

import engine
from engine import Value, formula_of, functions, grad, primitive, sigmoid, sqrt, tanh, where
from engine.mathematics.latex import name_in_latex
from engine.primitives import OPERATIONS
from nn import MLP, squared_error

W, X, B = Value(-0.5, "w"), Value(2.0, "x"), Value(1.5, "b")


def typeset(text):
    """Set a formula, line by line: mathtext has neither aligned nor text."""
    from matplotlib.mathtext import MathTextParser

    lines = re.sub(r"\\(begin|end)\{aligned\}", "", text).split(r"\\")
    for line in lines:
        plain = line.strip().replace("&", "").replace(r"\text", r"\mathrm").replace(r"\top", "T")
        width, height, *_ = MathTextParser("path").parse(f"${plain}$")
        assert width > 0
        assert height > 0
    return len(lines)


def test_a_formula():
    assert tanh(W * X + B).latex() == r"\tanh\left(w x + b\right)"
    assert (X**2 / sqrt(W)).latex() == r"\frac{x^{2}}{\sqrt{w}}"
    assert sigmoid(-X).latex() == r"\sigma\left(-x\right)"
    assert (2 * X * 3).latex() == r"2 x \cdot 3"
    assert (tanh(X) ** 2).latex() == r"\tanh^{2}\left(x\right)"
    assert ((X + W) ** 2).latex() == r"\left(x + w\right)^{2}"
    assert (X - (W - B)).latex() == r"x - \left(w - b\right)"
    assert where(X, W, B).latex() == r"\begin{cases} w & x \neq 0 \\ b & \text{otherwise} \end{cases}"


def test_every_operation_is_set():
    for operation in OPERATIONS.values():
        count = len(operation.operand_names) if not operation.takes_any_number else 5
        if operation.name == "dot":
            count = 4
        v = operation(*[Value(0.5, f"x{k}") for k in range(count)])
        text = v.latex()
        assert all(f"x_{{{k}}}" in text for k in range(count) if operation.name != "where"), text
        if "cases" not in text:
            assert typeset(text) == 1


def test_parts_stand_below_one_another():
    z = (W * X + B).named("z")
    text = (tanh(z) * z).latex()
    assert text == "\\begin{aligned}\nz &= w x + b \\\\\ny &= \\tanh\\left(z\\right) z\n\\end{aligned}"
    assert typeset(text) == 2


def test_a_long_sum_has_dots():
    xs = [Value(1.0, f"x{k}") for k in range(1, 21)]
    assert functions.sum(xs).latex() == r"x_{1} + x_{2} + x_{3} + \cdots + x_{18} + x_{19} + x_{20}"


@pytest.mark.parametrize("label", ["x", "w_12", "w¹[0][1]", "α", "50%", "a b", "{", "\\", "重み", "x^2", "$"])
def test_any_label_can_be_set(label):
    assert typeset(name_in_latex(label)) == 1
    v = Value(1.0, label) ** 2
    assert v.latex().endswith("^{2}")
    typeset(v.latex())


def test_a_notebook_sets_it_and_the_prompt_shows_it():
    text = tanh(X).latex()
    assert text._repr_latex_() == r"$\displaystyle \tanh\left(x\right)$"
    assert repr(text) == r"\tanh\left(x\right)"
    slope = formula_of(grad(tanh(X), X))
    assert slope._repr_latex_() == r"$\displaystyle 1 - \tanh^{2}\left(x\right)$"


def test_an_operation_of_a_users_own():
    @primitive
    def my_cube(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    assert my_cube(X).latex() == r"\operatorname{my\_cube}\left(x\right)"


# Programs ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    model = MLP(2, [3, 1], activation="sigmoid", seed=0)
    loss = model.compile(squared_error)
    loss([[0.5, 1.0]], [0.25])
    return loss.program


def test_the_articles_formulas_are_set(network):
    """z^l = W^l a^(l-1) + b^l, delta^(l-1) from delta^l, dC/dW^l from delta and activations: for rows, transposed."""
    rows = network.latex().splitlines()
    for equation in (
        r"z^{(1)} &= x \, {W^{(1)}}^{\top} + b^{(1)} \\",
        r"a^{(1)} &= \sigma\left(z^{(1)}\right) \\",
        r"\delta^{(1)} &= \delta^{(2)} \, W^{(2)} \odot \left(1 - a^{(1)}\right) \odot a^{(1)} \\",
        r"\frac{\partial C}{\partial W^{(2)}} &= {\delta^{(2)}}^{\top} \, a^{(1)} \\",
        r"\frac{\partial C}{\partial W^{(1)}} &= {\delta^{(1)}}^{\top} \, x \\",
        r"\frac{\partial C}{\partial b^{(1)}} &= \sum_{\mathrm{rows}} \delta^{(1)} \\",
    ):
        assert equation in rows
    assert typeset(network.latex()) == len(rows) - 2
    assert network._repr_latex_().startswith("$")


def test_parameters_of_one_number_go_by_their_labels():
    k, c = Value(1.0, "k"), Value(2.0, "gamma")
    f = engine.compile(lambda x: k * x + engine.sin(c))
    f(1.0)
    text = f.program.latex()
    assert r"\sin\left(\gamma\right)" in text
    assert r"\frac{\partial C}{\partial k}" in text
    typeset(text)


def test_lines_of_a_program_are_no_wider_than_a_page():
    ws = [Value(0.1 * k, f"w{k}") for k in range(40)]

    def f(*xs):
        total = ws[0]
        for k, (w, x) in enumerate(zip(ws, xs)):
            total = engine.sin(total * w + x) if k % 2 else engine.exp(total - w * x) / (1 + x * x)
        return total

    compiled = engine.compile(f)
    numbers = [0.01 * k for k in range(40)]
    assert float(compiled(*numbers)) == pytest.approx(f(*numbers).data)
    assert max(map(len, compiled.program.source.splitlines())) <= 100
    typeset(compiled.program.latex())


def test_the_equations_of_a_loop_are_those_of_a_turn():
    ws = [[Value(0.1 * (j - k)) for k in range(3)] for j in range(3)]
    bs = [Value(0.1), Value(0.2), Value(0.3)]

    def network(xs):
        h = [0.0] * 3
        for x in xs:
            h = [engine.tanh(engine.sum(w * h_k for w, h_k in zip(row, h)) + b + x) for row, b in zip(ws, bs)]
        return engine.sum(h)

    compiled = engine.compile(network)
    compiled([0.1] * 20)
    text = str(compiled.program.latex())
    assert r"& \text{for } t = 0, \ldots, 19:" in text
    assert r"\quad z^{(1)} &= {u_{2}}_{t} + s_{1} \, {W^{(1)}}^{\top}" in text
    assert r"\quad s_{1} &\leftarrow \tanh\left(z^{(1)}\right)" in text  # the state, and what it becomes
    assert r"\frac{\partial C}{\partial b^{(1)}} &= \sum_{\mathrm{rows}}" in text  # of all turns
    assert r"& \text{for } t = 19, \ldots, 0:" in text  # the adjoint, from back to front
    typeset(text)
