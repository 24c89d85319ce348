"""The report of a class as a page: learners by exercises, with the first mistake. One file, which needs no other."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from demos.exercises.manifest import EXERCISES

MARKS = {"right": "✓", "wrong": "✗", "late": "⏱", "ended": "✗", "unknown": "?", "unfinished": "", "missing": ""}
STYLE = """
:root { color-scheme: light dark; }
body { margin: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.6rem; border-bottom: 1px solid #8888; text-align: left; vertical-align: top; }
td.number, td.mark, thead th { text-align: center; font-variant-numeric: tabular-nums; }
thead th:first-child, thead th.words { text-align: left; }
td.right { color: light-dark(#1c6434, #7fd49b); }
td.wrong { color: light-dark(#8a3a06, #f5b183); }
td.words { min-width: 24rem; }
"""


def page(learners: Sequence[dict[str, Any]], first_mistake: Any) -> str:
    """A row for each learner, a column for each exercise; then the first mistake, and the time that checking took.

    Args:
        learners: as in the JSON of the report.
        first_mistake: what is to be said of a learner's exercises, a function of their list.
    """
    head = "".join(
        f'<th scope="col" title="{html.escape(exercise.title)}">{number}</th>'
        for number, exercise in enumerate(EXERCISES, 1)
    )
    solved_by = [sum(_status(line, exercise.name) == "right" for line in learners) for exercise in EXERCISES]
    foot = "".join(f'<td class="number">{count}</td>' for count in solved_by)
    rows = "\n".join(_row(line, first_mistake(line["exercises"])) for line in learners)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Report of a class</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<h1>Report of a class</h1>
<p>{len(learners)} learners, {len(EXERCISES)} exercises. ✓ right, ✗ tried and not right yet, ⏱ took too long.
The titles of the exercises are at the numbers.</p>
<div class="wide" tabindex="0">
<table>
<thead><tr><th scope="col">folder</th><th scope="col">solved</th>{head}<th scope="col">hints</th>
<th scope="col">seconds</th><th scope="col" class="words">first mistake</th></tr></thead>
<tbody>
{rows}
</tbody>
<tfoot><tr><th scope="row">solved by</th><td></td>{foot}<td></td><td></td><td></td></tr></tfoot>
</table>
</div>
</body>
</html>
"""


def _row(line: dict[str, Any], mistake: str) -> str:
    cells = "".join(_mark(_status(line, exercise.name)) for exercise in EXERCISES)
    hints = sum(one["hints"] for one in line["exercises"])
    seconds = sum(one["seconds"] for one in line["exercises"])
    return (
        f'<tr><th scope="row">{html.escape(line["folder"])}</th><td class="number">{line["solved"]}</td>{cells}'
        f'<td class="number">{hints}</td><td class="number">{seconds:.1f}</td>'
        f'<td class="words">{html.escape(line["message"] or mistake)}</td></tr>'
    )


def _status(line: dict[str, Any], name: str) -> str:
    return next((one["status"] for one in line["exercises"] if one["name"] == name), "missing")


def _mark(status: str) -> str:
    kind = "right" if status == "right" else "wrong"
    return f'<td class="mark {kind}"><span title="{status}">{MARKS[status]}</span></td>'
