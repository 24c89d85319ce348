"""README.md keeps its word: its session runs, its table is the primitives', its links lead somewhere."""

import doctest
import re
from pathlib import Path

import pytest

from demos.operations import texts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_session_at_the_prompt_runs_as_shown(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```pycon\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", "README.md", 0)
    report = []
    result = doctest.DocTestRunner().run(session, out=report.append)
    assert result.attempted >= 20
    assert result.failed == 0, "".join(report)
    assert "<svg" in (tmp_path / "neuron.svg").read_text(encoding="utf-8")


def test_what_follows_from_the_rules_is_written():
    """README's table, the methods of a Value and the functions: as python -m demos.operations --write has them."""
    for path, text in texts().items():
        assert path.read_text(encoding="utf-8") == text, path


@pytest.mark.parametrize("end", ["-m pytest -n auto", "-m demos"])
def test_there_is_one_line_to_run_it(end):
    """The lines that .ci/run takes from here."""
    lines = [line for line in README.splitlines() if line.endswith(f" {end}")]
    assert len(lines) == 1
    assert lines[0].startswith("python3 -m venv .venv && ")


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)]+)\)", README)
    headings = ["#" + title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", README, flags=re.MULTILINE)]
    for target in targets:
        assert target.startswith("https://") or target in headings or (ROOT / target).exists(), target
