"""Writing a chunk of terms down as the lines of a function in LLVM's text."""

from __future__ import annotations

from collections.abc import Sequence

from engine.lifting.native.kernels import masks
from engine.lifting.native.layout import Layout
from engine.lifting.native.layout_parts import Chunk
from engine.lifting.native.operations import SCALAR, Kind, called, written
from engine.lifting.native.terms import ROW, TRUTHS


class ChunkWriter:
    """Writes the lines of one chunk, and notes which functions it calls: (operation, lanes).

    `kind` is that of the numbers if they are not of the layout's lanes: of several turns at once.
    """

    def __init__(self, layout: Layout, chunk: Chunk, calls: set[tuple[str, int]], kind: Kind | None = None) -> None:
        self._terms, self._layout = layout.terms, layout
        self._chunk = chunk
        self._calls = calls
        self._kind = kind or Kind(layout.lanes if chunk.level == ROW else 1)
        self._known: dict[int, str] = {}
        self._lines: list[str] = []
        self._names = 0
        self._is_masked = False

    def lines(self) -> list[str]:
        """Those that compute the chunk's terms, and put them where they are needed."""
        chunk, layout = self._chunk, self._layout
        parts: dict[int, list[int]] = {}  # of each sum over rows what is added to it here
        for term in chunk.terms + chunk.sums:
            for total in layout.summed.get(term, ()):
                parts.setdefault(total, []).append(term)
        at_last: dict[int, list[int]] = {}
        for total, added in parts.items():
            at_last.setdefault(added[-1], []).append(total)
        for term in chunk.terms + chunk.sums:
            if term not in chunk.sums:
                self._write(term)
            for total in at_last.get(term, ()):
                self._add_to_sum(total, parts[total])
        for place, term in chunk.stores:
            self._store(self._as_number(term, self._operand(term)), place)
        return self._lines

    def turn(self, states: Sequence[str], outputs: Sequence[int]) -> tuple[list[str], list[str]]:
        """The lines of a turn, of which all is one chunk, and the names of its outputs, given those of the states."""
        for k, name in enumerate(states):
            self._known[self._terms.leaf("input", 0, k)] = name
        lines = self.lines()
        return lines, [self._as_number(term, self._operand(term)) for term in outputs]

    def _write(self, term: int) -> None:
        terms, layout = self._terms, self._layout
        op, operands = terms.ops[term], terms.operands[term]
        if called(op, self._kind):
            self._calls.add((op, self._kind.lanes))
        name = f"%t{term}"
        texts = [*map(self._operand, operands)]
        self._lines += written(op, name, texts, self._kind, [terms.ops[operand] in TRUTHS for operand in operands])
        self._known[term] = name
        places = [*layout.copies.get(term, ())]
        places += [where[term] for where in (layout.scalars, layout.vectors) if term in where]
        if places:
            number = self._as_number(term, name)
            for place in places:
                self._store(number, place)

    def _operand(self, term: int) -> str:
        terms, layout = self._terms, self._layout
        if terms.ops[term] == "constant":
            return self._kind.constant(terms.operands[term][0])
        name = self._known.get(term)
        if name is not None:
            return name
        where = layout.vector(term)
        if where is not None:
            name = self._as_truth(term, self._load(*where, self._kind))
            if term in layout.vectors:  # what is given is loaded again, which takes no register meanwhile
                self._known[term] = name
            return name
        return self._as_truth(term, self._in_all_lanes(self._load(*layout.source(term), SCALAR)))

    def _name(self) -> str:
        self._names += 1
        return f"%n{self._names}"

    def _load(self, pointer: str, place: int, kind: Kind) -> str:
        name = self._name()
        self._lines += [
            f"{name}.a = getelementptr double, ptr {pointer}, i64 {place}",
            f"{name} = load {kind.number}, ptr {name}.a, align 8",
        ]
        return name

    def _store(self, name: str, place: int) -> None:
        where = self._name()
        self._lines += [
            f"{where} = getelementptr double, ptr %w, i64 {place}",
            f"store {self._kind.number} {name}, ptr {where}, align 8",
        ]

    def _in_all_lanes(self, name: str) -> str:
        kind = self._kind
        if kind.lanes == 1:
            return name
        self._lines += [
            f"{name}.i = insertelement {kind.number} undef, double {name}, i64 0",
            (
                f"{name}.v = shufflevector {kind.number} {name}.i, {kind.number} undef, "
                f"<{kind.lanes} x i32> zeroinitializer"
            ),
        ]
        return f"{name}.v"

    def _as_truth(self, term: int, name: str) -> str:
        """What has been kept as 1.0 and 0.0, as a truth value again."""
        if self._terms.ops[term] not in TRUTHS:
            return name
        self._lines.append(f"{name}.t = fcmp une {self._kind.number} {name}, {self._kind.constant(0.0)}")
        return f"{name}.t"

    def _as_number(self, term: int, name: str) -> str:
        if self._terms.ops[term] not in TRUTHS:
            return name
        number = self._name()
        self._lines += written("number", number, [name], self._kind, [True])
        return number

    def _add_to_sum(self, total: int, parts: Sequence[int]) -> None:
        """Add terms to a sum over the rows; lanes beyond the last row add nothing."""
        layout, kind = self._layout, self._kind
        place = layout.sums + layout.row_sums[total] * kind.lanes
        before = after = self._load("%w", place, kind)
        for term in parts:
            name = self._name()
            operand = self._operand(term)
            self._lines.append(f"{name} = fadd contract {kind.number} {after}, {operand}")
            after = name
        if kind.lanes > 1:
            if not self._is_masked:
                self._is_masked = True
                self._lines += masks(kind).split("\n  ")
            self._lines.append(
                f"{after}.m = select {kind.truth} %is_row, {kind.number} {after}, {kind.number} {before}"
            )
            after = f"{after}.m"
        self._store(after, place)
