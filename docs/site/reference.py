"""The reference, from the docstrings and types of the two packages."""

from __future__ import annotations

import html
import importlib
import inspect
import re
from typing import Any

from demos.operations import table
from docs.site.markdown import Mathematics, Page
from docs.site.operation_pages import address, kinds
from engine.primitives import OPERATIONS, primitive_of

PACKAGES = (("engine", "values, derivatives, pictures, compiling"), ("nn", "networks, losses, optimizers, training"))
OPERANDS = re.compile(r"^Operands: (.+)\.\n?", re.MULTILINE)
ROW = re.compile(r"^\| (\w+) \|(?= `)", re.MULTILINE)
CODE = re.compile("``(.+?)``|`(.+?)`")


def reference(mathematics: Mathematics) -> str:
    """All public names of both packages, and the table of operations."""
    linked = ROW.sub(lambda found: f"| [{found[1]}]({address(OPERATIONS[found[1]])}) |", table())
    operations = Page(linked, "operations", mathematics, lambda target: target, run=False).body
    places = [*PACKAGES, ("operations", "values and derivatives")]
    parts = ["<h1>Reference</h1>", *(f'<p><a href="#{name}">{name}</a>: {words}</p>' for name, words in places)]
    for package, words in PACKAGES:
        module = importlib.import_module(package)
        parts.append(f'<h2 id="{package}"><code>{package}</code>: {words}</h2>')
        names = sorted(module.__all__, key=str.lower)
        links = [f'<a href="#{package}.{name}">{name}</a>' for name in names]
        parts.append(f"<p>{' · '.join(links)}</p>")
        parts += [_entry(f"{package}.{name}", getattr(module, name)) for name in names]
    parts.append(
        '<h2 id="operations">Operations</h2><p>Each with its value and the derivative with respect to each operand; '
        f"its name leads to its plot, its edges and its proof: {_listed_kinds()}.</p>{operations}"
    )
    return "\n".join(parts)


def _listed_kinds() -> str:
    return ", ".join(f'<a href="operations_{kind}.html">{kind}</a>' for kind in kinds())


def _entry(name: str, thing: Any) -> str:
    if not callable(thing):  # a table of names
        listed = ", ".join(f"<code>{html.escape(str(each))}</code>" for each in thing)
        return f'<h3 id="{name}"><code>{name}</code></h3><p>{listed}</p>'
    methods = []
    if inspect.isclass(thing):
        members = sorted(vars(thing).items())
        methods = [_described(f"{name}.{m}", f) for m, f in members if callable(f) and not m.startswith("_")]
    below = f"<details><summary>Methods</summary>{''.join(methods)}</details>" if methods else ""
    return f"{_described(name, thing)}{below}"


def _described(name: str, thing: Any) -> str:
    try:
        signature = str(inspect.signature(thing))
    except (TypeError, ValueError):
        signature = ""
    first, _, rest = (inspect.getdoc(thing) or "").partition("\n\n")
    if operands := OPERANDS.search(rest):  # what a function of operations takes, its docstring says
        signature, rest = f"({operands[1]})", OPERANDS.sub("", rest)
    if operation := primitive_of(thing):
        more = f'<p><a href="{address(operation)}">Formula, plot, edges and proof</a></p>'
    else:
        more = ""
    more += f'<pre class="explained" tabindex="0">{CODE.sub(_code, html.escape(rest))}</pre>' if rest.strip() else ""
    return (
        f'<h3 id="{name}"><code>{html.escape(name + _short(signature))}</code></h3>'
        f"<p>{CODE.sub(_code, html.escape(' '.join(first.split())))}</p>{more}"
    )


def _code(found: re.Match[str]) -> str:
    return f"<code>{found[1] or found[2]}</code>"


def _short(signature: str) -> str:
    """A signature without the modules of its types, nor an address that a default shows."""
    for long in ("engine.value.", "collections.abc.", "typing.", "engine.operand."):
        signature = signature.replace(long, "")
    return signature.replace("'", "") if len(signature) < 300 and " at 0x" not in signature else "(...)"
