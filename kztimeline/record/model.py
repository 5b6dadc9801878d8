"""The record as immutable values: one `Timeline` of events, their sources and their matters.

Above them stand the vocabularies that the format and the command line share. The values are named
tuples, because every command makes these classes, and most of the values many times: frozen
dataclasses took four times as long for either.
"""

import copyreg
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    # Not at run time: a completion of fixed values needs no dates.
    from kztimeline.dates.edtf import PartialDate

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
PERSPECTIVES: Final[Mapping[str, str]] = {
    "official": "Official",
    "foreign": "Foreign governments",
    "un": "United Nations",
    "igo": "Intergovernmental",
    "ngo": "NGOs",
    "expert": "Experts",
    "media": "Media",
    "opinion": "Opinion",
}
"""Whose voice something is: name in the file to name in print, in the order of all output."""
DOCUMENT: Final = "document"
ITEM_TYPES: Final = (
    "article",
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "bill",
    "book",
    "broadcast",
    "chapter",
    "classic",
    "collection",
    "dataset",
    DOCUMENT,
    "entry",
    "entry-dictionary",
    "entry-encyclopedia",
    "event",
    "figure",
    "graphic",
    "hearing",
    "interview",
    "legal_case",
    "legislation",
    "manuscript",
    "map",
    "motion_picture",
    "musical_score",
    "pamphlet",
    "paper-conference",
    "patent",
    "performance",
    "periodical",
    "personal_communication",
    "post",
    "post-weblog",
    "regulation",
    "report",
    "review",
    "review-book",
    "software",
    "song",
    "speech",
    "standard",
    "thesis",
    "treaty",
    "webpage",
)
"""The item types of the Citation Style Language, version 1.0.2 (CSL schema, csl-types)."""
OCCURRED: Final = "occurred"
STATUSES: Final = (OCCURRED, "scheduled", "alleged")
SORTS: Final = ("date", "title", "kind", "id")
GROUPINGS: Final = ("topic", "matter", "kind", "perspective")
"""What the lanes of a timeline can be."""
NAMES: Final = ("topics", "matters", "sources", "kinds", "perspectives")
"""The kinds of names there are."""

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})
# Tables that can't be changed are no types that pickle knows.
copyreg.pickle(MappingProxyType, lambda table: (_fixed, (dict(table),)))


def _fixed(table: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(table)


class Source(NamedTuple):
    """A document that events are cited from."""

    title: str
    date: "PartialDate"
    """Its own publication date."""
    perspective: str
    type: str = DOCUMENT
    """Its item type in CSL."""
    number: str | None = None
    """A law's number, a document's symbol."""
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    language: str | None = None
    """A tag of BCP 47; None means English."""
    url: str | None = None
    archive: str | None = None
    """The address of a copy that stays when `url` is gone."""
    note: str | None = None


class Matter(NamedTuple):
    """A question of law or policy whose answer changes over time."""

    title: str
    topics: tuple[str, ...] = ()


class Citation(NamedTuple):
    """What one source says of an event, and where in it."""

    source: str
    at: str
    quote: str | None = None
    """Words of the document, verbatim, that lead to the passage."""
    says: str | None = None
    perspective: str | None = None
    """Whose voice it is, where the document quotes another; None means the document's own."""
    disputes: bool = False
    explicit: tuple[str, ...] = ()
    """Keys that stand in the file although their value is the default, so that JSON has them."""

    def __eq__(self, other: object) -> bool:
        """Compare what it says, not how it is written."""
        return isinstance(other, Citation) and self[:_SAID] == other[:_SAID]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:_SAID])


_SAID: Final = Citation._fields.index("explicit")


class Event(NamedTuple):
    """One dated, cited event. Attributes are named as the keys of the file."""

    id: str
    date: "PartialDate"
    title: str
    kind: str
    topics: tuple[str, ...]
    summary: str
    sources: tuple[Citation, ...]
    status: str = OCCURRED
    in_force: "PartialDate | None" = None
    """From when its state holds, if that isn't from its date on."""
    state: Mapping[str, str] = _EMPTY
    """Matter to what this event sets it to."""
    finding: Mapping[str, str] = _EMPTY
    """Matter to what the event's sources find that it stands at; since when is not said."""
    asks: str | None = None
    """What this event asks the state to do."""
    answers: tuple[str, ...] = ()
    """Ids of earlier events whose ask this one meets."""
    answers_in_part: tuple[str, ...] = ()
    """Ids of earlier events whose ask this one meets in part."""
    dating: str | None = None
    """How an inferred date was reached."""
    position: int = 0
    """The event's place in the file, from 0: its key for finding line and column."""
    explicit: tuple[str, ...] = ()
    """As in `Citation`."""

    def __eq__(self, other: object) -> bool:
        """Compare what it says, not where it stands nor how it is written."""
        return isinstance(other, Event) and self[:_COMPARED] == other[:_COMPARED]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def holds_from(self) -> "PartialDate":
        """From when the state holds that it sets."""
        return self.in_force or self.date

    @property
    def contested(self) -> bool:
        """Whether a citation contradicts or qualifies the event as described."""
        return any(citation.disputes for citation in self.sources)


_COMPARED: Final = Event._fields.index("position")


class Timeline(NamedTuple):
    """A whole record; `events` stand in file order."""

    topics: Mapping[str, str]
    """Slug to label."""
    matters: Mapping[str, Matter]
    sources: Mapping[str, Source]
    events: tuple[Event, ...]
    title: str | None = None

    def perspective(self, citation: Citation) -> str:
        """The citation's own perspective, else its document's."""
        return citation.perspective or self.sources[citation.source].perspective
