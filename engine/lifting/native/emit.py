"""Writing terms down as a function in LLVM's text.

`run(parameters, arguments, work, out, rows)`: first what depends on parameters alone; then the rows, a lane for each;
then what depends on sums over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.lifting.native.chunk_writer import ChunkWriter
from engine.lifting.native.expand import Expansion
from engine.lifting.native.gathers import Gather, gather_functions
from engine.lifting.native.kernels import Product, kernels, outer_name
from engine.lifting.native.layout import Layout
from engine.lifting.native.layout_parts import Call, Chunk, Copy
from engine.lifting.native.library import array_functions, declarations, number_functions
from engine.lifting.native.operations import SCALAR, Kind
from engine.lifting.native.outputs import copying
from engine.lifting.native.register_loop import turns_in_registers
from engine.lifting.native.terms import GATHERS, ROW, TOTAL, UNIFORM

MOST_OPTIMIZED = 3000  # terms: LLVM takes a tenth of the time without care, for code that runs 1.3 times as long


@dataclass(frozen=True)
class NativeText:
    """A function in LLVM's text.

    Attributes:
        text: it.
        work: how many numbers it needs room for.
        terms: how many numbers it computes one by one.
        lanes: how many rows it computes at once.
        operations: about how many scalar operations are done for each row, with those of functions, of products, and of
            all turns of loops.
        by_rows: whether its outputs are those of each row.
    """

    text: str
    work: int
    terms: int
    lanes: int
    operations: int
    by_rows: bool


def emit(expansion: Expansion, sizes: Sequence[int], lanes: int, width: int) -> NativeText:
    """The function of an expansion, for arguments of these sizes, with so many rows at once.

    `width` is how many numbers the processor's vectors hold well.
    """
    return _Emitter(expansion, sizes, lanes, width).text()


class _Emitter:
    """Writes the functions of a program."""

    def __init__(self, expansion: Expansion, sizes: Sequence[int], lanes: int, width: int) -> None:
        self.terms = expansion.terms
        self.layout = Layout(expansion, sizes, lanes)
        self.lanes = lanes
        self._kind = Kind(lanes)
        self._width = width
        self._expansion = expansion
        self._sizes = sizes
        self._calls_of_numbers: set[tuple[str, int]] = set()
        self._products: set[Product] = set()
        self._gathers: set[Gather] = set()
        self._functions: list[str] = []
        self._care = "" if self.layout.count <= MOST_OPTIMIZED else " optnone"

    def text(self) -> NativeText:
        layout = self.layout
        copies, entry = self._entry()
        parts = [
            declarations([Kind(each) for each in sorted({1, self.lanes, self._width})]),
            array_functions(self.lanes),
            number_functions(self._calls_of_numbers),
            gather_functions(self._gathers),
            kernels(self._products, [self.lanes] if layout.outers and self.lanes > 1 else []),
            *[_table(number, [*map(float.fromhex, numbers)]) for numbers, number in layout.tables.items()],
            *self._functions,
            *copies,
            entry,
        ]
        text, by_rows = "\n".join(parts), self._expansion.by_rows
        return NativeText(text, max(8, layout.work), layout.count, self.lanes, layout.operations, by_rows)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _parts(self, layout: Layout) -> dict[int, list[str]]:
        """Write the functions of a layout's parts; their names by level."""
        names: dict[int, list[str]] = {UNIFORM: [], ROW: [], TOTAL: []}
        for part in layout.parts:
            care = self._care
            if isinstance(part, Chunk):
                lines = ChunkWriter(layout, part, self._calls_of_numbers).lines()
            elif isinstance(part, Copy):
                lines = self._transposed(part)
            elif part.kernel in layout.turns:
                names[part.level] += [self._function(lines, "") for lines in self._loop(layout, part)]
                continue
            elif layout.terms.ops[part.kernel] in GATHERS:
                lines, care = self._gather(layout, part), ""
            else:
                lines, care = self._product(layout, part), ""
            names[part.level].append(self._function(lines, care))
        return names

    @staticmethod
    def _transposed(copy: Copy) -> list[str]:
        """The call that copies a matrix so that its numbers lie side by side."""
        numbers = ", ".join([f"i64 {n}" for n in (copy.rows * copy.columns, copy.columns, *copy.matrix.steps)])
        return [
            f"%to = getelementptr double, ptr %w, i64 {copy.place}",
            f"%from = getelementptr double, ptr {copy.matrix.pointer}, i64 {copy.matrix.place}",
            f"call void @transposed(ptr %to, ptr %from, {numbers})",
        ]

    def _function(self, lines: Sequence[str], care: str) -> str:
        name, body = f"@part{len(self._functions)}", "\n  ".join(lines)
        self._functions.append(
            f"define internal void {name}(ptr %p, ptr %w, i64 %valid) noinline{care} {{\n  {body}\n  ret void\n}}\n"
        )
        return name

    def _product(self, layout: Layout, call: Call) -> list[str]:
        """The call of a product of matrices."""
        a, b = layout.matrices[call.kernel]
        lanes = layout.lanes if call.level == ROW else 1
        p, q, r = layout.terms.kernels[call.kernel].shape
        return [
            f"%out = getelementptr double, ptr %w, i64 {layout.elements[call.kernel]}",
            f"%a = getelementptr double, ptr {a.pointer}, i64 {a.place}",
            f"%b = getelementptr double, ptr {b.pointer}, i64 {b.place}",
            *self._multiplied(Product(a.varies, b.varies, lanes), (p, str(q), r), a.steps, b.steps, ""),
        ]

    def _gather(self, layout: Layout, call: Call) -> list[str]:
        """The call of lookups in a table, or of what adds to its rows."""
        op, (a, index) = layout.terms.ops[call.kernel], layout.matrices[call.kernel]
        gather = Gather(op, a.varies, index.varies, layout.lanes if call.level == ROW else 1)
        self._gathers.add(gather)
        p, q, r = layout.terms.kernels[call.kernel].shape
        count, n = (p, q) if op == "lookup" else (q, p)
        lines = [
            f"%out = getelementptr double, ptr %w, i64 {layout.elements[call.kernel]}",
            f"%a = getelementptr double, ptr {a.pointer}, i64 {a.place}",
            f"%index = getelementptr double, ptr {index.pointer}, i64 {index.place}",
        ]
        if op == "scatter":
            lines.append(f"call void @fill(ptr %out, i64 {n * r * gather.lanes}, double 0.0)")
        numbers = ", ".join([f"i64 {x}" for x in (count * r * gather.lanes, n, r, *a.steps, index.steps[1], "%valid")])
        return [*lines, f"call void {gather.name}(ptr %out, ptr %a, ptr %index, {numbers})"]

    def _multiplied(
        self, product: Product, shape: tuple[int, str, int], a: tuple[int, int], b: tuple[int, int], name: str
    ) -> list[str]:
        """The calls that multiply %a and %b, with these steps, into %out; `name` tells them from others.

        Of one row, and where the columns lie side by side, several are one of a matrix of vectors.
        """
        p, q, r = shape
        pieces = [(0, r, product)]
        if product.lanes == 1 and b[1] == 1:
            pieces, begin = [], 0
            for lanes in (self._width, self._width // 2, 1):
                count = (r - begin) // lanes
                if count:
                    pieces.append((begin, count, replace(product, a_varies=False, b_varies=lanes > 1, lanes=lanes)))
                begin += count * lanes
        lines = []
        for k, (begin, count, each) in enumerate(pieces):
            self._products.add(each)
            steps = (*a, b[0], each.lanes if each.lanes > product.lanes else b[1], r * product.lanes)
            numbers = ", ".join([f"i64 {number}" for number in (p, q, count, *steps)])
            lines += [
                f"%b{name}.{k} = getelementptr double, ptr %b{name}, i64 {begin}",
                f"%out{name}.{k} = getelementptr double, ptr %out{name}, i64 {begin}",
                f"call void {each.name}(ptr %out{name}.{k}, ptr %a{name}, ptr %b{name}.{k}, {numbers})",
            ]
        return lines

    def _loop(self, layout: Layout, call: Call) -> list[list[str]]:
        """The bodies of the functions that are a loop."""
        turns = layout.turns[call.kernel]
        turn, count = turns.turn, turns.loop.turns
        if not turn.in_registers:
            return [self._turns(layout, call)]
        bodies, chunk = [], Chunk(ROW)
        for part in turn.parts:
            assert isinstance(part, Chunk)
            if part.level == ROW:
                chunk = part
            else:  # what is the same in all turns
                bodies.append(ChunkWriter(turn, part, self._calls_of_numbers).lines())
        at_once = count - count % self._width if turn.is_map else 0
        for first, end, lanes in ((0, at_once, self._width), (at_once, count, turn.lanes)):
            if first < end:
                elements = layout.elements[call.kernel]
                bodies.append(
                    turns_in_registers(turns, elements, chunk, (first, end), Kind(lanes), self._calls_of_numbers)
                )
        return bodies

    def _turns(self, layout: Layout, call: Call) -> list[str]:
        """A loop: what is the same in all turns, then turn after turn."""
        turns = layout.turns[call.kernel]
        loop, turn, lanes = turns.loop, turns.turn, turns.turn.lanes
        parts, states, elements = self._parts(turn), len(turns.loop.after), layout.elements[call.kernel]
        lines = [f"%states = getelementptr double, ptr %w, i64 {turn.starts[0]}"]
        given = [turns.states, *turns.sequences, *turns.constant]
        for k, (matrix, start) in enumerate(zip(given, turn.starts)):
            lines.append(f"%given{k} = getelementptr double, ptr {matrix.pointer}, i64 {matrix.place}")
            lines.append(f"%to{k} = getelementptr double, ptr %w, i64 {start}")
            if k == 0 or k > len(turns.sequences):
                lines.append(_moved(f"%to{k}", f"%given{k}", loop.sizes[k] * lanes))
        lines += [f"%after = getelementptr double, ptr %w, i64 {turn.outputs}"]
        lines += [f"call void {name}(ptr %p, ptr %w, i64 %valid)" for name in parts[UNIFORM]]
        lines += ["br label %turn", "turn:", "%t = phi i64 [ 0, %0 ], [ %next, %turn ]"]
        lines.append(f"%k = sub i64 {loop.turns - 1}, %t" if loop.backwards else "%k = add i64 %t, 0")
        for k, matrix in enumerate(turns.sequences, 1):
            lines.append(f"%step{k} = mul i64 %k, {matrix.steps[0]}")
            lines.append(f"%part{k} = getelementptr double, ptr %given{k}, i64 %step{k}")
            lines.append(_moved(f"%to{k}", f"%part{k}", loop.sizes[k] * lanes))
        lines += [f"call void {name}(ptr %p, ptr %w, i64 %valid)" for name in parts[ROW]]
        lines.append(_moved("%states", "%after", states * lanes))
        place, to = turn.outputs + states * lanes, elements + states * lanes
        for k, stack in enumerate(loop.stacks):
            size = len(stack) * lanes
            lines += [
                f"%kept{k} = getelementptr double, ptr %w, i64 {place}",
                f"%stack{k} = getelementptr double, ptr %w, i64 {to}",
                f"%at{k} = mul i64 %k, {size}",
                f"%level{k} = getelementptr double, ptr %stack{k}, i64 %at{k}",
                _moved(f"%level{k}", f"%kept{k}", size),
            ]
            place, to = place + size, to + size * loop.turns
        return [
            *lines,
            "%next = add i64 %t, 1",
            f"%more = icmp ult i64 %next, {loop.turns}",
            "br i1 %more, label %turn, label %done",
            "done:",
            f"%last = getelementptr double, ptr %w, i64 {elements}",
            _moved("%last", "%states", states * lanes),
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
        for k, term in enumerate(layout.scatter_sums):
            p, _, r = self.terms.kernels[term].shape
            lines += [f"%table{k} = getelementptr double, ptr %w, i64 {layout.elements[term]}"]
            lines += [f"call void @fill(ptr %table{k}, i64 {p * r}, double 0.0)"]
        parts = self._parts(layout)
        lines += _calls(parts[UNIFORM], "0")
        if parts[ROW] or layout.outers:
            lines += self._of_rows(parts[ROW])
        if layout.row_sums:
            lines += [
                f"%lanes = getelementptr double, ptr %w, i64 {layout.sums}",
                f"%totals = getelementptr double, ptr %w, i64 {layout.totals}",
                f"call void @add_lanes(ptr %totals, ptr %lanes, i64 {len(layout.row_sums)})",
            ]
        lines += _calls(parts[TOTAL], "0")
        copies = [] if self._expansion.by_rows else copying(layout, self._expansion.outputs)
        lines += [f"call void @outputs{k}(ptr %p, ptr %w, ptr %out)" for k in range(len(copies))]
        body = "\n  ".join(lines)
        return copies, (
            f"define void @run(ptr %p, ptr %arguments, ptr %w, ptr %out, i64 %rows) {{\n  {body}\n  ret void\n}}\n"
        )

    def _of_rows(self, parts: Sequence[str]) -> list[str]:
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
        lines += _calls(parts, "%valid")
        if self._expansion.by_rows:
            lines += [
                f"%results = getelementptr double, ptr %w, i64 {layout.outputs}",
                (
                    f"call void @give_rows(ptr %out, ptr %results, i64 {len(self._expansion.outputs)}, "
                    "i64 %row, i64 %rows)"
                ),
            ]
        lines += [f"%row_after = add i64 %row, {lanes}", "%more = icmp ult i64 %row_after, %rows"]
        if layout.outers:
            lines += self._outers()
        return [*lines, "br i1 %more, label %rows_begin, label %rows_end", "rows_end:"]

    def _outers(self) -> list[str]:
        """Keeping the operands of outer products, and computing those when enough have been kept."""
        layout, kind = self.layout, self._kind
        lines, calls = [], []
        for k, term in enumerate(layout.outers):
            kernel, kept = self.terms.kernels[term], layout.kept[term]
            p, q, r = kernel.shape
            for side, matrix, of, place, beyond in zip(
                "ab", layout.matrices[term], (kernel.a, kernel.b), kept, (-0.0, 0.0)
            ):
                lines += [
                    f"%from_{side}{k} = getelementptr double, ptr {matrix.pointer}, i64 {matrix.place}",
                    f"%at_{side}{k} = mul i64 %kept, {len(of) * self.lanes}",
                    f"%all_{side}{k} = getelementptr double, ptr %w, i64 {place}",
                    f"%to_{side}{k} = getelementptr double, ptr %all_{side}{k}, i64 %at_{side}{k}",
                    _moved(f"%to_{side}{k}", f"%from_{side}{k}", len(of))
                    if self.lanes == 1
                    else (
                        f"call void @keep.{kind.suffix}(ptr %to_{side}{k}, ptr %from_{side}{k}, i64 {len(of)}, "
                        f"i64 %valid, {kind.number} {kind.constant(beyond)})"
                    ),
                ]
            calls += [
                f"%depth{k} = mul i64 %count_kept, {q}",
                f"%out{k} = getelementptr double, ptr %w, i64 {layout.elements[term]}",
                f"%a{k} = getelementptr double, ptr %w, i64 {kept[0]}",
                f"%b{k} = getelementptr double, ptr %w, i64 {kept[1]}",
            ]
            if self.lanes > 1:
                calls.append(
                    f"call void {outer_name(kind)}(ptr %out{k}, ptr %a{k}, ptr %b{k}, i64 %depth{k}, i64 {p}, i64 {r})"
                )
            else:
                product = Product(False, False, 1, adds=True)
                calls += self._multiplied(product, (p, f"%depth{k}", r), (1, p), (r, 1), str(k))
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


def _table(number: int, numbers: Sequence[float]) -> str:
    """Plain numbers in memory."""
    texts = ", ".join([f"double {SCALAR.constant(x)}" for x in numbers])
    return f"@table{number} = internal constant [{len(numbers)} x double] [{texts}]\n"


def _calls(parts: Sequence[str], valid: str) -> list[str]:
    return [f"call void {name}(ptr %p, ptr %w, i64 {valid})" for name in parts]


def _moved(to: str, source: str, count: int) -> str:
    """The line that copies so many numbers."""
    return f"call void @llvm.memmove.p0.p0.i64(ptr {to}, ptr {source}, i64 {8 * count}, i1 false)"
