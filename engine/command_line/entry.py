"""What ``python -m engine`` does: the value of an expression, its derivatives, and what else is asked for."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from engine.command_line.arguments import PROGRAM, print_help, read_arguments, read_numbers
from engine.command_line.expression import Expression, ExpressionError
from engine.derivatives import hessian
from engine.explanation import explain
from engine.graph import topological_order
from engine.readable import readable
from engine.render.terminal import aligned, in_columns, spelled
from engine.value import Value, as_value


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns its exit status: 0, 1 where something cannot be written, 2 for what makes no sense."""
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read, as `head` does, has seen enough
        return 1
    return status


def run_as_program() -> int:
    """`main`, in a process of its own, which ends without a word where nobody reads what it still had to say."""
    status = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # Python would try again when it ends, and complain
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return status


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a text in characters that the stream has."""
    stream = stream or sys.stdout
    print(spelled(text, stream.encoding), file=stream)


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        print_help()
        return 0
    options = read_arguments(arguments)
    try:
        expression = Expression(options.expression)
        leaves = {name: Value(data, label=name) for name, data in read_numbers(options.numbers).items()}
        value = as_value(expression.evaluate(leaves))
        if options.explain and options.explain not in leaves:
            known = f"one of {', '.join(leaves)}" if leaves else "a name of the expression, and there is none"
            raise ExpressionError(f"--explain takes {known}", f"--explain {options.explain}", len("--explain "))
    except ExpressionError as error:
        say(f"{PROGRAM}: {error}", sys.stderr)
        return 2
    value.backward()
    _show(expression, value, leaves)
    if options.second:
        _show_second(value, leaves)
    if options.tree:
        say(f"\n{value.tree()}")
    if options.explain:
        say(f"\n{explain(value, leaves[options.explain])}")
    return _write(value, options)


def _show(expression: Expression, value: Value, leaves: dict[str, Value]) -> None:
    """The value, and a line for each name."""
    say(f"{readable(expression.text)} = {value.data:.6g}")
    for node in topological_order(value):
        if not math.isfinite(node.data) and node.parents and all(math.isfinite(p.data) for p in node.parents):
            assert node.op is not None
            operands = ", ".join(f"{parent.data:.6g}" for parent in node.parents)
            say(f"({node.op.name}({operands}) is {node.data})")
            break
    if leaves:
        unused = [name for name in leaves if name not in expression.names]
        rows = [
            ["", *leaves],
            ["value", *aligned([f"{leaf.data:.6g}" for leaf in leaves.values()])],
            ["gradient", *aligned([f"{leaf.grad + 0.0:.6g}" for leaf in leaves.values()])],
            ["", *("(not in the expression)" if name in unused else "" for name in leaves)],
        ]
        say("\n" + "\n".join(_table(list(zip(*rows)))))


def _show_second(value: Value, leaves: dict[str, Value]) -> None:
    """The second derivatives: a row and a column for each name."""
    columns = [["second derivatives", *leaves]]
    rows = hessian(value, [*leaves.values()])
    for name, column in zip(leaves, zip(*rows)):
        columns.append([name, *aligned([f"{second.data:.6g}" for second in column])])
    say("\n" + "\n".join(_table(list(zip(*columns)))))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    return in_columns([[cell + " " for cell in row] for row in rows])


def _write(value: Value, options: argparse.Namespace) -> int:
    """Write the files that are asked for. 1 if that cannot be done, with one line why."""
    if options.svg or options.walkthrough:
        say("")
    for write, path in (("to_svg", options.svg), ("walkthrough", options.walkthrough)):
        if not path:
            continue
        try:
            say(f"written: {readable(getattr(value, write)(path), 1000)}")
        except BrokenPipeError:
            raise
        except OSError as error:
            say(f"{PROGRAM}: cannot write {readable(path)}: {error.strerror or error}", sys.stderr)
            return 1
        except (ImportError, RuntimeError, ValueError) as error:  # no graphviz, no layout program, a graph too large
            say(f"{PROGRAM}: {readable(error, 1000)}", sys.stderr)
            return 1
    return 0
