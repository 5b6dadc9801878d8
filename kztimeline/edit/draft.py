"""What is to be added, from the options of a command line or from JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from kztimeline.edit.insert import Addition, wrong_in_citation, wrong_in_event
from kztimeline.files import reading
from kztimeline.files.place import Place
from kztimeline.query.filter import typed_date
from kztimeline.record.keys import names_of
from kztimeline.record.model import Timeline
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

REQUIRED: Final[Mapping[str, str]] = {
    "date": "--date",
    "title": "--title",
    "kind": "--kind",
    "topics": "--topic",
    "summary": "--summary",
}
"""The keys that a new event must have, with their options; its id can be proposed."""
REQUIRED_OF_CITATION: Final[Mapping[str, str]] = {"source": "--source", "at": "--at"}
"""The same for its citation."""


_PLURAL: Final = {"topic": "topics"}


def editable(at: Place) -> Path:
    """The path of a file that can be edited. Raises `KztError`."""
    if at.path is None:
        raise KztError("standard input can't be edited; name a file with --file")
    if at.bundled:
        raise KztError("the bundled record can't be edited; name a file with --file")
    return at.path


def content(path: Path) -> bytes:
    """The bytes of a file that is to be edited. Raises `KztError`."""
    try:
        return reading.read_bytes(path)
    except KztError as error:
        if not path.exists() and path.parent.is_dir() and not path.is_symlink():
            raise KztError(f"{error} (an empty file is a record: make one first)") from None
        raise


@dataclass(slots=True)
class Draft:
    """An event on its way, in the keys of the file, with its one citation."""

    event: dict[str, Any] = field(default_factory=dict)
    citation: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The options without which nothing can be added."""
        return [
            *(option for key, option in REQUIRED.items() if key not in self.event),
            *(option for key, option in REQUIRED_OF_CITATION.items() if key not in self.citation),
        ]

    def addition(self) -> Addition:
        """The whole. Raises `KztError` naming all that is missing."""
        if missing := self.missing:
            *others, last = missing
            named = f"{', '.join(others)} and {last}" if others else last
            raise KztError(f"kzt add: missing {named} (see kzt add --help)")
        return Addition({**self.event, "sources": [self.citation]}, self.sources)


def draft(typed: Mapping[str, Any], old: Timeline, today: date) -> Draft:
    """A draft of the options that were typed, each checked by itself. Raises `KztError`."""
    made = Draft()
    for option, value in typed.items():
        if option in names_of("citation"):
            made.citation[option] = value
            wrong = wrong_in_citation(old, option, value)
        else:
            key = _PLURAL.get(option, option)
            made.event[key] = value = _read(option, value, today)
            wrong = wrong_in_event(old, key, value)
        if wrong:
            raise KztError(f"--{option}: {wrong}")
    return made


def _read(option: str, value: Any, today: date) -> Any:
    if option == "date":
        return typed_date(value, "--date", today).text
    return states_of(value, "--state: ") if option == "state" else value


def states_of(typed: Sequence[str], name: str = "") -> dict[str, str]:
    """``MATTER=TEXT`` as a table. Raises `KztError`."""
    found: dict[str, str] = {}
    for pair in typed:
        matter, equals, text = pair.partition("=")
        if not equals:
            example = 'libel="No longer a crime"'
            raise KztError(f'{name}"{shorten(pair)}" is not MATTER=TEXT, such as {example}')
        if matter.strip() in found:
            raise KztError(f'{name}"{shorten(matter.strip())}" is there twice')
        found[matter.strip()] = text.strip()
    return found


# --- JSON --------------------------------------------------------------------------------------


def from_json(data: bytes) -> Addition:
    """An event as in the file, or ``{"event": …, "source": {id: …}}``. Raises `KztError`."""
    try:
        found = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_table, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise KztError(f"--json: not UTF-8 at byte {error.start:,}") from None
    except json.JSONDecodeError as error:
        at = f"line {error.lineno} column {error.colno}"
        raise KztError(f"--json: {error.msg} at {at}") from None
    except (ValueError, RecursionError) as error:
        raise KztError(f"--json: {shorten(str(error))}") from None
    if not isinstance(found, dict):
        raise KztError("--json: must be an object, an event as in the file")
    if not ("event" in found and found.keys() <= {"event", "source"}):
        return Addition(found)
    event, sources = found["event"], found.get("source", {})
    for value in (event, sources, *(sources.values() if isinstance(sources, dict) else ())):
        if not isinstance(value, dict):
            raise KztError('--json: must be an event, or {"event": {…}, "source": {"ID": {…}}}')
    return Addition(event, sources)


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f'"{shorten(key)}" stands twice')
        if value is None:
            raise ValueError(f'"{shorten(key)}" is null; leave the key out')
        found[key] = value
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
