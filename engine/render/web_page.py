"""What the pages share: their theme, and how scripts, styles and data get into a template."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from importlib import resources
from string import Template
from typing import Any


def asset(package: str, name: str) -> str:
    """The text of a file beside a package's modules, wherever it is: in a zip too."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def theme() -> str:
    """The colours of every page, light and dark, as CSS."""
    return asset("engine.render", "theme.css")


def theme_script() -> str:
    """The script that follows the system's theme, and the button for the other one."""
    return asset("engine.render", "theme.js")


ICONS = {
    "first": '<path d="M3 3v10M13 3 6 8l7 5z" />',
    "back": '<path d="M11.5 3 4.5 8l7 5z" />',
    "play": '<path class="play" d="M4 2.5v11L13.5 8z" /><path class="pause" d="M5 3v10M11 3v10" />',
    "next": '<path d="m4.5 3 7 5-7 5z" />',
    "last": '<path d="M13 3v10M3 3l7 5-7 5z" />',
}


def icon_button(icon: str, name: str, label: str, title: str) -> str:
    """A button of a player, with its id, what it is called, and what is said of it."""
    return (
        f'<button type="button" id="{name}" class="{icon}" aria-label="{label}" title="{title}">'
        f'<svg viewBox="0 0 16 16" aria-hidden="true">{ICONS[icon]}</svg></button>'
    )


def filled(template: str, style: str, script: str, **places: str) -> str:
    """A page: the template with the theme and this style, and a script that its content policy knows by the hash."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Template(template).substitute(style=theme() + style, script=script, script_hash=digest, **places)


def script_json(thing: Any) -> str:
    """JSON in a script element, which no text in it can end. A number that JSON lacks is an object."""
    written = json.dumps(_encoded(thing), allow_nan=False, separators=(",", ":"))
    return written.replace("<", "\\u003c").replace(">", "\\u003e")


def _encoded(thing: Any) -> Any:
    if isinstance(thing, float):
        if not math.isfinite(thing):
            return {"number": repr(thing)}
        return int(thing) if thing.is_integer() and abs(thing) < 1e15 and math.copysign(1, thing) > 0 else thing
    if isinstance(thing, dict):
        return {key: _encoded(part) for key, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [_encoded(part) for part in thing]
    return thing
