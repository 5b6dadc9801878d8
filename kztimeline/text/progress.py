"""What a command is at, shown on the terminal of standard error once it takes over a second.

A timer's signal draws the line: until then it costs two system calls, and no thread is there to
draw into the output. No signal is handled while the TOML parser works, so of a text that is known
to keep it busy it is shown at once.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import Final

from kztimeline.text.gate import line

LARGE: Final = 16 << 20
"""Bytes that take about a second to parse."""

watched = False
"""Whether a person sees standard error."""
_step = ""
"""What the command is at; empty if nothing is to be shown."""
_shown = 0
"""Columns of the line on the terminal."""


def watch() -> None:
    """Let this process show what it is at, if a person sees it: it is the command, not a library.

    Nobody does in a file, a CI runner, a dumb terminal or a job in the background.
    """
    global watched
    with suppress(AttributeError, OSError, ValueError):
        watched = (
            sys.stderr.isatty()
            and hasattr(signal, "setitimer")
            and not os.environ.get("CI")
            and os.environ.get("TERM", "") not in ("", "dumb")
            and os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
        )


def tell(step: str, size: int = 0) -> None:
    """Until `end` the command is at this, perhaps with so many bytes: ``Reading events.toml``."""
    global _step
    if watched:
        waiting, _step = bool(_step), step
        if _shown or size >= LARGE:
            _draw()
        elif not waiting:
            signal.signal(signal.SIGALRM, _draw)
            signal.setitimer(signal.ITIMER_REAL, 1.0)


def end() -> None:
    """Leave nothing on the terminal: something else is about to be written."""
    global _step, _shown
    if _step or _shown:
        _step = ""
        signal.setitimer(signal.ITIMER_REAL, 0)
        _draw()
        _shown = 0


def _draw(*_: object) -> None:
    """Draw the step over what is shown; blanks, if the signal came when the step had ended."""
    global _shown
    room = 0
    with suppress(OSError):
        room = os.get_terminal_size(sys.stderr.fileno()).columns
    # A line that wraps can't be erased. What isn't ASCII takes at most two columns.
    text = (f"{line(_step)} ..." if _step else "")[: (room or 80) - 1]
    while (size := len(text) + sum(char > "\x7f" for char in text)) > (room or 80) - 1:
        text = text[:-1]
    rest, _shown = _shown - size, max(size, _shown)
    # Last, because an interrupt may come as soon as it is to be seen.
    if _shown:
        write(f"\r{text}{' ' * rest}" + ("" if _step else "\r"))


def write(text: str) -> None:
    """Write to standard error at once."""
    # Not through the stream: the signal may have come while that was writing.
    with suppress(OSError):
        os.write(sys.stderr.fileno(), text.encode(sys.stderr.encoding, "replace"))
