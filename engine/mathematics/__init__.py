"""Graphs as mathematics: the formula of a Value, as Python, as LaTeX, for SymPy; its derivative, simplified.

Everything goes through Python's own syntax trees (`ast`). notation.py says how an operation is written, as its
declaration in `engine.primitives` has it; graph_lines.py which parts of a graph get a name and a line of their own.
python_text.py writes Python, latex.py LaTeX, sympy_form.py hands the graph to SymPy. algebra.py computes with sums of
products, simplification.py brings a graph into them, and simplified_formula.py is what `formula_of` gives.
program_equations.py is for what the compiler writes, function_plot.py draws functions, wrapping.py breaks lines.
"""

from engine.mathematics.function_plot import Plot, plot
from engine.mathematics.simplified_formula import SimplifiedFormula, formula_of

__all__ = ["Plot", "SimplifiedFormula", "formula_of", "plot"]
