"""The layout programs: graphviz-pure wherever pip put it, dot, each where the other fails; else one clear error."""

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import graphviz
import pytest
from graphviz.backend import dot_command

from engine import Value
from engine.command_line import main
from engine.render import layout_program, svg_for_notebook


@pytest.fixture
def graph():
    return Value(2.0, "a") * 3.0


@pytest.fixture
def empty_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def without_pure(monkeypatch, empty_path):
    monkeypatch.setattr(layout_program, "_graphviz_pure", lambda: None)
    return empty_path


def make_program(folder, name, script):
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
DOT = "import sys; sys.stdin.read(); print('laid out by dot', sys.argv[1:])"
FAILING = [
    "import sys; sys.exit(1)",
    "import sys; sys.stderr.write('dot: \\x1b[31mno such library' + 'y' * 10_000); sys.exit(1)",
    "import os, sys; sys.stderr.buffer.write(b'\\xff'); os.abort()",
    "",  # nothing comes out, and it is content
    "import time; time.sleep(100)",
    "import os, sys; os.close(0); os.close(1); sys.exit(3)",
]


@needs_scripts
def test_graphviz_pure_comes_first_so_that_pictures_are_the_same_everywhere(empty_path, graph):
    dot = make_program(empty_path, "dot", DOT)
    pure, second = layout_program.layout_programs()
    assert Path(pure).name.startswith("graphviz-pure")
    assert second == str(dot)
    assert b"<svg" in graph.draw().pipe()


@needs_scripts
def test_dot_does_what_graphviz_pure_does_not(empty_path, graph):
    make_program(empty_path, "dot", DOT)
    assert graph.draw().pipe(format="pdf", encoding="utf-8") == "laid out by dot ['-Kdot', '-Tpdf']\n"
    graph.draw().render(outfile=empty_path / "graph.pdf", cleanup=True)
    assert (empty_path / "graph.pdf").read_text() == "laid out by dot ['-Kdot', '-Tpdf']\n"


@needs_scripts
def test_dot_is_asked_where_there_is_nothing_else(without_pure, graph):
    make_program(without_pure, "dot", DOT)
    assert graph.draw().pipe(encoding="utf-8") == "laid out by dot ['-Kdot', '-Tsvg']\n"


@needs_scripts
@pytest.mark.parametrize("script", FAILING)
def test_a_dot_that_fails_or_hangs_changes_nothing(empty_path, graph, script):
    make_program(empty_path, "dot", script)
    began = time.monotonic()
    assert b"<svg" in graph.draw().pipe()
    assert svg_for_notebook(graph)
    assert time.monotonic() - began < 10


@needs_scripts
@pytest.mark.parametrize("script", FAILING)
def test_where_one_fails_or_hangs_the_other_is_asked(monkeypatch, empty_path, graph, script):
    broken = make_program(empty_path, "broken", script)
    monkeypatch.setattr(layout_program, "_graphviz_pure", lambda: str(broken))
    make_program(empty_path, "dot", DOT)
    drawing = graph.draw()
    drawing.seconds = 1.0
    assert drawing.pipe(encoding="utf-8").startswith("laid out by dot")


@needs_scripts
@pytest.mark.parametrize("script", FAILING)
def test_with_a_broken_one_alone_the_error_says_what_it_said(without_pure, graph, script, capsys, monkeypatch):
    make_program(without_pure, "dot", script)
    drawing = graph.draw()
    drawing.seconds = 0.5
    with pytest.raises(graphviz.CalledProcessError, match=r"dot (exited with status|did not come to an end)") as caught:
        drawing.pipe()
    assert len(str(caught.value)) < 500
    assert "\x1b" not in str(caught.value)
    shown = drawing._repr_mimebundle_()  # no traceback in a notebook
    assert [*shown] == ["text/plain"]
    monkeypatch.setattr("engine.render.drawing.SECONDS", 0.5)
    assert svg_for_notebook(graph) is None
    assert main(["2*x", "x=1", "--svg", str(without_pure / "graph.svg")]) == 1  # one line, no traceback
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (without_pure / "graph.svg").exists()


