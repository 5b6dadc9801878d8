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
