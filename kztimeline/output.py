"""Standard output, standard error and files: written in one go, and failing in one line."""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from kztimeline.errors import KztError
from kztimeline.text import defuse, line

FAILED = 2
INTERRUPTED = 130
_BROKEN_PIPE = 141
"""What a shell shows for a program that SIGPIPE ended: 128 + 13."""


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """The columns of the terminal, else of $COLUMNS, else 80."""
    return shutil.get_terminal_size((80, 24)).columns


def encoding() -> str:
    """The encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def write(text: str) -> None:
    """Write a text whose parts passed the gate to standard output, at once. Raises `KztError`."""
    if sys.stdout is None:
        raise KztError("standard output: is closed")
    # A terminal or pipe of another encoding shows escapes instead of failing.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.stdout.write(defuse(text))
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it ends, and that would complain.
        _discard_output()
        raise SystemExit(_BROKEN_PIPE) from None
    except OSError as error:
        _discard_output()
        raise KztError(f"standard output: {_reason(error)}") from None


def _discard_output() -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{reason[:1].lower()}{reason[1:]}"


def complain(lines: Iterable[str]) -> None:
    """Tell a person what went wrong, each line through the gate."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write("".join([f"{defuse(line(text))}\n" for text in lines]))
            sys.stderr.flush()


def fail(lines: Iterable[str]) -> NoReturn:
    """Complain and end the command."""
    complain(lines)
    raise SystemExit(FAILED)


def save(text: str, path: Path, *, record: Path | None) -> None:
    """Write a text to a file, whole or not at all. Raises `KztError`.

    `record` is the events file that was read: it is never overwritten by what it rendered to.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        target = Path(os.path.realpath(path))
        status = target.stat() if target.exists() else None
        if status and stat.S_ISDIR(status.st_mode):
            raise KztError(f"{path}: is a directory")
        if record and status and record.exists() and record.samefile(target):
            raise KztError(f"{path}: is the events file itself; choose another name")
        if status and not stat.S_ISREG(status.st_mode):
            target.write_bytes(data)
        else:
            _replace(target, data, status.st_mode if status else None)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise KztError(f"{path.parent}: no such folder") from None
        raise KztError(f"{path}: {_reason(error)}") from None


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(name).chmod(_default_mode() if mode is None else stat.S_IMODE(mode))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
