"""The JAX backend on several devices: eight simulated ones, and those of two processes."""

import os
import socket
import subprocess
import sys

import pytest

pytest.importorskip("jax")

AGREES = """
import numpy as np
from engine import Value, compile, relu, weighted_sum
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
"""

ON_EIGHT = f"""
import jax
assert len(jax.devices()) == 8
{AGREES}
shards = jax.device_put(np.zeros((16, 3)), many.backend._by_rows).addressable_shards
assert [shard.data.shape for shard in shards] == [(2, 3)] * 8
assert not jax.config.jax_enable_x64  # the caller's setting is left alone
print("agrees")
"""


ON_TWO_MACHINES = f"""
import sys
import jax
jax.distributed.initialize(f"localhost:{{sys.argv[1]}}", num_processes=2, process_id=int(sys.argv[2]))
assert (len(jax.devices()), len(jax.local_devices())) == (2, 1)
{AGREES}
print("agrees")
"""


def test_rows_are_shared_among_eight_devices_with_the_same_result() -> None:
    flags = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run([sys.executable, "-c", ON_EIGHT], env=flags, capture_output=True, text=True, timeout=300)
    assert run.stdout.strip() == "agrees", run.stderr


@pytest.mark.slow
def test_two_machines_run_the_same_lines_after_jax_initialised_them() -> None:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
    machines = [
        subprocess.Popen(
            [sys.executable, "-c", ON_TWO_MACHINES, port, str(number)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in (0, 1)
    ]
    for machine in machines:
        out, errors = machine.communicate(timeout=300)
        assert out.strip().endswith("agrees"), errors
