"""What each operation prints of itself, and what its rule computes, proved with SymPy: ``python -m docs.proofs``.

symbolic.py reads rules and formulas with symbols, a case at a time; proving.py states what is to be proved of an
operation, and proves it. The tests refuse deliberate errors with it, and the site shows the proofs.
"""
