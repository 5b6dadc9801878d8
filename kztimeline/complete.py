"""Candidates for shell completion, from the record at hand; silent when it can't be read."""

from kztimeline import git
from kztimeline.errors import KztError
from kztimeline.load import place, read, timeline


def names(kind: str, file: str | None, revision: str | None) -> list[str]:
    """The topics, matters or sources of a record, or "any" name that it has."""
    try:
        at = place(file)
        # Standard input belongs to the command, not to its completion.
        record = timeline(read(at, revision)) if at.path else None
    except KztError:
        return []
    if record is None:
        return []
    if kind == "any":
        return [*(event.id for event in record.events), *record.matters, *record.sources]
    return [*{"topic": record.topics, "matter": record.matters, "source": record.sources}[kind]]


def revisions(file: str | None) -> list[str]:
    """The branches and tags of the repository that a record is in."""
    try:
        path = place(file).path
        return git.names(path.parent) if path else []
    except KztError:
        return []
