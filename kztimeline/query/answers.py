"""Who asked, who answered, and what came of the answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kztimeline.query.filter import SORT_KEYS, Selection
from kztimeline.query.state import Standing, setters, sweep
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
    setting = setters(timeline)
    last: dict[str, Standing] = {}
    found: dict[str, list[Answer]] = {}
    for event in sorted(timeline.events, key=SORT_KEYS["date"]):
        for key in dict.fromkeys((*event.answers, *event.answers_in_part)):
            for matter in event.state:
                if matter in setting and matter not in last:
                    (last[matter],) = sweep(matter, setting[matter], [date.max])
            answer = Answer(by_id[key], event, key not in event.answers, _is_undone(event, last))
            found.setdefault(key, []).append(answer)
    return found


def _is_undone(event: Event, last: Mapping[str, Standing]) -> bool:
    """Whether a matter that the event set certainly stands at something else in the end."""
    return any(
        matter in last and not last[matter].more and text not in last[matter].states
        for matter, text in event.state.items()
    )


def gaps(selection: Selection) -> Gaps:
    """Match the asks of the events selected with the answers in the whole record."""
    answered = answers(selection.timeline)
    asks = [event for event in selection.events if event.asks]
    groups: dict[str, list[Answer]] = {"in_part": [], "met": []}
    for ask in asks:
        by = answered.get(ask.id, ())
        groups["in_part" if all(answer.in_part for answer in by) else "met"] += by
    return Gaps(
        selection.timeline,
        tuple(ask for ask in asks if ask.id not in answered),
        tuple(groups["in_part"]),
        tuple(groups["met"]),
    )
