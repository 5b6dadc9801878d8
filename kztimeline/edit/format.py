"""The canonical layout of an events file: what `kzt fmt` makes of its text.

Tables stand in the order of section 1 of the design, events in the order of their dates; keys in
their order, ``key = value``, a citation on each line, one blank line between tables. Comments
stay with the table or the key that they stand above or behind. What can't be laid out anew
without losing a comment keeps its text and is only moved. The spelling of values never changes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kztimeline.files.place import timeline
from kztimeline.record.keys import names_of
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Origin, read, read_bytes
from kztimeline.record.writing import ORDER, line_end
from kztimeline.text.errors import KeyPath, KztError
from kztimeline.toml import writing
from kztimeline.toml.blocks import Block, split
from kztimeline.toml.statements import Row, Statements, UnclearError, behind, comments

_BOM: Final = "\ufeff"
_DIRECTIVE: Final = "#:"


def reformat(text: str) -> str:
    """The text of an events file in canonical layout, events in date order. Raises `KztError`."""
    return formatted("text", text.encode("utf-8")).decode("utf-8")


def formatted(name: str, data: bytes) -> bytes:
    """The bytes of an events file in canonical layout. Raises `KztError`, also for broken files.

    The timeline is the same, its events in order, and so are the comments: both are read again.
    """
    reading = read_bytes(data)
    old = timeline(reading._replace(origin=Origin(name, arguments=(name,))))
    text = data.decode("utf-8")
    new = canonical(text, old)
    if new == text:
        return data
    again = read(new)
    if again.problems or not _same(old, again.timeline) or _told(text) != _told(new):
        raise KztError(f"{name}: can't be laid out anew without changing what it says")
    return new.encode("utf-8")


def _same(old: Timeline, new: Timeline) -> bool:
    in_order = tuple(sorted(old.events, key=lambda event: event.date.sort_key))
    named = ("topics", "matters", "sources")
    return (
        new.events in (in_order, old.events)
        and new._replace(events=old.events) == old
        and all(list(getattr(old, name)) == list(getattr(new, name)) for name in named)
    )


def _told(text: str) -> Counter[str]:
    return Counter(comments(text))


def canonical(text: str, found: Timeline) -> str:
    """A text in canonical layout; `found` is what it holds."""
    mark = text[: text.startswith(_BOM)]
    newline = line_end(text)
    head, units = _units(text[len(mark) :])
    parts = [head]
    ranked = sorted(units, key=lambda unit: (unit.rank, _when(unit, found)))
    parts += [_laid_out(unit, newline) for unit in ranked]
    whole = (newline * 2).join(part for part in parts if part)
    return mark + whole + (newline if whole and text.endswith("\n") else "")


@dataclass(slots=True)
class _Unit:
    """A table with the tables inside it."""

    rank: int
    index: int
    """Its place among the events."""
    blocks: list[Block]


def _units(text: str) -> tuple[str, list[_Unit]]:
    """What stands before the first table, and the tables."""
    lead = ""
    while text.startswith(_DIRECTIVE):
        # A directive is for the file, whatever table it stands above.
        first, end, text = text.partition("\n")
        lead += first + end
    blocks = list(split(text))
    head = blocks.pop(0).text if blocks and not blocks[0].header else ""
    units: list[_Unit] = []
    events: list[_Unit] = []
    for block in blocks:
        name = block.header[0]
        if name == "event" and events and len(block.header) > 1:
            events[-1].blocks.append(block)
            continue
        rank = list(ORDER).index(name) if name in ORDER else len(ORDER)
        units.append(_Unit(rank, len(events), [block]))
        if name == "event":
            events.append(units[-1])
    return _stripped(lead + head), units


def _stripped(text: str) -> str:
    """A text without blank lines around it and without white space at its end."""
    rows = text.rstrip().split("\n")
    while rows and not rows[0].strip():
        rows.pop(0)
    return "\n".join(rows)


def _when(unit: _Unit, found: Timeline) -> tuple[int, int]:
    is_event = unit.rank == list(ORDER).index("event")
    return found.events[unit.index].date.sort_key if is_event else (0, 0)


def _laid_out(unit: _Unit, newline: str) -> str:
    try:
        main, *inner = unit.blocks
        name = main.header[0]
        order = ORDER[name] if len(main.header) == 2 or name in ("timeline", "event") else None
        folded = _folded(inner)
        parts = [_table(main, order, folded, newline)]
        for block in inner:
            if block.header[1] not in folded:
                order = names_of("citation") if block.header[1:] == ("sources",) else None
                parts.append(_table(block, order, {}, newline))
        return (newline * 2).join(newline.join(part) for part in parts)
    except UnclearError:
        return _stripped("".join(block.text for block in unit.blocks))


# --- one table ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entry:
    """A key with its value, and the comments that are its own."""

    key: str
    above: list[str] = field(default_factory=list)
    rows: list[tuple[list[str], Row]] = field(default_factory=list)
    """The statements that make it, with the comments above each but the first."""


def _table(
    block: Block, order: Sequence[str] | None, folded: Mapping[str, str], newline: str
) -> list[str]:
    """A table's lines. With an `order`, that of its keys; else they stay where they are."""
    statements = Statements(block)
    lines = _header(block)
    entries, tail = _entries(statements, grouped=order is not None)
    laid_out = [(entry.key, _entry(statements, entry, newline)) for entry in entries]
    if order is not None:
        laid_out += [(key, [f"{writing.key(key)} = {text}"]) for key, text in folded.items()]
        if any(key not in order for key, _ in laid_out):
            raise UnclearError
        laid_out.sort(key=lambda entry: order.index(entry[0]))
    return [*lines, *(line for _, entry in laid_out for line in entry), *tail]


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
        line = row.text.strip()
        if not row.value:
            # Several blank lines are one.
            if line or pending[-1:] != [""]:
                pending.append(line)
            continue
        above = [text for text in pending if text] if grouped or not entries else pending
        pending = []
        entry = entries.setdefault(row.path[0] if grouped else row.start, _Entry(row.path[0]))
        if entry.rows:
            entry.rows.append((above, row))
        else:
            entry.above = above
            entry.rows.append(([], row))
    while pending and not pending[-1]:
        pending.pop()
    return list(entries.values()), pending


