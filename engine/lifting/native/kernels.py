"""Products of matrices as loops, in LLVM's text.

A block of numbers of the product is computed at once, each in a register of its own, so that no sum waits for another.
A matrix is one of vectors (v), a lane for each row of a batch, or of numbers (s) that are the same in all rows. Of a
single row the numbers of a matrix's row that lie side by side are vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.lifting.native.operations import Kind

BLOCKS = (8, 4, 2, 1)  # numbers of a product of matrices that are computed at once
SIDES = (4, 1)  # of a square of numbers of an outer product


@dataclass(frozen=True, order=True)
class Product:
    """A function for products of matrices, out = a @ b or out += a @ b.

    It takes (out, a, b, p, q, r, steps of a along its rows and columns, the same of b, step of out along its rows).

    Attributes:
        a_varies, b_varies: whether the matrix is one of vectors.
        lanes: of the vectors.
        adds: whether it is added to what is there.
    """

    a_varies: bool
    b_varies: bool
    lanes: int
    adds: bool = False

    @property
    def name(self) -> str:
        kinds = "".join(["v" if varies else "s" for varies in (self.a_varies, self.b_varies)])
        return f"@{'add' if self.adds else ''}matmul.{kinds}.{Kind(self.lanes).suffix}"


def outer_name(kind: Kind) -> str:
    """The function (totals, a, b, q, p, r): totals += a.T @ b, summed over the lanes too."""
    return f"@outer.{kind.suffix}"


def kernels(products: Iterable[Product], outers: Iterable[int]) -> str:
    """The functions for these products of matrices; for outer products summed over the lanes, by lanes."""
    texts = [TRANSPOSED]
    for product in sorted({*products}):
        texts += [_dots(product, block) for block in BLOCKS]
        texts.append(_matmul(product))
    for lanes in sorted({*outers}):
        kind = Kind(lanes)
        texts += [_square(kind, rows, columns) for rows in SIDES for columns in SIDES]
        texts += [_outer(kind), _keep(kind)]
    return "\n".join(texts)


def _loaded(name: str, pointer: str, varies: bool, kind: Kind) -> list[str]:
    """The lines that load a vector, or a number into all lanes."""
    if varies or kind.lanes == 1:
        return [f"{name} = load {kind.number}, ptr {pointer}, align 8"]
    return [
        f"{name}.s = load double, ptr {pointer}, align 8",
        f"{name}.i = insertelement {kind.number} undef, double {name}.s, i64 0",
        f"{name} = shufflevector {kind.number} {name}.i, {kind.number} undef, <{kind.lanes} x i32> zeroinitializer",
    ]


def _dots(product: Product, block: int) -> str:
    """`block` numbers of a row of the product."""
    kind = Kind(product.lanes)
    number = kind.number
    start = kind.constant(-0.0)
    lines = [f"%sum{k} = phi {number} [ {start}, %start ], [ %new{k}, %turn ]" for k in range(block)]
    lines += ["%at_a = mul i64 %i, %aq", "%pa = getelementptr double, ptr %a, i64 %at_a"]
    lines += _loaded("%x", "%pa", product.a_varies, kind)
    lines += ["%at_b = mul i64 %i, %bq", "%pb0 = getelementptr double, ptr %b, i64 %at_b"]
    for k in range(block):
        lines += _loaded(f"%y{k}", f"%pb{k}", product.b_varies, kind)
        lines.append(f"%product{k} = fmul contract {number} %x, %y{k}")
        lines.append(f"%new{k} = fadd contract {number} %product{k}, %sum{k}")
        if k + 1 < block:
            lines.append(f"%pb{k + 1} = getelementptr double, ptr %pb{k}, i64 %br")
    stores = []
    for k in range(block):
        stores.append(f"%to{k} = getelementptr double, ptr %out, i64 {k * kind.lanes}")
        result = f"%new{k}"
        if product.adds:
            result = f"%is{k}"
            stores.append(f"%was{k} = load {number}, ptr %to{k}, align 8")
            stores.append(f"{result} = fadd {number} %was{k}, %new{k}")
        stores.append(f"store {number} {result}, ptr %to{k}, align 8")
    return _summing(
        f"{product.name}.{block}(ptr %out, ptr %a, ptr %b, i64 %q, i64 %aq, i64 %bq, i64 %br)", lines, stores
    )


def _matmul(product: Product) -> str:
    """All rows, each in blocks as large as there is room for."""
    name = product.name
    tries, calls = [], []
    for k, block in enumerate(BLOCKS):
        following = f"try{k + 1}" if k + 1 < len(BLOCKS) else "row_done"
        tries.append(f"""try{k}:
  %fits{k} = icmp uge i64 %left, {block}
  br i1 %fits{k}, label %do{k}, label %{following}
