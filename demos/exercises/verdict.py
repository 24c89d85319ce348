"""Whether a learner's file is right.

Two processes share the work. One, child.py, runs the learner's code and passes its results on. The other, this one,
makes the same check with these results: it computes what is true, and compares. Nothing that the learner's code can
write is a verdict; all it has a say in is the results, and those are right or not.

What this cannot prevent: the code runs with the rights of who started the check. It may look up what is true (the
solutions are in the next folder), write what it found into its file, or delete files that are not its own. An answer
that was copied is found by reading it. For folders of people you do not trust, run the report in a container or as
another user.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from demos.exercises.answers import Answer, Late, Missing, NotYet
from demos.exercises.asked import check_of
from demos.exercises.replies import CLOSED, Reply, from_json
from demos.exercises.text import harmless

ROOT = Path(__file__).parents[2]
SECONDS = 5.0  # of computing, for one call; the right answers take a few hundredths for all
SLOW = 6  # times as long is the limit for all calls: code that is only slow gets more time than code that is stuck
IDLE = 2  # times as long it may wait for something, without computing
PATIENCE = 20  # times as long on the clock without any result, and the process is stopped from here
MESSAGE_KEPT, PRINTED_KEPT = 4000, 2000  # characters
RECORD_KEPT = 1_000_000  # bytes of a line


class Verdict(NamedTuple):
    """What is said about an answer.

    Attributes:
        right: whether it is.
        message: if not, why; if so, perhaps a remark.
        printed: what its code printed.
        status: "right", "wrong", "unfinished", "missing", or "late".
        seconds: how long it took.
    """

    right: bool
    message: str
    printed: str = ""
    status: str = "wrong"
    seconds: float = 0.0


def judge(name: str, answer: Answer | ChildRun) -> Verdict:
    """The verdict on an answer to the exercise `name`."""
    try:
        return Verdict(True, check_of(name)(answer) or "", status="right")
    except NotYet as reason:
        return Verdict(False, str(reason), status=reason.status)


def verdict(name: str, path: Path, seconds: float = SECONDS) -> Verdict:
    """The verdict on the file at `path` as an answer to the exercise `name`. It runs the code in that file."""
    began = time.monotonic()
    if not os.path.lexists(path):
        return Verdict(False, f"There is no {path.name}.", status=Missing.status)
    with ChildRun(name, path.absolute(), seconds) as run:
        found = judge(name, run)
    return found._replace(
        message=harmless(found.message, MESSAGE_KEPT),
        printed=harmless(run.printed()),
        seconds=time.monotonic() - began,
    )


class ChildRun:
    """A learner's file in a process of its own, as an answer whose results come from there.

    Use it in a ``with`` statement: the process, and all that it has started, is stopped at its end.
    """

    judged_elsewhere = False

    def __init__(self, name: str, path: Path, seconds: float, only: int | None = None) -> None:
        self.name, self.path, self.seconds = name, path, seconds
        self._count, self._loaded = 0, False
        self._token = secrets.token_hex(16)
        search_path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-X", "utf8", "-W", "ignore", "-m", "demos.exercises.child"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": search_path, "PYTHONIOENCODING": "utf-8:backslashreplace"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that what it starts can be stopped with it
        )
        self._records: queue.Queue[Any] = queue.Queue()
        self._printed = b""
        self._readers = [
            threading.Thread(target=reader, daemon=True) for reader in (self._read_records, self._read_printed)
        ]
        for reader in self._readers:
            reader.start()
        settings = {
            "token": self._token,
            "name": name,
            "path": str(path),
            "only": only,
            "limits": (seconds, SLOW * seconds, IDLE * seconds),
        }
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:  # if it has ended, we hear of that
            stdin.write(json.dumps(settings).encode() + b"\n")

    def __enter__(self) -> ChildRun:  # noqa: PYI034  Self is from Python 3.11 on
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        for reader in self._readers:
            reader.join(timeout=0.5)  # longer only if somebody got away who holds the pipe
        for pipe, reader in zip((self._process.stdout, self._process.stderr), self._readers):
            if not reader.is_alive():
                pipe.close()

    def result(self, call: Callable[[], Any]) -> Reply:  # noqa: ARG002  it is made in the other process
        """What came of the next call over there.

        Raises:
            NotYet: the file could not be loaded.
        """
        if not self._loaded:
            reply = self._next()
            if reply is not None:
                raise Late(reply.fault) if reply.status == Late.status else NotYet(reply.fault)
            self._loaded = True
        number, self._count = self._count, self._count + 1
        return (self._next() or Reply(fault="Something else came.", status="ended"))._replace(number=number)

    def anew(self, number: int, call: Callable[[], Any]) -> Reply:
        """What comes of call number `number` in a process that makes no other."""
        try:
            with ChildRun(self.name, self.path, self.seconds, only=number) as run:
                return run.result(call)
        except NotYet as reason:
            return Reply(fault=str(reason))

    def printed(self) -> str:
        """What it printed, or the beginning of that."""
        return self._printed.decode("utf-8", errors="backslashreplace")[:PRINTED_KEPT]

    # What comes from over there ---------------------------------------------------------------------------------------

    def _next(self) -> Reply | None:
        """The next reply; None for the news that the file is loaded."""
        patience = time.monotonic() + PATIENCE * self.seconds
        while time.monotonic() < patience:
            ended = self._process.poll() is not None
            try:
                record = self._records.get(timeout=0.1)
            except queue.Empty:
                record = None
                if not ended:  # else the end of the pipe does not come, because a copy of the process holds it
                    continue
            return self._ended() if record is None else self._understood(record)
        return Reply(
            fault=f"Nothing has come from your code for {PATIENCE * self.seconds:g} seconds.", status=Late.status
        )

    def _understood(self, record: Any) -> Reply | None:
        """A record in words. It may be anything: whoever knows the token can write one."""
        match record:
            case {"loaded": True}:
                return None
            case {"broken": [str(message), str(status)]}:
                raise {kind.status: kind for kind in (Missing, Late)}.get(status, NotYet)(message)
            case {"late": [str(why), str(where)]}:
                return Reply(fault="\n\n".join(filter(None, (self._late(why), where))), status=Late.status)
            case {"reply": [value, str(fault), str(status), int(left), int()]}:
                try:
                    return Reply(from_json(value), fault, status, left)
                except (ValueError, RecursionError):
                    pass
        return Reply(fault="What came from your code's process is no result.", status="ended")

    def _late(self, why: str) -> str:
        if why == "waiting":
            return (
                f"Your code has been waiting for {IDLE * self.seconds:g} seconds without computing anything: a sleep, "
                "a lock, an answer from elsewhere?"
            )
        if why == "slow":
            return (
                f"Your code is slow: after {SLOW * self.seconds:g} seconds it had finished {self._count - 1} of the "
                "calls it is checked with. The right answers take a few hundredths of a second for all."
            )
        return (
            f"Your code is still running after {self.seconds:g} seconds: a loop without end, or is a number in it far "
            "too large?"
        )

    def _ended(self) -> Reply:
        """What to say when the process is over before its time."""
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # it has closed the pipe, and goes on
            return Reply(fault="Your code has closed the pipe through which its results go.", status="ended")
        if -status == getattr(signal, "SIGXCPU", None):
            return Reply(fault=self._late("computing"), status=Late.status)
        if status == CLOSED:
            return Reply(fault="Your code closed the pipe that its results go through.", status="ended")
        if status < 0:
            name = signal.Signals(-status).name if -status in {*signal.Signals} else f"signal {-status}"
            return Reply(fault=f"Your code made Python crash ({name}) before the check was over.", status="ended")
        return Reply(
            fault=f"Your code ended Python itself (exit status {status}) before the check was over.", status="ended"
        )

    def _read_records(self) -> None:
        token, rest = self._token.encode(), b""
        for data in _chunks(self._process.stdout):
            *lines, rest = (rest + data).split(b"\n")
            rest = rest[:RECORD_KEPT]  # longer is no record of ours
            for line in lines:
                _, found, content = line.rpartition(token)
                if found:
                    try:
                        self._records.put(json.loads(content))
                    except (ValueError, RecursionError):
                        self._records.put({})
        self._records.put(None)

    def _read_printed(self) -> None:
        for data in _chunks(self._process.stderr):
            self._printed = (self._printed + data)[: 4 * PRINTED_KEPT]

    def _stop(self) -> None:
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        except OSError:  # nobody is left
            pass
        self._process.wait()


def _chunks(pipe: Any) -> Iterator[bytes]:
    """What comes through a pipe, until it ends."""
    while data := os.read(pipe.fileno(), 1 << 16):
        yield data
