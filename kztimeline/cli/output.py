"""Standard output, a pager, standard error, devices: written in one go, failing in one line."""

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import NoReturn, TextIO

from kztimeline.text import progress
from kztimeline.text.errors import KztError, reason
from kztimeline.text.gate import defuse, line

_BROKEN_PIPE = 141
"""What a shell shows for a program that SIGPIPE ended: 128 + 13."""


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """$COLUMNS, else the columns of the terminal, else 80; never more than can be laid out."""
    return min(shutil.get_terminal_size((80, 24)).columns, 1_000)


def encoding() -> str:
    """The encoding of standard output."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def write(text: str, *, commands: bool = False) -> None:
    """Write a text whose parts passed the gate to standard output, at once. Raises `KztError`.

    Only our own `commands` to a CI runner are let through to it.
    """
    progress.end()
    _let_wait(sys.stdout)
    # A terminal or pipe of another encoding shows escapes instead of failing.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.stdout.write(text if commands else defuse(text))
        sys.stdout.flush()
    except OSError as error:
        give_up(error)


def _let_wait(stream: TextIO) -> None:
    """Make a stream wait: the terminal or program that it is shared with may have undone it.

    Without this, a write fails half-way while the other end is busy.
    """
    with suppress(OSError, ValueError, AttributeError):
        os.set_blocking(stream.fileno(), True)


def confirm(path: object, text: str) -> None:
    """Write in a line that a file was written; if that fails, the message says both."""
    try:
        write(f"{line(text)}\n")
    except KztError as error:
        raise KztError(f"{path}: written; but {error}") from None


may_page = True
"""Whether `--no-pager` was left out."""


def page(text: str) -> None:
    """Write such a text; on a terminal, what is longer than it through a pager, as git does."""
    command = _pager() if may_page and is_terminal() and _is_longer(text) else []
    if not (command and _is_shown(text, command)):
        write(text)


def _is_shown(text: str, command: list[str]) -> bool:
    import signal
    import subprocess

    progress.end()
    # As in git, where the user says nothing else: colours pass, and the screen is left as it is.
    # In a pager that is secure, no key starts a program, writes a file or opens another one.
    env = {"LESS": "FRX", "LV": "-c", **os.environ, "LESSSECURE": "1"}
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)
    except OSError:
        return False
    # Ctrl-C is for the pager, which goes on after it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.communicate(defuse(text).encode(encoding(), "backslashreplace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def _is_longer(text: str) -> bool:
    """Whether a text may take more rows than the terminal has."""
    if os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        width, height = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return False
    return width > 0 and sum(1 + len(row) // width for row in text.split("\n")) > height > 0


def _pager() -> list[str]:
    """The words of the command that the user wants; none for an empty one, and where it isn't."""
    import shlex

    from kztimeline.files.programs import find

    chosen = (name for name in ("KZT_PAGER", "PAGER") if name in os.environ)
    name = next(chosen, "")
    try:
        # Parted as a shell would do it, but by no shell.
        words = shlex.split(os.environ[name] if name else "less -FRX")
    except ValueError as error:
        raise KztError(f"${name}: {str(error).lower()}") from None
    if not words or words == ["cat"]:
        return []
    program = find(words[0])
    return [program, *words[1:]] if program else []


def give_up(error: OSError) -> NoReturn:
    """Give up standard output: silently if nobody reads on, else with a `KztError`."""
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        raise SystemExit(_BROKEN_PIPE) from None
    closed = isinstance(error, UnsupportedOperation)
    raise KztError(f"standard output: {'is closed' if closed else reason(error)}") from None


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


def send(text: str, path: Path, name: Path) -> None:
    """Write to a device or a pipe that messages call `name`. Raises `KztError`."""
    if _is_standard_output(path):
        write(text)
        return
    # What the system's own names of open files lead to is what the user redirected there.
    following = 0 if path.parts[1] in ("dev", "proc") else os.O_NOFOLLOW
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | following)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            _let_wait(file)
            progress.end()
            file.write(text)
    except OSError as error:
        why = "nothing reads from it" if error.errno == errno.ENXIO else reason(error)
        raise KztError(f"{name}: {why}") from None


def _is_standard_output(path: Path) -> bool:
    """Whether it is where standard output already goes: /dev/stdout, or the file behind it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (AttributeError, OSError, ValueError):
        return False
