"""The words that the format and the command line share, without anything that takes time."""

from collections.abc import Mapping
from typing import Final

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
    "un": "United Nations",
    "igo": "Intergovernmental",
    "ngo": "NGOs",
    "expert": "Experts",
    "media": "Media",
    "opinion": "Opinion",
}
"""Whose voice something is: name in the file to name in print, in the order of all output."""
OCCURRED: Final = "occurred"
STATUSES: Final = (OCCURRED, "scheduled", "alleged")
SORTS: Final = ("date", "title", "kind", "id")

# Keys stand in this order, in the file and in all that shows them.
SOURCE_KEYS: Final = ("title", "authors", "publisher", "date", "perspective", "url", "note")
MATTER_KEYS: Final = ("title", "topics")
EVENT_KEYS: Final = (
    "id",
    "date",
    "title",
    "kind",
    "topics",
    "status",
    "summary",
    "state",
    "asks",
    "answers",
    "dating",
    "sources",
)
CITATION_KEYS: Final = ("source", "at", "says", "perspective", "disputes")
