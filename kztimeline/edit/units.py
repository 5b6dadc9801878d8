"""The text of an events file as units, entities with their comments; and the keys inside them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from kztimeline.record.keys import ANSWERS
from kztimeline.record.reading import Reading
from kztimeline.toml.blocks import Block, spans, split
from kztimeline.toml.parse import parsed
from kztimeline.toml.statements import Row, Statements, UnclearError, comments

Key = tuple[str | int, ...]
"""Which unit it is: ``("event", id)``, ``("source", slug)``, ``("topic",)``; see `is_entity`."""

HEAD: Final[Key] = ("",)
"""What stands before the first table."""
_END: Final[Key] = ("end",)
_COMMENT: Final = "#"
_DIRECTIVE: Final = "#:"
_DIRECTIVES: Final = re.compile(r"(?:#:[^\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Unit:
    """An entity, or comments that are set off from all entities by blank lines."""

    key: Key
    text: str
    """Without the line end at its end."""
    after: str
    """The line ends behind it."""
    blocks: Sequence[Block] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    when: tuple[int, int] = (0, 0)
    """What events are sorted by."""

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.key[0] in (_DIRECTIVE, *HEAD):
            return "the head of the file"
        if self.key[0] == _COMMENT:
            return f"the comment above {' '.join(map(str, anchor(self.key)))}"
        named = self.values.get("id") if self.key[0] == "event" else self.key[-1]
        return f"{self.key[0]} {named}" if len(self.key) > 1 else f"[{self.key[0]}]"


def is_entity(key: Key) -> bool:
    """Whether it is the key of anything but comments, or directives to editors."""
    return key[0] not in (_COMMENT, _DIRECTIVE)


def units(found: Reading, renamed: Mapping[str, str]) -> list[Unit]:
    """The units of a text without byte order mark, events under the ids that they had before."""
    listed: list[Unit] = []
    text = found.text
    if head := _DIRECTIVES.match(text):
        listed.append(_unit((_DIRECTIVE,), head[0], len(head[0].rstrip())))
        text = text[head.end() :]
    number = 0
    for blocks in _grouped(split(text)):
        key, values, when = _identity(found, blocks, number, renamed)
        number += key[0] == "event"
        whole = "".join(block.text for block in blocks)
        end = len(whole) - len(blocks[-1].text) + _body_end(blocks[-1])
        unit = replace(_unit(key, whole, end), blocks=blocks, values=values, when=when)
        if rest := unit.after.lstrip():
            blank = unit.after[: len(unit.after) - len(rest)]
            listed.append(replace(unit, after=blank))
            unit = _unit((_COMMENT,), rest, len(rest.rstrip()))
        listed.append(unit)
    return listed


def _unit(key: Key, whole: str, end: int) -> Unit:
    return Unit(key, whole[:end], whole[end:])


def _grouped(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Each block, with the tables inside it if it is an event."""
    group: list[Block] = []
    for block in blocks:
        inside = block.header[:1] == ("event",) and len(block.header) > 1
        if group and not inside:
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
        return ("event", renamed.get(values.get("id"), values.get("id"))), values, when
    values = parsed("".join(block.text for block in blocks)) if len(header) < 2 else found.values
    for part in header:
        values = values[part]
    return header or HEAD, values, (0, 0)


def by_key(listed: Sequence[Unit], known: Collection[Key]) -> dict[Key, Unit]:
    """Units by their keys; comments by the next of the `known` entities below them."""
    anchor, count = _END, 0
    found: list[Unit] = []
    for unit in reversed(listed):
        if unit.key[0] == _COMMENT:
            count += 1
            unit = replace(unit, key=(_COMMENT, count, *anchor))
        elif unit.key in known:
            anchor, count = unit.key, 0
        found.append(unit)
    return {unit.key: unit for unit in reversed(found)}


def anchor(key: Key) -> Key:
    """The entity that comments stand above."""
    return key[2:] or HEAD


def with_references(text: str, renamed: Mapping[str, str]) -> str:
    """A text in which events answer what was renamed by its new id."""
    parts = []
    for block in split(text) if renamed else ():
        part = block.text
        if block.header[:1] == ("event",) and any(name in part for name in renamed):
            found = [(span, path) for path, (_, span) in spans(block).items()]
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
    comments: tuple[str, ...]

    @property
    def whole(self) -> str:
        """All of it."""
        return self.above + self.text + self.behind

    @property
    def comments_inside(self) -> bool:
        """Whether the value holds comments, which are lost if it is written anew."""
        return len(comments(self.above)) + bool(self.behind) < len(self.comments)


TITLE: Final = ""
"""The key of the header, with the comments directly above it."""
TAIL: Final = "\n"
"""The key of the comments directly under the last statement."""


def pieces(unit: Unit) -> dict[str, Piece]:
    """The pieces of a unit, which make its text line by line. Raises `UnclearError`."""
    if len(unit.blocks) != 1:
        raise UnclearError
    block = unit.blocks[0]
    found: dict[str, Piece] = {}
    if block.header:
        found[TITLE] = _piece([], block.text[: block.body].rstrip("\n"), "")
    above: list[str] = []
    for row in Statements(block).rows:
        if row.start >= len(unit.text):
            break
        above.append(row.text)
        if row.value:
            key = row.path[0]
            piece = _of_row(above, row)
            if key in found:
                piece = _piece([], f"{found[key].whole}\n{piece.whole}", "")
            found[key] = piece
            above = []
    if above:
        found[TAIL] = _piece([], "\n".join(above), "")
    return found


def _of_row(above: list[str], row: Row) -> Piece:
    assert row.value
    behind = row.text[row.value.end - row.start :]
    return _piece(above[:-1], row.text[: len(row.text) - len(behind)], behind)


def _piece(above: Sequence[str], text: str, behind: str) -> Piece:
    lines = "".join(f"{line}\n" for line in above)
    return Piece(lines, text, behind, tuple(comments(lines + text + behind)))
