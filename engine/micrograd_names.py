"""What a node has for programs written for micrograd: names that draw_dot walks a graph by, and `zero_grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from engine import errors
from engine.graph import leaves
from engine.leaf_arrays import settle

if TYPE_CHECKING:
    from engine.primitive import Primitive, Pullback
    from engine.value import Value


class MicrogradNames:
    """`_prev`, `_op` and `_backward`, to be read; `zero_grad`."""

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

    def zero_grad(self) -> None:
        """Clear the gradients of the leaves that this number was computed from."""
        settle()
        for leaf in leaves(self):  # type: ignore[arg-type]
            leaf._grad = None
