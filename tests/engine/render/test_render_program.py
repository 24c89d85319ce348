"""The layout program: dot, else graphviz-pure, wherever pip put it, else one clear error."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import graphviz
import pytest
from graphviz.backend import dot_command

from engine import Value
from engine.render import program, svg_for_notebook


@pytest.fixture
def graph():
    return Value(2.0, "a") * 3.0


@pytest.fixture
def empty_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def make_program(folder, name, script):
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")


@needs_scripts
def test_dot_on_path_comes_first(empty_path, graph):
    dot = make_program(empty_path, "dot", "import sys; sys.stdin.read(); print('laid out by dot', sys.argv[1:])")
    assert program.layout_program() == str(dot)
    assert graph.draw().pipe(encoding="utf-8") == "laid out by dot ['-Kdot', '-Tsvg']\n"


def test_graphviz_pure_is_found_in_an_environment_that_is_not_activated(empty_path, graph):
    assert Path(program.layout_program()).name.startswith("graphviz-pure")
    assert b"<svg" in graph.draw().pipe()
    assert graph.draw().pipe(format="png").startswith(b"\x89PNG")


@needs_scripts
def test_graphviz_pure_is_found_on_path_if_nowhere_else(monkeypatch, empty_path):
    def not_installed(name):
        raise program.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(program.metadata, "files", not_installed)
    monkeypatch.setattr(program.sysconfig, "get_path", lambda name: str(empty_path / "nowhere"))
    monkeypatch.setattr(program.sys, "executable", str(empty_path / "nowhere" / "python"))
    with pytest.raises(program.GraphvizNotFound):
        program.layout_program()
    path = make_program(empty_path, "graphviz-pure", "")
    assert program.layout_program() == str(path)


def test_with_neither_the_error_names_the_way_out_and_the_source_is_there(monkeypatch, empty_path, graph):
    monkeypatch.setattr(program, "_graphviz_pure", lambda: None)
    drawing = graph.draw()
    for lay_out in (drawing.pipe, lambda: drawing.render(directory=empty_path), drawing._repr_mimebundle_):
        with pytest.raises(graphviz.ExecutableNotFound, match="pip install graphviz-pure"):
            lay_out()
    assert drawing.source.startswith("digraph {")
    assert svg_for_notebook(graph) is None


def test_render_and_save(empty_path, graph):
    drawing = graph.draw()
    rendered = drawing.render("picture", directory=empty_path, cleanup=True)
    assert rendered.endswith("picture.svg")
    assert [file.name for file in empty_path.iterdir()] == ["picture.svg"]
    assert Path(drawing.save("kept.gv", directory=empty_path)).read_text(encoding="utf-8") == drawing.source


def test_graphviz_pure_says_that_it_has_no_pdf(empty_path, graph):
    with pytest.raises(graphviz.CalledProcessError, match='"pdf" not recognized'):
        graph.draw().pipe(format="pdf")


def test_the_graphviz_package_is_left_as_it_was(empty_path, graph):
    before = dot_command.DOT_BINARY
    graph.draw().pipe()
    with pytest.raises(graphviz.CalledProcessError):
        graph.draw().pipe(format="pdf")
    assert before == dot_command.DOT_BINARY


def test_importing_the_engine_does_not_import_graphviz():
    code = "import sys, engine; sys.exit('graphviz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_both_programs_draw_the_same_texts(graph):
    import re

    programs = [path for path in (shutil.which("dot"), program._graphviz_pure()) if path]
    texts = [
        re.findall(r"<text[^>]*>([^<]*)<", subprocess.run([path, "-Tsvg"], input=graph.draw().source.encode(),
                                                          capture_output=True, check=True).stdout.decode())
        for path in programs
    ]  # fmt: skip
    assert all(sorted(text) == sorted(texts[0]) for text in texts)
    assert "3" in texts[0]
