"""The JAX backend on several devices: eight simulated ones, in a process of their own."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("jax")

PROGRAM = """
import jax, numpy as np
from engine import Value, compile, relu, weighted_sum
assert len(jax.devices()) == 8
w = [[Value(0.1 * (j - k)) for k in range(3)] for j in range(4)]
v = [Value(0.5 * j - 0.7) for j in range(4)]
f = lambda x, y: (weighted_sum(v, [relu(weighted_sum(row, x, 0.1)) for row in w], 0.2) - y) ** 2
one, many = compile(f), compile(f, backend="jax")
rng = np.random.default_rng(0)
for rows in (16, 19, 3):
    X, Y = rng.normal(size=(rows, 3)), rng.normal(size=rows)
    np.testing.assert_allclose(many(X, Y), one(X, Y), rtol=1e-12)
    value, gradient = one.value_and_grad(X, Y)
    value_of_many, gradient_of_many = many.value_and_grad(X, Y)
    assert [a is b for a, b in zip(one.parameters, many.parameters)] == [True] * 16
    np.testing.assert_allclose(value_of_many, value, rtol=1e-12)
    np.testing.assert_allclose(gradient_of_many, gradient, rtol=1e-11, atol=1e-15)
shards = jax.device_put(np.zeros((16, 3)), many.backend._by_rows).addressable_shards
assert [shard.data.shape for shard in shards] == [(2, 3)] * 8
assert not jax.config.jax_enable_x64  # the caller's setting is left alone
print("agrees")
"""


def test_rows_are_shared_among_eight_devices_with_the_same_result() -> None:
    flags = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=flags, capture_output=True, text=True, timeout=300)
    assert run.stdout.strip() == "agrees", run.stderr
