"""The names that a node has in micrograd, for functions such as draw_dot that walk a graph themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from engine import errors

if TYPE_CHECKING:
    from engine.primitive import Primitive, Pullback
    from engine.value import Value


class MicrogradNames:
    """`_prev`, `_op` and `_backward`, to be read."""

    __slots__ = ()

    if TYPE_CHECKING:
        _parents: tuple[Value, ...]
        op: Primitive | None
        pullback: Pullback | None

    @property
    def _prev(self) -> set[Value]:
        """The parents as a set, as in micrograd."""
        return {*self._parents}

    @property
    def _op(self) -> str:
        """How the operation is written, as in micrograd: '+', '*', 'tanh'; '' for a leaf."""
        return "" if self.op is None else self.op.symbol

    @property
    def _backward(self) -> Pullback | None:
        """The pullback. It cannot be assigned: a derivative of one's own is a primitive."""
        return self.pullback

    @_backward.setter
    def _backward(self, _: NoReturn) -> None:
        raise AttributeError(errors.no_backward_by_hand())
