"""The writer of all files: whole or not at all, through links, into what is no file, and by many at once."""

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from engine import Value, files
from nn import MLP

posix = pytest.mark.skipif(os.name == "nt", reason="there are no such files there")
ROOT = Path(__file__).parents[2]


def save_picture(path):
    (Value(2.0, "a") * 3.0).to_svg(path)


def save_page(path):
    (Value(2.0, "a") * 3.0).walkthrough(path)


def save_model(path):
    MLP(1, [1], seed=0).save(path)


SAVERS = [save_picture, save_page, save_model]  # every door to a file


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_returns_the_path_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("a.txt", Path("a.txt"), b"a.txt"):
        assert files.write(path, b"content\r\n") == "a.txt"
    assert Path("a.txt").read_bytes() == b"content\r\n"
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, " ", "\n", "a\x1b[31m"])
def test_any_name_that_the_system_takes(tmp_path, name):
    files.write(tmp_path / name, b"x")
    files.write(tmp_path / name, b"y")
    assert names_in(tmp_path) == [name]


@posix
@pytest.mark.parametrize("save", SAVERS)
def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path, save):
    (tmp_path / "folder").mkdir()
    target, link, second = tmp_path / "folder" / "target", tmp_path / "link", tmp_path / "second"
    link.symlink_to(Path("folder") / "target")  # not there yet
    second.symlink_to(link)
    save(second)
    first = target.read_bytes()
    target.write_bytes(b"")
    save(link)
    assert link.is_symlink()
    assert second.is_symlink()
    assert len(target.read_bytes()) == len(first) > 0
    assert names_in(tmp_path / "folder") == ["target"]


@posix
def test_links_in_a_circle_are_an_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic link") as caught:
        files.write(tmp_path / "a", b"x")
    assert caught.value.errno == errno.ELOOP
    assert names_in(tmp_path) == ["a", "b"]


@posix
@pytest.mark.parametrize("save", SAVERS)
def test_a_fifo_is_written_to(tmp_path, save):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    save(fifo)
    reader.join(10)
    assert len(read[0]) > 50
    assert stat.S_ISFIFO(fifo.lstat().st_mode)
    assert names_in(tmp_path) == ["fifo"]


@posix
@pytest.mark.parametrize("save", SAVERS)
def test_a_device_is_written_to(tmp_path, save):
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    save(link)
    save("/dev/null")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert link.is_symlink()


@posix
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_to_wherever_it_goes(tmp_path, path):
    if not Path(path).exists():
        pytest.skip(f"there is no {path} here")
    program = f"from engine import files; print('before'); files.write({path!r}, b'content\\n'); print('after')"
    expected = "before\ncontent\nafter\n"
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout == expected
    out = tmp_path / "out.txt"
    with out.open("w") as file:
        subprocess.run(run, cwd=ROOT, stdout=file, check=True)
    assert out.read_text() == expected
    with out.open("a") as file:
        subprocess.run(run, cwd=ROOT, stdout=file, check=True)
    assert out.read_text() == 2 * expected
    assert names_in(tmp_path) == ["out.txt"]


