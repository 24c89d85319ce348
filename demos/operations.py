"""``python -m demos.operations``: the README's table of operations, from the primitives themselves.

With --write it replaces the table in README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine import Primitive, files, functions, primitives

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- operations: written by python -m demos.operations --write -->\n", "<!-- end of operations -->"


def public_operations() -> Iterator[Primitive]:
    """The primitives that a user's code records, by an operator or a public function, in the order of primitives.py."""
    for name, operation in vars(primitives).items():
        if isinstance(operation, Primitive) and (name in functions.__all__ or name in OPERATORS):
            yield operation


OPERATORS = ("add", "sub", "mul", "div", "neg", "pow")


def operations_table() -> str:
    """The table in Markdown: what an operation is called, its value, its local derivatives in the operands' order."""
    rows = [
        f"| {operation.name} | `{operation.formula}` | {', '.join(f'`{slope}`' for slope in operation.derivatives)} |"
        for operation in public_operations()
    ]
    return "\n".join(["| operation | value | local derivatives |", "| --- | --- | --- |", *rows]) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m demos.operations", description="The table of operations.")
    parser.add_argument("--write", action="store_true", help="put it into README.md")
    if not parser.parse_args(arguments).write:
        print(operations_table(), end="")
        return
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    files.write(README, (before + BEGIN + operations_table() + END + after).encode())


if __name__ == "__main__":
    main()
