"""The names there are: as a layout, as lines for a pipe, and as a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from kztimeline.query.lookup import Name
from kztimeline.renderers.csv import escaped
from kztimeline.renderers.layout import Line, Part, line
from kztimeline.renderers.plain import aligned
from kztimeline.text.gate import plural


def lines(found: Sequence[Name]) -> Iterator[Line]:
    """The names by kind, each with what it stands for and how many events have it."""
    for kind, names in groupby(found, key=lambda name: name.kind):
        yield line(Part(f"{kind.capitalize()}s", "title"))
        for name in names:
            facts = [name.number, name.date, plural(name.events, "event")]
            told = " · ".join(fact for fact in facts if fact)
            text = f" {name.title} " if name.title != name.name else " "
            yield line(Part(name.name, "id"), text, Part(told, "dim"), indent=2, hang=2)
        yield line()


def plain(found: Sequence[Name]) -> str:
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


def as_csv(found: Sequence[Name]) -> str:
    """The names as CSV, in the columns of JSON."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(Name._fields)
    rows.writerows([[escaped(str(cell)) for cell in name] for name in found])
    return "\ufeff" + written.getvalue()