do{k}:
  call void {name}.{block}(ptr %to, ptr %pa, ptr %pb, i64 %q, i64 %aq, i64 %bq, i64 %br)
  %after{k} = add i64 %j, {block}
  br label %column""")
        calls.append(f"[ %after{k}, %do{k} ]")
    body = "\n".join(tries)
    arguments = "ptr %out, ptr %a, ptr %b, i64 %p, i64 %q, i64 %r, i64 %ap, i64 %aq, i64 %bq, i64 %br, i64 %ro"
    return f"""
define internal void {name}({arguments}) noinline {{
start:
  br label %row
row:
  %i = phi i64 [ 0, %start ], [ %next, %row_done ]
  %at_a = mul i64 %i, %ap
  %pa = getelementptr double, ptr %a, i64 %at_a
  %before = mul i64 %i, %ro
  br label %column
column:
  %j = phi i64 [ 0, %row ], {", ".join(calls)}
  %left = sub i64 %r, %j
  %at_b = mul i64 %j, %br
  %pb = getelementptr double, ptr %b, i64 %at_b
  %along = mul i64 %j, {product.lanes}
  %at_out = add i64 %before, %along
  %to = getelementptr double, ptr %out, i64 %at_out
  br label %try0
{body}
row_done:
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %p
  br i1 %more, label %row, label %done
done:
  ret void
}}"""


def _square(kind: Kind, rows: int, columns: int) -> str:
    """A square of numbers of an outer product, added to the totals."""
    number, lines, stores = kind.number, [], []
    cells = [(i, j) for i in range(rows) for j in range(columns)]
    for i, j in cells:
        lines.append(f"%sum{i}.{j} = phi {number} [ {kind.constant(-0.0)}, %start ], [ %new{i}.{j}, %turn ]")
    lines += ["%step_a = mul i64 %i, %p", "%step_b = mul i64 %i, %r"]
    for name, count in (("a", rows), ("b", columns)):
        lines.append(f"%at_{name} = mul i64 %step_{name}, {kind.lanes}")
        lines.append(f"%p{name} = getelementptr double, ptr %{name}, i64 %at_{name}")
        for k in range(count):
            lines.append(f"%p{name}{k} = getelementptr double, ptr %p{name}, i64 {k * kind.lanes}")
            lines.append(f"%{name}{k} = load {number}, ptr %p{name}{k}, align 8")
    for i, j in cells:
        lines.append(f"%product{i}.{j} = fmul contract {number} %a{i}, %b{j}")
        lines.append(f"%new{i}.{j} = fadd contract {number} %product{i}.{j}, %sum{i}.{j}")
    for i, j in cells:
        one = f"%one{i}.{j}"
        stores.append(
            f"{one} = call reassoc double @llvm.vector.reduce.fadd.{kind.suffix}(double -0.0, {number} %new{i}.{j})"
        )
        stores += [
            f"%row{i}.{j} = mul i64 %r, {i}",
            f"%cell{i}.{j} = add i64 %row{i}.{j}, {j}",
            f"%to{i}.{j} = getelementptr double, ptr %out, i64 %cell{i}.{j}",
            f"%was{i}.{j} = load double, ptr %to{i}.{j}",
            f"%is{i}.{j} = fadd double %was{i}.{j}, {one}",
            f"store double %is{i}.{j}, ptr %to{i}.{j}",
        ]
    name = f"{outer_name(kind)}.{rows}.{columns}"
    return _summing(f"{name}(ptr %out, ptr %a, ptr %b, i64 %q, i64 %p, i64 %r)", lines, stores)


def _summing(head: str, turn: Sequence[str], stores: Sequence[str]) -> str:
    """A function of that name and arguments: `turn`, its sums first, for %i from 0 to below %q; then the stores."""
    body, after = "\n  ".join(turn), "\n  ".join(stores)
    return f"""
define internal void {head} noinline {{
start:
  br label %turn
turn:
  %i = phi i64 [ 0, %start ], [ %next, %turn ]
  {body}
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %q
  br i1 %more, label %turn, label %done
done:
  {after}
  ret void
}}"""


def _outer(kind: Kind) -> str:
    """All squares: as many large ones as there is room for, then the rest number by number."""
    side, name = SIDES[0], outer_name(kind)
    arguments = "ptr %out, ptr %a, ptr %b, i64 %q, i64 %p, i64 %r"
    strips = [
        f"""
