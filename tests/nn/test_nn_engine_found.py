"""A learner's engine.py beside the script hides the package: nn says so, and the way out."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_file_engine_beside_the_program(tmp_path):
    (tmp_path / "engine.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "program.py").write_text("from nn import MLP\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = [sys.executable, str(tmp_path / "program.py")]
    said = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=60, check=False).stderr
    last = said.splitlines()[-1]
    assert f"ImportError: nn needs the package engine that is installed with it, but Python finds {tmp_path}" in last
    assert "rename it" in last
