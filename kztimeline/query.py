"""Questions to a `Timeline`: which events match, and what stood when."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from kztimeline.dates import Match, Window
from kztimeline.model import OCCURRED, Event, Matter, Timeline

ALWAYS: Final = Window()

SORTS: Final[Mapping[str, Callable[[Event], Any]]] = {
    "date": lambda event: event.date.sort_key,
    "title": lambda event: event.title.casefold(),
    "kind": lambda event: (event.kind, event.date.sort_key),
    "id": lambda event: event.id,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events are wanted: any value of one field, all of the fields together."""

    topics: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    """Events that set the state of one of these."""
    sources: frozenset[str] = frozenset()
    perspectives: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    window: Window = ALWAYS
    certain: bool = False
    """Drop events that match the window only possibly."""
    contested: bool = False
    search: str = ""

    def match(self, timeline: Timeline, event: Event) -> Match:
        """Whether the event matches; only its date can leave that open."""
        if not self._holds(timeline, event):
            return Match.NO
        match = event.date.match(self.window) if self.window != ALWAYS else Match.CERTAINLY
        return Match.NO if self.certain and match is Match.POSSIBLY else match

    def _holds(self, timeline: Timeline, event: Event) -> bool:
        return (
            (not self.topics or not self.topics.isdisjoint(event.topics))
            and (not self.kinds or event.kind in self.kinds)
            and (not self.matters or not self.matters.isdisjoint(event.state))
            and (not self.statuses or event.status in self.statuses)
            and (not self.sources or any(c.source in self.sources for c in event.sources))
            and (
                not self.perspectives
                or any(timeline.perspective(c) in self.perspectives for c in event.sources)
            )
            and (not self.contested or event.contested)
            and (not self.search or _found(self.search, event))
        )


def folded(text: str) -> str:
    """Text without case and accents, for searching."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join([char for char in letters if not unicodedata.combining(char)])


def _found(search: str, event: Event) -> bool:
    texts = [event.title, event.summary, event.asks or "", *event.state.values()]
    texts += [citation.says or "" for citation in event.sources]
    haystack = folded("\n".join(texts))
    return all(word in haystack for word in folded(search).split())


class Selection(NamedTuple):
    """The events of a timeline that match a filter, in the order asked for."""

    timeline: Timeline
    events: tuple[Event, ...]
    possible: frozenset[str]
    """Ids of those that match only possibly."""
    matched: int
    """How many matched before the limit."""


def select(
    timeline: Timeline,
    wanted: Filter,
    *,
    sort: str = "date",
    reverse: bool = False,
    limit: int | None = None,
) -> Selection:
    """The matching events, sorted (equal ones in file order), at most `limit` of them."""
    found: list[Event] = []
    possible: set[str] = set()
    for event in timeline.events:
        match = wanted.match(timeline, event)
        if match is not Match.NO:
            found.append(event)
            if match is Match.POSSIBLY:
                possible.add(event.id)
    found.sort(key=SORTS[sort])
    if reverse:
        found.reverse()
    shown = tuple(found[:limit])
    return Selection(timeline, shown, frozenset(possible), len(found))


# --- what stood when ---------------------------------------------------------------------------


class Outcome(NamedTuple):
    """One thing that a matter may stand at."""

    state: str | None
    """None: unknown, before any event that sets it."""
    events: tuple[Event, ...] = ()
    """The events any of which may have set it last."""


class Standing(NamedTuple):
    """What a matter stands at by the end of a day: one outcome, or several possible ones."""

    matter: str
    outcomes: tuple[Outcome, ...]

    @property
    def states(self) -> frozenset[str | None]:
        """The possible states without the events behind them."""
        return frozenset(outcome.state for outcome in self.outcomes)


def shows(matter: Matter, wanted: Filter, key: str) -> bool:
    """Whether a filter's topics and matters let a matter be shown."""
    return (not wanted.matters or key in wanted.matters) and (
        not wanted.topics or not wanted.topics.isdisjoint(matter.topics)
    )


def setters(timeline: Timeline, matter: str) -> tuple[Event, ...]:
    """The events that set a matter's state, by date, equal ones in file order."""
    events = [event for event in timeline.events if matter in event.state]
    return tuple(sorted(events, key=SORTS["date"]))


def state(timeline: Timeline, day: date) -> tuple[Standing, ...]:
    """What each matter stands at by the end of `day`, in the order of the file."""
    by_matter: dict[str, list[Event]] = {matter: [] for matter in timeline.matters}
    for event in timeline.events:
        for matter in event.state:
            by_matter[matter].append(event)
    return tuple(
        standing
        for matter, events in by_matter.items()
        for standing in sweep(matter, events, [day])
    )


def sweep(matter: str, events: Sequence[Event], days: Iterable[date]) -> Iterator[Standing]:
    """What `matter` stands at by the end of each of the ascending `days`.

    `events` are those that set it. A state holds from its event's first day, and each first day
    is independent of the others. So an event's state can be the last one set just if, on the
    latest day that the event allows, every event that must have happened by then can have
    happened before it; on equal days file order decides. Events that are scheduled or alleged
    can add an outcome, and never rule one out.
    """
    coming = sorted(events, key=_start, reverse=True)
    firm = [event for event in events if event.status == OCCURRED]
    falling_due = sorted(firm, key=_end, reverse=True)
    begun: list[Event] = []
    latest = (date.min, -1)
    for day in days:
        while coming and _start(coming[-1])[0] <= day:
            begun.append(coming.pop())
        while falling_due and _end(falling_due[-1]) <= day:
            latest = max(latest, _start(falling_due.pop()))
        outcomes: dict[str | None, list[Event]] = (
            {None: []} if len(falling_due) == len(firm) else {}
        )
        # What is past and overtaken can never be the last again, so it isn't looked at again.
        begun = [e for e in begun if _end(e) > day or (_end(e), e.index) >= latest]
        for event in sorted(begun, key=lambda event: event.index):
            last = event.date.last_first_day(day)
            if last is not None and (last, event.index) >= latest:
                outcomes.setdefault(event.state[matter], []).append(event)
        yield Standing(matter, tuple(Outcome(text, tuple(by)) for text, by in outcomes.items()))


def _start(event: Event) -> tuple[date, int]:
    return event.date.first_earliest or date.min, event.index


def _end(event: Event) -> date:
    return event.date.first_latest or date.max
