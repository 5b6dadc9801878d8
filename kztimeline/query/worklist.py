"""What the record lacks: what to research next, the most telling first.

What `kzt todo` and `kzt check` both ask has its one predicate here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from itertools import chain
from typing import Final, Literal, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.answers import gaps
from kztimeline.query.filter import Filter, select, words
from kztimeline.query.state import setters, spells, state, turning_points
from kztimeline.record.model import OCCURRED, Event, Timeline
from kztimeline.text.gate import plural

STALE_AFTER: Final = 3
"""Years without evidence after which a matter is to be looked at again."""

Task = Literal["date", "stale", "ask", "single-source", "no-address", "overdue"]
TASKS: Final[Mapping[Task, str]] = {
    "date": "Dates whose closer knowledge would settle most",
    "stale": "Matters without recent evidence",
    "ask": "Asks without an answer",
    "single-source": "Events that rest on one document",
    "no-address": "Sources without an address",
    "overdue": "Scheduled events whose date is past",
}
"""What there is to do, in the order in which it is shown."""


class Item(NamedTuple):
    """One thing to do."""

    task: Task
    key: str
    """What it is about: an event, a matter or a source."""
    title: str
    weight: int
    """How much it matters: days that would become certain, years, or 1."""
    detail: str


def todo(timeline: Timeline, today: date) -> tuple[Item, ...]:
    """All that is to be done, by task and the most telling first."""
    found = [*_dates(timeline, today), *_stale(timeline, today)]
    found += (
        Item("ask", ask.id, ask.title, 1, f"{ask.date.words()}: {ask.asks}")
        for ask in gaps(select(timeline, Filter())).open
    )
    for key, source in timeline.sources.items():
        if source.url is None and source.archive is None:
            found.append(Item("no-address", key, source.title, 1, source.date.words()))
    for event in timeline.events:
        if len({citation.source for citation in event.sources}) == 1:
            only = f"only {event.sources[0].source}"
            found.append(Item("single-source", event.id, event.title, 1, only))
        if is_overdue(event, today):
            scheduled = f"scheduled for {event.date.words()}"
            found.append(Item("overdue", event.id, event.title, 1, scheduled))
    order = list(TASKS)
    return tuple(sorted(found, key=lambda item: (order.index(item.task), -item.weight)))


# --- dates -------------------------------------------------------------------------------------


# How many vague events of a matter, and days of each, are tried: fewer of a long history, which is
# gone through for each of these days.
_MOST_TRIED: Final = 40
_MOST_EVENTS: Final = 2_000
_MOST_DAYS: Final = 12


def _dates(timeline: Timeline, today: date) -> Iterator[Item]:
    found: dict[Event, list[tuple[int, str]]] = {}
    for matter, events in setters(timeline).items():
        vague = [event for event in events if not _is_known(event.holds_from)]
        for event in vague[: min(_MOST_TRIED, _MOST_EVENTS // max(1, len(events)) + 1)]:
            if days := settled_days(matter, events, event, today):
                found.setdefault(event, []).append((days, timeline.matters[matter].title))
    for event, settled in found.items():
        days, titles = sum(days for days, _ in settled), [title for _, title in settled]
        settles = f"would settle {plural(days, 'day')} of {', '.join(titles)}"
        yield Item("date", event.id, event.title, days, f"{event.holds_from.words()}: {settles}")


def settled_days(matter: str, events: Sequence[Event], event: Event, today: date) -> int:
    """How many days of a matter would become certain, on average, if an event's date were known.

    A day is certain if one outcome is possible at its end. The event's date is settled on each of
    its possible days, or on twelve of them at even distances, from the first day that is known of
    the matter through `today`.
    """
    first = min((day for day in turning_points(events) if day > date.min), default=None)
    if first is None:
        return 0
    low = max(event.holds_from.first_earliest or first, first)
    high = min(event.holds_from.first_latest or today, today)
    length = (high - low).days
    steps = min(max(length, 0) + 1, _MOST_DAYS)
    tried = [low + timedelta(length * step // max(steps - 1, 1)) for step in range(steps)]
    before = _open_days(matter, events, first, today)
    after = [_open_days(matter, _settled(events, event, day), first, today) for day in tried]
    return max(0, before - sum(after) // len(after))


def _settled(events: Sequence[Event], event: Event, day: date) -> Sequence[Event]:
    known = PartialDate.parse(day.isoformat())
    settled = event._replace(in_force=known) if event.in_force else event._replace(date=known)
    return [settled if one is event else one for one in events]


def _open_days(matter: str, events: Sequence[Event], first: date, today: date) -> int:
    """How many days between these have several possible outcomes."""
    return sum(
        (min(spell.last, today) - max(spell.first, first)).days + 1
        for spell in spells(matter, events)
        if len(spell.standing.outcomes) > 1 and spell.last >= first and spell.first <= today
    )


def _is_known(when: PartialDate) -> bool:
    return when.first_earliest is not None and when.first_earliest == when.first_latest


def _stale(timeline: Timeline, today: date) -> Iterator[Item]:
    year = max(today.year - STALE_AFTER, 1)
    limit = today.replace(year=year, day=min(today.day, 28))
    for standing in state(timeline, today):
        last = standing.evidence
        if last is None or last < limit:
            title = timeline.matters[standing.matter].title
            detail = f"latest evidence {last.isoformat()}" if last else "no evidence"
            years = today.year - (last or date.min).year
            yield Item("stale", standing.matter, title, years, detail)


# --- what check asks, too ----------------------------------------------------------------------


def is_overdue(event: Event, today: date) -> bool:
    """Whether it is scheduled, and its date is certainly past."""
    latest = event.date.latest
    return event.status == "scheduled" and latest is not None and latest < today


def same_words(one: str, other: str) -> bool:
    """Whether two titles are near-equal: one's words, case and accents aside, are the other's.

    A word or two may be added ("Zerto", "HPE Zerto"), if more than half of all are shared.
    """
    return _alike_words({*words(one)}, {*words(other)})


def _alike_words(a: Set[str], b: Set[str]) -> bool:
    few, many = sorted((a, b), key=len)
    return a == b or (few < many and len(many) - len(few) <= 2 and 2 * len(few) > len(many))


def duplicates(events: Sequence[Event]) -> Iterator[tuple[Event, Event]]:
    """Pairs that may be one event under two ids: an earlier event, and the later one in the file.

    They have the same date, and near-equal titles, or, of the same day and kind, a citation.
    """
    by_date: dict[str, list[Event]] = {}
    for event in events:
        if event.status == OCCURRED:
            by_date.setdefault(event.date.text, []).append(event)
    for group in by_date.values():
        yield from _alike(group)


_MOST_OF_A_WORD: Final = 20


def _alike(group: Iterable[Event]) -> Iterator[tuple[Event, Event]]:
    by_citation: dict[tuple[str, str, str], Event] = {}
    by_word: dict[str, list[tuple[Set[str], Event]]] = {}
    for event in group:
        # Of a month or a range, many events stand in one paragraph.
        exact = event.date.earliest == event.date.latest
        cited = [(event.kind, one.source, one.at) for one in event.sources] if exact else []
        twin = next((by_citation[key] for key in cited if key in by_citation), None)
        title = {*words(event.title)}
        # Near-equal titles share most words, so one of any three.
        some = sorted(title, key=lambda word: (-len(word), word))[:3]
        if twin is None:
            near = chain.from_iterable(by_word.get(word, ())[-_MOST_OF_A_WORD:] for word in some)
            # First what most pairs fail at once: all words of one are the other's.
            twin = next(
                (
                    other
                    for known, other in near
                    if (known <= title or title <= known) and _alike_words(known, title)
                ),
                None,
            )
        if twin is not None:
            yield twin, event
        for key in cited:
            by_citation.setdefault(key, event)
        for word in title:
            by_word.setdefault(word, []).append((title, event))
