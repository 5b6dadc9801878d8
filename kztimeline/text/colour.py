"""Whether there is colour, and the escape sequences for it where rich would take too long."""

import os

choice = "auto"
"""What `--color` chose: auto, always or never."""

_CODES = {"title": "1", "date": "36", "dim": "2", "removed": "31", "changed": "33", "id": "34"}


def is_wanted(*, is_terminal: bool) -> bool:
    """Whether to colour what goes to a terminal, or what doesn't."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal and os.environ.get("TERM") != "dumb")


def paint(text: str, style: str) -> str:
    """A text that passed the gate, in one of the styles that terminals have."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if text and style else text
