"""Record what PyTorch computes at the edges of every primitive, and of functions of lists, as torch_edges.json and
torch_lists.json beside this file.

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
STEPS = [-1e19, -740.0, -27.0, -3.5, -2.5, -2.0, -1.5, -0.3, 0.3, 0.49999999999999994, 1.5, 2.0, 2.5, 10.0, 27.0, 740.0]
FINER_GRID = [*UNARY_GRID, *STEPS]  # halves to round, the outside and the inside of [-1, 1], both ends of exp2 and erfc
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
    "sech2": lambda x: 1.0 - torch.tanh(x) ** 2,
    "erf": torch.erf,
    "sigmoid": torch.sigmoid,
    "sigmoid_slope": lambda x: (1.0 - torch.tanh(x / 2.0) ** 2) / 4.0,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "mish": F.mish,
    "gelu": F.gelu,
    "sign": torch.sign,
}
FINER = {  # of one number too, on the finer grid
    "log2": torch.log2,
    "log10": torch.log10,
    "exp2": torch.exp2,
    "erfc": torch.erfc,
    "arcsinh": torch.arcsinh,
    "arccosh": torch.arccosh,
    "arctanh": torch.arctanh,
    "radians": torch.deg2rad,
    "degrees": torch.rad2deg,
    "sinc": torch.sinc,
    "selu": F.selu,
    "softsign": F.softsign,
    "hardtanh": F.hardtanh,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "round": torch.round,
    "logical_not": lambda x: torch.logical_not(x).double(),
} | {
    f"x**{n}".replace("**-", "**(-") + ")" * (n < 0): lambda x, n=n: x**n for n in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5)
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
    "arctan2": torch.arctan2,
    "hypot": torch.hypot,
    "logaddexp": torch.logaddexp,
    "remainder": torch.remainder,
    "floor_divide": lambda x, y: torch.div(x, y, rounding_mode="floor"),  # which has a derivative, the same number
    "greater": lambda x, y: (x > y).double(),
    "greater_equal": lambda x, y: (x >= y).double(),
    "not_equal": lambda x, y: (x != y).double(),
    "logical_and": lambda x, y: torch.logical_and(x, y).double(),
    "logical_or": lambda x, y: torch.logical_or(x, y).double(),
}
OF_A_LIST = {
    "prod": lambda *xs: torch.prod(torch.stack(xs)),
    "sum": lambda *xs: torch.stack(xs).sum(),
    "norm2": lambda *xs: torch.linalg.vector_norm(torch.stack(xs)),
    "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
    "max": lambda *xs: torch.amax(torch.stack(xs), 0),
    "min": lambda *xs: torch.amin(torch.stack(xs), 0),
}


OF_LISTS = {  # engine.lists: what is composed of primitives
    "cumsum": lambda *xs: torch.cumsum(torch.stack(xs), 0),
    "mean": lambda *xs: torch.stack(xs).mean(),
    "var": lambda *xs: torch.var(torch.stack(xs), correction=0),
    "var of a sample": lambda *xs: torch.var(torch.stack(xs)),
    "std": lambda *xs: torch.std(torch.stack(xs), correction=0),
    "std of a sample": lambda *xs: torch.std(torch.stack(xs)),
    "softmax": lambda *xs: torch.softmax(torch.stack(xs), 0),
    "log_softmax": lambda *xs: torch.log_softmax(torch.stack(xs), 0),
}


def where(condition, x, y):
    return torch.where(condition != 0, x, y)


def dot(*operands):
    n = len(operands) // 2
    return torch.dot(torch.stack(operands[:n]), torch.stack(operands[n:]))


def weighted_sum(*operands):
    return dot(*operands[:-1]) + operands[-1]


def record(function, operands):
    """[operands, value, derivatives], each number as text: JSON has no inf and no nan.

    Of several values y_1, y_2, ... the derivatives are those of y_1 - 2 y_2 + 3 y_3 - ...
    """
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in operands]
    value = function(*leaves)
    if value.requires_grad:
        value.backward(
            torch.tensor([(-1.0) ** k * (k + 1) for k in range(value.numel())]).double().reshape(value.shape)
        )
    derivatives = [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]
    return [[repr(x) for x in numbers] for numbers in (operands, value.reshape(-1).tolist(), derivatives)]


def main():
    recorded = {name: [record(f, [x]) for x in UNARY_GRID] for name, f in UNARY.items()}
    recorded |= {name: [record(f, [x]) for x in FINER_GRID] for name, f in FINER.items()}
    recorded |= {name: [record(f, xy) for xy in product(BINARY_GRID, repeat=2)] for name, f in BINARY.items()}
    grid = [*([x] for x in UNARY_GRID), *map(list, product(BINARY_GRID, repeat=2)), *LISTS]
    recorded |= {name: [record(f, xs) for xs in grid] for name, f in OF_A_LIST.items() if name != "norm2"}
    recorded["norm2"] = [
        record(OF_A_LIST["norm2"], xs) for xs in grid if xs in LISTS or not {TINY, 1e308} & {*map(abs, xs)}
    ]  # LISTS has enough of those whose squares vanish or overflow
    pairs = [(2.0, 3.0), (INF, 3.0), (2.0, NAN), (-0.0, 0.0), (0.0, -0.0), (TINY, -1e308), (-INF, 1e308)]
    choices = [(c, x, y) for c in UNARY_GRID for x, y in pairs]
    recorded["where"] = [record(where, choice) for choice in choices]
    bounds = [(-1.0, 1.0), (0.0, -0.0), (1.0, 1.0), (1.0, -1.0), (-INF, 2.5), (INF, 1.0), (NAN, 1.0), (-1.0, NAN)]
    recorded["clip"] = [record(torch.clamp, [x, *between]) for x in UNARY_GRID for between in bounds]
    products = [*map(list, product(BINARY_GRID, repeat=2)), *([*xs, 2.0, 0.0, -1.0] for xs in LISTS)]
    recorded["dot"] = [record(dot, xys) for xys in products]
    recorded["weighted_sum"] = [record(weighted_sum, [*xys, b]) for xys in products for b in (0.5, -0.0)]
    write("torch_edges.json", recorded)
    lists = [[0.5], [-0.0], [INF], [NAN], [0.5, 0.5], [3.0, -1.0, 0.25, -0.5], *LISTS]
    write("torch_lists.json", {name: [record(f, xs) for xs in lists] for name, f in OF_LISTS.items()})


def write(name, recorded):
    lines = [
        f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]"
        for name, rows in recorded.items()
    ]
    path = Path(__file__).with_name(name)
    path.write_text(f'{{\n  "torch": "{torch.__version__}",\n' + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
