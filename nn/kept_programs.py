"""What `fit` has compiled of a model, kept for the next `fit` of it, which then begins at once.

A compiled function is what its code did when it was traced. So it is kept only where that cannot have changed
meanwhile: of modules and losses of this package, whose results depend on nothing but their attributes; and as long as
those are what they were, as `nn.kept_parameters` finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.primitive import Primitive, primitive_of
from nn.compiling import LossOf, compile_module
from nn.parameters import parameters_of

if TYPE_CHECKING:
    from nn.compiling import CompiledLoss
    from nn.kept_parameters import KeptParameters
    from nn.module import Module


class Programs(NamedTuple):
    """The compiled functions of a training: of (x, y), of x, and of (x, y, the weight of the pair)."""

    loss: CompiledLoss
    output: CompiledLoss
    weighted_loss: CompiledLoss


class KeptPrograms:
    """Those of a model's last training. A copy or pickle of the model has none."""

    def __init__(self, of: KeptParameters, loss: Any, settings: tuple[str, str], programs: Programs) -> None:
        self.of, self.loss, self.settings, self.programs = of, loss, settings, programs

    def __deepcopy__(self, _: object) -> None:
        """Nothing."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def programs_of(model: Module, loss: Callable[[Any, Any], Any], backend: str, dtype: str) -> Programs:
    """The compiled functions of a model and a loss: those of its last training if they would be the same."""
    parameters_of(model)  # finds out whether the model is what it was: if not, what is kept of it is another
    of: KeptParameters | None = vars(model)["_kept_parameters"]
    kept: KeptPrograms | None = vars(model).get("_kept_programs")
    if kept is not None and kept.of is of and kept.loss is loss and kept.settings == (backend, dtype):
        return kept.programs
    programs = Programs(
        model.compile(loss, backend, dtype),
        model.compile(None, backend, dtype),
        compile_module(model, LossOf(model, loss, weighted=True), backend, dtype),
    )
    if of is not None and _is_ours(loss) and all(map(_is_ours, _code_in(model))):
        vars(model)["_kept_programs"] = KeptPrograms(of, loss, (backend, dtype), programs)
    return programs


def _code_in(part: Any) -> Iterator[Any]:
    """The classes of the modules in something, and the functions."""
    if isinstance(part, (Primitive, FunctionType, BuiltinFunctionType, type)):
        yield part
    inner: Any = ()
    if isinstance(part, (list, tuple)):
        inner = part
    elif isinstance(part, dict):
        inner = part.values()
    elif hasattr(part, "training"):
        yield type(part)
        inner = vars(part).values()
    for each in inner:
        yield from _code_in(each)


def _is_ours(code: Any) -> bool:
    """Whether what it does depends on its arguments and attributes alone: it is of this package, and no closure."""
    primitive = primitive_of(code)
    if primitive is not None:
        return primitive.is_built_in
    is_code = isinstance(code, type) or (isinstance(code, FunctionType) and code.__closure__ is None)
    return is_code and str(code.__module__).partition(".")[0] in ("engine", "nn")
