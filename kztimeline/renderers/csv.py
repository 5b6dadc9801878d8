"""CSV (RFC 4180) for spreadsheets: one row an event, columns named as the keys of the file.

A cell with several entries has one a line, and no entry holds a line break; those of citations
(``source``, ``at`` and on) go together line by line. `kzt add --from` reads it back. It begins
with a byte order mark, without which Excel takes UTF-8 for another encoding; what chokes on the
mark has ``list --format tsv``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection
from kztimeline.record.keys import KEYS, Key
from kztimeline.record.model import Citation, Event, Timeline
from kztimeline.renderers.views import How
from kztimeline.text.gate import guarded
from kztimeline.text.gate import line as gate

_MARK: Final = "\ufeff"
_NOTHING: Final = "—"

_Entries = Callable[[Timeline, Event], Iterable[str]]


def _of_event(key: Key) -> _Entries:
    if key.prose:
        return lambda _, event: getattr(event, key.attribute).replace("\r\n", "\n").split("\n")
    return lambda _, event: _entries(getattr(event, key.attribute))


def _of_citations(key: Key) -> _Entries:
    def entries(timeline: Timeline, event: Event) -> list[str]:
        found = ["".join(_entries(_told(timeline, one, key))) for one in event.sources]
        return [entry or _NOTHING for entry in found] if any(found) else []

    return entries


def _told(timeline: Timeline, citation: Citation, key: Key) -> Any:
    """What a citation says, or its document where it says nothing of its own."""
    if key.name == "perspective":
        return timeline.perspective(citation)
    return getattr(citation, key.attribute)


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


def _columns() -> Mapping[str, _Entries]:
    columns = {key.name: _of_event(key) for key in KEYS["event"] if key.name != "sources"}
    derived: Mapping[str, tuple[str, _Entries]] = {
        "earliest": ("date", lambda _, event: [str(event.date.earliest or "")]),
        "latest": ("earliest", lambda _, event: [str(event.date.latest or "")]),
        "contested": ("status", lambda _, event: _entries(event.contested)),
    }
    names = list(columns)
    for name, (behind, entries) in derived.items():
        names.insert(names.index(behind) + 1, name)
        columns[name] = entries
    cited = {key.name: _of_citations(key) for key in KEYS["citation"]}
    return {name: columns[name] for name in names} | cited


def export(selection: Selection, _: How) -> str:
    """The events selected, under a header."""
    timeline, events = selection.timeline, selection.events
    columns = _columns()
    rows = [
        ["\n".join(map(escaped, entries(timeline, event))) for entries in columns.values()]
        for event in events
    ]
    return _MARK + "".join(",".join(map(_quoted, row)) + "\r\n" for row in [[*columns], *rows])


def escaped(text: str) -> str:
    """A text that passed the gate, and that no spreadsheet computes."""
    return gate(guarded(text))


# What a program of some locale may take for more than text.
_SPECIAL: Final = re.compile("^['\\s]|[\",;|\\t\\r\\n]")


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _SPECIAL.search(cell) else cell
