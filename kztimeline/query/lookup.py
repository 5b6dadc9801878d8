"""The names of a record: what has one, and what stands behind it."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from kztimeline.query.filter import alternatives, one_of, words
from kztimeline.query.stats import grouped
from kztimeline.record.model import KINDS, NAMES, PERSPECTIVES, Event, Matter, Source, Timeline
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten


class Named(NamedTuple):
    """Something of a record that has a name of its own."""

    key: str
    thing: Event | Matter | Source | str
    """A topic is its label."""


def by_name(timeline: Timeline, names: Iterable[str]) -> list[Named]:
    """The events, matters, sources and topics of these names. Raises `KztError`."""
    ids = {event.id: event for event in timeline.events}
    tables = (ids, timeline.matters, timeline.sources, timeline.topics)
    found = []
    for name in dict.fromkeys(names):
        things = [Named(name, table[name]) for table in tables if name in table]
        if not things:
            message = f'no event, matter, source or topic "{shorten(name)}"'
            raise KztError(message + _instead(timeline, name))
        found += things
    return found


def _instead(timeline: Timeline, name: str) -> str:
    """What may have been meant: a name like it, else one whose title has its words."""
    ids = dict.fromkeys([event.id for event in timeline.events])
    known = {**ids, **timeline.matters, **timeline.sources, **timeline.topics}
    if near := alternatives(name, dict.fromkeys(known)):
        return near
    asked = set(words(name))
    titled = [(event.id, event.title) for event in timeline.events]
    titled += [(key, matter.title) for key, matter in timeline.matters.items()]
    alike = [key for key, title in titled if asked and asked <= set(words(title))]
    if alike:
        return f" (did you mean {' or '.join(alike[:3])}?)"
    return " (kzt names lists what there is)"


class Name(NamedTuple):
    """A name that can be typed, what it stands for, and how many events have it."""

    kind: str
    name: str
    title: str
    events: int
    date: str = ""
    number: str = ""
    url: str = ""


def names(timeline: Timeline, of: Collection[str] = ()) -> tuple[Name, ...]:
    """The names of some kinds, else of all, each with how many events have it.

    Raises `KztError` for a kind that there is none of.
    """
    one_of("kind of name", of, NAMES)
    titles: dict[str, Mapping[str, str]] = {
        "topics": timeline.topics,
        "matters": {key: matter.title for key, matter in timeline.matters.items()},
        "sources": {key: source.title for key, source in timeline.sources.items()},
        "kinds": {kind: kind.replace("-", " ") for kind in KINDS},
        "perspectives": PERSPECTIVES,
    }
    found = []
    for kind in of or NAMES:
        field = kind.removesuffix("s")
        for key, events in grouped(timeline, timeline.events, field).items():
            name = Name(field, key, titles[kind][key], len(events))
            if kind == "sources":
                source = timeline.sources[key]
                url = source.url or source.archive or ""
                name = name._replace(date=source.date.text, number=source.number or "", url=url)
            found.append(name)
    return tuple(found)
