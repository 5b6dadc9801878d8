"""The one table of keys: what each table of an events file may hold, in the order of all output.

A row says how a key's value is checked, and tells editors and `kzt add` what it is for. Reader,
JSON Schema, `fmt`, questions, TOML, JSON and CSV derive from the rows; what a key is when it is
left out is the default of the model's class, and a key without a default is required.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kztimeline.record.model import (
    ITEM_TYPES,
    KINDS,
    PERSPECTIVES,
    STATUSES,
    Citation,
    Event,
    Matter,
    Source,
    Timeline,
)
from kztimeline.record.values import (
    Check,
    choice,
    fields,
    flag,
    language,
    list_of,
    named,
    partial_date,
    reference,
    slug,
    text,
)


class Names(NamedTuple):
    """The names that a file defines, which its values may refer to."""

    topic: Collection[str] = ()
    matter: Collection[str] = ()
    source: Collection[str] = ()
    event: Collection[str] = ()


class Key(NamedTuple):
    """One key of a table."""

    name: str
    check: Check | Callable[[Names], Check]
    """What its value must be, perhaps given the names of the file."""
    help: str
    """What it is for, in a sentence: for editors, and for who is asked for it."""
    examples: tuple[Any, ...] = ()
    required: bool = False

    @property
    def attribute(self) -> str:
        """What the model calls it."""
        return self.name.replace("-", "_")

    @property
    def prose(self) -> bool:
        """Whether it is text of several paragraphs; all other texts stand on one line."""
        return self.check is _PROSE

    @property
    def is_text(self) -> bool:
        """Whether its value is text for people."""
        fixed = self.check if isinstance(self.check, Check) else flag
        return "minLength" in fixed.schema and fixed is not _ADDRESS

    def checked(self, names: Names) -> Check:
        """The check of its values in a file that defines these names."""
        return self.check if isinstance(self.check, Check) else self.check(names)


def _of(cls: Any, *keys: Key) -> tuple[Key, ...]:
    """The keys of a class; those that it has no default of are required."""
    return tuple(key._replace(required=key.attribute not in cls._field_defaults) for key in keys)


_PROSE: Final = text(5000)
_ADDRESS: Final = text(2000)
_PERSPECTIVE: Final = choice("perspective", PERSPECTIVES)


def _topics(names: Names) -> Check:
    return list_of(reference("topic", names.topic), "topic", 100)


def answers(names: Names) -> Check:
    """The check of what an event answers, given the ids there are."""
    return list_of(reference("event", names.event), "event", 100)


def _per_matter(names: Names) -> Check:
    return named("matter", names.matter, text(300))


def _citations(names: Names) -> Check:
    return list_of(check("citation", names), "citation", 100, itemgetter("source", "at"))


_TIMELINE: Final = _of(
    Timeline,
    Key("title", text(300), "The record's title.", ("Human-rights reforms in Kazakhstan",)),
)
_MATTER: Final = _of(
    Matter,
    Key("title", text(300), "The question, in a few words.", ("Holding a public assembly",)),
    Key("topics", _topics, "What it is about: slugs of [topic].", (["assembly"],)),
)
_SOURCE: Final = _of(
    Source,
    Key("title", text(300), "The document's title."),
    Key(
        "type",
        choice("type", ITEM_TYPES),
        "What kind of document it is, as CSL names it.",
        ("legislation", "report"),
    ),
    Key(
        "number",
        text(100),
        "A law's number, a document's symbol.",
        ("No. 333-VI", "CCPR/C/KAZ/CO/3"),
    ),
    Key("authors", list_of(text(200), "author", 100), "Who wrote it."),
    Key("publisher", text(300), "Who published it."),
    Key("date", partial_date, "Its own publication date, in EDTF.", ("2021-03", "[2021-02..2021]")),
    Key("perspective", _PERSPECTIVE, "Whose voice the document is.", ("ngo",)),
    Key("language", language, "Its language, if that isn't English.", ("ru", "kk")),
    Key("url", _ADDRESS, "Where it can be read: http or https.", ("https://example.org/paper",)),
    Key(
        "archive",
        _ADDRESS,
        "A copy that stays when the address is gone.",
        ("https://web.archive.org/web/2021/https://example.org/paper",),
    ),
    Key("note", _PROSE, "How its date was inferred, what was left out.", ("Year inferred from …",)),
)
_EVENT: Final = _of(
    Event,
    Key("id", slug, "Unique and never reused: year and a few words.", ("2020-assembly-law",)),
    Key(
        "date",
        partial_date,
        "As precise as the sources, in EDTF: a day, month or year; 2016~ is approximate, 2014?"
        " uncertain, a/b lasts throughout, [a..b] is one day in between, [..b] is by b.",
        ("2020", "2020-06-25", "2003/..", "[2019-07..2019-10]", "[..2021]"),
    ),
    Key("title", text(300), "What happened, neutrally, in a line."),
    Key("kind", choice("kind", KINDS), "What kind of event it is.", ("law",)),
    Key("topics", _topics, "What it is about: slugs of [topic].", (["assembly"],)),
    Key(
        "status",
        choice("status", STATUSES),
        "scheduled: yet to happen; alleged: an accusation.",
        ("scheduled",),
    ),
    Key("summary", _PROSE, "One to four sentences, in your own words."),
    Key(
        "in-force",
        partial_date,
        "From when its state holds, if that isn't from its date on.",
        ("2020-06-06",),
    ),
    Key(
        "state",
        _per_matter,
        "What a law, decree or ruling sets a [matter] to.",
        ({"assembly-procedure": "Notification five days ahead"},),
    ),
    Key(
        "finding",
        _per_matter,
        "What a report or review finds that a [matter] stands at.",
        ({"assembly-procedure": "Approval needed in practice"},),
    ),
    Key(
        "asks", text(1000), "What this event asks the state to do.", ("Take libel out of the code",)
    ),
    Key("answers", answers, "Earlier events whose ask this one meets.", (["2011-briefing"],)),
    Key(
        "answers-in-part",
        answers,
        "Earlier events whose ask this one meets in part.",
        (["2011-briefing"],),
    ),
    Key(
        "dating",
        text(1000),
        "How an inferred date was reached.",
        ("'Last year', published in 2021.",),
    ),
    Key("sources", _citations, "The citations: at least one that does not dispute the event."),
)
_CITATION: Final = _of(
    Citation,
    Key(
        "source",
        lambda names: reference("source", names.source),
        "The document: a name of [source].",
        ("ministry-2021",),
    ),
    Key("at", text(300), "Where in it: paragraph, section, page.", ("section 2",)),
    Key(
        "quote",
        text(300),
        "A few words of the document, verbatim, that lead to the passage.",
        ("за пять рабочих дней",),
    ),
    Key("says", text(1000), "What it claims, in your own words."),
    Key(
        "perspective",
        _PERSPECTIVE,
        "Whose voice, where the document quotes another.",
        ("official",),
    ),
    Key("disputes", flag, "Whether it contradicts or qualifies the event.", (True,)),
)

KEYS: Final[Mapping[str, tuple[Key, ...]]] = MappingProxyType(
    {
        "timeline": _TIMELINE,
        "matter": _MATTER,
        "source": _SOURCE,
        "event": _EVENT,
        "citation": _CITATION,
    }
)
"""The rows by the table that they are of."""

TOPIC: Final = text(200)
"""The check of a topic's label: [topic] has no keys of its own."""

