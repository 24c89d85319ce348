"""The backend "auto": native code, or NumPy, by what the program is."""

from __future__ import annotations

from engine.lifting.backends import Backend, NumPy
from engine.lifting.native.size import size_of
from engine.lifting.program import Program

MOST_WRITTEN = 50_000  # scalar operations, which LLVM compiles in one or two seconds
MOSTLY = 0.8  # the share of wide products from which on native code is no faster than BLAS


def chosen() -> Backend:
    """The backend that chooses for each program; NumPy where llvmlite is not installed, or not for this system."""
    try:
        from engine.lifting.native.backend import Native

        return Native(refuse=better_on_numpy)
    except ImportError as error:
        return NumPy(why=str(error).partition(":")[0])


def better_on_numpy(program: Program) -> str:
    """Why auto leaves a program to NumPy; "" where it does not.

    Native code is faster at every size, whether operations stand one by one or in loops, but where products of wide
    matrices are nearly all there is to do: BLAS takes as long for them, and nothing to compile. And LLVM's time grows
    with the operations that are written out one by one. So two counts decide, and nothing is timed: the same program
    always runs in the same way.
    """
    size = size_of(program.arrays)
    if size.written > MOST_WRITTEN:
        return f"{size.written:,} scalar operations to write out, more than the {MOST_WRITTEN:,} auto gives to LLVM"
    if size.in_wide_products > MOSTLY * size.done:
        share = size.in_wide_products / size.done
        return f"{share:.0%} of {size.done:,} scalar operations a row are in products of wide matrices, left to BLAS"
    return ""
