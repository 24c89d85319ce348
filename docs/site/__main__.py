"""``python -m docs.site``: build the site into build/site."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template

from docs.site import layout, notebook, packages, runtime
from docs.site.markdown import Page
from docs.site.mathematics import Typesetter
from engine.optional import import_failed
from engine.render.web_page import theme

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ASSETS = Path(__file__).parent / "assets"
TOUR = ROOT / "demos" / "tour.ipynb"
WRITTEN = {
    "ARCHITECTURE.md": "architecture.html",
    "CHANGELOG.md": "changelog.html",
    "CONTRIBUTING.md": "contributing.html",
}


def build(out: Path, cache: Path) -> None:
    """Write the whole site into a folder.

    Raises:
        packages.FetchError: a package cannot be fetched.
        markdown.SnippetError: a snippet of a page raises.
        ImportError: without SymPy, which the extra "site" brings.
    """
    try:
        from docs.site import operation_pages, reference
    except ImportError as error:
        raise import_failed(error, "sympy", "the site", 'pip install -e ".[site]"') from error
    cache.mkdir(parents=True, exist_ok=True)
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    with (
        ThreadPoolExecutor() as beside,
        Typesetter(packages.npm(packages.KATEX, cache)) as mathematics,
    ):
        pythons = beside.submit(runtime.write, out / "runtime", cache, layout.FIRST)
        chapters = [(path.stem, path) for path in sorted((DOCS / "course").glob("*.md"))]
        pages = {name: _page(path, mathematics, run=True) for name, path in chapters}
        names = [*pages]
        for number, (name, page) in enumerate(pages.items()):
            _write(
                out / f"{name}.html",
                layout.document(page.title, page.body, within="course.html", below=_neighbours(names, pages, number)),
            )
        _write(out / "course.html", layout.document("The course", _chapters(pages), within="course.html"))
        tour = _page(TOUR, mathematics, run=True)
        _write(out / "tour.html", layout.document(tour.title, tour.body, within="course.html", below=OF_THE_TOUR))
        shutil.copyfile(TOUR, out / TOUR.name)
        guides = {path.stem: _page(path, mathematics, run=True) for path in (DOCS / "howto").glob("*.md")}
        for name, page in guides.items():
            _write(out / f"{name}.html", layout.document(page.title, page.body, within="howto.html", below=ALL_GUIDES))
        _write(out / "howto.html", layout.document("How to", _guides(guides), within="howto.html"))
        gallery = _page(DOCS / "gallery.md", mathematics, run=True)
        _write(out / "gallery.html", layout.document(gallery.title, gallery.body, within="gallery.html"))
        for file, target in WRITTEN.items():
            page = _page(DOCS / file, mathematics, run=False)
            _write(out / target, layout.document(page.title, page.body, within="architecture.html", below=NOTES))
        _write(
            out / "reference.html",
            layout.document("Reference", reference.reference(mathematics), within="reference.html"),
        )
        for name, title, body in operation_pages.pages(mathematics):
            _write(out / f"{name}.html", layout.document(title, body, within="reference.html"))
    (out / "fonts").mkdir()
    font = packages.npm(packages.MATHEMATICS, cache)
    shutil.copyfile(font / "files/stix-two-math-latin-400-normal.woff2", out / "fonts/stix-two-math.woff2")
    shutil.copyfile(font / "LICENSE", out / "fonts/LICENSE.txt")
    (out / "embedded").mkdir()
    for page in (*pages.values(), *guides.values(), gallery, tour):
        for name, text in page.embedded.items():
            _write(out / "embedded" / name, text)
    _write(out / "index.html", layout.front())
    _write(out / "exercises.html", layout.exercises())
    shutil.copytree(ASSETS, out / "assets")
    _write(out / "assets" / "site.css", theme() + layout.drawings() + (ASSETS / "site.css").read_text(encoding="utf-8"))
    pythons.result()
    _offline(out)


COURSE = (
    "Ten short chapters, from a slope to a small language model. School mathematics is enough. Every piece of Python "
    "can be changed and run where it stands."
)
ABOUT = {  # what each chapter is about
    "01_slope": "how far a result moves when its input moves a little",
    "02_chain_rule": "slopes of steps in a row are multiplied",
    "03_forward_and_back": "all slopes in one pass, from the result back to the inputs",
    "04_fan_out": "a number that is used twice, and who goes first",
    "05_neuron": "a formula with numbers that can be learned",
    "06_layers": "many neurons, the curves between them, and how wrong they are",
    "07_delta": "the two formulas of the textbooks",
    "07_matrix_form": "the same with matrices, if you like them",
    "08_training": "downhill, step by step",
    "09_second_derivatives": "a slope has a slope too",
    "10_gpt": "a language model in which every number is a Value",
}
IN_A_HURRY = (
    'You know all this? Then <a href="tour.html">the tour</a> shows on one page what is here: a notebook, which can be '
    "changed and run here too."
)
OF_THE_TOUR = (
    '<p>This page is a notebook of the project, and its cells run in your browser. <a href="tour.ipynb" download>Take '
    "it with you</a>: in Jupyter, all of it runs.</p>"
)
HOWTO = {
    "Make your own": ("own_operation", "own_layer", "training_loop"),
    "Go faster": ("compiling", "speed", "several_machines"),
    "Come from elsewhere": ("from_micrograd", "from_pytorch", "from_jax"),
    "Teach": ("teaching",),
    "When something is in the way": ("names_that_clash",),
}
ALL_GUIDES = '<nav aria-label="How to"><a href="howto.html">← All of How to</a></nav>'
NOTES = (
    '<nav aria-label="Notes"><a href="contributing.html">How to contribute</a>'
    '<a href="changelog.html">What has changed</a></nav>'
)


def _page(path: Path, mathematics: Typesetter, *, run: bool) -> Page:
    known = {**WRITTEN, **{other.name: f"{other.stem}.html" for other in DOCS.glob("*/*.md")}}

    def link(target: str) -> str | None:
        file, _, part = target.partition("#")
        if target.startswith("#") or file.endswith(".html"):
            return target
        address = known.get(Path(file).name)
        return address and (f"{address}#{part}" if part else address)

    content = notebook.blocks(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    return Page(content, path.stem, mathematics, link, run)


def _neighbours(names: list[str], pages: dict[str, Page], number: int) -> str:
    before = f'<a href="{names[number - 1]}.html">← {pages[names[number - 1]].title}</a>' if number else "<span></span>"
    last = number + 1 == len(names)
    after = (
        '<a href="exercises.html">The exercises →</a>'
        if last
        else f'<a href="{names[number + 1]}.html">{pages[names[number + 1]].title} →</a>'
    )
    return f'<nav aria-label="Chapters">{before}{after}</nav>'


def _chapters(pages: dict[str, Page]) -> str:
    links: dict[str, list[str]] = {}  # pages of one chapter have its number
    for name, page in pages.items():
        links.setdefault(name.partition("_")[0], []).append(f'<a href="{name}.html">{page.title}</a>: {ABOUT[name]}')
    items = "".join(f"<li>{'<br>'.join(chapter)}</li>" for chapter in links.values())
    return f"<h1>The course</h1><p>{COURSE}</p><ol>{items}</ol><p>{IN_A_HURRY}</p>"


def _guides(guides: dict[str, Page]) -> str:
    """The contents of the how-to pages, in the order of HOWTO, which names each of them."""
    parts = ["<h1>How to</h1>"]
    left = {**guides}
    for heading, names in HOWTO.items():
        items = "".join(f'<li><a href="{name}.html">{left.pop(name).title}</a></li>' for name in names)
        parts.append(f"<h2>{heading}</h2><ul>{items}</ul>")
    if left:
        raise LookupError(f"HOWTO in {__file__} does not say where {', '.join(left)} belongs")
    return "".join(parts)


def _offline(out: Path) -> None:
    """The list of all files, for when there is no network."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != "offline.js")
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()[:16]
    names = ["./", *[path.relative_to(out).as_posix() for path in files]]
    script = Template((ASSETS / "offline.js").read_text(encoding="utf-8"))
    _write(out / "offline.js", script.substitute(version=digest, files=json.dumps(names)))
    (out / "assets/offline.js").unlink()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def cache_folder() -> Path:
    """Where what is fetched is kept, unless told."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "liftgrad-site")


def first_load(out: Path) -> int:
    """Bytes of what the front page loads, compressed as a file server does it."""
    loaded = [*(out / "assets").iterdir(), *(out / "runtime").iterdir()]
    files = [out / "index.html", *(path for path in loaded if path.name != runtime.DEMOS)]
    return sum(min(path.stat().st_size, len(gzip.compress(path.read_bytes(), 6))) for path in files)


def main() -> int:
    """Build, and say what there is."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description="Build the site.")
    parser.add_argument("--out", type=Path, default=ROOT / "build/site", help="the folder to write (build/site)")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where what is fetched is kept")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        build(arguments.out, arguments.cache)
    except (packages.FetchError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    size, seconds = first_load(arguments.out) / 1e6, time.monotonic() - began
    print(f"{arguments.out}: built in {seconds:.1f} s; the front page loads {size:.2f} MB, compressed")
    print(f"Look at it: python -m http.server --directory {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
