"""A page in which a model learns before one's eyes: one HTML file, which needs nothing else.

training_program.py lifts the loss into arrays and writes it as JavaScript (array_loops.py, views.py); units.py finds
the neurons; straight_line.py writes small exact programs scalar by scalar; update_rules.py writes the optimizers.
templates.py writes programs whose sizes and activations are open (placeholders.py): with them the page changes a
network. point_graph.py has the graph of one point, which walkthrough's scripts step through. page.py fills page.html.
What runs in the page are the JavaScript files beside them, after what is written here. Numbers, parts of the document
and the style are walkthrough's.
"""
