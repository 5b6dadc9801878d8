"""Who asked, and who answered."""

from datetime import date
from typing import NamedTuple

from kztimeline.query.filter import SORT_KEYS, Selection
from kztimeline.record.model import Event


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
