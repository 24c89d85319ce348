"""What every SVG of the project has: it looks the same in any page, reads in light and dark, and says what it shows.

A drawing is made in the colours of style.py, and a style sheet within it puts the dark ones in their places where the
reader's system asks for a dark theme. `<title>` and `<desc>` are what a screen reader says, and the titles of its parts
are what a browser shows where the pointer is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from engine.render import style

# What a picture would inherit from the page that it is put into, as it is without one
NOTHING_INHERITED = (
    "direction:ltr;unicode-bidi:isolate;writing-mode:horizontal-tb;font-style:normal;font-weight:normal;"
    "font-variant:normal;font-stretch:normal;letter-spacing:normal;word-spacing:normal;text-transform:none;"
    "text-shadow:none;print-color-adjust:exact"
)
CLASS = "liftgrad-drawing"  # the style sheet of a picture within a page is for the whole page
_ROOT = re.compile(r"<svg\b[^>]*>")
_ROLE = re.compile(r' (?:style|class|role|aria-label)="[^"]*"')
_PART = re.compile(r'(<g id="([^"]*)" class="[^"]*">)\s*<title>[^<]*</title>')


def dark_theme() -> str:
    """A style sheet that puts the dark colours in the place of the light ones, where a dark theme is asked for."""
    rules = "".join(
        f'.{CLASS} [{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in style.DARK.items()
        for attribute in ("fill", "stroke")
    )
    return f"<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"


def dressed(svg: str, title: str, description: str, parts: Mapping[str, str], *, themed: bool = True) -> str:
    """An SVG with its title, its description, the titles of its parts by their ids, and both themes.

    What is no SVG is returned as it is. A part whose title is not given has none: layout programs
    write names that nobody knows.
    """
    root = _ROOT.search(svg)
    if root is None:
        return svg
    opening = _ROLE.sub("", root[0])
    label = f' role="img" aria-label="{escaped(title)}"' if title else ' role="img"'
    theme = f' class="{CLASS}"' if themed else ""
    opening = f'<svg style="{NOTHING_INHERITED}"{theme}{label}' + opening[len("<svg") :]
    said = [f"<title>{escaped(title)}</title>"] if title else []
    said += [f"<desc>{escaped(description)}</desc>"] if description else []
    said += [dark_theme()] if themed else []

    def part(match: re.Match[str]) -> str:
        found = parts.get(html.unescape(match[2]))
        return match[1] + (f"<title>{escaped(found)}</title>" if found else "")

    return svg[: root.start()] + opening + "".join(said) + _PART.sub(part, svg[root.end() :])


def escaped(text: str) -> str:
    """A text as XML."""
    return html.escape(text).replace("\n", " ")
