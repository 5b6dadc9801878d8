"""What a user asked for in words → a `Filter`, or one line that says what isn't there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from kztimeline.dates.edtf import PartialDate, Window, parse_typed
from kztimeline.dates.mistakes import DateError
from kztimeline.query.filter import Filter, Selection, select
from kztimeline.record.model import Event, Matter, Source, Timeline
from kztimeline.record.vocabulary import KINDS, PERSPECTIVES, SORTS, STATUSES
from kztimeline.text.errors import KztError
from kztimeline.text.gate import nearest, plural, shorten

_SHORT_LIST = 20
# Looking for the nearest of more names than these takes longer than a person waits for a hint.
_MANY = 10_000


class Wishes(NamedTuple):
    """The filters as typed."""

    topic: Collection[str] = ()
    kind: Collection[str] = ()
    matter: Collection[str] = ()
    source: Collection[str] = ()
    perspective: Collection[str] = ()
    status: Collection[str] = ()
    since: str | None = None
    until: str | None = None
    within: str | None = None
    certain: bool = False
    contested: bool = False
    search: str | None = None
    sort: str = "date"
    reverse: bool = False
    limit: int | None = None


def one_of(noun: str, values: Iterable[str], known: Collection[str]) -> None:
    """Refuse a value that isn't known, with a suggestion and, if it's short, the whole list."""
    for value in values:
        if value not in known:
            raise KztError(f'unknown {noun} "{shorten(value)}"{_instead(value, known)}')


def _instead(value: str, known: Collection[str]) -> str:
    """What may have been meant, and if it's short all that could have been, after a message."""
    near = nearest(value, known) if len(known) <= _MANY else ""
    hint = f' (did you mean "{near}"?)' if near else ""
    return hint + (f"; known: {', '.join(known)}" if 0 < len(known) <= _SHORT_LIST else "")


def typed_date(text: str, option: str, today: date) -> PartialDate:
    """A date that a user typed. Raises `KztError` naming the option or argument."""
    try:
        return parse_typed(text, today)
    except DateError as error:
        raise KztError(f"{option}: {error}") from None


def window(wishes: Wishes, today: date) -> Window:
    """The days that `--since`, `--until` and `--in` leave."""
    shared = Window(None, None)
    if wishes.since is not None:
        since = typed_date(wishes.since, "--since", today)
        if since.earliest is None:
            raise KztError(f'--since: "{since}" has no first day')
        shared &= Window(since.earliest, None)
    if wishes.until is not None:
        until = typed_date(wishes.until, "--until", today)
        if until.latest is None:
            raise KztError(f'--until: "{until}" has no last day')
        shared &= Window(None, until.latest)
    if wishes.within is not None:
        shared &= typed_date(wishes.within, "--in", today).window()
    if shared.empty:
        raise KztError(f"no day is left: {_period(wishes)}")
    return shared


def _period(wishes: Wishes) -> str:
    options = (("since", wishes.since), ("until", wishes.until), ("in", wishes.within))
    return " · ".join(f"{name} {text}" for name, text in options if text is not None)


def to_filter(wishes: Wishes, today: date, *timelines: Timeline) -> Filter:
    """Check each wish against all that the timelines hold. Raises `KztError`."""
    for noun, values, known in (
        ("topic", wishes.topic, _all(timeline.topics for timeline in timelines)),
        ("kind", wishes.kind, KINDS),
        ("matter", wishes.matter, _all(timeline.matters for timeline in timelines)),
        ("source", wishes.source, _all(timeline.sources for timeline in timelines)),
        ("perspective", wishes.perspective, PERSPECTIVES),
        ("status", wishes.status, STATUSES),
    ):
        one_of(noun, values, known)
    return unchecked(wishes, today)


def unchecked(wishes: Wishes, today: date) -> Filter:
    """The same while nothing is known of the timelines. Raises `KztError` for dates."""
    return Filter(
        topics=frozenset(wishes.topic),
        kinds=frozenset(wishes.kind),
        matters=frozenset(wishes.matter),
        sources=frozenset(wishes.source),
        statuses=frozenset(wishes.status),
        perspectives=frozenset(wishes.perspective),
        window=window(wishes, today),
        certain=wishes.certain,
        contested=wishes.contested,
        search=wishes.search or "",
    )


def _all(tables: Iterable[Mapping[str, object]]) -> Collection[str]:
    return dict.fromkeys(key for table in tables for key in table)


def choose(timeline: Timeline, wishes: Wishes, today: date) -> Selection:
    """The events asked for. Raises `KztError`."""
    one_of("sort key", [wishes.sort], SORTS)
    wanted = to_filter(wishes, today, timeline)
    return select(timeline, wanted, sort=wishes.sort, reverse=wishes.reverse, limit=wishes.limit)


def summary(selection: Selection, wishes: Wishes) -> str:
    """What is shown: ``3 of 88 events · topic assembly · 1 only possibly``."""
    total = len(selection.timeline.events)
    shown = len(selection.events)
    count = plural(total, "event") if shown == total else f"{shown:,} of {plural(total, 'event')}"
    possible = sum(event.id in selection.possible for event in selection.events)
    more = selection.matched - shown
    return " · ".join(
        [
            count,
            *_described(wishes),
            *([f"{possible:,} only possibly"] if possible else []),
            *([f"{more:,} more left out by --limit"] if more else []),
        ]
    )


def _described(wishes: Wishes) -> Iterator[str]:
    for noun in ("topic", "kind", "matter", "source", "perspective", "status"):
        values = getattr(wishes, noun)
        if values:
            yield f"{noun} {' or '.join(values)}"
    if period := _period(wishes):
        yield period
    if wishes.certain:
        yield "certain"
    if wishes.contested:
        yield "contested"
    if wishes.search:
        yield f'search "{wishes.search}"'


class Named(NamedTuple):
    """Something of a record that has a name of its own."""

    key: str
    thing: Event | Matter | Source


def by_name(timeline: Timeline, names: Iterable[str]) -> list[Named]:
    """The events, matters and sources of these names. Raises `KztError`."""
    ids = {event.id: event for event in timeline.events}
    found = []
    for name in dict.fromkeys(names):
        tables = (ids, timeline.matters, timeline.sources)
        things = [Named(name, table[name]) for table in tables if name in table]
        if not things:
            known = dict.fromkeys([*ids, *timeline.matters, *timeline.sources])
            message = f'no event, matter or source "{shorten(name)}"'
            raise KztError(message + _instead(name, known))
        found += things
    return found
