"""Where CPython and NumPy keep things in their objects, which native code reads without asking Python.

Lists, tuples and numbers are read by Python's own functions. What is read from memory is the type of an object, and of
an array its numbers and its shape.
"""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
import sysconfig
from typing import Any

import numpy as np

TYPE = 8  # of any object, in bytes from where it begins, on machines of 64 bits
DATA, AXES, LENGTHS, DTYPE, FLAGS = 16, 24, 32, 56, 64  # of an array
IN_ORDER = 0x101  # its flags: one row after the other, and aligned


@functools.cache
def are_known() -> bool:
    """Whether objects lie in memory as this file has it, and change only while one holds the interpreter's lock.

    Else nothing is read from them: under another Python than CPython, one without that lock, or one with other objects.
    """
    is_usual = sys.implementation.name == "cpython" and struct.calcsize("P") == 8
    if not is_usual or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    number, whole, array = 1.25, 7, np.zeros((3, 5))
    reversed_rows, single = array[::-1], array.astype(np.float32)
    things = [number, whole, [number], (number,), array, np.float64(1.0), None]
    return all(_word(thing, TYPE) == id(type(thing)) for thing in things) and (
        [_word(array, DATA), _half(array, AXES), _word(array, DTYPE)] == [array.ctypes.data, 2, id(np.dtype(float))]
        and [_at(_word(array, LENGTHS) + 8 * axis) for axis in range(2)] == [3, 5]
        and _word(reversed_rows, DATA) == reversed_rows.ctypes.data
        and _word(single, DTYPE) == id(np.dtype(np.float32))
        and [_half(each, FLAGS) & IN_ORDER == IN_ORDER for each in (array, reversed_rows)] == [True, False]
    )


def address_of(function: Any) -> int:
    """Where a function of C is."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _word(thing: object, place: int) -> int:
    return _at(id(thing) + place)


def _at(address: int) -> int:
    return ctypes.c_int64.from_address(address).value


def _half(thing: object, place: int) -> int:
    return ctypes.c_int32.from_address(id(thing) + place).value
