"""``python -m demos.check``: the checks of a minute, for whoever changes the code.

The linter and the formatter, what is written from the rules, the type checker, and the quick tests. Stops at the first
that fails, with its exit status.
"""

from __future__ import annotations

import subprocess
import sys

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("demos.operations", "--check"),
    ("mypy", "--strict", "engine", "nn"),
    ("pytest", "-q", "-m", "not slow and not browser", "tests/engine", "tests/nn", "engine", "nn", "-k", "not million"),
)


def main() -> int:
    for module, *arguments in CHECKS:
        print("+ python -m", module, *arguments, flush=True)
        status = subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
