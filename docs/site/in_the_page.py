"""What the page's worker calls. It runs in Pyodide alone."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docs.site import snippets
from engine.render import drawing

_namespace: dict[str, Any] = {"__name__": "__main__"}


def lay_out_with(layout: Callable[[str, str], str]) -> None:
    """Have drawings laid out by a function of DOT source and format: there are no processes in a browser."""

    def lay_out(source: bytes, arguments: list[str], seconds: float | None = None) -> bytes:  # noqa: ARG001
        form = next((word[2:] for word in arguments if word.startswith("-T")), "svg")
        return layout(source.decode(), form).encode()

    drawing.lay_out = lay_out


def snippet(code: str) -> str:
    """Run a snippet after the others of its page."""
    return json.dumps(snippets.run(code, _namespace))


def steps(expression: str) -> str:
    """The step-through page of a Value that the snippets of the page have made."""
    try:
        return json.dumps({"page": snippets.steps(eval(expression, _namespace), snippets.STEPS_UP_TO)})  # noqa: S307
    except Exception as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


def playground(code: str, tell: Callable[[str], object]) -> str:
    """Run a snippet by itself, with all there is to see of its last line. Each part is told as soon as it is there."""
    for output in snippets.playground(code):
        tell(json.dumps([output]))
    return json.dumps([])


def script(code: str) -> str:
    """Run the file of an exercise, as Python runs a file."""
    return json.dumps(snippets.run(code, {"__name__": "__main__"}, "<your file>"))


def picture(name: str, code: str) -> str:
    """The last hint to an exercise: the learner's own lines as a graph."""
    import contextlib
    import io

    from demos.exercises.answers import Answer, NotYet
    from demos.exercises.picture import Drawn, drawn

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder, f"{name}.py")
        path.write_text(code, encoding="utf-8")
        try:
            made = drawn(name, Answer(path))
        except NotYet as reason:
            made = Drawn(str(reason))
    return json.dumps(made._asdict())


def sheet(lines: str) -> str:
    """The finish sheet, as HTML, from the lines of a report as JSON."""
    from demos.exercises.sheet import sheet

    return json.dumps({"html": sheet(json.loads(lines))})


def check(name: str, code: str) -> str:
    """The verdict on an answer to an exercise; the same checks and the same words as in the terminal."""
    import contextlib
    import io

    from demos.exercises.answers import Answer, NotYet
    from demos.exercises.verdict import Verdict, judge

    began, printed = time.monotonic(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        path = Path(folder, f"{name}.py")
        path.write_text(code, encoding="utf-8")
        try:
            found = judge(name, Answer(path))
        except NotYet as reason:
            found = Verdict(False, str(reason), status=reason.status)
    seconds = round(time.monotonic() - began, 2)
    return json.dumps({**found._asdict(), "printed": printed.getvalue()[:2000], "seconds": seconds})
