"""What a user asked for in words → the events that match, and in which order."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kztimeline.dates.edtf import DateError, Match, PartialDate, Window, parse_typed
from kztimeline.record.model import KINDS, OCCURRED, PERSPECTIVES, SORTS, STATUSES, Event, Timeline
from kztimeline.record.values import partial_date
from kztimeline.text.errors import KztError
from kztimeline.text.gate import nearest, plural, shorten, visible

ALWAYS: Final = Window()

SORT_KEYS: Final[Mapping[str, Callable[[Event], Any]]] = {
    "date": lambda event: event.date.sort_key,
    "title": lambda event: event.title.casefold(),
    "kind": lambda event: (event.kind, event.date.sort_key),
    "id": lambda event: event.id,
}


class Field(NamedTuple):
    """A field that events are filtered by: any of the values asked for will do."""

    known: Callable[[Timeline], Collection[str]]
    """The values there are."""
    values: Callable[[Timeline, Event], Iterable[str]]
    """The values that an event has."""
    raw: Callable[[Mapping[str, Any]], Iterable[str]] | None = None
    """The same of the plain values of an event's table, where these have it."""


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "topic": Field(
            known=lambda timeline: timeline.topics,
            values=lambda _, event: event.topics,
            raw=lambda raw: raw["topics"],
        ),
        "kind": Field(
            known=lambda _: KINDS,
            values=lambda _, event: (event.kind,),
            raw=lambda raw: (raw["kind"],),
        ),
        "matter": Field(
            known=lambda timeline: timeline.matters,
            values=lambda _, event: [*event.state, *event.finding],
            raw=lambda raw: [*raw.get("state", ()), *raw.get("finding", ())],
        ),
        "source": Field(
            known=lambda timeline: timeline.sources,
            values=lambda _, event: [citation.source for citation in event.sources],
            raw=lambda raw: [citation["source"] for citation in raw["sources"]],
        ),
        "perspective": Field(
            known=lambda _: PERSPECTIVES,
            values=lambda timeline, event: map(timeline.perspective, event.sources),
        ),
        "status": Field(
            known=lambda _: STATUSES,
            values=lambda _, event: (event.status,),
            raw=lambda raw: (raw.get("status", OCCURRED),),
        ),
    }
)
"""The one table of filters by values; its names are those of the options."""


# --- what was asked for ------------------------------------------------------------------------


class Criteria(NamedTuple):
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
    search: Collection[str] = ()
    sort: str = "date"
    reverse: bool = False
    limit: int | None = None


_SHORT_LIST: Final = 30
# Looking for the nearest of more names than these takes longer than a person waits for a hint.
_MANY: Final = 10_000


def one_of(noun: str, values: Iterable[str], known: Collection[str]) -> None:
    """Refuse a value that isn't known, with a suggestion and, if it's short, the whole list."""
    for value in values:
        if value not in known:
            raise KztError(f'unknown {noun} "{shorten(value)}"{alternatives(value, known)}')


def alternatives(value: str, known: Collection[str]) -> str:
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


def typed_period(text: str, option: str, today: date) -> PartialDate:
    """The same for a period, which has no gaps."""
    typed = typed_date(text, option, today)
    if len(typed.options) > 1:
        raise KztError(f'{option}: "{typed}" is a list with gaps, and a period has none')
    return typed


def window(criteria: Criteria, today: date) -> Window:
    """The days that `--since`, `--until` and `--in` leave. Raises `KztError`."""
    shared = Window()
    for name, text in _dates(criteria):
        typed = typed_period(text, f"--{name}", today)
        since = None if name == "until" else typed.earliest
        until = None if name == "since" else typed.latest
        if name != "in" and since is None and until is None:
            end = "first" if name == "since" else "last"
            raise KztError(f'--{name}: "{typed}" has no {end} day')
        shared &= Window(since, until)
    if shared.empty:
        raise KztError(f"no day is left: {_period(criteria)}")
    return shared


