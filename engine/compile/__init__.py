"""Lifting a scalar graph into array form, and running it at array speed.

A graph goes through `trace`, `tape` (flat and simplified), `lift` (arrays and their adjoints), `emit` (Python text) and
runs on one of the `backends`.
"""

from engine.compile.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
