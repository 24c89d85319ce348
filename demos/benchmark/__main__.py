"""``python -m demos.benchmark [section ...] [--quick]``: measure, and print tables with ratios."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Sequence

from demos.benchmark import kinds
from demos.commands import parser_of

SECTIONS = [
    "operations",
    "moons",
    "memory",
    "growth",
    "compiled",
    "compile_time",
    "wide",
    "native",
    "gpt",
    "names",
    "kinds",
]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_of("benchmark", "Measure the engine beside others.", out=None)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"which of {', '.join(SECTIONS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer repetitions: rough figures")
    for option, words in kinds.OPTIONS.items():
        parser.add_argument(f"--{option}", type=lambda text: text.split(","), help=f"kinds: {words}")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]!r}: there are {', '.join(SECTIONS)}")

    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {platform.machine()}, {os.cpu_count()} CPUs")
    for name in options.sections or SECTIONS:
        section = importlib.import_module(f"demos.benchmark.{name}")
        print(f"\n{section.TITLE}\n{'=' * len(section.TITLE)}", flush=True)
        chosen = {option: getattr(options, option) for option in getattr(section, "OPTIONS", ())}
        for line in section.lines(options.quick, **chosen):
            print(line, flush=True)


if __name__ == "__main__":
    main()
