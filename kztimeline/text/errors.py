"""What is wrong, as values, and the one exception that the tool expects."""

from collections.abc import Collection
from typing import Literal, NamedTuple


class KztError(Exception):
    """A refusal, shown to a person as one line for each argument; the command exits 2.

    The lines may hold untrusted text: whoever prints them passes them through ``gate.py``.
    """


def reason(error: Exception) -> str:
    """What the operating system says, as the rest of a line."""
    said = getattr(error, "strerror", None) or str(error)
    return f"{said[:1].lower()}{said[1:]}"


KeyPath = tuple[str | int, ...]
"""The way to a value: keys of tables, and indexes from 0 into arrays."""


class Finding(NamedTuple):
    """One thing wrong with a value: where inside it, and what."""

    path: KeyPath
    code: str
    message: str
    on_key: bool = False
    known: Collection[str] = ()
    """What the offending name might have been."""
    name: str = ""
    severity: Literal["error", "warning"] = "error"
    hint: str = ""
    """What to do, where it isn't one of the `known`."""
    part: tuple[int, int] | None = None
    """The characters of a text that are meant, if not all of it."""
    at: tuple[int, int] | None = None
    """The offsets in the file, for what has no path."""

    def under(self, key: str | int, subject: str) -> "Finding":
        """The same as seen from the value around: its path, and its subject if it lacks one."""
        lacks = self.message.startswith(("must ", "has "))
        message = f"{subject} {self.message}" if lacks else self.message
        return self._replace(path=(key, *self.path), message=message)


class Problem(NamedTuple):
    """Something wrong in a file, at a line and a column (in characters), both from 1."""

    line: int
    column: int
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    hint: str = ""
    end: int = 0
    """The column after what is wrong, on the same line; 0 if only its beginning is known."""
