"""Running a snippet, here while the site is built and in the page: what it printed, and what its last line shows."""

from __future__ import annotations

import ast
import base64
import builtins
import contextlib
import io
import linecache
import os
import re
import tempfile
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from engine import Value, explain, grad
from engine.graph import leaves
from engine.render.svg import dark_theme

SHOWN = 20_000  # characters of what a snippet prints
WIDTH = re.compile(r'<svg style="[^>]*? width="(\d+)(pt)?"')
STEPS_UP_TO = 60  # nodes of a graph whose steps are shown

Output = dict[str, str]


def run(code: str, namespace: dict[str, Any], name: str = "<snippet>", *, differentiate: bool = False) -> list[Output]:
    """Run a snippet in a namespace.

    With `differentiate`, backward is called for a last Value if nobody has called it.

    Returns:
        What there is to see, in order, each with its kind: "text", "svg" and "png" (pictures), or "error". A last line
        that is an expression is shown: a Value, a model and a drawing as their pictures.
    """
    printed = io.StringIO()
    outputs: list[Output] = []
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            tree = ast.parse(code, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), namespace)  # noqa: S102  to run it is what we are asked for
            if isinstance(last, ast.Expr):
                result = eval(compile(ast.Expression(last.value), name, "eval"), namespace)  # noqa: S307
                namespace["_"] = result
                if differentiate and isinstance(result, Value) and not any(leaf.grad for leaf in leaves(result)):
                    result.backward()
                outputs += shown(result)
        except BaseException as error:
            outputs.append({"kind": "error", "text": _error(error, name)})
    if text := printed.getvalue():
        outputs.insert(0, {"kind": "text", "text": text[:SHOWN]})
    return outputs


def shown(result: Any) -> list[Output]:
    """What is to be seen of the value of an expression."""
    if result is None:
        return []
    outputs = [] if hasattr(result, "pipe") else [{"kind": "text", "text": f"{result!r}\n"}]
    svg = getattr(result, "_repr_svg_", None)
    if hasattr(result, "pipe"):
        outputs.append({"kind": "svg", "text": inline(result.pipe(format="svg", encoding="utf-8"))})
    elif isinstance(result, Value):
        if result.parents:
            outputs.append({"kind": "svg", "text": inline(result.draw().pipe(format="svg", encoding="utf-8"))})
    elif svg is not None and (drawn := svg()):
        outputs.append({"kind": "svg", "text": inline(drawn)})
    elif hasattr(result, "savefig") or hasattr(result, "figure"):
        outputs = [{"kind": "png", "text": _png(getattr(result, "figure", result))}]
    return outputs


def _png(figure: Any) -> str:
    """A figure of matplotlib, as the address of a picture."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=100)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def inline(svg: str) -> str:
    """A drawing as part of a page, whose style sheet has the colours of both themes, and is told its width."""
    drawing = svg[svg.index("<svg") :].replace(dark_theme(), "")
    if not (found := WIDTH.match(drawing)):
        return drawing
    return drawing.replace('style="', f'style="--width:{found[1]}{found[2] or "px"};', 1)


def playground(code: str) -> Iterator[Output]:
    """Run a snippet, and show all of the Value it ends with: its graph, its gradients, the chain rule, the steps.

    One after the other: there is a picture while the rest is being made.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("from math import pi\nfrom engine import *", namespace)  # noqa: S102
    if _names_of(code) - {*namespace, *dir(builtins)}:
        exec("from nn import *", namespace)  # noqa: S102  what a first picture can do without
    outputs = run(code, namespace, differentiate=True)
    yield from outputs
    result = namespace.get("_")
    if not isinstance(result, Value) or not result.parents or outputs[-1]["kind"] == "error":
        return
    inputs = [leaf for leaf in leaves(result) if leaf.label]
    if inputs:
        slopes = grad(result, inputs)
        width = max(len(str(leaf.label)) for leaf in inputs)
        name = result.label or "y"
        lines = [f"∂{name}/∂{leaf.label!s:<{width}} = {slope:.6g}" for leaf, slope in zip(inputs, slopes)]
        yield {"kind": "gradients", "text": "\n".join(lines) + "\n"}
        if len(inputs) <= 6:
            yield {"kind": "explanation", "text": f"{explain(result, inputs[0])}\n"}
    with contextlib.suppress(ValueError):  # too large a graph to step through
        yield {"kind": "steps", "text": steps(result, STEPS_UP_TO)}


def _names_of(code: str) -> set[str]:
    """The names that a snippet uses and does not give itself; none if it cannot be read."""
    try:
        names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return set()
    given = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - given


def steps(result: Value, most: int) -> str:
    """The page that steps through both passes, as its text."""
    return _written(lambda path: result.walkthrough(path, max_nodes=most))


def playground_of(code: str, namespace: dict[str, Any]) -> str:
    """The page in which a model learns, as its text. The code is the model and its method's arguments."""

    def made(model: Any, *data: Any, **options: Any) -> str:
        return _written(lambda path: model.playground(path, *data, **options))

    return eval(f"__made({code})", {**namespace, "__made": made})  # noqa: S307


def _written(write: Callable[[str], str]) -> str:
    """The text of a page that is written to a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(os.path.join(folder, "page.html"))  # noqa: PTH118
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()


def _error(error: BaseException, name: str) -> str:
    """The error and the lines of the snippet that led to it."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error))
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    where = "".join(f"line {frame.lineno}: {frame.line}\n" for frame in own)
    return f"{where}{type(error).__name__}: {error}\n"
