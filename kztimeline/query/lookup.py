"""What has a name of its own in a record, found by that."""

from collections.abc import Iterable
from typing import NamedTuple

from kztimeline.query.filter import alternatives
from kztimeline.record.model import Event, Matter, Source, Timeline
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten


class Named(NamedTuple):
    """Something of a record that has a name of its own."""

    key: str
    thing: Event | Matter | Source


def by_name(timeline: Timeline, names: Iterable[str]) -> list[Named]:
    """The events, matters and sources of these names. Raises `KztError`."""
    ids = {event.id: event for event in timeline.events}
    found = []
    for name in dict.fromkeys(names):
        tables = (ids, timeline.matters, timeline.sources)
        things = [Named(name, table[name]) for table in tables if name in table]
        if not things:
            known = dict.fromkeys([*ids, *timeline.matters, *timeline.sources])
            message = f'no event, matter or source "{shorten(name)}"'
            raise KztError(message + alternatives(name, known))
        found += things
    return found
