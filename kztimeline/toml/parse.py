"""TOML → plain values, whole or piece by piece. The only user of rtoml."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import rtoml

from kztimeline.text.gate import plural


def parsed(source: str) -> dict[str, Any]:
    """The values of a text. Raises `ValueError` if it is no TOML."""
    return rtoml.loads(source)


LARGE: Final = 1 << 17
"""Texts of more characters than these are worth more care."""

HUGE: Final = 16 << 20
"""Of longer texts that are no TOML, only the first mistake is reported."""

PIECE: Final = 1 << 16
"""Characters of a piece: enough for few pieces, so few that their values stay in the cache."""

_EVENT: Final = "\n[[event]]"
_OTHER_TABLE: Final = re.compile(r"\n[ \t]*+\[(?!\[event\]\])")
_LONG_TEXT: Final = re.compile("""\"{3}|'{3}""")
_CUT: Final = re.compile("invalid multi-line|unclosed")

MOST_CUTS: Final = 20
"""How often a piece that ends inside a text is tried again, each time with twice as much added."""
_MOST_TRIED: Final = 1 << 24
LONGEST_TEXT: Final = 1 << 20
"""Characters behind a cut that suffice for the parser to report what it would of the whole."""


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
    the first piece, then none says anything of another's; but where a line behind it may begin
    another table, all tables are parsed as one.

    Raises `ValueError` if that isn't so, `PieceError` if a piece is no TOML; both also while the
    events are read.
    """
    tables, end = ({}, 0) if source.startswith(_EVENT[1:]) else _piece(source, 0, 0)
    if "event" not in tables and _OTHER_TABLE.search(source, end):
        tables = parsed(_apart(source))
    if "event" in tables:
        raise ValueError("an event before the first one")
    return tables, _events(source, end)


def _events(source: str, start: int) -> Iterator[Any]:
    while start < len(source):
        piece, start = _piece(source, start, PIECE)
        # Taken out, so that it is forgotten before the next is parsed.
        yield from piece.pop("event")


def _apart(source: str) -> str:
    """The text without its events. Raises `ValueError` if that is too much to be read at once."""
    from kztimeline.toml.blocks import each_block

    # What [event] begins is no entry of a list, and stays to be seen.
    apart = "".join(
        block.text
        for block in each_block(source)
        if block.header[:1] != ("event",) or (len(block.header) == 1 and not block.array)
    )
    if is_heavy(apart):
        raise ValueError("too much beside the events")
    return apart


def _piece(source: str, start: int, length: int) -> tuple[dict[str, Any], int]:
    """The values of a piece that is at least so long, and where it ends."""
    end = _before_event(source, start + length)
    spent = 0
    for attempt in range(MOST_CUTS):
        try:
            return parsed(source[start:end]), end
        except ValueError as error:
            # A line of a longer text may look like the beginning of an event.
            is_cut = _CUT.match(str(error)) and _LONG_TEXT.search(source, start, end)
            spent += end - start
            if not is_cut or end == len(source) or spent > _MOST_TRIED:
                break
            end = _before_event(source, end + (1 << attempt) - 1)
    # Enough for the parser to report what it would report of the whole text.
    end = _before_event(source, end + LONGEST_TEXT)
    try:
        return parsed(source[start:end]), end
    except ValueError as error:
        raise PieceError(error, source[start:end], start) from None


def _before_event(source: str, start: int) -> int:
    return source.find(_EVENT, start) + 1 or len(source)


# About the bytes of memory that the parser takes for what each of these characters stands for,
# beside its own place; and how many it may take, beside those for events as they are.
_COSTS: Final = (("\n", 60, "line"), ("=", 280, "key"), (",", 190, "comma"), (".", 600, "dot"),
                 ("[", 450, "bracket"), ("{", 350, "brace"))  # fmt: skip
_MOST_BYTES: Final = 240_000_000
_BYTES_OF_AN_EVENT: Final = 16_000
_MOST_TABLES: Final = 150_000


def _cost(text: str) -> int:
    return sum(text.count(char) * each for char, each, _ in _COSTS)


def is_heavy(source: str) -> bool:
    """Whether a text may take more memory than there is for one, whatever in it is a string."""
    return len(source) + _cost(source) > _MOST_BYTES


def excess(source: str) -> tuple[str, str]:
    """What a text has too much of to be a record of events, and to be parsed at once; else "".

    Counted before anything is parsed, because the parser ends the process where memory ends.
    ``has 700,000 keys, more than …``.
    """
    if not is_heavy(source):
        return "", ""
    counts, beyond = _counts(source)
    tables, events = counts["\n["], counts[_EVENT]
    if tables > _MOST_TABLES:
        return f"has {plural(tables, 'table')}, more than {_MOST_TABLES:,}", ""
    costs = [(counts[char] * each, counts[char], noun) for char, each, noun in _COSTS]
    _, count, noun = max(costs)
    has = f"has {plural(count, noun)}, more than"
    if len(source) + beyond > _MOST_BYTES:
        return f"{has} a record of {plural(events, 'event')} may have", ""
    how = "write the tables first, then each event as [[event]] at the beginning of a line"
    is_light = len(source) + sum(cost for cost, _, _ in costs) <= _MOST_BYTES
    return "", "" if is_light else f"{has} can be read at once: {how}"


def _counts(source: str) -> tuple[Counter[str], int]:
    """How often a text has what makes keys and values, outside of its strings and comments.

    And how many bytes that takes, without what each event may take: one event can't have what
    others leave.
    """
    # Not above, because compiling these patterns takes as long as reading a small record.
    from kztimeline.toml.blocks import STRETCH, TEXT

    counts: Counter[str] = Counter()
    beyond = here = allowed = 0
    # In stretches, because what is between millions of strings takes memory, too.
    for stretch in STRETCH.finditer(source):
        bare = TEXT.sub("", stretch[0])
        packed = bare.replace(" ", "").replace("\t", "")
        counts.update({it: packed.count(it) for it in ("\n[", *"\n=,.[{")})
        start, end = 0, bare.find(_EVENT)
        while end >= 0:
            beyond += max(0, here + _cost(bare[start:end]) - allowed)
            here, allowed, counts[_EVENT] = 0, _BYTES_OF_AN_EVENT, counts[_EVENT] + 1
            start, end = end, bare.find(_EVENT, end + 1)
        here += _cost(bare[start:])
    return counts, beyond + max(0, here - allowed)
