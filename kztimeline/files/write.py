"""The durable writer: a file is replaced whole, or stays as it was, whatever happens meanwhile.

The order is that of every program that survives a power cut: lock, write a temporary file in the
same folder, fsync it, rename it over the old one, fsync the folder; only then is success told
(see rename(2), fsync(2)). Programs that don't know the lock are noticed: what they wrote since
the file was read is never overwritten.
"""

import errno
import os
import stat
from binascii import crc32
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from kztimeline.files import reading
from kztimeline.text.errors import KztError

_ATTEMPTS = 20


class Change(Protocol):
    """What an edit makes of a file."""

    @property
    def data(self) -> bytes:
        """The new content; equal to the old one if there is nothing to write."""


C = TypeVar("C", bound=Change)


class _ChangedError(Exception):
    """Somebody else changed the file after it was read."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A file that is locked: its folder, its name there, and what it was when it was read."""

    folder: int
    name: str
    parent: Path
    file: int
    status: os.stat_result

    def content(self) -> bytes:
        """All that is in it now. Raises `KztError`."""
        os.lseek(self.file, 0, os.SEEK_SET)
        parts, size = [], 0
        while part := os.read(self.file, 1 << 20):
            parts.append(part)
            size += len(part)
            if size > reading.LIMIT:
                raise KztError(f"{self.parent / self.name}: larger than {reading.LIMIT >> 20} MiB")
        return b"".join(parts)

    def is_current(self, path: Path) -> bool:
        """Whether a path still leads to this file."""
        try:
            now = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        real = os.path.realpath(path)
        return os.path.samestat(now, self.status) and real == str(self.parent / self.name)


def _mark(name: str) -> str:
    """What the names of a file's temporary files begin with."""
    # Not the name itself, which may already be as long as a name can be. Should two names have
    # the same mark, their locks still tell the files apart.
    return f".kzt-{crc32(os.fsencode(name)):08x}-"


def update(path: Path, edit: Callable[[bytes], C]) -> C:
    """Replace a file's content by what `edit` makes of it; the change that was written.

    Waits while another process edits the file. What somebody else changes meanwhile is read, and
    edited, again. Raises `KztError`, then nothing was written unless it says so.
    """
    for _ in range(_ATTEMPTS):
        try:
            with _locked(path) as target:
                old = target.content()
                change = edit(old)
                _sweep(target)
                if change.data != old:
                    _replace(path, target, old, change.data)
                return change
        except _ChangedError:
            continue
        except OSError as error:
            raise KztError(f"{path}: {reading.reason(error)}; nothing was written") from None
    raise KztError(f"{path}: is being changed by another program; nothing was written")


def tidy(path: Path) -> None:
    """Remove what killed runs left beside a file that needs no writing, if that can be done."""
    real = Path(os.path.realpath(path))
    with suppress(OSError, KztError, _ChangedError):
        if any(other.name.startswith(_mark(real.name)) for other in real.parent.iterdir()):
            with _locked(path) as target:
                _sweep(target)


# --- locking -----------------------------------------------------------------------------------


@contextmanager
def _locked(path: Path) -> Iterator[_Target]:
    """Hold the lock of a file. It is the file's own, so that nothing is left behind."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:
        raise KztError(f"{path}: editing needs a POSIX system") from None
    while True:
        with _opened(path) as target:
            flock(target.file, LOCK_EX)
            # Whoever had the lock may have put a new file in its place: then wait for that one.
            if target.is_current(path):
                yield target
                return


@contextmanager
def _opened(path: Path) -> Iterator[_Target]:
    # Links are followed, so that they stay links.
    real = Path(os.path.realpath(path))
    folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Opened for writing because its mode says whether it may be changed, not its folder's.
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(real.name, flags, dir_fd=folder)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise KztError(f"{path}: not a regular file")
            yield _Target(folder, real.name, real.parent, file, status)
        finally:
            _close(file)
    finally:
        _close(folder)


def _close(descriptor: int) -> None:
    # Nothing was written through it that a failing close could lose: that was synced before.
    with suppress(OSError):
        os.close(descriptor)


def _sweep(target: _Target) -> None:
    """Remove what killed runs left behind: under the lock nobody else's is in use."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    with suppress(OSError):
        with os.scandir(target.folder) as others:
            names = [other.name for other in others if other.name.startswith(_mark(target.name))]
        for name in names:
            with suppress(OSError):
                flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
                file = os.open(name, flags, dir_fd=target.folder)
                try:
                    # Unless its lock is free, a writer of a file since replaced still has it.
                    flock(file, LOCK_EX | LOCK_NB)
                    os.unlink(name, dir_fd=target.folder)
                finally:
                    _close(file)


# --- writing -----------------------------------------------------------------------------------


def _replace(path: Path, target: _Target, old: bytes, new: bytes) -> None:
    from fcntl import LOCK_EX, LOCK_NB, flock

    name = _mark(target.name) + os.urandom(6).hex()
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        file = os.open(name, flags, 0o600, dir_fd=target.folder)
    except OSError as error:
        why = f"no new file can be made in its folder: {reading.reason(error)}"
        raise KztError(f"{path}: {why}; nothing was written") from None
    try:
        try:
            flock(file, LOCK_EX | LOCK_NB)
            _write_all(file, new)
            _dress(path, file, os.fstat(target.file))
            os.fsync(file)
            if not target.is_current(path) or target.content() != old:
                raise _ChangedError
            os.replace(name, target.name, src_dir_fd=target.folder, dst_dir_fd=target.folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=target.folder)
            raise
        try:
            os.fsync(target.folder)
        except OSError as error:
            why = reading.reason(error)
            raise KztError(f"{path}: written, durability unconfirmed: {why}") from None
    finally:
        # Until here its lock keeps the next writer, who finds this file, waiting.
        _close(file)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _dress(path: Path, file: int, old: os.stat_result) -> None:
    """Give the new file the owner and mode of the old one."""
    new = os.fstat(file)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(file, old.st_uid, old.st_gid)
        except OSError as error:
            if error.errno != errno.EPERM:
                raise
            raise KztError(
                f"{path}: belongs to another user or group, which a new file can't be given"
                "; nothing was written"
            ) from None
    os.fchmod(file, stat.S_IMODE(old.st_mode))
