"""Who asked, who answered, and what came of the answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kztimeline.query.filter import SORT_KEYS, Selection
from kztimeline.query.state import setters, sweep
from kztimeline.record.model import Event, Timeline


class Answer(NamedTuple):
    """An ask, and an event that meets it."""

    ask: Event
    by: Event
    in_part: bool = False
    undone: bool = False
    """Whether what it set has certainly been changed since."""

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

    @property
    def marks(self) -> tuple[str, ...]:
        """What is to be known of it at a glance."""
        contested = ("contested",) if self.by.contested else ()
        return (*contested, *(("changed since",) if self.undone else ()))


class Gaps(NamedTuple):
    """The asks of some events: what nothing meets, what is met in part, and what is met."""

    timeline: Timeline
    open: tuple[Event, ...]
    in_part: tuple[Answer, ...]
    """The answers to asks that nothing meets wholly."""
    met: tuple[Answer, ...]
    """The answers to asks that something meets, those in part among them."""


def answers(timeline: Timeline) -> Mapping[str, Sequence[Answer]]:
    """The answers to each ask, by date, in the whole record; undone as of its last day."""
    by_id = {event.id: event for event in timeline.events}
    last = {
        matter: next(sweep(matter, setting, [date.max]))
        for matter, setting in setters(timeline).items()
    }

    def is_changed(matter: str, text: str) -> bool:
        """Whether a matter that is there certainly stands at something else in the end."""
        end = last.get(matter)
        return end is not None and not end.more and text not in end.states

    found: dict[str, list[Answer]] = {}
    for event in sorted(timeline.events, key=SORT_KEYS["date"]):
        for key in dict.fromkeys((*event.answers, *event.answers_in_part)):
            undone = any(is_changed(matter, text) for matter, text in event.state.items())
            answer = Answer(by_id[key], event, key not in event.answers, undone)
            found.setdefault(key, []).append(answer)
    return found


def gaps(selection: Selection) -> Gaps:
    """Match the asks of the events selected with the answers in the whole record."""
    answered = answers(selection.timeline)
    asks = [event for event in selection.events if event.asks]
    in_part: list[Answer] = []
    met: list[Answer] = []
    for ask in asks:
        by = answered.get(ask.id, ())
        (in_part if all(answer.in_part for answer in by) else met).extend(by)
    open_ = tuple(ask for ask in asks if ask.id not in answered)
    return Gaps(selection.timeline, open_, tuple(in_part), tuple(met))
