"""``liftgrad NAME ...``, or ``python -m liftgrad NAME ...``: run a demo by its name."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path


def overwritten() -> str:
    """What is wrong with the packages `engine` and `nn` where another distribution has written over one; else ""."""
    for name, known in (("engine", "Value"), ("nn", "MLP")):
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            return str(error)
        if not hasattr(module, known):
            where = module.__file__ or next(iter(module.__path__))
            return (
                f"The package {name} in {where} is not the one that liftgrad installed: another package of that name "
                "was written over it. Install only one of the two into an environment, then liftgrad again: "
                "pip install --force-reinstall --no-deps liftgrad"
            )
    return ""


def main() -> int:
    """Run the demo that the command line names."""
    here = Path(__file__).parent
    # python -m looks into the current folder first, where a learner may have an engine.py or a demos.py
    sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # noqa: PTH109  as sys.path has it
    if (here / "demos").is_dir():  # else it is a checkout, whose folder is on the path anyway
        sys.path.insert(0, str(here))
    if problem := overwritten():
        print(problem, file=sys.stderr)
        return 1
    from demos.commands import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
