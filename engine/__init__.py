"""A scalar autodiff engine: build an expression of Values, look at it, differentiate it."""

from engine.derivatives import derivative, grad, hessian, jvp
from engine.functions import *  # noqa: F403
from engine.functions import __all__ as _functions
from engine.primitives import Primitive, primitive
from engine.recording import detect_anomaly, no_grad
from engine.render import draw
from engine.value import Value

__all__ = [
    "Primitive",
    "Value",
    "derivative",
    "detect_anomaly",
    "draw",
    "grad",
    "hessian",
    "jvp",
    "no_grad",
    "primitive",
    *_functions,
]
