<<<<<<< HEAD
"""``python -m engine "tanh(w*x + b)" w=2 x=-1 b=0.5``: see `engine.command_line`."""
=======
"""``python -m engine "tanh(w*x + b)" w=2 x=-1 b=0.5``: the value and the derivatives of an expression."""

from __future__ import annotations

import argparse
import keyword
import math
import sys
import textwrap
from collections.abc import Sequence

from engine.derivatives import hessian
from engine.explanation import explain
from engine.expression import FUNCTIONS, Expression, ExpressionError, normalized, number
from engine.graph import topological_order
from engine.render.terminal import aligned, in_columns
from engine.value import Value, as_value

PROGRAM = "python -m engine"
EXAMPLES = f"""\
examples:
  {PROGRAM} "tanh(w*x + b)" w=2 x=-1 b=0.5
  {PROGRAM} "x**3 * y" x=2 y=pi/4 --second
  {PROGRAM} "log(1 + exp(x))" x=0 --tree --explain x --svg graph.svg

numbers may be written as 0.5, 1e-3, inf, pi/4 or sqrt(2). An expression is Python's arithmetic: + - * / // % **,
comparisons (1 if true, else 0), pi, e, and the functions

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no such letters shows a question mark
    parser = _parser()
    if not arguments:
        parser.print_help()
        return 0
    # An expression may begin with a minus: behind a space it is not taken for an option
    options = parser.parse_intermixed_args([f" {text}" if _begins_with_minus(text) else text for text in arguments])
    try:
        expression = Expression(options.expression)
        leaves = {name: Value(data, label=name) for name, data in _numbers(options.numbers).items()}
        value = as_value(expression.evaluate(leaves))
        if options.explain and options.explain not in leaves:
            known = f"one of {', '.join(leaves)}" if leaves else "a name of the expression, and there is none"
            raise ExpressionError(f"--explain takes {known}", f"--explain {options.explain}", len("--explain "))
    except ExpressionError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    value.backward()
    _show(expression, value, leaves)
    if options.second:
        _show_second(value, leaves)
    if options.tree:
        print(f"\n{value.tree()}")
    if options.explain:
        print(f"\n{explain(value, leaves[options.explain])}")
    return _write(value, options)


def _parser() -> argparse.ArgumentParser:
    functions = textwrap.wrap(", ".join(FUNCTIONS), 100, initial_indent="  ", subsequent_indent="  ")
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="The value of an expression, and its derivative with respect to each number in it.",
        epilog=EXAMPLES + "\n".join(functions),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("expression", help="in quotes, such as 'tanh(w*x + b)'")
    parser.add_argument("numbers", nargs="*", metavar="name=number", help="what the names stand for")
    parser.add_argument("--second", action="store_true", help="the second derivatives too")
    parser.add_argument("--tree", action="store_true", help="the graph, as text")
    parser.add_argument("--explain", metavar="NAME", help="the chain rule written out for one name")
    parser.add_argument("--svg", metavar="FILE", help="write a picture of the graph")
    parser.add_argument("--walkthrough", metavar="FILE", help="write a page that steps through backpropagation")
    return parser


def _begins_with_minus(text: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and text not in ("-h", "-")


def _numbers(arguments: Sequence[str]) -> dict[str, float]:
    """The numbers given as ``name=number``, by name. ExpressionError for one that is not."""
    numbers: dict[str, float] = {}
    for argument in arguments:
        argument = argument.strip()
        name, equals, text = argument.partition("=")
        name = normalized(name.strip())
        if not equals:
            raise ExpressionError("this is not a number such as x=2; is the expression in quotes?", argument, 0)
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ExpressionError(f"{name!r} cannot be a name: names are letters, digits and _, as x1", argument, 0)
        if name in numbers:
            raise ExpressionError(f"{name} has been given before", argument, 0)
        try:
            numbers[name] = number(text)
        except ExpressionError as error:
            column = argument.index("=") + 1 + len(text) - len(text.lstrip()) + error.column
            raise ExpressionError(
                error.problem if text.strip() else "a number is missing here", argument, column
            ) from None
    return numbers


def _show(expression: Expression, value: Value, leaves: dict[str, Value]) -> None:
    """The value, and a line for each name."""
    print(f"{expression.text} = {value.data:.6g}")
    for node in topological_order(value):
        if not math.isfinite(node.data) and node.parents and all(math.isfinite(p.data) for p in node.parents):
            assert node.op is not None
            operands = ", ".join(f"{parent.data:.6g}" for parent in node.parents)
            print(f"({node.op.name}({operands}) is {node.data})")
            break
    if leaves:
        unused = [name for name in leaves if name not in expression.names]
        rows = [
            ["", *leaves],
            ["value", *aligned([f"{leaf.data:.6g}" for leaf in leaves.values()])],
            ["gradient", *aligned([f"{leaf.grad + 0.0:.6g}" for leaf in leaves.values()])],
            ["", *("(not in the expression)" if name in unused else "" for name in leaves)],
        ]
        print("\n" + "\n".join(_table(list(zip(*rows)))))


def _show_second(value: Value, leaves: dict[str, Value]) -> None:
    """The second derivatives: a row and a column for each name."""
    columns = [["second derivatives", *leaves]]
    rows = hessian(value, [*leaves.values()])
    for name, column in zip(leaves, zip(*rows)):
        columns.append([name, *aligned([f"{second.data:.6g}" for second in column])])
    print("\n" + "\n".join(_table(list(zip(*columns)))))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    return in_columns([[cell + " " for cell in row] for row in rows])


def _write(value: Value, options: argparse.Namespace) -> int:
    """Write the files that are asked for. 1 if that cannot be done, with one line why."""
    if options.svg or options.walkthrough:
        print()
    for write, path in (("to_svg", options.svg), ("walkthrough", options.walkthrough)):
        if not path:
            continue
        try:
            print(f"written: {getattr(value, write)(path)}")
        except OSError as error:
            print(f"{PROGRAM}: cannot write {path}: {error.strerror or error}", file=sys.stderr)
            return 1
        except (ImportError, RuntimeError, ValueError) as error:  # no graphviz, no layout program, a graph too large
            print(f"{PROGRAM}: {error}", file=sys.stderr)
            return 1
    return 0
>>>>>>> opstests

from engine.command_line import run_as_program

if __name__ == "__main__":
    raise SystemExit(run_as_program())
