"""What is longer than the terminal goes through a pager, as git does it."""

import os
import shlex
import signal
import subprocess
import sys

from kztimeline.cli import output
from kztimeline.files.programs import find
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import defuse

is_on = True
"""Whether `--no-pager` was left out."""


def show(text: str) -> bool:
    """Let the pager show a text, if there is one and the terminal is too short."""
    command = _command() if is_on and _is_longer(text) else []
    if not command:
        return False
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
        process.communicate(defuse(text).encode(output.encoding(), "backslashreplace"))
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


def _command() -> list[str]:
    """The words of the command that the user wants; none for an empty one, and where it isn't."""
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
