"""What each matter stood at by the end of a day: what is set, who finds what, and how old that is.

What is set is computed over every order of days that the dates allow. In terms of human-rights
indicators (OHCHR, HR/PUB/12/5), what is set is committed, and what is found is observed.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

from kztimeline.query.filter import SORT_KEYS, Filter
from kztimeline.record.model import OCCURRED, PERSPECTIVES, Event, Matter, Source, Timeline

MOST_OUTCOMES: Final = 20
"""How many outcomes of a matter are told; a record can leave thousands open."""

_MIN, _MAX = date.min, date.max


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
        # What speaks of a matter whose own table is wrong speaks of none of these.
        for matter in by_matter.keys() & getattr(event, role).keys():
            by_matter[matter].append(event)
    return by_matter


def state(timeline: Timeline, day: date) -> tuple[Standing, ...]:
    """What each matter stands at by the end of `day`, in the order of the file."""
    finding = finders(timeline)
    return tuple(
        standing._replace(
            found=tuple(found(timeline, matter, finding[matter], day, standing)),
            evidence=_evidence(timeline, (*events, *finding[matter]), day),
        )
        for matter, events in setters(timeline).items()
        for standing in sweep(matter, events, [day])
    )


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
    stretches = [(low, high, event) for event in events for low, high in _stretches(event)]
    coming = sorted(stretches, key=lambda stretch: (stretch[0], stretch[2].position), reverse=True)
    firm = [event for event in events if event.status == OCCURRED]
    falling_due = sorted(firm, key=_end, reverse=True)
    first_of_row = _rows(matter, events)
    possible = _Candidates(matter)
    # What must have come last of all that certainly came.
    latest = (_MIN, -1)
    for day in days:
        while coming and coming[-1][0] <= day:
            _, high, event = coming.pop()
            possible.enter(event, high)
        while falling_due and _end(falling_due[-1]) <= day:
            latest = max(latest, _start(falling_due.pop()))
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

    def __init__(self, matter: str) -> None:
        self._matter = matter
        self._ends: list[tuple[date, int, int]] = []
        self._events: dict[int, Event] = {}
        self._count: dict[int, int] = {}
        self._positions: dict[str, list[int]] = {}
        self._texts: list[tuple[int, str]] = []
        self.signature = 0

    def enter(self, event: Event, high: date) -> None:
        """Let an event be the last one, as long as nothing certainly came after `high`."""
        position = event.position
        heappush(self._ends, (high, position, position))
        self._count[position] = self._count.get(position, 0) + 1
        if self._count[position] > 1:
            return
        self._events[position] = event
        self._change(event, lambda places: insort(places, position))

    def leave(self, latest: tuple[date, int]) -> None:
        """Drop what is certainly overtaken by what came `latest`."""
        while self._ends and self._ends[0][:2] < latest:
            _, _, position = heappop(self._ends)
            self._count[position] -= 1
            if not self._count[position]:
                event = self._events.pop(position)
                self._change(event, lambda places, gone=position: places.remove(gone))

    def _change(self, event: Event, edit: object) -> None:
        """Edit the places of an event's text, and keep the texts in their order."""
        text = event.state[self._matter]
        places = self._positions.setdefault(text, [])
        if places:
            del self._texts[bisect_left(self._texts, (places[0], text))]
        was = bool(places)
        edit(places)  # type: ignore[operator]
        if was != bool(places):
            self.signature ^= hash(text)
        if places:
            insort(self._texts, (places[0], text))

    def first(self, least: int) -> tuple[list[tuple[str, tuple[Event, ...]]], int]:
        """The first texts with their first events, and how many texts there are more.

        None of the events has a place before `least`.
        """
        found: list[tuple[str, tuple[Event, ...]]] = []
        passed = 0
        for _, text in self._texts[: 10 * MOST_OUTCOMES]:
            places = self._positions[text]
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


def _start(event: Event) -> tuple[date, int]:
    return event.holds_from.first_earliest or _MIN, event.position


def _end(event: Event) -> date:
    return event.holds_from.first_latest or _MAX


# --- what is found -----------------------------------------------------------------------------


def found(
    timeline: Timeline, matter: str, events: Sequence[Event], day: date, standing: Standing
) -> Iterator[Found]:
    """Of every perspective the latest findings by the end of `day`, in the order of perspectives.

    `events` are those that find something of the matter. One gives way only to another of the
    same perspective that is certainly later, and certainly by then.
    """
    begun = [event for event in events if (event.date.first_earliest or _MIN) <= day]
    firm = [event for event in begun if event.status == OCCURRED and _begun_by(event, day)]
    # Per perspective, the beginning of the latest of those that are certain.
    latest: dict[str, date] = {}
    for event in firm:
        for voice in voices(timeline, event):
            latest[voice] = max(latest.get(voice, _MIN), event.date.earliest or _MIN)
    by_voice: dict[str, list[Event]] = {voice: [] for voice in PERSPECTIVES}
    for event in begun:
        for voice in voices(timeline, event):
            if (event.date.latest or _MAX) >= latest.get(voice, _MIN):
                by_voice[voice].append(event)
    older_than = set_since(standing)
    certain = {event.position for event in firm}
    for voice, shown in by_voice.items():
        for event in shown[-MOST_OUTCOMES:]:
            yield Found(
                voice,
                event,
                event.finding[matter],
                possible=event.position not in certain,
                before=older_than is not None and (event.date.latest or _MAX) < older_than,
            )


def _begun_by(event: Event, day: date) -> bool:
    return (event.date.first_latest or _MAX) <= day


def set_since(standing: Standing) -> date | None:
    """The first day on which any of the outcomes may hold; None if one is unknown."""
    setting = [outcome.since for outcome in standing.outcomes]
    if not setting or None in setting:
        return None
    return min(event.holds_from.first_earliest or _MIN for event in setting if event)


def voices(timeline: Timeline, event: Event) -> Sequence[str]:
    """The perspectives of the citations that don't dispute an event, in their order."""
    said = {timeline.perspective(cited) for cited in event.sources if not cited.disputes}
    return [voice for voice in PERSPECTIVES if voice in said]


# --- as of when --------------------------------------------------------------------------------


def _evidence(timeline: Timeline, events: Iterable[Event], day: date) -> date | None:
    days = [
        min(event.date.latest or _MAX, newest(timeline, event), day)
        for event in events
        if event.status == OCCURRED and (event.holds_from.first_earliest or _MIN) <= day
    ]
    return max(days, default=None)


def newest(timeline: Timeline, event: Event) -> date:
    """The latest day that the newest document which an event cites can be of."""
    cited = (timeline.sources[citation.source] for citation in event.sources)
    return max((source.date.latest or _MAX for source in cited), default=_MAX)


def reach(timeline: Timeline) -> date | None:
    """Up to when the record reaches: the newest date of a source, as far as that is known."""
    return max(filter(None, map(_known, timeline.sources.values())), default=None)


def _known(source: Source) -> date | None:
    return source.date.latest or source.date.earliest
