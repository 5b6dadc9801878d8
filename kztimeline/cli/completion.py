"""Candidates for shell completion, from the record at hand; silent when it can't be read.

They reach a shell that may evaluate them, so only what no shell gives a meaning to is offered.
"""

import re
from collections.abc import Iterable

from kztimeline.files import git
from kztimeline.files.place import place, read, timeline
from kztimeline.text.errors import KztError

# Branches may be called almost anything: "$(reboot)", "a;b", "--output=x".
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+@%=,-]*")


def _harmless(names: Iterable[str]) -> list[str]:
    return [name for name in names if _HARMLESS.fullmatch(name)]


def names(kind: str, file: str | None, revision: str | None) -> list[str]:
    """The topics, matters, sources or events of a record, or "any" name that it has."""
    try:
        at = place(file)
        # Standard input belongs to the command, not to its completion.
        record = timeline(read(at, revision)) if at.path else None
    except KztError:
        return []
    if record is None:
        return []
    ids = [event.id for event in record.events]
    if kind == "any":
        return _harmless([*ids, *record.matters, *record.sources, *record.topics])
    if kind == "event":
        return _harmless(ids)
    tables = {"topic": record.topics, "matter": record.matters, "source": record.sources}
    return _harmless(tables[kind])


def revisions(file: str | None) -> list[str]:
    """The branches and tags of the repository that a record is in."""
    try:
        path = place(file).path
        return _harmless(git.names(path.parent)) if path else []
    except KztError:
        return []
