"""A scalar autodiff engine: build an expression of Values, look at it, differentiate it."""

import builtins

from engine.compilation import compile as compile
from engine.derivatives import derivative, grad, hessian, jvp
from engine.explanation import explain
from engine.functions import *  # noqa: F403
from engine.functions import __all__ as _functions
from engine.gradcheck import gradcheck
from engine.mathematics import formula_of, plot
from engine.operand import Operand
from engine.primitives import Primitive, primitive
from engine.recording import detect_anomaly, no_grad
from engine.render import draw
from engine.value import Value

__all__ = [
    "Operand",
    "Primitive",
    "Value",
    "derivative",
    "detect_anomaly",
    "draw",
    "explain",
    "formula_of",
    "grad",
    "gradcheck",
    "hessian",
    "jvp",
    "no_grad",
    "plot",
    "primitive",
    # Not the ones Python has too: `from engine import *` leaves its abs, sum, max, min and compile alone.
    *(name for name in _functions if not hasattr(builtins, name)),
]
