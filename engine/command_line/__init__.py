"""``python -m engine "tanh(w*x + b)" w=2 x=-1 b=0.5``: the value and the derivatives of an expression.

entry.py is the program, arguments.py reads what it is given. expression.py evaluates an expression that was typed, and
slips.py knows what people type when they mean something else.
"""

from engine.command_line.entry import main, run_as_program

__all__ = ["main", "run_as_program"]
