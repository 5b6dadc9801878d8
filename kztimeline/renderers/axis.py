"""Events placed in columns of years, as pure values: what a picture of lanes is drawn from."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from kztimeline.dates.edtf import Window
from kztimeline.query.filter import ALWAYS
from kztimeline.record.model import OCCURRED, Event

_STEPS: Final = tuple(n * 10**k for k in range(4) for n in (1, 2, 5))
"""How many years a column, or the way between two ticks, may stand for."""


class Axis(NamedTuple):
    """Years in columns; what lies far away from the others has a column before or after them."""

    first: int
    """The first year of column 0."""
    per: int
    """How many years a column stands for."""
    size: int
    """How many columns there are, but for those two."""
    before: bool = False
    """Whether there is a column -1 for all earlier years."""
    after: bool = False
    """Whether there is a column `size` for all later years."""

    @property
    def left(self) -> int:
        """The first column."""
        return -1 if self.before else 0

    @property
    def right(self) -> int:
        """The last column."""
        return self.size if self.after else self.size - 1

    @property
    def last(self) -> int:
        """The last year of the last column that isn't for all later ones."""
        return self.first + self.per * self.size - 1

    def column(self, year: int) -> int:
        """The column of a year."""
        return min(max((year - self.first) // self.per, self.left), self.right)

    def ticks(self, columns: int) -> tuple[tuple[int, int], ...]:
        """Round years and their columns, at least so many columns apart."""
        step = next((s for s in _STEPS if s % self.per == 0 and s >= columns * self.per), 0)
        years = range(self.first, self.last + 1, self.per) if step else ()
        return tuple((year, self.column(year)) for year in years if year % step == 0)


def axis(events: Iterable[Event], most: int, window: Window = ALWAYS) -> Axis:
    """The years of some events, at least one, that lie in a window; in at most so many columns."""
    first, last = window.since or date.min, window.until or date.max
    days = [day for e in events for day in {e.date.earliest, e.date.latest} if day]
    known = [min(max(day, first), last).year for day in days]
    years = _without_outliers(Counter(known), most)
    for per in _STEPS:
        start = years[0] - years[0] % per
        size = (years[-1] - start) // per + 1
        if size <= most:
            break
    return Axis(start, per, size, min(known) < start, max(known) >= start + per * size)


def _without_outliers(years: Counter[int], most: int) -> list[int]:
    """Leave out few years that are far from many, as long as the rest doesn't fit one by one."""
    kept = sorted(years)
    while (span := kept[-1] - kept[0]) >= most:
        cut = max(range(1, len(kept)), key=lambda n: kept[n] - kept[n - 1])
        few, many = sorted((kept[:cut], kept[cut:]), key=lambda part: sum(years[y] for y in part))
        if (kept[cut] - kept[cut - 1]) * 3 < span or 2 * _sum(years, few) > _sum(years, many):
            break
        kept = many
    return kept


def _sum(counts: Mapping[int, int], years: Iterable[int]) -> int:
    return sum(counts[year] for year in years)


class Place(NamedTuple):
    """Where an event stands on an axis."""

    event: Event
    mark: int
    """The column that counts it: the first that it can begin in, else the last it can end in."""
    start: int
    """The first column that it can reach; just the mark's where one day in an open range is."""
    end: int
    lasts: tuple[int, int] | None
    """The first and the last column through which it certainly lasts, if it is told to last."""
    opens: bool
    """Whether it can begin before all columns."""
    stays: bool
    """Whether it can end after all columns."""
    uncertain: bool
    """Whether its column, its match or that it occurred is uncertain."""

    @property
    def open(self) -> tuple[tuple[int, int], ...]:
        """The stretches, from a column to a later one, in which a day of it may be."""
        low, high = self.lasts or (self.end, self.start)
        whole = low > high
        ends = ((self.start, self.end),) if whole else ((self.start, low), (high, self.end))
        return tuple((start, end) for start, end in ends if start < end)


def place(event: Event, on: Axis, *, possible: bool = False) -> Place:
    """Where an event stands; `possible` is one that matches only possibly."""
    when = event.date
    columns = [on.column(day.year) for day in (when.earliest, when.latest) if day]
    mark, start, end, lasts = columns[0], columns[0], columns[-1], None
    if when.throughout:
        start, end = start if when.earliest else on.left, end if when.latest else on.right
        lasts = (
            on.column(when.first_latest.year) if when.first_latest else end,
            on.column(when.last_earliest.year) if when.last_earliest else start,
        )
    latest = when.first_latest
    begins = when.earliest and latest and on.column(latest.year) == mark
    return Place(
        event,
        mark,
        start,
        end,
        lasts,
        when.earliest is None or (when.earliest.year < on.first and not on.before),
        when.latest is None or (when.latest.year > on.last and not on.after),
        possible or when.qualified or event.status != OCCURRED or not begins,
    )
