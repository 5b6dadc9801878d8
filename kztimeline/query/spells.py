"""The whole history of a matter: from which day to which it was set to what, and who found what."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from kztimeline.query.state import Standing, newest, sweep, voices
from kztimeline.record.model import OCCURRED, PERSPECTIVES, Event, Timeline

_DAY = timedelta(1)


class Spell(NamedTuple):
    """The days, both included, at whose end a matter stands at the same."""

    first: date
    last: date
    standing: Standing


def spells(matter: str, events: Sequence[Event]) -> Iterator[Spell]:
    """From the calendar's first day to its last, what `matter` stands at; `events` set it."""
    first, known = date.min, None
    for day, standing in zip(
        days := turning_points(events), sweep(matter, events, days), strict=True
    ):
        if known is not None and standing != known:
            yield Spell(first, day - _DAY, known)
            first = day
        known = standing
    if known is not None:
        yield Spell(first, date.max, known)


class Finding(NamedTuple):
    """The days, both included, by whose end a finding is one of its perspective's latest."""

    first: date
    last: date
    certain: date | None
    """From when on it is certain; None if the event isn't one that occurred."""
    perspective: str
    event: Event


def findings(timeline: Timeline, events: Sequence[Event]) -> Iterator[Finding]:
    """What `events` find of a matter, by perspective and date, as `state` has it on any day.

    A finding gives way on the first day by which one of the same perspective, which is certainly
    later, has certainly begun.
    """
    for voice in PERSPECTIVES:
        shown = [event for event in events if voice in voices(timeline, event)]
        # By the first day of each firm one, the earliest day by which it or a later one has begun.
        until, starts = date.max, []
        for event in sorted(shown, key=_first, reverse=True):
            if event.status == OCCURRED:
                until = min(until, _begun(event))
                starts.append((_first(event), until))
        starts.reverse()
        for event in shown:
            later = bisect_right(starts, (event.date.latest or date.max, date.max))
            first = event.date.first_earliest or date.min
            last = starts[later][1] - _DAY if later < len(starts) else date.max
            certain = _begun(event) if event.status == OCCURRED else None
            if first <= last:
                yield Finding(first, last, certain, voice, event)


def _first(event: Event) -> date:
    return event.date.earliest or date.min


def _begun(event: Event) -> date:
    return event.date.first_latest or date.max


def evidence(timeline: Timeline, events: Sequence[Event]) -> list[tuple[date, date]]:
    """From which day on what is the latest evidence, or that day itself if that is later."""
    steps: list[tuple[date, date]] = []
    speaking = [event for event in events if event.status == OCCURRED]
    for event in sorted(speaking, key=lambda e: e.holds_from.first_earliest or date.min):
        last = min(event.date.latest or date.max, newest(timeline, event))
        if not steps or last > steps[-1][1]:
            steps.append((event.holds_from.first_earliest or date.min, last))
    return steps


def turning_points(events: Sequence[Event]) -> list[date]:
    """Every day on which something may change: only there do the comparisons of `sweep` turn.

    They compare days at which an event can begin, or must have begun, with each other and with
    the day asked for; on the day itself file order decides, on the next it no longer does.
    """
    bounds = {bound for event in events for pair in event.holds_from.stretches for bound in pair}
    bounds |= {event.holds_from.first_latest or date.max for event in events}
    after = {bound + _DAY for bound in bounds if bound < date.max}
    return sorted({date.min} | bounds | after)
