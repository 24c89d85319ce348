"""python -m demos.playground: a page for each of its data."""

import pytest

from demos import playground


@pytest.mark.parametrize("data", playground.DATA)
def test_each_has_a_page(data, tmp_path, capsys):
    if data == "digits":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    path = tmp_path / "new" / "page.html"
    playground.main([data, "--out", str(path)])
    assert str(path) in capsys.readouterr().out
    assert f"<title>{data.replace('-', ' ').capitalize()}</title>" in path.read_text(encoding="utf-8")
