"""Writing terms down as a function in LLVM's text.

`run(parameters, arguments, work, out, rows)`: first what depends on parameters alone; then the rows, a lane for each;
then what depends on sums over them. LLVM's time grows faster than the length of a function, so the terms are in
functions of a few hundred, and what one of them needs of another goes through `work`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.lifting.native.expand import Expansion
from engine.lifting.native.library import array_functions, declarations, number_functions
from engine.lifting.native.operations import SCALAR, Kind, called, written
from engine.lifting.native.terms import LEAVES, ROW, TOTAL, TRUTHS, UNIFORM

CHUNK = 300  # terms in a function
COPIES = 200  # runs of outputs that one function copies


@dataclass(frozen=True)
class NativeText:
    """A function in LLVM's text, and how many numbers it needs room for."""

    text: str
    work: int
    terms: int


@dataclass
class _Chunk:
    """A function of a few hundred terms; `stores` are outputs of rows, `sums` the row sums of what an input has."""

    level: int
    terms: list[int]
    outputs: list[tuple[int, int]]
    sums: list[int]


def emit(expansion: Expansion, sizes: Sequence[int], lanes: int) -> NativeText:
    """The function of an expansion, for arguments of these sizes, with so many rows at once."""
    return _Emitter(expansion, sizes, lanes).text()


