"""Which events match, and in which order."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from kztimeline.dates.edtf import Match, PartialDate, Window
from kztimeline.record.model import Event, Timeline
from kztimeline.record.values import partial_date
from kztimeline.record.vocabulary import OCCURRED

ALWAYS: Final = Window()

SORT_KEYS: Final[Mapping[str, Callable[[Event], Any]]] = {
    "date": lambda event: event.date.sort_key,
    "title": lambda event: event.title.casefold(),
    "kind": lambda event: (event.kind, event.date.sort_key),
    "id": lambda event: event.id,
}


class Filter(NamedTuple):
    """Which events are wanted: any value of one field, all of the fields together."""

    topics: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    """Events that set the state of one of these."""
    sources: frozenset[str] = frozenset()
    perspectives: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    window: Window = ALWAYS
    certain: bool = False
    """Drop events that match the window only possibly."""
    contested: bool = False
    search: str = ""

    def match(self, timeline: Timeline, event: Event) -> Match:
        """Whether the event matches; only its date can leave that open."""
        return self._when(event.date) if self._holds(timeline, event) else Match.NO

    def may_match(self, raw: Mapping[str, Any]) -> bool:
        """Whether an event may match, as far as the plain values of its table tell."""
        filed = self._filed(
            raw["topics"],
            raw["kind"],
            raw.get("state", ()),
            raw.get("status", OCCURRED),
            (citation["source"] for citation in raw["sources"]),
        )
        return filed and self._when(partial_date.build(raw["date"])) is not Match.NO

    def _when(self, date: PartialDate) -> Match:
        match = date.match(self.window) if self.window != ALWAYS else Match.CERTAINLY
        return Match.NO if self.certain and match is Match.POSSIBLY else match

    def _filed(
        self,
        topics: Iterable[str],
        kind: str,
        matters: Iterable[str],
        status: str,
        sources: Iterable[str],
    ) -> bool:
        return (
            (not self.topics or not self.topics.isdisjoint(topics))
            and (not self.kinds or kind in self.kinds)
            and (not self.matters or not self.matters.isdisjoint(matters))
            and (not self.statuses or status in self.statuses)
            and (not self.sources or not self.sources.isdisjoint(sources))
        )

    def _holds(self, timeline: Timeline, event: Event) -> bool:
        cited = (citation.source for citation in event.sources)
        return (
            self._filed(event.topics, event.kind, event.state, event.status, cited)
            and (
                not self.perspectives
                or any(timeline.perspective(c) in self.perspectives for c in event.sources)
            )
            and (not self.contested or event.contested)
            and (not self.search or _found(self.search, event))
        )


def folded(text: str) -> str:
    """Text without case and accents, for searching."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join([char for char in letters if not unicodedata.combining(char)])


def _found(search: str, event: Event) -> bool:
    texts = [event.title, event.summary, event.asks or "", *event.state.values()]
    texts += [citation.says or "" for citation in event.sources]
    haystack = folded("\n".join(texts))
    return all(word in haystack for word in folded(search).split())


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
    found: list[Event] = []
    possible: set[str] = set()
    for event in timeline.events:
        match = wanted.match(timeline, event)
        if match is not Match.NO:
            found.append(event)
            if match is Match.POSSIBLY:
                possible.add(event.id)
    found.sort(key=SORT_KEYS[sort])
    if reverse:
        found.reverse()
    shown = tuple(found[:limit])
    return Selection(timeline, shown, frozenset(possible), len(found))


def marks(selection: Selection, event: Event) -> tuple[str, ...]:
    """What is to be known of an event at a glance: ``?`` is a match that is only possible."""
    possible = ("?",) if event.id in selection.possible else ()
    status = (event.status,) if event.status != OCCURRED else ()
    return (*possible, *status, *(("contested",) if event.contested else ()))
