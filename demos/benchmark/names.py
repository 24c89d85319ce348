"""demos.names: the same training steps of a GPT of Values, eager and compiled."""

from __future__ import annotations

from collections.abc import Iterator

from demos.benchmark.table import table
from demos.identifiers import identifiers
from demos.names import new_model, timed

TITLE = "demos.names: a GPT of Values learns, eager and compiled"


def lines(quick: bool) -> Iterator[str]:
    names, steps = (["area", "name"], 1) if quick else (identifiers()[:16], 3)
    yield f"{len(new_model().parameters()):,} parameters, {len(names)} names, {steps} steps from the same weights:"
    runs = {"eager": timed(names, steps, compiled=False), "compiled": timed(names, steps, compiled=True)}
    yield table(
        ("", "seconds a step", "times as fast", "last loss"),
        *[
            (name, f"{run.seconds:.4f}", f"{runs['eager'].seconds / run.seconds:,.0f}", f"{run.losses[-1]:.12f}")
            for name, run in runs.items()
        ],
    )
