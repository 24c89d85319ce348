"""The builder of the project's site: ``python -m docs.site`` writes it into build/site.

Nothing here is needed to use the engine. It takes pages written in Markdown, runs their snippets, sets their
mathematics, and puts Python itself beside them (Pyodide), so that the pages run in a browser.
"""
