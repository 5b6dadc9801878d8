"""Partial dates: what is known of a day, kept as it was written.

The language is EDTF, the Extended Date/Time Format of ISO 8601-2:2019
(https://www.loc.gov/standards/datetime/), levels 0 and 1 and level 2's "one of a set", without
times, in the years 0001 to 9999. A date is the set of its *readings*: pairs of a first and a
last day, the same day unless the date is a slash interval, each somewhere within what is written.

Days before 0001-01-01 and after 9999-12-31 do not exist here, so a side that is open reaches
exactly to the calendar's end, and `None` is how a bound says so.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

_MIN, _MAX = date.min, date.max
LONGEST = 100


class DateError(ValueError):
    """Text that is not a date: one line that says what is wrong and shows what is right."""


class UnreadError(DateError):
    """Text that can't be read; where it has a form of the language, what is wrong as arguments."""


class Match(IntEnum):
    """How surely a date meets a window; only `NO` is false."""

    NO = 0
    POSSIBLY = 1
    CERTAINLY = 2


class Window(NamedTuple):
    """The days from `since` to `until`, both included; `None` leaves that side open."""

    since: date | None = None
    until: date | None = None

    @property
    def empty(self) -> bool:
        """Whether no day is in it."""
        return self.since is not None and self.until is not None and self.since > self.until

    def __and__(self, other: Window) -> Window:
        """Return the days that are in both."""
        starts = [day for day in (self.since, other.since) if day]
        ends = [day for day in (self.until, other.until) if day]
        return Window(max(starts, default=None), min(ends, default=None))


class PartialDate(NamedTuple):
    """A date as precise as its source; `PartialDate.parse` makes one.

    Dates with the same text are equal, since all else follows from it. They sort by earliest
    day, then latest day, then text.
    """

    sort_key: tuple[int, int]
    """Ordinals of the earliest and the latest day: an open start sorts first, an open end last."""
    text: str
    """The date exactly as written."""
    earliest: date | None
    """The earliest possible first day; `None` when open."""
    latest: date | None
    """The latest possible last day; `None` when open."""
    first_latest: date | None
    """The latest possible first day; `None` when open (`[2015..]`), day one for `../2003`."""
    last_earliest: date | None
    """The earliest possible last day; `None` when open (`[..2021]`), the end for `2003/..`."""
    qualified: bool
    """Whether any part is uncertain (`?`), approximate (`~`) or both (`%`)."""
    throughout: bool
    """Whether it lasts from its first to its last day (a slash interval)."""
    options: tuple[tuple[date, date], ...]
    """The stretches of a set `[...]`, with gaps between them; empty for anything else."""

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read a date in EDTF; raise `DateError` for anything else."""
        return _parse(text)

    @property
    def first_earliest(self) -> date | None:
        """The earliest possible first day, which is `earliest`."""
        return self.earliest

    @property
    def year(self) -> int | None:
        """The year that it begins in; `None` if that may be one of several."""
        first, last = self.first_earliest, self.first_latest
        return first.year if first and last and first.year == last.year else None

    @property
    def stretches(self) -> tuple[tuple[date, date], ...]:
        """The stretches of days it may lie in; an open side reaches to the calendar's end."""
        return self.options or ((self.earliest or _MIN, self.latest or _MAX),)

    def __str__(self) -> str:
        """Return the date as written."""
        return self.text

    def __repr__(self) -> str:
        return f"PartialDate(text={self.text!r})"

    def match(self, window: Window) -> Match:
        """Say how surely this date meets `window`.

        Certainly if every reading has a day in it, possibly if some reading does. A qualified
        date never does more than possibly, and an empty window is never met.
        """
        since, until = window.since or _MIN, window.until or _MAX
        if since > until or (self.earliest or _MIN) > until or (self.latest or _MAX) < since:
            return Match.NO
        if (self.first_latest or _MAX) <= until and (self.last_earliest or _MIN) >= since:
            return Match.POSSIBLY if self.qualified else Match.CERTAINLY
        options = self.options
        if options and not any(low <= until and since <= high for low, high in options):
            return Match.NO
        return Match.POSSIBLY

    def begins(self, window: Window) -> Match:
        """Say how surely the first day lies in `window`, as `match` does for any day."""
        if not self.throughout:
            return self.match(window)
        first = self._replace(latest=self.first_latest, last_earliest=self.first_earliest)
        return first.match(window)

    def window(self) -> Window:
        """Return the days from the earliest to the latest."""
        return Window(self.earliest, self.latest)

    def words(self) -> str:
        """Return the date in English, for people."""
        # Lines for a pipe have dates as they are written.
        from kztimeline.dates.words import words

        return words(self.text)


