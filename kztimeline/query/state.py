"""What each matter stood at, by the end of a day and in time: what is set, who finds what, how old.

What is set is computed over every order of days that the dates allow. In terms of human-rights
indicators (OHCHR, HR/PUB/12/5), what is set is committed, and what is found is observed.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import groupby
from typing import Final, Literal, NamedTuple

from kztimeline.query.filter import SORT_KEYS, Filter
from kztimeline.record.model import OCCURRED, PERSPECTIVES, Event, Matter, Timeline

MOST_OUTCOMES: Final = 20
"""How many outcomes of a matter are reported; a record can leave thousands open."""

_MIN, _MAX, _DAY = date.min, date.max, timedelta(1)


class Outcome(NamedTuple):
    """One thing that a matter may be set to."""

    state: str | None
    """None: unknown, before any event that sets it."""
    events: tuple[Event, ...] = ()
    """The first of the events any of which may have set it last, in the order of the file."""
    since: Event | None = None
    """The first of the setters in a row with this text."""

    @property
    def contested(self) -> bool:
        """Whether an event that set it is contested."""
        return any(event.contested for event in self.events)


class Found(NamedTuple):
    """What somebody finds that a matter stands at; since when is not said."""

    perspective: str
    event: Event
    text: str
    possible: bool
    """Whether it is only possibly by then, or the event isn't one that occurred."""
    before: bool
    """Whether it is certainly older than what is set."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What is to be known of it at a glance."""
        named = (
            ("?", self.possible),
            ("contested", self.event.contested),
            ("before this state", self.before),
        )
        return tuple(mark for mark, holds in named if holds)


class Standing(NamedTuple):
    """What a matter stands at by the end of a day: one outcome, or several possible ones."""

    matter: str
    outcomes: tuple[Outcome, ...]
    more: int = 0
    """How many further outcomes there are."""
    signature: int = 0
    """The same for the same set of all outcomes."""
    found: tuple[Found, ...] = ()
    """Of every perspective the latest findings, where they were asked for."""
    evidence: date | None = None
    """The latest day that a setter or finder may speak of."""

    @property
    def states(self) -> frozenset[object]:
        """The possible states without the events behind them."""
        shown = {outcome.state for outcome in self.outcomes}
        return frozenset({*shown, *([self.signature] if self.more else [])})


UNKNOWN = "unknown"


def outcome_text(standing: Standing, outcome: Outcome) -> str:
    """A state as it is shown: with ``?`` where others are possible, too."""
    text = UNKNOWN if outcome.state is None else outcome.state
    doubt = len(standing.outcomes) > 1 or any(e.status != OCCURRED for e in outcome.events)
    return f"{text} ?" if doubt else text


def shows(matter: Matter, wanted: Filter, key: str) -> bool:
    """Whether a filter's topics and matters let a matter be shown."""
    return (not wanted.matter or key in wanted.matter) and (
        not wanted.topic or not wanted.topic.isdisjoint(matter.topics)
    )


def setters(timeline: Timeline) -> Mapping[str, Sequence[Event]]:
    """The events that set each matter's state, by date, equal ones in file order."""
    return _by_matter(timeline, "state")


def finders(timeline: Timeline) -> Mapping[str, Sequence[Event]]:
    """The events that find what each matter stands at, by date, equal ones in file order."""
    return _by_matter(timeline, "finding")


def _by_matter(
    timeline: Timeline, role: Literal["state", "finding"]
) -> Mapping[str, Sequence[Event]]:
    by_matter: dict[str, list[Event]] = {matter: [] for matter in timeline.matters}
    speaking = [event for event in timeline.events if getattr(event, role)]
    for event in sorted(speaking, key=SORT_KEYS["date"]):
        # What speaks of a matter whose own table has errors speaks of none of these.
        for matter in by_matter.keys() & getattr(event, role).keys():
            by_matter[matter].append(event)
    return by_matter


def state(timeline: Timeline, day: date) -> tuple[Standing, ...]:
    """What each matter stands at by the end of `day`, in the order of the file."""
    finding = finders(timeline)
    standings = []
    for matter, events in setters(timeline).items():
        (standing,) = sweep(matter, events, [day])
        older_than = set_since(standing) or _MIN
        present = (it for it in findings(timeline, finding[matter]) if it.first <= day <= it.last)
        found = tuple(
            Found(
                voice,
                it.event,
                it.event.finding[matter],
                possible=it.certain is None or day < it.certain,
                before=(it.event.date.latest or _MAX) < older_than,
            )
            for voice, of_voice in groupby(present, key=lambda it: it.perspective)
            for it in [*of_voice][-MOST_OUTCOMES:]
        )
        steps = evidence(timeline, (*events, *finding[matter]))
        last = max((last for first, last in steps if first <= day), default=None)
        standings.append(standing._replace(found=found, evidence=last and min(last, day)))
    return tuple(standings)


