"""What `fit` has compiled of a model, kept for the next `fit` of it, which then begins at once.

A compiled function is what its code did when it was traced. So it is kept only where that cannot have changed
meanwhile: of modules and losses of this package, whose results depend on nothing but their attributes; and as long as
those are what they were, as `nn.kept_parameters` finds out, and nobody has put another method into a class.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.primitive import Primitive, primitive_of
from nn.compiling import LossOf, compile_module
from nn.parameters import parameters_of

if TYPE_CHECKING:
    from nn.compiling import CompiledLoss
    from nn.kept_parameters import KeptParameters
    from nn.module import Module


MOST = 8  # models


class Programs(NamedTuple):
    """The compiled functions of a training: of (x, y), of x, and of (x, y, the weight of the pair)."""

    loss: CompiledLoss
    output: CompiledLoss
    weighted_loss: CompiledLoss


class KeptPrograms:
    """Those of a model's last training, as long as it holds what it held then.

    Attributes:
        programs: the programs; None once `MOST` other models have been trained, since they take some megabytes.
    """

    def __init__(self, classes: list[Any], loss: Any, settings: tuple[str, str], programs: Programs) -> None:
        self.classes, self.loss, self.settings = classes, loss, settings
        self.programs: Programs | None = programs
        global _latest
        _latest = [ref for ref in (weakref.ref(self), *_latest) if ref() is not None]
        for ref in _latest[MOST:]:
            kept = ref()
            if kept is not None:
                kept.programs = None
        _latest = _latest[:MOST]

    def hold(self, classes: list[Any], loss: Any, settings: tuple[str, str]) -> bool:
        """Whether the programs are still those of what the model's classes do, and of that loss and settings."""
        same = self.loss is loss and self.settings == settings
        return same and len(self.classes) == len(classes) and all(map(operator.is_, self.classes, classes))


_latest: list[weakref.ref[KeptPrograms]] = []  # the last one first


def programs_of(model: Module, loss: Callable[[Any, Any], Any], backend: str, dtype: str) -> Programs:
    """The compiled functions of a model and a loss: those of its last training if they would be the same."""
    parameters_of(model)  # finds out whether the model is what it was: if not, what is kept of it is another
    of: KeptParameters | None = vars(model)["_kept_parameters"]
    kept = None if of is None else of.programs
    classes = [] if of is None else _in_classes({type(module): None for _, module in of.modules})
    if kept is not None and kept.programs is not None and kept.hold(classes, loss, (backend, dtype)):
        return kept.programs
    programs = Programs(
        model.compile(loss, backend, dtype),
        model.compile(None, backend, dtype),
        compile_module(model, LossOf(model, loss, weighted=True), backend, dtype),
    )
    if of is not None and all(map(_is_ours, (loss, *classes, *_code_in(model)))):
        of.programs = KeptPrograms(classes, loss, (backend, dtype), programs)
    return programs


def _code_in(part: Any) -> Iterator[Any]:
    """The functions in something, and the classes."""
    if isinstance(part, (Primitive, FunctionType, BuiltinFunctionType, type)):
        yield part
    inner: Any = ()
    if isinstance(part, (list, tuple)):
        inner = part
    elif isinstance(part, dict):
        inner = part.values()
    elif hasattr(part, "training"):
        inner = vars(part).values()
    for each in inner:
        yield from _code_in(each)


def _in_classes(kinds: Iterable[type[Any]]) -> list[Any]:
    """Classes, those that they are derived from, and their methods, in whose place others may be put later."""
    derived_from = [each for kind in kinds for each in kind.__mro__[:-1]]
    methods = [each for kind in derived_from for each in vars(kind).values() if hasattr(each, "__get__")]
    return derived_from + methods


def _is_ours(code: Any) -> bool:
    """Whether what it does depends on its arguments and attributes alone: it is of this package, and no closure."""
    primitive = primitive_of(code)
    if primitive is not None:
        return primitive.is_built_in
    if isinstance(code, property):
        code = code.fget
    elif isinstance(code, (classmethod, staticmethod)):
        code = code.__func__
    if isinstance(code, FunctionType):
        closes_over = {*code.__code__.co_freevars} - {"__class__"}
    elif isinstance(code, type):
        closes_over = set()
    else:
        return not callable(code)
    return not closes_over and str(code.__module__).partition(".")[0] in ("engine", "nn")
