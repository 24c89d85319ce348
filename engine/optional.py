"""What is said where an optional package cannot be imported: that it is absent only if it is."""

from __future__ import annotations


def import_failed(error: ImportError, package: str, needed_for: str, install: str) -> ImportError:
    """The error to raise instead of `error`, which importing something that needs `package` raised.

    A package that is there may fail too: it misses another, was built for another Python, or is hidden by a file of the
    same name beside the program. Installing it again would not help, so then the error is told as it is.

    >>> import_failed(ModuleNotFoundError("No module named 'x'", name="x"), "x", "drawing", "pip install x")
    ImportError('drawing needs the package x: pip install x')
    >>> import_failed(ImportError("libx.so: no such file", name="x.core"), "x", "drawing", "pip install x")
    ImportError('drawing needs the package x, which is there but cannot be imported: libx.so: no such file')
    """
    if isinstance(error, ModuleNotFoundError) and error.name == package:
        return ImportError(f"{needed_for} needs the package {package}: {install}", name=package)
    hint = ""
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.startswith(f"{package}."):
        hint = f"; is a file of your own called {package}.py?"
    return ImportError(
        f"{needed_for} needs the package {package}, which is there but cannot be imported: {error}{hint}",
        name=error.name,
    )
