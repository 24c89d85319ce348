"""A learner's file in a process of its own: ``python -m demos.exercises.child``, started by verdict.py.

It runs their code and passes the results on; it says nothing about right and wrong. The process is as near as can be to
``python FILE``: the file's folder comes first on the search path and is the current one, what the code prints goes to
the standard output, and there is nobody to answer ``input()``.

Results go out through a copy of the standard output, on lines that begin with a token; what else is written there, by
accident or on purpose, is no result.
"""

from __future__ import annotations

import sys

AT_START = {*sys.modules}  # what is loaded whatever a program does

import contextlib  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from demos.exercises.answers import Answer, NotYet, is_theirs, place  # noqa: E402
from demos.exercises.asked import check_of  # noqa: E402
from demos.exercises.replies import CLOSED, Reply, to_json  # noqa: E402

try:
    import fcntl
    import resource
except ImportError:  # Windows
    fcntl = resource = None  # type: ignore[assignment]

TICK = 0.05  # seconds between two looks
Send = Callable[[dict[str, Any]], None]


class Passing(Answer):
    """An answer whose results are passed on.

    Attributes:
        only: the one call that is made, by its number; None if all are.
    """

    judged_elsewhere = True

    def __init__(self, path: Path, send: Send, only: int | None) -> None:
        self._send, self._only = send, only
        super().__init__(path)
        send({"loaded": True})

    def result(self, call: Callable[[], Any]) -> Reply:
        """Make the call, and pass on what comes of it."""
        if self._only is not None and self._count != self._only:
            self._count += 1
            return Reply()
        reply = super().result(call)
        self._send({"reply": [to_json(reply.value), *reply[1:]]})
        return reply


def channel(token: str) -> Send:
    """A way out for records. The standard output is where everything else goes from now on."""
    number, owner = _away(1), os.getpid()
    os.dup2(2, 1)

    def send(record: dict[str, Any]) -> None:
        if os.getpid() != owner:  # the learner's code has forked, and this is the copy
            os._exit(0)
        line = f"\n{token}{json.dumps(record)}\n".encode()
        try:
            while line:
                line = line[os.write(number, line) :]
        except OSError:
            os._exit(CLOSED)

    return send


def _away(number: int) -> int:
    """A copy of a descriptor, where neither `os.write(3, ...)` nor closing the first hundred comes across it."""
    if fcntl is not None:
        with contextlib.suppress(OSError):  # so many may not be allowed
            return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 128 + os.urandom(1)[0] % 100)
    return os.dup(number)


class Watchdog(threading.Thread):
    """Ends the process when it has computed too long, or waited too long, and says where.

    Time is what the processor worked for this process, so that a busy machine makes nobody late.

    Attributes:
        one: the limit for one call, in seconds. The time starts anew with each.
        all: the limit for all of them.
        idle: how long it may wait, computing nothing.
    """

    def __init__(self, limits: tuple[float, float, float], path: Path, send: Send) -> None:
        super().__init__(daemon=True)
        self.one, self.all, self.idle = limits
        self.path, self.send = str(path), send
        self.watched = threading.get_ident()
        self.began = time.process_time()
        self.allow()

    def allow(self) -> None:
        """Start the time for a call. The system steps in where this thread cannot: in a call that never lets go."""
        self.since, self.waited = time.process_time(), 0.0
        if resource is not None:
            soft, hard = math.ceil(self.since + self.one + 0.2), resource.getrlimit(resource.RLIMIT_CPU)[1]
            if hard == resource.RLIM_INFINITY or soft < hard:
                resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

    def run(self) -> None:
        """Look, every TICK seconds."""
        moment, used = time.monotonic(), time.process_time()
        while True:
            time.sleep(TICK)
            before, used_before = moment, used
            moment, used = time.monotonic(), time.process_time()
            took = moment - before
            if used - used_before < 0.02 * took and took < 2 * TICK:  # it waits, and not for the processor
                self.waited += took
            if used - self.since > self.one:
                self.end("computing")
            if used - self.began > self.all:
                self.end("slow")
            if self.waited > self.idle:
                self.end("waiting")

    def end(self, why: str) -> None:
        """Say why, and where the code is."""
        frame = sys._current_frames().get(self.watched)
        while frame is not None and not is_theirs(frame.f_code.co_filename, self.path):
            frame = frame.f_back
        code = frame and frame.f_code
        where = place(self.path, code.co_filename, frame.f_lineno, code.co_name) if frame and code else ""
        self.send({"late": [why, where]})
        os._exit(0)


def step_aside(folder: Path) -> None:
    """Leave the names of the learner's own modules to them, also those that we have loaded modules of."""
    sys.path.insert(0, str(folder))
    for name in {name.partition(".")[0] for name in sys.modules}.difference(AT_START):
        loaded = getattr(sys.modules.get(name), "__file__", None) or ""
        places = (folder / name / "__init__.py", folder / f"{name}.py")
        theirs = next(filter(Path.is_file, places), None)
        if theirs and os.path.realpath(theirs) != os.path.realpath(loaded):  # their folder may be the one of engine/
            for part in [part for part in sys.modules if part == name or part.startswith(f"{name}.")]:
                del sys.modules[part]


def main() -> None:
    """Read what to do, do it, end."""
    settings = json.loads(sys.stdin.readline())
    send = channel(settings.pop("token"))
    path, check = Path(settings["path"]), check_of(settings["name"])
    watchdog = Watchdog(settings["limits"], path, send)

    def counted(record: dict[str, Any]) -> None:
        send(record)
        watchdog.allow()

    sys.argv, sys.dont_write_bytecode = [str(path)], True
    try:
        os.chdir(path.parent)
        step_aside(Path(os.path.realpath(path)).parent)
        watchdog.start()
        check(Passing(path, counted, settings["only"]))
    except NotYet as reason:
        send({"broken": [str(reason), reason.status]})
    except OSError as error:
        send({"broken": [f"{path.parent} cannot be entered ({error.strerror}).", NotYet.status]})
    except Exception as error:  # their code has changed what the check rests on
        send({"broken": [f"The check could not go on: {type(error).__name__}: {error}", NotYet.status]})
    finally:
        os._exit(0)  # a learner's own threads do not keep us waiting


if __name__ == "__main__":
    main()
