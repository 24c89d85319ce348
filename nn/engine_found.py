"""The package `engine` that `nn` is built on: whether it is what Python finds by that name."""

import engine

if not hasattr(engine, "Value"):
    _where = getattr(engine, "__file__", None) or next(iter(engine.__path__))
    raise ImportError(
        f"nn needs the package engine that is installed with it, but Python finds {_where} first. If that is a file of "
        "your own, rename it. If it is of another package, install only one of the two into an environment.",
        name="engine",
        path=_where,
    )