define internal void {name}.strip{rows}({arguments}) noinline {{
start:
  br label %column
column:
  %j = phi i64 [ 0, %start ], [ %j.large, %large ], [ %j.small, %small ]
  %at = mul i64 %j, {kind.lanes}
  %pb = getelementptr double, ptr %b, i64 %at
  %to = getelementptr double, ptr %out, i64 %j
  %left = sub i64 %r, %j
  %fits = icmp uge i64 %left, {side}
  br i1 %fits, label %large, label %other
large:
  call void {name}.{rows}.{side}(ptr %to, ptr %a, ptr %pb, i64 %q, i64 %p, i64 %r)
  %j.large = add i64 %j, {side}
  br label %column
other:
  %any = icmp ugt i64 %left, 0
  br i1 %any, label %small, label %done
small:
  call void {name}.{rows}.1(ptr %to, ptr %a, ptr %pb, i64 %q, i64 %p, i64 %r)
  %j.small = add i64 %j, 1
  br label %column
done:
  ret void
}}"""
        for rows in SIDES
    ]
    return (
        "".join(strips)
        + f"""
define internal void {name}({arguments}) noinline {{
start:
  br label %row
row:
  %i = phi i64 [ 0, %start ], [ %i.large, %large ], [ %i.small, %small ]
  %at = mul i64 %i, {kind.lanes}
  %pa = getelementptr double, ptr %a, i64 %at
  %before = mul i64 %i, %r
  %to = getelementptr double, ptr %out, i64 %before
  %left = sub i64 %p, %i
  %fits = icmp uge i64 %left, {side}
  br i1 %fits, label %large, label %other
large:
  call void {name}.strip{side}(ptr %to, ptr %pa, ptr %b, i64 %q, i64 %p, i64 %r)
  %i.large = add i64 %i, {side}
  br label %row
other:
  %any = icmp ugt i64 %left, 0
  br i1 %any, label %small, label %done
small:
  call void {name}.strip1(ptr %to, ptr %pa, ptr %b, i64 %q, i64 %p, i64 %r)
  %i.small = add i64 %i, 1
  br label %row
done:
  ret void
}}"""
    )


def _keep(kind: Kind) -> str:
    """Vectors kept for an outer product, with x in the lanes beyond the last row."""
    return f"""
define internal void @keep.{kind.suffix}(ptr %to, ptr %from, i64 %n, i64 %valid, {kind.number} %x) noinline {{
start:
  br label %turn
turn:
  %i = phi i64 [ 0, %start ], [ %next, %turn ]
  %at = mul i64 %i, {kind.lanes}
  %a = getelementptr double, ptr %from, i64 %at
  %b = getelementptr double, ptr %to, i64 %at
  %y = load {kind.number}, ptr %a, align 8
  {masks(kind)}
  %z = select {kind.truth} %is_row, {kind.number} %y, {kind.number} %x
  store {kind.number} %z, ptr %b, align 8
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %turn, label %done
done:
  ret void
}}"""


def masks(kind: Kind) -> str:
    """The lines that say which lanes have a row, of which there are %valid: %is_row."""
    numbers = ", ".join([f"i64 {lane}" for lane in range(kind.lanes)])
    return f"""%valid.i = insertelement {kind.bits} undef, i64 %valid, i64 0
  %valid.v = shufflevector {kind.bits} %valid.i, {kind.bits} undef, <{kind.lanes} x i32> zeroinitializer
  %is_row = icmp ult {kind.bits} <{numbers}>, %valid.v"""


TRANSPOSED = """
define internal void @transposed(ptr %to, ptr %from, i64 %n, i64 %columns, i64 %down, i64 %along) noinline {
start:
  br label %turn
turn:
  %i = phi i64 [ 0, %start ], [ %next, %turn ]
  %row = udiv i64 %i, %columns
  %column = urem i64 %i, %columns
  %x = mul i64 %row, %down
  %y = mul i64 %column, %along
  %place = add i64 %x, %y
  %a = getelementptr double, ptr %from, i64 %place
  %b = getelementptr double, ptr %to, i64 %i
  %number = load double, ptr %a
  store double %number, ptr %b
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %turn, label %done
done:
  ret void
}
"""
