"""The two sides of a diff: what the user named, and the records or dates behind the names."""

from contextlib import suppress
from datetime import date
from typing import NamedTuple

from kztimeline.dates.edtf import DateError, PartialDate, parse_typed
from kztimeline.files import git
from kztimeline.files.place import STDIN, Place, RevisionError, place, read, versioned
from kztimeline.record.reading import Reading
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten


class Side(NamedTuple):
    """One side as the user named it."""

    kind: str
    """date, file or rev"""
    text: str
    date: PartialDate | None = None
    explicit: bool = False
    """Whether a prefix says of which kind it is."""

    @property
    def guessed(self) -> bool:
        """Whether it is a revision for being nothing else."""
        return self.kind == "rev" and not self.explicit


class Dates(NamedTuple):
    """Two dates with a last day each, the second one's no earlier."""

    old: PartialDate
    new: PartialDate


class Versions(NamedTuple):
    """Two versions of a record; None is the working file."""

    old: Side
    new: Side | None


def side(text: str, today: date) -> Side:
    """Tell what an argument of a diff is: a date, else a file that exists, else a revision.

    `date:`, `file:` and `rev:` force one. Raises `KztError` for a forced date that is none, and
    for what is both a date and a file.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in ("file", "rev"):
        return Side(kind, rest, explicit=True)
    explicit = bool(colon) and kind == "date"
    try:
        dated = parse_typed(rest if explicit else text, today)
    except DateError as error:
        if explicit:
            raise KztError(str(error)) from None
        return Side("file" if text == STDIN or git.is_file(text) else "rev", text)
    if not explicit and git.is_file(text):
        raise KztError(
            f'"{text}" is both a date and a file: write date:{text}, file:{text} or rev:{text}'
        )
    return Side("date", rest if explicit else text, dated, explicit)


def _range(text: str, today: date) -> Versions | None:
    """What ``A..B`` names; a date and a file may have two dots as well."""
    old, dots, new = text.partition("..")
    if not dots or (text, None) != git.parse_revision(text) or not side(text, today).guessed:
        return None
    ends = [Side("rev", end or "HEAD", explicit=True) for end in (old, new)]
    if all(side(end.text, today).date for end in ends):
        raise KztError(f"two dates are two arguments: kzt diff {old} {new}")
    return None if new.startswith(".") else Versions(*ends)


def pair(old: str | None, new: str | None, today: date) -> Dates | Versions:
    """The sides that the arguments of a diff name. Raises `KztError` if they don't go together."""
    if old is not None and new is None and (found := _range(old, today)):
        return found
    first = Side("rev", "HEAD", explicit=True) if old is None else side(old, today)
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
        if len(each.options) > 1:
            raise KztError(f'"{each}" is a list with gaps, and a period has none')
        if each.latest is None:
            raise KztError(f'"{each}" has no last day to compare at')
    if first.date.window().until > second.date.window().until:  # type: ignore[operator]
        raise KztError(f'"{first.text}" ends after "{second.text}": write the earlier date first')
    return Dates(first.date, second.date)


def versions(named: Versions, at: Place, revision: str | None) -> tuple[Reading, Reading]:
    """Both sides as they read. Raises `KztError`."""
    if revision is not None:
        raise KztError("--rev goes with dates; name revisions as arguments: kzt diff OLD NEW")
    with git.deadline():
        return _version(named.old, at), _version(named.new, at)


def _version(named: Side | None, at: Place) -> Reading:
    if named is None:
        return read(at)
    if named.kind == "file":
        # What can have no revisions, or not without git, is no revision either.
        with suppress(RevisionError):
            if not named.explicit and all(
                git.is_revision(versioned(at), end or "HEAD") for end in named.text.split("..", 1)
            ):
                raise git.ambiguous(named.text)
        return read(place(named.text))
    try:
        return read(at, f"{git.FORCED}{named.text}" if named.explicit else named.text)
    except RevisionError as error:
        if named.guessed:
            raise KztError(f'no file "{shorten(named.text)}"; {error}') from None
        raise
