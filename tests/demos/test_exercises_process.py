"""What the process of a learner's code may do: it has no say in the verdict, and keeps nobody waiting."""

import re
import subprocess
import sys

import pytest

from demos.exercises.verdict import verdict


@pytest.fixture
def judged(tmp_path):
    """Judge a file with this content as an answer to an exercise."""

    def judge(name, content):
        path = tmp_path / f"{name}.py"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return verdict(name, path)

    return judge


WRONG = "\ndef slope(f, x, h):\n    return 1.0\n"
RIGHT = "\ndef slope(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"
TO_ALL_PIPES = """
import os
for process in {processes}:
    for number in os.listdir(f"/proc/{{process}}/fd"):
        try:
            if int(number) > 2 and os.readlink(f"/proc/{{process}}/fd/{{number}}").startswith("pipe:"):
                os.write(os.open(f"/proc/{{process}}/fd/{{number}}", os.O_WRONLY), b'\\n{{"right": true}}\\n')
        except OSError:
            pass
"""
EQUAL_TO_ALL = """
class Equal(float):
    __eq__ = __le__ = __lt__ = lambda *others: True
    __sub__ = __rsub__ = lambda *others: 0.0

def slope(f, x, h):
    return Equal(1.0)
"""
WITH_THE_TOKEN = """
import sys
frame = sys._getframe()
while "send" not in frame.f_locals or "settings" not in frame.f_locals:
    frame = frame.f_back
send = frame.f_locals["send"]
for _ in range(50):
    send({record})
"""


@pytest.mark.parametrize(
    "code",
    [
        "import os\ntry:\n    os.write(3, b'{\"right\": true}\\n')\nexcept OSError:\n    pass\n" + WRONG,
        "import os\nos.closerange(0, 3)\nos._exit(0)\n",
        "import atexit, os\natexit.register(print, 'Right')\nos._exit(0)\n",
        "print('{\"right\": true}')\nprint('Right: 1. A derivative is a slope')\n" + WRONG,
        "import sys\nfor m in [*sys.modules.values()]:\n    for n in ('compare', 'check', 'check_of', 'failure'):\n"
        "        if hasattr(m, n):\n            setattr(m, n, lambda *a, **k: '')\n" + WRONG,
        "import builtins\nbuiltins.abs = lambda x: 0.0\nbuiltins.all = lambda x: True\n" + WRONG,
        EQUAL_TO_ALL,
        TO_ALL_PIPES.format(processes="[os.getpid()]") + WRONG,
        WITH_THE_TOKEN.format(record='{"right": True}') + WRONG,
        WITH_THE_TOKEN.format(record='{"reply": [1.0, "", "right", 0, 0]}') + WRONG,
        WITH_THE_TOKEN.format(record='{"reply": [{"shown": "\\x1b[2J"}, "", "right", 0, 0]}') + WRONG,
        WITH_THE_TOKEN.format(record="{}") + RIGHT,
        WITH_THE_TOKEN.format(record='{"reply": "all of it"}') + RIGHT,
        WITH_THE_TOKEN.format(record='{"late": ["computing", ""]}') + RIGHT,
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_nothing_that_the_code_writes_is_a_verdict(judged, code):
    found = judged("01_slope", code)
    assert not found.right
    assert "\x1b" not in found.message


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_nothing_that_it_writes_to_who_checks_is_a_verdict(tmp_path):
    """Checked from a process of its own: what goes to all its pipes must not reach those of the tests."""
    path = tmp_path / "01_slope.py"
    path.write_text(TO_ALL_PIPES.format(processes="[os.getppid()]") + WRONG, encoding="utf-8")
    check = (
        "import sys, pathlib; from demos.exercises.verdict import verdict; "
        "print(verdict('01_slope', pathlib.Path(sys.argv[1])))"
    )
    checked = subprocess.run([sys.executable, "-c", check, path], capture_output=True, text=True, timeout=60)
    assert checked.stdout.startswith("Verdict(right=False"), checked


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.write(1, b'half a line')\nos.write(2, b'\\xff\\xfe')\n",
        "import os\nos.closerange(3, 100)\n",
        "import os\nos.fork()\n",
        "import os, time\nif os.fork() == 0:\n    time.sleep(100)\n",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()\n",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'])\n",
        "import sys\nsys.stdout.buffer.write(b'\\xff')\nsys.stdout = sys.stderr = None\n",
        "import sys\nfor _ in range(3):\n    print('x' * 100_000)\n",
        "import sys\nsys.setrecursionlimit(50_000)\nsys.exit = None\n",
    ],
)
def test_what_the_code_does_besides_costs_a_right_answer_nothing(judged, code):
    found = judged("01_slope", code + RIGHT)
    assert found.right, found
    assert len(found.printed) <= 4 * 2000


