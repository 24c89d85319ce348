"""Things to run: python -m demos.graphs, and more."""
