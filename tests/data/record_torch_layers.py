"""Record PyTorch's Linear, Embedding, RMSNorm and causal attention in torch_layers.json, which the tests compare with.

python tests/data/record_torch_layers.py        (needs torch; the tests do not)
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn


def recorded(module: nn.Module, x: torch.Tensor, *others: torch.Tensor, **options: object) -> dict[str, object]:
    """Parameters, input, output, and the gradient of the sum of the outputs' squares for all of them."""
    for parameter in module.parameters():  # away from the zeros and ones that some start from
        nn.init.normal_(parameter, std=0.7)
    y = module(x, *others, **options)
    output, *more = y if isinstance(y, tuple) else (y,)
    (output**2).sum().backward()
    record = {
        "parameters": {name: parameter.tolist() for name, parameter in module.named_parameters()},
        "gradients": {name: parameter.grad.tolist() for name, parameter in module.named_parameters()},
        "x": x.tolist(),
        "y": output.tolist(),
    }
    if x.requires_grad:
        record["x_gradient"] = x.grad.tolist()
    if more:
        record["weights"] = more[0].tolist()
    return record


def attention(length: int, width: int, heads: int, bias: bool) -> dict[str, object]:
    """A sequence that attends to itself, seeing nothing that comes later."""
    module = nn.MultiheadAttention(width, heads, bias=bias)
    x = torch.randn(length, width, requires_grad=True)
    mask = nn.Transformer.generate_square_subsequent_mask(length)
    # need_weights and average_attn_weights=False: the weights of each head
    record = recorded(module, x, x, x, attn_mask=mask, average_attn_weights=False)
    return {"heads": heads, **record}


torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
record = {
    "torch": torch.__version__,
    "Linear": [
        recorded(nn.Linear(4, 3), torch.randn(4, requires_grad=True)),
        recorded(nn.Linear(3, 1, bias=False), torch.randn(3, requires_grad=True)),
    ],
    "Embedding": [recorded(nn.Embedding(5, 3), torch.tensor(2))],
    "RMSNorm": [
        recorded(nn.RMSNorm(5), torch.randn(5, requires_grad=True)),
        recorded(nn.RMSNorm(5), (1e-8 * torch.randn(5)).requires_grad_()),
        recorded(nn.RMSNorm(3), torch.zeros(3, requires_grad=True)),
        {"eps": 0.25, **recorded(nn.RMSNorm(4, eps=0.25), torch.randn(4, requires_grad=True))},
        recorded(nn.RMSNorm(4, elementwise_affine=False), torch.randn(4, requires_grad=True)),
    ],
    "CausalSelfAttention": [attention(1, 4, 2, True), attention(5, 6, 3, True), attention(4, 4, 1, False)],
}
path = Path(__file__).with_name("torch_layers.json")
path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
