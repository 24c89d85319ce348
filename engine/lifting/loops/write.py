"""Writing a loop down: a ``for`` over the turns, or a function of one turn that `scan` calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.lifting.arrays import Array
from engine.lifting.loops.array_loop import FINAL, STACKED, ArrayLoop, are_sequences
from engine.lifting.loops.stages import Stages
from engine.lifting.syntax import ATOM, FREE, Statement, lengths, shape_of

if TYPE_CHECKING:
    from engine.lifting.write import Lines


_INDICES = "tjlmnpqr"  # of a loop, of one in it, ...


def write_loop(lines: Lines, array: Array, results: Sequence[Array]) -> None:
    """The lines of a loop in a function, and the texts of the results that come out of it."""
    _Writer(lines, array, results).write()


class _Writer:
    """Writes one loop, stage by stage: once, before, inside, after."""

    def __init__(self, lines: Lines, array: Array, results: Sequence[Array]) -> None:
        self._lines = lines
        self._array = array
        self._loop: ArrayLoop = array.detail
        self._turns = self._loop.turns
        rows = self._rows = lines.operands.rows if self._loop.has_rows else "1"
        all_rows = f"{self._turns} * {rows}" if self._loop.has_rows else f"{self._turns}"
        self._results = results
        self._once = lines.section(self._loop, rows, results)
        self._inside = lines.section(self._loop, rows, results)
        self._folded = lines.section(self._loop, all_rows, results)  # the rows of all turns as those of one batch
        self._index = "t"
        self._by_turns: dict[Array, str] = {}  # names of arrays with a first axis of turns, then one of rows

    def write(self) -> None:
        results = self._results
        stages = self._stages = Stages(self._loop, [result.detail for result in results])
        folded, once = self._folded, self._once
        self._write_given()
        once.write(stages.once, [array for array in stages.once if array.op not in FREE])
        self._name_reshaped()
        for array in stages.once:
            self._know_once(array)
        later = {operand for array in stages.after for operand in array.operands}
        folded.write(stages.before, [x for x in stages.before if x in later])
        for array in stages.exported:
            self._by_turns[array] = self._unfolded(array)
        states = self._begin_states()
        if self._lines.scans:
            self._write_scan(states)
        else:
            self._write_for(states)
        for array in stages.stacked:
            name = self._by_turns[array]
            folded.know(array, f"{name}.reshape({_shape('-1', array)})", [_name(name)])
        wanted = [which for what, which in [result.detail for result in results] if what != FINAL]
        folded.write(stages.after, [array for array in wanted if array in stages.after])
        for result in results:
            what, which = result.detail
            text, needs = self._output(what, which, states)
            self._lines.know(result, text, needs)

    # What the loop is given ----------------------------------------------------------------------------------------

    def _write_given(self) -> None:
        outer, loop = self._lines, self._loop
        for leaf, operand, is_sequence in zip(loop.leaves, self._array.operands, are_sequences(loop)):
            text, needs = outer.operands.text(operand, ATOM), outer.needs[operand]
            if is_sequence:
                inner = _inner_of_turns(text)
                if inner is None:
                    inner = outer.named(leaf, "u", f"turns({outer.operands.text(operand)})", needs)
                    needs = [inner]
                self._by_turns[leaf] = inner
                self._folded.know(leaf, f"{inner}.reshape({_shape('-1', leaf)})", needs)
            elif leaf in loop.shared:
                if not text.isidentifier() and (
                    operand.op not in FREE or ".reshape(" in text
                ):  # not in every turn again
                    text = outer.named(leaf, "t", outer.operands.text(operand), needs)
                    needs = [text]
                self._once.know(leaf, text, needs)
                self._know_once(leaf)

    def _name_reshaped(self) -> None:
        """Names for what is reshaped for the loop: not in every turn again, where it takes as long as a product."""
        once, read = self._once, {x for array in self._stages.inside for x in array.operands if isinstance(x, Array)}
        for array in self._stages.once:
            text = once.operands.text(array, ATOM)
            if array in read and array.op in FREE and ".reshape(" in text:
                name = once.named(array, "t", text, once.needs[array])
                once.know(array, name, [name])

    def _know_once(self, array: Array) -> None:
        """What is the same in all turns, in the loop and outside."""
        text, needs = self._once.operands.text(array, ATOM), self._once.needs[array]
        self._inside.know(array, text, needs)
        self._folded.know(array, f"repeated({text}, {self._turns})" if array.batched else text, needs)

    def _unfolded(self, array: Array) -> str:
        """The name of an array that has been computed for all turns, with the turns as its first axis."""
        text, needs = self._folded.operands.text(array, ATOM), self._folded.needs[array]
        return self._lines.named(array, "u", f"{text}.reshape({_shape(f'{self._turns}, -1', array)})", needs)

    def _begin_states(self) -> list[str]:
        outer = self._lines
        names = []
        for state, start in zip(self._loop.states, self._array.operands):
            name = outer.named(state, "s", outer.operands.text(start), outer.needs[start])
            self._inside.know(state, name, [name])
            names.append(name)
        return names

    # The loop itself -----------------------------------------------------------------------------------------------

    def _write_for(self, states: list[str]) -> None:
        loop, stages, out = self._loop, self._stages, self._lines.out
        histories: dict[int, str] = {}
        stacks: list[tuple[Array, str]] = []
        for which, (state, after) in enumerate(zip(loop.states, loop.after)):
            if state in stages.stacked or (after in stages.stacked and after not in self._by_turns):
                name = histories[which] = out.new_name("h")
                start = f"{self._turns}" if loop.backwards else "0"
                out.line(f"{name} = history({self._turns}, {states[which]}, {start})")
                first, second = (f"{name}[1:]", f"{name}[:-1]") if loop.backwards else (f"{name}[:-1]", f"{name}[1:]")
                self._by_turns[state] = first
                self._by_turns.setdefault(after, second)
        for array in stages.stacked:
            if array not in self._by_turns:
                name = out.new_name("h")
                shape = lengths(array, f"{self._turns}, {self._rows}").replace("'", "")
                out.line(f"{name} = empty({shape})")
                stacks.append((array, name))
                self._by_turns[array] = name
        out.loops += 1
        t = self._index = _INDICES[out.loops - 1]
        order = f"range({self._turns})"
        out.begin(f"for {t} in {f'reversed({order})' if loop.backwards else order}:")
        news = self._write_turn([array for array, _ in stacks])
        self._note(states, news, [*stacks, *((loop.states[which], name) for which, name in histories.items())])
        for array, name in stacks:
            out.line(f"{name}[{t}] = {self._inside.operands.text(array)}")
        out.line(f"{', '.join(states)} = {', '.join(news)}")
        for which, name in histories.items():
            out.line(f"{name}[{t if loop.backwards else f'{t} + 1'}] = {states[which]}")
        out.end()
        out.loops -= 1

    def _write_scan(self, states: list[str]) -> None:
        loop, stages, out = self._loop, self._stages, self._lines.out
        given = [x for x in (*loop.sequences, *stages.exported) if x in self._by_turns]
        turn = out.new_name("turn")
        out.begin(f"def {turn}(states, given):")
        out.line(f"{_tuple(states)} = states")
        names = [out.new_name("x_") for _ in given]
        if given:
            out.line(f"{_tuple(names)} = given")
        for array, name in zip(given, names):
            self._inside.know(array, name, [_name(self._by_turns[array])])
        news = self._write_turn(stages.stacked)
        kept = [self._inside.operands.text(array) for array in stages.stacked]
        out.line(f"return {_tuple(news)}, {_tuple(kept)}")
        out.end()
        sequences = _tuple([self._by_turns[array] for array in given])
        histories = [out.new_name("h") for _ in stages.stacked]
        self._note(states, news, [*zip(stages.stacked, histories)])
        self._by_turns |= dict(zip(stages.stacked, histories))
        backwards = ", backwards=True" if loop.backwards else ""
        out.line(
            f"{_tuple(states)}, {_tuple(histories)} = "
            f"scan({turn}, {_tuple(states)}, {sequences}, {self._turns}{backwards})"
        )

    def _write_turn(self, stacks: Sequence[Array]) -> list[str]:
        """The lines of a turn; the texts of the states after it."""
        loop, inside = self._loop, self._stages.inside
        used = Counter(operand for array in inside for operand in array.operands if isinstance(operand, Array))
        used.update(loop.after)
        if not self._lines.scans:
            for array in (*loop.sequences, *self._stages.exported):
                name = self._by_turns[array]
                part, needs = f"{name}[{self._index}]", [_name(name)]
                if used[array] > 1:
                    part = self._lines.named(array, "x_", part, needs)
                    needs = [part]
                self._inside.know(array, part, needs)
        self._inside.write(inside, [x for x in inside if x in stacks or (x in loop.after and used[x] > 1)])
        return [self._inside.operands.text(after) for after in loop.after]

    def _note(self, states: list[str], news: list[str], stacks: Sequence[tuple[Array, str]]) -> None:
        """For pictures: what a turn makes of the states, and what is kept of all turns."""
        inside, notes = self._inside, self._lines.out.statements
        for name, text, after in zip(states, news, self._loop.after):
            notes.append(Statement(name, text, inside.needs[after], shape_of(after)))
        for array, name in stacks:
            notes.append(
                Statement(name, f"{inside.operands.text(array)} of all turns", inside.needs[array], shape_of(array))
            )

    # What comes out -------------------------------------------------------------------------------------------------

    def _output(self, what: str, which: Any, states: list[str]) -> tuple[str, list[str]]:
        if what == FINAL:
            return states[which], [states[which]]
        stages = self._stages
        if stages.is_same_in_all_turns(which):
            text, needs = self._once.operands.text(which, ATOM), self._once.needs[which]
            if what == STACKED:
                return f"turns(repeated({text}, {self._turns}).reshape({_shape(f'{self._turns}, -1', which)}))", needs
            return f"({float(self._turns)} * {text})", needs
        if what == STACKED and which in self._by_turns:
            return f"turns({self._by_turns[which]})", [_name(self._by_turns[which])]
        text, needs = self._folded.operands.text(which, ATOM), self._folded.needs[which]
        if what == STACKED:
            return f"turns({text}.reshape({_shape(f'{self._turns}, -1', which)}))", needs
        return (f"{text}.reshape({_shape(f'{self._turns}, -1', which)}).sum(0)" if which.batched else text), needs


def _shape(first: str, array: Array) -> str:
    return ", ".join([first, *map(str, array.shape)])


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _inner_of_turns(text: str) -> str | None:
    """h of the text turns(h): what has the turns as its first axis already."""
    if text.startswith("turns(") and text.endswith(")") and text.count("(") == 1:
        return text[6:-1]
    return None


def _name(text: str) -> str:
    """The name in h[1:]."""
    return text.split("[")[0]
