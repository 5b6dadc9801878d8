"""TOML: an events file of its own with the events selected, in canonical layout.

It holds the topics, matters and sources that they need, or all of them if all events are there;
events stand in the order of their dates. An answer to an event that is left out is left out, too,
and a comment says so.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from kztimeline.query.filter import Selection
from kztimeline.record.model import Event, Timeline
from kztimeline.record.writing import ORDER, table
from kztimeline.renderers.json import plain, written
from kztimeline.renderers.views import How
from kztimeline.text.gate import inert
from kztimeline.text.gate import line as gate


def export(selection: Selection, how: How) -> str:
    """The events file; `kzt check` finds no error in it that the record hasn't."""
    timeline, chosen = selection.timeline, selection.events
    is_all = len(chosen) == len(timeline.events)
    events = sorted(chosen, key=lambda event: (event.date.sort_key, event.position))
    known = {event.id for event in chosen}
    parts = [
        *([] if is_all else [f"# {gate(how.closing)}"]),
        *_tables(timeline if is_all else _narrowed(timeline, chosen)),
        *(_event(event, known) for event in events),
    ]
    return inert("\n\n".join(parts) + "\n") if parts else ""


def _narrowed(timeline: Timeline, events: Iterable[Event]) -> Timeline:
    """The record with only the tables that some of its events need."""
    matters = _only(
        timeline.matters, (key for event in events for key in (*event.state, *event.finding))
    )
    topics = [topic for event in events for topic in event.topics]
    topics += [topic for matter in matters.values() for topic in matter.topics]
    sources = (citation.source for event in events for citation in event.sources)
    return timeline._replace(
        topics=_only(timeline.topics, topics),
        matters=matters,
        sources=_only(timeline.sources, sources),
    )


T = TypeVar("T")


def _only(table: Mapping[str, T], names: Iterable[str]) -> dict[str, T]:
    """The entries of these names, in the order of the record."""
    wanted = set(names)
    return {key: entry for key, entry in table.items() if key in wanted}


def _tables(timeline: Timeline) -> Iterator[str]:
    if timeline.title:
        yield table("[timeline]", {"title": timeline.title}, ORDER["timeline"], "\n")
    if timeline.topics:
        yield table("[topic]", timeline.topics, list(timeline.topics), "\n")
    for kind, entries in (("matter", timeline.matters), ("source", timeline.sources)):
        for key, entry in entries.items():
            yield table(f"[{kind}.{key}]", plain(entry), ORDER[kind], "\n")


def _event(event: Event, known: Collection[str]) -> str:
    kept: Any = event
    notes = ""
    for key, verb in (("answers", "Answers"), ("answers_in_part", "Answers in part")):
        ids = getattr(event, key)
        kept = kept._replace(**{key: tuple(answered for answered in ids if answered in known)})
        if left_out := ", ".join(answered for answered in ids if answered not in known):
            notes += f"# {verb}, too, what is not in this file: {left_out}\n"
    return notes + table("[[event]]", written(kept), ORDER["event"], "\n")
