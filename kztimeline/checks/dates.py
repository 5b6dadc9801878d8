"""Rules of dates: against those of the documents, against what dating admits, and in order."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Final

from kztimeline.checks.subject import Subject, finding
from kztimeline.dates.edtf import PartialDate
from kztimeline.dates.words import MONTHS
from kztimeline.query.worklist import duplicates, is_overdue
from kztimeline.text.errors import Finding, KeyPath
from kztimeline.text.gate import shorten


def after_sources(subject: Subject) -> Iterator[Finding]:
    """An event dated after every document that it is cited from.

    A document can't report what had not happened when it was written: the date of the event or
    of the document is wrong. What a document announces has `status = "scheduled"`.

    Fails:

        [source.report-2019]
        title = "A report"
        date = "2019"
        perspective = "ngo"

        [[event]]
        date = "2020"
        sources = [{ source = "report-2019", at = "page 1" }]

    Passes:

        [source.report-2019]
        title = "A report"
        date = "2019"
        perspective = "ngo"

        [[event]]
        date = "2019"
        sources = [{ source = "report-2019", at = "page 1" }]
    """
    written = {key: source.date.latest for key, source in subject.timeline.sources.items()}
    for event in subject.timeline.events:
        begins = event.date.earliest
        if begins is None or event.status == "scheduled" or not event.sources:
            continue
        latest = [written.get(citation.source) for citation in event.sources]
        if all(day is not None and day < begins for day in latest):
            names = ", ".join(dict.fromkeys(citation.source for citation in event.sources))
            message = f'"{event.date}" is after all its sources were written: {shorten(names)}'
            hint = 'what they announce has status = "scheduled"'
            yield finding(("event", event.position, "date"), message, hint=hint)


def overdue(subject: Subject) -> Iterator[Finding]:
    """A scheduled event whose date is past.

    What was announced has happened by now, or hasn't: say which, with a source, or give the new
    date. The day of reference is that of the last commit of the file, else today.

    Fails:

        [[event]]
        date = "2001"
        status = "scheduled"

    Passes:

        [[event]]
        date = "2001"
    """
    for event in subject.timeline.events:
        if is_overdue(event, subject.today):
            message = f'"{event.id}" was scheduled for {event.date}, which is past'
            yield finding(("event", event.position, "status"), message)


_MOST_ALIKE: Final = 100


def possible_duplicate(subject: Subject) -> Iterator[Finding]:
    """What may be one event under two ids.

    Two events have the same date, and near-equal titles or the same citation. If they are one,
    keep the older id and move what the other says into it; if not, their titles should tell them
    apart.

    Fails:

        [[event]]
        id = "2020-law"
        date = "2020-05-25"
        title = "A law on assembly"

        [[event]]
        id = "2020-law-on-assembly"
        date = "2020-05-25"
        title = "The law on assembly"

    Passes:

        [[event]]
        id = "2020-law"
        date = "2020-05-25"
        title = "A law on assembly"
    """
    # Of a file in which all is alike, nobody reads on.
    for first, second in islice(duplicates(subject.timeline.events), _MOST_ALIKE):
        message = f'"{second.id}" may be the same event as "{first.id}"'
        yield finding(("event", second.position, "id"), message)


_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{2})(-01)?[?~%]?")
# Words that admit a date was reached and not read, and those that admit more than a month.
_VAGUE: Final = re.compile(
    r"\b(?:inferred|estimated?|approximate(?:ly)?|approx|circa|guess(?:ed)?|assum(?:ed|ing)"
    r"|placeholder|undated|unknown|no (?:exact |precise )?(?:date|day|month)"
    r"|(?:date|day|month)s? (?:is|are|was|were) (?:not|un|missing)"
    r"|(?:day|month)s? (?:and \w+ )?(?:isn't|wasn't|not) )",
    re.IGNORECASE,
)


def too_precise(subject: Subject) -> Iterator[Finding]:
    """A date that may be more precise than how it was reached.

    The first of January, or of another month, is what programs fill in where only the year or
    the month is known. Reported if `dating` (of a source: `note`) speaks of a year or month, or
    of a date that is inferred or unknown, and doesn't name that day. Write only what is known:
    "2020" or "2020-06"; if the day is right, let `dating` name it.

    Fails:

        [[event]]
        date = "2020-01-01"
        dating = "The source gives only the year."

    Passes:

        [[event]]
        date = "2020"
        dating = "The source gives only the year."

        [[event]]
        date = "2021-01-01"
        dating = "In force from 1 January of the year after adoption."
    """
    timeline = subject.timeline
    for event in timeline.events:
        if event.dating and "-01" in event.date.text:
            yield from _filled_in(event.date, event.dating, ("event", event.position, "date"))
    for key, source in timeline.sources.items():
        if source.note and "-01" in source.date.text:
            yield from _filled_in(source.date, source.note, ("source", key, "date"))


def _filled_in(when: PartialDate, remark: str, path: KeyPath) -> Iterator[Finding]:
    for part in re.split(r"[][/,]|\.\.", when.text):
        first = _FIRST.fullmatch(part)
        if not first or not 1 <= int(first[2]) <= 12 or not (first[3] or first[2] == "01"):
            continue
        name = MONTHS[int(first[2]) - 1]
        month = rf"{name[:3]}(?:\.|{name[3:]})?"
        day = rf"\b(?:0?1(?:st)?(?: of)? {month}|{month} (?:the )?0?1(?:st)?\b|first (?:of|day))"
        named = rf"{day}|New Year" if first[3] else rf"\b{month}\b"
        unit, known = ("year", first[1]) if first[2] == "01" else ("month", first[0][:7])
        is_vague = _VAGUE.search(remark) or re.search(rf"\b{unit}s?\b", remark, re.IGNORECASE)
        if is_vague and not re.search(named, remark, re.IGNORECASE):
            message = f'"{when}" may be more precise than what is known of it'
            yield finding(path, message, hint=f'if that is the {unit}, write "{known}"')
            return


def order(subject: Subject) -> Iterator[Finding]:
    """An event that does not stand in date order.

    Order: earliest day, then latest day; what is equal may stand either way. Reported are the
    fewest events that would have to move. `kzt fmt` moves them.

    Fails:

        [[event]]
        date = "2019"

        [[event]]
        date = "2021"

        [[event]]
        date = "2020"

    Passes:

        [[event]]
        date = "2019"

        [[event]]
        date = "2020"

        [[event]]
        date = "2020-06"
    """
    events = subject.timeline.events
    keys = [event.date.sort_key for event in events]
    kept = longest_ascending(keys)
    for place in sorted({*range(len(events))} - {*kept}):
        event, following = events[place], bisect_right(kept, place)
        above = events[kept[following - 1]] if following else None
        if above and above.date.sort_key > event.date.sort_key:
            message = f'"{event.date}" stands too late: after "{above.date}"'
        else:
            # There is one below, or else this one could be kept, too.
            below = events[kept[following]]
            message = f'"{event.date}" stands too early: before "{below.date}"'
        # The first of those in order that is later.
        behind = bisect_right(kept, event.date.sort_key, key=keys.__getitem__)
        where = f'before "{events[kept[behind]].id}"' if behind < len(kept) else "at the end"
        hint = f"it should stand {where}; kzt fmt puts it there"
        yield finding(("event", event.position, "date"), message, hint=hint)


def longest_ascending(keys: list[tuple[int, int]]) -> list[int]:
    """The places of a longest subsequence that doesn't descend."""
    # Of the subsequences of each length, the one with the lowest end: that end, and its place.
    ends: list[tuple[int, int]] = []
    places: list[int] = []
    before: list[int] = []
    for place, key in enumerate(keys):
        length = bisect_right(ends, key)
        ends[length : length + 1] = [key]
        places[length : length + 1] = [place]
        before.append(places[length - 1] if length else -1)
    kept = []
    place = places[-1] if places else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]
