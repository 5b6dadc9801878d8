"""The record as a picture: lanes of events, for the page and for the terminal alike."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from kztimeline.query.filter import Selection
from kztimeline.query.stats import grouped
from kztimeline.record.model import Event


class Lane(NamedTuple):
    """The events of one topic, matter, kind or perspective; an event can be in several lanes."""

    key: str
    label: str
    events: tuple[Event, ...]


def lanes(selection: Selection, by: str = "topic") -> tuple[Lane, ...]:
    """The lanes that hold an event, in the order of the record; `by` is of `GROUPINGS`."""
    timeline = selection.timeline
    titles = {key: matter.title for key, matter in timeline.matters.items()}
    labels = {"topic": timeline.topics, "matter": titles}.get(by, {})
    found = grouped(timeline, selection.events, by).items()
    return tuple(Lane(key, labels.get(key, key), tuple(events)) for key, events in found if events)


def all_lanes(selection: Selection, by: str = "topic") -> tuple[Lane, ...]:
    """The same, and one of what is in none of them; lanes of kinds if no event has a topic."""
    found = lanes(selection, by)
    if by == "topic" and not found:
        return lanes(selection, "kind")
    placed = {event.id for lane in found for event in lane.events}
    without = tuple(event for event in selection.events if event.id not in placed)
    return (*found, *([Lane("", f"Without a {by}", without)] if without else []))


def extent(events: Iterable[Event]) -> tuple[date, date] | None:
    """The first and the last day that are known of some events; None if there is none."""
    days = [day for event in events for day in (event.date.earliest, event.date.latest) if day]
    return (min(days), max(days)) if days else None
