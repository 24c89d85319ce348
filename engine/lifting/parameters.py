"""Parameters as arrays.

The numbers and gradients of parameters are in the Values: eager code, copies, pickles and other threads meet plain
Values. A program needs arrays: they are gathered when it is called, and what it computes is written back.

Gathering often takes longer than the computation. So the arrays are kept until eager code says that they are out of
date, and gradients wait in an array until somebody looks at one; see `engine.leaf_arrays`.

What is left is to write the parameters' numbers at every step. `Store` moves parameters into one array for as long as
it is open, and back when it is closed: `fit` opens one, and ``with Store(model.parameters()):`` does around a loop of
one's own. What looks at a parameter meanwhile reads and writes the array, so it is right at any time.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from engine.leaf_arrays import cleared, gathered, moving, settle, waiting
from engine.value import Value

Numbers = Any  # a NumPy array

FEWEST = 8  # parameters that are updated faster as an array than one number at a time
MOST = 8  # of those whose arrays are kept: what has them stays in memory
NONE = -0.0  # where there is no gradient yet: adding to it gives what is added, a zero with its sign

APART = object()  # of parameters none of which is among others

_data_of, _grad_of = attrgetter("_data"), attrgetter("_grad")
_data_slot: Any = Value.__dict__["_data"]
_grad_slot: Any = Value.__dict__["_grad"]

_homes: dict[int, tuple[Store, int]] = {}  # by id: the store of a parameter that is in an open one, and its place there


class Store:
    """Parameters in one array, from when it is made to `close`.

    Args:
        parameters: leaves. One that is in another open store stays there.

    Attributes:
        parameters: those that were moved, in order.
        data: their numbers.
        grad: their gradients, a zero where there is none yet.
        reached: where a backward pass has been.
    """

    def __init__(self, parameters: Iterable[Value]) -> None:
        with moving:
            settle()
            cleared.clear()
            self.parameters = [*{id(p): p for p in parameters if id(p) not in _homes}.values()]
            self.data = _array([*map(_data_of, self.parameters)])
            grads = [*map(_grad_of, self.parameters)]
            self.reached = np.array([grad is not None for grad in grads], dtype=bool)
            self.grad = np.array([NONE if grad is None else grad for grad in grads])
            self._views: dict[int, StoredParameters] = {}
            for place, parameter in enumerate(self.parameters):
                _homes[id(parameter)] = self, place
                kind: Any = type(parameter)
                parameter.__class__ = _stored_kind(kind)

    def close(self) -> None:
        """Move numbers and gradients back into the parameters, which are of their own classes again."""
        with moving:
            grads = [grad if reached else None for grad, reached in zip(self.grad.tolist(), self.reached.tolist())]
            for parameter, number, grad in zip(self.parameters, self.data.tolist(), grads):
                _data_slot.__set__(parameter, number)
                _grad_slot.__set__(parameter, grad)
                stored: Any = type(parameter)
                parameter.__class__ = stored._kind
                del _homes[id(parameter)]
            gathered.clear()
            cleared.clear()
            self.parameters = []

    def __enter__(self) -> None:
        """The store of a ``with`` block, which closes it."""

    def __exit__(self, *_: object) -> None:
        self.close()

    def view(self, parameters: Sequence[Value]) -> StoredParameters | None:
        """The parameters as a part of this store; None if not all are in it."""
        view = self._views.get(id(parameters))
        if view is None or view.parameters is not parameters or len(parameters) != view.size:
            homes = [_homes.get(id(parameter), (None, 0)) for parameter in parameters]
            if any(store is not self for store, _ in homes):
                return None
            view = self._views[id(parameters)] = StoredParameters(self, parameters, [place for _, place in homes])
        return view


class Stored:
    """What makes a parameter's number and gradient an element of a store's arrays; mixed into its own class."""

    __slots__ = ()

    _kind: type[Value]  # that class, of which copies are

    @property
    def _data(self) -> float:
        home = _homes.get(id(self))  # None if another thread has just closed the store
        return _data_slot.__get__(self) if home is None else home[0].data.item(home[1])  # type: ignore[no-any-return]

    @_data.setter
    def _data(self, data: float) -> None:
        home = _homes.get(id(self))
        if home is None:
            _data_slot.__set__(self, data)
        else:
            home[0].data[home[1]] = data

    @property
    def _grad(self) -> float | None:
        home = _homes.get(id(self))
        if home is None:
            return _grad_slot.__get__(self)  # type: ignore[no-any-return]
        store, place = home
        return store.grad.item(place) if store.reached[place] else None

    @_grad.setter
    def _grad(self, grad: float | None) -> None:
        home = _homes.get(id(self))
        if home is None:
            _grad_slot.__set__(self, grad)
            return
        store, place = home
        store.grad[place] = NONE if grad is None else grad
        store.reached[place] = grad is not None

    def __reduce__(self) -> tuple[Any, ...]:
        leaf: Any = self
        kind: Any = getattr(self, "_kind", type(leaf))  # its own class if another thread has just closed the store
        restore, (_, *numbers), attributes = kind.__reduce__(leaf)
        return restore, (kind, *numbers), attributes


@functools.cache
def _stored_kind(kind: type[Value]) -> type[Value]:
    """The class of a stored parameter that was of class `kind`, whose methods, attributes and name it keeps."""
    return type(kind.__name__, (Stored, kind), {"__slots__": (), "_kind": kind})


class Parameters:
    """Parameters in an order of one's own, as flat arrays: what programs and optimizers work on.

    Numbers and gradients are kept as arrays between calls, as `engine.leaf_arrays` says. One that is kept is never
    written to: another takes its place.

    Attributes:
        parameters: the Values.
        are_plain: whether there are any, and none of a class that may compute `data`.
        are_many: whether they are plain, and so many that they are updated faster in arrays.
        unsettled: gradients that the parameters do not have yet, while these are in `waiting`.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = parameters
        self.size = len(parameters)
        self.are_plain = self.size > 0 and {*map(type, parameters)} <= {Value, _stored_kind(Value)}
        self.are_many = self.are_plain and self.size >= FEWEST
        self.unsettled: Numbers = None
        self._known: dict[int, tuple[Parameters, Any]] = {}  # by id: others, and where these are among them

    def __deepcopy__(self, _: object) -> None:
        """Nothing: what keeps these has other parameters when it is copied."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()

    def _may_be_kept(self) -> bool:
        return self.are_plain and not _homes  # those in an open store are there

    def data(self) -> Numbers:
        """Their numbers. The array is not to be written to."""
        if not self._may_be_kept():
            return _array([*map(_data_of, self.parameters)])
        kept = gathered.get(id(self))
        if kept is not None and kept.data is not None:
            return kept.data
        mine = _entered(self)
        for each in [*gathered.values()]:
            theirs: Numbers = each.data
            places = None if theirs is None else self._places_in(each.parameters)
            if places is not None and gathered.get(id(each.parameters)) is each:  # not stale when `mine` was entered
                mine.data = numbers = theirs[places]
                return numbers
        mine.data = numbers = _array([*map(_data_of, self.parameters)])
        return numbers

    def grad(self) -> Numbers | None:
        """Their gradients; None unless a backward pass has been at every one. The array is not to be written to."""
        with moving:
            for each in waiting.values():
                places = self._places_in(each)
                if places is not None:
                    return each.unsettled[places]
            settle()
            try:
                return _array([*map(_grad_of, self.parameters)])
            except struct.error:  # a None is no number
                return None

    def set_data(self, data: Numbers) -> None:
        """Set all numbers, or (interrupted, by Ctrl-C) none."""
        before = self.data()
        gathered.clear()
        kept = _entered(self) if self._may_be_kept() else None
        try:
            for parameter, number in zip(self.parameters, data.tolist()):
                parameter._data = number
        except BaseException:
            for parameter, number in zip(self.parameters, before.tolist()):
                parameter._data = number
            gathered.clear()
            raise
        if kept is not None:
            kept.data = data.copy()

    def add_grad(self, grad: Numbers) -> None:
        """Add to all gradients, or (interrupted, by Ctrl-C) to none. The array is not to be written to afterwards."""
        with moving:
            for each in [*waiting.values()]:
                places = self._places_in(each)
                if places is not None:
                    sums = each.unsettled.copy()
                    sums[places] += grad
                    each.unsettled = sums
                    return
                if not self._is_apart_from(each):
                    settle()
            if not (self._may_be_kept() and self._are_cleared()):
                grad = _array([NONE if old is None else old for old in map(_grad_of, self.parameters)]) + grad
            if len(waiting) >= MOST:
                settle()
            self.unsettled = grad
            waiting[id(self)] = self
            if not self._may_be_kept():
                settle()

    def deliver(self) -> None:
        """Give the parameters the gradients that wait for them: all, or (interrupted, by Ctrl-C) none."""
        before = [*map(_grad_of, self.parameters)]
        try:
            for parameter, number in zip(self.parameters, self.unsettled.tolist()):
                parameter._grad = number
        except BaseException:
            for parameter, old in zip(self.parameters, before):
                parameter._grad = old
            raise
        cleared.clear()

    def forget_grad(self) -> None:
        """As ``parameter.grad = None`` for every one."""
        with moving:
            for key, each in [*waiting.items()]:
                if each._places_in(self) is not None:
                    del waiting[key]
                elif not self._is_apart_from(each):
                    settle()
            if self._may_be_kept():
                if self._are_cleared():
                    return
                if len(cleared) >= MOST:
                    cleared.clear()
                cleared[id(self)] = self
            for parameter in self.parameters:
                parameter._grad = None

    def _are_cleared(self) -> bool:
        """Whether it is known without looking that none of them has a gradient."""
        return any(self._places_in(each) is not None for each in [*cleared.values()])

    def _places_in(self, other: Parameters) -> Any:
        """Where these are among other parameters, as an index of their arrays; None if not all of them are there."""
        places = self._among(other)
        return None if places is APART else places

    def _is_apart_from(self, other: Parameters) -> bool:
        """Whether none of them is among those others."""
        return self._among(other) is APART

    def _among(self, other: Parameters) -> Any:
        known, places = self._known.get(id(other), (None, None))
        if known is not other:
            if len(self._known) >= MOST:
                self._known.clear()
            places = _places(self.parameters, other.parameters)
            self._known[id(other)] = other, places
        return places


class Gathered:
    """The numbers of some parameters; None until they have been gathered."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.data: Numbers = None


