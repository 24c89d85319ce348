"""What a check says about a learner's file, and the process that is started to find out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SECONDS = 5  # for one exercise; the right answers take a few hundredths


class Verdict(NamedTuple):
    """Whether an answer is right; if not, why; if so, perhaps a remark. And what its code printed."""

    right: bool
    message: str
    printed: str = ""

    def to_json(self) -> str:
        """As one line of JSON."""
        return json.dumps(self._asdict())


def verdict(name: str, path: Path, seconds: float = SECONDS) -> Verdict:
    """The verdict on the file at `path` as an answer to the exercise `name`. It runs the code in that file."""
    module = ["-X", "utf8", "-W", "ignore", "-m", "demos.exercises.child"]
    command = [sys.executable, *module, name, str(path.resolve()), str(seconds)]
    search_path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        child = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": search_path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=2 * seconds,
        )
    except subprocess.TimeoutExpired:
        return Verdict(
            False, f"Your code is still running after {2 * seconds:g} seconds: is a number in it far too large?"
        )
    try:
        return Verdict(**json.loads(child.stdout))
    except ValueError:
        return Verdict(
            False, f"Your code ended Python itself (exit status {child.returncode}) before the check was over."
        )
