"""The finish sheet: what was solved, when, and with how many hints; a page to print."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import date
from typing import Any

from demos.exercises.manifest import EXERCISES, KINDS

STYLE = """
:root { color-scheme: light; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.4 system-ui, sans-serif; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.25rem 0.5rem; border-bottom: 1px solid #8888; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; }
"""


def sheet(lines: Iterable[dict[str, Any]], today: date | None = None) -> str:
    """The sheet as HTML, from the lines of a report's learner: one for each exercise, with name, right, when and hints.

    Lines of exercises that there are not are left out, and exercises without a line are not solved.
    """
    known = {line["name"]: line for line in lines}
    solved = [line for exercise in EXERCISES if (line := known.get(exercise.name)) and line["right"]]
    days = sorted(str(line.get("when") or "") for line in solved)
    rows = "\n".join(
        _row(number, exercise, known.get(exercise.name, {})) for number, exercise in enumerate(EXERCISES, 1)
    )
    if len(solved) == len(EXERCISES):
        said = f"All {len(EXERCISES)} exercises are solved{f', the last on {days[-1]}' if days[-1] else ''}."
    else:
        said = f"{len(solved)} of {len(EXERCISES)} exercises are solved."
    return f"""<h1>Exercises on backpropagation</h1>
<p>Name: ______________________________</p>
<p>{said} Printed on {(today or date.today()).isoformat()}.</p>
<table>
<thead><tr><th scope="col"></th><th scope="col">exercise</th><th scope="col">kind</th><th scope="col">solved on</th>
<th scope="col">hints taken</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def page(lines: Iterable[dict[str, Any]]) -> str:
    """The sheet as a file of its own, to open in a browser and print."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Finish sheet</title>
<style>{STYLE}</style>
</head>
<body>
{sheet(lines)}
</body>
</html>
"""


def _row(number: int, exercise: Any, line: dict[str, Any]) -> str:
    when = (str(line.get("when") or "") or "yes") if line.get("right") else ""
    hints = line.get("hints", 0)
    taken = f"{hints} of {exercise.helps}" if hints else ""
    cells = (html.escape(exercise.title), KINDS[exercise.kind], html.escape(when), taken)
    return f'<tr><td class="number">{number}</td>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
