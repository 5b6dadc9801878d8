"""What rules look at, and what they yield."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from kztimeline.record.keys import KEYS
from kztimeline.record.model import Event, Timeline
from kztimeline.record.reading import Reading, is_plain
from kztimeline.text.errors import Finding, KeyPath


@dataclass(frozen=True)
class Subject:
    """What rules look at: a text that was read with its plain values."""

    reading: Reading
    today: date = date.min
    """The day of reference; before it nothing is overdue."""

    @property
    def timeline(self) -> Timeline:
        """What could be read."""
        return self.reading.timeline

    @cached_property
    def events(self) -> Mapping[str, Event]:
        """Events by id; of two with the same id, the first."""
        return {event.id: event for event in reversed(self.timeline.events)}

    @cached_property
    def irregular(self) -> Sequence[tuple[KeyPath, str]]:
        """The texts for people that aren't plain ASCII without blanks around them: few, or all."""
        return [
            (path, text) for path, text in _irregular(self.reading.values) if _is_for_people(path)
        ]

    @cached_property
    def used(self) -> Mapping[str, Collection[str]]:
        """The names of each table that events use, also events that are wrong in other ways."""
        used: dict[str, set[str]] = {"topic": set(), "matter": set(), "source": set()}
        matters = self.reading.values.get("matter")
        tables = matters.values() if type(matters) is dict else ()
        for raw in (*_entries(self.reading.values, "event"), *tables):
            used["topic"].update(_names(raw, "topics"))
            used["matter"].update((*_names(raw, "state"), *_names(raw, "finding")))
            for citation in _entries(raw, "sources"):
                source = citation.get("source") if type(citation) is dict else None
                used["source"].update([source] if type(source) is str else [])
        return used

    def name_of(self, path: KeyPath) -> tuple[str, str]:
        """The table and the name of what a path leads into, which stays when events move."""
        table, name = (*path, "", "")[:2]
        if table == "event" and type(name) is int:
            raw = self.reading.values["event"][name]
            name = raw.get("id", "") if type(raw) is dict else ""
        return str(table), str(name)


def _names(raw: object, key: str) -> Iterator[str]:
    return (name for name in _entries(raw, key) if type(name) is str)


def _entries(raw: object, key: str) -> Iterable[Any]:
    """The entries of a list, or the keys of a table, if it is one."""
    value: Any = raw.get(key) if type(raw) is dict else None
    return value if type(value) in (list, dict) else ()


def _irregular(values: Any) -> Iterator[tuple[KeyPath, str]]:
    for key, value in enumerate(values) if type(values) is list else values.items():
        if type(value) is str:
            if not is_plain(value):
                yield (key,), value
        elif type(value) in (dict, list):
            for path, text in _irregular(value):
                yield (key, *path), text


_FREE: Final = frozenset(key.name for keys in KEYS.values() for key in keys if key.is_text)


def _is_for_people(path: KeyPath) -> bool:
    """Whether a text is for people, not a name, a date or an address that has its own rule."""
    return path[-1] in _FREE or path[0] == "topic" or path[-2:-1] in _TEXTS_BY_NAME


_TEXTS_BY_NAME: Final = {("state",), ("finding",), ("authors",)}


class Rule(NamedTuple):
    """A check and how much what it finds matters."""

    severity: Literal["error", "warning"]
    check: Callable[..., Iterator[Finding]]
    """Given a `Subject`; of the review rules, an edit and the day of reference."""


def finding(path: KeyPath, message: str, **more: Any) -> Finding:
    """What a rule yields; its code is that of the registry."""
    return Finding(path, "", message, **more)
