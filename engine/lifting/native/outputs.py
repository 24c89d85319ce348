"""The functions that copy what a program returns from where it is to where the caller wants it, in LLVM's text."""

from __future__ import annotations

from collections.abc import Sequence

from engine.lifting.native.layout import Layout
from engine.lifting.native.operations import SCALAR

COPIES = 200  # runs of outputs that one function copies


def copying(layout: Layout, outputs: Sequence[int]) -> list[str]:
    """Functions @outputs0, @outputs1, ... that copy the outputs to where they are wanted, in runs that lie together."""
    runs: list[tuple[int, str, int, int]] = []  # where to, from which pointer, from which place, how many
    lines = []
    for to, term in enumerate(outputs):
        number = layout.terms.number_of(term)
        if number is not None:
            constant = SCALAR.constant(number)
            lines.append(f"%c{to} = getelementptr double, ptr %out, i64 {to}\n  store double {constant}, ptr %c{to}")
            continue
        pointer, place = layout.source(term)
        if runs:
            start, of, first, count = runs[-1]
            if of == pointer and start + count == to and first + count == place:
                runs[-1] = start, of, first, count + 1
                continue
        runs.append((to, pointer, place, 1))
    for k, (to, pointer, place, count) in enumerate(runs):
        lines.append(
            f"%a{k} = getelementptr double, ptr {pointer}, i64 {place}\n"
            f"  %b{k} = getelementptr double, ptr %out, i64 {to}\n"
            f"  call void @copy(ptr %b{k}, ptr %a{k}, i64 {count})"
        )
    return [
        f"define internal void @outputs{n}(ptr %p, ptr %w, ptr %out) noinline {{\n  "
        + "\n  ".join(lines[k : k + COPIES])
        + "\n  ret void\n}\n"
        for n, k in enumerate(range(0, len(lines), COPIES))
    ]
