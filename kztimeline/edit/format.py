"""The canonical layout of an events file: what `kzt fmt` makes of its text.

Tables stand in the order of section 1 of the design, events in the order of their dates; keys in
their order, ``key = value``, a citation on each line, one blank line between tables. Comments
stay with the table or the key that they stand above or behind. What can't be laid out anew
without losing a comment keeps its text and is only moved. The spelling of values never changes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kztimeline.checks.dates import longest_ascending
from kztimeline.edit.draft import shape
from kztimeline.edit.patch import Edit, lines
from kztimeline.edit.units import grouped, identical, opening
from kztimeline.files.place import timeline
from kztimeline.record.keys import KEYS, names_of
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Origin, read, read_bytes
from kztimeline.record.writing import ORDER, line_end
from kztimeline.text.compare import changes
from kztimeline.text.errors import KeyPath, KztError
from kztimeline.toml import writing
from kztimeline.toml.blocks import Block, split
from kztimeline.toml.statements import Row, Statements, behind, comments

_BOM: Final = "\ufeff"
_CITATION: Final = names_of("citation")
_INLINE_TABLES: Final = frozenset(key.name for key in KEYS["event"] if shape(key) == "object")


class Part(NamedTuple):
    """A table with the tables inside it, or what stands before the first one, laid out."""

    start: int
    """The line where it began in the old text, counted from 0."""
    end: int
    text: str
    """With the line ends up to the next part."""


class Formatted(NamedTuple):
    """A text in canonical layout, beside the old one."""

    old: str
    text: str
    parts: Sequence[Part]
    """What `text` consists of."""

    @property
    def data(self) -> bytes:
        """The text as a file holds it."""
        return self.text.encode("utf-8")

    @property
    def changed(self) -> bool:
        """Whether the old text was another one."""
        return self.text != self.old

    @property
    def edits(self) -> list[Edit]:
        """What changed: whole parts that moved, and lines of those that stay in their order."""
        old = lines(self.old)
        parts = [*self.parts, Part(len(old), len(old), "")]
        stay = set(longest_ascending([part[:2] for part in parts]))
        found: list[Edit] = []
        moved: list[str] = []
        done = 0
        for place, (start, end, text) in enumerate(parts):
            rows = lines(text)
            if place not in stay:
                moved += rows
                continue
            if moved or done < start:
                found.append(Edit(done, start, tuple(moved)))
            found += [
                Edit(start + first, start + last, tuple(rows[i:j]))
                for first, last, i, j in changes(old[start:end], rows)
            ]
            moved, done = [], end
        return found


def reformat(text: str) -> str:
    """The text of an events file in canonical layout, events in date order. Raises `KztError`."""
    return formatted("text", text.encode("utf-8")).text


def formatted(name: str, data: bytes) -> Formatted:
    """The bytes of an events file in canonical layout. Raises `KztError`, also for broken files.

    The timeline is the same, its events in order, and so are the comments: both are read again.
    """
    reading = read_bytes(data)
    old = timeline(reading._replace(origin=Origin(name, arguments=(name,))))
    text = data.decode("utf-8")
    parts = layout(text, old)
    done = Formatted(text, "".join(part.text for part in parts), parts)
    if not done.changed:
        return done
    again = read(done.text)
    in_order = tuple(sorted(old.events, key=lambda event: event.date.sort_key))
    if (
        again.problems
        or again.timeline.events not in (in_order, old.events)
        or not identical(again.timeline._replace(events=old.events), old)
        or sorted(comments(text)) != sorted(comments(done.text))
    ):
        raise KztError(f"{name}: can't be laid out anew without changing what it says")
    return done


def layout(text: str, found: Timeline) -> list[Part]:
    """The parts of a text in canonical layout and order; `found` is what it holds."""
    mark, newline = text[: text.startswith(_BOM)], line_end(text)
    start = opening(text)
    head, groups = text[len(mark) : start], list(grouped(split(text[start:])))
    if groups and not groups[0][0].header:
        head += groups.pop(0)[0].text
    before = text.count("\n", 0, start) - 1
    starts = [group[0].line + before for group in groups]
    starts.append(len(lines(text)))
    dates = (event.date.sort_key for event in found.events)
    units = []
    for group, first, last in zip(groups, starts, starts[1:], strict=False):
        name, when = group[0].header[0], (0, 0)
        if name == "event":
            event, when = group, next(dates)
        elif len(group) > 1:
            # Tables inside the last event, with another table between.
            event += group[1:]
            del group[1:]
        units.append((list(ORDER).index(name), when, first, last, group))
    parts = [Part(0, starts[0], _stripped(head))]
    parts += [Part(*unit[2:4], _laid_out(unit[4], newline)) for unit in sorted(units)]
    parts = [part for part in parts if part.text]
    gaps = [newline * 2] * (len(parts) - 1) + [newline * text.endswith("\n")]
    parts = [part._replace(text=part.text + gap) for part, gap in zip(parts, gaps, strict=False)]
    top, *others = parts or [Part(0, starts[0], "")]
    return [top._replace(text=mark + top.text), *others]


def _stripped(text: str) -> str:
    """A text without blank lines around it and without white space at its end."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text.rstrip())


