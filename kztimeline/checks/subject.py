"""What rules look at, and what they yield."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple

from kztimeline.query.diff import VersionDiff
from kztimeline.record.model import Event, Timeline
from kztimeline.record.reading import Document
from kztimeline.text.errors import Finding, KeyPath


@dataclass(frozen=True)
class Subject:
    """What rules look at: a record, the document it was read from, and perhaps an edit."""

    timeline: Timeline
    document: Document | None = None
    edit: VersionDiff | None = None
    """What the review rules judge; its new side is `timeline`."""
    today: date = date.max

    @cached_property
    def events(self) -> Mapping[str, Event]:
        """Events by id; of two with the same id, the first."""
        return {event.id: event for event in reversed(self.timeline.events)}

    @property
    def irregular(self) -> Sequence[tuple[KeyPath, str]]:
        """The document's free texts that aren't plain ASCII without blanks around them."""
        return self.document.digest.irregular if self.document else ()


Check = Callable[[Subject], Iterator[Finding]]


class Rule(NamedTuple):
    """A check and how much what it finds matters."""

    severity: Literal["error", "warning"]
    check: Check


def finding(path: KeyPath, message: str, **more: Any) -> Finding:
    """What a rule yields; its code is that of the registry."""
    return Finding(path, "", message, **more)
