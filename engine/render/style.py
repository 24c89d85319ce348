"""How drawings look.

A role shows in the shape and the border as well as in the colour. Text has a contrast of more than 5.5:1 against
what it stands on. The two hues, blue for values that are given and orange for adjoints, are told apart with any colour
vision. The background is opaque: it goes dark with the rest of the drawing, wherever that stands.
"""

from __future__ import annotations

from engine.render.font import FONT

INK = "#1c2733"
QUIET = "#4a5763"  # captions, and what is between values
LINE = "#7b8894"
PAPER = "#ffffff"
GIVEN, GIVEN_LINE = "#e3effa", "#2166ac"
RESULT, RESULT_LINE = "#f4f5f6", "#1c2733"
DIFFERENT, DIFFERENT_LINE = "#fbf3cf", "#7a6100"
ADJOINT, ADJOINT_PAPER, ADJOINT_LINE = "#8a3a06", "#fdf1e7", "#c4672b"

# What stands in their places where the reader's system asks for a dark theme, with the same contrast
DARK = {
    INK: "#e6edf3",
    QUIET: "#aeb9c4",
    LINE: "#7f8c99",
    PAPER: "#12181f",
    GIVEN: "#15304b",
    GIVEN_LINE: "#5b9fe0",
    RESULT: "#1d252e",
    DIFFERENT: "#38300f",
    DIFFERENT_LINE: "#d9b82f",
    ADJOINT: "#ffb98a",
    ADJOINT_PAPER: "#382314",
    ADJOINT_LINE: "#dd8a52",
    "#e6e9ec": "#2a343f",  # what is between values
    "#d5dade": "#36424e",  # frames
}

GRAPH = {
    "bgcolor": PAPER,
    "fontname": FONT,
    "fontcolor": QUIET,
    "fontsize": "11",
    "nodesep": "0.16",
    "ranksep": "0.32",
    "pad": "0.15",
}
# Above so many elements, straight edges and a short search for fewer crossings: a tangled graph of 500 nodes is laid
# out in about a second then, and in a minute otherwise.
LARGE = 100
LARGE_GRAPH = {"splines": "line", "nslimit": "1", "mclimit": "0.2", "outputorder": "edgesfirst"}
NODE = {
    "fontname": FONT,
    "fontsize": "12",
    "fontcolor": INK,
    "color": LINE,
    "fillcolor": PAPER,
    "style": "filled,rounded",
    "shape": "box",
    "penwidth": "1.1",
    "margin": "0.02,0",
    "height": "0.3",
}
EDGE = {
    "fontname": FONT,
    "fontsize": "10",
    "fontcolor": INK,
    "color": LINE,
    "penwidth": "1.1",
    "arrowsize": "0.6",
}

RECORD: dict[str, dict[str, str]] = {
    "inner": {},
    "leaf": {"style": "filled", "fillcolor": GIVEN, "color": GIVEN_LINE},
    "parameter": {"style": "filled", "shape": "note", "fillcolor": GIVEN, "color": GIVEN_LINE},
    "output": {"fillcolor": RESULT, "color": RESULT_LINE, "peripheries": "2"},
    "constant": {"shape": "plain", "style": "", "fontcolor": QUIET, "height": "0"},
}
OPERATION = {
    "shape": "ellipse",
    "style": "filled",
    "fillcolor": "#e6e9ec",
    "color": "#e6e9ec",
    "fontcolor": INK,
    "margin": "0.05,0.02",
    "width": "0.3",
    "height": "0.3",
}
# What is marked has a broken, thick border, and is told in its title
MARKED = {
    "old": {"style": "filled,rounded,dashed", "color": ADJOINT_LINE, "penwidth": "2"},
    "differs": {"style": "filled,rounded,dashed", "color": DIFFERENT_LINE, "fillcolor": DIFFERENT, "penwidth": "2.2"},
}
UNSEEN = {"shape": "ellipse", "style": "dashed", "fontcolor": QUIET, "width": "0.3", "height": "0.3", "margin": "0"}
UNSEEN_EDGE = {"style": "dashed"}
ADJOINT_NODE = {"color": ADJOINT_LINE, "fillcolor": ADJOINT_PAPER, "fontcolor": ADJOINT}
ADJOINT_OPERATION = {"color": ADJOINT_PAPER, "fillcolor": ADJOINT_PAPER, "fontcolor": ADJOINT}
ADJOINT_EDGE = {"color": ADJOINT_LINE, "fontcolor": ADJOINT}
CLUSTER = {"labeljust": "l", "color": "#d5dade", "style": "rounded", "margin": "10"}
