"""What the how-to pages show for JAX and native code, which the builder of the site does not run; it does all else."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from docs.site.markdown import FENCE

HOWTO = Path(__file__).parents[2] / "docs" / "howto"


def snippets(name, kind):
    return [fence[2] for fence in FENCE.finditer((HOWTO / name).read_text(encoding="utf-8")) if fence[1] == kind]


def test_the_backends_agree_as_the_page_on_speed_says():
    pytest.importorskip("jax")
    [code] = snippets("speed.md", "jax")
    exec(code, {})


def test_native_code_can_be_read_as_the_page_on_speed_says():
    pytest.importorskip("llvmlite")
    [code] = snippets("speed.md", "native")
    scope = {}
    exec(code, scope)
    assert "define void @run(" in scope["llvm"]
    assert "run:" in scope["assembly"]


@pytest.mark.slow
def test_the_program_for_several_machines_runs_on_two(tmp_path):
    pytest.importorskip("jax")
    [code] = snippets("several_machines.md", "jax")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    machines = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=os.environ
            | {"ADDRESS": address, "NUMBER": number, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
            | {"PYTHONPATH": str(HOWTO.parents[1])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in ("0", "1")
    ]
    results = [machine.communicate(timeout=120) for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], results[0][1][-2000:] + results[1][1][-2000:]
    losses = {said.splitlines()[-1] for said, _ in results}
    assert len(losses) == 1
    assert float(losses.pop()) < 0.1
    assert (tmp_path / "parabola.json").exists()
