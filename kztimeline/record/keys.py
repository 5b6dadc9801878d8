"""What each table of an events file may hold: the one source for the reader and for editors."""

from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import Any, Final

from kztimeline.record.model import Citation, Event, Matter, Source
from kztimeline.record.values import (
    Check,
    choice,
    fields,
    flag,
    list_of,
    named,
    partial_date,
    reference,
    slug,
    text,
)
from kztimeline.record.vocabulary import KINDS, OCCURRED, PERSPECTIVES, STATUSES

TIMELINE: Final = fields({"title": text(300)})

TOPIC: Final = text(200)
"""A topic's label."""

SOURCE: Final = fields(
    {
        "title": text(300),
        "authors": list_of(text(200), "author", 100),
        "publisher": text(300),
        "date": partial_date,
        "perspective": choice("perspective", PERSPECTIVES),
        "url": text(2000),
        "note": text(5000),
    },
    ["title", "date", "perspective"],
    lambda values: Source(**values),
)


def matter(topics: Collection[str]) -> Check:
    """A matter, given the topics there are."""
    checks = {"title": text(300), "topics": _topics(topics)}
    return fields(checks, ["title"], lambda values: Matter(**values))


def _topics(topics: Collection[str]) -> Check:
    return list_of(reference("topic", topics), "topic", 100)


def answers(ids: Collection[str]) -> Check:
    """What an event answers, given the ids there are."""
    return list_of(reference("event", ids), "event", 100)


def _citation(values: dict[str, Any]) -> Citation:
    if values.get("disputes") is False:
        values["spelt"] = ("disputes",)
    return Citation(**values)


def event(
    topics: Collection[str],
    matters: Collection[str],
    sources: Collection[str],
    ids: Collection[str],
) -> Check:
    """An event's keys and values, given the names that it may refer to; see `event_of`."""
    citation = fields(
        {
            "source": reference("source", sources),
            "at": text(300),
            "says": text(1000),
            "perspective": choice("perspective", PERSPECTIVES),
            "disputes": flag,
        },
        ["source", "at"],
        _citation,
    )
    return fields(
        {
            "id": slug,
            "date": partial_date,
            "title": text(300),
            "kind": choice("kind", KINDS),
            "topics": _topics(topics),
            "status": choice("status", STATUSES),
            "summary": text(5000),
            "state": named("matter", matters, text(300)),
            "asks": text(1000),
            "answers": answers(ids),
            "dating": text(1000),
            "sources": list_of(citation, "citation", 100, itemgetter("source", "at")),
        },
        ["id", "date", "title", "kind", "topics", "summary", "sources"],
    )


def event_of(values: dict[str, Any], position: int) -> Event:
    """The event of its values, at its place in the file."""
    return Event(position=position, spelt=_spelt(values), **values)


_DEFAULTS: Final = {"status": OCCURRED, "state": {}, "answers": ()}


def _spelt(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose values say no more than their absence would."""
    keys = _DEFAULTS.keys() & values.keys()
    return tuple(sorted(key for key in keys if values[key] == _DEFAULTS[key]))
