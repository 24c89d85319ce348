"""Looking at a graph: as a picture, or as a page to step through (walkthrough/).

graph_picture.py is what users call; part.py chooses the nodes, elements.py turns them into what is drawn, dot.py writes
that in the DOT language (records.py has its texts and widths) and exports.py in others, and drawing.py has it laid out
by a program of layout_program.py. panels.py puts two graphs beside one another, comparison.py marks what differs in
them. style.py has the colours, svg.py gives every SVG its dark theme and what it says of itself, in the words of
description.py; canvas.py draws without a layout program. text.py shows a graph in a terminal, whose columns terminal.py
knows. names.py has what values are called, formula.py what they come from, typography.py how both are printed.
"""

from engine.render.graph_picture import draw, svg_for_notebook, to_svg

__all__ = ["draw", "svg_for_notebook", "to_svg"]
