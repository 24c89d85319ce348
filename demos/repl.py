"""``python -m demos.repl``: a prompt with everything of engine and nn imported, and a neuron to begin with."""

from __future__ import annotations

import builtins
import code
import math
import sys
from typing import Any

import engine
import nn
from demos.commands import parser_of

GREETING = """\
All of engine and nn is here, and a neuron: y = tanh(w*x + b), with
w, x, b = {w:g}, {x:g}, {b:g}. But {pythons} are
Python's: the engine's are engine.{last} and so on. Try:
  y.backward()   w.grad   print(y.tree())   explain(y, w)   y.view()
  y.walkthrough()   formula_of(grad(y, w))   plot(tanh, around=0.5).view()
{leave}; help(Value) or help(MLP) tells more."""


def namespace() -> dict[str, Any]:
    """What is defined at the prompt: the public names of engine and nn, and a neuron."""
    names = {name: getattr(module, name) for module in (engine, nn) for name in module.__all__}
    w, x, b = engine.Value(-0.5, label="w"), engine.Value(2.0, label="x"), engine.Value(1.5, label="b")
    y = engine.tanh(w * x + b).named("y")
    return {"engine": engine, "nn": nn, "math": math, **names, "w": w, "x": x, "b": b, "y": y}


def greeting(names: dict[str, Any], leave: str) -> str:
    """What is here, what is not, what to try, how to leave: a line each."""
    own = [name for name in dir(builtins) if callable(getattr(engine, name, None)) and name not in names]
    pythons = f"{', '.join(own[:-1])} and {own[-1]}"
    w, x, b = [names[name].data for name in "wxb"]
    return GREETING.format(pythons=pythons, last=own[-1], w=w, x=x, b=b, leave=leave)


def ipython(names: dict[str, Any]) -> bool:
    """Run IPython, if it is installed, until the user leaves it. False if it is not."""
    try:
        from IPython import start_ipython
        from IPython.terminal.interactiveshell import TerminalInteractiveShell
        from traitlets.config import Config
    except ImportError:
        return False
    config = Config()
    config.TerminalInteractiveShell.banner1 = greeting(names, "exit leaves") + "\n"
    if hasattr(TerminalInteractiveShell, "enable_tip"):
        config.TerminalInteractiveShell.enable_tip = False
    start_ipython(argv=[], user_ns=names, config=config)
    return True


class Prompt(code.InteractiveConsole):
    """Python's own prompt, which takes pasted lines with their ``>>>`` before them too."""

    def raw_input(self, prompt: str = "") -> str:
        """A line, without the prompt that was pasted with it."""
        line = super().raw_input(prompt)
        return "" if line.rstrip() == "..." else line.removeprefix(">>> ").removeprefix("... ")


def plain(names: dict[str, Any]) -> None:
    """Run Python's own prompt until the user leaves it; with completion by Tab where there is readline."""
    leave = "Ctrl-Z and Enter leaves" if sys.platform == "win32" else "Ctrl-D leaves"
    try:
        import readline
        import rlcompleter
    except ImportError:
        pass
    else:
        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    Prompt(names).interact(banner=greeting(names, leave), exitmsg="")


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("repl", "A prompt with everything imported.", out=None)
    parser.add_argument("--plain", action="store_true", help="Python's own prompt, even if IPython is installed")
    options = parser.parse_args(arguments)
    names = namespace()
    # IPython is for someone at a terminal; piped input goes to Python's own prompt
    if options.plain or not sys.stdin.isatty() or not ipython(names):
        plain(names)
    return 0


if __name__ == "__main__":
    sys.exit(main())
