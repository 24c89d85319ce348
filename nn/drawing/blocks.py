"""Any module by its structure: a box for each module, the modules within it inside, in the order of assignment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.readable import readable
from engine.render import style
from engine.render.canvas import Canvas, text_width
from nn.summary import ModuleRow, rows_of

if TYPE_CHECKING:
    from nn.module import Module

MARGIN, PAD, GAP, LINE_HEIGHT = 14.0, 10.0, 8.0, 16.0
LONGEST = 60  # characters of a module's repr


@dataclass
class ModuleBox:
    """A module, and those within it."""

    row: ModuleRow
    inner: list[ModuleBox] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """What it says below its name: its own parameters."""
        own = ", ".join([f"{name} {shape}".strip() for name, shape in self.row.own])
        count = f"{self.row.parameters:,} parameter{'s'[: self.row.parameters != 1]}"
        return [f"{own}: {count}" if own else count]

    @property
    def heading(self) -> str:
        """Its name and its class."""
        place = self.row.name.rpartition(".")[2]
        return f"{place}: {readable(self.row.kind, LONGEST)}" if place else readable(self.row.kind, LONGEST)

    @property
    def width(self) -> float:
        """How wide it is drawn."""
        own = [text_width(self.heading, 12.0, bold=True), *(text_width(line, 10.0) for line in self.lines)]
        return max(*own, *(block.width for block in self.inner)) + 2 * PAD

    @property
    def height(self) -> float:
        """How high it is drawn."""
        own = 2 * PAD + LINE_HEIGHT * (1 + len(self.lines)) - 4
        return own + sum(block.height + GAP for block in self.inner)


def drawn(module: Module, title: str) -> str:
    """The module as SVG."""
    rows = rows_of(module)
    blocks = {row.name: ModuleBox(row) for row in rows}
    for name, block in blocks.items():
        if name:
            owner = name.rpartition(".")[0]
            while owner and owner not in blocks:  # a list or a dict in between
                owner = owner.rpartition(".")[0]
            blocks[owner].inner.append(block)
    root = blocks[""]
    canvas, parts = Canvas(), {}

    def draw(block: ModuleBox, left: float, top: float, width: float, depth: int) -> None:
        name = f"module-{block.row.name or 'model'}"
        parts[name] = f"{block.row.name or 'the model'}: {block.row.kind}, {', '.join(block.lines)}"
        canvas.open(name, "module")
        fill = style.GIVEN if not block.inner else style.PAPER if depth % 2 else style.RESULT
        stroke = style.GIVEN_LINE if not block.inner else style.LINE
        canvas.rectangle(left, top, width, block.height, fill=fill, stroke=stroke)
        y = top + PAD + 8
        canvas.text(left + PAD, y, block.heading, bold=True, size=12.0)
        for line in block.lines:
            y += LINE_HEIGHT
            canvas.text(left + PAD, y, line, size=10.0, colour=style.QUIET)
        y += LINE_HEIGHT / 2 + 2
        for inner in block.inner:
            draw(inner, left + PAD, y, width - 2 * PAD, depth + 1)
            y += inner.height + GAP
        canvas.close()

    draw(root, MARGIN, MARGIN, root.width, 0)
    said = "; ".join(f"{row.name or 'the model'}: {row.kind}" for row in rows)
    return canvas.svg(root.width + 2 * MARGIN, root.height + 2 * MARGIN, title, said, parts)