# --- what is set -------------------------------------------------------------------------------


def sweep(matter: str, events: Sequence[Event], days: Iterable[date]) -> Iterator[Standing]:
    """What `matter` is set to by the end of each of the ascending `days`.

    `events` are those that set it. A state holds from the first day on which its event is in
    force, and each first day is independent of the others. So an event's state can be the last
    one set just if, on the latest day that the event allows, every event that must have happened
    by then can have happened before it; on equal days file order decides. Events that are
    scheduled or alleged can add an outcome, and never rule one out.

    An event enters with each stretch of days on which it can begin, and leaves that stretch for
    good once something certainly came later: all together that takes time n log n.
    """
    stretches = [(low, event.position, high) for event in events for low, high in _stretches(event)]
    coming = sorted(stretches, reverse=True)
    firm = [event for event in events if event.status == OCCURRED]
    falling_due = sorted(firm, key=_end, reverse=True)
    first_of_row = _rows(matter, events)
    possible = _Candidates(matter, events)
    # What must have come last of all that certainly came.
    latest = (_MIN, -1)
    for day in days:
        while coming and coming[-1][0] <= day:
            _, position, high = coming.pop()
            possible.enter(position, high)
        while falling_due and _end(falling_due[-1]) <= day:
            due = falling_due.pop()
            latest = max(latest, (due.holds_from.first_earliest or _MIN, due.position))
        possible.leave(latest)
        least = latest[1] if latest[0] == day else -1
        texts, more = possible.first(least)
        unset = [Outcome(None)] if len(falling_due) == len(firm) else []
        outcomes = [
            Outcome(text, by, first_of_row[min(by, key=_in_time).position]) for text, by in texts
        ]
        yield Standing(matter, (*unset, *outcomes), more, possible.signature)


class _Candidates:
    """The events that may have set a matter last, by what they set it to."""

    def __init__(self, matter: str, events: Iterable[Event]) -> None:
        self._matter = matter
        self._events = {event.position: event for event in events}
        # By its place in the file, the last day on which each may be the last one; and in order.
        self._until: dict[int, date] = {}
        self._ends: list[tuple[date, int]] = []
        # The places of each text, and the texts in the order of their first places.
        self._places: dict[str, list[int]] = {}
        self._texts: list[tuple[int, str]] = []
        self.signature = 0

    def enter(self, position: int, high: date) -> None:
        """Let an event be the last one, as long as nothing certainly came after `high`."""
        heappush(self._ends, (high, position))
        if position not in self._until:
            self._switch(position)
        self._until[position] = max(high, self._until.get(position, high))

    def leave(self, latest: tuple[date, int]) -> None:
        """Drop what is certainly overtaken by what came `latest`."""
        while self._ends and self._ends[0] < latest:
            high, position = heappop(self._ends)
            if self._until.get(position) == high:
                self._switch(position)
                del self._until[position]

    def _switch(self, position: int) -> None:
        """Add an event, or remove it, and keep the texts in their order."""
        text = self._events[position].state[self._matter]
        places = self._places.setdefault(text, [])
        if places:
            del self._texts[bisect_left(self._texts, (places[0], text))]
        else:
            self.signature ^= hash(text)
        if position in self._until:
            places.remove(position)
        else:
            insort(places, position)
        if places:
            insort(self._texts, (places[0], text))
        else:
            self.signature ^= hash(text)

    def first(self, least: int) -> tuple[list[tuple[str, tuple[Event, ...]]], int]:
        """The first texts with their first events, and how many texts there are more.

        None of the events has a place before `least`.
        """
        found: list[tuple[str, tuple[Event, ...]]] = []
        passed = 0
        for _, text in self._texts[: 10 * MOST_OUTCOMES]:
            places = self._places[text]
            start = bisect_left(places, least)
            if start == len(places):
                passed += 1
            elif len(found) < MOST_OUTCOMES:
                shown = places[start : start + MOST_OUTCOMES]
                found.append((text, tuple(self._events[place] for place in shown)))
        return found, len(self._texts) - passed - len(found)


def _rows(matter: str, events: Iterable[Event]) -> dict[int, Event]:
    """For each setter the first of those in a row with the same text, by its place in the file."""
    rows: dict[int, Event] = {}
    last: Event | None = None
    for event in sorted(events, key=_in_time):
        same = last is not None and last.state[matter] == event.state[matter]
        rows[event.position] = rows[last.position] if same and last else event
        last = event if event.status == OCCURRED else last
    return rows


