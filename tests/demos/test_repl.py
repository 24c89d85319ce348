"""python -m demos.repl: what is there at the prompt, with Python's own and with IPython's."""

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

import engine
import nn
from demos import repl

ROOT = Path(__file__).parents[2]


def session(*lines, options=()):
    command = [sys.executable, "-X", "utf8", "-m", "demos.repl", *options]
    return subprocess.run(
        command, input="\n".join(lines) + "\n", cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )


@pytest.mark.parametrize("options", [(), ("--plain",)])
def test_a_session_with_piped_input(options):
    done = session(
        "y.backward()",
        "w.grad",
        "y.tree()",
        "explain(y, w).derivative == w.grad",
        "sum([1, 2])",
        "nonsense",
        options=options,
    )
    said = done.stdout.replace(">>> ", "")
    assert said.splitlines()[0] == "1.5728954659318548"
    assert "   └─ b      1.5        0.786448" in said.splitlines()
    assert said.splitlines()[-2:] == ["True", "3"]
    assert "NameError: name 'nonsense'" in done.stderr


def test_the_greeting_is_four_lines_and_what_it_says_to_try_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = repl.namespace()
    lines = repl.greeting(names, "Ctrl-D leaves").splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 110
    assert "-0.5, 2, 1.5" in lines[0]
    tried = [line.strip() for line in lines[2].removeprefix("Try: ").split(" - ")]
    assert len(tried) == 6
    for line in tried:
        eval(line, names)
    assert (tmp_path / "y.svg").exists()


def test_the_greeting_names_what_is_pythons_there_and_the_engines_elsewhere():
    names = repl.namespace()
    line = repl.greeting(names, "").splitlines()[1]
    assert line.startswith("But abs, compile, max, min, round and sum are Python's: the engine's are engine.sum and")
    for name in ("abs", "compile", "max", "min", "round", "sum"):
        assert name not in names
        assert getattr(names["engine"], name) is not getattr(builtins, name)


def test_everything_public_is_there():
    names = repl.namespace()
    for module in (engine, nn):
        for name in module.__all__:
            assert names[name] is getattr(module, name)
    assert not {"sum", "max", "abs"} & {*names}  # Python's own stay


def test_ipython_is_given_the_names_and_the_greeting(monkeypatch):
    ipython = pytest.importorskip("IPython", reason="IPython is optional")
    started = {}
    monkeypatch.setattr(ipython, "start_ipython", lambda **settings: started.update(settings))
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert repl.main([]) == 0
    assert started["user_ns"]["y"].label == "y"
    assert "print(y.tree())" in started["config"].TerminalInteractiveShell.banner1
    assert started["config"].TerminalInteractiveShell.get("enable_tip") in (None, False)


def test_without_ipython_it_is_pythons_own_prompt(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    given = {}
    monkeypatch.setattr(repl.code, "interact", lambda **settings: given.update(settings))
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert repl.main([]) == 0
    assert given["local"]["y"].label == "y"
    assert "leaves" in given["banner"]
