"""A country's legal and human-rights reforms as one plain TOML file of dated, cited events.

>>> import kztimeline
>>> record = kztimeline.load()                       # the file that `kzt list` would read
>>> [event.title for event in record.events if "assembly" in event.topics]

Names are imported when they are asked for, and ``dir(kztimeline)`` shows them all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kztimeline.checks.registry import check
    from kztimeline.dates.edtf import DateError, PartialDate
    from kztimeline.edit.format import reformat
    from kztimeline.files.place import load, loads
    from kztimeline.query.answers import gaps
    from kztimeline.query.diff import compare as diff
    from kztimeline.query.filter import Filter, select
    from kztimeline.query.state import state
    from kztimeline.record.model import Citation, Event, Matter, Source, Timeline
    from kztimeline.record.reading import Reading, read
    from kztimeline.renderers.views import render
    from kztimeline.text.errors import KztError, Problem

__version__ = "0.1.0"

__all__ = [
    "Citation",
    "DateError",
    "Event",
    "Filter",
    "KztError",
    "Matter",
    "PartialDate",
    "Problem",
    "Reading",
    "Source",
    "Timeline",
    "check",
    "diff",
    "gaps",
    "load",
    "loads",
    "read",
    "reformat",
    "render",
    "select",
    "state",
]

_HOMES = {
    "checks.registry": "check",
    "dates.edtf": "DateError PartialDate",
    "edit.format": "reformat",
    "files.place": "load loads",
    "query.answers": "gaps",
    "query.diff": "diff:compare",
    "query.filter": "Filter select",
    "query.state": "state",
    "record.model": "Citation Event Matter Source Timeline",
    "record.reading": "Reading read",
    "renderers.views": "render",
    "text.errors": "KztError Problem",
}
"""Module to the names that it is the home of, with their name there if that is another one."""


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command, which starts here too, asks for nothing."""
    for module, names in _HOMES.items():
        for entry in names.split():
            public, _, there = entry.partition(":")
            if public == name:
                return getattr(import_module(f"{__name__}.{module}"), there or name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Tell what there is, imported or not."""
    return sorted([*__all__, "__version__"])