def month_end(year: int, month: int) -> date:
    """Return a month's last day; months 13 and 14 belong to the next year."""
    if month == 12:
        return date(year, 12, 31)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)


def parse_typed(text: str, today: date) -> PartialDate:
    """Read a date as a user types it: EDTF, `June 2020`, `spring 2020`, `5y` or `18m` (ago).

    The result is as precise as what was typed: `5y` is a year, `18m` a month. Its text is EDTF.
    Raises `DateError`.
    """
    try:
        return PartialDate.parse(text)
    except DateError:
        from kztimeline.dates.mistakes import typed

        if written := typed(text, today):
            return PartialDate.parse(written)
        raise


@lru_cache(maxsize=4096)
def _parse(text: str) -> PartialDate:
    try:
        return _read(text)
    except UnreadError as error:
        from kztimeline.dates.mistakes import explain

        raise DateError(explain(text, error, _read)) from None


def _read(text: str) -> PartialDate:
    if len(text) > LONGEST:
        raise UnreadError("long", text)
    if not text.strip("[]./,"):
        raise UnreadError
    if text.startswith("[") and text.endswith("]"):
        return _one_of(text)
    if "/" in text:
        return _interval(text)
    days = _days(text)
    return _make(text, days, days)


def _make(
    text: str,
    first: tuple[date | None, date | None],
    last: tuple[date | None, date | None],
    throughout: bool = False,
    options: tuple[tuple[date, date], ...] = (),
) -> PartialDate:
    earliest, latest = first[0], last[1]
    return PartialDate(
        sort_key=(
            earliest.toordinal() if earliest else 0,
            latest.toordinal() if latest else _MAX.toordinal() + 1,
        ),
        text=text,
        earliest=earliest,
        latest=latest,
        first_latest=first[1],
        last_earliest=last[0],
        qualified="?" in text or "~" in text or "%" in text,
        throughout=throughout,
        options=options,
    )


# Alternatives: a decade or century; a year, then unspecified month and day, or month and day.
_SIMPLE = re.compile(
    r"(?:([0-9]{3}X|[0-9]{2}XX)"
    r"|([0-9]{4})(?:-XX(?:-XX)?|-([0-9]{2})(?:-([0-9]{2}|XX))?)?)[?~%]?"
)


def _days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a date that is neither an interval nor a set."""
    found = _SIMPLE.fullmatch(text)
    if found is None:
        raise UnreadError
    decade, year, month, day = found.groups()
    try:
        if decade:
            low, high = int(decade.replace("X", "0")), int(decade.replace("X", "9"))
            return date(low, 1, 1), date(high, 12, 31)
        y = int(year)
        if month is None:
            return date(y, 1, 1), date(y, 12, 31)
        m = int(month)
        if day is None and m > 20:
            m = 3 * (m - 20)  # 21 is spring, from March, and so on
            return date(y, m, 1), month_end(y, m + 2)
        if day is None or day == "XX":
            return date(y, m, 1), month_end(y, m)
        exact = date(y, m, int(day))
        return exact, exact
    except ValueError:
        raise UnreadError("calendar", text, year or decade, month, day) from None


def _interval(text: str) -> PartialDate:
    start, _, end = text.partition("/")
    # An end may be open ("..": always so, or still) or, when it is missing, unknown.
    first = {"": (None, None), "..": (None, _MIN)}.get(start) or _days(start)
    last = {"": (None, None), "..": (_MAX, None)}.get(end) or _days(end)
    if (first[0] or _MIN) > (last[1] or _MAX):
        raise UnreadError("reversed", text, f"{end}/{start}")
    # No reading begins after it ends.
    first_latest = min(first[1] or _MAX, last[1] or _MAX)
    last_earliest = max(first[0] or _MIN, last[0] or _MIN)
    return _make(text, (first[0], first_latest), (last_earliest, last[1]), throughout=True)


def _one_of(text: str) -> PartialDate:
    items = text[1:-1].split(",")
    options = []
    ordered = text
    for place, item in enumerate(items):
        start, dots, end = item.partition("..")
        if not dots:
            options.append(_days(item))
            continue
        if (not start and place > 0) or (not end and place < len(items) - 1):
            raise UnreadError("open", text)
        low = _days(start)[0] if start else _MIN
        high = _days(end)[1] if end else _MAX
        if low > high:
            ordered = ordered.replace(item, f"{end}..{start}")
        options.append((low, high))
    if ordered != text:
        raise UnreadError("reversed", text, ordered)
    if len(items) == 1 and ".." not in text:
        raise UnreadError
    days = (
        None if text.startswith("[..") else min(low for low, _ in options),
        None if text.endswith("..]") else max(high for _, high in options),
    )
    return _make(text, days, days, options=tuple(options))