@needs_scripts
def test_what_is_no_program_for_this_machine_is_passed_over(monkeypatch, empty_path, graph):
    other = empty_path / "graphviz-pure"
    other.write_bytes(b"\x7fELF nonsense")
    other.chmod(0o755)
    monkeypatch.setattr(layout_program, "_graphviz_pure", lambda: str(other))
    with pytest.raises(graphviz.CalledProcessError, match="graphviz-pure cannot be run: Exec format error"):
        graph.draw().pipe()
    make_program(empty_path, "dot", DOT)
    assert graph.draw().pipe().startswith(b"laid out by dot")


def test_graphviz_pure_is_found_in_an_environment_that_is_not_activated(empty_path, graph):
    [program] = layout_program.layout_programs()
    assert Path(program).name.startswith("graphviz-pure")
    assert b"<svg" in graph.draw().pipe()
    assert graph.draw().pipe(format="png").startswith(b"\x89PNG")


@needs_scripts
def test_graphviz_pure_is_found_on_path_if_nowhere_else(monkeypatch, empty_path):
    def not_installed(name):
        raise layout_program.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(layout_program.metadata, "files", not_installed)
    monkeypatch.setattr(layout_program.sysconfig, "get_path", lambda name: str(empty_path / "nowhere"))
    monkeypatch.setattr(layout_program.sys, "executable", str(empty_path / "nowhere" / "python"))
    assert layout_program.layout_programs() == []
    path = make_program(empty_path, "graphviz-pure", "")
    assert layout_program.layout_programs() == [str(path)]


def test_with_neither_the_error_names_the_way_out_and_the_source_is_there(without_pure, graph):
    drawing = graph.draw()
    for lay_out in (drawing.pipe, lambda: drawing.render(directory=without_pure)):
        with pytest.raises(graphviz.ExecutableNotFound, match="pip install graphviz-pure"):
            lay_out()
    assert "pip install graphviz-pure" in drawing._repr_mimebundle_()["text/plain"]
    assert drawing.source.startswith("digraph {")
    assert svg_for_notebook(graph) is None
    assert [*without_pure.iterdir()] == []


def test_render_and_save(empty_path, graph):
    drawing = graph.draw()
    rendered = drawing.render("picture", directory=empty_path, cleanup=True)
    assert rendered.endswith("picture.svg")
    assert [file.name for file in empty_path.iterdir()] == ["picture.svg"]
    assert Path(drawing.save("kept.gv", directory=empty_path)).read_text(encoding="utf-8") == drawing.source


def test_render_takes_what_graphviz_takes(empty_path, graph, monkeypatch):
    monkeypatch.chdir(empty_path)
    drawing = graph.draw()
    assert drawing.render() == "Drawing.gv.svg"
    assert drawing.render("new/a", format="png") == str(Path("new", "a.png"))
    assert Path("new/a").read_text() == drawing.source
    assert drawing.render(outfile="b.svg") == "b.svg"
    assert Path("b.gv").read_text() == drawing.source
    with pytest.raises(ValueError, match="name another"):
        drawing.render(outfile="c.svg", filename="c.svg")
    with pytest.raises(graphviz.FileExistsError):
        drawing.render(outfile="b.svg", raise_if_result_exists=True)
    seen = []
    monkeypatch.setattr(graphviz, "view", lambda path, quiet: seen.append(path))
    drawing.view("d")
    assert seen == ["d.svg"]


def test_cleaning_up_leaves_a_file_of_the_sources_name(empty_path, graph):
    mine = empty_path / "graph.gv"
    mine.write_text("mine")
    graph.draw().render(outfile=empty_path / "graph.svg", cleanup=True)
    assert mine.read_text() == "mine"


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
    programs = [path for path in (shutil.which("dot"), layout_program._graphviz_pure()) if path]
    texts = [
        re.findall(r"<text[^>]*>([^<]*)<", subprocess.run([path, "-Tsvg"], input=graph.draw().source.encode(),
                                                          capture_output=True, check=True).stdout.decode())
        for path in programs
    ]  # fmt: skip
    assert all(sorted(text) == sorted(texts[0]) for text in texts)
    assert "3" in texts[0]
