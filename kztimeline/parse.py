"""TOML → plain values, whole or piece by piece. The only user of rtoml."""

from collections.abc import Iterator
from typing import Any, Final

import rtoml

from kztimeline.text import plural


def parsed(source: str) -> dict[str, Any]:
    """The values of a text. Raises `ValueError` if it is no TOML."""
    return rtoml.loads(source)


LARGE: Final = 1 << 20
"""Texts of more characters than these are worth more care."""

# Large enough to be few, small enough for a processor to keep all that is made of one at hand.
_PIECE: Final = 1 << 16
_EVENT: Final = "\n[[event]]"


def pieces(source: str) -> Iterator[dict[str, Any]]:
    """The values of a text piece by piece: what stands before the first event, then some events.

    Takes half the time and a fraction of the memory of `parsed`, as long as each piece is
    forgotten before the next. A piece ends before a line that begins an event. If every piece is
    TOML, so is the text: nothing that reaches beyond a line can be open at the end of one. The
    text has the values of its pieces if the first has no events and the others nothing else.

    Raises `ValueError` if a piece is no TOML.
    """
    start, end = 0, source.find(_EVENT)
    while end >= 0:
        yield parsed(source[start : end + 1])
        start, end = end + 1, source.find(_EVENT, end + 1 + _PIECE)
    yield parsed(source[start:])


# The parser takes up to half a kilobyte for each table, key and entry. These are more of them than
# a record of 100,000 events has, and few enough for what is refused to take 300 MB at most.
_MOST_TABLES = 150_000
_MOST_KEYS = 300_000
_MOST_COMMAS = 1_000_000
_MOST_OF_A_TABLE = 15


def excess(source: str) -> str:
    """What a text has too much of to be a record of events: ``700,000 keys``; else nothing."""
    if len(source) <= LARGE:
        return ""
    keys, commas = source.count("="), source.count(",")
    # Single characters are counted in half the time.
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
