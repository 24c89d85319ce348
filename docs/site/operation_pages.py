"""A page for each kind of operation: of each one its formulas, a plot, its edges and its proof.

All of it comes from the rule itself (`engine.primitives`): what it prints, what it computes, and what SymPy makes of
both (`docs.proofs`). Every proof is made while the site is built.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

import sympy as sp

from demos.operations import ALIASES, OPERATORS, PUBLIC
from docs.proofs.proving import BETWEEN_ONES, LOWEST, UNPROVED, Statement, of_derivatives, of_rule, prove_equal
from docs.site import edges
from docs.site.operation_plot import curves, picture
from docs.site.snippets import inline
from engine.mathematics.latex import ATOM, Writer, name_in_latex
from engine.mathematics.notation import DOTS
from engine.primitives import Primitive
from engine.render import formula

Mathematics = Callable[[str, bool], str]
MENTIONED = re.compile("``(.+?)``|`(.+?)`")
LARGEST_SHOWN = 10**20  # of a denominator
PAIR = re.compile(r"(\w_\w+) (?=\w_\w)")  # w_1 x_1


def kinds() -> dict[str, list[Primitive]]:
    """The public operations by the file they are written in, in its order."""
    found: dict[str, list[Primitive]] = {}
    for operation in PUBLIC:
        found.setdefault(operation.__module__.rpartition(".")[2], []).append(operation)
    return found


def address(operation: Primitive) -> str:
    """Where an operation is described."""
    return f"operations_{operation.__module__.rpartition('.')[2]}.html#{operation.name}"


def pages(mathematics: Mathematics) -> Iterator[tuple[str, str, str]]:
    """The name of each page, its title, and its body."""
    written = kinds()
    for kind, operations in written.items():
        title = f"Operations: {kind}"
        first = (import_module(f"engine.primitives.{kind}").__doc__ or "").split("\n\n")[0]
        names = " · ".join(f'<a href="#{one.name}">{one.name}</a>' for one in operations)
        others = " · ".join(f'<a href="operations_{other}.html">{other}</a>' for other in written if other != kind)
        head = (
            f"<h1>{title}</h1><p>{_words(first)} Written in <code>engine/primitives/{kind}.py</code>: each rule has "
            f"the value and the pullback, and everything here comes from it. Other kinds: {others}.</p><p>{names}</p>"
        )
        yield f"operations_{kind}", title, "\n".join([head, *(_entry(one, mathematics) for one in operations)])


def _entry(operation: Primitive, mathematics: Mathematics) -> str:
    first, _, rest = (operation.__doc__ or "").partition("\n\n")
    also = ALIASES.get(operation.name, [])
    other_names = f" Also called {', '.join(f'<code>{name}</code>' for name in also)}." if also else ""
    words = f"<p>{_words(first)}{other_names}</p>" + (f"<p>{_words(rest)}</p>" if rest else "")
    display = f'<div class="formula" tabindex="0">{mathematics(formulas(operation), True)}</div>'
    names = formula.operand_letters(operation, _count_drawn(operation))
    drawn = "".join(
        f'<div class="picture" tabindex="0">{inline(picture(operation.name, curve))}</div>'
        for curve in curves(operation, names)
    )
    return (
        f'<section class="operation"><h2 id="{operation.name}"><code>{html.escape(_called(operation))}</code></h2>'
        f'{words}{display}<div class="plots">{drawn}</div>{_edges(operation)}{_proof(operation, mathematics)}</section>'
    )


def _count_drawn(operation: Primitive) -> int:
    """Of how many operands it is drawn: of any number, as few as show how they share the adjoint."""
    if not operation.takes_any_number:
        return len(operation.operand_names)
    return 4 if operation.name == "dot" else 3


def _called(operation: Primitive) -> str:
    if operation.name in OPERATORS:
        return operation.formula if operation.symbol not in ("//", "%") else f"x {operation.symbol} y"
    return f"{operation.name}({', '.join(operation.operand_names)})"


def _words(text: str) -> str:
    escaped = html.escape(" ".join(text.split()))
    return MENTIONED.sub(lambda found: f"<code>{found[1] or found[2]}</code>", escaped)


# Formulas ------------------------------------------------------------------------------------------------------------


def formulas(operation: Primitive) -> str:
    """The value and the local derivatives of an operation in LaTeX, one below the other."""
    names = formula.operand_letters(operation, _count_drawn(operation))
    letters = [*dict.fromkeys(name.partition("_")[0] for name in names)]
    letters = [letter + "_k" if f"{letter}_1" in names else letter for letter in letters]
    result = _result(operation)
    rows = [f"{result} &= {in_latex(operation.formula)}"]
    for letter, text in zip(letters, operation.derivatives):
        rows.append(rf"\frac{{\partial {result}}}{{\partial {name_in_latex(letter)}}} &= {in_latex(text)}")
    return "\\begin{aligned}\n" + " \\\\[4pt]\n".join(rows) + "\n\\end{aligned}"


def in_latex(text: str) -> str:
    """A printed formula in LaTeX; what is no expression as the words it is."""
    readable = PAIR.sub(r"\1*", text).replace("...", DOTS)
    try:
        tree = ast.parse(readable, mode="eval").body
    except SyntaxError:
        return rf"\text{{{text.replace('_k', '‗k')}}}".replace("x‗k", "$x_k$")
    if isinstance(tree, ast.Compare):
        tree = ast.parse(f"where({readable}, 1, 0)", mode="eval").body
    return _Cases(name_in_latex).text(tree)


class _Cases(Writer):
    """Writes a choice whose other case is a choice again as the cases of one."""

    def called(self, tree: ast.Call) -> tuple[str, int]:
        if ast.unparse(tree.func) != "where":
            return super().called(tree)
        rows: list[str] = []
        other: ast.expr = tree
        while isinstance(other, ast.Call) and ast.unparse(other.func) == "where":
            condition, value, other = other.args
            holds = "" if isinstance(condition, ast.Compare) else r" \neq 0"
            rows.append(f"{self.text(value)} & {self.text(condition)}{holds}")
        rows.append(rf"{self.text(other)} & \text{{otherwise}}")
        return "\\begin{cases} " + r" \\ ".join(rows) + " \\end{cases}", ATOM


def _result(operation: Primitive) -> str:
    """What the value is called: y, or z where that is an operand, and of a neuron."""
    letters = {name.partition("_")[0] for name in formula.operand_letters(operation, _count_drawn(operation))}
    return "z" if letters & {"y", "w"} else "y"


# Edges ---------------------------------------------------------------------------------------------------------------


def _edges(operation: Primitive) -> str:
    found = edges.edges(operation)
    names = formula.operand_letters(operation, len(found[0].operands))[: len(found[0].operands)]
    head = [*names, "value", *(f"∂/∂{name}" for name in names), f"PyTorch {edges.torch_version()}"]
    rows = []
    for edge in found:
        cells = [_number(x) for x in (*edge.operands, edge.value, *edge.slopes)]
        said = "" if edge.torch is None else "the same" if edge.is_pytorchs else ", ".join(map(_number, edge.torch))
        rows.append("".join(f"<td>{cell}</td>" for cell in (*cells, said)))
    cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    table = f'<table class="edges"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>'
    return f'<details><summary>At the edges</summary><div class="wide" tabindex="0">{table}</div></details>'


def _number(x: float) -> str:
    return f"{x:.6g}".replace("-", "\N{MINUS SIGN}").replace("inf", "∞")


# Proofs --------------------------------------------------------------------------------------------------------------


def _proof(operation: Primitive, mathematics: Mathematics) -> str:
    """What SymPy proves of an operation, case by case. It is proved here and now."""
    derivatives, rule = [*of_derivatives(operation, sizes=(2,))], []
    if operation.name not in UNPROVED:
        rule = [*of_rule(operation, sizes=(2,))]
    for statement in derivatives + rule:
        prove_equal(*statement)
    domain = _domain(operation)
    where = f"{mathematics(domain, False)} real" if domain else "all real numbers, between kinks and jumps"
    said = f"<p>For {where}" + (", shown for n = 2. " if operation.takes_any_number else ". ")
    said += "SymPy differentiates the formula and finds the derivative that is printed:</p>"
    parts = [said, *_cases(operation, derivatives, mathematics)]
    if operation.name in UNPROVED:
        parts.append(f"<p>What its rule computes is not proved: {UNPROVED[operation.name]}.</p>")
    else:
        parts.append(
            "<p>Read with symbols, the rule has the value of the formula, and its pullback passes g times the "
            "derivative on to each operand, g being the adjoint of the value:</p>"
        )
        parts += _cases(operation, rule, mathematics)
    return f"<details><summary>Proof</summary>{''.join(parts)}</details>"


def _cases(operation: Primitive, statements: Sequence[Statement], mathematics: Mathematics) -> Iterator[str]:
    regions = {id(each.region): each.region for each in statements}
    for key, region in regions.items():
        conditions = [_shown(operation, x) + f" {'<=>'[sign + 1]} 0" for x, sign in region.signs.items()]
        if conditions and len(regions) > 1:
            yield f"<p>Where {', '.join(mathematics(condition, False) for condition in conditions)}:</p>"
        rows = [_row(operation, each) for each in statements if id(each.region) == key]
        lines = "\\begin{aligned}\n" + " \\\\[4pt]\n".join(rows) + "\n\\end{aligned}"
        yield f'<div class="formula" tabindex="0">{mathematics(lines, True)}</div>'


def _row(operation: Primitive, statement: Statement) -> str:
    result = _result(operation)
    sides = [_shown(operation, side) for side in (statement.true, statement.ours)]
    if statement.what.startswith("d/d"):
        name = rf"\frac{{\partial {result}}}{{\partial {_symbol(statement.what[3:])}}}"
    elif statement.what.startswith("the pullback for "):
        [name] = re.findall(r"[a-z]+(?:_\d)?", statement.what.removeprefix("the pullback for "))[-1:]
        sides.reverse()
        return rf"{_symbol(name)} &\leftarrow " + " = ".join(dict.fromkeys(sides))
    else:
        name = result
        sides.reverse()
    return f"{name} &= " + " = ".join(dict.fromkeys(sides))


def _symbol(name: str) -> str:
    return name_in_latex(name)


def _shown(operation: Primitive, expression: sp.Expr) -> str:
    """An expression in LaTeX, in the operands themselves: what is above a bound is proved as the bound and the rest."""
    shifts = {
        symbol: sp.Symbol(symbol.name) - lowest
        for symbol in expression.free_symbols
        if (lowest := LOWEST.get((operation.name, symbol.name)))
    }
    long = {number: sp.Float(number, 6) for number in expression.atoms(sp.Rational) if number.q > LARGEST_SHOWN}
    names = {symbol: name_in_latex(symbol.name) for symbol in expression.free_symbols}
    return str(sp.latex(expression.subs(shifts).xreplace(long), ln_notation=False, symbol_names=names))


def _domain(operation: Primitive) -> str:
    if operation.name in BETWEEN_ONES:
        return "-1 < x < 1"
    bounds = {name: lowest for (one, name), lowest in LOWEST.items() if one == operation.name}
    return ", ".join(f"{name_in_latex(name)} > {lowest}" for name, lowest in bounds.items())
