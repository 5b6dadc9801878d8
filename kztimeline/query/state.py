"""What each matter stood at by the end of a day, over every order that the dates allow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kztimeline.query.filter import SORT_KEYS, Filter
from kztimeline.record.model import Event, Matter, Timeline
from kztimeline.record.vocabulary import OCCURRED


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


UNKNOWN = "unknown"


def outcome_text(standing: Standing, outcome: Outcome) -> str:
    """A state as it is shown: with ``?`` where others are possible, too."""
    text = UNKNOWN if outcome.state is None else outcome.state
    return text if len(standing.outcomes) == 1 else f"{text} ?"


def shows(matter: Matter, wanted: Filter, key: str) -> bool:
    """Whether a filter's topics and matters let a matter be shown."""
    return (not wanted.matter or key in wanted.matter) and (
        not wanted.topic or not wanted.topic.isdisjoint(matter.topics)
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
