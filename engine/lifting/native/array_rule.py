"""A rule on numbers, such as an optimizer's, read with terms and compiled: it updates arrays, place by place."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.lifting.native.library import declarations, number_functions
from engine.lifting.native.numbers import Namespace, Numbers
from engine.lifting.native.operations import SCALAR, Kind, called, written
from engine.lifting.native.terms import LEAVES, ROW, TRUTHS, UNIFORM, Terms
from engine.operand import Operators
from engine.primitive import Elementary, Primitive

Rule = Callable[[list[Any], list[Any]], Sequence[Any]]


class TermOperand(Operators):
    """A number of a rule that is read with terms; see `engine.operand`."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        if not isinstance(primitive, Elementary):
            return primitive.rule(*operands)[0]
        numbers = [x.numbers if isinstance(x, TermOperand) else float(x) for x in operands]
        result = primitive.on(Namespace(self.numbers.terms))(*numbers)
        return TermOperand(result) if isinstance(result, Numbers) else result


class NeverEqual(TermOperand):
    """The same for a number that is none of those that the rule may compare it with.

    Attributes:
        compared: whether it has been.
    """

    __slots__ = ("compared",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self.compared = False

    def __eq__(self, other: object) -> bool:
        self.compared = True
        return False


class ArrayRule:
    """A rule as native code.

    Raises what the rule does where it is more than arithmetic, a branch on a number; CannotCompile if LLVM says so.

    Args:
        rule: gets the settings, the same at all places, and the number of each array at one place; gives the new ones.
        settings: how many settings.
        arrays: how many arrays.
        indexed: how many of the first arrays are not read place by place, but where an index says.
    """

    def __init__(self, rule: Rule, settings: int, arrays: int, indexed: int = 0) -> None:
        from engine.lifting.native.machine import LEAST_EFFORT, Loaded, compiled, lanes

        text = text_of(rule, settings, arrays, indexed, 1 if indexed else lanes())
        self._loaded = Loaded(compiled(text, effort=LEAST_EFFORT))
        address = ctypes.c_void_p
        self._run = ctypes.PYFUNCTYPE(None, address, address, ctypes.c_int64)(self._loaded.address)

    def __call__(self, settings: int, pointers: int, count: int) -> None:
        """Update so many places. The interpreter's lock is held meanwhile.

        Args:
            settings: the address of the settings; behind them there is a place more, where the first one is copied to
                when all is done.
            pointers: the address of the addresses of the arrays, and behind them that of the index.
            count: how many places.
        """
        self._run(settings, pointers, count)


def text_of(rule: Rule, settings: int, arrays: int, indexed: int, lanes: int) -> str:
    """The function `run(settings, arrays, count)` of a rule, in LLVM's text."""
    terms = Terms()
    of_settings, of_arrays = (
        [TermOperand(Numbers(terms, np.asarray(terms.leaf(op, *which)))) for which in places]
        for op, places in (
            ("parameter", [(k,) for k in range(settings)]),
            ("input", [(k, 0) for k in range(arrays)]),
        )
    )
    results = [
        int(x.numbers.where.item()) if isinstance(x, TermOperand) else terms.constant(float(x))
        for x in rule(of_settings, of_arrays)
    ]
    return _Writer(terms, results, settings, indexed, lanes).text()


class _Writer:
    def __init__(self, terms: Terms, results: list[int], settings: int, indexed: int, lanes: int) -> None:
        self._terms, self._results, self._settings, self._indexed = terms, results, settings, indexed
        self._kinds = [SCALAR] if lanes == 1 else [Kind(lanes), SCALAR]
        self._needed = terms.needed(results)
        self._calls: set[tuple[str, int]] = set()

    def text(self) -> str:
        lines = ["%first = load double, ptr %p"]
        for k in range(self._settings):
            term = self._terms.leaf("parameter", k)
            lines += [f"%p{k} = getelementptr double, ptr %p, i64 {k}", f"%u{term} = load double, ptr %p{k}"]
        for k in range(len(self._results) + (self._indexed > 0)):
            lines += [f"%slot{k} = getelementptr ptr, ptr %arrays, i64 {k}", f"%array{k} = load ptr, ptr %slot{k}"]
        lines += self._written(UNIFORM, SCALAR, "u", {})
        widest = self._kinds[0]
        splats, all_lanes = self._splats(widest)
        lines += [*splats, f"%whole = and i64 %n, {-widest.lanes}"]
        if widest is not SCALAR:
            lines += self._loop("wide", widest, ("0", "0", "%whole"), all_lanes)
        start, before = ("0", "0") if widest is SCALAR else ("%whole", "wide.done")
        lines += self._loop("one", SCALAR, (start, before, "%n"), {})
        lines += [f"%done = getelementptr double, ptr %p, i64 {self._settings}", "store double %first, ptr %done"]
        body = "\n  ".join(lines)
        return "\n".join(
            [
                declarations(self._kinds),
                number_functions(self._calls),
                f"define void @run(ptr %p, ptr %arrays, i64 %n) {{\n  {body}\n  ret void\n}}\n",
            ]
        )

    def _loop(self, name: str, kind: Kind, limits: tuple[str, str, str], given: dict[int, str]) -> list[str]:
        """For every so many places: load, compute, store. The limits: the first place, the block before, the end."""
        terms, (start, before, end) = self._terms, limits
        lines = [
            f"br label %{name}.test",
            f"{name}.test:",
            f"%{name}.i = phi i64 [ {start}, %{before} ], [ %{name}.next, %{name}.turn ]",
            f"%{name}.more = icmp slt i64 %{name}.i, {end}",
            f"br i1 %{name}.more, label %{name}.turn, label %{name}.done",
            f"{name}.turn:",
        ]
        if self._indexed:
            index = f"%array{len(self._results)}"
            lines += [
                f"%{name}.at = getelementptr i64, ptr {index}, i64 %{name}.i",
                f"%{name}.j = load i64, ptr %{name}.at",
            ]
        for k in range(len(self._results)):
            place = "j" if k < self._indexed else "i"
            lines.append(f"%{name}.a{k} = getelementptr double, ptr %array{k}, i64 %{name}.{place}")
        for term, (op, operands) in enumerate(zip(terms.ops, terms.operands)):
            if op == "input" and self._needed[term]:
                lines.append(f"%{name}.{term} = load {kind.number}, ptr %{name}.a{operands[0]}, align 8")
        lines += self._written(ROW, kind, f"{name}.", given)
        for k, term in enumerate(self._results):
            if terms.ops[term] == "input" and terms.operands[term][0] == k:
                continue  # it stays as it is
            text = self._operand(term, kind, f"{name}.", given)
            lines.append(f"store {kind.number} {text}, ptr %{name}.a{k}, align 8")
        return [
            *lines,
            f"%{name}.next = add i64 %{name}.i, {kind.lanes}",
            f"br label %{name}.test",
            f"{name}.done:",
        ]

    def _written(self, level: int, kind: Kind, prefix: str, given: dict[int, str]) -> list[str]:
        """The operations of a level."""
        terms, lines = self._terms, list[str]()
        for term, op in enumerate(terms.ops):
            if not self._needed[term] or op in LEAVES or terms.levels[term] != level:
                continue
            if called(op, kind):
                self._calls.add((op, kind.lanes))
            operands = terms.operands[term]
            texts = [self._operand(x, kind, prefix, given) for x in operands]
            lines += written(op, f"%{prefix}{term}", texts, kind, [terms.ops[x] in TRUTHS for x in operands])
        return lines

    def _operand(self, term: int, kind: Kind, prefix: str, given: dict[int, str]) -> str:
        number = self._terms.number_of(term)
        if number is not None:
            return kind.constant(number)
        if self._terms.levels[term] == UNIFORM:
            return given.get(term, f"%u{term}")
        return f"%{prefix}{term}"

    def _splats(self, kind: Kind) -> tuple[list[str], dict[int, str]]:
        """What is the same at all places, in all lanes."""
        terms, lines, names = self._terms, list[str](), dict[int, str]()
        if kind.lanes == 1:
            return lines, names
        for term, op in enumerate(terms.ops):
            if self._needed[term] and terms.levels[term] == UNIFORM and op != "constant":
                whole, one = (kind.truth, "i1") if op in TRUTHS else (kind.number, "double")
                lines += [
                    f"%s{term}.i = insertelement {whole} undef, {one} %u{term}, i64 0",
                    (
                        f"%s{term} = shufflevector {whole} %s{term}.i, {whole} undef, "
                        f"<{kind.lanes} x i32> zeroinitializer"
                    ),
                ]
                names[term] = f"%s{term}"
        return lines, names
