"""A country's legal and human-rights reforms as one plain TOML file of dated, cited events.

>>> import kztimeline
>>> record = kztimeline.load()                       # the file that `kzt list` would read
>>> [event.title for event in record.events if "assembly" in event.topics]
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kztimeline.dates import DateError, PartialDate
    from kztimeline.errors import KztError
    from kztimeline.model import Citation, Event, Matter, Source, Timeline
    from kztimeline.origin import load, loads

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
    "Citation": "model",
    "DateError": "dates",
    "Event": "model",
    "KztError": "errors",
    "Matter": "model",
    "PartialDate": "dates",
    "Source": "model",
    "Timeline": "model",
    "load": "origin",
    "loads": "origin",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command, which starts here too, asks for nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
