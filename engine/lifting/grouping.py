"""Grouping: which entries of a tape form one array operation. No arrays are made here, only lists of entries.

Entries with the same operation at the same depth, with operands from the same arrays, are one group. A group of sums is
a sum of parts, each of like terms; a part of products over the same vectors is a matrix product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np

from engine import primitives
from engine.lifting.arrays import REDUCTIONS
from engine.lifting.coefficients import WeightedSum, alike, weighted
from engine.lifting.groups import (
    Group,
    InputGroup,
    LookupGroup,
    MatrixProduct,
    OperationGroup,
    Part,
    RaggedOperationGroup,
    SumGroup,
    Terms,
    WeightedTerms,
)
from engine.lifting.joining import Alike, connected, joined
from engine.lifting.levels import levels_of
from engine.lifting.lookups import lookups
from engine.lifting.loops.call import LoopCall, needed_without_rows
from engine.lifting.parameter_groups import ParameterGroup, ParameterGroups
from engine.lifting.parts import LikeTerms, arranged, order_of, part_of
from engine.lifting.patterns import RAGGED_LIMIT, Matrix, as_row, by_lengths, in_fewest_runs
from engine.lifting.reach import reached
from engine.lifting.tape import Tape
from engine.lookup import entry_at
from engine.primitives import Primitive
from engine.value import Value

PARAMETER, CONSTANT = -1, -2  # the group of an entry that is in none yet
_NOTHING = -3  # the group of the other factor of a term that is no product
FEW_TERMS = 4  # terms of a sum that are added one after the other, if no gather is needed then
MANY_KINDS = 4  # of terms in a sum: so many are gathered into one
SumMembers = list[tuple[int, list[tuple[Any, ...]]]]  # entries with their terms, see _sorted_terms
REDUCING = frozenset(getattr(primitives, name) for name in REDUCTIONS)


def group(tape: Tape, inputs: Sequence[Sequence[Value]], shared: AbstractSet[int] = frozenset()) -> list[Group]:
    """The groups of a tape, each after those it needs: arguments, then parameters and operations in order of use.

    `shared` are the numbers of the arguments that all rows of a batch share.
    """
    return _Grouping(tape, inputs, shared).groups


class _Grouping:
    """The groups so far, and which of them each entry is in."""

    def __init__(self, tape: Tape, inputs: Sequence[Sequence[Value]], shared: AbstractSet[int]) -> None:
        self.groups: list[Group] = []
        self._tape = tape
        no_rows = needed_without_rows(tape)
        self._kind = [(is_reached, entry in no_rows) for entry, is_reached in enumerate(reached(tape))]  # of a group
        self._group_of = np.full(tape.length, PARAMETER, dtype=np.int64)
        self._source: list[int] = self._group_of.tolist()  # the same, for loops over single entries
        self._place = [*range(tape.length)]  # in its group; the entry itself while it is in none
        self._depends = {CONSTANT: (-2, 0), PARAMETER: (-1, 0)}  # by group: see _add
        for entry in tape.constants:
            self._group_of[entry] = self._source[entry] = CONSTANT
        self._parameters = ParameterGroups(tape, self._place.__getitem__, self._add)
        self._add_inputs(inputs, shared)
        levels = levels_of(tape)
        tape.forget_operands()
        for level in levels:
            self._parameters.form_weights(level)
            self._form_of_loops(level)
        for level in levels:
            self._add_level(level)
        self._need(np.array(tape.outputs, dtype=np.int64))

    def _add_inputs(self, inputs: Sequence[Sequence[Value]], shared: AbstractSet[int]) -> None:
        entry_of = {leaf: entry for entry, leaf in self._tape.leaves.items()}
        for number, values in enumerate(inputs):
            name = f"x{number + 1}" if len(inputs) > 1 else "x"
            used = [(entry_of[value], place) for place, value in enumerate(values) if value in entry_of]
            entries, places = [entry for entry, _ in used], [place for _, place in used]
            has_rows = number not in shared
            self._parameters.free.difference_update(entries)
            self._add(InputGroup(name, len(values), entries, places, has_rows), has_rows)

    def _add(self, new: Group, batched: bool = False) -> None:
        """Add a group. In u * v the u is of the earlier group; what is the same for all rows comes first."""
        number = len(self.groups)
        self.groups.append(new)
        self._depends[number] = (int(batched), number)
        self._group_of[np.asarray(new.entries, dtype=np.int64)] = number
        places = new.places if isinstance(new, InputGroup) else range(len(new.entries))
        for entry, place in zip(new.entries, places):
            self._source[entry], self._place[entry] = number, place

    def _is_batched(self, entries: Sequence[int]) -> bool:
        """Whether one of the entries depends on the arguments."""
        return any(self._depends[self._source[entry]][0] == 1 for entry in entries)

    def _need(self, entries: Matrix) -> None:
        """Form groups of the parameters among entries that are gathered as an array of that shape."""
        if entries.size == 1 and self._source[entries.item()] != PARAMETER:
            return
        if (self._group_of[entries] == PARAMETER).any():
            self._parameters.form(entries.reshape(-1, entries.shape[-1] if entries.ndim > 1 else 1).tolist())

    def _form_of_loops(self, level: list[int]) -> None:
        """Groups of the parameters that a loop's turns use, as they are grouped in one turn."""
        for entry in level:
            op, operands = self._tape.operations.get(entry, (None, ()))
            if isinstance(op, LoopCall):
                for matrix in op.matrices(operands):
                    self._need(matrix)

    def _add_level(self, level: list[int]) -> None:
        if len(level) == 1 and (alone := self._tape.operations.get(level[0])) is not None and alone[0] is not entry_at:
            self._add_operation(alone[0], level)
            return
        operations: dict[Any, list[int]] = defaultdict(list)
        sums: dict[Any, dict[Any, SumMembers]] = defaultdict(lambda: defaultdict(list))
        weighted = self._weighted_sums(level)
        weighed = {each.entry for some in weighted for each in some}
        for entry in level:
            if entry in self._tape.operations:
                operations[self._operation_key(entry)].append(entry)
            elif entry not in weighed:
                terms = self._sorted_terms(entry)
                kinds = tuple(dict.fromkeys([term[:3] for term in terms]))
                sums[self._kind[entry]][kinds].append((entry, terms))
        alike = [Alike(key[:2], key[2], entries) for key, entries in operations.items()]
        reductions = connected([each for each in alike if each.form[0] in REDUCING], self._is_computed)
        others = self._joined([each for each in alike if each.form[0] not in REDUCING], self._tape.operands)
        for each in [*reductions, *others]:
            op, _ = each.form
            for entries in self._by_lengths(each.members):
                if op is entry_at:
                    for lookup in lookups(entries, self._tape.operations):
                        self._add_lookup(lookup)
                else:
                    self._add_operation(op, self._in_order(entries))
        for same in weighted:
            self._add_weighted_sums(same)
        for _, some in sorted(sums.items(), reverse=True, key=itemgetter(0)):
            of_lengths = [(kinds, part) for kinds, like in some.items() for part in by_lengths(kinds, like)]
            for each_kinds, members in self._joined_sums(of_lengths):
                self._add_sums(each_kinds, members)

    def _joined(self, alike: list[Alike[Any]], operands_of: Callable[[Any], Sequence[int]]) -> list[Alike[Any]]:
        return joined(
            alike, self._may_stand_for, self._is_computed, operands_of, lambda group: len(self.groups[group].entries)
        )

    def _is_computed(self, group: int) -> bool:
        return group >= 0 and not isinstance(self.groups[group], ParameterGroup)

    def _may_stand_for(self, small: int, large: int) -> bool:
        """Whether a few numbers of one group may be among many of another: then they are made one array."""
        if small == large:
            return True
        return self._is_computed(large) and self._depends.get(small, (0,))[0] <= self._depends[large][0]

    # Operations -----------------------------------------------------------------------------------------------------

    def _operation_key(self, entry: int) -> tuple[Any, ...]:
        """What the entries of a group have in common: the operation, their kind, where the operands come from."""
        op, operands = self._tape.operations[entry]
        sources = tuple([self._source[operand] for operand in operands])
        count = 0 if op in REDUCING else len(operands)
        if count == 0 or count > 3:
            sources = tuple(sorted({*sources}))
        return (op, (count, self._kind[entry]), sources)

    def _by_lengths(self, entries: list[int]) -> list[list[int]]:
        """Entries of one operation by the number of operands; as they are where there are many different numbers."""
        found: dict[int, list[int]] = defaultdict(list)
        for entry in entries:
            found[len(self._tape.operations[entry][1])].append(entry)
        return [entries] if len(found) > RAGGED_LIMIT else list(found.values())

    def _add_operation(self, op: Primitive, entries: list[int]) -> None:
        rows = [self._tape.operations[entry][1] for entry in entries]
        lengths = [len(row) for row in rows]
        if len(set(lengths)) > 1:
            flat = np.array([*chain.from_iterable(rows)], dtype=np.int64)
            self._need(flat)
            self._add(RaggedOperationGroup(op, entries, flat, lengths), self._is_batched(flat.tolist()))
            return
        operands = np.array(rows, dtype=np.int64)
        if not isinstance(op, LoopCall):  # a loop's parameters are in groups already
            for needed in [as_row(operands)] if op in REDUCING else operands.T:
                self._need(needed)
        self._add(OperationGroup(op, entries, operands), self._is_batched(operands.reshape(-1).tolist()))

    def _add_lookup(self, of: LookupGroup) -> None:
        self._need(of.table)
        self._need(of.index)
        self._add(of, self._is_batched([*of.index.tolist(), *of.table.reshape(-1).tolist()]))

    def _in_order(self, entries: list[int]) -> list[int]:
        """Entries of one operation in the order of their first operands, if those are different and of one array."""
        firsts = [self._tape.operations[entry][1][0] for entry in entries]
        return self._by_place(sorted(entries), dict(zip(entries, firsts)))

    def _by_place(self, entries: list[int], operand_of: Mapping[int, int]) -> list[int]:
        operands = [operand_of[entry] for entry in entries]
        sources = {self._source[operand] for operand in operands}
        if len(sources) > 1 or len(set(operands)) < len(operands) or not self._is_computed(*sources):
            return entries
        return sorted(entries, key=lambda entry: self._place[operand_of[entry]])

    # Sums -----------------------------------------------------------------------------------------------------------

    def _sorted_terms(self, entry: int) -> list[tuple[Any, ...]]:
        """(minus, group of u, group of v, v, u) for each term, in an order that is the same for like entries."""
        source, depends, place = self._source, self._depends, self._place
        written = self._tape.terms[entry]
        few = len(written) <= FEW_TERMS  # then those that are no products stay as written: they are added one by one
        terms = []
        for number, (minus, u, v) in enumerate(written):
            source_u = source[u]
            if v < 0:
                terms.append((minus, source_u, _NOTHING, 0 if few else place[u], 0, number, u, u))
                continue
            source_v = source[v]
            if depends[source_u] > depends[source_v]:  # of one group: as written, so of two parameters the first weighs
                u, v, source_u, source_v = v, u, source_v, source_u
            terms.append((minus, source_u, source_v, place[v], place[u], number, v, u))
        terms.sort()
        return [(*term[:3], *term[6:]) for term in terms]

    def _weighted_sums(self, level: list[int]) -> list[list[WeightedSum]]:
        """Sums with numbers as coefficients that are groups as such."""
        found: dict[Any, list[WeightedSum]] = defaultdict(list)
        for entry in level:
            terms = weighted(self._tape.terms.get(entry, ()), self._tape.constants)
            if terms is not None:
                key = self._kind[entry], self._is_batched([x for _, x in terms])
                found[key].append(WeightedSum(entry, terms))
        return [same for some in found.values() for same in alike(some, self._written_form)]

    def _add_weighted_sums(self, sums: list[WeightedSum]) -> None:
        x = np.array([[x for _, x in each.terms] for each in sums], dtype=np.int64)
        coefficients = np.array([[number for number, _ in each.terms] for each in sums])
        for column in x.T:
            self._need(column)
        order = self._in_fewest_runs(x)
        part = WeightedTerms(False, x[order], coefficients[order])
        self._add(SumGroup([sums[i].entry for i in order], [part]), self._is_batched(x.reshape(-1).tolist()))

    def _in_fewest_runs(self, operands: Matrix) -> list[int]:
        return in_fewest_runs([(self._group_of[x], np.array([self._place[k] for k in x.tolist()])) for x in operands.T])

    def _joined_sums(self, sums: list[tuple[Any, SumMembers]]) -> list[tuple[Any, SumMembers]]:
        """Sums of the same kinds of terms, the small groups in large ones: then the terms are in the order written."""
        if len(sums) < 2:
            return sums
        alike: list[Alike[tuple[int, list[tuple[Any, ...]]]]] = []
        for number, (kinds, members) in enumerate(sums):
            by_form: dict[Any, SumMembers] = defaultdict(list)
            products = sum(v != _NOTHING for _, _, v, _, _ in members[0][1])
            single = products <= sum(v != _NOTHING for _, _, v in kinds)  # one product of a kind: no matrix product
            for member in members:
                by_form[self._written_form(member[0]) if single else (number, ())].append(member)
            alike += [Alike(form, sources, same) for (form, sources), same in by_form.items()]
        whole = {entry: number for number, (_, members) in enumerate(sums) for entry, _ in members}
        result: dict[int, SumMembers] = defaultdict(list)
        for each in self._joined(alike, self._factors):
            number = whole[each.members[0][0]]
            if any(whole[entry] != number for entry, _ in each.members):
                number += len(sums) * (number in result)
                each.members = [(entry, self._terms_as_written(entry, each.sources)) for entry, _ in each.members]
            result[number] += each.members
        return [(sums[number % len(sums)][0], sorted(members)) for number, members in sorted(result.items())]

    def _written_form(self, entry: int) -> tuple[Any, tuple[int, ...]]:
        """The signs of a sum's terms and which are products, and the sources of all factors."""
        terms, source = self._tape.terms[entry], self._source
        form = tuple([(minus, v < 0) for minus, _, v in terms])
        return form, tuple([_NOTHING if x < 0 else source[x] for _, u, v in terms for x in (u, v)])

    def _factors(self, member: tuple[int, Any]) -> list[int]:
        """Those of a sum as written."""
        return [x for _, u, v in self._tape.terms[member[0]] for x in (u, v)]

    def _terms_as_written(self, entry: int, sources: Sequence[int]) -> list[tuple[Any, ...]]:
        """As `_sorted_terms` those of an entry of these sources, with another one's factors in their places."""
        depends, terms = self._depends, []
        for (minus, u, v), source_u, source_v in zip(self._tape.terms[entry], sources[::2], sources[1::2]):
            if v < 0:
                terms.append((minus, source_u, _NOTHING, u, u))
            elif depends[source_u] > depends[source_v]:
                terms.append((minus, source_v, source_u, u, v))
            else:
                terms.append((minus, source_u, source_v, v, u))
        return sorted(terms, key=itemgetter(0, 1, 2))

    def _add_sums(self, kinds: Sequence[tuple[Any, ...]], like: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
        """Linear entries with terms of the same kinds: each kind is a part, or several."""
        terms_of: dict[Any, list[list[tuple[Any, ...]]]] = {kind: [] for kind in kinds}
        for _, terms in like:
            for kind, same in groupby(terms, key=itemgetter(0, 1, 2)):  # they are sorted
                terms_of[kind].append(list(same))
        if all(entry in self._tape.needless_zeros for entry, _ in like):
            for minus in (False, True):
                terms_of.pop((minus, CONSTANT, _NOTHING), None)
        terms_of = self._combined(terms_of)
        columns: list[LikeTerms] = []
        for (minus, source_u, source_v), rows in terms_of.items():
            us = [[term[4] for term in terms] for terms in rows]
            vs = None if source_v == _NOTHING else [[term[3] for term in terms] for terms in rows]
            if vs is not None:
                us, vs = arranged(us, vs, self._place, may_exchange=source_u == source_v != PARAMETER)
            columns += self._by_parameter_group(minus, us, vs)
        entries = [entry for entry, _ in like]
        order = order_of(columns, len(entries)) or self._order_of_operands(entries, columns)
        if order is not None:
            entries = [entries[i] for i in order]
            columns = [
                (minus, [us[i] for i in order], None if vs is None else [vs[i] for i in order])
                for minus, us, vs in columns
            ]
        parts = []
        for column in sorted(columns, key=itemgetter(0)):  # what is subtracted comes last
            parts.append(part := part_of(*column))
            self._need_factors(part)
        batched = self._is_batched([x for _, us, vs in columns for row in (*us, *(vs or ())) for x in row])
        self._add(SumGroup(entries, parts), batched)

    def _combined(self, terms_of: dict[Any, list[list[tuple[Any, ...]]]]) -> dict[Any, list[list[tuple[Any, ...]]]]:
        """The terms of each kind; many kinds that differ only in the arrays are one, gathered from all of those.

        That is for sums that have one term of each, as the columns before the last in Cholesky's decomposition, and for
        a single sum, as of what many steps have lost.
        """
        alike: dict[tuple[bool, bool], list[Any]] = defaultdict(list)
        for kind, rows in terms_of.items():
            minus, source_u, source_v = kind
            computed = self._is_computed(source_u) and (source_v == _NOTHING or self._is_computed(source_v))
            if computed and (len(rows) == 1 or all(len(row) == 1 for row in rows)):
                alike[minus, source_v == _NOTHING].append(kind)
        for kinds in alike.values():
            if len(kinds) >= MANY_KINDS:
                several = [terms_of.pop(kind) for kind in kinds]
                terms_of[kinds[0]] = [[*chain.from_iterable(rows)] for rows in zip(*several)]
        return terms_of

    def _order_of_operands(self, entries: list[int], columns: Sequence[LikeTerms]) -> list[int] | None:
        """The order in which the entries' operands stand in their array, if each has one and no sum is a long one."""
        if any(len(us[0]) > FEW_TERMS for _, us, _ in columns):
            return None
        for _, us, vs in columns:
            if all(len(row) == 1 for row in us):
                operands = [row[0] for row in us] if vs is None else [row[0] for row in vs]
                ordered = self._by_place(entries, dict(zip(entries, operands)))
                if ordered is not entries:
                    where = {entry: i for i, entry in enumerate(entries)}
                    return [where[entry] for entry in ordered]
        factors = [rows for _, us, vs in columns for rows in (us, vs) if rows is not None and len(rows[0]) == 1]
        single = [[row[0] for row in rows] for rows in factors]
        computed = [column for column in single if all(self._is_computed(self._source[x]) for x in column)]
        return self._in_fewest_runs(np.array(computed, dtype=np.int64).T) if computed else None

    def _by_parameter_group(self, minus: bool, us: list[list[int]], vs: list[list[int]] | None) -> list[LikeTerms]:
        """Terms whose parameters lie in several groups, in one order for all entries: the terms of each group apart."""
        self._parameters.form(us)
        if len({len(row) for row in us}) > 1:
            return [(minus, us, vs)]
        numbers = self._group_of[np.array(us, dtype=np.int64)]
        if not (numbers == numbers[0]).all() or len(set(numbers[0].tolist())) == 1 or self._is_computed(numbers[0, 0]):
            return [(minus, us, vs)]
        result = []
        for number in dict.fromkeys(numbers[0].tolist()):
            ks = np.nonzero(numbers[0] == number)[0].tolist()
            result.append((minus, [[row[k] for k in ks] for row in us], vs and [[row[k] for k in ks] for row in vs]))
        return result

    def _need_factors(self, part: Part) -> None:
        """The parameters among a part's second factors; those among the first are in groups already."""
        if isinstance(part, WeightedTerms) or part.v is None:
            return
        if isinstance(part, Terms) and part.v.shape[1] == 1:
            self._need(part.v[:, 0])
        elif isinstance(part, MatrixProduct) and part.v.ndim == 2 and len(part.u) == len(part.v) == 1:
            self._need(part.v[0])
        else:
            self._need(part.v)
