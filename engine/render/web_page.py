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
