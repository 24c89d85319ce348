"""The backend "auto": native code, or NumPy, by what the program is."""

from __future__ import annotations

from engine.lifting.backends import Backend, NumPy
from engine.lifting.native.size import scalar_operations
from engine.lifting.program import Program

MOST_OPERATIONS = 20_000  # which LLVM compiles in about two seconds


def chosen() -> Backend:
    """The backend that chooses for each program; NumPy where llvmlite is not installed, or not for this system."""
    try:
        from engine.lifting.native.backend import Native

        return Native(refuse=too_large)
    except ImportError as error:
        return NumPy(why=str(error).partition(":")[0])


def too_large(program: Program) -> str:
    """Why auto leaves a program to NumPy; "" where it does not.

    Native code is faster at every size but where matrix products are nearly all there is to do, which are better left
    to BLAS, and its compile time grows with the number of scalar operations, NumPy's with that of array operations. A
    program of very many scalar operations has wide arrays in nearly all cases. So their number decides, and nothing
    is timed: the same program always runs in the same way.
    """
    operations = scalar_operations(program.arrays)
    if operations <= MOST_OPERATIONS:
        return ""
    return f"{operations:,} scalar operations a row, more than the {MOST_OPERATIONS:,} that auto gives to LLVM"
