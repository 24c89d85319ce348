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


def test_the_greeting_names_what_is_pythons_there_and_the_engines_elsewhere():
    names = repl.namespace()
    text = " ".join(repl.greeting(names, "").split())
    assert "But abs, compile, max, min, round and sum are Python's: the engine's are engine.sum and" in text
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
    monkeypatch.setattr(repl.Prompt, "interact", lambda prompt, **settings: given.update(settings, local=prompt.locals))
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert repl.main([]) == 0
    assert given["local"]["y"].label == "y"
    assert "leaves" in given["banner"]


def test_the_greeting_fits_eighty_columns_and_what_it_says_runs():
    names = repl.namespace()
    lines = repl.greeting(names, "Ctrl-Z and Enter leaves").splitlines()
    assert max(map(len, lines)) <= 80
    tried = [part for line in lines if line.startswith("  ") for part in line.strip().split("   ")]
    assert len(tried) == 8
    for each in tried:
        eval(each, names)


def test_snippets_of_the_readme_can_be_pasted():
    """With their prompts at the prompt of demos.repl, without them at Python's own."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    snippet = readme[readme.index(">>> from engine import primitive, sigmoid") :].split("```")[0]
    done = session(*snippet.splitlines(), "swish(1.0)", options=("--plain",))
    assert "Error" not in done.stderr
    assert "0.731058" in done.stdout
    bare = "\n".join(line[4:] for line in snippet.splitlines())
    python = [sys.executable, "-i", "-q"]
    done = subprocess.run(
        python,
        input=f"from engine import *\n{bare}\nswish(1.0)\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Error" not in done.stderr
    assert "0.731058" in done.stdout
