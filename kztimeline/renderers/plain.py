"""Events, and what stood when, as lines for `grep`, `sort`, `cut` and spreadsheets."""

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kztimeline.query.filter import Selection, marks
from kztimeline.text.gate import cells as gated
from kztimeline.text.gate import guarded, is_mark, plural

# `kzt list` needs it not.
if TYPE_CHECKING:
    from kztimeline.query.lookup import Name
    from kztimeline.query.stats import Stats
    from kztimeline.query.worklist import Item


_WIDEST = 120
"""The columns to which cells are padded at most."""


def aligned(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as it goes to a pipe: columns padded with spaces, nothing wrapped or cut.

    A cell that is far too wide to be read stands out, rather than pad every row.
    """
    rows = [headers, *gated(rows)]
    sizes = [map(columns, column) for column in zip(*rows, strict=True)][:-1]
    widths = [max(size for size in column if size <= _WIDEST) for column in sizes]
    lines = []
    for *cells, last in rows:
        padded = [cell + " " * (w - columns(cell)) for cell, w in zip(cells, widths, strict=True)]
        lines.append("  ".join([*padded, last]).rstrip())
    return "\n".join([*lines, ""])


def columns(text: str) -> int:
    """The columns a text takes on a terminal (Unicode Standard Annex #11)."""
    if text.isascii():
        return len(text)
    return sum(_wide(char) for char in text)


def _wide(char: str) -> int:
    if is_mark(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def events(selection: Selection) -> str:
    """One aligned line per event under a header."""
    rows = [
        (
            event.date.text,
            ",".join(marks(selection, event)) or "-",
            event.kind,
            ",".join(event.topics) or "-",
            event.id,
            event.title,
        )
        for event in selection.events
    ]
    return aligned(("DATE", "MARKS", "KIND", "TOPICS", "ID", "TITLE"), rows)


def events_tsv(selection: Selection) -> str:
    """One line per event, tab-separated, with the names of the columns as in the file's keys.

    A tab inside a cell has passed the gate and is none. No spreadsheet computes a cell, or takes
    its first quotation mark for the beginning of several.
    """
    headers = ("id", "date", "earliest", "latest", "kind", "topics", "marks", "title", "summary")
    rows = [
        (
            event.id,
            event.date.text,
            str(event.date.earliest or ""),
            str(event.date.latest or ""),
            event.kind,
            ",".join(event.topics),
            ",".join(marks(selection, event)),
            event.title,
            event.summary,
        )
        for event in selection.events
    ]
    cells = [[_unquoted(guarded(cell)) for cell in row] for row in rows]
    return "".join("\t".join(row) + "\n" for row in [headers, *gated(cells)])


def _unquoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith('"') else cell


def ids(selection: Selection) -> str:
    """One id per line."""
    return "".join(f"{event.id}\n" for event in selection.events)


def coverage(counted: "Stats") -> str:
    """What the events counted cover: ``from 7 sources · 1991–2021``."""
    years = f" · {counted.first}–{counted.last}" if counted.first else ""
    return f"from {plural(counted.sources, 'source')}{years}"


def stats(counted: "Stats") -> str:
    """One aligned line per group and name with the number of events."""
    rows = [
        (group, name, str(count))
        for group, names in counted.groups.items()
        for name, count in names.items()
    ]
    return aligned(("GROUP", "NAME", "EVENTS"), rows)


def names(found: "Sequence[Name]") -> str:
    """One aligned line per name."""
    headers = ("KIND", "NAME", "EVENTS", "DATE", "NUMBER", "URL", "TITLE")
    rows = [
        (
            name.kind,
            name.name,
            str(name.events),
            name.date or "-",
            name.number or "-",
            name.url or "-",
            name.title,
        )
        for name in found
    ]
    return aligned(headers, rows)


def todo(items: "Sequence[Item]") -> str:
    """One aligned line per item."""
    rows = [
        (item.task, str(item.weight), item.key, f"{item.title}: {item.detail}") for item in items
    ]
    return aligned(("TASK", "WEIGHT", "ID", "WHAT"), rows)
