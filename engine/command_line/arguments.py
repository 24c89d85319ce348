"""The arguments of the command line: what is given, and what is said where that is wrong."""

from __future__ import annotations

import argparse
import keyword
import textwrap
from collections.abc import Sequence
from typing import NoReturn

from engine.command_line.expression import FUNCTIONS, ExpressionError, normalized, parsed_number
from engine.readable import readable, readable_repr

PROGRAM = "python -m engine"
EXAMPLES = f"""\
examples:
  {PROGRAM} "tanh(w*x + b)" w=2 x=-1 b=0.5
  {PROGRAM} "x**3 * y" x=2 y=pi/4 --second
  {PROGRAM} "log(1 + exp(x))" x=0 --tree --explain x --svg graph.svg

numbers may be written as 0.5, 1e-3, inf, pi/4 or sqrt(2). An expression is Python's arithmetic: + - * / // % **,
comparisons (1 if true, else 0), pi, e, and the functions

"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(readable(message, 300))  # it repeats arguments as they are


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line. An expression may begin with a minus: it is not taken for an option."""
    options = [f" {text}" if _begins_with_minus(text) else text for text in arguments]  # behind a space
    return _parser().parse_intermixed_args(options)


def print_help() -> None:
    """Say how the command is used."""
    _parser().print_help()


def _parser() -> _Parser:
    functions = textwrap.wrap(", ".join(FUNCTIONS), 100, initial_indent="  ", subsequent_indent="  ")
    parser = _Parser(
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


def read_numbers(arguments: Sequence[str]) -> dict[str, float]:
    """The numbers given as ``name=number``, by name. ExpressionError for one that is not."""
    numbers: dict[str, float] = {}
    for argument in arguments:
        argument = argument.strip()
        name, equals, text = argument.partition("=")
        name = normalized(name.strip())
        if not equals:
            raise ExpressionError("this is not a number such as x=2; is the expression in quotes?", argument, 0)
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ExpressionError(
                f"{readable_repr(name, 40)} cannot be a name: names are letters, digits and _, as x1", argument, 0
            )
        if name in numbers:
            raise ExpressionError(f"{readable(name, 40)} has been given before", argument, 0)
        try:
            numbers[name] = parsed_number(text)
        except ExpressionError as error:
            column = argument.index("=") + 1 + len(text) - len(text.lstrip()) + error.column
            raise ExpressionError(
                error.problem if text.strip() else "a number is missing here", argument, column
            ) from None
    return numbers
