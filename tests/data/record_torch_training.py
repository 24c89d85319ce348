"""Record PyTorch's losses with weights, LayerNorm, RMSprop, parameter groups and plateaus in torch_training.json.

python tests/data/record_torch_training.py        (needs torch; the tests do not)
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler

F = torch.nn.functional
START = [1.5, -0.75, 0.25, 2.0]
STEPS = 25

REGRESSION = [[0.3, -1.2, 2.5], [1000.0, -1e200, 0.5], [0.0, 0.5, -0.5]]
LOGITS = [[0.3, -1.2, 2.5], [1000.0, -1000.0, 0.0], [-3.0, -3.0, 30.0]]
WEIGHTED: list[dict[str, Any]] = [
    {"weight": [0.5, 2.0, 0.0]},
    {"label_smoothing": 0.1},
    {"label_smoothing": 1.0},
    {"weight": [0.5, 2.0, 1.0], "label_smoothing": 0.3},
    {"ignore_index": 1},
    {"ignore_index": -100, "weight": [3.0, 1.0, 1.0], "label_smoothing": 0.2},
]
BINARY: list[dict[str, Any]] = [
    {"weight": [0.5, 2.0, 0.0]},
    {"pos_weight": [3.0, 1.0, 0.5]},
    {"weight": [0.5, 2.0, 1.0], "pos_weight": [3.0, 1.0, 0.5]},
]
RMSPROP: list[dict[str, Any]] = [
    {},
    {"lr": 0.02, "alpha": 0.9, "eps": 1e-6},
    {"momentum": 0.9, "weight_decay": 0.1},
    {"centered": True},
    {"lr": 0.005, "centered": True, "momentum": 0.5, "alpha": 0.8},
]
GROUPS: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    ("SGD", [{"lr": 0.01}, {"momentum": 0.9}], {"lr": 0.05}),
    ("Adam", [{"weight_decay": 0.1}, {"betas": [0.5, 0.9], "lr": 0.02}], {"lr": 0.1}),
    ("AdamW", [{}, {"weight_decay": 0.0}], {"lr": 0.1, "weight_decay": 0.3}),
    ("RMSprop", [{"centered": True}, {"lr": 0.001}], {}),
]
WATCHED = [
    5.0,
    4.0,
    4.0,
    4.0,
    3.9999,
    3.0,
    math.nan,
    3.0,
    3.5,
    3.0,
    3.0,
    2.9,
    2.9,
    2.9,
    2.9,
    2.9,
    2.9,
    2.9,
    -1.0,
    -1.0,
    -1.0,
]
PLATEAUS: list[dict[str, Any]] = [
    {"patience": 1},
    {"patience": 0, "factor": 0.5, "cooldown": 2},
    {"patience": 2, "threshold": 0.05, "min_lr": 0.01},
    {"patience": 1, "threshold": 0.5, "threshold_mode": "abs", "factor": 0.3},
    {"mode": "max", "patience": 2, "factor": 0.7},
    {"patience": 0, "factor": 0.99, "eps": 0.0039},
]


def tensor(numbers: object, grad: bool = False) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def rosenbrock(x: torch.Tensor) -> torch.Tensor:
    return (4.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def loss(name: str, x: list[float], target: Any, settings: dict[str, Any]) -> dict[str, Any]:
    logits = tensor(x, grad=True)
    y = torch.tensor(target) if isinstance(target, int) else tensor(target)
    tensors = {key: tensor(setting) if isinstance(setting, list) else setting for key, setting in settings.items()}
    cost = getattr(F, name)(logits, y, reduction="sum", **tensors)
    cost.backward()
    return {
        "loss": name,
        "x": x,
        "target": target,
        "settings": settings,
        "value": cost.item(),
        "grad": logits.grad.tolist(),
    }


def losses() -> list[dict[str, Any]]:
    y = [0.5, 0.5, -0.5]
    found = [loss("l1_loss", x, y, {}) for x in REGRESSION]
    found += [loss("huber_loss", x, y, {"delta": delta}) for x in REGRESSION for delta in (1.0, 0.25, 3.0)]
    for x in LOGITS:
        for settings in WEIGHTED:
            targets: list[Any] = [0, 1, 2]
            if "ignore_index" not in settings:
                targets += [[0.2, 0.5, 0.3], [0.0, 0.0, 1.0]]
            elif settings["ignore_index"] < 0:
                targets += [settings["ignore_index"]]
            found += [loss("cross_entropy", x, target, settings) for target in targets]
        for settings in BINARY:
            found += [
                loss("binary_cross_entropy_with_logits", x, target, settings)
                for target in ([1.0, 0.0, 0.3], [0.0, 1.0, 1.0])
            ]
    found.append(loss("cross_entropy", LOGITS[0], [0.333, 0.333, 0.333], {}))
    return found


def layer_norm(module: nn.LayerNorm, x: torch.Tensor) -> dict[str, Any]:
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.7)
    x.requires_grad_()
    y = module(x)
    (y**2 + 0.5 * y).sum().backward()
    return {
        "eps": module.eps,
        "parameters": {name: parameter.tolist() for name, parameter in module.named_parameters()},
        "gradients": {name: parameter.grad.tolist() for name, parameter in module.named_parameters()},
        "x": x.tolist(),
        "y": y.tolist(),
        "x_gradient": x.grad.tolist(),
    }


def path(optimizer: torch.optim.Optimizer, xs: list[torch.Tensor]) -> list[list[float]]:
    found = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        (0.05 * rosenbrock(torch.cat(xs))).backward()
        optimizer.step()
        found.append(torch.cat(xs).tolist())
    return found


def grouped(name: str, own: list[dict[str, Any]], settings: dict[str, Any]) -> dict[str, Any]:
    xs = [tensor(START[:1], grad=True), tensor(START[1:], grad=True)]
    groups = [{"params": [x], **each} for x, each in zip(xs, own)]
    record: dict[str, Any] = {"name": name, "groups": own, "settings": settings}
    record["path"] = path(getattr(torch.optim, name)(groups, **settings), xs)
    return record


def group_rates() -> list[dict[str, Any]]:
    made = [
        [("StepLR", {"step_size": 3, "gamma": 0.7})],
        [("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.02})],
        [("LinearLR", {"start_factor": 0.25}), ("CosineAnnealingLR", {"T_max": 12})],
    ]
    found = []
    for schedules in made:
        groups = [{"params": [tensor([0.0], grad=True)]}, {"params": [tensor([0.0], grad=True)], "lr": 0.03}]
        optimizer = torch.optim.SGD(groups, lr=0.4)
        each = [getattr(lr_scheduler, name)(optimizer, **settings) for name, settings in schedules]
        rates = []
        for _ in range(STEPS):
            rates.append([group["lr"] for group in optimizer.param_groups])
            optimizer.step()
            for schedule in each:
                schedule.step()
        found.append({"schedules": schedules, "rates": rates})
    return found


def plateau(settings: dict[str, Any]) -> dict[str, Any]:
    groups = [{"params": [tensor([0.0], grad=True)]}, {"params": [tensor([0.0], grad=True)], "lr": 0.03}]
    optimizer = torch.optim.SGD(groups, lr=0.4)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    rates = []
    for metric in WATCHED:
        schedule.step(metric)
        rates.append([group["lr"] for group in optimizer.param_groups])
    return {"settings": settings, "rates": rates}


def clipped(gradients: list[float], norm_type: float) -> dict[str, Any]:
    x = tensor([0.0] * len(gradients), grad=True)
    x.grad = tensor(gradients)
    norm = torch.nn.utils.clip_grad_norm_([x], 1.0, norm_type)
    return {
        "gradients": gradients,
        "norm_type": norm_type,
        "norm": str(norm.item()),
        "grad": [str(g) for g in x.grad.tolist()],
    }


def main() -> None:
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    x = [tensor(START, grad=True) for _ in RMSPROP]
    record = {
        "torch": torch.__version__,
        "start": START,
        "losses": losses(),
        "LayerNorm": [
            layer_norm(nn.LayerNorm(5), torch.randn(5)),
            layer_norm(nn.LayerNorm(3), torch.full((3,), 0.25)),
            layer_norm(nn.LayerNorm(4, eps=0.25), 100.0 * torch.randn(4)),
            layer_norm(nn.LayerNorm(4, bias=False), torch.randn(4)),
            layer_norm(nn.LayerNorm(4, elementwise_affine=False), torch.randn(4)),
        ],
        "RMSprop": [
            {"settings": settings, "path": path(torch.optim.RMSprop([each], **settings), [each])}
            for each, settings in zip(x, RMSPROP)
        ],
        "groups": [grouped(*case) for case in GROUPS],
        "group_rates": group_rates(),
        "watched": [str(number) for number in WATCHED],
        "plateaus": [plateau(settings) for settings in PLATEAUS],
        "clip_grad_norm_": [
            clipped([1e150, -2.0], 3.0),
            clipped([1e-200, -2e-200], 3.0),
            clipped([1e308, 1e308], 1.0),
            clipped([3.0, -4.0], 0.5),
        ],
    }
    text = json.dumps(record, indent=1, allow_nan=False)
    Path(__file__).with_name("torch_training.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
