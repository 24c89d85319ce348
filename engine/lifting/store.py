"""Parameters that live in one array.

A compiled function reads its parameters and adds its gradient as whole arrays; one number at a time would take longer
than the computation. So it moves them into a `Store`: they stay the same Values, at any time `p.data` and `p.grad` read
and write the store's arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.value import Value

Numbers = Any  # a NumPy array

# A Value's own two slots say where a stored one lives: its number's slot holds the store, its gradient's the place.
_store: Any = Value.__dict__["_data"]
_place: Any = Value.__dict__["_grad"]

NONE = -0.0  # where there is no gradient yet: adding to it gives what is added, a zero with its sign


class Store:
    """The numbers and gradients of parameters, in order.

    Attributes:
        data: the numbers.
        grad: the gradients, a zero where there is none yet.
        reached: where a backward pass has been.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = list(parameters)
        self.data = np.array([parameter.data for parameter in parameters])
        self.grad = np.array([NONE if parameter._grad is None else parameter._grad for parameter in parameters])
        self.reached = np.array([parameter._grad is not None for parameter in parameters])
        for place, parameter in enumerate(parameters):
            _store.__set__(parameter, self)
            _place.__set__(parameter, place)
            kind: Any = type(parameter)
            parameter.__class__ = _stored_kind(kind)


class Stored:
    """What makes a leaf's number and gradient an element of a store's arrays; mixed into the leaf's own class."""

    __slots__ = ()

    _kind: type[Value]  # that class, of which copies are

    @property
    def _data(self) -> float:
        return _store.__get__(self).data.item(_place.__get__(self))  # type: ignore[no-any-return]

    @_data.setter
    def _data(self, data: float) -> None:
        _store.__get__(self).data[_place.__get__(self)] = data

    @property
    def _grad(self) -> float | None:
        store, place = _store.__get__(self), _place.__get__(self)
        return store.grad.item(place) if store.reached[place] else None

    @_grad.setter
    def _grad(self, grad: float | None) -> None:
        store, place = _store.__get__(self), _place.__get__(self)
        store.grad[place] = NONE if grad is None else grad
        store.reached[place] = grad is not None

    def __reduce__(self) -> tuple[Any, ...]:
        leaf: Any = self
        restore, (_, *numbers), attributes = self._kind.__reduce__(leaf)
        return restore, (self._kind, *numbers), attributes


@functools.cache
def _stored_kind(kind: type[Value]) -> type[Value]:
    """The class of a stored parameter that was of class `kind`, whose methods, attributes and name it keeps."""
    return type(kind.__name__, (Stored, kind), {"__slots__": (), "_kind": kind})


def store_of(parameter: Value) -> tuple[Store, int] | None:
    """The store a parameter lives in, and its place there; None if it keeps its number itself."""
    if isinstance(parameter, Stored):
        return _store.__get__(parameter), _place.__get__(parameter)
    return None


class Together:
    """Parameters of one store, in an order of one's own, as arrays: what an optimizer works on.

    Attributes:
        data, grad: copies of the numbers and gradients; assigning writes all of them at once.
    """

    def __init__(self, store: Store, places: list[int]) -> None:
        self._store = store
        self._places = _run(places)

    @property
    def data(self) -> Numbers:
        return self._store.data[self._places].copy()

    @data.setter
    def data(self, data: Numbers) -> None:
        self._store.data[self._places] = data

    @property
    def grad(self) -> Numbers:
        return self._store.grad[self._places].copy()

    @grad.setter
    def grad(self, grad: Numbers) -> None:
        self._store.grad[self._places] = grad

    def all_reached(self) -> bool:
        """Whether a backward pass has been at every one."""
        return bool(self._store.reached[self._places].all())

    def forget_gradients(self) -> None:
        """As ``parameter.grad = None`` for every one."""
        self._store.grad[self._places] = NONE
        self._store.reached[self._places] = False


def together(parameters: Sequence[Value]) -> Together | None:
    """The parameters as arrays; None unless all of them, and more than one, are in one store."""
    found = [store_of(parameter) for parameter in parameters]
    if len(found) < 2 or found[0] is None or any(each is None or each[0] is not found[0][0] for each in found):
        return None
    return Together(found[0][0], [place for _, place in found])  # type: ignore[misc]


class Block:
    """Parameters, from one store or several, as one array of a given shape."""

    def __init__(self, parameters: Sequence[Value], shape: tuple[int, ...]) -> None:
        self.shape = shape
        places: dict[int, tuple[Store, list[int], list[int]]] = {}
        for k, parameter in enumerate(parameters):
            found = store_of(parameter)
            assert found is not None
            store, place = found
            _, ks, ps = places.setdefault(id(store), (store, [], []))
            ks.append(k)
            ps.append(place)
        self._parts = [(store, _run(ks), _run(ps)) for store, ks, ps in places.values()]
        self._size = len(parameters)
        self._whole = len(self._parts) == 1 and isinstance(self._parts[0][2], slice)

    def read(self) -> Numbers:
        """The numbers: a view of the store where they lie side by side."""
        if self._whole:
            store, _, places = self._parts[0]
            return store.data[places].reshape(self.shape)
        numbers = np.empty(self._size)
        for store, ks, places in self._parts:
            numbers[ks] = store.data[places]
        return numbers.reshape(self.shape)

    def add_gradient(self, gradient: Numbers) -> None:
        """Add to the parameters' gradients."""
        flat = gradient.reshape(-1)
        for store, ks, places in self._parts:
            store.grad[places] += flat[ks]
            store.reached[places] = True


def _run(numbers: list[int]) -> slice | Numbers:
    """Consecutive numbers as a slice."""
    if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return slice(numbers[0], numbers[0] + len(numbers))
    return np.array(numbers)
