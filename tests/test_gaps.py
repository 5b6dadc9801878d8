"""Who asked and who answered, and how much there is."""

import re
from datetime import date

import pytest

from kztimeline import PartialDate, Timeline
from kztimeline.query.answers import Answer, gaps
from kztimeline.query.filter import Criteria, choose
from kztimeline.query.stats import stats
from kztimeline.renderers import gaps as render
from kztimeline.renderers import json, plain, terminal
from kztimeline.renderers.plain import columns
from kztimeline.renderers.terminal import Screen
from tests.conftest import golden

TODAY = date(2026, 11, 21)

# When it was asked, when answered, how long that took, and the days between: least and most.
TOOK = [
    ("2011-07-12", "2020", "8–9 years", 3095, 3460),
    ("2011-07-12", "2020-06-25", "8 years", 3271, 3271),
    ("2011", "2020", "8–9 years", 2923, 3652),
    ("2019-09-26", "2020", "3–15 months", 97, 462),
    ("2019-01-15", "2019-04-20", "3 months", 95, 95),
    ("2021-01", "2021-02-03", "3–33 days", 3, 33),
    ("2021-02-02", "2021-02-03", "1 day", 1, 1),
    ("2021-02-03", "2021-02-03", "0 days", 0, 0),
    ("2020", "2020", "0–11 months", 0, 365),
    ("2016-02-29", "2018-02-28", "2 years", 730, 730),
    ("2011?", "2020-06", "c. 8–9 years", 3075, 3468),
    ("2009/2010", "2012", "2–3 years", 731, 1460),
    ("[..2011]", "2020", "at least 8 years", 2923, None),
    ("2011", "[2015..]", "at least 3 years", 1097, None),
    ("2011", "[..2021]", "at most 10 years", None, 4017),
    ("[..2011]", "[2015..]", "at least 3 years", 1097, None),
    ("[2011..]", "[..2021]", "at most 10 years", None, 4017),
    ("[..2011]", "[..2021]", "unknown", None, None),
]


@pytest.mark.parametrize(("asked", "answered", "told", "least", "most"), TOOK)
def test_how_long_an_answer_took(
    asked: str, answered: str, told: str, least: int | None, most: int | None, small: Timeline
) -> None:
    ask, by = (small.events[0]._replace(date=PartialDate.parse(when)) for when in (asked, answered))
    answer = Answer(ask, by)
    assert render.duration(answer) == told
    assert answer.shortest is None or (answer.shortest[1] - answer.shortest[0]).days == least
    assert answer.longest is None or (answer.longest[1] - answer.longest[0]).days == most
    assert (answer.shortest is None, answer.longest is None) == (least is None, most is None)


def test_an_ask_is_a_gap_until_an_event_answers_it(small: Timeline) -> None:
    found = gaps(choose(small, Criteria(), TODAY))
    assert (found.open, found.in_part) == ((), ())
    assert [answer.by.id for answer in found.met] == ["2020-assembly-law", "2020-libel"]
    # An answer counts although a filter leaves it out of what is shown.
    assert gaps(choose(small, Criteria(until="2011"), TODAY)) == found
    before = small._replace(events=small.events[:6])
    unanswered = gaps(choose(before, Criteria(), TODAY)).open
    assert [event.id for event in unanswered] == ["2011-briefing"]


def with_gaps(small: Timeline) -> Timeline:
    """The small record with two more asks, one without a topic."""
    rally, talks = small.events[4:6]
    more = (
        rally._replace(asks="Investigate who ordered it"),
        talks._replace(asks="Go on", topics=()),
    )
    return small._replace(events=(*small.events[:4], *more, *small.events[6:]))


@pytest.mark.parametrize("width", [40, 80])
def test_gaps_on_a_terminal(width: int, small: Timeline) -> None:
    timeline = with_gaps(small)
    lines = render.lines(gaps(choose(timeline, Criteria(), TODAY)), ())
    golden(f"gaps-{width}.txt", terminal.lines(lines, Screen(width)))


def test_gaps_in_a_pipe_and_as_json(small: Timeline) -> None:
    timeline = with_gaps(small)
    found = gaps(choose(timeline, Criteria(), TODAY))
    golden("gaps.txt", render.plain(found))
    golden("gaps.json", json.gaps(found))


@pytest.mark.parametrize("width", [60, 80, 120, 250])
def test_stats_of_a_larger_record(width: int, bench: Timeline) -> None:
    counted = stats(choose(bench, Criteria(), TODAY))
    out = terminal.stats(bench, counted, "All", Screen(width))
    golden(f"record-stats-{width}.txt", out)
    assert max(map(columns, out.splitlines())) <= width


# How many names each group has, columns at most, and the groups in each.
COLUMNS = [
    ([], 3, []),
    ([3], 3, ["A"]),
    ([3, 1, 1], 1, ["ABC"]),
    ([5, 3, 3, 1], 2, ["AB", "CD"]),
    ([3, 1, 1, 1], 2, ["AB", "CD"]),
    ([7, 1, 1, 1], 2, ["A", "BCD"]),
    ([30, 16, 19, 5, 1, 1, 1], 3, ["A", "B", "CDEFG"]),
]


@pytest.mark.parametrize(("sizes", "most", "expected"), COLUMNS)
def test_groups_stand_in_even_columns(
    sizes: list[int], most: int, expected: list[str], small: Timeline
) -> None:
    names = {
        group: {f"name {number}": 1 for number in range(size)}
        for group, size in zip("ABCDEFG", sizes, strict=False)
    }
    counted = stats(choose(small, Criteria(), TODAY))._replace(groups=names)
    out = terminal.stats(small, counted, "", Screen(60 * most))
    at: dict[int, str] = {}
    for row in out.splitlines():
        for found in re.finditer(r"(?<!\S)[A-G](?!\S)", row):
            at[found.start()] = at.get(found.start(), "") + found[0]
    assert [at[start] for start in sorted(at)] == expected


@pytest.mark.parametrize("width", [40, 80])
def test_stats_on_a_terminal(width: int, small: Timeline) -> None:
    counted = stats(choose(small, Criteria(), TODAY))
    golden(f"stats-{width}.txt", terminal.stats(small, counted, "9 events", Screen(width)))


def test_stats_in_a_pipe_and_as_json(small: Timeline) -> None:
    counted = stats(choose(small, Criteria(), TODAY))
    golden("stats.txt", plain.stats(counted))
    golden("stats.json", json.stats(counted))


def test_stats_of_nothing(small: Timeline) -> None:
    counted = stats(choose(small, Criteria(search=["nowhere"]), TODAY))
    assert plain.stats(counted) == "GROUP  NAME  EVENTS\n"
    assert terminal.stats(small, counted, "0 of 9 events", Screen(80)) == (
        "0 of 9 events\nfrom 0 sources\n"
    )


def test_centuries_without_events_are_left_out(small: Timeline) -> None:
    old = small.events[1]._replace(date=PartialDate.parse("0988"))
    timeline = small._replace(events=(old, *small.events))
    assert len(stats(choose(timeline, Criteria(), TODAY)).groups["year"]) < 20
