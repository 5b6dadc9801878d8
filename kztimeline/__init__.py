"""A country's legal and human-rights reforms as one plain TOML file of dated, cited events.

>>> import kztimeline
>>> record = kztimeline.load()                       # the file that `kzt list` would read
>>> [event.title for event in record.events if "assembly" in event.topics]
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kztimeline.dates.edtf import DateError, PartialDate
    from kztimeline.files.place import load, loads
    from kztimeline.record.model import Citation, Event, Matter, Source, Timeline
    from kztimeline.text.errors import KztError

__version__ = "0.1.0"

__all__ = [
    "Citation",
    "DateError",
    "Event",
    "KztError",
    "Matter",
    "PartialDate",
    "Source",
    "Timeline",
    "load",
    "loads",
]

_HOMES = {
    "Citation": "record.model",
    "DateError": "dates.edtf",
    "Event": "record.model",
    "KztError": "text.errors",
    "Matter": "record.model",
    "PartialDate": "dates.edtf",
    "Source": "record.model",
    "Timeline": "record.model",
    "load": "files.place",
    "loads": "files.place",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command, which starts here too, asks for nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
