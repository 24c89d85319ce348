"""A drawn graph in the languages of papers and of other programs: TikZ, Mermaid and GraphML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.render.elements import Element
from engine.render.names import visible
from engine.render.typography import MINUS, printed_number, printed_symbol

Written = Callable[[float], str]

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "θ": "theta", "λ": "lambda", "μ": "mu", "π": "pi",
    "σ": "sigma", "Σ": "Sigma", "Π": "Pi", "Δ": "Delta", "η": "eta", "ε": "epsilon", "ω": "omega", "φ": "phi",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "#": r"\#", "&": r"\&", "%": r"\%",
    "$": r"\$", "~": r"\~{}", "<": "$<$", ">": "$>$", MINUS: "$-$", "×": r"$\times$", "·": r"$\cdot$", "…": r"\dots{}",
    "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "\n": " ",
    **{letter: rf"$\{name}$" for letter, name in _GREEK.items()},
    **{letter: rf"\textsuperscript{{{digit}}}" for letter, digit in _SUPERSCRIPTS.items()},
}  # fmt: skip
TIKZ_STYLES = r"""  value/.style={draw, rounded corners=2pt, font=\footnotesize, inner sep=3pt},
  inner/.style={value}, output/.style={value, double}, leaf/.style={value, sharp corners, fill=blue!10},
  parameter/.style={leaf, thick}, constant/.style={font=\footnotesize, inner sep=2pt},
  op/.style={draw=none, circle, fill=black!10, font=\footnotesize, inner sep=2pt},
  edge/.style={-{Stealth[length=4pt]}, draw=black!60},
  slope/.style={midway, above, font=\scriptsize},"""
MERMAID_STYLES = """  classDef leaf fill:#e3effa,stroke:#2166ac,color:#1c2733
  classDef parameter fill:#e3effa,stroke:#2166ac,color:#1c2733,stroke-width:2px
  classDef output fill:#f4f5f6,stroke:#1c2733,color:#1c2733,stroke-width:3px
  classDef inner fill:#ffffff,stroke:#7b8894,color:#1c2733
  classDef constant fill:none,stroke:none
  classDef op fill:#e6e9ec,stroke:none,color:#1c2733"""


def tikz(
    drawn: Sequence[Element],
    places: Mapping[str, tuple[float, float]],
    number_format: str,
    *,
    derivatives: bool,
) -> str:
    r"""A `tikzpicture`: every node where a layout program put it. It needs \usetikzlibrary{arrows.meta}.

    Args:
        drawn: the elements.
        places: (x, y) in inches for each node of the drawing.
        number_format: how numbers are written.
        derivatives: whether the local derivatives stand on the edges.
    """

    def number(value: float) -> str:
        return printed_number(value, number_format)

    lines = [r"% \usepackage{tikz} \usetikzlibrary{arrows.meta}", r"\begin{tikzpicture}[x=1in, y=1in,", TIKZ_STYLES]
    lines[-1] = lines[-1].rstrip(",") + "]"
    for element in drawn:
        i = element.index
        x, y = places[f"n{i}"]
        lines.append(rf"  \node[{element.role}] (n{i}) at ({x:.3f}, {y:.3f}) {{{_latex_record(element, number)}}};")
        if element.symbol is not None:
            x, y = places[f"o{i}"]
            sign, power = printed_symbol(element.symbol)
            written = latex(sign) + (rf"\textsuperscript{{{latex(power)}}}" if power else "")
            lines.append(rf"  \node[op] (o{i}) at ({x:.3f}, {y:.3f}) {{{written}}};")
    for source, target, slope in edges(drawn, derivatives=derivatives):
        label = "" if slope is None else rf" node[slope] {{{latex(number(slope))}}}"
        lines.append(rf"  \draw[edge] ({source}) --{label} ({target});")
    return "\n".join([*lines, r"\end{tikzpicture}", ""])


