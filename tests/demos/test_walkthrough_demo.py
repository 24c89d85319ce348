"""python -m demos.walkthrough: the page of each graph it offers."""

import subprocess
import sys

import pytest

from demos import walkthrough


@pytest.mark.parametrize("graph", walkthrough.GRAPHS)
def test_each_graph_has_a_page(graph, tmp_path, capsys):
    path = tmp_path / "new" / "page.html"
    walkthrough.main([graph, "--out", str(path)])
    assert str(path) in capsys.readouterr().out
    page = path.read_text(encoding="utf-8")
    assert '"editable":true' in page
    assert page.count("<svg") > 1


def test_parameters_have_their_names(tmp_path):
    walkthrough.main(["network", "--out", str(tmp_path / "page.html")])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('"role":"parameter"') == 2 * 3 + 3 + 3 + 1


def test_it_runs_as_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "demos.walkthrough", "--out", str(tmp_path / "page.html")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(str(tmp_path / "page.html"))
    assert done.stderr == ""
