"""Loops whose turn is short: its states stay in registers, and what it is given is taken where it is."""

from __future__ import annotations

from engine.lifting.native.chunk_writer import ChunkWriter
from engine.lifting.native.layout_parts import Chunk, Turns
from engine.lifting.native.operations import Kind


def turns_in_registers(
    turns: Turns, elements: int, chunk: Chunk, span: tuple[int, int], kind: Kind, calls: set[tuple[str, int]]
) -> list[str]:
    """The lines that do some turns of a loop of which each is one chunk.

    Args:
        turns: the loop.
        elements: where its elements are put.
        chunk: the turn.
        span: the first of them, and the one after the last.
        kind: of the numbers: those of several turns at once, or of the rows' lanes.
        calls: receives which functions it calls.
    """
    loop, turn = turns.loop, turns.turn
    states, (first, end) = len(loop.after), span
    lines = []
    for k, matrix in enumerate([turns.states, *turns.sequences, *turns.constant]):
        name = f"%given{k}" if 0 < k <= len(turns.sequences) else f"%part{k}"
        lines.append(f"{name} = getelementptr double, ptr {matrix.pointer}, i64 {matrix.place}")
    for k in range(states):
        lines += _loaded_at(f"%start{k}", "%part0", k * turns.states.steps[1], kind)
    place = elements + states * turn.lanes
    for k, stack in enumerate(loop.stacks):
        lines.append(f"%stack{k} = getelementptr double, ptr %w, i64 {place}")
        place += len(stack) * turn.lanes * loop.turns
    names = [f"%state{k}" for k in range(states)]
    outputs = [*loop.after, *(x for stack in loop.stacks for x in stack)]
    body, results = ChunkWriter(turn, chunk, calls, kind).turn(names, outputs)
    lines += ["br label %turn", "turn:", f"%t = phi i64 [ {first}, %0 ], [ %next, %turn ]"]
    lines += [f"{name} = phi {kind.number} [ %start{k}, %0 ], [ {results[k]}, %turn ]" for k, name in enumerate(names)]
    lines.append(f"%k = sub i64 {loop.turns - 1}, %t" if loop.backwards else "%k = add i64 %t, 0")
    for k, matrix in enumerate(turns.sequences, 1):
        lines.append(f"%step{k} = mul i64 %k, {matrix.steps[0]}")
        lines.append(f"%part{k} = getelementptr double, ptr %given{k}, i64 %step{k}")
    lines += body
    kept = iter(results[states:])
    for k, stack in enumerate(loop.stacks):
        lines.append(f"%at{k} = mul i64 %k, {len(stack) * turn.lanes}")
        lines.append(f"%level{k} = getelementptr double, ptr %stack{k}, i64 %at{k}")
        for j in range(len(stack)):
            lines += _stored_at(f"%kept{k}.{j}", f"%level{k}", j * turn.lanes, next(kept), kind)
    lines += [
        f"%next = add i64 %t, {kind.lanes // turn.lanes}",
        f"%more = icmp ult i64 %next, {end}",
        "br i1 %more, label %turn, label %done",
        "done:",
        f"%last = getelementptr double, ptr %w, i64 {elements}",
    ]
    for k in range(states):
        lines += _stored_at(f"%final{k}", "%last", k * turn.lanes, results[k], kind)
    return lines


def _loaded_at(name: str, pointer: str, place: int, kind: Kind) -> list[str]:
    """The lines that load what is at a place after a pointer."""
    return [
        f"{name}.a = getelementptr double, ptr {pointer}, i64 {place}",
        f"{name} = load {kind.number}, ptr {name}.a, align 8",
    ]


def _stored_at(name: str, pointer: str, place: int, number: str, kind: Kind) -> list[str]:
    """The lines that store a number there."""
    return [
        f"{name} = getelementptr double, ptr {pointer}, i64 {place}",
        f"store {kind.number} {number}, ptr {name}, align 8",
    ]
