"""The record as a picture: lanes of events, for the page and for the terminal alike."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from kztimeline.query.filter import Selection
from kztimeline.record.model import KINDS, PERSPECTIVES, Event, Timeline


class Lane(NamedTuple):
    """The events of one topic, matter, kind or perspective; an event can be in several lanes."""

    key: str
    label: str
    events: tuple[Event, ...]


def _by_perspective(timeline: Timeline, event: Event) -> Iterable[str]:
    return {timeline.perspective(citation) for citation in event.sources}


_KEYS: Final[Mapping[str, Callable[[Timeline, Event], Iterable[str]]]] = MappingProxyType(
    {
        "topic": lambda _, event: event.topics,
        "matter": lambda _, event: [*event.state, *event.finding],
        "kind": lambda _, event: (event.kind,),
        "perspective": _by_perspective,
    }
)
GROUPINGS: Final = tuple(_KEYS)


def lanes(selection: Selection, by: str = "topic") -> tuple[Lane, ...]:
    """The lanes that hold an event, in the order of the record; `by` is one of `GROUPINGS`."""
    timeline = selection.timeline
    labels = {
        "topic": dict(timeline.topics),
        "matter": {key: matter.title for key, matter in timeline.matters.items()},
        "kind": {kind: kind for kind in KINDS},
        "perspective": {voice: voice for voice in PERSPECTIVES},
    }[by]
    found: dict[str, list[Event]] = {key: [] for key in labels}
    for event in selection.events:
        for key in _KEYS[by](timeline, event):
            found[key].append(event)
    return tuple(Lane(key, labels[key], tuple(events)) for key, events in found.items() if events)


def all_lanes(selection: Selection, by: str = "topic") -> tuple[Lane, ...]:
    """The same, and one of what is in none of them; lanes of kinds if no event has a topic."""
    without = tuple(e for e in selection.events if not [*_KEYS[by](selection.timeline, e)])
    if by == "topic" and len(without) == len(selection.events):
        return lanes(selection, "kind")
    rest = (Lane("", f"Without a {by}", without),) if without else ()
    return (*lanes(selection, by), *rest)


def extent(events: Iterable[Event]) -> tuple[date, date] | None:
    """The first and the last day that are known of some events; None if there is none."""
    days = [day for event in events for day in (event.date.earliest, event.date.latest) if day]
    return (min(days), max(days)) if days else None
