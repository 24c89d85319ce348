"""Parameters as arrays.

The numbers and gradients of parameters are in the Values: eager code, copies, pickles and other threads meet plain
Values. A program needs arrays: they are gathered when it is called, and what it computes is written back.

For a loop that does nothing else, gathering takes longer than the computation. `Store` moves parameters into one array
for as long as it is open, and back when it is closed: `fit` opens one, and ``with Store(model.parameters()):`` does
around a loop of one's own. What looks at a parameter meanwhile reads and writes the array, so it is right at any time.
"""

from __future__ import annotations

import functools
import struct
import threading
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from engine.value import Value

Numbers = Any  # a NumPy array

FEWEST = 8  # parameters for which arrays are faster than one number at a time
NONE = -0.0  # where there is no gradient yet: adding to it gives what is added, a zero with its sign

_data_of, _grad_of = attrgetter("_data"), attrgetter("_grad")
_data_slot: Any = Value.__dict__["_data"]
_grad_slot: Any = Value.__dict__["_grad"]

_moving = threading.Lock()  # held while parameters move
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
        with _moving:
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
        with _moving:
            grads = [grad if reached else None for grad, reached in zip(self.grad.tolist(), self.reached.tolist())]
            for parameter, number, grad in zip(self.parameters, self.data.tolist(), grads):
                _data_slot.__set__(parameter, number)
                _grad_slot.__set__(parameter, grad)
                stored: Any = type(parameter)
                parameter.__class__ = stored._kind
                del _homes[id(parameter)]
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

    Attributes:
        parameters: the Values.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = parameters
        self.size = len(parameters)

    def data(self) -> Numbers:
        """Their numbers."""
        return _array([parameter._data for parameter in self.parameters])

    def grad(self) -> Numbers | None:
        """Their gradients; None unless a backward pass has been at every one."""
        try:
            return _array([parameter._grad for parameter in self.parameters])
        except struct.error:  # a None is no number
            return None

    def set_data(self, data: Numbers) -> None:
        """Set all numbers, or (interrupted, by Ctrl-C) none."""
        before = [parameter._data for parameter in self.parameters]
        try:
            for parameter, number in zip(self.parameters, data.tolist()):
                parameter._data = number
        except BaseException:
            for parameter, number in zip(self.parameters, before):
                parameter._data = number
            raise

    def add_grad(self, grad: Numbers) -> None:
        """Add to all gradients, or (interrupted, by Ctrl-C) to none."""
        before = [parameter._grad for parameter in self.parameters]
        after = grad.tolist()
        if before.count(None) < len(before):  # not as after zero_grad
            after = [new if old is None else old + new for old, new in zip(before, after)]
        try:
            for parameter, number in zip(self.parameters, after):
                parameter._grad = number
        except BaseException:
            for parameter, old in zip(self.parameters, before):
                parameter._grad = old
            raise

    def forget_grad(self) -> None:
        """As ``parameter.grad = None`` for every one."""
        for parameter in self.parameters:
            parameter._grad = None


class StoredParameters(Parameters):
    """The same for parameters of one open store, without going through them one by one."""

    def __init__(self, store: Store, parameters: Sequence[Value], places: list[int]) -> None:
        super().__init__(parameters)
        self._store = store
        consecutive = places == [*range(places[0], places[0] + len(places))]
        self._places: Any = slice(places[0], places[0] + len(places)) if consecutive else np.array(places)

    def data(self) -> Numbers:
        return self._store.data[self._places].copy()

    def grad(self) -> Numbers | None:
        return self._store.grad[self._places].copy() if self._store.reached[self._places].all() else None

    def set_data(self, data: Numbers) -> None:
        self._store.data[self._places] = data

    def add_grad(self, grad: Numbers) -> None:
        self._store.grad[self._places] += grad
        self._store.reached[self._places] = True

    def forget_grad(self) -> None:
        self._store.grad[self._places] = NONE
        self._store.reached[self._places] = False


def in_arrays(parameters: Sequence[Value]) -> Parameters:
    """The parameters as arrays: as they are now, in an open store or not. Not to be kept."""
    store, _ = _homes.get(id(parameters[0]), (None, 0)) if parameters else (None, 0)
    return (store and store.view(parameters)) or Parameters(parameters)


def worthwhile(parameters: Sequence[Value]) -> bool:
    """Whether arrays are faster, and may be used: not for classes of the user's own, which may compute `data`."""
    if len(parameters) < FEWEST:
        return False
    return {*map(type, parameters)} <= {Value, _stored_kind(Value)}


def _array(numbers: Sequence[Any]) -> Numbers:
    """Floats as an array. Packing them is a third faster than NumPy's own ways."""
    return np.frombuffer(bytearray(_packing(len(numbers)).pack(*numbers)))


@functools.lru_cache(64)
def _packing(n: int) -> struct.Struct:
    return struct.Struct(f"{n}d")
