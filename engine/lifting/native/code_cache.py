"""Machine code kept on disk, so that a program that has been compiled once starts at once in another process.

A file holds the code of one function of a program, under a key of everything that the code depends on. Several
processes may read and write at once: a file appears whole or not at all, and nobody waits for anybody. What is not as
it should be, a file cut off or changed, a folder that cannot be written to, a full disk, no home, is as if it were not
there. The files used last are kept.

What is in a file is run. So the folder has to belong to who runs this, and no other user may have any right to it:
else nothing is read from it, nor written. A file's digest is against accidents, not against attacks: who can write
to that folder can do whatever its owner can.

The environment variable ``LIFTGRAD_CACHE`` is another folder to keep it in, and ``LIFTGRAD_CACHE=0`` turns it off.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys

from engine import files

SWITCH = "LIFTGRAD_CACHE"
MOST_FILES = 2000
MOST_BYTES = 256 * 2**20
KEPT = 0.75  # of the most, after some were dropped: so that this is not done for every new one
LARGEST = 32 * 2**20  # bytes of a file: larger code is not kept
SUFFIX = ".code"
HEAD = b"liftgrad native code\n"
DIGEST = 32  # bytes


class CodeCache:
    """A folder of files by their keys.

    Attributes:
        folder: its path.
        is_default: whether that is the platform's place for caches, and not one that the user has chosen.
    """

    def __init__(self, folder: str, is_default: bool = False) -> None:
        self.folder = folder
        self.is_default = is_default

    def get(self, key: str) -> bytes | None:
        """What was kept under a key; None if nothing was, or it is not as it was."""
        if self.refusal():
            return None
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError:
            return None
        start = len(HEAD) + DIGEST
        found = content[start:]
        if content[:start] != HEAD + _digest(key, found):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used now
        return found

    def put(self, key: str, content: bytes) -> None:
        """Keep something, where that is possible."""
        if len(content) > LARGEST:
            return
        try:
            self._make()
            if not self.refusal():
                files.write(self._path(key), HEAD + _digest(key, content) + content)
                self._drop()
        except OSError:
            pass  # the folder cannot be written to, or the disk is full

    def refusal(self) -> str:
        """Why nothing is read from the folder, or will be written to it; "" if it is as it should be."""
        try:
            found = os.lstat(self.folder)
        except FileNotFoundError:
            return ""  # nothing is there yet
        except OSError as error:
            return f"{self.folder}: {error.strerror}"
        if not stat.S_ISDIR(found.st_mode):
            return f"{self.folder} is no folder"
        if not hasattr(os, "geteuid"):  # Windows, where a user's folders are closed to others
            return ""
        if found.st_uid != os.geteuid():
            return f"{self.folder} belongs to another user"
        if found.st_mode & 0o077:
            return f"{self.folder} is open to other users: chmod 700 closes it"
        return ""

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key + SUFFIX)

    def _make(self) -> None:
        """Make the folder; not in the home of another user, where it would be in that one's way."""
        if os.path.isdir(self.folder):
            return
        above = os.path.dirname(self.folder)
        while not os.path.exists(above):
            above = os.path.dirname(above)
        if self.is_default and hasattr(os, "geteuid") and os.stat(above).st_uid != os.geteuid():
            raise PermissionError(f"{above} belongs to another user")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)

    def _drop(self) -> None:
        """Remove what was not used for longest, if there is too much."""
        found = []
        for entry in os.scandir(self.folder):
            is_draft = entry.name.startswith(".liftgrad-")  # which a process that was killed has left
            if is_draft or entry.name.endswith(SUFFIX):
                with contextlib.suppress(OSError):  # removed meanwhile
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, status.st_size, entry.path))
        size = sum(size for _, size, _ in found)
        if len(found) <= MOST_FILES and size <= MOST_BYTES:
            return
        count = len(found)
        for _, length, path in sorted(found):
            if count <= KEPT * MOST_FILES and size <= KEPT * MOST_BYTES:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)
            count, size = count - 1, size - length


def found_cache() -> CodeCache | None:
    """The cache of this user; None if it is turned off, or there is no place for one."""
    chosen = os.environ.get(SWITCH, "")
    if chosen == "0":
        return None
    if chosen:
        return CodeCache(os.path.join(os.path.abspath(chosen), "native"))
    place = _place_of_caches()
    return CodeCache(os.path.join(place, "liftgrad", "native"), is_default=True) if os.path.isabs(place) else None


def _place_of_caches() -> str:
    """Where the platform has a user's caches."""
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    return chosen if os.path.isabs(chosen) else os.path.expanduser("~/.cache")


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST, key=key.encode()).digest()
