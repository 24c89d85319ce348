"""Writing a file: whole or not at all. Pictures, pages, models, checkpoints and reports all come through here."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_SECONDS_TO_WAIT = 2.0  # on Windows, for readers that have the old file open


def write(path: str | os.PathLike[str], content: bytes) -> str:
    """Write `content` to the file at `path`, in the place of what was in it, and return the path.

    The file appears whole or not at all: who reads it meanwhile, or after a crash, finds the old content or the new.
    For that a draft with a random name is written beside it, saved to the disk, and renamed; so any number of threads,
    processes and machines may write the same file at once, and the last to finish wins. A draft that a killed process
    left (``.liftgrad-….tmp``) stays where it is: nobody else can know that it is abandoned.

    The old file's permissions are kept; a new file gets the usual ones. A symbolic link stays, and what it points to is
    replaced. What is not a regular file (a pipe, a device, ``/dev/stdout``) is written to, never replaced.

    Raises:
        OSError: where it cannot be written; of the path as it was given, and the old file is as it was.
    """
    path = os.fsdecode(path)
    try:
        found = _status(path)
        if found is None:
            _replace(os.path.realpath(path), content, None)
        elif _is_replaceable(path, found):
            target = os.path.realpath(path)
            if not os.access(target, os.W_OK):
                raise PermissionError(13, os.strerror(13))  # a rename would not ask
            _replace(target, content, found)
        else:
            _write_through(path, found, content)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), path) from None  # not of the draft's name
    return path


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None  # or a link to a file that is not there yet


def _is_replaceable(path: str, found: os.stat_result) -> bool:
    """Whether it is a regular file that a rename can replace; not what a stream of this process is writing to."""
    if not stat.S_ISREG(found.st_mode) or _stream_to(found) is not None:
        return False
    return found.st_nlink > 0 or os.path.exists(os.path.realpath(path))  # neither: /dev/fd/3 of a file without a name


def _stream_to(found: os.stat_result) -> int | None:
    """The descriptor of standard output or error, if that is where the file is."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
    return None


def _write_through(path: str, found: os.stat_result, content: bytes) -> None:
    """Write to what is there: a stream of this process from where it has come to, anything else from its beginning."""
    descriptor = _stream_to(found)
    if descriptor is not None:
        for stream in (sys.stdout, sys.stderr):  # what was printed before comes before
            with contextlib.suppress(AttributeError, ValueError):
                stream.flush()
        opened = os.dup(descriptor)
    else:
        truncate = os.O_TRUNC if stat.S_ISREG(found.st_mode) else 0
        opened = os.open(path, os.O_WRONLY | truncate | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(opened, "wb") as file:
        file.write(content)


def _replace(target: str, content: bytes, old: os.stat_result | None) -> None:
    """Write a draft in the target's folder, and rename it to the target."""
    folder = os.path.dirname(target)
    draft = ""
    try:
        while True:
            draft = os.path.join(folder, f".liftgrad-{os.urandom(8).hex()}.tmp")
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(draft, _NEW, 0o666 if old is None else 0o600)
                break
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if old is not None:
                _keep_permissions(draft, old)
            os.fsync(file.fileno())
        _rename(draft, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    _sync_folder(folder)


def _keep_permissions(draft: str, old: os.stat_result) -> None:
    """Owner and group as far as the system lets us, then who may read and write."""
    if hasattr(os, "chown"):
        now = os.stat(draft)
        if (now.st_uid, now.st_gid) != (old.st_uid, old.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(draft, old.st_uid, old.st_gid)
    os.chmod(draft, stat.S_IMODE(old.st_mode))


def _rename(draft: str, target: str) -> None:
    """`os.replace`; on Windows again and again for a while: there a file that someone reads cannot be replaced."""
    until = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            return os.replace(draft, target)
        except PermissionError:
            if os.name != "nt" or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _sync_folder(folder: str) -> None:
    """Have the new name on the disk too, where folders can be opened for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
