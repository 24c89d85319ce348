"""Writing terms down as a function in LLVM's text.

`run(parameters, arguments, work, out, rows)`: first what depends on parameters alone; then the rows, a lane for each;
then what depends on sums over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.lifting.native.expand import Expansion
from engine.lifting.native.kernels import kernels, masks, matmul_name, outer_name
from engine.lifting.native.layout import Call, Chunk, Layout
from engine.lifting.native.library import array_functions, declarations, number_functions
from engine.lifting.native.operations import SCALAR, Kind, called, written
from engine.lifting.native.terms import ROW, TOTAL, TRUTHS, UNIFORM

COPIES = 200  # runs of outputs that one function copies
MOST_OPTIMIZED = 3000  # terms: LLVM takes a tenth of the time without care, for code that runs 1.3 times as long


@dataclass(frozen=True)
class NativeText:
    """A function in LLVM's text.

    Attributes:
        text: it.
        work: how many numbers it needs room for.
        terms: how many numbers it computes one by one.
        lanes: how many rows it computes at once.
    """

    text: str
    work: int
    terms: int
    lanes: int


def emit(expansion: Expansion, sizes: Sequence[int], lanes: int) -> NativeText:
    """The function of an expansion, for arguments of these sizes, with so many rows at once."""
    return _Emitter(expansion, sizes, lanes).text()


class _Emitter:
    def __init__(self, expansion: Expansion, sizes: Sequence[int], lanes: int) -> None:
        self.terms = expansion.terms
        self.layout = Layout(expansion, sizes, lanes)
        self.lanes = lanes
        self.kinds = {UNIFORM: SCALAR, TOTAL: SCALAR, ROW: Kind(lanes)}
        self.calls: set[tuple[str, int]] = set()
        self._expansion = expansion
        self._sizes = sizes
        self._matmuls: set[tuple[bool, bool, int]] = set()

    def text(self) -> NativeText:
        layout = self.layout
        count = sum(len(part.terms) for part in layout.parts if isinstance(part, Chunk))
        care = "" if count <= MOST_OPTIMIZED else " optnone"
        functions = [self._function(number, part, care) for number, part in enumerate(layout.parts)]
        copies, entry = self._entry()
        parts = [
            declarations([SCALAR] if self.lanes == 1 else [SCALAR, self.kinds[ROW]]),
            array_functions(self.lanes),
            number_functions(self.calls),
            kernels(self._matmuls, [self.lanes] if layout.outers else []),
            *functions,
            *copies,
            entry,
        ]
        return NativeText("\n".join(parts), max(8, layout.work), count, self.lanes)

    def _function(self, number: int, part: Chunk | Call, care: str) -> str:
        lines = self._called(part) if isinstance(part, Call) else _ChunkWriter(self, part).lines()
        body = "\n  ".join(lines)
        return f"define internal void @part{number}(ptr %p, ptr %w, i64 %valid) noinline{care} {{\n  {body}\n  ret void\n}}\n"

    def _called(self, call: Call) -> list[str]:
        """The call of a product of matrices."""
        a, b = self.layout.matrices[call.kernel]
        kind = self.kinds[call.level]
        self._matmuls.add((a.varies, b.varies, kind.lanes))
        p, q, r = self.terms.kernels[call.kernel].shape
        numbers = ", ".join([f"i64 {number}" for number in (p, q, r, *a.steps, *b.steps)])
        return [
            f"%out = getelementptr double, ptr %w, i64 {self.layout.elements[call.kernel]}",
            f"%a = getelementptr double, ptr {a.pointer}, i64 {a.place}",
            f"%b = getelementptr double, ptr {b.pointer}, i64 {b.place}",
            f"call void {matmul_name(a.varies, b.varies, kind)}(ptr %out, ptr %a, ptr %b, {numbers})",
        ]

    def _entry(self) -> tuple[list[str], str]:
        """The functions that copy the outputs, and `run`."""
        lines: list[str] = []
        layout = self.layout
        rows = self.terms.leaf("rows")
        if rows in layout.scalars:
            lines += [
                "%count = uitofp i64 %rows to double",
                f"%counted = getelementptr double, ptr %w, i64 {layout.scalars[rows]}",
                "store double %count, ptr %counted",
            ]
        sums = [(layout.sums, self.lanes * len(layout.row_sums))] if layout.row_sums else []
        for term in layout.outers:
            p, _, r = self.terms.kernels[term].shape
            sums.append((layout.elements[term], p * r))
        for k, (place, count) in enumerate(sums):
            lines += [f"%sums{k} = getelementptr double, ptr %w, i64 {place}"]
            lines += [f"call void @fill(ptr %sums{k}, i64 {count}, double -0.0)"]
        lines += self._calls(UNIFORM, "0")
        if any(part.level == ROW for part in layout.parts) or layout.outers:
            lines += self._of_rows()
        if layout.row_sums:
            lines += [
                f"%lanes = getelementptr double, ptr %w, i64 {layout.sums}",
                f"%totals = getelementptr double, ptr %w, i64 {layout.totals}",
                f"call void @add_lanes(ptr %totals, ptr %lanes, i64 {len(layout.row_sums)})",
            ]
        lines += self._calls(TOTAL, "0")
        copies = [] if self._expansion.by_rows else self._copies()
        lines += [f"call void @outputs{k}(ptr %p, ptr %w, ptr %out)" for k in range(len(copies))]
        body = "\n  ".join(lines)
        return copies, (
            f"define void @run(ptr %p, ptr %arguments, ptr %w, ptr %out, i64 %rows) {{\n  {body}\n  ret void\n}}\n"
        )

    def _calls(self, level: int, valid: str) -> list[str]:
        return [
            f"call void @part{number}(ptr %p, ptr %w, i64 {valid})"
            for number, part in enumerate(self.layout.parts)
            if part.level == level
        ]

    def _of_rows(self) -> list[str]:
        """The loop over the rows."""
        layout, lanes = self.layout, self.lanes
        after = "flushed" if layout.outers else "rows_begin"
        lines = ["br label %rows_begin", "rows_begin:", f"%row = phi i64 [ 0, %0 ], [ %row_after, %{after} ]"]
        if layout.outers:
            lines.append("%kept = phi i64 [ 0, %0 ], [ %kept_after, %flushed ]")
        for k, size in enumerate(self._sizes):
            if size:
                lines += [
                    f"%slot{k} = getelementptr ptr, ptr %arguments, i64 {k}",
                    f"%argument{k} = load ptr, ptr %slot{k}",
                    f"%input{k} = getelementptr double, ptr %w, i64 {layout.starts[k]}",
                    f"call void @take_rows(ptr %input{k}, ptr %argument{k}, i64 {size}, i64 %row, i64 %rows)",
                ]
        lines.append("%valid = sub i64 %rows, %row")
        lines += self._calls(ROW, "%valid")
        if self._expansion.by_rows:
            lines += [
                f"%results = getelementptr double, ptr %w, i64 {layout.outputs}",
                f"call void @give_rows(ptr %out, ptr %results, i64 {len(self._expansion.outputs)}, i64 %row, i64 %rows)",
            ]
        lines += [f"%row_after = add i64 %row, {lanes}", "%more = icmp ult i64 %row_after, %rows"]
        if layout.outers:
            lines += self._outers()
        return [*lines, "br i1 %more, label %rows_begin, label %rows_end", "rows_end:"]

    def _outers(self) -> list[str]:
        """Keeping the operands of outer products, and computing those when enough have been kept."""
        layout, kind = self.layout, self.kinds[ROW]
        lines, calls = [], []
        for k, term in enumerate(layout.outers):
            kernel, kept = self.terms.kernels[term], layout.kept[term]
            p, q, r = kernel.shape
            for side, matrix, of, place, beyond in zip("ab", layout.matrices[term], (kernel.a, kernel.b), kept, (-0.0, 0.0)):
                lines += [
                    f"%from_{side}{k} = getelementptr double, ptr {matrix.pointer}, i64 {matrix.place}",
                    f"%at_{side}{k} = mul i64 %kept, {len(of) * self.lanes}",
                    f"%all_{side}{k} = getelementptr double, ptr %w, i64 {place}",
                    f"%to_{side}{k} = getelementptr double, ptr %all_{side}{k}, i64 %at_{side}{k}",
                    f"call void @keep.{kind.suffix}(ptr %to_{side}{k}, ptr %from_{side}{k}, i64 {len(of)}, i64 %valid, "
                    f"{kind.number} {kind.constant(beyond)})",
                ]
            calls += [
                f"%depth{k} = mul i64 %count_kept, {q}",
                f"%outer{k} = getelementptr double, ptr %w, i64 {layout.elements[term]}",
                f"call void {outer_name(kind)}(ptr %outer{k}, ptr %all_a{k}, ptr %all_b{k}, i64 %depth{k}, i64 {p}, i64 {r})",
            ]
        return [
            *lines,
            "%count_kept = add i64 %kept, 1",
            f"%is_full = icmp eq i64 %count_kept, {layout.tile}",
            "%is_last = xor i1 %more, 1",
            "%is_time = or i1 %is_full, %is_last",
            "br i1 %is_time, label %flush, label %keep",
            "keep:",
            "br label %flushed",
            "flush:",
            *calls,
            "br label %flushed",
            "flushed:",
            "%kept_after = phi i64 [ %count_kept, %keep ], [ 0, %flush ]",
        ]

    def _copies(self) -> list[str]:
        """Functions that copy the outputs to where they are wanted, in runs that lie together."""
        runs: list[tuple[int, str, int, int]] = []  # where to, from which pointer, from which place, how many
        lines = []
        for to, term in enumerate(self._expansion.outputs):
            number = self.terms.number_of(term)
            if number is not None:
                constant = SCALAR.constant(number)
                lines.append(f"%c{to} = getelementptr double, ptr %out, i64 {to}\n  store double {constant}, ptr %c{to}")
                continue
            pointer, place = self.layout.source(term)
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


class _ChunkWriter:
    """Writes the lines of one chunk."""

    def __init__(self, of: _Emitter, chunk: Chunk) -> None:
        self._of = of
        self._terms, self._layout = of.terms, of.layout
        self._chunk = chunk
        self._kind = of.kinds[chunk.level]
        self._known: dict[int, str] = {}
        self._lines: list[str] = []
        self._names = 0
        self._is_masked = False

    def lines(self) -> list[str]:
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

    def _write(self, term: int) -> None:
        of, terms, layout = self._of, self._terms, self._layout
        op, operands = terms.ops[term], terms.operands[term]
        if called(op, self._kind):
            of.calls.add((op, self._kind.lanes))
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
        place = layout.vector(term)
        if place is not None:
            name = self._as_truth(term, self._load("%w", place, self._kind))
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
            f"{name}.v = shufflevector {kind.number} {name}.i, {kind.number} undef, <{kind.lanes} x i32> zeroinitializer",
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
            self._lines.append(f"{after}.m = select {kind.truth} %is_row, {kind.number} {after}, {kind.number} {before}")
            after = f"{after}.m"
        self._store(after, place)
