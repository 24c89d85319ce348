"""The page's arithmetic in a browser: the number of every primitive, its derivatives, and how numbers are written."""

import json
import math
import random
from itertools import product

import mpmath
import pytest

from engine.primitives import OPERATIONS, power
from engine.render.walkthrough.javascript import arithmetic, javascript
from engine.render.walkthrough.page import _file


def test_numbers_are_written_as_python_does_but_whole_ones_below_a_million_whole(browser, tmp_path):
    numbers = [
        0.0,
        3844.0,
        9999.4,
        -0.0,
        1.0,
        -2.5,
        1 / 3,
        9999.6,
        12345.6,
        -99999.0,
        999970.0,
        1e6,
        1e-4,
        9.9999e-5,
        1e22,
        -1.5e-300,
        math.inf,
        -math.inf,
    ]
    shown = compute(browser, tmp_path, "return numbers.map((x) => [formatted(x), formatted(x, 6)])", numbers)
    for x, texts in zip(numbers, shown):
        short = f"{x:.0f}" if 9999.5 <= abs(x) < 999999.5 else f"{x:.4g}"
        assert [text.replace("\N{MINUS SIGN}", "-") for text in texts] == [short, f"{x:.6g}"]


def compute(browser, tmp_path, body, numbers):
    """What a function body returns in the browser, with the page's arithmetic before it and `numbers` in scope."""
    sources = "\n".join([_file("special.js"), arithmetic(), _file("numbers.js")])
    encoded = json.dumps(numbers)
    page = tmp_path / "compute.html"
    page.write_text("<meta charset=utf-8><link rel=icon href=data:,>", encoding="utf-8")
    browser.get(page.as_uri())
    return browser.execute_script(f"{sources}; const numbers = {encoded}; {body}")


OURS = [*OPERATIONS.values(), *map(power, (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5))]
EDGES = [
    0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 6.5, 27.0, 30.0, 710.0, 1023.0, 1074.0, 2.0**52 + 1.0, 4503599627370495.5, 1e154,
    1e300, 1.7976931348623157e308, math.inf, 0.49999999999999994, 0.3, 1e-9, 1e-160, 1e-300, 5e-324,
]  # fmt: skip
EDGES = [*EDGES, *[-edge for edge in EDGES], math.nan]


def operands_to_try(op, draw):
    """Random numbers and edges: of one or two operands every edge with every other."""
    count = {"dot": 4, "weighted_sum": 5}.get(op.name, 3 if op.takes_any_number else len(op.operand_names))
    points = [[draw.gauss(0.0, 2.0) for _ in range(count)] for _ in range(100)]
    if count <= 2:
        return points + [[*edges] for edges in product(EDGES, repeat=count)]
    return points + [[draw.choice(EDGES) for _ in range(count)] for _ in range(1000)]


def test_every_primitive_and_its_derivatives_equal_the_engines(browser, tmp_path):
    """At random numbers and at every edge: infinities, nan and signed zeros too."""
    draw = random.Random(0)
    rules, points, expected = [], [], []
    for op in OURS:
        points.append(operands_to_try(op, draw))
        rules.append(javascript(op, points[-1][0]))
        for operands in points[-1]:
            value, pullback = op.rule(*operands)
            expected.append((op.formula, operands, [value, *pullback(0.75)]))
    computed = compute(
        browser,
        tmp_path,
        f"""const rules = [{", ".join(rules)}];
        const text = (x) => Number.isNaN(x) ? "nan" : Object.is(x, -0) ? "-0" : String(x).replace("Infinity", "inf");
        return rules.flatMap((rule, r) => numbers[r].map((operands) => {{
            const [value, pullback] = rule(...operands);
            return [value, ...pullback(0.75)].map((x) => text(x ?? 0)); // null is no derivative at all
        }}));""",
        points,
    )
    assert len(computed) == len(expected)
    wrong = [
        f"{formula} at {operands}: {texts}, not {numbers}"
        for (formula, operands, numbers), texts in zip(expected, computed)
        if not all(alike(float(text), number) for number, text in zip(numbers, texts, strict=True))
    ]
    assert not wrong, "\n".join(wrong[:: max(1, len(wrong) // 50)])


def alike(found, number):
    """Equal but for the last digits, and zero of the same sign."""
    if found == number == 0.0:
        return math.copysign(1.0, found) == math.copysign(1.0, number)
    return found == pytest.approx(number, rel=1e-11, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_error_function_is_exact_to_its_last_digits(browser, tmp_path, name):
    """To 5 units in the last place; most to 2."""
    draw = random.Random(1)
    points = [k / 37 for k in range(-260, 1000)] + [1e-310, -1e-20, 1e-8, 2.9999, 3.0, 5.99, 6.0, 26.5, 40.0]
    points += [draw.uniform(-7.0, 27.0) for _ in range(3000)]
    wrong = []
    with mpmath.workdps(40):
        for x, found in zip(points, compute(browser, tmp_path, f"return numbers.map(ieee.{name})", points)):
            exact = getattr(mpmath, name)(mpmath.mpf(x))
            if abs(found - exact) > 5 * math.ulp(float(exact)):
                wrong.append((x, found, float((found - exact) / math.ulp(float(exact)))))
    assert not wrong, (len(wrong), max(wrong, key=lambda row: abs(row[2])), wrong[:20])


def test_nothing_passes_through_a_condition_in_the_page(browser, tmp_path):
    """2x where log(x) < 1, for an x of 0: log passes nothing on, neither 0 times infinity."""
    rules = [
        javascript(op, [0.5] * len(op.operand_names)) for op in map(OPERATIONS.get, ("log", "less", "mul", "where"))
    ]
    body = f"""
        const rules = [{", ".join(rules)}];
        {_file("graph.js")}
        const nodes = [{{}}, {{}}, {{}}, {{}}, {{ rule: 0, operands: [0] }}, {{ rule: 1, operands: [4, 1] }},
                       {{ rule: 2, operands: [2, 0] }}, {{ rule: 3, operands: [5, 6, 3] }}];
        const {{ adjoint, contributions, slopes }} = computed(nodes, numbers);
        return [adjoint, contributions.slice(4), slopes[7]];"""
    adjoint, contributions, slopes = compute(browser, tmp_path, body, [0.0, 1.0, 2.0, 3.0])
    assert adjoint == [2, 0, 0, 0, 0, 0, 1, 1]
    assert contributions == [[0], [0, 0], [0, 2], [0, 1, 0]]
    assert slopes == [0, 1, 0]
