"""Questions to a `Timeline`: what matched, what stood when, who answered, how much there is."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from kztimeline.dates import Match, PartialDate, Window
from kztimeline.fields import partial_date
from kztimeline.model import Event, Matter, Timeline
from kztimeline.vocabulary import KINDS, OCCURRED, PERSPECTIVES, STATUSES

ALWAYS: Final = Window()

SORT_KEYS: Final[Mapping[str, Callable[[Event], Any]]] = {
    "date": lambda event: event.date.sort_key,
    "title": lambda event: event.title.casefold(),
    "kind": lambda event: (event.kind, event.date.sort_key),
    "id": lambda event: event.id,
}


class Filter(NamedTuple):
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
        return self._when(event.date) if self._holds(timeline, event) else Match.NO

    def may_match(self, raw: Mapping[str, Any]) -> bool:
        """Whether an event may match, as far as the plain values of its table tell."""
        filed = self._filed(
            raw["topics"],
            raw["kind"],
            raw.get("state", ()),
            raw.get("status", OCCURRED),
            (citation["source"] for citation in raw["sources"]),
        )
        return filed and self._when(partial_date.made(raw["date"])) is not Match.NO

    def _when(self, date: PartialDate) -> Match:
        match = date.match(self.window) if self.window != ALWAYS else Match.CERTAINLY
        return Match.NO if self.certain and match is Match.POSSIBLY else match

    def _filed(
        self,
        topics: Iterable[str],
        kind: str,
        matters: Iterable[str],
        status: str,
        sources: Iterable[str],
    ) -> bool:
        return (
            (not self.topics or not self.topics.isdisjoint(topics))
            and (not self.kinds or kind in self.kinds)
            and (not self.matters or not self.matters.isdisjoint(matters))
            and (not self.statuses or status in self.statuses)
            and (not self.sources or not self.sources.isdisjoint(sources))
        )

    def _holds(self, timeline: Timeline, event: Event) -> bool:
        cited = (citation.source for citation in event.sources)
        return (
            self._filed(event.topics, event.kind, event.state, event.status, cited)
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
    found.sort(key=SORT_KEYS[sort])
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


def setters(timeline: Timeline) -> Mapping[str, Sequence[Event]]:
    """The events that set each matter's state, by date, equal ones in file order."""
    by_matter: dict[str, list[Event]] = {matter: [] for matter in timeline.matters}
    setting = [event for event in timeline.events if event.state]
    for event in sorted(setting, key=SORT_KEYS["date"]):
        # What sets a matter whose own table is wrong sets none of these.
        for matter in by_matter.keys() & event.state.keys():
            by_matter[matter].append(event)
    return by_matter


def state(timeline: Timeline, day: date) -> tuple[Standing, ...]:
    """What each matter stands at by the end of `day`, in the order of the file."""
    return tuple(
        standing
        for matter, events in setters(timeline).items()
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
        begun = [e for e in begun if _end(e) > day or (_end(e), e.position) >= latest]
        for event in sorted(begun, key=lambda event: event.position):
            last = event.date.last_first_day(day)
            if last is not None and (last, event.position) >= latest:
                outcomes.setdefault(event.state[matter], []).append(event)
        yield Standing(matter, tuple(Outcome(text, tuple(by)) for text, by in outcomes.items()))


def _start(event: Event) -> tuple[date, int]:
    return event.date.first_earliest or date.min, event.position


def _end(event: Event) -> date:
    return event.date.first_latest or date.max


# --- who asked and who answered ----------------------------------------------------------------


class Answer(NamedTuple):
    """An ask, and an event that responds to it."""

    ask: Event
    by: Event

    @property
    def shortest(self) -> tuple[date, date] | None:
        """The days with the least time between them that the dates allow; None if that's open."""
        asked, answered = self.ask.date.first_latest, self.by.date.first_earliest
        return (asked, max(asked, answered)) if asked and answered else None

    @property
    def longest(self) -> tuple[date, date] | None:
        """The days with the most time between them that the dates allow; None if that's open."""
        asked, answered = self.ask.date.first_earliest, self.by.date.first_latest
        return (asked, answered) if asked and answered else None


class Gaps(NamedTuple):
    """The asks of some events: those that nothing answers, and those that something does."""

    unanswered: tuple[Event, ...]
    answers: tuple[Answer, ...]


def gaps(selection: Selection) -> Gaps:
    """Match the asks of the events selected with the answers in the whole record."""
    answered_by: dict[str, list[Event]] = {}
    for event in sorted(selection.timeline.events, key=SORT_KEYS["date"]):
        for ask in event.answers:
            answered_by.setdefault(ask, []).append(event)
    asks = [event for event in selection.events if event.asks]
    return Gaps(
        tuple(ask for ask in asks if ask.id not in answered_by),
        tuple(Answer(ask, by) for ask in asks for by in answered_by.get(ask.id, ())),
    )


# --- how much there is -------------------------------------------------------------------------


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
