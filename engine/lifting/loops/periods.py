"""After how many nodes a graph does the same again, and for how long: guesses, for `recurrence` to check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.lifting.loops.steps import Numbers, Steps

FEWEST_TURNS = 6  # fewer turns are no loop: written out they are as short
MOST_GUESSES = 24  # that are looked at more closely
_MOST_RUNS = 4_000


@dataclass(frozen=True)
class Period:
    """Nodes `first`, `first + length`, `first + 2 * length`, ... are alike, so many `times`."""

    length: int
    first: int
    times: int

    @property
    def end(self) -> int:
        return self.first + self.length * self.times

    @property
    def middle(self) -> int:
        """The node in the middle."""
        return self.first + self.length * (self.times // 2)

    def parts(self, cuts: Sequence[int]) -> list[Period]:
        """The periods between some nodes, in order: those that are long enough for a loop."""
        found, first = [], self.first
        for cut in (*cuts, self.end):
            times = (cut - first) // self.length
            if times >= FEWEST_TURNS:
                found.append(Period(self.length, first, times))
            first += self.length * max(0, -(-(cut - first) // self.length))
        return found


def periods(steps: Steps) -> Iterator[Period]:
    """Where the steps may be those of a loop: the longest stretches first, so that outer loops come before inner ones.

    In a loop a node of a turn uses nodes as far back as the same node of the next turn does. So each node gets a
    signature, its operation and how far back its operands are. The nodes of one signature stand at even distances,
    once for each turn if it is rare enough: the lanes of a turn are alike, but not the ones at the edges.
    """
    found: list[Period] = []
    if len(steps.nodes) > 2 * FEWEST_TURNS:
        for signatures in (_all_distances(steps), _shortest_distance(steps)):
            found += _even_runs(signatures)
    found.sort(key=lambda period: (-period.length * period.times, period.length, period.first))
    seen: dict[int, list[Period]] = {}
    count = 0
    for period in found:
        same = seen.setdefault(period.length, [])
        if not any(other.first <= period.middle < other.end for other in same):
            same.append(period)
            yield period
            count += 1
            if count == MOST_GUESSES:
                return


def _distances(steps: Steps) -> Numbers:
    """How far back each operand is; 0 for a leaf."""
    counts = np.diff(steps.starts)
    users = np.repeat(np.arange(len(steps.nodes)), counts)
    return np.where(steps.operands >= 0, users - steps.operands, 0)


def _all_distances(steps: Steps) -> Numbers:
    distances = _distances(steps).astype(np.uint64)
    places = np.arange(len(distances)) - np.repeat(steps.starts[:-1], np.diff(steps.starts))
    mixed = _mixed(distances * np.uint64(0x9E3779B97F4A7C15) + places.astype(np.uint64))
    return _mixed(np.add.reduceat(mixed, steps.starts[:-1]) + steps.operations.astype(np.uint64))


def _shortest_distance(steps: Steps) -> Numbers:
    distances = _distances(steps)
    shortest = np.minimum.reduceat(np.where(distances > 0, distances, len(steps.nodes) + 1), steps.starts[:-1])
    return _mixed(shortest.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + steps.operations.astype(np.uint64))


def _mixed(x: Numbers) -> Numbers:
    """Numbers of 64 bits, each spread over all bits: sums of them are equal by chance alone."""
    x = x ^ (x >> np.uint64(31))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(29))


def _even_runs(signatures: Numbers) -> list[Period]:
    """The longest runs of equal signatures at even distances."""
    order = np.argsort(signatures, kind="stable")
    gaps = np.diff(order)
    gaps[np.diff(signatures[order].view(np.int64)) != 0] = 0  # from one signature to the next: no gap
    edges = np.nonzero(np.diff(gaps))[0] + 1
    begins = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([begins, [len(gaps)]]))
    chosen = np.nonzero((gaps[begins] > 0) & (lengths >= FEWEST_TURNS - 1))[0]
    covered = gaps[begins[chosen]] * lengths[chosen]
    chosen = chosen[np.argsort(-covered, kind="stable")[:_MOST_RUNS]]
    return [Period(int(gaps[begins[k]]), int(order[begins[k]]), int(lengths[k]) + 1) for k in chosen]
