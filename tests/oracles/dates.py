"""Dates over the whole grammar, all their readings counted out, and another reader of EDTF."""

from datetime import date, timedelta
from itertools import product

import edtf
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from kztimeline.dates.edtf import DateError, Match, PartialDate, Window

NO, POSSIBLY, CERTAINLY = Match.NO, Match.POSSIBLY, Match.CERTAINLY

# Hypothesis: dates over the whole grammar.

YEARS = st.integers(1, 9998).map("{:04}".format)
DAYS = st.dates().map(date.isoformat)
MONTHS = st.builds("{}-{:02}".format, YEARS, st.integers(1, 12))
SEASONS = st.builds("{}-{}".format, YEARS, st.integers(21, 24))
UNSPECIFIED = st.one_of(
    st.integers(1, 999).map("{:03}X".format),
    st.integers(1, 99).map("{:02}XX".format),
    YEARS.map("{}-XX".format),
    YEARS.map("{}-XX-XX".format),
    MONTHS.map("{}-XX".format),
)
PRECISIONS = (YEARS, MONTHS, DAYS)
PLAIN = st.one_of(PRECISIONS)
SIMPLE = st.builds(str.__add__, PLAIN | SEASONS | UNSPECIFIED, st.sampled_from(["", *"?~%"]))


def pairs(dates: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Draw two dates in order."""
    return st.lists(dates, min_size=2, max_size=2).map(
        lambda two: sorted(two, key=PartialDate.parse)
    )


INTERVALS = pairs(SIMPLE).map("/".join) | st.builds(
    str.format, st.sampled_from(["../{}", "/{}", "{}/", "{}/.."]), SIMPLE
)
RANGES = pairs(SIMPLE).map("..".join)
SETS = st.builds(
    lambda first, others, last: f"[{','.join(filter(None, [first, *others, last]))}]",
    SIMPLE.map("..{}".format) | RANGES,
    st.lists(SIMPLE | RANGES, max_size=1),
    st.just("") | SIMPLE.map("{}..".format) | SIMPLE,
)
DATES = st.one_of(SIMPLE, INTERVALS, SETS).map(PartialDate.parse)


# Matching against brute force: every reading of a date, in a calendar of five months.

CALENDAR = [date(2019, 11, 1) + timedelta(n) for n in range(150)]


def within(text: str) -> list[date]:
    """Return the days that a prefix stands for, or a season's, found one by one."""
    prefix = text.rstrip("?~%").removesuffix("-XX")
    if prefix == "2019-24":
        return [d for d in CALENDAR if d.month in (12, 1, 2)]
    return [d for d in CALENDAR if d.isoformat().startswith(prefix)]


FEW = st.sampled_from(
    ["2019-12", "2020-01", "2019-24", "2020-01-XX"]
    + [d.isoformat() for d in CALENDAR if date(2019, 12, 28) <= d <= date(2020, 1, 4)]
)


@st.composite
def with_readings(draw: st.DrawFn) -> tuple[str, list[tuple[date, date]]]:
    """Draw a date's text and all its readings; a reversed interval has none."""
    kind = draw(st.sampled_from(["simple", "interval", "set"]))
    a, b, c = (draw(FEW) + mark for mark in (draw(st.sampled_from(["", *"?~%"])), "", ""))
    if kind == "simple":
        text, readings = a, [(d, d) for d in within(a)]
    elif kind == "interval":
        start, end = draw(st.sampled_from([(a, b), ("..", b), ("", b), (a, ".."), (a, "")]))
        first = {"": CALENDAR, "..": CALENDAR[:1]}.get(start) or within(start)
        last = {"": CALENDAR, "..": CALENDAR[-1:]}.get(end) or within(end)
        text, readings = f"{start}/{end}", [(f, e) for f, e in product(first, last) if f <= e]
    else:
        form = draw(st.sampled_from(["[{},{}]", "[..{}]", "[{}..]", "[..{},{}]", "[{},{}..{}]"]))
        text = form.format(a, b, c)
        days = set()
        for item in text[1:-1].split(","):
            start, dots, end = item.partition("..")
            low = min(within(start)) if start else CALENDAR[0]
            high = (max(within(end)) if end else CALENDAR[-1]) if dots else max(within(start))
            assume(low <= high)
            days |= {d for d in CALENDAR if low <= d <= high}
        readings = [(d, d) for d in days]
    return text, readings


def by_brute_force(text: str, readings: list[tuple[date, date]], window: Window) -> Match:
    """Ask each reading for a day that is in the window."""
    days = {
        d for d in CALENDAR if (window.since or CALENDAR[0]) <= d <= (window.until or CALENDAR[-1])
    }
    meets = [bool(days) and first <= max(days) and last >= min(days) for first, last in readings]
    if not any(meets):
        return NO
    return CERTAINLY if all(meets) and not set(text) & set("?~%") else POSSIBLY


EDGES = st.none() | st.dates(date(2019, 12, 20), date(2020, 1, 20))
WINDOWS = st.builds(Window, EDGES, EDGES)


# An independent reader of EDTF: the package `edtf`.


def by_edtf(text: str) -> tuple[date | None, date | None]:
    """Return its earliest and latest day, with None for open."""
    parsed = edtf.parse_edtf(text)
    low, high = (
        None if isinstance(end, float) else date(*end[:3])
        for end in (parsed.lower_strict(), parsed.upper_strict())
    )
    return low, high


SHARED = st.one_of(
    PLAIN,
    st.builds(str.__add__, PLAIN | UNSPECIFIED, st.sampled_from("?~%")),
    UNSPECIFIED,
    SEASONS.filter(lambda text: not text.endswith("24")),
    pairs(st.builds(str.__add__, PLAIN, st.sampled_from(["", *"?~%"]))).map("/".join),
    st.builds(str.format, st.sampled_from(["{}/..", "../{}"]), PLAIN),
    st.one_of([pairs(dates) for dates in PRECISIONS]).map("[{0[0]}..{0[1]}]".format),
    st.builds(str.format, st.sampled_from(["[..{}]", "[{}..]"]), PLAIN),
    pairs(PLAIN).map("[{0[0]},{0[1]}]".format),
)


def message(text: str) -> str:
    """Return what the parser says to a text that is no date."""
    with pytest.raises(DateError) as caught:
        PartialDate.parse(text)
    assert type(caught.value) is DateError
    return str(caught.value)