def _in_time(event: Event) -> tuple[tuple[int, int], int]:
    return event.holds_from.sort_key, event.position


def _stretches(event: Event) -> Sequence[tuple[date, date]]:
    when = event.holds_from
    return when.options or ((when.first_earliest or _MIN, when.first_latest or _MAX),)


def _end(event: Event) -> date:
    return event.holds_from.first_latest or _MAX


def set_since(standing: Standing) -> date | None:
    """The first day on which any of the outcomes may hold; None if one is unknown."""
    setting = [outcome.since for outcome in standing.outcomes]
    if not setting or None in setting:
        return None
    return min(event.holds_from.first_earliest or _MIN for event in setting if event)


class Spell(NamedTuple):
    """The days, both included, at whose end a matter stands at the same."""

    first: date
    last: date
    standing: Standing


def spells(matter: str, events: Sequence[Event]) -> Iterator[Spell]:
    """From the calendar's first day to its last, what `matter` stands at; `events` set it."""
    days = turning_points(events)
    pairs = zip(days, sweep(matter, events, days), strict=True)
    first, known = next(pairs)
    for day, standing in pairs:
        if standing != known:
            yield Spell(first, day - _DAY, known)
            first, known = day, standing
    yield Spell(first, _MAX, known)


def turning_points(events: Sequence[Event]) -> list[date]:
    """Every day on which something may change: only there do the comparisons of `sweep` turn.

    They compare days at which an event can begin, or must have begun, with each other and with
    the day asked for; on the day itself file order decides, on the next it no longer does.
    """
    bounds = {bound for event in events for pair in _stretches(event) for bound in pair}
    return sorted({_MIN} | bounds | {bound + _DAY for bound in bounds if bound < _MAX})


# --- what is found -----------------------------------------------------------------------------


class Finding(NamedTuple):
    """The days, both included, by whose end a finding is one of its perspective's latest."""

    first: date
    last: date
    certain: date | None
    """From when on it is certain; None if the event isn't one that occurred."""
    perspective: str
    event: Event


def findings(timeline: Timeline, events: Sequence[Event]) -> Iterator[Finding]:
    """What `events` find of a matter, by perspective and date.

    A finding gives way on the first day by which one of the same perspective, which is certainly
    later, has certainly begun.
    """
    spoken = [(event, voices(timeline, event)) for event in events]
    for voice in PERSPECTIVES:
        shown = [event for event, said in spoken if voice in said]
        # By the first day of each firm one, the earliest day by which it or a later one has begun.
        until, starts = _MAX, []
        for event in sorted(shown, key=lambda e: e.date.earliest or _MIN, reverse=True):
            if event.status == OCCURRED:
                until = min(until, event.date.first_latest or _MAX)
                starts.append((event.date.earliest or _MIN, until))
        starts.reverse()
        for event in shown:
            first, certain = event.date.earliest or _MIN, event.date.first_latest or _MAX
            later = bisect_right(starts, (event.date.latest or _MAX, _MAX))
            last = starts[later][1] - _DAY if later < len(starts) else _MAX
            if first <= last:
                known = certain if event.status == OCCURRED else None
                yield Finding(first, last, known, voice, event)


def voices(timeline: Timeline, event: Event) -> Sequence[str]:
    """The perspectives of the citations that don't dispute an event, in their order."""
    said = {timeline.perspective(cited) for cited in event.sources if not cited.disputes}
    return [voice for voice in PERSPECTIVES if voice in said]


# --- as of when --------------------------------------------------------------------------------


def evidence(timeline: Timeline, events: Iterable[Event]) -> list[tuple[date, date]]:
    """From which day on what is the latest evidence, or that day itself if that is later.

    It is no later than the newest document which its event cites.
    """
    steps: list[tuple[date, date]] = []
    speaking = [event for event in events if event.status == OCCURRED]
    for event in sorted(speaking, key=lambda e: e.holds_from.first_earliest or _MIN):
        dates = [timeline.sources[citation.source].date for citation in event.sources]
        newest = max((when.latest or _MAX for when in dates), default=_MAX)
        last = min(event.date.latest or _MAX, newest)
        if not steps or last > steps[-1][1]:
            steps.append((event.holds_from.first_earliest or _MIN, last))
    return steps


def reach(timeline: Timeline) -> date | None:
    """Up to when the record reaches: the newest date of a source, as far as that is known."""
    dates = (source.date for source in timeline.sources.values())
    return max(filter(None, (when.latest or when.earliest for when in dates)), default=None)
