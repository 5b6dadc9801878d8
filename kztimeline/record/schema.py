"""JSON Schema of an events file, for editors, and of a record as JSON, for programs.

Draft 7, which Taplo and Tombi read. It is derived from the checks in ``tables.py``; what only
they know (names that the file itself defines, the calendar) is left to `kzt check`.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from kztimeline.record import keys as tables
from kztimeline.record.values import Check, slug

# What an editor shows for a key: what it is, and an example or more.
_TOLD: Final[Mapping[str, tuple[str, tuple[Any, ...]]]] = {
    "timeline": ("What this record is about.", ()),
    "timeline.title": ("The record's title.", ("Human-rights reforms in Kazakhstan",)),
    "topic": ("Slug = label: the only topics that an event may use.", ()),
    "topic.*": ("What people see of the topic.", ("Peaceful assembly",)),
    "matter": ("Questions of law or policy whose answer changes over time.", ()),
    "matter.*.title": ("The question, in a few words.", ("Holding a public assembly",)),
    "matter.*.topics": ("What it is about: slugs of [topic].", (["assembly"],)),
    "source": ("The documents that events are cited from.", ()),
    "source.*.title": ("The document's title.", ()),
    "source.*.authors": ("Who wrote it.", ()),
    "source.*.publisher": ("Who published it.", ()),
    "source.*.date": ("Its own publication date, in EDTF.", ("2021-03", "[2021-02..2021]")),
    "source.*.perspective": ("Whose voice the document is.", ("ngo",)),
    "source.*.url": ("Where it can be read: http or https.", ("https://example.org/paper",)),
    "source.*.note": ("How its date was inferred, what was left out.", ("Year inferred from …",)),
    "event": ("The dated, cited events, in date order.", ()),
    "event[].id": ("Unique and never reused: year and a few words.", ("2020-assembly-law",)),
    "event[].date": (
        "As precise as the sources, in EDTF: a day, month or year; 2016~ is approximate, 2014?"
        " uncertain, a/b lasts throughout, [a..b] is one day in between, [..b] is by b.",
        ("2020", "2020-06-25", "2003/..", "[2019-07..2019-10]", "[..2021]"),
    ),
    "event[].title": ("What happened, neutrally, in a line.", ()),
    "event[].kind": ("What kind of event it is.", ("law",)),
    "event[].topics": ("What it is about: slugs of [topic].", (["assembly"],)),
    "event[].status": ("scheduled: yet to happen; alleged: an accusation.", ("scheduled",)),
    "event[].summary": ("One to four sentences, in your own words.", ()),
    "event[].state": (
        "What a [matter] stands at from this event on.",
        ({"assembly-procedure": "Notification five days ahead"},),
    ),
    "event[].state.*": ("In a few words, the same for the same state.", ("A crime",)),
    "event[].asks": ("What this event asks the state to do.", ("Take libel out of the code",)),
    "event[].answers": ("Earlier events whose ask this one responds to.", (["2011-briefing"],)),
    "event[].dating": ("How an inferred date was reached.", ("'Last year', published in 2021.",)),
    "event[].earliest": ("The first possible day; null when open.", ("2020-01-01",)),
    "event[].latest": ("The last possible day; null when open.", ("2020-12-31",)),
    "event[].contested": ("Whether a citation contradicts or qualifies it.", ()),
    "event[].sources": ("The citations: at least one that does not dispute the event.", ()),
    "event[].sources[].source": ("The document: a name of [source].", ("ministry-2021",)),
    "event[].sources[].at": ("Where in it: paragraph, section, page.", ("section 2",)),
    "event[].sources[].says": ("What it claims, in your own words.", ()),
    "event[].sources[].perspective": (
        "Whose voice, where the document quotes another.",
        ("official",),
    ),
    "event[].sources[].disputes": ("Whether it contradicts or qualifies the event.", (True,)),
}


def schema() -> dict[str, Any]:
    """The schema as plain values."""
    event = tables.event((), (), (), ())
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "kztimeline events file",
        "type": "object",
        "properties": {
            "timeline": _told("timeline", tables.TIMELINE.schema),
            "topic": _told("topic", _named(tables.TOPIC)),
            "matter": _told("matter", _named(tables.matter(()))),
            "source": _told("source", _named(tables.SOURCE)),
            "event": _told("event", {"type": "array", "items": event.schema}),
        },
        "additionalProperties": False,
    }


_DAY: Final = {"type": ["string", "null"], "format": "date"}
_ADDED: Final = {"earliest": _DAY, "latest": _DAY, "contested": {"type": "boolean"}}


def schema_of_json() -> dict[str, Any]:
    """The schema of what `export json` and `list --format json` write."""
    event = dict(tables.event((), (), (), ()).schema)
    event["properties"] = {**event["properties"], **_ADDED}
    event["required"] = [*event["required"], *_ADDED]
    properties = {
        "timeline": _told("timeline", tables.TIMELINE.schema),
        "topics": _told("topic", _named(tables.TOPIC)),
        "matters": _told("matter", _named(tables.matter(()))),
        "sources": _told("source", _named(tables.SOURCE)),
        "events": _told("event", {"type": "array", "items": event}),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "kztimeline record",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMAS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = MappingProxyType(
    {"toml": schema, "json": schema_of_json}
)
"""The schemas by the format of what they describe."""


def text(of: str = "toml") -> str:
    """A schema as a JSON document; that of TOML is shipped."""
    return json.dumps(SCHEMAS[of](), ensure_ascii=False, indent=2) + "\n"


def _named(value: Check) -> dict[str, Any]:
    names = {slug.schema["pattern"]: value.schema}
    return {"type": "object", "patternProperties": names, "additionalProperties": False}


def _told(path: str, bare: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with what editors show for each path that `_TOLD` knows.

    A path has a dot before a key, ``*`` for any key and ``[]`` for the entries of a list.
    """
    told = dict(bare)
    if path in _TOLD:
        description, examples = _TOLD[path]
        told |= {"description": description} | ({"examples": list(examples)} if examples else {})
    if "items" in bare:
        told["items"] = _told(f"{path}[]", bare["items"])
    if "properties" in bare:
        told["properties"] = {
            key: _told(f"{path}.{key}", value) for key, value in bare["properties"].items()
        }
    if "patternProperties" in bare:
        told["patternProperties"] = {
            pattern: _told(f"{path}.*", value)
            for pattern, value in bare["patternProperties"].items()
        }
    return told