CLASSES: Final[Mapping[str, Any]] = MappingProxyType(
    {"matter": Matter, "source": Source, "event": Event, "citation": Citation}
)
"""The model's classes by the table that they are made of."""


@cache
def names_of(table: str) -> tuple[str, ...]:
    """The names of a table's keys, in their order; [topic] has any names in any order."""
    return tuple(key.name for key in KEYS.get(table, ()))


PROSE: Final = frozenset(key.name for keys in KEYS.values() for key in keys if key.prose)
"""The keys whose texts have several paragraphs."""


_NO_NAMES: Final = Names()


def check(table: str, names: Names = _NO_NAMES) -> Check:
    """The check of a whole table, in a file that defines these names; see `event_of` for events."""
    keys = KEYS[table]
    checks = {key.name: key.checked(names) for key in keys}
    required = frozenset(key.name for key in keys if key.required)
    return fields(checks, required, _BUILDS.get(table, dict))


ANSWERS: Final = ("answers", "answers-in-part")
"""The keys whose values are ids of other events."""


def _citation(values: dict[str, Any]) -> Citation:
    return Citation(explicit=_explicit(Citation, values), **values)


_BUILDS: Final[Mapping[str, Callable[[dict[str, Any]], Any]]] = {
    "matter": lambda values: Matter(**values),
    "source": lambda values: Source(**values),
    "citation": _citation,
}


def event_of(values: dict[str, Any], position: int) -> Event:
    """The event of its values, at its place in the file."""
    for name, attribute in _RENAMED:
        if name in values:
            values[attribute] = values.pop(name)
    return Event(position=position, explicit=_explicit(Event, values), **values)


_RENAMED: Final = [(key.name, key.attribute) for key in _EVENT if key.name != key.attribute]


def _explicit(cls: Any, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose values say no more than their absence would."""
    defaults = cls._field_defaults
    keys = defaults.keys() & values.keys()
    return tuple(sorted([key for key in keys if values[key] == defaults[key]])) if keys else ()