def _entry(statements: Statements, entry: _Entry, newline: str) -> list[str]:
    (_, first), *others = entry.rows
    lines = list(entry.above)
    if len(first.path) == 1 and not others:
        text = _value(statements, entry.key, first, newline)
        return [*lines, f"{writing.key(entry.key)} = {text}{first.behind}"]
    if all(_plain(statements, above, row) for above, row in entry.rows) and _is_table(entry):
        pairs = (
            f"{writing.key(row.path[1])} = {_scalar(statements, row)}" for _, row in entry.rows
        )
        return [*lines, f"{writing.key(entry.key)} = {writing.inline(pairs)}"]
    for above, row in entry.rows:
        name = ".".join(map(writing.key, row.path))
        assert row.value
        lines += [*above, f"{name} = {statements.slice(row.value)}{row.behind}"]
    return lines


def _plain(statements: Statements, above: Iterable[str], row: Row) -> bool:
    """Whether a statement has no comment of its own."""
    assert row.value
    return not (list(above) or row.behind or statements.comments_in(row.value))


def _is_table(entry: _Entry) -> bool:
    """Whether dotted keys, each of two parts, make an entry of an event's state."""
    return entry.key == "state" and all(len(row.path) == 2 for _, row in entry.rows)


def _scalar(statements: Statements, row: Row) -> str:
    assert row.value
    return statements.slice(row.value)


def _value(statements: Statements, key: str, row: Row, newline: str) -> str:
    assert row.value
    text = statements.slice(row.value)
    if text[0] not in "[{" or statements.comments_in(row.value) or len(row.path) > 1:
        return text
    path: KeyPath = row.path
    if key != "sources":
        return _inline(statements, path, ())
    items = statements.children.get(path, [])
    return writing.rows(
        (_inline(statements, item, names_of("citation")) for item in items), newline
    )


def _inline(statements: Statements, path: KeyPath, order: Sequence[str]) -> str:
    """A value on one line; keys that `order` has come in its order."""
    text = statements.slice(statements.value(path))
    inside = statements.children.get(path, [])
    if text.startswith("["):
        return writing.array(_inline(statements, item, order) for item in inside)
    if not text.startswith("{"):
        return text
    if order:
        inside = sorted(inside, key=lambda entry: _place(entry[-1], order))
    return writing.inline(
        f"{writing.key(str(e[-1]))} = {_inline(statements, e, ())}" for e in inside
    )


def _place(key: str | int, order: Sequence[str]) -> int:
    if key not in order:
        raise UnclearError
    return order.index(str(key))


# --- tables inside an event --------------------------------------------------------------------


def _folded(blocks: Iterable[Block]) -> dict[str, str]:
    """The tables inside an event that have no comments, as values of its keys."""
    by_key: dict[str, list[Statements]] = {}
    for block in blocks:
        by_key.setdefault(block.header[1], []).append(Statements(block))
    return {
        key: text
        for key, inside in by_key.items()
        if not any(table.commented or len(table.block.header) > 2 for table in inside)
        and (text := _as_value(key, inside))
    }


def _as_value(key: str, inside: Sequence[Statements]) -> str:
    newline = line_end("".join(table.block.text for table in inside))
    if key == "sources" and all(table.block.array for table in inside):
        return writing.rows((_pairs(table, names_of("citation")) for table in inside), newline)
    if key == "state" and len(inside) == 1:
        return _pairs(inside[0], ())
    return ""


def _pairs(table: Statements, order: Sequence[str]) -> str:
    rows = [row for row in table.rows if row.value]
    if any(len(row.path) > 1 for row in rows):
        raise UnclearError
    if order:
        rows.sort(key=lambda row: _place(row.path[0], order))
    return writing.inline(f"{writing.key(row.path[0])} = {_scalar(table, row)}" for row in rows)