def mermaid(drawn: Sequence[Element], direction: str, number_format: str, *, derivatives: bool) -> str:
    """A Mermaid flowchart, as Markdown on many sites shows it."""

    def number(value: float) -> str:
        return printed_number(value, number_format)

    lines = [f"flowchart {'TB' if direction == 'TB' else direction}"]
    for element in drawn:
        i = element.index
        record = "<br/>".join(_mermaid(text) for text in _record(element, number))
        lines.append(f'  n{i}["{record}"]:::{element.role}')
        if element.symbol is not None:
            sign, power = printed_symbol(element.symbol)
            lines.append(f'  o{i}(("{_mermaid(sign)}{f"<sup>{_mermaid(power)}</sup>" if power else ""}")):::op')
    for source, target, slope in edges(drawn, derivatives=derivatives):
        label = "" if slope is None else f'|"{_mermaid(number(slope))}"|'
        lines.append(f"  {source} -->{label} {target}")
    return "\n".join([*lines, MERMAID_STYLES, ""])


def graphml(drawn: Sequence[Element]) -> str:
    """GraphML: a node for each value, with exact numbers, and an edge from each operand to what is computed from it."""
    keys = {"role": "node", "label": "node", "operation": "node", "data": "node", "grad": "node"}
    edge_keys = {"operand": "int", "derivative": "double"}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for key in keys:
        kind = "double" if key in ("data", "grad") else "string"
        lines.append(f'  <key id="{key}" for="node" attr.name="{key}" attr.type="{kind}"/>')
    for key, kind in edge_keys.items():
        lines.append(f'  <key id="{key}" for="edge" attr.name="{key}" attr.type="{kind}"/>')
    lines.append('  <graph edgedefault="directed">')
    for element in drawn:
        said = {
            "role": element.role,
            "label": None if element.label is None else visible(element.label),
            "operation": None if element.op is None else element.op.name,
            "data": _exact(element.data),
            "grad": None if element.grad is None else _exact(element.grad),
        }
        data = "".join(f'<data key="{key}">{escape(text)}</data>' for key, text in said.items() if text is not None)
        lines.append(f"    <node id={quoteattr(f'n{element.index}')}>{data}</node>")
    for element in drawn:
        slopes = element.contributions(1.0)
        for k, operand in enumerate(element.operands):
            if operand is not None:
                data = f'<data key="operand">{k}</data><data key="derivative">{_exact(slopes[k])}</data>'
                lines.append(f'    <edge source="n{operand}" target="n{element.index}">{data}</edge>')
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def edges(drawn: Sequence[Element], *, derivatives: bool) -> list[tuple[str, str, float | None]]:
    """(from, to, local derivative) for every arrow of the drawing."""
    found: list[tuple[str, str, float | None]] = []
    for element in drawn:
        if element.symbol is None:
            continue
        slopes = element.contributions(1.0) if derivatives else ()
        for k, operand in enumerate(element.operands):
            if operand is not None:
                has_slope = derivatives and drawn[operand].role != "constant"
                found.append((f"n{operand}", f"o{element.index}", slopes[k] if has_slope else None))
        found.append((f"o{element.index}", f"n{element.index}", None))
    return found


def latex(text: str) -> str:
    """A text as LaTeX sets it."""
    return "".join([_LATEX.get(c, c) for c in visible(text)])


def _record(element: Element, number: Written) -> list[str]:
    if element.role == "constant":
        return [number(element.data)]
    grad = [] if element.grad is None else [f"grad {number(element.grad)}"]
    return [*([visible(element.label)] if element.label else []), f"data {number(element.data)}", *grad]


def _latex_record(element: Element, number: Written) -> str:
    texts = [latex(text) for text in _record(element, number)]
    if element.label and element.role != "constant":
        texts[0] = rf"\textbf{{{texts[0]}}}"
    return r"\enspace ".join(texts)


def _mermaid(text: str) -> str:
    """A text within a quoted label: what Mermaid would read as something else is written by its code."""
    return "".join([c if c.isalnum() or c in " .,+=()[]" or ord(c) > 127 else f"#{ord(c)};" for c in text])


def _exact(number: float) -> str:
    """A number as XML Schema writes a double."""
    return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(number), repr(number))
