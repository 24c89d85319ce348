"""The pages that explain how to do something: what they show at a prompt is what happens."""

import doctest
import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs" / "howto").glob("*.md"))
AT_A_PROMPT = [page for page in PAGES if "```pycon" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", AT_A_PROMPT, ids=lambda page: page.stem)
def test_a_page_shows_what_happens(page: Path) -> None:
    pytest.importorskip("numpy")
    blocks = re.findall(r"^```pycon\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.stem, str(page), 0)
    report: list[str] = []
    doctest.DocTestRunner().run(session, out=report.append)
    assert report == []
