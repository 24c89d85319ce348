"""Graphs as mathematics: the formula of a Value, as Python, as LaTeX, for SymPy; its derivative, simplified.

Everything goes through Python's own syntax trees (`ast`). notation.py says how an operation is written, as its
declaration in `engine.primitives` has it; statements.py which parts of a graph get a name and a line of their own.
expression.py writes text, latex.py LaTeX, sympy_form.py hands the graph to SymPy. algebra.py computes with sums of
products, simplification.py brings a graph into them, and formula.py is what `formula_of` gives. program.py is for what
the compiler writes, function_plot.py draws functions.
"""

from engine.mathematics.formula import Formula, formula_of
from engine.mathematics.function_plot import Plot, plot

__all__ = ["Formula", "Plot", "formula_of", "plot"]
