"""The text of an events file as units, which can be edited one by one, and the keys inside one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kztimeline.record.keys import ANSWERS
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Reading
from kztimeline.toml.blocks import Block, spans, split
from kztimeline.toml.parse import parsed
from kztimeline.toml.statements import Statements, UnclearError, comments

Key = tuple[str, ...]
"""Which unit it is: ``("event", id)``, ``("source", slug)``, ``("topic",)`` for a bare header."""

HEAD: Final[Key] = ("",)
"""What stands before the first table."""
END: Final[Key] = ("#",)
"""The comments after the last one, set off from it."""
_OPENING: Final = re.compile(r"\ufeff?(?:#:[^\n]*(?:\n|\Z))*")
_NAMED: Final = ("topic", "matter", "source")


class Unit(NamedTuple):
    """An event, matter or source, a topic's line, or a header; with the comments above it."""

    key: Key
    text: str
    """Without the line end at its end."""
    after: str
    """The line ends behind it."""
    values: Mapping[str, Any]
    when: tuple[int, int] = (0, 0)
    """What events are sorted by."""
    is_row: bool = False
    """Whether it is a line of a table of several."""

    @property
    def name(self) -> str:
        """What messages call it."""
        if len(self.key) == 1:
            return f"[{self.key[0]}]" if self.key[0].isalpha() else "a comment"
        return f"{self.key[0]} {self.values['id'] if self.key[0] == 'event' else self.key[1]}"


def opening(text: str) -> int:
    """Where the byte order mark and the directives to editors end, which stay first in a file."""
    found = _OPENING.match(text)
    return found.end() if found else 0


def identical(one: Timeline, other: Timeline) -> bool:
    """Whether two timelines are equal, and their topics, matters and sources in one order."""
    named = [[list(it.topics), list(it.matters), list(it.sources)] for it in (one, other)]
    return one == other and named[0] == named[1]


def units(found: Reading, renamed: Mapping[str, str]) -> list[Unit]:
    """The units of a text without byte order mark, events under the ids that they had before."""
    listed: list[Unit] = []
    head = found.text[: opening(found.text)]
    lead = ""
    number = 0
    for blocks in grouped(split(found.text[len(head) :])):
        key, values, when = _identity(found, blocks, number, renamed)
        number += key[0] == "event"
        whole = lead + "".join(block.text for block in blocks)
        end = len(whole) - len(blocks[-1].text) + _body_end(blocks[-1])
        # Comments that are set off by blank lines go with what stands below them.
        lead = whole[end:].lstrip()
        unit = Unit(key, whole[:end], whole[end : len(whole) - len(lead)], values, when)
        listed += _rows(unit) if len(key) == 1 and key[0] in _NAMED else [unit]
    if head:
        # A directive is for the file, whatever table it stands above.
        listed.insert(0, Unit(("#:",), head.rstrip(), "\n", {}))
    if lead:
        listed.append(Unit(END, lead.rstrip(), "", {}))
    return listed


def grouped(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Each block, with the tables inside it if it is an event."""
    group: list[Block] = []
    for block in blocks:
        if group and not (block.header[:1] == ("event",) and len(block.header) > 1):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _body_end(block: Block) -> int:
    """Where the last statement ends, with the comments directly under it."""
    end = len(block.text.rstrip())
    last = block.text[block.text.rfind("\n", 0, end) + 1 : end]
    # Seldom: what looks like a comment may be one, set off or not, or the end of a long text.
    if last.lstrip().startswith("#"):
        end = len(block.text[: Statements(block).body_end].rstrip())
    return end


def _identity(
    found: Reading, blocks: Sequence[Block], number: int, renamed: Mapping[str, str]
) -> tuple[Key, Mapping[str, Any], tuple[int, int]]:
    header = blocks[0].header
    if header[:1] == ("event",):
        values = found.values["event"][number]
        events = found.timeline.events
        # Only of a base may events be missing, because they are wrong.
        when = events[number].date.sort_key if number < len(events) else (0, 0)
        name = str(values.get("id"))
        return ("event", renamed.get(name, name)), values, when
    values = found.values if len(header) > 1 else parsed(blocks[0].text)
    for part in header:
        inside = values.get(part)
        values = inside if isinstance(inside, dict) else {}
    return header or HEAD, values, (0, 0)


def _rows(unit: Unit) -> Iterator[Unit]:
    """The header of a table, and each of its lines."""
    try:
        found = pieces(unit)
    except UnclearError:
        yield unit
        return
    for key, piece in found.items():
        values = {key: unit.values[key]} if key in unit.values else {}
        path = (unit.key[0], key) if key != TITLE else unit.key
        after = unit.after if key == list(found)[-1] else "\n"
        yield Unit(path, piece.whole, after, values, is_row=key != TITLE)


def with_references(text: str, renamed: Mapping[str, str]) -> str:
    """A text in which events answer what was renamed by its new id."""
    parts = []
    for block in split(text) if renamed else ():
        part = block.text
        if block.header == ("event",) and any(name in part for name in renamed):
            found = [(value, path) for path, (_, value) in spans(block).items()]
            for span, path in sorted(found, key=lambda entry: -entry[0].start):
                name = part[span.start : span.end].strip("\"'")
                if len(path) == 2 and path[0] in ANSWERS and name in renamed:
                    part = f'{part[: span.start]}"{renamed[name]}"{part[span.end :]}'
        parts.append(part)
    return "".join(parts) if renamed else text


# --- the keys of a unit ------------------------------------------------------------------------


class Piece(NamedTuple):
    """What a unit says of one key, with the comments that are the key's own."""

    above: str
    """Lines, each with its end."""
    text: str
    behind: str

    @property
    def whole(self) -> str:
        """All of it."""
        return self.above + self.text + self.behind

    @property
    def comments(self) -> list[str]:
        """The comments in it."""
        return comments(self.whole)


TITLE: Final = ""
"""The key of the header, with the comments above it."""
TAIL: Final = "\n"
"""The key of the comments directly under the last statement."""


def pieces(unit: Unit) -> dict[str, Piece]:
    """The pieces of a unit, which make its text line by line. Raises `UnclearError`."""
    *above, block = split(unit.text)
    if unit.is_row or any(other.header for other in above):
        raise UnclearError
    found: dict[str, Piece] = {}
    if block.header:
        lead = "".join(other.text for other in above)
        found[TITLE] = Piece(lead, block.text[: block.body].rstrip("\n"), "")
    lead = ""
    for row in Statements(block).rows:
        if not row.value:
            lead += f"{row.text}\n"
            continue
        behind = row.text[row.value.end - row.start :]
        piece = Piece(lead, row.text[: len(row.text) - len(behind)], behind)
        if old := found.get(row.path[0]):
            piece = Piece("", f"{old.whole}\n{piece.whole}", "")
        found[row.path[0]] = piece
        lead = ""
    if lead:
        found[TAIL] = Piece("", lead.removesuffix("\n"), "")
    return found
