"""What Python needs in the page: Pyodide, Graphviz, and the project's own packages, made to start quickly.

Half of the time to a first picture would go into compiling Python's text. So what it imports, of the standard library
and of our packages, goes into the site as bytecode. (All else is text, which is half as large.) Pyodide itself compiles
it, run by Node.js while the site is built, and it is kept until something changes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs.site import packages
from docs.site.bytecode import FIXED

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
LIBRARY, OURS, DEMOS = "python_stdlib.zip", "liftgrad.zip", "demos.zip"
# Of the standard library: what needs processes, sockets or a terminal, and the code pages of old systems
LEFT_OUT = re.compile(
    r"(multiprocessing|wsgiref|xmlrpc)/|(imaplib|smtplib|ftplib|poplib|mailbox)\.py$"
    r"|encodings/(?!cp437|cp1252|mac_roman)(cp\d|mac_|koi8|kz1048|hp_|ptcp|tis_|palmos|iso8859_(?!1\.|15))"
)
NOT_OURS = re.compile(
    r"docs/site/(?!(snippets|in_the_page|curves|maps|__init__)\.py)|demos/(benchmark|digits|installed)/"
)
SECONDS = 300  # that compiling may take
KEPT = 5  # of what was compiled last

SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [pyodide, graphviz, bytecode, folder, first] = process.argv.slice(1);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const { Graphviz } = await import(pathToFileURL(`${graphviz}/dist/index.js`));
const [python, layout] = await Promise.all([loadPyodide({ indexURL: `${pyodide}/`, packages: [] }), Graphviz.load()]);
const read = (path) => new Uint8Array(readFileSync(path));
python.FS.writeFile("/lib/liftgrad.zip", read(`${folder}/liftgrad.zip`));
python.FS.writeFile("/library.zip", read(`${folder}/python_stdlib.zip`));
python.FS.writeFile("/bytecode.py", read(bytecode));
python.runPython("import sys; sys.path[:0] = ['/', '/lib/liftgrad.zip']");
const page = python.pyimport("docs.site.in_the_page");
page.lay_out_with((source, format) => layout.layout(source, format, "dot"));
page.playground(first, () => {});
python.runPython(`
from bytecode import compiled, imported_from
place, names = imported_from("/lib/python")
compiled("/library.zip", "/library.out", place, names, optimize=2)
place, names = imported_from("/lib/liftgrad")
compiled(place, "/liftgrad.out", place, names, optimize=0)
`);
writeFileSync(`${folder}/python_stdlib.zip`, python.FS.readFile("/library.out"));
writeFileSync(`${folder}/liftgrad.zip`, python.FS.readFile("/liftgrad.out"));
"""


def write(folder: Path, cache: Path, first: str) -> None:
    """Write into a folder all that Python needs in the page.

    Args:
        folder: to be made.
        cache: where what is fetched and compiled is kept.
        first: the code that is to be quick: what it imports of the standard library is compiled.

    Raises:
        packages.FetchError: a package cannot be fetched.
        RuntimeError: the code raises, or Node.js fails.
    """
    folder.mkdir()
    pyodide, graphviz = packages.npm(packages.PYODIDE, cache), packages.npm(packages.GRAPHVIZ, cache)
    for name in PYODIDE_FILES:
        shutil.copyfile(pyodide / name, folder / name)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    (folder / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": {}}), encoding="utf-8")
    shutil.copyfile(graphviz / "dist/index.js", folder / "graphviz.js")
    with zipfile.ZipFile(pyodide / LIBRARY) as library:
        _archive(folder / LIBRARY, ((name, library.read(name)) for name in library.namelist()))
    with packages.wheel(cache) as wheel:
        drawing = [(name, wheel.read(name)) for name in wheel.namelist() if name.startswith("graphviz/")]
    _archive(folder / OURS, [*_sources("engine", "nn", "docs/site"), *drawing])
    _archive(folder / DEMOS, _sources("demos"))
    _compile(folder, cache, pyodide, graphviz, first)


def _sources(*folders: str) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in (".py", ".js", ".css", ".html") and not NOT_OURS.match(name):
                yield name, path.read_bytes()


def _archive(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            if not LEFT_OUT.match(name):
                entry = zipfile.ZipInfo(name, FIXED)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content, compresslevel=9)


def _compile(folder: Path, cache: Path, pyodide: Path, graphviz: Path, first: str) -> None:
    """Compile the archives of a folder, or take what was made of the same ones."""
    parts = [(folder / LIBRARY).read_bytes(), (folder / OURS).read_bytes(), (HERE / "bytecode.py").read_bytes()]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in [*parts, f"{SCRIPT}{first}".encode()]))
    kept = cache / f"compiled-{digest.hexdigest()[:16]}"
    if not kept.is_dir():
        program = ["node", "--input-type=module", "-e", SCRIPT, str(pyodide), str(graphviz)]
        with tempfile.TemporaryDirectory(dir=cache) as made:
            for name in (LIBRARY, OURS):
                shutil.copy(folder / name, made)
            done = subprocess.run(
                [*program, str(HERE / "bytecode.py"), made, first],
                capture_output=True, text=True, timeout=SECONDS, check=False,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"The first picture cannot be made in Pyodide:\n{done.stderr[-3000:]}")
            Path(made).rename(kept)
            Path(made).mkdir()
        for old in sorted(cache.glob("compiled-*"), key=lambda folder: folder.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    for name in (LIBRARY, OURS):
        shutil.copyfile(kept / name, folder / name)
