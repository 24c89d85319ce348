"""The wheel in Pyodide, Python compiled to WebAssembly: import, differentiate, draw, learn, exercises; without NumPy.

It is run by Node.js. NumPy for Pyodide is on no package registry, so that `compile` can only say what it misses there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.site import packages
from docs.site.__main__ import cache_folder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

PROGRAM = """
const [pyodide, graphviz, folder, ...wheels] = process.argv.slice(1);
const { readFileSync } = await import("node:fs");
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`);
const { Graphviz } = await import(`${graphviz}/dist/index.js`);
const [python, layout] = await Promise.all([loadPyodide({ indexURL: `${pyodide}/`, packages: [] }), Graphviz.load()]);
try {
  for (const wheel of wheels) {
    python.unpackArchive(new Uint8Array(readFileSync(wheel)), "zip", { extractDir: "/lib/installed" });
  }
  python.globals.set("lay_out_in_javascript", (source, format) => layout.layout(source, format, "dot"));
  python.runPython(readFileSync(`${folder}/program.py`, "utf-8"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
"""

IN_PYODIDE = """
import sys

sys.path.insert(0, "/lib/installed")
assert sys.platform == "emscripten"

from engine import Value, compile, grad, gradcheck, tanh
from engine.render import drawing

w, x = Value(-0.5, label="w"), Value(2.0, label="x")
y = tanh(w * x).named("y")
y.backward()
assert abs(w.grad - 2.0 * (1.0 - y.data**2)) < 1e-12
assert gradcheck(lambda w, x: tanh(w * x), [w, x]).ok
assert abs(grad(grad(y, w), w).data - 4.0 * -2.0 * y.data * (1.0 - y.data**2)) < 1e-12
print("differentiates")

drawing.lay_out = lambda source, arguments, seconds=None: lay_out_in_javascript(source.decode(), "svg").encode()
svg = y.draw().pipe(format="svg", encoding="utf-8")
assert "<svg" in svg and "tanh" in svg
y.walkthrough("/page.html")
print("draws")

from nn import MLP, Adam, fit, squared_error

model = MLP(1, [4, 1], activation="tanh", seed=0)
pairs = [([k / 4], (k / 4) ** 2) for k in range(-4, 5)]
losses = fit(model, pairs, loss=squared_error, optimizer=Adam(model.parameters(), lr=0.05), epochs=20).losses
assert losses[-1] < losses[0] / 2
print("learns")

sys.path.insert(0, "/lib/installed/liftgrad")
from demos.exercises.answers import Answer
from demos.exercises.asked import SOLUTIONS
from demos.exercises.manifest import EXERCISES
from demos.exercises.verdict import judge

for exercise in EXERCISES:
    found = judge(exercise.name, Answer(SOLUTIONS / f"{exercise.name}.py"))
    assert found.right, (exercise.name, found)
print("checks the exercises")

try:
    compile(lambda x: x * x)(2.0)
except ImportError as error:
    assert "liftgrad[compile]" in str(error), error
    print("says what compile needs")
"""


def test_the_wheel_works_in_pyodide(tmp_path):
    if not shutil.which("node"):
        pytest.skip("there is no Node.js on PATH")
    try:
        pyodide, graphviz = (packages.npm(each, cache_folder()) for each in (packages.PYODIDE, packages.GRAPHVIZ))
        packages.wheel(cache_folder()).close()
    except packages.FetchError as error:
        if "SITE_MUST_BUILD" in os.environ:
            raise
        pytest.skip(str(error))
    source = tmp_path / "source"
    for name in ("engine", "nn", "demos"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    [ours] = tmp_path.glob("*.whl")
    (tmp_path / "program.py").write_text(IN_PYODIDE, encoding="utf-8")
    files = [str(pyodide), str(graphviz), str(tmp_path), str(ours), str(cache_folder() / packages.WHEEL)]
    command = ["node", "--input-type=module", "-e", PROGRAM, *files]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-3000:]
    assert run.stdout.splitlines() == [
        "differentiates", "draws", "learns", "checks the exercises", "says what compile needs",
    ]  # fmt: skip
