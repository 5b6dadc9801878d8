"""CSV (RFC 4180) for spreadsheets: one row an event, columns named as the keys of the file.

A cell with several entries has one a line, and no entry holds a line break; those of citations
(``source``, ``at`` and on) go together line by line. `kzt add --from` reads it back. It begins
with a byte order mark, without which Excel takes UTF-8 for another encoding; what chokes on the
mark has ``list --format tsv``.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from csv import writer
from typing import Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection
from kztimeline.query.lookup import Name
from kztimeline.record.keys import KEYS
from kztimeline.record.model import Event, Timeline
from kztimeline.renderers.views import How
from kztimeline.text.gate import guarded
from kztimeline.text.gate import line as gate

_MARK: Final = "\ufeff"
_NOTHING: Final = "—"

_DERIVED: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("earliest", "latest"),
    "status": ("contested",),
}
"""The columns that no key of the file has, by the key behind which they stand."""


def export(selection: Selection, _: How) -> str:
    """The events selected, under a header."""
    keys = [key.name for key in KEYS["event"] if key.name != "sources"]
    header = [name for key in keys for name in (key, *_DERIVED.get(key, ()))]
    header += [key.name for key in KEYS["citation"]]
    rows = [header]
    for event in selection.events:
        cells = _cells(selection.timeline, event)
        rows.append(["\n".join(map(escaped, cells[name])) for name in header])
    return _MARK + "".join(",".join(map(_quoted, row)) + "\r\n" for row in rows)


def _cells(timeline: Timeline, event: Event) -> dict[str, Iterable[str]]:
    """The entries of each cell of an event."""
    cells = {key.name: _entries(getattr(event, key.attribute)) for key in KEYS["event"]}
    cells["summary"] = event.summary.replace("\r\n", "\n").split("\n")
    cells["earliest"] = [str(event.date.earliest or "")]
    cells["latest"] = [str(event.date.latest or "")]
    cells["contested"] = _entries(event.contested)
    # What a citation leaves out is its document's.
    cited = [one._replace(perspective=timeline.perspective(one)) for one in event.sources]
    for key in KEYS["citation"]:
        found = ["".join(_entries(getattr(one, key.attribute))) for one in cited]
        cells[key.name] = [entry or _NOTHING for entry in found] if any(found) else []
    return cells


def _entries(value: Any) -> Iterable[str]:
    """The entries of a value of any key."""
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, PartialDate):
        return [value.text]
    if isinstance(value, Mapping):
        return [f"{name}: {text}" for name, text in value.items()]
    return [value] if isinstance(value, str) else value


def escaped(text: str) -> str:
    """A text that passed the gate, and that no spreadsheet computes."""
    return gate(guarded(text))


# What a program of some locale may take for more than text.
_SPECIAL: Final = re.compile("^['\\s]|[\",;|\\t\\r\\n]")


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _SPECIAL.search(cell) else cell


def names(found: Sequence[Name]) -> str:
    """The names as CSV, in the columns of JSON."""
    written = io.StringIO()
    rows = writer(written)
    rows.writerow(Name._fields)
    rows.writerows([[escaped(str(cell)) for cell in name] for name in found])
    return _MARK + written.getvalue()
