"""Bytes of regular files, bounded, and where the record's file is found."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from kztimeline.errors import KztError

LIMIT = 64 << 20
"""The largest file read, in bytes."""

NAME = "events.toml"


def read_bytes(path: Path) -> bytes:
    """Read a regular file of at most `LIMIT` bytes. Raises `KztError`."""
    try:
        with open(path, "rb", opener=_open) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise KztError(f"{path}: not a regular file")
            return bounded(file, str(path), status.st_size)
    except FileNotFoundError:
        raise KztError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KztError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def _open(path: str, flags: int) -> int:
    # Without O_NONBLOCK the open itself would wait for a writer on a FIFO.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def bounded(file: BinaryIO, name: str, size: int = 0) -> bytes:
    """Read at most `LIMIT` bytes, and nothing when `size` says that there are more."""
    data = b"" if size > LIMIT else file.read(LIMIT + 1)
    if max(size, len(data)) > LIMIT:
        raise KztError(f"{name}: larger than {LIMIT >> 20} MiB")
    return data


def bundled() -> Path:
    """The record shipped with the tool: beside the package's files, else the checkout's."""
    package = Path(__file__).resolve().parent
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
