"""``python -m demos.operations``: the table of operations, from the rules themselves.

With --check it says which files are behind. With --write it writes what follows from the rules: the table in README.md,
the methods of a Value (engine/methods.py) and the functions (engine/functions.py). To add an operation, write its rule
in engine/primitives and run it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]

try:
    from engine.primitives import OPERATIONS, Primitive
except AttributeError:  # a method or a function is left of a rule that was removed or renamed: take the rules alone
    sys.modules["engine"] = ModuleType("engine")
    sys.modules["engine"].__path__ = [str(ROOT / "engine")]
    from engine.primitives import OPERATIONS, Primitive

from engine import files  # noqa: E402

BEGIN, END = "operations: written by python -m demos.operations --write", "end of operations"
OPERATORS = ("add", "sub", "mul", "div", "neg", "pow", "remainder", "floor_divide")
PUBLIC = [operation for operation in OPERATIONS.values() if operation.is_public]
ALIASES = {"silu": ["swish"]}  # other names of an operation
# What makes the method, and the type of the function, by the least and the most operands
KINDS = {
    (1, 1): ("of_one", "OfOne"),
    (1, 2): ("of_some", "OfOneOrTwo"),
    (2, 2): ("of_two", "OfTwo"),
    (1, 3): ("of_some", "OfOneToThree"),
    (3, 3): ("of_some", "OfThree"),
}


def functions() -> Iterator[Primitive]:
    """The primitives of one number or several that are functions: all but operators and those of lists."""
    for operation in PUBLIC:
        if operation.name not in OPERATORS and not operation.takes_any_number:
            yield operation


def kind(operation: Primitive) -> tuple[str, str]:
    """What makes its method, and the type of its function."""
    most = len(operation.operand_names)
    return KINDS[most - len(operation.defaults), most]


def table() -> str:
    """The table in Markdown: what an operation is called, its value, its local derivatives in the operands' order."""
    rows = [
        f"| {operation.name} | `{operation.formula}` | {', '.join(f'`{slope}`' for slope in operation.derivatives)} |"
        for operation in PUBLIC
    ]
    return "\n".join(["| operation | value | local derivatives |", "| --- | --- | --- |", *rows]) + "\n"


def method_lines() -> str:
    """The lines of class Methods."""
    return "".join(
        f"    {name} = {kind(operation)[0]}(primitives.{operation.name})\n"
        for operation in functions()
        if operation.name != "where"  # Value.where has its operands in another order
        for name in (operation.name, *ALIASES.get(operation.name, ()))
    )


def function_lines() -> str:
    """The lines of engine/functions.py."""
    lines = []
    for operation in functions():
        source = f"Methods.{operation.name}" if operation.name != "where" else "node.of_some(primitives.where)"
        lines += [
            f"{name} = cast({kind(operation)[1]}, {source})\n"
            for name in (operation.name, *ALIASES.get(operation.name, ()))
        ]
    names = [name for operation in functions() for name in (operation.name, *ALIASES.get(operation.name, ()))]
    shown = "".join(f'    "{name}",\n' for name in (*names, *LISTS))
    return "".join(lines) + f"\n__all__ = [  # noqa: RUF022  in the order of the rules\n{shown}]\n"


LISTS = (
    "sum", "mean", "prod", "take", "cumsum", "var", "std", "dot", "weighted_sum", "norm2", "logsumexp", "softmax",
    "log_softmax", "max", "min",
)  # fmt: skip


def written(path: Path, lines: str) -> str:
    """The text of a file with these lines between its two marks."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    first = before + BEGIN + rest[: rest.index("\n") + 1]
    last_line = rest[: rest.index(END)].rsplit("\n", 1)[1]
    return first + lines + last_line + END + after


def texts() -> dict[Path, str]:
    """What each file that follows from the rules is to hold."""
    return {
        path: written(path, lines)
        for path, lines in (
            (ROOT / "README.md", table()),
            (ROOT / "engine" / "methods.py", method_lines()),
            (ROOT / "engine" / "functions.py", function_lines()),
        )
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m demos.operations", description="The table of operations.")
    parser.add_argument("--write", action="store_true", help="write README's table, the methods and the functions")
    parser.add_argument("--check", action="store_true", help="say which of these are not as the rules have them")
    options = parser.parse_args(arguments)
    if not options.write and not options.check:
        print(table(), end="")
    stale = [path for path, text in texts().items() if path.read_text(encoding="utf-8") != text]
    if options.check and stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        parser.exit(1, f"{names}: not as the rules have it: python -m demos.operations --write\n")
    for path in stale if options.write else ():
        files.write(path, texts()[path].encode())


if __name__ == "__main__":
    main()