def _dates(criteria: Criteria) -> list[tuple[str, str]]:
    """The dates typed, by their options."""
    options = (("since", criteria.since), ("until", criteria.until), ("in", criteria.within))
    return [(name, text) for name, text in options if text is not None]


def _period(criteria: Criteria) -> str:
    return " · ".join(f"{name} {text}" for name, text in _dates(criteria))


def to_filter(criteria: Criteria, today: date, *timelines: Timeline) -> "Filter":
    """Check each value against all that the timelines hold. Raises `KztError`."""
    for name, field in FIELDS.items():
        if asked := getattr(criteria, name):
            known = dict.fromkeys(one for timeline in timelines for one in field.known(timeline))
            one_of(name, asked, known)
    return unchecked(criteria, today)


def unchecked(criteria: Criteria, today: date) -> "Filter":
    """The same while nothing is known of the timelines. Raises `KztError` for dates."""
    return Filter(
        **{name: frozenset(getattr(criteria, name)) for name in FIELDS},
        window=window(criteria, today),
        certain=criteria.certain,
        contested=criteria.contested,
        search=tuple(words(" ".join(criteria.search))),
    )


# --- what matches ------------------------------------------------------------------------------


class Filter(NamedTuple):
    """Which events are wanted: any value of one field, all of the fields together."""

    topic: frozenset[str] = frozenset()
    kind: frozenset[str] = frozenset()
    matter: frozenset[str] = frozenset()
    """Events that set or find one of these."""
    source: frozenset[str] = frozenset()
    perspective: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    window: Window = ALWAYS
    certain: bool = False
    """Drop events that match the window only possibly."""
    contested: bool = False
    search: tuple[str, ...] = ()
    """Beginnings of words, folded; all of them must be found."""

    @property
    def asked(self) -> list[tuple[Field, frozenset[str]]]:
        """The fields that values are asked of, with these."""
        wanted: Iterable[Any] = zip(FIELDS.values(), self, strict=False)
        return [(field, values) for field, values in wanted if values]

    def match(self, timeline: Timeline, event: Event) -> Match:
        """Whether the event matches; only its date can leave that open."""
        for field, values in self.asked:
            if values.isdisjoint(field.values(timeline, event)):
                return Match.NO
        if (self.contested and not event.contested) or not _found(self.search, timeline, event):
            return Match.NO
        return self._when(event.date)

    def table_filter(self) -> Callable[[Mapping[str, Any]], bool]:
        """Whether an event may match, as far as the plain values of its table show."""
        asked = [(field.raw, values) for field, values in self.asked if field.raw]
        timed = self.window != ALWAYS

        def may_match(raw: Mapping[str, Any]) -> bool:
            for read, values in asked:
                if values.isdisjoint(read(raw)):
                    return False
            return not timed or self._when(partial_date.build(raw["date"])) is not Match.NO

        return may_match

    def _when(self, date: PartialDate) -> Match:
        match = date.match(self.window) if self.window != ALWAYS else Match.CERTAINLY
        return Match.NO if self.certain and match is Match.POSSIBLY else match


def folded(text: str) -> str:
    """Text without case, accents and what is hidden in it, for searching."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", visible(text).casefold())
    return "".join([char for char in letters if not unicodedata.combining(char)])


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return re.findall(r"\w+", folded(text))


def texts(timeline: Timeline, event: Event) -> Iterator[str]:
    """All that a search looks at: an event's texts, and what its names stand for."""
    yield from (event.id, event.title, event.summary, event.asks or "")
    yield from (timeline.topics.get(topic, "") for topic in event.topics)
    for matter, text in (*event.state.items(), *event.finding.items()):
        yield text
        yield timeline.matters[matter].title if matter in timeline.matters else ""
    for citation in event.sources:
        source = timeline.sources[citation.source]
        yield from (citation.says or "", citation.quote or "", source.title)
        yield from (source.number or "", source.publisher or "")


