"""Verbs that show: what is written where, and that nothing is opened without a screen."""

import sys
import webbrowser
from pathlib import Path

import pytest

from engine import Value, derivative, draw, grad, sin, tanh, viewing


def graph():
    w, x = Value(2.0, "w"), Value(-1.0, "x")
    return tanh(w * x + 0.5).named("y")


@pytest.fixture
def screen(monkeypatch, tmp_path):
    """A screen, and what was opened on it."""
    opened = []
    monkeypatch.delenv("LIFTGRAD_OPEN", raising=False)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    monkeypatch.setattr(viewing.tempfile, "tempdir", str(tmp_path))
    return opened


def test_view_and_walkthrough_open_a_temporary_file(screen):
    pictures = [graph().view(), graph().walkthrough()]
    assert screen == [Path(path).as_uri() for path in pictures]
    assert "<svg" in Path(pictures[0]).read_text(encoding="utf-8")
    assert "<!doctype html>" in Path(pictures[1]).read_text(encoding="utf-8")


def test_a_path_of_ones_own_is_not_opened(screen, tmp_path):
    assert graph().walkthrough(tmp_path / "page.html") == str(tmp_path / "page.html")
    assert screen == []


@pytest.mark.parametrize("variable", ["LIFTGRAD_OPEN", "DISPLAY"])
def test_without_a_screen_it_says_where_the_file_is(screen, monkeypatch, capsys, variable):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if variable == "LIFTGRAD_OPEN":
        monkeypatch.setenv(variable, "0")
    else:
        monkeypatch.delenv(variable)
    path = graph().view()
    assert screen == []
    assert f"written to {path}: open it in a browser" in capsys.readouterr().err


def test_a_browser_that_cannot_be_started(screen, monkeypatch, capsys):
    def fails(address):
        raise webbrowser.Error("no browser")

    monkeypatch.setattr(webbrowser, "open", fails)
    graph().view()
    assert "written to" in capsys.readouterr().err


def test_a_notebook_shows_the_page_in_the_cell(tmp_path):
    page = graph().walkthrough(tmp_path / "page.html")
    shown = page._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert "Step through" in shown


def test_to_png(tmp_path):
    path = graph().to_png(tmp_path / "graph.png")
    content = Path(path).read_bytes()
    assert content.startswith(b"\x89PNG")
    width = int.from_bytes(content[16:20], "big")
    small = graph().draw().pipe(format="png")
    assert width > 1.9 * int.from_bytes(small[16:20], "big")
    with pytest.raises(ValueError, match=r"to_png writes PNG, and .*graph.svg is the name of another format"):
        graph().to_png(tmp_path / "graph.svg")


def test_leaves_are_those_that_one_made():
    w, x = Value(2.0, "w"), Value(-1.0, "x")
    assert [leaf.label for leaf in (w * x + w * 3.0).leaves()] == ["w", "x"]
    assert w.leaves()[0] is w


def test_print_of_a_drawing_says_how_to_see_it():
    printed = str(draw(graph()))
    assert printed.splitlines()[-1].startswith("// This is the picture's text: .view() opens the picture")
    assert not draw(graph()).source.endswith("has it.\n")


def test_functions_in_the_wrong_place():
    with pytest.raises(TypeError, match=r"derivative\(f\)\(3.0\) at a point; of several numbers"):
        grad(sin)
    with pytest.raises(TypeError, match=r"got 3.0 as well: write derivative\(f\)\(3.0\)"):
        derivative(sin, 3.0)
    with pytest.raises(TypeError, match=r"of several numbers, make them Values"):
        derivative(lambda a, b: a * b, 3.0, 4.0)
    with pytest.raises(TypeError, match=r"grad\(y\) needs to be told with respect to what"):
        grad(graph())
