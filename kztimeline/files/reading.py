"""Bytes of regular files, bounded, and where the record's file is found."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from kztimeline.text.errors import KztError

LIMIT = 64 << 20
"""The largest file read, in bytes."""

NAME = "events.toml"

_read: set[tuple[int, int]] = set()
"""Device and inode of each file that this process has read."""


def read_bytes(path: Path) -> bytes:
    """Read a regular file of at most `LIMIT` bytes. Raises `KztError`."""
    try:
        # Before opening, because opening a device can do something.
        _refuse_special(path, path.stat())
        with open(path, "rb", opener=_open) as file:
            # And after it, because another file may have come in between.
            _refuse_special(path, os.fstat(file.fileno()))
            return bounded(file, str(path))
    except FileNotFoundError:
        raise KztError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise KztError(f"{path}: {reason(error)}") from None


def _refuse_special(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise KztError(f"{path}: is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise KztError(f"{path}: not a regular file")


def _open(path: str, flags: int) -> int:
    # Without O_NONBLOCK the open itself would wait for a writer on a FIFO.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def bounded(file: BinaryIO, name: str) -> bytes:
    """Read at most `LIMIT` bytes, and nothing of a file that is larger."""
    status = os.fstat(file.fileno())
    _read.add((status.st_dev, status.st_ino))
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    # None is what a file without blocking gives while it has nothing.
    data = b"" if size > LIMIT else cast("bytes | None", file.read(LIMIT + 1))
    if data is None:
        raise KztError(f"{name}: has nothing to read")
    if max(size, len(data)) > LIMIT:
        raise KztError(f"{name}: larger than {LIMIT >> 20} MiB")
    return data


def was_read(status: os.stat_result) -> bool:
    """Whether this process has read the file, by whatever name, that has this status."""
    return (status.st_dev, status.st_ino) in _read


def let_wait(file: IO[str]) -> None:
    """Make a standard stream wait: the terminal or program it is shared with may have undone it.

    Without this, a read ends early and a write fails half-way while the other end is busy.
    """
    with suppress(OSError, ValueError, AttributeError):
        os.set_blocking(file.fileno(), True)


def reason(error: Exception) -> str:
    """What the operating system says, as the rest of a line."""
    told = getattr(error, "strerror", None) or str(error)
    return f"{told[:1].lower()}{told[1:]}"


def bundled() -> Path:
    """The record shipped with the tool: beside the package's files, else the checkout's."""
    package = Path(__file__).resolve().parent.parent
    inside = package / NAME
    return inside if inside.exists() else package.parent / NAME


def nearest() -> Path | None:
    """The nearest `events.toml` upward from the working directory, if there is one."""
    try:
        folder = Path.cwd()
    except OSError:
        return None
    for above in (folder, *folder.parents):
        path = above / NAME
        try:
            path.lstat()
        except OSError:
            continue
        # Relative as the user would type it: it stands at the head of every message.
        return Path(os.path.relpath(path))
    return None
