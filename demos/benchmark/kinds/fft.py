"""The fast Fourier transform (Cooley, Tukey 1965), recursive, of a signal in a window; its power, weighed."""

from __future__ import annotations

import cmath
from typing import Any

import numpy as np

TITLE = "FFT 64"
SIZE = {"n": 64}
SMALL = {"n": 8}

Complex = tuple[Any, Any]


def problem(rng: Any, rows: int, *, n: int) -> Any:
    return {"w": rng.uniform(0.5, 1.5, size=n)}, (rng.normal(size=(rows, n)), rng.uniform(size=(rows, n)))


def transform(signal: list[Complex]) -> list[Complex]:
    """The transform of (real, imaginary) pairs, as many as a power of 2."""
    n = len(signal)
    if n == 1:
        return signal
    even, odd = transform(signal[::2]), transform(signal[1::2])
    first, second = [], []
    for k, ((a, b), (c, d)) in enumerate(zip(even, odd)):
        turn = cmath.exp(-2j * cmath.pi * k / n)
        re, im = turn.real * c - turn.imag * d, turn.real * d + turn.imag * c
        first.append((a + re, b + im))
        second.append((a - re, b - im))
    return first + second


def scalar(p: Any, x: Any, weights: Any) -> Any:
    spectrum = transform([(w * x_k, 0.0) for w, x_k in zip(p["w"], x)])
    return sum(t * (re * re + im * im) for t, (re, im) in zip(weights, spectrum)) / len(x)


def by_hand(p: Any, x: Any, weights: Any) -> Any:
    spectrum = np.fft.fft(p["w"] * x)
    power = spectrum.real**2 + spectrum.imag**2
    gradient = 2.0 / len(x) * (np.fft.ifft(weights * spectrum).real * x).sum(0)
    return (weights * power).mean(), {"w": gradient}


def in_jax(p: Any, x: Any, weights: Any) -> Any:
    import jax.numpy as jnp

    spectrum = jnp.fft.fft(p["w"] * x)
    return (weights * (spectrum.real**2 + spectrum.imag**2)).mean()
