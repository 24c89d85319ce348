"""A program that trains a network, as a user writes it; see users_program.py."""

from __future__ import annotations

from typing_extensions import assert_type

from engine import Value
from nn import MLP, SGD, Adam, History, evaluate, fit, squared_error

model = MLP(2, [3, 1], activation="tanh", seed=0)
assert_type(model.parameters(), list[Value])
assert_type(model.state_dict(), dict[str, float])
assert_type(model.zero_grad(), None)
assert_type(model.layers[0].nout, int)

data = [([0.0, 1.0], 1.0), ([1.0, 0.0], -1.0)]
cost: Value = squared_error(model([0.0, 1.0]), 1.0)
cost.backward()
optimizer = SGD(model.parameters(), lr=0.1)
assert_type(optimizer.step(), None)
assert_type(optimizer.zero_grad(), None)

history = fit(model, data, loss=squared_error, optimizer=Adam(model.parameters(), lr=0.1), epochs=2, progress=False)
assert_type(history, History)
assert_type(history.losses, list[float])
assert_type(evaluate(model, data, squared_error), dict[str, float])
