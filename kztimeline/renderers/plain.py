"""Events, and what stood when, as lines for `grep`, `sort`, `cut` and spreadsheets."""

from typing import TYPE_CHECKING

from kztimeline.query.filter import Selection, marks
from kztimeline.renderers.layout import Grid, aligned, tsv
from kztimeline.text.gate import plural

# `kzt list` needs it not.
if TYPE_CHECKING:
    from kztimeline.query.stats import Stats


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
    return aligned(Grid(("DATE", "MARKS", "KIND", "TOPICS", "ID", "TITLE"), rows))


def events_tsv(selection: Selection) -> str:
    """One line per event, tab-separated, with the names of the columns as in the file's keys."""
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
    return tsv(Grid(headers, rows))


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
    return aligned(Grid(("GROUP", "NAME", "EVENTS"), rows))
