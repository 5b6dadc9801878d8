"""How many events there are of what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection
from kztimeline.record.model import KINDS, PERSPECTIVES, STATUSES, Event


class Stats(NamedTuple):
    """How many of some events there are in each group; an event can be in several."""

    total: int
    first: int | None
    """The first year that an event is known to begin in."""
    last: int | None
    sources: int
    """How many documents they are cited from."""
    groups: Mapping[str, Mapping[str, int]]
    """Year, topic, kind, perspective, status and precision: name to number of events."""


# Beyond this many years, those without an event are left out.
_LONGEST_SPAN: Final = 100
SEVERAL_YEARS: Final = "several"
"""The name among years for events that may begin in one of several."""


def stats(selection: Selection) -> Stats:
    """Count the events selected; names stand in the order of the record or of time."""
    timeline = selection.timeline
    groups: dict[str, dict[str, int]] = {
        "year": _years(selection.events),
        "topic": dict.fromkeys(timeline.topics, 0),
        "kind": dict.fromkeys(KINDS, 0),
        "perspective": dict.fromkeys(PERSPECTIVES, 0),
        "status": dict.fromkeys(STATUSES, 0),
        "date": dict.fromkeys(("to the day", "not to the day", "uncertain"), 0),
        "citations": dict.fromkeys(("contested", "uncontested"), 0),
    }
    for event in selection.events:
        for topic in event.topics:
            groups["topic"][topic] += 1
        for perspective in {timeline.perspective(c) for c in event.sources}:
            groups["perspective"][perspective] += 1
        groups["kind"][event.kind] += 1
        groups["status"][event.status] += 1
        groups["date"][_precision(event.date)] += 1
        groups["citations"]["contested" if event.contested else "uncontested"] += 1
    years = [event.date.year for event in selection.events if event.date.year]
    return Stats(
        total=len(selection.events),
        first=min(years, default=None),
        last=max(years, default=None),
        sources=len({c.source for event in selection.events for c in event.sources}),
        groups={
            group: {name: count for name, count in names.items() if count or group == "year"}
            for group, names in groups.items()
        },
    )


def _years(events: Sequence[Event]) -> dict[str, int]:
    """Every year from the first to the last that an event begins in: gaps are told, too."""
    counts = Counter(event.date.year for event in events)
    several = counts.pop(None, 0)
    known = sorted(year for year in counts if year)
    if known and known[-1] - known[0] < _LONGEST_SPAN:
        known = [*range(known[0], known[-1] + 1)]
    named = {str(year): counts[year] for year in known}
    return named | ({SEVERAL_YEARS: several} if several else {})


def _precision(when: PartialDate) -> str:
    if when.qualified:
        return "uncertain"
    first_known = when.first_earliest is not None and when.first_earliest == when.first_latest
    return "to the day" if first_known else "not to the day"
