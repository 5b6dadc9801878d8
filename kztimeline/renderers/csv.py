"""CSV (RFC 4180) for spreadsheets: one row an event, columns named as the keys of the file.

A cell with several entries has one a line, and no entry holds a line break; those of ``sources``,
``at``, ``says``, ``perspective`` and ``disputes`` go together line by line. It begins with a byte
order mark, without which Excel takes UTF-8 for another encoding; what chokes on the mark has
``list --format tsv``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from kztimeline.record.model import Citation, Event, Timeline
from kztimeline.renderers.show import paragraphs
from kztimeline.renderers.views import Export
from kztimeline.text.gate import guarded
from kztimeline.text.gate import line as gate

_MARK: Final = "\ufeff"
_NOTHING: Final = "—"


def _citations(told: Callable[[Timeline, Citation], str]) -> Callable[[Timeline, Event], list[str]]:
    def entries(timeline: Timeline, event: Event) -> list[str]:
        found = [told(timeline, citation) for citation in event.sources]
        return [entry or _NOTHING for entry in found] if any(found) else []

    return entries


def _flag(value: bool) -> str:
    return "true" if value else "false"


_COLUMNS: Final[Mapping[str, Callable[[Timeline, Event], Iterable[str]]]] = {
    "id": lambda _, event: [event.id],
    "date": lambda _, event: [event.date.text],
    "earliest": lambda _, event: [str(event.date.earliest or "")],
    "latest": lambda _, event: [str(event.date.latest or "")],
    "title": lambda _, event: [event.title],
    "kind": lambda _, event: [event.kind],
    "topics": lambda _, event: event.topics,
    "status": lambda _, event: [event.status],
    "contested": lambda _, event: [_flag(event.contested)],
    "summary": lambda _, event: paragraphs(event.summary),
    "state": lambda _, event: [f"{matter}: {text}" for matter, text in event.state.items()],
    "asks": lambda _, event: [event.asks or ""],
    "answers": lambda _, event: event.answers,
    "dating": lambda _, event: [event.dating or ""],
    "sources": _citations(lambda _, citation: citation.source),
    "at": _citations(lambda _, citation: citation.at),
    "says": _citations(lambda _, citation: citation.says or ""),
    "perspective": _citations(lambda timeline, citation: timeline.perspective(citation)),
    "disputes": _citations(lambda _, citation: _flag(citation.disputes)),
}


def export(exported: Export) -> str:
    """The events selected, under a header."""
    timeline, events = exported.selection.timeline, exported.selection.events
    rows = [
        ["\n".join(map(escaped, entries(timeline, event))) for entries in _COLUMNS.values()]
        for event in events
    ]
    return _MARK + "".join(",".join(map(_quoted, row)) + "\r\n" for row in [[*_COLUMNS], *rows])


def escaped(text: str) -> str:
    """A text that passed the gate, and that no spreadsheet computes."""
    return gate(guarded(text))


# What a program of some locale may take for more than text.
_SPECIAL: Final = re.compile("^['\\s]|[\",;|\\t\\r\\n]")


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _SPECIAL.search(cell) else cell
