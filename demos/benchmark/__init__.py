"""How fast the engine is, beside others, in one process: ``python -m demos.benchmark``.

A section is a module with a TITLE and a function `lines(quick)` that measures and yields the lines of its report.
"""
