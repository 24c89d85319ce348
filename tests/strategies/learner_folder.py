"""A learner at work in a folder of exercises, for the tests of what the commands say."""

import shutil

from demos.exercises import __main__ as command
from demos.exercises.asked import SOLUTIONS
from demos.exercises.manifest import EXERCISES

NAMES = [exercise.name for exercise in EXERCISES]


def solve(folder, *names):
    for name in names or NAMES:
        shutil.copy(SOLUTIONS / f"{name}.py", folder.path)


def said_by(capsys, *arguments, status=0):
    assert command.main([*arguments]) == status
    said = capsys.readouterr()
    return said.out if status < 2 else said.err
