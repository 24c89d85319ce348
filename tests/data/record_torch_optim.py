"""Record PyTorch's optimizers, schedules, clipping and losses in torch_optim.json, which the tests compare with.

python tests/data/record_torch_optim.py        (needs torch; the tests do not)
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from torch.optim import lr_scheduler

F = torch.nn.functional
START = [1.5, -0.75, 0.25, 2.0]
STEPS = 25

OPTIMIZERS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": [0.8, 0.95], "eps": 1e-6}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "betas": [0.8, 0.95], "weight_decay": 0.3}),
]
SCHEDULES = [
    [("StepLR", {"step_size": 4})],
    [("StepLR", {"step_size": 3, "gamma": 0.7})],
    [("CosineAnnealingLR", {"T_max": 8})],
    [("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.02})],
    [("LinearLR", {})],
    [("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 9})],
    [("LinearLR", {"start_factor": 0.25}), ("CosineAnnealingLR", {"T_max": 12})],
]
CLIPS = [(1.0, 2.0), (100.0, 2.0), (0.5, math.inf), (1.0, 1.0), (2.0, 3.0)]
LOGITS = [[0.3, -1.2, 2.5], [1000.0, -1000.0, 0.0], [-3.0, -3.0, 30.0]]


def tensor(numbers: object, grad: bool = False) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def rosenbrock(x: torch.Tensor) -> torch.Tensor:
    """A valley that bends: every gradient depends on two parameters."""
    return (4.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def trajectory(name: str, settings: dict[str, object]) -> list[list[float]]:
    x = tensor(START, grad=True)
    optimizer = getattr(torch.optim, name)([x], **settings)
    path = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        (0.05 * rosenbrock(x)).backward()
        optimizer.step()
        path.append(x.tolist())
    return path


def rates(schedules: list[tuple[str, dict[str, object]]]) -> list[float]:
    optimizer = torch.optim.SGD([tensor([0.0], grad=True)], lr=0.4)
    made = [getattr(lr_scheduler, name)(optimizer, **settings) for name, settings in schedules]
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for schedule in made:
            schedule.step()
    return found


def clipped(max_norm: float, norm_type: float) -> dict[str, object]:
    x = tensor(START, grad=True)
    rosenbrock(x).backward()
    norm = torch.nn.utils.clip_grad_norm_([x], max_norm, norm_type)
    return {"max_norm": max_norm, "norm_type": str(norm_type), "norm": norm.item(), "grad": x.grad.tolist()}


def loss(name: str, x: list[float], target: object) -> dict[str, object]:
    logits = tensor(x, grad=True)
    if name == "cross_entropy":
        y = torch.tensor(target) if isinstance(target, int) else tensor(target)
        cost = F.cross_entropy(logits, y)
    elif name == "squared_error":
        cost = F.mse_loss(logits, tensor(target), reduction="sum")
    else:
        cost = F.binary_cross_entropy_with_logits(logits, tensor(target), reduction="sum")
    cost.backward()
    return {"loss": name, "x": x, "target": target, "value": cost.item(), "grad": logits.grad.tolist()}


def main() -> None:
    record = {
        "torch": torch.__version__,
        "start": START,
        "optimizers": [{"name": n, "settings": s, "path": trajectory(n, s)} for n, s in OPTIMIZERS],
        "schedules": [{"schedules": made, "rates": rates(made)} for made in SCHEDULES],
        "clip_grad_norm_": [clipped(*clip) for clip in CLIPS],
        "losses": [
            *[loss("cross_entropy", x, y) for x in LOGITS for y in (0, 1, 2, [0.2, 0.5, 0.3], [0.0, 0.0, 1.0])],
            *[
                loss("binary_cross_entropy_with_logits", x, y)
                for x in LOGITS
                for y in ([1.0, 0.0, 0.3], [0.0, 1.0, 1.0])
            ],
            *[loss("squared_error", x, [0.5, 0.5, -0.5]) for x in LOGITS],
        ],
        "softmax": [{"x": x, "p": torch.softmax(tensor(x), 0).tolist()} for x in LOGITS],
    }
    Path(__file__).with_name("torch_optim.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
