"""Looking at a graph in a terminal: as a tree of lines.

The result stands at the top, under each node the operands it was computed from. A graph is not a tree: a node that is
used more than once gets a number and is spelled out at its first place alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.forward_pass import old_numbers
from engine.given_names import names_of
from engine.graph import topological_order
from engine.leaf_arrays import settle
from engine.readable import readable
from engine.render.terminal import Text, aligned, clipped, display_width, spelled
from engine.value import Constant, Value

MAX_LINES = 60  # about a screen or two
NUMBER_FORMAT = ".6g"
NARROWEST = 14  # columns that a node's place in the tree and its name get in any case
_BRANCH, _LAST, _PASSING, _NOTHING = "├─ ", "└─ ", "│  ", "   "
_LEFT_OUT = "…"


class Line(NamedTuple):
    """One line of the tree.

    Attributes:
        branches: the lines of the tree in front of the node.
        node: the node that stands there; None in place of operands left out.
        again: whether the node has been shown further up.
        left_out: how many operands there is no room for: of this node, or those in whose place the line stands.
    """

    branches: str
    node: Value | None
    again: bool = False
    left_out: int = 0


def tree(
    value: Value, *, width: int | None = None, max_lines: int = MAX_LINES, number_format: str = NUMBER_FORMAT
) -> str:
    """The graph as a tree of lines with the data and gradient of each node; of a large one the part nearest the result.

    A node that is used more than once is marked ``#1``, ``#2``, ..., and its later places refer back to it (``↑``).
    There is a column of gradients once a backward pass has been. What is left out (``…``) is counted in the last line.

    Args:
        value: the result, which comes first.
        width: how many columns there are; None for as many as the terminal has.
        max_lines: how many lines of nodes there are at most.
        number_format: how numbers are written, as in ``format(number, ".6g")``.

    Raises:
        ValueError: for a width or a number of lines below 1, or a number format that is none.

    >>> from engine import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = (a * b + a**2).named("c")
    >>> c.backward()
    >>> print(c.tree(width=60))
    node          data  grad
    c = +         -2    1
    ├─ *          -6    1
    │  ├─ a #1     2    1
    │  └─ b       -3    2
    └─ **2         4    1
       └─ a #1 ↑
    """
    for name, number in (("width", width), ("max_lines", max_lines)):
        if number is not None and number < 1:
            raise ValueError(f"{name}={number}: it must be at least 1")
    if width is None:
        import shutil

        width = shutil.get_terminal_size().columns
    order = topological_order(value)
    given = names_of(order)
    operands = nearest_operands(value, max_lines - 1)
    within = {value, *(parent for node, n in operands.items() for parent in node.parents[:n])}
    room = max(width - sum(map(_width_of, _columns(within, number_format))), NARROWEST)
    shown = [*tree_lines(value, operands, deepest=(room - NARROWEST) // len(_BRANCH) + 1)]
    nodes = {line.node for line in shown if line.node is not None}
    columns = _columns(nodes, number_format)
    marks = _marks(shown)
    names = [spelled(clipped(line.branches + _name(line, marks, given), room)) for line in shown]
    name_width = max(len("node"), *map(display_width, names))

    def row(name: str, cells: Iterable[str]) -> str:
        padded = [cell.ljust(_width_of(column)) for cell, column in zip(cells, columns)]
        return (name + " " * (name_width - display_width(name)) + "".join(padded)).rstrip()

    rows = [row("node", [_GAP + column.title for column in columns])]
    for line, name in zip(shown, names):
        node = None if line.again else line.node
        rows.append(row(name, [_GAP + column.numbers.get(node, "") for column in columns]))
    total = len(order)
    if note := old_numbers(order):
        rows.append(spelled(f"({readable(note, len(note))})"))
    if total > len(nodes):
        rows.append(spelled(f"{_LEFT_OUT} {total - len(nodes):,} of {total:,} nodes left out"))
    return Text("\n".join(rows))


def nearest_operands(value: Value, n: int) -> dict[Value, int]:
    """How many operands to show of each node, so that there are n, the fewest operations away from the value."""
    operands: dict[Value, int] = {}
    queue = deque([value])
    met = {value}
    while queue and n:
        node = queue.popleft()
        operands[node] = min(n, len(node.parents))
        n -= operands[node]
        for parent in node.parents[: operands[node]]:
            if parent not in met:
                met.add(parent)
                queue.append(parent)
    return operands


def tree_lines(value: Value, operands: dict[Value, int], deepest: int) -> Iterator[Line]:
    """The lines of the tree from top to bottom, down to a depth, without recursion."""
    met: set[Value] = set()
    stack: list[tuple[Value | None, int, int, str, str]] = [(value, 0, 0, "", "")]
    while stack:
        node, left_out, depth, branches, below = stack.pop()
        if node is None or node in met:
            yield Line(branches, node, again=node is not None, left_out=left_out)
            continue
        met.add(node)
        n = operands.get(node, 0) if depth < deepest else 0
        left_out = len(node.parents) - n
        yield Line(branches, node, left_out=0 if n else left_out)
        rest: list[tuple[Value | None, int]] = [(None, left_out)] if n and left_out else []
        below_it = [*((parent, 0) for parent in node.parents[:n]), *rest]
        for k, (operand, missing) in reversed([*enumerate(below_it, 1)]):
            here, under = (_LAST, _NOTHING) if k == len(below_it) else (_BRANCH, _PASSING)
            stack.append((operand, missing, depth + 1, below + here, below + under))


class Column(NamedTuple):
    """Numbers below a title, their decimal points below one another."""

    title: str
    numbers: dict[Value | None, str]


_GAP = "  "


def _columns(nodes: Iterable[Value], number_format: str) -> list[Column]:
    """The columns that say something about the nodes: data, and gradients where there are any."""
    settle()
    data = {node: node._data for node in nodes}
    grad = {node: node._grad + 0.0 for node in nodes if node._grad is not None and not isinstance(node, Constant)}
    columns = []
    for title, numbers in (("data", data), ("grad", grad)):
        written = aligned([format(number, number_format) for number in numbers.values()])
        columns.append(Column(title, dict(zip(numbers, written))))
    return [column for column in columns if column.numbers]


def _width_of(column: Column) -> int:
    return len(_GAP) + max(len(column.title), *map(len, column.numbers.values()))


def _marks(shown: list[Line]) -> dict[Value, str]:
    """The number of each node that comes more than once, in the order of the lines."""
    places = Counter(line.node for line in shown if line.node is not None)
    shared = [node for node, n in places.items() if n > 1]
    return {node: f" #{k}" for k, node in enumerate(shared, 1)}


def _name(line: Line, marks: dict[Value, str], given: dict[Value, str]) -> str:
    """What stands for the node itself: its name, the operation it came from, its mark."""
    node = line.node
    if node is None:
        return f"{_LEFT_OUT} {line.left_out:,} more"
    called = readable(given[node]) if node in given else ""
    if node.op is not None:
        name = f"{called} = {node.op.symbol}" if called else node.op.symbol
    else:
        name = called or ("constant" if isinstance(node, Constant) else "leaf")
    again = " ↑" if line.again else f" {_LEFT_OUT}" if line.left_out else ""
    return name + marks.get(node, "") + again
