"""Events by what they have in common: which there are of each, and how many."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import FIELDS, Selection
from kztimeline.record.model import Event, Timeline


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


def grouped(timeline: Timeline, events: Iterable[Event], field: str) -> dict[str, list[Event]]:
    """Events by each value of a field of `FIELDS` that there is, in the order of the record."""
    found: dict[str, list[Event]] = {value: [] for value in FIELDS[field].known(timeline)}
    for event in events:
        for value in {*FIELDS[field].values(timeline, event)}:
            found[value].append(event)
    return found


def stats(selection: Selection) -> Stats:
    """Count the events selected; names stand in the order of the record or of time."""
    timeline, events = selection.timeline, selection.events
    fields = {
        field: {value: len(some) for value, some in grouped(timeline, events, field).items()}
        for field in ("topic", "kind", "perspective", "status")
    }
    precision = Counter(_precision(event.date) for event in events)
    contested = sum(event.contested for event in events)
    groups = fields | {
        "date": {name: precision[name] for name in ("to the day", "not to the day", "uncertain")},
        "citations": {"contested": contested, "uncontested": len(events) - contested},
    }
    years = [event.date.year for event in events if event.date.year]
    return Stats(
        total=len(events),
        first=min(years, default=None),
        last=max(years, default=None),
        sources=len({citation.source for event in events for citation in event.sources}),
        groups={"year": _years(events)}
        | {
            group: {name: count for name, count in names.items() if count}
            for group, names in groups.items()
        },
    )


def _years(events: Sequence[Event]) -> dict[str, int]:
    """Every year from the first to the last that an event begins in, those without one, too."""
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
