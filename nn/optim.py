"""What every optimizer does: keep parameters, in groups or not, step all of them or none, save its state.

An optimizer is one update rule, from numbers to numbers: a parameter theta, its gradient g, how many steps it has had,
and what the rule keeps from step to step (its buffers, 0 before the first). The rules are in `nn.update_rules`, written
with arithmetic that serves a whole array of parameters as well. Names and defaults are those of `torch.optim`.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from engine import Value
from engine.identity import same_values
from engine.leaf_arrays import settle
from nn import storage
from nn.arguments import at_least_0

if TYPE_CHECKING:
    from engine.lifting.parameters import Parameters

Group = dict[str, Any]  # "params": the Values; and settings of their own, by name
Checks = Mapping[str, Callable[[str, Any], Any]]  # by name: (name, setting) -> the setting as it is kept, or an error


class Optimizer:
    """An update rule and the parameters it updates.

    Args:
        parameters: Values; or, for groups with settings of their own, dicts with the Values under "params" and those
            settings by name, as in PyTorch: no weight decay on biases is
            ``AdamW([{"params": weights}, {"params": biases, "weight_decay": 0.0}])``.
        lr: the learning rate.
        settings: the others by name.

    Attributes:
        parameters: the Values it updates, in order.
        param_groups: the groups, dicts as above; one if there are none. What a group does not set for itself is the
            optimizer's own.
        lr: the learning rate; schedules write it.
        initial_lr: what it was when the first schedule came; None without one.
        settings: of the class: every setting by its name, with its check, for the constructor and `load_state_dict`.
    """

    settings: ClassVar[Checks] = {"lr": at_least_0}
    buffers: ClassVar[int] = 0  # how many numbers the rule keeps for each parameter

    lr: float
    array_step: Callable[[Any], bool] | None = None  # takes a step for parameters in arrays if it can; set by `fit`

    def __init__(self, parameters: Iterable[Value] | Iterable[Group], lr: float, **settings: Any) -> None:
        if not isinstance(parameters, Iterable):
            way_out = "model.parameters()" if hasattr(parameters, "parameters") else "a list of Values"
            raise TypeError(f"{type(self).__name__} takes {way_out}, got {parameters!r}")
        given = self._in_order(parameters)
        grouped = any(isinstance(each, Mapping) for each in given)
        groups = [self._group(k, each) for k, each in enumerate(given)] if grouped else [{"params": given}]
        self.parameters: list[Value] = [parameter for group in groups for parameter in group["params"]]
        if not self.parameters:
            raise ValueError(f"{type(self).__name__} got no parameters to update")
        for k, parameter in enumerate(self.parameters):
            if not isinstance(parameter, Value):
                raise TypeError(f"{type(self).__name__}: parameter {k} is not a Value but {parameter!r}")
            if parameter.parents:
                raise ValueError(f"{type(self).__name__}: {parameter!r} is computed from others: give it the leaves")
        if len({*self.parameters}) != len(self.parameters):
            raise ValueError(f"{type(self).__name__}: the same parameter twice would be updated twice a step")
        vars(self).update(self._checked_settings(self._by_name({"lr": lr, **settings})))
        self.param_groups = [{"params": group["params"], **self._checked_group(_own(group))} for group in groups]
        self.initial_lr: float | None = None
        self._kept: Parameters | None = None  # what is kept of them as arrays
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
        settle()
        before = [parameter.data for parameter in self.parameters], self._steps, self._buffers
        theta, steps, buffers = [*before[0]], [*self._steps], [[*buffer] for buffer in self._buffers]
        rules = [rule for rule, places in self._rules() for _ in range(places.start, places.stop)]
        for k, parameter in enumerate(self.parameters):
            if parameter._grad is not None:
                steps[k] += 1
                kept_before = [buffer[k] for buffer in buffers]
                theta[k], *kept = rules[k].update(theta[k], parameter.grad, steps[k], *kept_before)
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
        if lifted is None:
            return None
        if self._kept is None or not same_values(self._kept.parameters, self.parameters):
            self._kept = lifted.Parameters([*self.parameters])
        wanted = self._kept.are_many if self.array_step is None else self._kept.are_plain
        return lifted.in_arrays(self._kept) if wanted else None

    def _step_arrays(self) -> bool:
        """`step` for all parameters at once, by the same rule; False if they do not all take the same step."""
        arrays = self._arrays()
        if arrays is None:
            return False
        if self.array_step is not None and self.array_step(arrays):
            return True
        grad = arrays.grad() if len({*self._steps}) == 1 else None
        if grad is None:
            return False
        import numpy as np

        step, numbers = self._steps[0] + 1, [arrays.data().copy(), grad.copy(), *map(np.asarray, self._buffers)]
        with np.errstate(all="ignore"):  # inf and nan as on floats
            parts = []
            for rule, places in self._rules():
                theta, g, *buffers = (of_all[places] for of_all in numbers)
                parts.append(rule.update(theta, g, step, *buffers))
        theta, *buffers = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts))
        arrays.set_data(theta)
        self._steps, self._buffers = [step] * len(self._steps), buffers
        return True

    def _rules(self) -> list[tuple[Optimizer, slice]]:
        """For each group: an optimizer with its settings, whose `update` is its rule, and its places."""
        rules, start = [], 0
        for group in self.param_groups:
            rule, own = self, _own(group)
            if own:
                rule = copy.copy(self)
                vars(rule).update(own)
            rules.append((rule, slice(start, start := start + len(group["params"]))))
        return rules

    def _group(self, k: int, given: Any) -> Group:
        """Group k, as it is kept: a dict of its own, with a list of parameters."""
        if not isinstance(given, Mapping) or "params" not in given:
            raise TypeError(
                f'{type(self).__name__}: group {k} is a dict, as {{"params": [...], "lr": 0.1}}, got {given!r}: '
                "put all parameters into groups, or none"
            )
        params = given["params"]
        return {**given, "params": [params] if isinstance(params, Value) else self._in_order(params)}

    def _in_order(self, parameters: Iterable[Any]) -> list[Any]:
        """Parameters as a list. TypeError for a set, whose order is another every time."""
        if isinstance(parameters, (set, frozenset)):
            raise TypeError(f"{type(self).__name__}: parameters in a set have no order: give a list of them")
        return list(parameters)

    def _checked_group(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """A group's own settings, as they are kept. Raises what the constructor does."""
        own = self._by_name(own)
        checked = self._checked_settings({**{name: getattr(self, name) for name in self.settings}, **own})
        return {name: checked[name] for name in own}

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
            "groups": [{"params": len(group["params"]), **_own(group)} for group in self.param_groups],
            "steps": [*self._steps],
            "buffers": [[float(buffer[k]) for buffer in self._buffers] for k in range(len(self.parameters))],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; an error changes nothing.

        Raises:
            ValueError: if it is the state of another optimizer, or of another number of parameters, or of other groups;
                for a setting that the constructor refuses; for steps that are not whole numbers of at least 0.
            TypeError: for something that is not a number where one belongs.
        """
        vars(self).update(self._checked_state(state))

    def _by_name(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings as a user gives them, by the names of `settings`."""
        return settings

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
        settings = self._checked_settings(_numbers(settings))
        of_parameters = [[storage.json_number(x, f"buffer of parameter {k}") for x in b] for k, b in enumerate(buffers)]
        return {
            **settings,
            "param_groups": self._groups_with(state.get("groups"), settings),
            "_steps": [storage.json_whole(step, f"steps of parameter {k}") for k, step in enumerate(steps)],
            "_buffers": [[*buffer] for buffer in zip(*of_parameters)],
        }

    def _groups_with(self, states: Any, settings: Mapping[str, Any]) -> list[Group]:
        """The groups with the settings of their own that are in a state."""
        sizes = [len(group["params"]) for group in self.param_groups]
        if not isinstance(states, Sequence) or not all(isinstance(state, Mapping) for state in states):
            raise TypeError(f"{type(self).__name__}: the state's groups are not what state_dict() gave: {states!r:.40}")
        if [state.get("params") for state in states] != sizes:
            raise ValueError(
                f"{type(self).__name__}: expected groups of {', '.join(map(str, sizes))} parameters, got those of "
                f"{', '.join(str(state.get('params')) for state in states)}"
            )
        groups = []
        for group, state in zip(self.param_groups, states):
            own = _numbers({name: setting for name, setting in state.items() if name != "params"})
            checked = self._checked_settings({**settings, **own})
            kept = {name: setting for name, setting in group.items() if name in ("params", "initial_lr")}
            groups.append({**kept, **{name: checked[name] for name in own}})
        return groups

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        groups = f" in {len(self.param_groups)} groups" if len(self.param_groups) > 1 else ""
        return f"{type(self).__name__}({len(self.parameters)} parameters{groups}, {settings})"


def _own(group: Group) -> dict[str, Any]:
    """The settings that a group has for itself."""
    return {name: setting for name, setting in group.items() if name not in ("params", "initial_lr")}


def _numbers(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON holds them, as numbers and flags."""
    return {name: v if isinstance(v, bool) else storage.json_number(v, name) for name, v in settings.items()}
