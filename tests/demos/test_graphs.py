"""The gallery of graphs is written whole, each picture a self-contained SVG."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

from demos import graphs

SVG = "{http://www.w3.org/2000/svg}"


def test_the_gallery_is_written_and_its_files_are_printed(tmp_path, capsys):
    graphs.main(["--out", str(tmp_path / "new" / "gallery")])
    printed = capsys.readouterr().out.split()
    assert [line.rsplit(".", 1)[1] for line in printed] == ["svg"] * 9 + ["html"]
    index = (tmp_path / "new" / "gallery" / "index.html").read_text(encoding="utf-8")
    for path in printed[:-1]:
        root = ET.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        assert not list(root.iter(f"{SVG}image"))
        assert path.rsplit("/", 1)[-1].rsplit("\\", 1)[-1] in index


def test_a_gradient_that_no_backward_pass_has_reached_is_blank():
    before, after = (drawing for _, _, drawing in list(graphs.pictures())[:2])
    assert "grad−" not in _text(before)
    assert "grad−4" in _text(after)  # dL/db = a f = -4


def test_the_network_has_its_units_its_weights_and_its_cost():
    mlp = {name: drawing for name, _, drawing in graphs.pictures()}["mlp"]
    classes = [group.get("class") for group in ET.fromstring(mlp.pipe()).iter(f"{SVG}g")]
    assert [classes.count(kind) for kind in ("input", "unit", "weight")] == [2, 3 + 1, 2 * 3 + 3]
    assert "C = " in _text_with_blanks(mlp)


def test_it_runs_as_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "demos.graphs", "--out", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert str(tmp_path / "index.html") in done.stdout
    assert done.stderr == ""


def _text_with_blanks(drawing):
    return " ".join(ET.fromstring(drawing.pipe()).itertext())


def _text(drawing):
    return "".join("".join(ET.fromstring(drawing.pipe()).itertext()).split())


def test_the_page_says_what_its_pictures_show_and_has_a_dark_theme(tmp_path):
    graphs.write(tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "prefers-color-scheme: dark" in page
    alternatives = re.findall(r'<img src="([\w-]+)\.svg"[^>]* alt="([^"]*)"', page)
    assert len(alternatives) == 9
    told = dict(alternatives)
    assert told["expression"].startswith("Computation graph of L: 3 operations on 4 leaves: a = 2, ")
    assert "layer 1: 3 units, tanh" in told["mlp"]
