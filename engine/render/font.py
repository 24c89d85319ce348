"""The font of drawings, wherever it is missing: each text keeps the width that it was laid out with."""

from __future__ import annotations

import html
import re

FONT = "Arial"  # layout programs know its widths
FAMILIES = f"{FONT},Helvetica,Liberation Sans,Arimo,Nimbus Sans,sans-serif"  # all of the same widths, but the last

# Widths in thousandths of the font's size, as in the metrics of Arial and of every font made to its measure
_CHARACTERS = "".join(map(chr, range(32, 127))) + "\xa0×÷·±−…→Σσδαβγθλμπ≤≥"
_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
    "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
    "556 333 500 278 556 500 722 500 500 500 334 260 334 584 278 584 549 278 549 584 1000 1000 618 617 557 578 "
    "575 500 556 500 576 690 549 549"
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 "
    "333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 "
    "611 389 556 333 611 556 778 556 556 500 389 280 389 584 278 584 549 278 549 584 1000 1000 600 684 606 615 "
    "610 556 541 556 612 766 549 549"
)
_WIDTHS = {
    bold: dict(zip(_CHARACTERS, map(int, widths.split()))) for bold, widths in ((False, _REGULAR), (True, _BOLD))
}
_TEXT = re.compile(rf'(<text [^>]*font-family=")({FONT})("[^>]*font-size="([\d.]+)"[^>]*)>([^<]*)<')


def width(text: str, size: float, *, bold: bool = False) -> float | None:
    """How wide a text is, in the unit of the font's size. None if it has characters whose widths are not known here.

    >>> round(width("data", 9.0), 2), width("重", 9.0)
    (17.51, None)
    """
    widths = _WIDTHS[bold]
    if not text or not all(c in widths for c in text):
        return None
    return sum(widths[c] for c in text) * size / 1000.0


def kept(svg: str) -> str:
    """An SVG whose texts have the widths of the font, whatever they are drawn in.

    Where the font, or one like it, is there, nothing changes: a text is as wide as that by itself.
    """
    return _TEXT.sub(_with_width, svg)


def _with_width(match: re.Match[str]) -> str:
    before, _, after, size, content = match.groups()
    found = width(html.unescape(content), float(size), bold='font-weight="bold"' in after)
    length = "" if found is None else f' textLength="{found:.2f}" lengthAdjust="spacingAndGlyphs"'
    return f"{before}{FAMILIES}{after}{length}>{content}<"
