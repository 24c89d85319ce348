"""Showing what was written: in the notebook, or in the viewer of this machine where there is a screen.

The environment variable ``LIFTGRAD_OPEN=0`` keeps everything closed, for scripts and tests.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from engine import files

if TYPE_CHECKING:
    from engine.value import Value

SWITCH = "LIFTGRAD_OPEN"
PNG_DPI = 192  # twice a screen's, so that a picture is sharp on paper and on a dense screen


class Written(str):
    """The path of a file that was written; a notebook shows its content."""

    content = ""

    def _repr_html_(self) -> str | None:
        if not self.content:
            return None
        import html

        return (
            f'<iframe srcdoc="{html.escape(self.content)}" title="{html.escape(self)}" '
            'style="width:100%;height:720px;border:0"></iframe>'
        )


def has_screen() -> bool:
    """Whether there is a screen to open a window on, and nobody said not to."""
    if os.environ.get(SWITCH) == "0":
        return False
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_notebook() -> bool:
    """Whether this runs in a notebook's kernel, which shows what a cell ends with."""
    shell = sys.modules.get("IPython")
    return shell is not None and "IPKernelApp" in getattr(shell.get_ipython(), "config", {})


def open_file(path: str) -> bool:
    """Open a file in the viewer for its kind; whether that was done. Else standard error says where it is."""
    if has_screen():
        import webbrowser
        from pathlib import Path

        try:
            if webbrowser.open(Path(path).resolve().as_uri()):
                return True
        except (webbrowser.Error, OSError):
            pass
    print(f"written to {path}: open it in a browser (there is no screen to open it on here)", file=sys.stderr)
    return False


def temporary(name: str) -> str:
    """A path for a file of that name in a new folder, which stays until the system clears such folders."""
    return os.path.join(tempfile.mkdtemp(prefix="liftgrad-"), name)


def view(v: Value, **options: Any) -> str:
    """Draw a Value's graph as an SVG file in a temporary folder, open it, and return its path."""
    from engine.render import to_svg

    path = to_svg(v, temporary("graph.svg"), **options)
    open_file(path)
    return path


def to_png(v: Value, path: str | os.PathLike[str], **options: Any) -> str:
    """Write the drawing of a Value's graph as a PNG file, twice as fine as a screen, and return its path.

    ValueError for the name of another format, OSError where it cannot be written.
    """
    name, suffix = os.path.splitext(os.fsdecode(path))
    if suffix.lower() not in ("", ".png"):
        raise ValueError(
            f"to_png writes PNG, and {name}{suffix} is the name of another format: end it in .png, or write that with "
            f"v.draw().render(outfile={name + suffix!r}, cleanup=True)"
        )
    from engine.render import draw

    picture = draw(v, **options)
    picture.attr(dpi=str(PNG_DPI))
    return files.write(path, picture.pipe(format="png"))
