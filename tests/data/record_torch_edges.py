"""Record what PyTorch computes at the edges of every primitive, as torch_edges.json beside this file.

Run it where PyTorch is installed: python tests/data/record_torch_edges.py
The tests read the recording alone, so that they need no PyTorch.
"""

import json
import math
from itertools import product
from pathlib import Path

import torch

INF, NAN, TINY = math.inf, math.nan, 2.2250738585072014e-308
UNARY_GRID = [-INF, -1e308, -1000.0, -1.0, -0.5, -1e-9, -TINY, -0.0, 0.0, TINY, 1e-9, 0.5, 1.0, 1000.0, 1e308, INF, NAN]
BINARY_GRID = [-INF, -1e308, -2.5, -1.0, -TINY, -0.0, 0.0, TINY, 0.5, 1.0, 3.0, 1e308, INF, NAN]
LISTS = [
    [0.0, 0.0, 0.0],
    [-0.0, -0.0, -0.0],
    [TINY, -TINY, -0.0],
    [1e308, 1e308, -1e308],
    [-1e308, 1.0, -1e308],
    [1.0, 2.0, 3.0],
    [2.0, 2.0, 1.0],
    [-1.0, -1.0, -1.0],
    [1000.0, 0.0, -1000.0],
    [-1000.0, -1000.0, -1001.0],
    [1e200, -1e200, 1.0],
    [INF, 1.0, 2.0],
    [-INF, 1.0, 2.0],
    [-INF, -INF, -INF],
    [INF, -INF, 0.0],
    [INF, INF, 1.0],
    [NAN, 1.0, 2.0],
    [1.0, NAN, NAN],
]

F = torch.nn.functional
UNARY = {
    "neg": torch.neg,
    "abs": torch.abs,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "arcsin": torch.arcsin,
    "arccos": torch.arccos,
    "arctan": torch.arctan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "mish": F.mish,
    "gelu": F.gelu,
    "sign": torch.sign,
}
BINARY = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "pow": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "less": lambda x, y: (x < y).double(),
    "less_equal": lambda x, y: (x <= y).double(),
    "equal": lambda x, y: (x == y).double(),
}
OF_A_LIST = {
    "sum": lambda *xs: torch.stack(xs).sum(),
    "norm2": lambda *xs: torch.linalg.vector_norm(torch.stack(xs)),
    "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
    "max": lambda *xs: torch.amax(torch.stack(xs), 0),
    "min": lambda *xs: torch.amin(torch.stack(xs), 0),
}


def where(condition, x, y):
    return torch.where(condition != 0, x, y)


def dot(*operands):
    n = len(operands) // 2
    return torch.dot(torch.stack(operands[:n]), torch.stack(operands[n:]))


def weighted_sum(*operands):
    return dot(*operands[:-1]) + operands[-1]


def record(function, operands):
    """[operands, value, derivatives], each number as text: JSON has no inf and no nan."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in operands]
    value = function(*leaves)
    if value.requires_grad:
        value.backward()
    derivatives = [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]
    return [[repr(x) for x in numbers] for numbers in (operands, [value.item()], derivatives)]


def main():
    recorded = {name: [record(f, [x]) for x in UNARY_GRID] for name, f in UNARY.items()}
    recorded |= {name: [record(f, xy) for xy in product(BINARY_GRID, repeat=2)] for name, f in BINARY.items()}
    grid = [*([x] for x in UNARY_GRID), *map(list, product(BINARY_GRID, repeat=2)), *LISTS]
    recorded |= {name: [record(f, xs) for xs in grid] for name, f in OF_A_LIST.items() if name != "norm2"}
    recorded["norm2"] = [
        record(OF_A_LIST["norm2"], xs) for xs in grid if xs in LISTS or not {TINY, 1e308} & {*map(abs, xs)}
    ]  # LISTS has enough of those whose squares vanish or overflow
    pairs = [(2.0, 3.0), (INF, 3.0), (2.0, NAN), (-0.0, 0.0), (0.0, -0.0), (TINY, -1e308), (-INF, 1e308)]
    choices = [(c, x, y) for c in UNARY_GRID for x, y in pairs]
    recorded["where"] = [record(where, choice) for choice in choices]
    products = [*map(list, product(BINARY_GRID, repeat=2)), *([*xs, 2.0, 0.0, -1.0] for xs in LISTS)]
    recorded["dot"] = [record(dot, xys) for xys in products]
    recorded["weighted_sum"] = [record(weighted_sum, [*xys, b]) for xys in products for b in (0.5, -0.0)]
    lines = [
        f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]"
        for name, rows in recorded.items()
    ]
    path = Path(__file__).with_name("torch_edges.json")
    path.write_text(f'{{\n  "torch": "{torch.__version__}",\n' + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
