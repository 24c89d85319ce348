"""The optimizers: what to do with the gradients. Names, defaults and arithmetic are those of `torch.optim`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from engine import Value, primitives
from nn.arguments import at_least_0, finite, flag, from_0_below_1
from nn.optim import Checks, Group, Optimizer

Parameters = Iterable[Value] | Iterable[Group]


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum.

        g     <- g + weight_decay * theta
        v     <- g at the first step, then momentum * v + (1 - dampening) * g
        theta <- theta - lr * v                      (nesterov: theta - lr * (g + momentum * v))

    Without momentum, theta <- theta - lr * g. `torch.optim.SGD`; Nesterov's form is Sutskever et al. 2013 (ICML).

    Raises:
        ValueError: for a negative setting (dampening may be), or nesterov without momentum or with dampening.
        TypeError: for a setting that is not a number, or nesterov that is not a bool.

    >>> from engine import Value
    >>> from nn import SGD
    >>> x = Value(3.0)
    >>> optimizer = SGD([x], lr=0.25)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> x.data
    0.375
    """

    settings: ClassVar[Checks] = {
        "lr": at_least_0,
        "momentum": at_least_0,
        "dampening": finite,
        "weight_decay": at_least_0,
        "nesterov": flag,
    }
    buffers = 1
    momentum: float
    dampening: float
    weight_decay: float
    nesterov: bool

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            parameters, lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    def _checked_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        checked = super()._checked_settings(settings)
        momentum, dampening = checked["momentum"], checked["dampening"]
        if checked["nesterov"] and (not momentum or dampening):
            raise ValueError(
                f"nesterov needs a momentum above 0 and no dampening, got momentum={momentum}, dampening={dampening}"
            )
        return checked

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        (v,) = buffers
        if self.weight_decay:
            g = g + self.weight_decay * theta
        if not self.momentum:
            return theta - self.lr * g, v
        v = g if step == 1 else self.momentum * v + (1.0 - self.dampening) * g
        return theta - self.lr * (g + self.momentum * v if self.nesterov else v), v


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square (Kingma, Ba 2015, arXiv:1412.6980).

        g     <- g + weight_decay * theta
        m     <- beta1 * m + (1 - beta1) * g
        v     <- beta2 * v + (1 - beta2) * g^2
        theta <- theta - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)         at step t = 1, 2, ...

    `torch.optim.Adam`.

    Raises:
        ValueError: for a negative setting, or a beta outside [0, 1).
        TypeError: for a setting that is not a number.
    """

    settings: ClassVar[Checks] = {
        "lr": at_least_0,
        "beta1": from_0_below_1,
        "beta2": from_0_below_1,
        "eps": at_least_0,
        "weight_decay": at_least_0,
    }
    buffers = 2
    beta1: float
    beta2: float
    eps: float
    weight_decay: float

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def _by_name(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        if "betas" not in settings:
            return settings
        betas = settings["betas"]
        if not isinstance(betas, Iterable) or len(betas := tuple(betas)) != 2:
            raise TypeError(f"betas is a pair of numbers, as (0.9, 0.999), got {betas!r}")
        others = {name: setting for name, setting in settings.items() if name != "betas"}
        return {**others, "beta1": betas[0], "beta2": betas[1]}

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        if self.weight_decay:
            g = g + self.weight_decay * theta
        return self._adam(theta, g, step, *buffers)

    def _adam(self, theta: Any, g: Any, step: int, m: Any, v: Any) -> tuple[Any, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        v = self.beta2 * v + (1.0 - self.beta2) * (g * g)
        size = self.lr / (1.0 - self.beta1**step)
        return theta - size * primitives.div(m, primitives.sqrt(v) / (1.0 - self.beta2**step) ** 0.5 + self.eps), m, v


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: theta <- theta - lr * weight_decay * theta, then Adam's step.

    Loshchilov, Hutter 2019, arXiv:1711.05101; `torch.optim.AdamW`.
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        return self._adam(theta * (1.0 - self.lr * self.weight_decay), g, step, *buffers)


class RMSprop(Optimizer):
    """Steps scaled by a running mean of the gradient's square (Tieleman, Hinton 2012), with momentum.

        g     <- g + weight_decay * theta
        v     <- alpha * v + (1 - alpha) * g^2
        m     <- m + (1 - alpha) * (g - m)                           if centered
        s     <- g / (sqrt(v) + eps)                                 (centered: sqrt(v - m^2) + eps)
        b     <- momentum * b + s
        theta <- theta - lr * b

    `torch.optim.RMSprop`.

    Raises:
        ValueError: for a negative setting.
        TypeError: for a setting that is not a number, or centered that is not a bool.
    """

    settings: ClassVar[Checks] = {
        "lr": at_least_0,
        "alpha": at_least_0,
        "eps": at_least_0,
        "weight_decay": at_least_0,
        "momentum": at_least_0,
        "centered": flag,
    }
    buffers = 3
    alpha: float
    eps: float
    weight_decay: float
    momentum: float
    centered: bool

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(
            parameters, lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:  # noqa: ARG002
        v, m, b = buffers
        if self.weight_decay:
            g = g + self.weight_decay * theta
        v = self.alpha * v + (1.0 - self.alpha) * (g * g)
        if self.centered:
            m = m + (1.0 - self.alpha) * (g - m)
        scale = primitives.sqrt(v - m * m if self.centered else v) + self.eps
        s = primitives.div(g, scale)
        b = self.momentum * b + s if self.momentum else s
        return theta - self.lr * b, v, m, b
