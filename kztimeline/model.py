"""The record as immutable values: one `Timeline` of events, their sources and their matters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from kztimeline.dates import PartialDate

KINDS: Final = (
    "law",
    "code",
    "decree",
    "policy",
    "action-plan",
    "treaty-action",
    "state-party-report",
    "alternative-report",
    "treaty-body-review",
    "concluding-observations",
    "individual-communication",
    "resolution",
    "institution",
    "forum",
    "dialogue",
    "court-decision",
    "election",
    "protest",
    "incident",
    "report",
    "statement",
    "statistic",
)
PERSPECTIVES: Final = ("official", "un", "igo", "ngo", "expert", "media", "opinion")
OCCURRED: Final = "occurred"
STATUSES: Final = (OCCURRED, "scheduled", "alleged")

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that events are cited from."""

    title: str
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    date: PartialDate
    """Its own publication date."""
    perspective: str
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A question of law or policy whose answer changes over time."""

    title: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What one source says of an event, and where in it."""

    source: str
    at: str
    says: str | None = None
    perspective: str | None = None
    """Whose voice it is, where the document quotes another; None means the document's own."""
    disputes: bool = False
    spelt: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Keys that stand in the file although their value is the default, so that JSON has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One dated, cited event. Attributes are named as the keys of the file."""

    id: str
    date: PartialDate
    title: str
    kind: str
    topics: tuple[str, ...]
    status: str = OCCURRED
    summary: str
    state: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    """Matter to what it stands at from this event on."""
    asks: str | None = None
    """What this event asks the state to do."""
    answers: tuple[str, ...] = ()
    """Ids of earlier events whose ask this one responds to."""
    dating: str | None = None
    """How an inferred date was reached."""
    sources: tuple[Citation, ...]
    index: int = field(default=0, compare=False, repr=False)
    """The event's place in the file, from 0: its key for finding line and column."""
    spelt: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """As in `Citation`."""

    @property
    def contested(self) -> bool:
        """Whether a citation contradicts or qualifies the event as told."""
        return any(citation.disputes for citation in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A whole record; `events` stand in file order."""

    title: str | None = None
    topics: Mapping[str, str]
    """Slug to label."""
    matters: Mapping[str, Matter]
    sources: Mapping[str, Source]
    events: tuple[Event, ...]

    def perspective(self, citation: Citation) -> str:
        """The citation's own perspective, else its document's."""
        return citation.perspective or self.sources[citation.source].perspective


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something wrong in a file, at a line and a column (in characters), both from 1."""

    line: int
    column: int
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    hint: str = ""
    end: int = field(default=0, compare=False)
    """The column after what is wrong, on the same line; 0 if only its beginning is known."""
