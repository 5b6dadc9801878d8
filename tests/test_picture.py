"""The picture's geometry: shapes by what is known of a date, rows without overlaps, a true scale."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import Event, PartialDate
from kztimeline.query.lanes import Lane
from kztimeline.renderers.svg import WIDTH, Drawn, Scale, draw, scale

# A path's ends: an arc (a) is round, a stroke upwards or downwards (v) straight, a line (l) pointed.
SHAPES = {
    "2003-05-06": ("day", "aa", ""),
    "2003-05-06?": ("day", "aa", ""),
    "2003": ("range", "aa", ""),
    "2003-05": ("range", "aa", ""),
    "200X": ("range", "aa", ""),
    "[2003..2005]": ("range", "aa", ""),
    "[..2005]": ("range", "al", ""),
    "[2003..]": ("range", "la", ""),
    "[..2003,2005..]": ("range", "ll", ""),
    "2003-01-01/2003-05-06": ("span", "vv", "vv"),
    "2003/2005": ("span", "vv", "vv"),
    "2003/2003": ("span", "vv", ""),
    "2003/..": ("span", "lv", "lv"),
    "../2005": ("span", "vl", "vl"),
    "2003/": ("span", "lv", ""),
}


@pytest.mark.parametrize("when", SHAPES)
def test_a_shape_tells_what_is_known(when: str) -> None:
    (mark,) = drawn(when).marks
    assert (mark.shape, ends(mark.outline), ends(mark.core)) == SHAPES[when]


def test_different_knowledge_is_drawn_differently() -> None:
    assert len({(shape, outline, bool(core)) for shape, outline, core in SHAPES.values()}) > 7


WHEN = st.sampled_from(
    ["2000", "2000-01", "2001-02-03", "2001-02-04", "2000/2004", "[..2002]", "[2003..]", "2004/..",
     "[2001..2008]", "../2003", "200X", "2002-21"]
)  # fmt: skip


def box(path: str) -> tuple[float, float, float]:
    """The left and the right end of a path around one place, and the height of its middle."""
    left, y = map(float, re.findall(r"-?[\d.]+", path)[:2])
    if "H" not in path:
        return left, left + 7.2, y
    right = float(re.findall(r"H(-?[\d.]+)", path)[0])
    start = float(re.findall(r"H(-?[\d.]+)", path)[1])
    round_ = 3 if "a" in path else 0
    return start - round_, right + round_, y


@given(st.lists(WHEN, min_size=1, max_size=30))
def test_no_mark_lies_over_another(dates: list[str]) -> None:
    lane = drawn(*dates)
    boxes = sorted((y, left, right) for left, right, y in (box(m.outline) for m in lane.marks))
    assert len(boxes) == len(dates)
    for (row, _, end), (other, start, _) in pairwise(boxes):
        assert row != other or end <= start + 0.2
    assert all(0 < y < lane.height for y, *_ in boxes)
    assert all(-1 <= left < right <= WIDTH + 1 for _, left, right in boxes)


def test_a_lane_of_very_many_stays_low() -> None:
    assert drawn(*["2001-02-03"] * 1000).height < 1000


YEARS = st.integers(1, 9999)


@given(st.lists(YEARS, min_size=1, max_size=8))
def test_later_days_lie_further_right(years: list[int]) -> None:
    found = scale([event(f"{year:04}") for year in years])
    assert isinstance(found, Scale)
    assert list(found.places) == sorted(set(found.places))
    assert found.years[0] <= min(years) <= max(years) < found.years[-1]
    days = [date(year, 1, 1) for year in sorted(set(years))] + [date(max(years), 12, 31)]
    places = [found.at(day) for day in days]
    assert places == sorted(set(places))
    labels = [place for _, place in found.labels]
    assert all(b - a >= 36 for a, b in pairwise(labels))


def test_full_years_are_wider() -> None:
    found = scale([event("2000"), *(event(f"2001-0{month}") for month in range(1, 10))])
    assert found is not None
    first, second, third = found.places
    assert third - second > second - first > 100


def test_years_that_are_wide_are_named_first() -> None:
    events = [event("1990"), *(event("2001") for _ in range(9)), event("2030")]
    found = scale(events)
    assert found is not None
    years = [year for year, _ in found.labels]
    assert 2001 in years
    assert 2000 not in years


def test_no_event_is_no_scale() -> None:
    assert scale([]) is None
    assert scale([event("[..1990,2000..]")]) is None


# --- helpers ---------------------------------------------------------------------------------


def event(when: str, index: int = 0) -> Event:
    return Event(
        id=f"e{index}", date=PartialDate.parse(when), title="T", kind="law", topics=(), summary="S",
        sources=(), position=index,
    )  # fmt: skip


def drawn(*dates: str) -> Drawn:
    events = tuple(event(when, index) for index, when in enumerate(dates))
    # The scale's ends are known whatever the dates leave open.
    whole = scale([*events, event("2000-01-01"), event("2009-12-31")])
    assert whole is not None
    return draw(Lane("", "", events), whole)


def ends(path: str) -> str:
    return "".join(re.findall("[avl]", path.replace("l3 3 -3 3", "l").replace("l-3 -3 3 -3", "l")))
