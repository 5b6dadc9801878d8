"""JSON Schema of an events file, for editors, and of a record as JSON, for programs.

Draft 7, which Taplo and Tombi read. It is derived from the table in ``keys.py``; what only
they know (names that the file itself defines, the calendar) is left to `kzt check`.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from kztimeline.record.keys import KEYS, TOPIC, check
from kztimeline.record.values import named

# What an editor shows for a table, and for what the rows of `KEYS` don't have.
_HELP: Final[Mapping[str, tuple[str, tuple[Any, ...]]]] = {
    "timeline": ("What this record is about.", ()),
    "topic": ("Slug = label: the only topics that an event may use.", ()),
    "topic.*": ("What people see of the topic.", ("Peaceful assembly",)),
    "matter": ("Questions of law or policy whose answer changes over time.", ()),
    "source": ("The documents that events are cited from.", ()),
    "event": ("The dated, cited events, in date order.", ()),
    "event[].state.*": ("In a few words, the same for the same state.", ("A crime",)),
    "event[].earliest": ("The first possible day; null when open.", ("2020-01-01",)),
    "event[].latest": ("The last possible day; null when open.", ("2020-12-31",)),
    "event[].contested": ("Whether a citation contradicts or qualifies it.", ()),
}
_PATHS: Final[Mapping[str, str]] = {
    "timeline": "timeline.",
    "matter": "matter.*.",
    "source": "source.*.",
    "event": "event[].",
    "citation": "event[].sources[].",
}
"""What paths begin with that lead to a table's keys."""


@cache
def descriptions() -> Mapping[str, tuple[str, tuple[Any, ...]]]:
    """What editors show for each path, and examples."""
    rows = {
        f"{_PATHS[table]}{key.name}": (key.help, key.examples)
        for table, keys in KEYS.items()
        for key in keys
    }
    return {**_HELP, **rows}


def schema() -> dict[str, Any]:
    """The schema as plain values."""
    tables = _tables(check("event").schema)
    return _document("kztimeline events file", {"properties": tables})


_DAY: Final = {"type": ["string", "null"], "format": "date"}
_ADDED: Final = {"earliest": _DAY, "latest": _DAY, "contested": {"type": "boolean"}}


def schema_of_json() -> dict[str, Any]:
    """The schema of what `export json` and `list --format json` write."""
    event = dict(check("event").schema)
    event["properties"] = {**event["properties"], **_ADDED}
    event["required"] = [*event["required"], *_ADDED]
    timeline, *others = _tables(event).items()
    properties = dict([timeline, *((f"{name}s", table) for name, table in others)])
    return _document("kztimeline record", {"properties": properties, "required": [*properties]})


def _document(title: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, "type": "object"}
    return {**head, **parts, "additionalProperties": False}


def _tables(event: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of the tables of a record, given that of an event."""
    tables = {
        "timeline": check("timeline").schema,
        "topic": named("topic", (), TOPIC).schema,
        "matter": named("matter", (), check("matter")).schema,
        "source": named("source", (), check("source")).schema,
        "event": {"type": "array", "items": event},
    }
    return {name: _described(name, table) for name, table in tables.items()}


SCHEMAS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = MappingProxyType(
    {"toml": schema, "json": schema_of_json}
)
"""The schemas by the format of what they describe."""


def text(of: str = "toml") -> str:
    """A schema as a JSON document; that of TOML is shipped."""
    return json.dumps(SCHEMAS[of](), ensure_ascii=False, indent=2) + "\n"


def _described(path: str, bare: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with what editors show for each path that `descriptions` has.

    A path has a dot before a key, ``*`` for any key and ``[]`` for the entries of a list.
    """
    described = dict(bare)
    if path in descriptions():
        description, examples = descriptions()[path]
        described["description"] = description
        described |= {"examples": list(examples)} if examples else {}
    if "items" in bare:
        described["items"] = _described(f"{path}[]", bare["items"])
    for part, step in (("properties", ".{}"), ("patternProperties", ".*")):
        if part in bare:
            described[part] = {
                key: _described(path + step.format(key), value) for key, value in bare[part].items()
            }
    return described
