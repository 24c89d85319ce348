"""The functions of a program's text, ready to call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.lifting.namespaces import Namespace


class Executables(dict[str, Callable[..., Any]]):
    """Functions by name, each made of its text when it is first asked for: often only one of a program's is called.

    Args:
        texts: of each function.
        scope: what the texts may name.
    """

    def __init__(self, texts: Mapping[str, str], scope: Namespace) -> None:
        super().__init__()
        self._texts = texts
        self._scope = scope

    def __missing__(self, name: str) -> Callable[..., Any]:
        scope = dict(self._scope)
        exec(compile(self._texts[name], "<array program>", "exec"), scope)  # noqa: S102  text of our own making
        return self.setdefault(name, scope[name])  # the same one for two threads that ask at once
