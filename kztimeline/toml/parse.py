"""TOML → plain values, whole or piece by piece. The only user of rtoml."""

import re
from collections.abc import Iterator
from typing import Any, Final

import rtoml

from kztimeline.text.gate import plural


def parsed(source: str) -> dict[str, Any]:
    """The values of a text. Raises `ValueError` if it is no TOML."""
    return rtoml.loads(source)


LARGE: Final = 1 << 20
"""Texts of more characters than these are worth more care."""

HUGE: Final = 16 << 20
"""Of what is wrong in longer ones, only the first thing is told where it makes them no TOML."""

# Large enough to be few, small enough for a processor to keep all that is made of one at hand.
_PIECE: Final = 1 << 16
_EVENT: Final = "\n[[event]]"
_LONG_TEXT: Final = re.compile("""\"{3}|'{3}""")
_CUT: Final = re.compile("invalid multi-line|unclosed")
# A right text has at most 5,000 characters, so that no more lines of it begin like an event.
_MOST_CUTS: Final = 500
_LONGEST_TEXT: Final = 1 << 20


class PieceError(ValueError):
    """What the parser says of a piece of a text, and where that begins."""

    def __init__(self, error: ValueError, piece: str, start: int) -> None:
        super().__init__(str(error))
        self.piece = piece
        self.start = start


def in_pieces(source: str) -> tuple[dict[str, Any], Iterator[Any]]:
    """The tables of a large text, and its events one after the other, parsed a few at a time.

    Takes half the time of `parsed` and a fraction of its memory, as long as each event is
    forgotten before the next. A piece ends before a line that begins an event. If every piece is
    TOML, so is the text, because nothing can be open behind a whole one. If there is no event in
    the first piece, and nothing but events in the others, then none says anything of another's.

    Raises `ValueError` if that isn't so, `PieceError` if a piece is no TOML; both also while the
    events are read.
    """
    tables, end = _piece(source, 0, 0)
    if "event" in tables:
        raise ValueError("an event before the first one")
    return tables, _events(source, end)


def _events(source: str, start: int) -> Iterator[Any]:
    while start < len(source):
        piece, start = _piece(source, start, _PIECE)
        yield from piece.pop("event")
        if piece:
            raise ValueError("a table behind an event")


def _piece(source: str, start: int, length: int) -> tuple[dict[str, Any], int]:
    """The values of a piece that is at least so long, and where it ends."""
    end = _before_event(source, start + length)
    for _ in range(_MOST_CUTS):
        try:
            return parsed(source[start:end]), end
        except ValueError as error:
            # A line of a longer text may look like the beginning of an event.
            if not _CUT.match(str(error)) or not _LONG_TEXT.search(source, start, end):
                break
            end = _before_event(source, end)
    # Enough for the parser to say what it would say of the whole.
    end = _before_event(source, end + _LONGEST_TEXT)
    try:
        return parsed(source[start:end]), end
    except ValueError as error:
        raise PieceError(error, source[start:end], start) from None


def _before_event(source: str, start: int) -> int:
    return source.find(_EVENT, start) + 1 or len(source)


# The parser takes up to half a kilobyte for each table, key and entry. These are more of them than
# a record of 100,000 events has, and few enough for what is refused to take 300 MB at most.
_MOST_TABLES = 150_000
_MOST_KEYS = 300_000
_MOST_COMMAS = 1_000_000
_MOST_LINES = 3_000_000
_MOST_OF_A_TABLE = 15


def excess(source: str) -> str:
    """What a text has too much of to be a record of events: ``700,000 keys``; else nothing."""
    if len(source) <= LARGE:
        return ""
    keys, commas = source.count("="), source.count(",")
    # Single characters are counted in half the time.
    lines = source.count("\n")
    if lines > _MOST_LINES:
        return f"has {plural(lines, 'line')}, more than {_MOST_LINES:,}"
    if source.count("[") <= _MOST_TABLES and keys <= _MOST_KEYS and commas <= _MOST_COMMAS:
        return ""
    tables = source.count("\n[")
    more = tables * _MOST_OF_A_TABLE
    for count, most, noun in (
        (tables, _MOST_TABLES, "table"),
        (keys, _MOST_KEYS + more, "key"),
        (commas, _MOST_COMMAS + more, "comma"),
    ):
        if count > most:
            return f"has {plural(count, noun)}, more than {most:,}"
    return ""
