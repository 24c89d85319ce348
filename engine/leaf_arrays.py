"""What compiled code keeps of leaves between its calls, so that it need not go through them one by one every time.

A leaf's number and gradient are in its Value. Compiled code needs arrays, and gathering a few hundred numbers takes
longer than computing with them. So it keeps the arrays (`engine.lifting.parameters`), and eager code says when they are
out of date. All three tables are empty where nothing is compiled: there eager code pays for a look at an empty dict.

Whoever writes a leaf does so first and empties the table afterwards; whoever keeps an array enters it first and fills
it afterwards. So an array is never kept that another thread has just made out of date.
"""

from __future__ import annotations

import threading
from typing import Any

gathered: dict[int, Any] = {}  # the leaves' numbers; emptied when the number of a leaf is written
cleared: dict[int, Any] = {}  # leaves without a gradient; emptied when a leaf gets one
waiting: dict[int, Any] = {}  # gradients that the leaves do not have yet: `settle` before looking at one

moving = threading.RLock()  # held while gradients go from arrays into leaves, or the other way


def settle() -> None:
    """Give the leaves the gradients that wait for them."""
    with moving:
        for key, parameters in [*waiting.items()]:
            parameters.deliver()
            del waiting[key]
