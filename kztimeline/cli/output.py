"""Standard output, standard error and files: written in one go, and failing in one line."""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import NoReturn, TextIO

from kztimeline.files import reading
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import defuse, line

FAILED = 2
INTERRUPTED = 130
_BROKEN_PIPE = 141
"""What a shell shows for a program that SIGPIPE ended: 128 + 13."""


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """$COLUMNS, else the columns of the terminal, else 80."""
    return shutil.get_terminal_size((80, 24)).columns


def encoding() -> str:
    """The encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def write(text: str, *, commands: bool = False) -> None:
    """Write a text whose parts passed the gate to standard output, at once. Raises `KztError`.

    Only our own `commands` to a CI runner are let through to it.
    """
    progress.end()
    reading.let_wait(sys.stdout)
    # A terminal or pipe of another encoding shows escapes instead of failing.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.stdout.write(text if commands else defuse(text))
        sys.stdout.flush()
    except OSError as error:
        lose(error)


def page(text: str) -> None:
    """Write such a text; on a terminal, what is longer than it through a pager."""
    if is_terminal():
        from kztimeline.cli import pager

        if pager.show(text):
            return
    write(text)


def lose(error: OSError) -> NoReturn:
    """Give up standard output: silently if nobody reads on, else with a `KztError`."""
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        raise SystemExit(_BROKEN_PIPE) from None
    closed = isinstance(error, UnsupportedOperation)
    raise KztError(f"standard output: {'is closed' if closed else reading.reason(error)}") from None


def _discard(stream: TextIO) -> None:
    # The interpreter flushes once more when it ends; that would complain, or exit with 120.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(lines: Iterable[str]) -> None:
    """Tell a person what went wrong, each line through the gate."""
    progress.end()
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join([f"{defuse(line(text))}\n" for text in lines]))
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def fail(lines: Iterable[str]) -> NoReturn:
    """Complain and end the command."""
    complain(lines)
    raise SystemExit(FAILED)


def save(text: str | bytes, path: Path, *, record: Path | None) -> None:
    """Write a text to a file, whole or not at all. Raises `KztError`.

    Neither `record`, the events file, nor any other file that was read is ever overwritten by
    what it rendered to.
    """
    try:
        # Links are followed, so that they stay links.
        target = Path(os.path.realpath(path))
        status = _status(path)
        if status is None:
            _replace(target, text, None)
        elif stat.S_ISDIR(status.st_mode):
            raise KztError(f"{path}: is a directory")
        elif stat.S_ISREG(status.st_mode) and _is_read(status, record):
            raise KztError(f"{path}: is the events file itself; choose another name")
        elif isinstance(text, str) and _is_standard_output(status):
            write(text)
        elif stat.S_ISREG(status.st_mode):
            _replace(target, text, status)
        else:
            _send(path, text)
    except OSError as error:
        if error.errno == errno.ENOENT and not path.parent.is_dir():
            raise KztError(f"{path.parent}: no such folder") from None
        if error.errno == errno.ENXIO:
            raise KztError(f"{path}: nothing reads from it") from None
        raise KztError(f"{path}: {reading.reason(error)}") from None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_read(status: os.stat_result, record: Path | None) -> bool:
    if reading.was_read(status):
        return True
    known = _status(record) if record else None
    return known is not None and os.path.samestat(status, known)


def _is_standard_output(status: os.stat_result) -> bool:
    """Whether it is where standard output already goes: /dev/stdout, or the file behind it."""
    try:
        return os.path.samestat(status, os.fstat(sys.stdout.fileno()))
    except (AttributeError, OSError, ValueError):
        return False


def _send(path: Path, text: str | bytes) -> None:
    """Write to a device or a FIFO, which can't be replaced; one that nothing reads is an error."""
    if isinstance(text, bytes):
        raise KztError(f"{path}: is not a regular file")
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        reading.let_wait(file)
        progress.end()
        file.write(text)


def _replace(target: Path, text: str | bytes, old: os.stat_result | None) -> None:
    import tempfile

    if old and not os.access(target, os.W_OK):
        # A file can be replaced in spite of its mode, but that isn't what the mode says.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    descriptor, name = tempfile.mkstemp(prefix=".kzt-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text)
            file.flush()
            os.fsync(descriptor)
        _dress(temporary, old)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _dress(path: Path, old: os.stat_result | None) -> None:
    """Give a new file the owner and mode of the old one, or those that new files get."""
    if old:
        # Only root can give files away, and only some file systems have owners at all.
        with suppress(OSError, AttributeError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(stat.S_IMODE(old.st_mode) & 0o777 if old else _default_mode())


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
