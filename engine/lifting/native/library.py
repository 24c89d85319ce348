"""The functions that every native program may need, in LLVM's text: those over arrays, and those of one number."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lifting.native.functions import OF_C, ONLY_NEAR_0, OWN
from engine.lifting.native.numbers import Numbers
from engine.lifting.native.operations import INTRINSICS, Kind, called, written
from engine.lifting.native.terms import TRUTHS, Terms


def loop(name: str, arguments: str, count: str, body: str, before: str = "") -> str:
    """A function that does `body` for %i from 0 to below `count`, which is at least 1."""
    return f"""
define internal void @{name}({arguments}) {{
start:{before}
  br label %turn
turn:
  %i = phi i64 [ 0, %start ], [ %next, %turn ]{body}
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, {count}
  br i1 %more, label %turn, label %done
done:
  ret void
}}
"""


def array_functions(lanes: int) -> str:
    """Filling, copying, summing over lanes, and moving rows into lanes and back."""
    kind = Kind(lanes)
    if lanes == 1:
        total = "\n  %sum = load double, ptr %a"
    else:
        total = f"""
  %all = load {kind.number}, ptr %a, align 8
  %sum = call double @llvm.vector.reduce.fadd.{kind.suffix}(double -0.0, {kind.number} %all)"""
    of_row = f"""
  %lane = urem i64 %i, {lanes}
  %j = udiv i64 %i, {lanes}
  %r = add i64 %row, %lane
  %inside = icmp ult i64 %r, %rows"""
    return "".join(
        [
            loop("fill", "ptr %to, i64 %n, double %x", "%n", """
  %a = getelementptr double, ptr %to, i64 %i
  store double %x, ptr %a"""),
            loop("copy", "ptr %to, ptr %from, i64 %n", "%n", """
  %a = getelementptr double, ptr %from, i64 %i
  %b = getelementptr double, ptr %to, i64 %i
  %x = load double, ptr %a
  store double %x, ptr %b"""),
            loop("add_lanes", "ptr %to, ptr %from, i64 %n", "%n", f"""
  %at = mul i64 %i, {lanes}
  %a = getelementptr double, ptr %from, i64 %at
  %b = getelementptr double, ptr %to, i64 %i{total}
  store double %sum, ptr %b"""),
            # lanes beyond the last row have the numbers of the first one
            loop("take_rows", "ptr %to, ptr %from, i64 %n, i64 %row, i64 %rows", "%cells", f"""{of_row}
  %of = select i1 %inside, i64 %r, i64 0
  %first = mul i64 %of, %n
  %place = add i64 %first, %j
  %a = getelementptr double, ptr %from, i64 %place
  %b = getelementptr double, ptr %to, i64 %i
  %x = load double, ptr %a
  store double %x, ptr %b""", f"\n  %cells = mul i64 %n, {lanes}"),
            loop("give_rows", "ptr %to, ptr %from, i64 %n, i64 %row, i64 %rows", "%cells", f"""{of_row}
  %first = mul i64 %r, %n
  %place = add i64 %first, %j
  %there = getelementptr double, ptr %to, i64 %place
  %a = getelementptr double, ptr %from, i64 %i
  %b = select i1 %inside, ptr %there, ptr %a
  %x = load double, ptr %a
  store double %x, ptr %b""", f"\n  %cells = mul i64 %n, {lanes}"),
        ]
    )  # fmt: skip


def declarations(kinds: Iterable[Kind]) -> str:
    """What LLVM has itself, for numbers of these kinds."""
    lines = [
        "declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)",
        "declare i64 @llvm.fptosi.sat.i64.f64(double)",
    ]
    for kind in kinds:
        for name in INTRINSICS.values():
            count = 2 if name == "copysign" else 1
            lines.append(f"declare {kind.number} @llvm.{name}.{kind.suffix}({', '.join([kind.number] * count)})")
        if kind.lanes > 1:
            lines.append(f"declare double @llvm.vector.reduce.fadd.{kind.suffix}(double, {kind.number})")
            lines.append(f"declare i1 @llvm.vector.reduce.or.v{kind.lanes}i1({kind.truth})")
    return "\n".join(lines)


def number_functions(ops: Iterable[tuple[str, int]]) -> str:
    """The functions that these operations call: (operation, lanes)."""
    texts, of_c = [], set()
    for op, lanes in sorted({*ops}):
        kind = Kind(lanes)
        if op in OWN and op not in ONLY_NEAR_0:
            texts.append(_of_formula(op, kind, called(op, kind)))
        elif op in OWN:
            texts += [_of_formula(op, kind, f"{called(op, kind)}.near"), _near_or_of_c(op, kind)]
        if op in OF_C:
            texts.append(_lane_by_lane(op, kind))
            of_c.add(op)
    for op in sorted(of_c):
        name, count = OF_C[op]
        texts.append(f"declare double @{name}({', '.join(['double'] * count)})\n")
    return "\n".join(texts)


def _of_formula(op: str, kind: Kind, name: str) -> str:
    """One of the functions of our own."""
    terms = Terms()
    x = terms.leaf("parameter", 0)
    result = OWN[op](Numbers(terms, x)).where.item()
    lines = []
    needed = terms.needed([result])

    def text(term: int) -> str:
        number = terms.number_of(term)
        return f"%t{term}" if number is None else kind.constant(number)

    for term, kind_of in enumerate(terms.ops):
        if needed[term] and kind_of not in ("constant", "parameter"):
            operands = terms.operands[term]
            truths = [terms.ops[operand] in TRUTHS for operand in operands]
            lines += written(kind_of, f"%t{term}", [*map(text, operands)], kind, truths)
    body = "\n  ".join(lines)
    head = f"define internal {kind.number} {name}({kind.number} %t{x}) noinline"
    return f"{head} {{\n  {body}\n  ret {kind.number} {text(result)}\n}}\n"


def _near_or_of_c(op: str, kind: Kind) -> str:
    """Our own function where all lanes are near 0, else C's."""
    number, truth, name = kind.number, kind.truth, called(op, kind)
    any_far = (
        "%any = and i1 %far, 1"
        if kind.lanes == 1
        else f"%any = call i1 @llvm.vector.reduce.or.v{kind.lanes}i1({truth} %far)"
    )
    return f"""define internal {number} {name}({number} %x) noinline {{
  %size = call {number} @llvm.fabs.{kind.suffix}({number} %x)
  %far = fcmp ugt {number} %size, {kind.constant(ONLY_NEAR_0[op])}
  {any_far}
  br i1 %any, label %there, label %here
here:
  %a = call {number} {name}.near({number} %x)
  ret {number} %a
there:
  %b = call {number} {name}.c({number} %x)
  ret {number} %b
}}
"""


def _lane_by_lane(op: str, kind: Kind) -> str:
    """C's function for one lane after the other."""
    c, count = OF_C[op]
    name = f"{called(op, kind)}.c" if op in OWN else called(op, kind)
    arguments = ", ".join([f"{kind.number} %x{k}" for k in range(count)])
    lines, result = [], "%r"
    if kind.lanes == 1:
        lines.append(f"%r = call double @{c}({', '.join([f'double %x{k}' for k in range(count)])})")
    else:
        result = "undef"
        for lane in range(kind.lanes):
            lines += [f"%x{k}.{lane} = extractelement {kind.number} %x{k}, i64 {lane}" for k in range(count)]
            given = ", ".join([f"double %x{k}.{lane}" for k in range(count)])
            lines.append(f"%y.{lane} = call double @{c}({given})")
            lines.append(f"%r.{lane} = insertelement {kind.number} {result}, double %y.{lane}, i64 {lane}")
            result = f"%r.{lane}"
    body = "\n  ".join(lines)
    return (
        f"define internal {kind.number} {name}({arguments}) noinline {{\n  {body}\n  ret {kind.number} {result}\n}}\n"
    )