def _found(search: Collection[str], timeline: Timeline, event: Event) -> bool:
    if not search:
        return True
    haystack = " ".join(["", *words(" ".join(texts(timeline, event)))])
    return all(f" {word}" in haystack for word in search)


_MOST_MISSED: Final = 3


def near_words(timeline: Timeline, search: Iterable[str]) -> list[str]:
    """For words of which no text has one that begins so, what may have been meant."""
    asked = dict.fromkeys(word for text in search for word in words(text))
    known: dict[str, str] = {}
    for event in timeline.events:
        for word in re.findall(r"\w+", " ".join(texts(timeline, event))):
            known.setdefault(folded(word), word)
    unknown = (word for word in asked if not any(name.startswith(word) for name in known))
    hints = []
    for word in islice(unknown, _MOST_MISSED):
        # Of a large vocabulary, only what begins alike and is about as long.
        alike = [n for n in known if n[:1] == word[:1] and abs(len(n) - len(word)) <= 2]
        near = nearest(word, alike[:_MANY])
        hint = f' (did you mean "{known[near]}"?)' if near else ""
        hints.append(f'no event has a word that begins with "{shorten(word)}"{hint}')
    return hints


class Selection(NamedTuple):
    """The events of a timeline that match a filter, in the order asked for."""

    timeline: Timeline
    events: tuple[Event, ...]
    possible: frozenset[str]
    """Ids of those that match only possibly."""
    matched: int
    """How many matched before the limit."""


def select(
    timeline: Timeline,
    wanted: Filter,
    *,
    sort: str = "date",
    reverse: bool = False,
    limit: int | None = None,
) -> Selection:
    """The matching events, sorted (equal ones in file order), at most `limit` of them."""
    matches = [
        (event, match) for event in timeline.events if (match := wanted.match(timeline, event))
    ]
    found = sorted((event for event, _ in matches), key=SORT_KEYS[sort])
    if reverse:
        found.reverse()
    possible = frozenset(event.id for event, match in matches if match is Match.POSSIBLY)
    return Selection(timeline, tuple(found[:limit]), possible, len(found))


def choose(timeline: Timeline, criteria: Criteria, today: date) -> Selection:
    """The events asked for. Raises `KztError`."""
    one_of("sort key", [criteria.sort], SORTS)
    wanted = to_filter(criteria, today, timeline)
    order, reverse, limit = criteria.sort, criteria.reverse, criteria.limit
    return select(timeline, wanted, sort=order, reverse=reverse, limit=limit)


# --- in words ----------------------------------------------------------------------------------


def marks(selection: Selection, event: Event) -> tuple[str, ...]:
    """What is to be known of an event at a glance: ``?`` is a match that is only possible."""
    possible = ("?",) if event.id in selection.possible else ()
    status = (event.status,) if event.status != OCCURRED else ()
    return (*possible, *status, *(("contested",) if event.contested else ()))


def summary(selection: Selection, criteria: Criteria) -> str:
    """What is shown: ``3 of 88 events · topic assembly · 1 only possibly``."""
    total = len(selection.timeline.events)
    shown = len(selection.events)
    count = plural(total, "event") if shown == total else f"{shown:,} of {plural(total, 'event')}"
    possible = sum(event.id in selection.possible for event in selection.events)
    more = selection.matched - shown
    asked = ((name, getattr(criteria, name)) for name in FIELDS)
    return " · ".join(
        [
            count,
            *(f"{name} {' or '.join(values)}" for name, values in asked if values),
            *([period] if (period := _period(criteria)) else []),
            *(["certain"] if criteria.certain else []),
            *(["contested"] if criteria.contested else []),
            *([f'search "{" ".join(criteria.search)}"'] if criteria.search else []),
            *([f"{possible:,} only possibly"] if possible else []),
            *([f"{more:,} more left out by --limit"] if more else []),
        ]
    )