def _entered(parameters: Parameters) -> Gathered:
    """A place among what is gathered for the numbers of these."""
    if len(gathered) >= MOST:
        gathered.clear()
    place = gathered[id(parameters)] = Gathered(parameters)
    return place


def _places(some: Sequence[Value], others: Sequence[Value]) -> Any:
    """Where some are among others, as an index of the others' arrays; APART if none is there, None if a few are."""
    places = {id(parameter): place for place, parameter in enumerate(others)}
    found = [places.get(id(parameter), -1) for parameter in some]
    if found == [*range(len(others))]:
        return slice(None)
    if -1 in found:
        return APART if {*found} == {-1} else None
    return np.array(found)


class StoredParameters(Parameters):
    """The same for parameters of one open store, without going through them one by one.

    Attributes:
        store: it.
        places: where they are in it, as an index of its arrays.
        parts: their parts of the store's arrays `data`, `grad` and `reached`, as views; None if they do not lie
            together.
    """

    def __init__(self, store: Store, parameters: Sequence[Value], places: list[int]) -> None:
        super().__init__(parameters)
        self.store = store
        consecutive = places == [*range(places[0], places[0] + len(places))]
        self.places: Any = (
            slice(places[0], places[0] + len(places)) if consecutive else np.array(places, dtype=np.int64)
        )
        views = [array[self.places] for array in (store.data, store.grad, store.reached)]
        self.parts = views if consecutive else None

    def data(self) -> Numbers:
        return self.store.data[self.places].copy()

    def grad(self) -> Numbers | None:
        return self.store.grad[self.places].copy() if self.store.reached[self.places].all() else None

    def set_data(self, data: Numbers) -> None:
        self.store.data[self.places] = data

    def add_grad(self, grad: Numbers) -> None:
        self.store.grad[self.places] += grad
        self.store.reached[self.places] = True

    def scale_grad(self, scale: float) -> None:
        """Multiply all gradients."""
        self.store.grad[self.places] *= scale

    def forget_grad(self) -> None:
        self.store.grad[self.places] = NONE
        self.store.reached[self.places] = False


def stores_are_open() -> bool:
    """Whether any parameters are in a store."""
    return bool(_homes)


def in_arrays(kept: Parameters) -> Parameters:
    """The parameters as arrays: those in an open store there. The answer is not to be kept."""
    if not _homes or not kept.size:
        return kept
    store, _ = _homes.get(id(kept.parameters[0]), (None, 0))
    return (store and store.view(kept.parameters)) or kept


def _array(numbers: Sequence[Any]) -> Numbers:
    """Floats as an array. Packing them is a third faster than NumPy's own ways."""
    return np.frombuffer(bytearray(_packing(len(numbers)).pack(*numbers)))


@functools.lru_cache(64)
def _packing(n: int) -> struct.Struct:
    return struct.Struct(f"{n}d")
