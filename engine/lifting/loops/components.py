"""Cycles of a directed graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def strong_components(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components that have a cycle; edges[k] are the nodes that k points to.

    R. E. Tarjan, "Depth-first search and linear graph algorithms" (1972), without recursion.
    """
    n = len(edges)
    index, low = [-1] * n, [0] * n
    is_open = [False] * n
    open_nodes: list[int] = []
    components: list[list[int]] = []
    count = 0
    for root in range(n):
        if index[root] >= 0:
            continue
        path = [(root, 0)]
        while path:
            node, place = path.pop()
            if place == 0:
                index[node] = low[node] = count
                count += 1
                open_nodes.append(node)
                is_open[node] = True
            else:
                low[node] = min(low[node], low[edges[node][place - 1]])
            for further in range(place, len(edges[node])):
                other = edges[node][further]
                if index[other] < 0:
                    path += [(node, further + 1), (other, 0)]
                    break
                if is_open[other]:
                    low[node] = min(low[node], index[other])
            else:
                if low[node] == index[node]:
                    component = [open_nodes.pop()]
                    while component[-1] != node:
                        component.append(open_nodes.pop())
                    for each in component:
                        is_open[each] = False
                    if len(component) > 1 or node in edges[node]:
                        components.append(component)
    return components


def reached(starts: Iterable[int], edges: Sequence[Iterable[int]]) -> set[int]:
    """The starts, and every node that a path leads to from them."""
    found = set(starts)
    stack = [*found]
    while stack:
        for other in edges[stack.pop()]:
            if other not in found:
                found.add(other)
                stack.append(other)
    return found
