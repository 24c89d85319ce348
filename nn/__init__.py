"""Neural networks of Values: layers, losses, optimizers and training."""

from nn.activations import ACTIVATIONS
from nn.attention import CausalSelfAttention
from nn.clipping import clip_grad_norm_, clip_grad_value_
from nn.embedding import Embedding
from nn.history import History
from nn.initialization import INITIALIZATIONS
from nn.layers import MLP, Layer, Neuron
from nn.linear import Linear
from nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    log_softmax,
    softmax,
    squared_error,
)
from nn.metrics import accuracy
from nn.module import Module
from nn.normalization import RMSNorm
from nn.optim import SGD, Adam, AdamW, Optimizer
from nn.schedules import CosineAnnealingLR, LinearLR, Schedule, StepLR
from nn.trace import Trace
from nn.training import evaluate, fit

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "CausalSelfAttention",
    "CosineAnnealingLR",
    "Embedding",
    "History",
    "Layer",
    "Linear",
    "LinearLR",
    "Module",
    "Neuron",
    "Optimizer",
    "RMSNorm",
    "Schedule",
    "StepLR",
    "Trace",
    "accuracy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "cross_entropy",
    "evaluate",
    "fit",
    "hinge",
    "log_softmax",
    "softmax",
    "squared_error",
]