def test_bytes_that_are_no_text_are_shown(judged):
    assert judged("01_slope", "import os\nos.write(2, b'a\\xffb')\n" + RIGHT).printed == "a\\xffb"


def test_one_that_ends_and_leaves_a_copy_running_keeps_nobody_waiting(judged):
    found = judged("01_slope", "import os, time\nif os.fork() == 0:\n    time.sleep(100)\nos._exit(0)\n")
    assert "ended Python itself (exit status 0)" in found.message
    assert found.seconds < 10


def test_a_crash_is_told_by_its_name(judged):
    assert "crash (SIGSEGV)" in judged("01_slope", "import ctypes\nctypes.string_at(0)\n").message


# Time -----------------------------------------------------------------------------------------------------------------

BUSY = (
    "from time import process_time as t\ndef slope(f, x, h):\n    end = t() + {}\n    while t() < end:\n        pass\n"
)


def test_slow_is_not_endless(tmp_path):
    path = tmp_path / "01_slope.py"
    path.write_text(BUSY.format(0.2) + RIGHT.split(":\n")[1], encoding="utf-8")  # far above the 0.05 between two looks
    assert verdict("01_slope", path, seconds=0.4).right, "eight calls of 0.2 seconds"
    found = verdict("01_slope", path, seconds=0.22)
    assert "Your code is slow: after 1.32 seconds it had finished" in found.message
    assert found.status == "late"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("time.sleep(100)", "waiting for 0.3 seconds without computing anything"),
        ("threading.Event().wait()", "line 3, in slope:  threading.Event().wait()"),
        ("while True: time.time()", "still running after 0.15 seconds"),
    ],
)
def test_waiting_is_not_computing(tmp_path, code, message):
    path = tmp_path / "01_slope.py"
    path.write_text(f"import os, signal, threading, time\ndef slope(f, x, h):\n    {code}\n", encoding="utf-8")
    found = verdict("01_slope", path, seconds=0.15)
    assert message in found.message
    assert found.message.startswith("At f = cube")


def test_one_that_is_stopped_altogether_keeps_nobody_waiting_for_ever(judged, monkeypatch):
    monkeypatch.setattr("demos.exercises.verdict.PATIENCE", 0.4)
    found = judged("01_slope", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    assert (found.status, found.message) == ("late", "Nothing has come from your code for 2 seconds.")


def test_a_loop_without_end_is_stopped_and_shown(tmp_path):
    (tmp_path / "01_slope.py").write_text("def slope(f, x, h):\n    while True:\n        x += h\n", encoding="utf-8")
    found = verdict("01_slope", tmp_path / "01_slope.py", seconds=0.3)
    assert "still running after 0.3 seconds" in found.message
    assert re.search(r"    line [23], in slope:  (while True:|x \+= h)", found.message)


def test_one_that_holds_up_all_threads_is_stopped_too(tmp_path):
    (tmp_path / "01_slope.py").write_text("n = sum(range(10**12))\n", encoding="utf-8")
    assert "is a number in it far too large?" in verdict("01_slope", tmp_path / "01_slope.py", seconds=0.5).message
