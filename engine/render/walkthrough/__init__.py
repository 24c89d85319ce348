"""A page that steps through the forward and the adjoint pass of a graph: one HTML file, which needs nothing else.

page.py is what users call: it fills page.html, whose inner part is steps.html. javascript.py turns primitives into
JavaScript by calling their own rules, layout.py has the graph laid out, and folding.py its layers folded. What runs in
the page are the JavaScript files beside them, in the order of `page.SCRIPTS`, after special.js and what javascript.py
writes; page.css is its look, in the colours of theme.css.
"""

from engine.render.walkthrough.page import walkthrough

__all__ = ["walkthrough"]
