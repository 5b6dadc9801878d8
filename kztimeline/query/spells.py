"""The whole history of a matter: from which day to which it stood at what."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from kztimeline.query.state import Standing, sweep
from kztimeline.record.model import Event

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


def turning_points(events: Sequence[Event]) -> list[date]:
    """Every day on which something may change: only there do the comparisons of `sweep` turn.

    They compare days at which an event can begin, or must have begun, with each other and with
    the day asked for; on the day itself file order decides, on the next it no longer does.
    """
    bounds = {bound for event in events for pair in event.holds_from.stretches for bound in pair}
    bounds |= {event.holds_from.first_latest or date.max for event in events}
    after = {bound + _DAY for bound in bounds if bound < date.max}
    return sorted({date.min} | bounds | after)
