"""A country's legal and human-rights reforms as one plain TOML file of dated, cited events.

>>> import kztimeline
>>> record = kztimeline.load()                       # the file that `kzt list` would read
>>> [event.title for event in record.events if "assembly" in event.topics]
"""

from kztimeline.dates import DateError, PartialDate
from kztimeline.errors import KztError
from kztimeline.load import load, loads
from kztimeline.model import Citation, Event, Matter, Source, Timeline

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
