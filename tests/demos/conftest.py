"""What the tests of several commands of the exercises begin with."""

import pytest

from demos.exercises import __main__ as command
from demos.exercises.folder import Folder


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """A learner's folder in the current one, just given out."""
    monkeypatch.chdir(tmp_path)
    assert command.main(["start", "mine"]) == 0
    capsys.readouterr()
    return Folder(tmp_path / "mine")