def _laid_out(unit: Sequence[Block], newline: str) -> str:
    """A table with the tables inside it."""
    main, *inner = unit
    try:
        name = main.header[0]
        order = ORDER[name] if len(main.header) == 2 or name in ("timeline", "event") else None
        folded = _folded(inner, newline)
        parts = [_table(main, order, folded, newline)]
        for block in inner:
            if block.header[1] not in folded:
                order = _CITATION if block.header[1:] == ("sources",) else None
                parts.append(_table(block, order, {}, newline))
        return (newline * 2).join(newline.join(part) for part in parts)
    except ValueError:
        # UnclearError, or a key that has no place in the order.
        return _stripped("".join(block.text for block in unit))


# --- one table ---------------------------------------------------------------------------------

_Entry = list[tuple[list[str], Row]]
"""The statements that make the value of a key, each with the lines of comments above it."""


def _table(
    block: Block, order: Sequence[str] | None, folded: Mapping[str, str], newline: str
) -> list[str]:
    """A table's lines. With an `order`, that of its keys; else they stay where they are."""
    statements = Statements(block)
    entries, tail = _entries(statements, grouped=order is not None)
    laid_out = [(entry[0][1].path[0], _entry(statements, entry, newline)) for entry in entries]
    if order is not None:
        laid_out += [(key, [f"{writing.key(key)} = {text}"]) for key, text in folded.items()]
        laid_out.sort(key=lambda entry: order.index(entry[0]))
    return [*_header(block), *(line for _, entry in laid_out for line in entry), *tail]


def _header(block: Block) -> list[str]:
    *above, header = block.text[: block.body].rstrip().split("\n")
    # A header holds slugs alone, so that the first # in its line begins a comment.
    written, mark, comment = header.partition("#")
    space = written[len(written.rstrip()) :]
    names = ".".join(writing.key(name) for name in block.header)
    shown = f"[[{names}]]" if block.array else f"[{names}]"
    return [*(line.strip() for line in above), shown + behind(space + mark + comment)]


def _entries(statements: Statements, *, grouped: bool) -> tuple[list[_Entry], list[str]]:
    """The entries of a table, and the lines after the last one.

    Grouped, the statements of one key are one entry, and blank lines between entries go.
    """
    entries: dict[object, _Entry] = {}
    pending: list[str] = []
    for row in statements.rows:
        if row.value:
            above = [text for text in pending if text] if grouped or not entries else pending
            entries.setdefault(row.path[0] if grouped else row.start, []).append((above, row))
            pending = []
        # Several blank lines are one.
        elif (line := row.text.strip()) or pending[-1:] != [""]:
            pending.append(line)
    while pending and not pending[-1]:
        pending.pop()
    return list(entries.values()), pending


def _entry(statements: Statements, entry: _Entry, newline: str) -> list[str]:
    """The lines of an entry."""
    above, first = entry[0]
    if (
        first.path[0] in _INLINE_TABLES
        and all(len(row.path) == 2 for _, row in entry)
        and not any(lines for lines, _ in entry[1:])
        and not any(
            row.behind or statements.comments_in(statements.value(row.path)) for _, row in entry
        )
    ):
        pairs = (
            f"{writing.key(row.path[1])} = {_inline(statements, row.path)}" for _, row in entry
        )
        return [*above, f"{first.path[0]} = {writing.inline(pairs)}"]
    return [
        line
        for above, row in entry
        for line in (
            *above,
            f"{'.'.join(map(writing.key, row.path))} = "
            f"{_value(statements, row.path, newline)}{row.behind}",
        )
    ]


def _value(statements: Statements, path: KeyPath, newline: str) -> str:
    span = statements.value(path)
    if len(path) > 1 or statements.comments_in(span):
        return statements.slice(span)
    if path != ("sources",) or not statements.slice(span).startswith("["):
        return _inline(statements, path)
    items = statements.children.get(path, ())
    return writing.rows((_inline(statements, item, _CITATION) for item in items), newline)


def _inline(statements: Statements, path: KeyPath, order: Sequence[str] = ()) -> str:
    """A value on one line, or a table of its own as one; of keys with an `order`, in that."""
    text = statements.slice(statements.value(path)) if path else "{"
    inside = statements.children.get(path, ())
    if text.startswith("["):
        return writing.array(_inline(statements, item, order) for item in inside)
    if not text.startswith("{"):
        return text
    if order:
        inside = sorted(inside, key=lambda entry: order.index(str(entry[-1])))
    return writing.inline(
        f"{writing.key(str(entry[-1]))} = {_inline(statements, entry)}" for entry in inside
    )


def _folded(blocks: Iterable[Block], newline: str) -> dict[str, str]:
    """The tables inside an event that have no comments, as values of its keys."""
    by_key: dict[str, list[Statements]] = {}
    for block in blocks:
        by_key.setdefault(block.header[1], []).append(Statements(block))
    folded = {}
    for key, tables in by_key.items():
        if any(table.commented for table in tables):
            continue
        if key == "sources" and all(table.block.array for table in tables):
            folded[key] = writing.rows((_inline(table, (), _CITATION) for table in tables), newline)
        elif key in _INLINE_TABLES and len(tables) == 1:
            folded[key] = _inline(tables[0], ())
    return folded
