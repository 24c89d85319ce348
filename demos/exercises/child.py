"""One check in a process of its own: ``python -m demos.exercises.child NAME FILE SECONDS`` writes its verdict as JSON.

A learner's code may loop without end, print, or end Python. So the verdict goes out through a copy of the standard
output that their code does not see, and a second thread speaks up when time is over.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
import threading
from pathlib import Path

from demos.exercises.answers import Answer, NotYet, busy_at, explain
from demos.exercises.verdict import Verdict

CHECKS = Path(__file__).parent / "checks"
PRINTED_KEPT = 2000  # characters


class Printed(io.TextIOBase):
    """What a learner's code prints, up to a length."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text[: PRINTED_KEPT - len(self.text)]
        return len(text)


def judge(name: str, path: Path) -> tuple[bool, str]:
    """Whether the file at `path` passes the check of exercise `name`; why not, or a remark."""
    check = runpy.run_path(str(CHECKS / f"{name}.py"))["check"]
    try:
        return True, check(Answer(path)) or ""
    except NotYet as reason:
        return False, str(reason)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return False, explain(error, str(path))


def main(name: str, file: str, seconds: str) -> None:
    """Judge, and write the verdict; after so many seconds, write where the code still is, and end."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    printed, main_thread = Printed(), threading.get_ident()

    def say(right: bool, message: str) -> None:
        channel.write(Verdict(right, message, printed.text).to_json())
        channel.flush()
        os._exit(0)  # a learner's own threads do not keep us waiting

    def time_is_over() -> None:
        where = busy_at(main_thread, file)
        say(
            False,
            f"Your code is still running after {seconds} seconds: a loop without end?{where and chr(10) * 2}{where}",
        )

    watchdog = threading.Timer(float(seconds), time_is_over)
    watchdog.daemon = True
    watchdog.start()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        right, message = judge(name, Path(file))
    watchdog.cancel()
    say(right, message)


if __name__ == "__main__":
    main(*sys.argv[1:])
