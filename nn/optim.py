"""Optimizers: what to do with the gradients. Names, defaults and arithmetic are those of `torch.optim`.

An optimizer is one update rule, from numbers to numbers: a parameter theta, its gradient g, how many steps it has had,
and what the rule keeps from step to step (its buffers, 0 before the first). The rules are written with arithmetic that
serves a whole array of parameters as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from engine import Value
from engine import ieee754 as ieee
from nn import storage
from nn.arguments import at_least_0, finite, flag, from_0_below_1

if TYPE_CHECKING:
    from engine.lifting.parameters import Parameters

Checks = Mapping[str, Callable[[str, Any], Any]]  # by name: (name, setting) -> the setting as it is kept, or an error


class Optimizer:
    """An update rule and the parameters it updates.

    Attributes:
        parameters: the Values it updates, in order.
        lr: the learning rate; schedules write it.
        initial_lr: what it was when the first schedule came; None without one.
        settings: of the class: every setting by its name, with its check, for the constructor and `load_state_dict`.
    """

    settings: ClassVar[Checks] = {"lr": at_least_0}
    buffers: ClassVar[int] = 0  # how many numbers the rule keeps for each parameter

    lr: float

    def __init__(self, parameters: Iterable[Value], lr: float, **settings: Any) -> None:
        if not isinstance(parameters, Iterable):
            way_out = "model.parameters()" if hasattr(parameters, "parameters") else "a list of Values"
            raise TypeError(f"{type(self).__name__} takes {way_out}, got {parameters!r}")
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError(f"{type(self).__name__} got no parameters to update")
        for k, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Value):
                raise TypeError(f"{type(self).__name__}: parameter {k} is not a Value but {parameter!r}")
            if parameter.parents:
                raise ValueError(f"{type(self).__name__}: {parameter!r} is computed from others: give it the leaves")
        if len({*self.parameters}) != len(self.parameters):
            raise ValueError(f"{type(self).__name__}: the same parameter twice would be updated twice a step")
        vars(self).update(self._checked_settings({"lr": lr, **settings}))
        self.initial_lr: float | None = None
        self._steps = [0] * len(self.parameters)
        self._buffers: list[Any] = [
            [0.0] * len(self.parameters) for _ in range(self.buffers)
        ]  # each a list, or an array

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        """The rule: theta after step number `step` (from 1) with the gradient g, then the new buffers."""
        raise NotImplementedError(f"{type(self).__name__} has no rule: define update(self, theta, g, step, *buffers)")

    def step(self) -> None:
        """Update every parameter by its gradient; one that no backward pass has reached stays as it is.

        All of them or, if it is interrupted (Ctrl-C), none.
        """
        if self._step_arrays():
            return
        before = [parameter.data for parameter in self.parameters], self._steps, self._buffers
        theta, steps, buffers = [*before[0]], [*self._steps], [[*buffer] for buffer in self._buffers]
        for k, parameter in enumerate(self.parameters):
            if parameter._grad is not None:
                steps[k] += 1
                theta[k], *kept = self.update(theta[k], parameter.grad, steps[k], *[buffer[k] for buffer in buffers])
                for buffer, number in zip(buffers, kept):
                    buffer[k] = float(number)
        try:
            self._write(theta, steps, buffers)
        except BaseException:
            self._write(*before)
            raise

    def _arrays(self) -> Parameters | None:
        """The parameters as arrays, where a compiled function has brought NumPy in; else None."""
        lifted = sys.modules.get("engine.lifting.parameters")
        return lifted.in_arrays(self.parameters) if lifted and lifted.worthwhile(self.parameters) else None

    def _step_arrays(self) -> bool:
        """`step` for all parameters at once, by the same rule; False if they do not all take the same step."""
        arrays = self._arrays() if len({*self._steps}) == 1 else None
        grad = None if arrays is None else arrays.grad()
        if arrays is None or grad is None:
            return False
        import numpy as np

        step = self._steps[0] + 1
        with np.errstate(all="ignore"):  # inf and nan as on floats
            theta, *buffers = self.update(arrays.data(), grad, step, *map(np.asarray, self._buffers))
        arrays.set_data(theta)
        self._steps, self._buffers = [step] * len(self._steps), buffers
        return True

    def _write(self, theta: list[float], steps: list[int], buffers: list[Any]) -> None:
        for parameter, number in zip(self.parameters, theta):
            parameter.data = number
        self._steps, self._buffers = steps, buffers

    def zero_grad(self) -> None:
        """Forget the gradients of the parameters, as `Module.zero_grad`."""
        arrays = self._arrays()
        if arrays is not None:
            arrays.forget_grad()
            return
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Everything but the parameters themselves, as JSON can hold it: to go on later as if never stopped."""
        return {
            "optimizer": type(self).__name__,
            "settings": {name: getattr(self, name) for name in self.settings},
            "steps": [*self._steps],
            "buffers": [[float(buffer[k]) for buffer in self._buffers] for k in range(len(self.parameters))],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; an error changes nothing.

        Raises:
            ValueError: if it is the state of another optimizer, or of another number of parameters; for a setting that
                the constructor refuses; for steps that are not whole numbers of at least 0.
            TypeError: for something that is not a number where one belongs.
        """
        vars(self).update(self._checked_state(state))

    def _checked_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` by name, as they are kept. TypeError or ValueError for one that its check refuses."""
        for name in settings:
            if name not in self.settings:
                raise TypeError(f"{type(self).__name__} has no setting {name!r}: there are {', '.join(self.settings)}")
        return {name: self.settings[name](name, setting) for name, setting in settings.items()}

    def _checked_state(self, state: Any) -> dict[str, Any]:
        """The attributes that `load_state_dict` sets, by name. Raises what it does."""
        if not isinstance(state, Mapping):
            raise TypeError(f"{type(self).__name__}: expected what state_dict() gave, got {state!r}")
        kind, n = type(self).__name__, len(self.parameters)
        if state.get("optimizer") != kind:
            raise ValueError(f"this is the state of {state.get('optimizer')!r}, not of {kind!r}")
        settings, steps, buffers = state.get("settings", {}), state.get("steps", []), state.get("buffers", [])
        for name, part, of in (
            ("settings", settings, Mapping),
            ("steps", steps, Sequence),
            ("buffers", buffers, Sequence),
        ):
            if not isinstance(part, of) or (name == "buffers" and not all(isinstance(kept, Sequence) for kept in part)):
                raise TypeError(f"{kind}: the state's {name} are not what state_dict() gave: {storage.kind(part)}")
        if {*settings} != {*self.settings}:
            raise ValueError(f"{kind}: expected the settings {', '.join(self.settings)}, got {', '.join(settings)}")
        if len(steps) != n or len(buffers) != n or any(len(kept) != self.buffers for kept in buffers):
            raise ValueError(
                f"{kind}: expected {self.buffers} buffers for each of {n} parameters, got {len(buffers)} sets"
            )
        settings = {k: v if isinstance(v, bool) else storage.number(v, k) for k, v in settings.items()}
        of_parameters = [[storage.number(x, f"buffer of parameter {k}") for x in b] for k, b in enumerate(buffers)]
        return {
            **self._checked_settings(settings),
            "_steps": [storage.whole(step, f"steps of parameter {k}") for k, step in enumerate(steps)],
            "_buffers": [[*buffer] for buffer in zip(*of_parameters)],
        }

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({len(self.parameters)} parameters, {settings})"


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
        parameters: Iterable[Value],
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
        parameters: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not isinstance(betas, Iterable) or len(betas) != 2:
            raise TypeError(f"betas is a pair of numbers, as (0.9, 0.999), got {betas!r}")
        beta1, beta2 = betas
        super().__init__(parameters, lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        if self.weight_decay:
            g = g + self.weight_decay * theta
        return self._adam(theta, g, step, *buffers)

    def _adam(self, theta: Any, g: Any, step: int, m: Any, v: Any) -> tuple[Any, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        v = self.beta2 * v + (1.0 - self.beta2) * (g * g)
        size = self.lr / (1.0 - self.beta1**step)
        return theta - size * ieee.div(m, ieee.sqrt(v) / (1.0 - self.beta2**step) ** 0.5 + self.eps), m, v


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: theta <- theta - lr * weight_decay * theta, then Adam's step.

    Loshchilov, Hutter 2019, arXiv:1711.05101; `torch.optim.AdamW`.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, theta: Any, g: Any, step: int, *buffers: Any) -> tuple[Any, ...]:
        return self._adam(theta * (1.0 - self.lr * self.weight_decay), g, step, *buffers)
