"""The type of what a network gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import Value

if TYPE_CHECKING:

    class Output(Value, list[Value]):  # type: ignore[misc]
        """What calling an `MLP` or a `Layer` gives: a Value if there is one output, else a list of them.

        How many there are is known when the model is made, and not to a type checker. So for a checker, and for an
        editor's completion, an output is both; when the program runs it is one or the other.
        """

else:
    Output = Any
