"""What a command is at, told on the terminal of standard error once it takes over a second.

A timer's signal draws the line: until then it costs two system calls, and no thread is there to
draw into the output. No signal is handled while the TOML parser works, so a text that is known
to keep it busy is told at once.
"""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Final

from kztimeline.text.gate import line

AFTER: Final = 1.0
"""Seconds until a step is told."""
LARGE: Final = 16 << 20
"""Bytes that take about a second to parse."""

_watched = False
_step = ""
"""What the command is at; empty if nothing is to be told."""
_shown = 0
"""Columns of the line on the terminal."""


def watch() -> None:
    """Let this process tell what it is at: it is the command, not a program that imports it."""
    global _watched
    _watched = _is_seen()


def _is_seen() -> bool:
    """Whether a person sees it: not a file, a CI runner, a dumb terminal or a background job."""
    try:
        return (
            sys.stderr.isatty()
            and hasattr(signal, "setitimer")
            and not os.environ.get("CI")
            and os.environ.get("TERM", "") not in ("", "dumb")
            and os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
        )
    except (AttributeError, OSError, ValueError):
        return False


def tell(step: str, size: int = 0) -> None:
    """Until `end` the command is at this, perhaps with so many bytes: ``Reading events.toml``."""
    global _step
    if not _watched:
        return
    waiting, _step = bool(_step), step
    if _shown or size >= LARGE:
        _draw()
    elif not waiting:
        signal.signal(signal.SIGALRM, _due)
        signal.setitimer(signal.ITIMER_REAL, AFTER)


def end() -> None:
    """Leave nothing on the terminal: something else is about to be written."""
    global _step, _shown
    if _step or _shown:
        _step = ""
        signal.setitimer(signal.ITIMER_REAL, 0)
        if _shown:
            _write(f"\r{' ' * _shown}\r")
        _shown = 0


def _due(_number: int, _frame: FrameType | None) -> None:
    # The signal may have been on its way when the step ended.
    if _step:
        _draw()


def _draw() -> None:
    global _shown
    text, size = _fitting(f"{line(_step)} ...")
    more, _shown = _shown - size, max(size, _shown)
    # Last, because an interrupt may come as soon as it is to be seen.
    _write(f"\r{text}{' ' * more}")


def _fitting(text: str) -> tuple[str, int]:
    """A text cut to the terminal, since a line that wraps can't be erased; and its columns."""
    try:
        room = os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        room = 80
    size = 0
    for at, char in enumerate(text):
        # At most two: what is erased may be more than what was drawn.
        wide = 1 if char.isascii() else 2
        if size + wide >= room:
            return text[:at], size
        size += wide
    return text, size


def _write(text: str) -> None:
    # Not through the stream: the signal may have come while that was writing.
    with suppress(OSError):
        os.write(sys.stderr.fileno(), text.encode(sys.stderr.encoding, "replace"))
