"""python -m demos.playground: a page for each of its data."""

import json

import pytest

from demos import playground


@pytest.mark.parametrize("data", playground.DATA)
def test_each_has_a_page(data, tmp_path, capsys):
    if data == "digits":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    path = tmp_path / "new" / "page.html"
    playground.main([data, "--out", str(path)])
    assert str(path) in capsys.readouterr().out
    page = path.read_text(encoding="utf-8")
    assert f"<title>{data.replace('-', ' ').capitalize()}</title>" in page
    task = json.loads(page.partition('id="task">')[2].partition("</script>")[0])
    own = sum(len(json.dumps(task[part], separators=(",", ":"))) for part in ("learned", "validation", "theta"))
    assert len(page) - own < 300_000  # beside the data and the weights