@posix
def test_a_file_that_has_no_name_any_more_is_written_to(tmp_path):
    if not Path("/dev/fd").exists():
        pytest.skip("there is no /dev/fd here")
    with (tmp_path / "gone").open("w+b") as file:
        Path(file.name).unlink()
        files.write(f"/dev/fd/{file.fileno()}", b"content")
        assert file.read() == b"content"
    assert names_in(tmp_path) == []


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_the_permissions_of_the_old_file_are_kept(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = os.umask(0o077)
    try:
        files.write(path, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == b"new"


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_usual_permissions(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        files.write(tmp_path / "file", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@posix
def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # the tests may run as root
    with pytest.raises(PermissionError) as caught:
        files.write(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_of_the_old_file_is_kept(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    files.write(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


@pytest.mark.parametrize("name", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full", "draft"), OSError("odd"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch, name, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*arguments):
        raise error

    monkeypatch.setattr(os, name, fail)
    with pytest.raises(type(error)) as caught:
        files.write(path, b"new")
    if getattr(error, "errno", None):
        assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize("path", ["", "no folder/file", "."])
def test_what_cannot_be_written_is_named_as_it_was_given(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=r"No such file|directory") as caught:
        files.write(path, b"x")
    assert caught.value.filename == path
    assert names_in(tmp_path) == []


def test_drafts_of_others_are_left_alone_and_never_written_into(tmp_path, monkeypatch):
    others = [tmp_path / f".liftgrad-{letter * 16}.tmp" for letter in "ab"]
    for other in others:
        other.write_bytes(b"another's")
        os.utime(other, (0.0, 0.0))
    drawn = iter([b"\xaa" * 8, b"\xbb" * 8, b"\xcc" * 8])  # names that are taken come first
    monkeypatch.setattr(os, "urandom", lambda n: next(drawn))
    files.write(tmp_path / "file", b"content")
    assert [other.read_bytes() for other in others] == [b"another's"] * 2
    assert names_in(tmp_path) == [*(other.name for other in others), "file"]


def test_on_windows_it_waits_for_a_reader(tmp_path, monkeypatch):
    replace, refused = os.replace, []

    def busy(*arguments):
        if len(refused) < 3:
            refused.append(arguments)
            raise PermissionError(13, "used by another process")
        replace(*arguments)

    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(PermissionError):
        files.write(tmp_path / "file", b"content")
    assert names_in(tmp_path) == []
    refused.clear()
    draft, target = tmp_path / "draft", tmp_path / "file"
    draft.write_bytes(b"content")
    monkeypatch.setattr(os, "name", "nt")
    files._rename(str(draft), str(target))
    monkeypatch.undo()
    assert len(refused) == 3
    assert names_in(tmp_path) == ["file"]


WRITER = """
    import os, sys, threading
    os.getpid = lambda: 7  # as in two containers
    from engine import files
    path, letters, saves = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])

    def save(letter):
        for _ in range(saves):
            files.write(path, bytes([letter]) * 20_000)

    threads = [threading.Thread(target=save, args=(letter,)) for letter in letters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def save_at_once(path, saves):
    """8 threads of 2 processes with one process id, as many saves each; how many whole files were read meanwhile."""
    files.write(path, b"." * 20_000)
    writers = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(WRITER), str(path), letters, str(saves)], cwd=ROOT)
        for letters in ("abcd", "efgh")
    ]
    reads = 0
    try:
        while any(writer.poll() is None for writer in writers):
            content = path.read_bytes()
            assert len(content) == 20_000
            assert len({*content}) == 1, "two writers in one file"
            reads += 1
    finally:
        for writer in writers:
            writer.wait()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert names_in(path.parent) == [path.name]
    return reads


def test_threads_and_processes_write_one_file_at_once(tmp_path):
    assert save_at_once(tmp_path / "file", saves=25) > 0


@pytest.mark.slow
def test_ten_thousand_saves_without_a_torn_read(tmp_path):
    assert save_at_once(tmp_path / "file", saves=1_250) > 1_000


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot kill itself outright here")
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_killed_while_writing(tmp_path, moment):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = f"""
        import os, signal
        from engine import files
        os.{moment} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
        files.write({str(path)!r}, b"new")
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    files.write(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_nothing_else_writes_files():
    """Whoever writes does it through engine.files, but for the null device."""
    writing = re.compile(r"""\.write_(text|bytes)\(|\bopen\([^)]*["'][wax]b?\+?["']|os\.(replace|rename)\(""")
    for folder in ("engine", "nn"):
        for path in (ROOT / folder).rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                if writing.search(line) and "os.devnull" not in line:
                    assert path.name == "files.py", f"{path}: {line}"
