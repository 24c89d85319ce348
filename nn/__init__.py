"""Neural networks of Values: layers, losses, optimizers and training."""

import nn.engine_found  # noqa: F401  first: it says what hides the engine, if something does
from engine import log_softmax, softmax
from nn.activations import ACTIVATIONS
from nn.attention import CausalSelfAttention
from nn.callbacks import EarlyStopping
from nn.clipping import clip_grad_norm_, clip_grad_value_
from nn.cross_entropies import binary_cross_entropy_with_logits, cross_entropy
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.forward_pass import ForwardPass
from nn.history import History
from nn.initialization import INITIALIZATIONS
from nn.layers import MLP, Layer, Neuron
from nn.linear import Linear
from nn.losses import hinge, huber_loss, l1_loss, squared_error
from nn.metrics import accuracy
from nn.module import Module
from nn.normalization import LayerNorm, RMSNorm
from nn.optim import Optimizer
from nn.plateau import ReduceLROnPlateau
from nn.schedules import CosineAnnealingLR, LinearLR, Schedule, StepLR
from nn.training import evaluate, fit
from nn.update_rules import SGD, Adam, AdamW, RMSprop

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "CausalSelfAttention",
    "CosineAnnealingLR",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "ForwardPass",
    "History",
    "Layer",
    "LayerNorm",
    "Linear",
    "LinearLR",
    "Module",
    "Neuron",
    "Optimizer",
    "RMSNorm",
    "RMSprop",
    "ReduceLROnPlateau",
    "Schedule",
    "StepLR",
    "accuracy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "cross_entropy",
    "evaluate",
    "fit",
    "hinge",
    "huber_loss",
    "l1_loss",
    "log_softmax",
    "softmax",
    "squared_error",
]
