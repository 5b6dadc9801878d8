"""What `check` asks of the plain values of a document, taken down while they are read.

The values of a large record take more memory than all else, so they are not kept for this.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kztimeline.text.errors import KeyPath

PROSE: Final = frozenset({"summary", "note"})
"""Texts of several paragraphs; all others stand on one line."""
_FREE: Final = PROSE | {"title", "publisher", "asks", "dating", "at", "says"}


class Digest:
    """What is taken down of a document: `head` is given its tables, `event` each of its events."""

    def __init__(self) -> None:
        self.irregular: list[tuple[KeyPath, str]] = []
        """The free texts that aren't plain ASCII without blanks around them: few, or all."""
        self.used: dict[str, set[str]] = {"topic": set(), "matter": set(), "source": set()}
        """The names of each table that events use, also events that are wrong in other ways."""
        self.ids: list[str] = []
        """The id of each event as it is written; "" where it can't be read."""

    def head(self, tables: Mapping[str, Any]) -> None:
        """Take down what stands outside of events."""
        self._texts(tables, ())
        matters = tables.get("matter")
        for raw in matters.values() if type(matters) is dict else ():
            self._names("topic", raw, "topics")

    def event(self, index: int, raw: object) -> None:
        """Take down an event, the next one in the file."""
        identity = raw.get("id") if type(raw) is dict else ""
        self.ids.append(identity if type(identity) is str else "")
        self._texts(raw, ("event", index))
        self._names("topic", raw, "topics")
        self._names("matter", raw, "state")
        for citation in _entries(raw, "sources"):
            source = citation.get("source") if type(citation) is dict else None
            self.used["source"].update([source] if type(source) is str else [])

    def _texts(self, values: object, path: KeyPath) -> None:
        if type(values) is dict:
            found = ((path + inner, text) for inner, text in _irregular(values))
            self.irregular += [(place, text) for place, text in found if _is_free(place)]

    def _names(self, table: str, raw: object, key: str) -> None:
        self.used[table].update(name for name in _entries(raw, key) if type(name) is str)


def _entries(raw: object, key: str) -> Iterable[Any]:
    """The entries of a list, or the keys of a table, if it is one."""
    value: Any = raw.get(key) if type(raw) is dict else None
    return value if type(value) in (list, dict) else ()


def _irregular(values: Any) -> Iterator[tuple[KeyPath, str]]:
    for key, value in values.items() if type(values) is dict else enumerate(values):
        kind = type(value)
        if kind is str:
            plain = value.isascii() and value.isprintable()
            if not plain or value[:1] == " " or value[-1:] == " ":
                yield (key,), value
        elif kind is dict or kind is list:
            for path, text in _irregular(value):
                yield (key, *path), text


def _is_free(path: KeyPath) -> bool:
    """Whether a text is for people, not a name, a date or an address that has its own rule."""
    return (
        path[-1] in _FREE
        or path[0] == "topic"
        or path[-2:-1] == ("state",)
        or path[-2:-1] == ("authors",)
    )
