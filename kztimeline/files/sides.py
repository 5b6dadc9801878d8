"""The two sides of a diff: what the user named, and the records or dates behind the names."""

from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from kztimeline.dates.edtf import PartialDate, parse_typed
from kztimeline.dates.mistakes import DateError
from kztimeline.files.git import RevisionError
from kztimeline.files.place import STDIN, Place, place, read
from kztimeline.record.reading import Reading
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten


class Side(NamedTuple):
    """One side as the user named it."""

    kind: Literal["date", "file", "rev"]
    text: str
    date: PartialDate | None = None
    guessed: bool = False
    """Whether it is a revision for being nothing else."""


class Dates(NamedTuple):
    """Two dates with a last day each, the second one's no earlier."""

    old: PartialDate
    new: PartialDate

    @property
    def names(self) -> tuple[str, str]:
        """What the header calls them."""
        return f"end of {self.old} (date)", f"end of {self.new} (date)"


class Versions(NamedTuple):
    """Two versions of a record; None is the working file."""

    old: Side
    new: Side | None


def side(text: str, today: date) -> Side:
    """Tell what an argument of a diff is: a date, else a file that exists, else a revision.

    `date:`, `file:` and `rev:` force one. Raises `KztError` for a forced date that is none.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind == "date":
        try:
            return Side("date", rest, parse_typed(rest, today))
        except DateError as error:
            raise KztError(str(error)) from None
    if colon and kind == "file":
        return Side("file", rest)
    if colon and kind == "rev":
        return Side("rev", rest)
    try:
        return Side("date", text, parse_typed(text, today))
    except DateError:
        pass
    if text == STDIN or _is_file(text):
        return Side("file", text)
    return Side("rev", text, guessed=True)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def pair(old: str | None, new: str | None, today: date) -> Dates | Versions:
    """The sides that the arguments of a diff name. Raises `KztError` if they don't go together."""
    first = Side("rev", "HEAD") if old is None else side(old, today)
    second = None if new is None else side(new, today)
    if first.date is None and (second is None or second.date is None):
        if first.text == STDIN and second is not None and second.text == STDIN:
            raise KztError("standard input can only be one side of a diff")
        return Versions(first, second)
    if second is None:
        second = Side("date", "today", PartialDate.parse(today.isoformat()))
    if first.date is None or second.date is None:
        dated, other = (first, second) if first.date else (second, first)
        kind = {"file": "file", "rev": "revision"}[other.kind]
        raise KztError(
            f'"{dated.text}" is a date and "{shorten(other.text)}" a {kind}:'
            f" they can't be compared (rev:{dated.text} is the revision)"
        )
    for each in (first.date, second.date):
        if each.latest is None:
            raise KztError(f'"{each}" has no last day to compare at')
    if first.date.window().until > second.date.window().until:  # type: ignore[operator]
        raise KztError(f'"{first.text}" ends after "{second.text}": write the earlier date first')
    return Dates(first.date, second.date)


def version(named: Side | None, at: Place, revision: str | None) -> Reading:
    """The record behind one side. Raises `KztError`."""
    if revision is not None:
        raise KztError("--rev goes with dates; name revisions as arguments: kzt diff OLD NEW")
    if named is None:
        return read(at)
    if named.kind == "file":
        return read(place(named.text))
    try:
        return read(at, named.text)
    except RevisionError as error:
        if named.guessed:
            raise KztError(f'no file "{shorten(named.text)}"; {error}') from None
        raise