class _Emitter:
    def __init__(self, expansion: Expansion, sizes: Sequence[int], lanes: int) -> None:
        self._terms = expansion.terms
        self._outputs = expansion.outputs
        self._by_rows = expansion.by_rows
        self._sizes = sizes
        self._kinds = {UNIFORM: SCALAR, TOTAL: SCALAR, ROW: Kind(lanes)}
        self._lanes = lanes
        self._calls: set[tuple[str, int]] = set()
        self._starts = [sum(sizes[:k]) for k in range(len(sizes))]
        self._needed = self._terms.needed(self._outputs)
        self._number_row_sums()
        self._chunks = self._cut()
        self._place_all()

    # What is where --------------------------------------------------------------------------------------------------

    def _number_row_sums(self) -> None:
        """A place for each sum over the rows: those that are outputs in their order, so that they lie together."""
        ops = self._terms.ops
        order = [*self._outputs, *[term for term, is_needed in enumerate(self._needed) if is_needed]]
        sums = dict.fromkeys([term for term in order if ops[term] == "row_sum"])
        self._row_sums = {term: place for place, term in enumerate(sums)}
        self._summed: dict[int, list[int]] = {}  # for each term of a row the sums that it is part of
        for term in sums:
            for operand in self._terms.operands[term]:
                self._summed.setdefault(operand, []).append(term)

    def _cut(self) -> list[_Chunk]:
        """The chunks, those of each level together."""
        terms, chunks = self._terms, []
        of_level: dict[int, list[int]] = {UNIFORM: [], ROW: [], TOTAL: []}
        for term, is_needed in enumerate(self._needed):
            if is_needed and terms.ops[term] not in LEAVES and terms.ops[term] != "row_sum":
                of_level[terms.levels[term]].append(term)
        for level in (UNIFORM, ROW, TOTAL):
            order = of_level[level]
            chunks += [_Chunk(level, order[k : k + CHUNK], [], []) for k in range(0, len(order), CHUNK)]
            if level == ROW:
                sums = [term for term in self._summed if terms.ops[term] == "input"]
                stores = [*enumerate(self._outputs)] if self._by_rows else []
                chunks += [_Chunk(ROW, [], [], sums[k : k + CHUNK]) for k in range(0, len(sums), CHUNK)]
                chunks += [_Chunk(ROW, [], stores[k : k + CHUNK], []) for k in range(0, len(stores), CHUNK)]
        return chunks

    def _place_all(self) -> None:
        """Where in `work` everything is: numbers of one lane, then vectors."""
        terms = self._terms
        home: dict[int, int] = {}
        for number, chunk in enumerate(self._chunks):
            home.update(dict.fromkeys(chunk.terms, number))
        last: dict[int, int] = {}  # the last other chunk that needs a term
        for number, chunk in enumerate(self._chunks):
            for term in chunk.terms:
                for operand in terms.operands[term]:
                    if home.get(operand, number) != number:
                        last[operand] = number
            for _, term in chunk.outputs:
                if home.get(term, number) != number:
                    last[term] = number
        scalars = [] if self._by_rows else [x for x in self._outputs if x in home]  # in their order
        scalars += [x for x in last if terms.levels[x] != ROW]
        if any(terms.ops[x] == "rows" and needed for x, needed in enumerate(self._needed)):
            scalars.append(terms.leaf("rows"))
        self._scalars = {x: place for place, x in enumerate(dict.fromkeys(scalars))}
        self._vectors: dict[int, int] = {}
        free: list[int] = []
        ends: dict[int, list[int]] = {}
        count = 0
        for number, chunk in enumerate(self._chunks):
            for term in chunk.terms:
                if term in last and terms.levels[term] == ROW:
                    if free:
                        place = free.pop()
                    else:
                        place, count = count, count + 1
                    self._vectors[term] = place
                    ends.setdefault(last[term], []).append(place)
            free += ends.pop(number, [])
        lanes, at = self._lanes, 0
        self._at = {}
        lengths = {
            "scalars": len(self._scalars),
            "totals": len(self._row_sums),
            "inputs": lanes * sum(self._sizes),
            "vectors": lanes * count,
            "sums": lanes * len(self._row_sums),
            "outputs": lanes * len(self._outputs) if self._by_rows else 0,
        }
        for name, length in lengths.items():
            self._at[name] = at
            at += -(-length // 8) * 8
        self._work = at

    # Writing --------------------------------------------------------------------------------------------------------

    def text(self) -> NativeText:
        functions = [self._function(number, chunk) for number, chunk in enumerate(self._chunks)]
        copies, entry = self._entry()
        kinds = [SCALAR] if self._lanes == 1 else [SCALAR, self._kinds[ROW]]
        parts = [declarations(kinds), array_functions(self._lanes), number_functions(self._calls), *functions, *copies, entry]
        return NativeText("\n".join(parts), max(8, self._work), sum(len(chunk.terms) for chunk in self._chunks))

    def _function(self, number: int, chunk: _Chunk) -> str:
        writer = _ChunkWriter(self, chunk)
        body = "\n  ".join(writer.lines())
        return f"define internal void @part{number}(ptr %p, ptr %w, i64 %valid) noinline {{\n  {body}\n  ret void\n}}\n"

    def _entry(self) -> tuple[list[str], str]:
        """The functions that copy the outputs, and `run`."""
        lines: list[str] = []
        terms, lanes, at = self._terms, self._lanes, self._at
        names = {where: self._pointer(lines, where, start) for where, start in at.items()}
        rows = terms.leaf("rows")
        if rows in self._scalars:
            place = at["scalars"] + self._scalars[rows]
            lines += ["%count = uitofp i64 %rows to double"]
            lines += [f"%counted = getelementptr double, ptr %w, i64 {place}", "store double %count, ptr %counted"]
        if self._row_sums:
            lines.append(f"call void @fill(ptr {names['sums']}, i64 {lanes * len(self._row_sums)}, double -0.0)")
        parts = {level: [k for k, chunk in enumerate(self._chunks) if chunk.level == level] for level in (UNIFORM, ROW, TOTAL)}
        lines += [f"call void @part{k}(ptr %p, ptr %w, i64 0)" for k in parts[UNIFORM]]
        if parts[ROW]:
            lines += ["br label %rows_begin", "rows_begin:", "%row = phi i64 [ 0, %0 ], [ %row_after, %rows_begin ]"]
            for k, size in enumerate(self._sizes):
                if size:
                    lines += [
                        f"%slot{k} = getelementptr ptr, ptr %arguments, i64 {k}",
                        f"%argument{k} = load ptr, ptr %slot{k}",
                        f"%input{k} = getelementptr double, ptr {names['inputs']}, i64 {lanes * self._starts[k]}",
                        f"call void @take_rows(ptr %input{k}, ptr %argument{k}, i64 {size}, i64 %row, i64 %rows)",
                    ]
            lines.append("%valid = sub i64 %rows, %row")
            lines += [f"call void @part{k}(ptr %p, ptr %w, i64 %valid)" for k in parts[ROW]]
            if self._by_rows:
                outputs = f"ptr %out, ptr {names['outputs']}, i64 {len(self._outputs)}"
                lines.append(f"call void @give_rows({outputs}, i64 %row, i64 %rows)")
            lines += [f"%row_after = add i64 %row, {lanes}", "%more = icmp ult i64 %row_after, %rows"]
            lines += ["br i1 %more, label %rows_begin, label %rows_end", "rows_end:"]
        if self._row_sums:
            lines.append(f"call void @add_lanes(ptr {names['totals']}, ptr {names['sums']}, i64 {len(self._row_sums)})")
        lines += [f"call void @part{k}(ptr %p, ptr %w, i64 0)" for k in parts[TOTAL]]
        copies = [] if self._by_rows else self._copies()
        lines += [f"call void @outputs{k}(ptr %p, ptr %w, ptr %out)" for k in range(len(copies))]
        body = "\n  ".join(lines)
        return copies, (
            "define void @run(ptr noundef %p, ptr %arguments, ptr %w, ptr %out, i64 %rows) {\n"
            f"  {body}\n  ret void\n}}\n"
        )

    @staticmethod
    def _pointer(lines: list[str], name: str, place: int) -> str:
        lines.append(f"%at_{name} = getelementptr double, ptr %w, i64 {place}")
        return f"%at_{name}"

    def _copies(self) -> list[str]:
        """Functions that copy the outputs to where they are wanted, in runs that lie together."""
        runs: list[tuple[int, str, int, int]] = []  # where to, from which pointer, from which place, how many
        constants: list[tuple[int, float]] = []
        for to, term in enumerate(self._outputs):
            number = self._terms.number_of(term)
            if number is not None:
                constants.append((to, number))
                continue
            pointer, place = self._source(term)
            if runs and runs[-1][1] == pointer and runs[-1][0] + runs[-1][3] == to and runs[-1][2] + runs[-1][3] == place:
                runs[-1] = (*runs[-1][:3], runs[-1][3] + 1)
            else:
                runs.append((to, pointer, place, 1))
        lines = []
        for k, (to, pointer, place, count) in enumerate(runs):
            lines.append(
                f"%a{k} = getelementptr double, ptr {pointer}, i64 {place}\n"
                f"  %b{k} = getelementptr double, ptr %out, i64 {to}\n"
                f"  call void @copy(ptr %b{k}, ptr %a{k}, i64 {count})"
            )
        for k, (to, number) in enumerate(constants):
            lines.append(f"%c{k} = getelementptr double, ptr %out, i64 {to}\n  store double {SCALAR.constant(number)}, ptr %c{k}")
        return [
            f"define internal void @outputs{n}(ptr %p, ptr %w, ptr %out) noinline {{\n  "
            + "\n  ".join(lines[k : k + COPIES])
            + "\n  ret void\n}\n"
            for n, k in enumerate(range(0, len(lines), COPIES))
        ]

    def _source(self, term: int) -> tuple[str, int]:
        """The pointer and the place where a number of one lane is."""
        op = self._terms.ops[term]
        if op == "parameter":
            return "%p", self._terms.operands[term][0]
        if op == "row_sum":
            return "%w", self._at["totals"] + self._row_sums[term]
        return "%w", self._at["scalars"] + self._scalars[term]


class _ChunkWriter:
    """Writes the lines of one chunk."""

    def __init__(self, of: _Emitter, chunk: _Chunk) -> None:
        self._of = of
        self._chunk = chunk
        self._kind = of._kinds[chunk.level]
        self._known: dict[int, str] = {}
        self._lines: list[str] = []
        self._loads = 0
        self._is_masked = False

    def lines(self) -> list[str]:
        of, terms = self._of, self._of._terms
        sums: dict[int, list[int]] = {}  # the row sums that are added to here: by their last term the sum and its terms
        for term in self._chunk.terms + self._chunk.sums:
            for total in of._summed.get(term, ()):
                sums.setdefault(total, []).append(term)
        at_last: dict[int, list[tuple[int, list[int]]]] = {}
        for total, parts in sums.items():
            at_last.setdefault(parts[-1], []).append((total, parts))
        for term in self._chunk.terms:
            operands = [*map(self._operand, terms.operands[term])]
            self._term(term, operands)
            for total, parts in at_last.get(term, ()):
                self._add_to_sum(total, parts)
        for term in self._chunk.sums:
            for total, parts in at_last.get(term, ()):
                self._add_to_sum(total, parts)
        for place, term in self._chunk.outputs:
            self._store(self._as_number(term, self._operand(term)), of._at["outputs"] + place * of._lanes)
        return self._lines

    def _term(self, term: int, operands: list[str]) -> None:
        of, op = self._of, self._of._terms.ops[term]
        if called(op, self._kind):
            of._calls.add((op, self._kind.lanes))
        name = f"%t{term}"
        truths = [of._terms.ops[operand] in TRUTHS for operand in of._terms.operands[term]]
        self._lines += written(op, name, operands, self._kind, truths)
        self._known[term] = name
        if term in of._scalars:
            self._store(self._as_number(term, name), of._at["scalars"] + of._scalars[term])
        elif term in of._vectors:
            self._store(self._as_number(term, name), of._at["vectors"] + of._vectors[term] * of._lanes)

    def _operand(self, term: int) -> str:
        of, op, kind = self._of, self._of._terms.ops[term], self._kind
        if op == "constant":
            return kind.constant(of._terms.operands[term][0])
        name = self._known.get(term)
        if name is not None:
            return name
        if op == "input":
            argument, place = of._terms.operands[term]
            name = self._load("%w", of._at["inputs"] + (of._starts[argument] + place) * of._lanes, kind)
        elif term in of._vectors:
            name = self._load("%w", of._at["vectors"] + of._vectors[term] * of._lanes, kind)
            name = self._known[term] = self._as_truth(term, name)
        else:
            pointer, place = of._source(term)
            name = self._as_truth(term, self._in_all_lanes(self._load(pointer, place, SCALAR)))
        return name

    def _load(self, pointer: str, place: int, kind: Kind) -> str:
        self._loads += 1
        name = f"%l{self._loads}"
        self._lines += [
            f"{name}.a = getelementptr double, ptr {pointer}, i64 {place}",
            f"{name} = load {kind.number}, ptr {name}.a, align 8",
        ]
        return name

    def _store(self, name: str, place: int) -> None:
        self._loads += 1
        self._lines += [
            f"%s{self._loads} = getelementptr double, ptr %w, i64 {place}",
            f"store {self._kind.number} {name}, ptr %s{self._loads}, align 8",
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
        if self._of._terms.ops[term] not in TRUTHS:
            return name
        self._lines.append(f"{name}.t = fcmp une {self._kind.number} {name}, {self._kind.constant(0.0)}")
        return f"{name}.t"

    def _as_number(self, term: int, name: str) -> str:
        if self._of._terms.ops[term] not in TRUTHS:
            return name
        self._loads += 1
        number = f"%n{self._loads}"
        self._lines += written("number", number, [name], self._kind, [True])
        return number

    def _add_to_sum(self, total: int, parts: Sequence[int]) -> None:
        """Add terms to a sum over the rows; lanes beyond the last row add nothing."""
        of, kind = self._of, self._kind
        place = of._at["sums"] + of._row_sums[total] * of._lanes
        before = after = self._load("%w", place, kind)
        for term in parts:
            self._loads += 1
            name = f"%d{self._loads}"
            self._lines.append(f"{name} = fadd contract {kind.number} {after}, {self._operand(term)}")
            after = name
        if kind.lanes > 1:
            if not self._is_masked:
                self._is_masked = True
                numbers = ", ".join([f"i64 {lane}" for lane in range(kind.lanes)])
                self._lines += [
                    f"%valid.i = insertelement {kind.bits} undef, i64 %valid, i64 0",
                    f"%valid.v = shufflevector {kind.bits} %valid.i, {kind.bits} undef, "
                    f"<{kind.lanes} x i32> zeroinitializer",
                    f"%is_row = icmp ult {kind.bits} <{numbers}>, %valid.v",
                ]
            self._lines.append(
                f"{after}.m = select {kind.truth} %is_row, {kind.number} {after}, {kind.number} {before}"
            )
            after = f"{after}.m"
        self._store(after, place)
