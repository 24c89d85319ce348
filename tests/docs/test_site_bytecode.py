"""Archives of bytecode, made by this Python instead of Pyodide's."""

import subprocess
import sys
import zipfile

from docs.site.bytecode import compiled, imported_from


def test_an_archive_is_compiled_in_part(tmp_path):
    source, target = tmp_path / "source.zip", tmp_path / "target.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("package/__init__.py", "'''Of the package.'''\nfrom package import other\n")
        archive.writestr("package/other.py", "def f():\n    1 / 0\n")
        archive.writestr("package/later.py", "x = 1\n")
        archive.writestr("package/theme.css", "p {}")
    compiled(source, target, "/place.zip", {"package/__init__.py", "package/other.py"}, optimize=0)
    with zipfile.ZipFile(target) as archive:
        names = ["package/__init__.pyc", "package/other.pyc", "package/later.py", "package/theme.css"]
        assert archive.namelist() == names
        assert archive.read("package/theme.css") == b"p {}"
    code = "import package, package.later; assert package.__doc__ and package.later.x; package.other.f()"
    run = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(target)!r}); {code}"]
    failed = subprocess.run(run, capture_output=True, text=True, check=False)
    assert 'File "/place.zip/package/other.py", line 2, in f' in failed.stderr


def test_what_has_been_imported_of_an_archive(tmp_path, monkeypatch):
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("only_in_an_archive.py", "")
        archive.writestr("never_imported.py", "")
    monkeypatch.syspath_prepend(str(path))
    __import__("only_in_an_archive")
    assert imported_from(str(tmp_path)) == (str(path), {"only_in_an_archive.py"})
