"""Numbers and operations as print has them: a true minus and multiplication sign, powers as powers, no minus zero."""

from __future__ import annotations

import re

MINUS = "\N{MINUS SIGN}"
_SIGNS = {"*": "×", "-": MINUS, "<=": "≤", ">=": "≥", "!=": "≠", "==": "="}
_ZERO = re.compile(r"-(?=[0.,]*(?:e[+-]0+)?%?$)")


def printed_number(number: float, number_format: str) -> str:
    """A number as it is drawn.

    >>> printed_number(-0.5, ".4g"), printed_number(-0.0, ".4g"), printed_number(-0.001, ".2f")
    ('−0.5', '0', '0.00')
    """
    return _ZERO.sub("", format(number, number_format)).replace("-", MINUS)


def printed_symbol(symbol: str) -> tuple[str, str]:
    """How an operation is drawn: its sign, and what stands behind it as a superscript.

    >>> printed_symbol("*"), printed_symbol("**2"), printed_symbol("**"), printed_symbol("tanh")
    (('×', ''), ('x', '2'), ('x', 'y'), ('tanh', ''))
    """
    if symbol.startswith("**"):
        return "x", symbol[2:].replace("-", MINUS) or "y"
    return _SIGNS.get(symbol, symbol), ""
