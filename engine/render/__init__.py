"""Looking at a graph: as a picture, or as a page to step through (walkthrough/).

picture.py is what users call; part.py chooses the nodes, elements.py turns them into what is drawn, dot.py writes that
in the DOT language in the style of style.py, and drawing.py has it laid out by the program that program.py finds.
text.py and chain_rule.py show it in a terminal. names.py has what values are called, formula.py what they come from.
"""

from engine.render.picture import draw, svg_for_notebook, to_svg

__all__ = ["draw", "svg_for_notebook", "to_svg"]
