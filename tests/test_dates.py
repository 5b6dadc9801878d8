"""The date language: what each form means, prints, matches, and how mistakes are answered."""

import re
from datetime import date

import pytest
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kztimeline.dates.edtf import DateError, Match, PartialDate, Window, parse_typed
from tests.oracles.dates import (
    DATES,
    SHARED,
    WINDOWS,
    by_brute_force,
    by_edtf,
    message,
    with_readings,
    within,
)
from tests.oracles.states import last_first_day

NO, POSSIBLY, CERTAINLY = Match.NO, Match.POSSIBLY, Match.CERTAINLY
TODAY = date(2026, 11, 21)


# What each form means: earliest day, latest day.

BOUNDS = {
    "2020": ("2020-01-01", "2020-12-31"),
    "2020-06": ("2020-06-01", "2020-06-30"),
    "2020-06-25": ("2020-06-25", "2020-06-25"),
    "2020-02": ("2020-02-01", "2020-02-29"),
    "1900-02": ("1900-02-01", "1900-02-28"),
    "0001-01-01": ("0001-01-01", "0001-01-01"),
    "9999-12": ("9999-12-01", "9999-12-31"),
    "2014?": ("2014-01-01", "2014-12-31"),
    "2016-05~": ("2016-05-01", "2016-05-31"),
    "2016-05-04%": ("2016-05-04", "2016-05-04"),
    "201X": ("2010-01-01", "2019-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "201X~": ("2010-01-01", "2019-12-31"),
    "2004-XX": ("2004-01-01", "2004-12-31"),
    "1985-04-XX": ("1985-04-01", "1985-04-30"),
    "1985-XX-XX": ("1985-01-01", "1985-12-31"),
    "2020-21": ("2020-03-01", "2020-05-31"),
    "2020-22": ("2020-06-01", "2020-08-31"),
    "2020-23": ("2020-09-01", "2020-11-30"),
    "2020-24": ("2020-12-01", "2021-02-28"),
    "2019-24?": ("2019-12-01", "2020-02-29"),
    "9999-23": ("9999-09-01", "9999-11-30"),
    "2019-09-16/2019-09-27": ("2019-09-16", "2019-09-27"),
    "2005/2007-03": ("2005-01-01", "2007-03-31"),
    "201X/2020-21~": ("2010-01-01", "2020-05-31"),
    "2020/2020": ("2020-01-01", "2020-12-31"),
    "2003/..": ("2003-01-01", None),
    "../2003": (None, "2003-12-31"),
    "2003/": ("2003-01-01", None),
    "/2003": (None, "2003-12-31"),
    "[2019-07..2019-10]": ("2019-07-01", "2019-10-31"),
    "[..2021]": (None, "2021-12-31"),
    "[2015..]": ("2015-01-01", None),
    "[2019,2017]": ("2017-01-01", "2019-12-31"),
    "[2015?,2017-04,2019..2021]": ("2015-01-01", "2021-12-31"),
    "[..2015,2017,2019..]": (None, None),
    "[2019..2019]": ("2019-01-01", "2019-12-31"),
}


@pytest.mark.parametrize(("text", "expected"), BOUNDS.items())
def test_bounds(text: str, expected: tuple[str | None, str | None]) -> None:
    """Earliest and latest day follow from the text, null where it is open."""
    parsed = PartialDate.parse(text)
    earliest, latest = map(day, expected)
    assert (parsed.earliest, parsed.latest) == (earliest, latest)
    assert parsed.first_earliest == earliest
    assert parsed.window() == Window(earliest, latest)
    assert str(parsed) == parsed.text == text
    assert parsed.qualified is any(mark in text for mark in "?~%")
    assert parsed.throughout is ("/" in text)


@pytest.mark.parametrize(
    ("text", "first_latest", "last_earliest"),
    [
        ("2020", "2020-12-31", "2020-01-01"),
        ("2005/2007", "2005-12-31", "2007-01-01"),
        # One that begins in May 2008 and ends in 2008 ends no earlier than May.
        ("2008-05/2008", "2008-05-31", "2008-05-01"),
        ("2008/2008-05", "2008-05-31", "2008-05-01"),
        ("2020/2020", "2020-12-31", "2020-01-01"),
        # Still going on is the end of the calendar; always so, its first day.
        ("2003/..", "2003-12-31", "9999-12-31"),
        ("../2003", "0001-01-01", "2003-01-01"),
        # An unknown end is on or after the first day.
        ("2003/", "2003-12-31", "2003-01-01"),
        ("/2003", "2003-12-31", "2003-01-01"),
        ("[..2021]", "2021-12-31", None),
        ("[2015..]", None, "2015-01-01"),
        ("[2015,2017]", "2017-12-31", "2015-01-01"),
    ],
)
def test_bounds_of_first_and_last_day(
    text: str, first_latest: str | None, last_earliest: str | None
) -> None:
    """The first day and the last day each have a range of their own."""
    parsed = PartialDate.parse(text)
    assert (parsed.first_latest, parsed.last_earliest) == (day(first_latest), day(last_earliest))


# How each form reads in English.

WORDS = {
    "2020-06-25": "25 June 2020",
    "2020-06-05": "5 June 2020",
    "2020-06": "June 2020",
    "2020": "2020",
    "201X": "2010s",
    "20XX": "2000–2099",
    "2004-XX": "2004 (month unknown)",
    "1985-04-XX": "April 1985 (day unknown)",
    "1985-XX-XX": "1985 (day unknown)",
    "2014?": "2014 (uncertain)",
    "2016~": "c. 2016",
    "2016%": "c. 2016 (uncertain)",
    "2020-06~": "c. June 2020",
    "2004-XX?": "2004 (month unknown, uncertain)",
    "2020-21": "spring 2020",
    "2020-22": "summer 2020",
    "2020-23": "autumn 2020",
    "2020-24": "winter 2020–21",
    "1999-24": "winter 1999–2000",
    "2009-24": "winter 2009–10",
    "2019-09-16/2019-09-27": "16–27 September 2019",
    "2019-09-16/2019-10-02": "16 September – 2 October 2019",
    "2019-12-30/2020-01-02": "30 December 2019 – 2 January 2020",
    "2019-09-16/2020-09-16": "16 September 2019 – 16 September 2020",
    "2019-07/2019-10": "July–October 2019",
    "2019-07/2020-07": "July 2019 – July 2020",
    "2019-07/2019-10-05": "July 2019 – 5 October 2019",
    "2008-05/2008": "May 2008 – 2008",
    "2020-21/2020-23": "spring–autumn 2020",
    "2020-23/2020-24": "autumn 2020 – winter 2020–21",
    "2005/2007": "2005–2007",
    "200X/201X": "2000s–2010s",
    "20XX/21XX": "2000–2099 – 2100–2199",
    "2016~/2018?": "c. 2016 – 2018 (uncertain)",
    "2014?/2016?": "2014 (uncertain) – 2016 (uncertain)",
    "2020/2020": "2020",
    "2014?/2014?": "2014 (uncertain)",
    "2003/..": "since 2003",
    "../2003": "until 2003",
    "2003/": "from 2003 (end unknown)",
    "/2003": "to 2003 (start unknown)",
    "[2019-07..2019-10]": "between July and October 2019",
    "[2019-07-01..2019-10-05]": "between 1 July and 5 October 2019",
    "[2019-07-01..2019-07-05]": "between 1 and 5 July 2019",
    "[2019-12..2020-01]": "between December 2019 and January 2020",
    "[2019..2021]": "between 2019 and 2021",
    "[2019?..2020]": "between 2019 (uncertain) and 2020",
    "[2019-06-05..2019-06~]": "between 5 June 2019 and c. June 2019",
    "[2019..2019]": "2019",
    "[..2021]": "by 2021",
    "[2015..]": "2015 or later",
    "[2019,2020]": "2019 or 2020",
    "[2015,2017,2019..2021]": "2015, 2017 or between 2019 and 2021",
}


@pytest.mark.parametrize(("text", "expected"), WORDS.items())
def test_words(text: str, expected: str) -> None:
    """Qualifiers and openness show in words, and a shared month or year is said once."""
    assert PartialDate.parse(text).words() == expected


# Matching: date, since, until, answer.

MATCHES = [
    # The design's table.
    ("2020", "2020-06", "", POSSIBLY),
    ("2019-09-16/2019-09-27", "2019-09-20", "", CERTAINLY),
    ("[..2021]", "2020", "", POSSIBLY),
    ("[..2021]", "", "2021", CERTAINLY),
    ("2003/..", "2010", "2010", CERTAINLY),
    ("2006", "2006-03", "2006-03", POSSIBLY),
    ("2006", "2005", "2007", CERTAINLY),
    # One day somewhere within.
    ("2020", "2021", "", NO),
    ("2020", "", "2019", NO),
    ("2020", "", "", CERTAINLY),
    ("2020-24", "2021", "2021", POSSIBLY),
    # Qualified dates are never certain.
    ("2006~", "2005", "2007", POSSIBLY),
    ("2006?", "2007", "", NO),
    ("2005%/2007", "2006", "2006", POSSIBLY),
    ("[2005?,2006]", "2005", "2006", POSSIBLY),
    ("2006~", "", "", POSSIBLY),
    # Throughout: its days may lie on both sides of the window.
    ("2005/2007", "2006", "2006", CERTAINLY),
    ("2005/2007", "2007-06", "", POSSIBLY),
    ("2005/2007", "", "2005-06", POSSIBLY),
    ("2008-05/2008", "2008-05-31", "2008-06", POSSIBLY),
    ("2008-05/2008", "2008-05", "2008-05", CERTAINLY),
    ("2008-05/2008", "", "2008-04", NO),
    # Open ends go on; unknown ends may have.
    ("2003/..", "9999-12-31", "", CERTAINLY),
    ("2003/..", "", "2002", NO),
    ("../2003", "0001-01-01", "0001-01-01", CERTAINLY),
    ("2003/", "2010", "2010", POSSIBLY),
    ("2003/", "2003", "2003", CERTAINLY),
    ("/2003", "1990", "1990", POSSIBLY),
    ("/2003", "2004", "", NO),
    # One of several: the gaps are not met.
    ("[2015,2019]", "2016", "2018", NO),
    ("[2015,2019]", "2016", "2019-01-01", POSSIBLY),
    ("[2015,2019]", "2015-12-31", "2018", POSSIBLY),
    ("[2015,2019]", "2015", "2019", CERTAINLY),
    ("[..2010,2015]", "2011", "2014", NO),
    ("[2010,2015..]", "2020", "", POSSIBLY),
    # No day is in a window that ends before it begins.
    ("2005/2007", "2007", "2005", NO),
    ("2003/..", "2010", "2009", NO),
]


@pytest.mark.parametrize(("text", "since", "until", "expected"), MATCHES)
def test_match(text: str, since: str, until: str, expected: Match) -> None:
    """Certainly if every reading meets the window, possibly if some does."""
    assert PartialDate.parse(text).match(window(since, until)) is expected


def test_only_no_is_false() -> None:
    """A match can be tested like a bool and compared."""
    assert not NO
    assert POSSIBLY
    assert NO < POSSIBLY < CERTAINLY


def test_windows_intersect() -> None:
    """Both windows narrow; open sides give way; an empty window says so."""
    early, late, whole = window("", "2020"), window("2019", "2022"), window()
    assert early & late == late & early == window("2019", "2020")
    assert whole & late == late
    assert whole & whole == Window(None, None)
    assert (window("2021") & early).empty
    assert not any(w.empty for w in (early, late, whole, window("2020-01-01", "2020-01-01")))


def test_order() -> None:
    """Earliest day first, then latest day, then text; open starts first, open ends last."""
    ordered = [
        "../2003",
        "[..2021]",
        "0001-01-01",
        "2020-01-01",
        "2020-01",
        "2020",
        "2020?",
        "2020/2021",
        "2020/9999",
        "2020/..",
        "2020-06",
    ]
    assert [str(d) for d in sorted(map(PartialDate.parse, reversed(ordered)))] == ordered


def test_equal_text_is_equal() -> None:
    """Equality is by text: bounds alone don't make two dates the same."""
    assert PartialDate.parse("2020") == PartialDate.parse("2020")
    assert len({PartialDate.parse(text) for text in ("2020", "2020", "2020?", "2020-XX")}) == 3
    assert repr(PartialDate.parse("2020")) == "PartialDate(text='2020')"


@given(DATES)
def test_printing_and_reading_is_identity(parsed: PartialDate) -> None:
    """What prints reads back as the same date."""
    assert PartialDate.parse(str(parsed)) == parsed


@given(DATES)
def test_bounds_are_in_order(parsed: PartialDate) -> None:
    """No bound is before one that comes earlier."""
    first = [parsed.first_earliest or date.min, parsed.first_latest or date.max]
    last = [parsed.last_earliest or date.min, parsed.latest or date.max]
    assert first == sorted(first)
    assert last == sorted(last)
    assert all(a <= b for a, b in zip(first, last, strict=True))


@given(DATES, st.dates(), st.dates())
def test_a_window_that_no_stretch_meets_is_no_match(
    parsed: PartialDate, one: date, other: date
) -> None:
    since, until = sorted((one, other))
    met = any(low <= until and since <= high for low, high in parsed.stretches)
    assert bool(parsed.match(Window(since, until))) == met


@given(DATES)
def test_every_date_has_words(parsed: PartialDate) -> None:
    """Words hold none of the language's signs."""
    assert re.fullmatch(r"[A-Za-z0-9 –(),.]+", parsed.words())
    assert not re.search(r"X|\.\.| {2}|\( | \)", parsed.words())


@given(DATES, DATES)
def test_order_is_total(one: PartialDate, other: PartialDate) -> None:
    """Exactly one of less, equal, greater holds, and the sort key decides before the text."""
    assert [one < other, one == other, one > other].count(True) == 1
    assert (one < other) == ((one.sort_key, one.text) < (other.sort_key, other.text))
    assert (one <= other) == (not one > other)


LIKELY = st.text("0123456789X?~%-/.,[]{} \nuxTYE–٣", max_size=24)


@settings(deadline=None)
@given(st.text() | LIKELY)
@example("[2021..2019,\n]")
@example("June 2020\n")
@example("25 ſune 2020")
def test_any_text_is_a_date_or_one_line_of_explanation(text: str) -> None:
    """Nothing but `DateError` is raised, with one line, whatever the text."""
    for read in (PartialDate.parse, lambda text: parse_typed(text, TODAY)):
        try:
            said = str(read(text))
        except DateError as error:
            said = str(error)
        assert len(said.splitlines()) == 1


@settings(deadline=None)
@given(with_readings(), WINDOWS)
def test_match_agrees_with_brute_force(
    drawn: tuple[str, list[tuple[date, date]]], window: Window
) -> None:
    """Whatever the kind of date, matching is as if each reading had been asked."""
    text, readings = drawn
    if readings:
        assert PartialDate.parse(text).match(window) is by_brute_force(text, readings, window)
    else:
        assert "the end is before the beginning" in message(text)


def test_brute_force_finds_a_naive_match_out() -> None:
    """Brute force can fail: matching bounds alone takes a month for certainly in two days."""
    month = [(d, d) for d in within("2020-01")]
    days = Window(date(2020, 1, 2), date(2020, 1, 3))
    parsed = PartialDate.parse("2020-01")
    naive = NO if (parsed.window() & days).empty else CERTAINLY
    assert by_brute_force("2020-01", month, days) is POSSIBLY is not naive


@settings(deadline=None)
@given(SHARED)
def test_bounds_agree_with_edtf(text: str) -> None:
    """On what both read, both say the same days."""
    parsed = PartialDate.parse(text)
    assert (parsed.earliest, parsed.latest) == by_edtf(text)


DISAGREEMENTS = {
    "2020-24": "it ends winter on 31 December; ISO's winter goes on to February",
    "2003/": "it ends an unknown end ten years later, and nobody knows that",
    "/2003": "it begins an unknown start ten years earlier",
    "2020/2019": "it reads a reversed interval, with the latest day before the earliest",
    "[2021..2019]": "it reads a reversed range",
    "../..": "it reads an interval that says nothing",
    "9999-24": "its winter ends before the year 10000 begins",
    "2020-21?": "it cannot read a qualified season",
    "[2020-21,2021]": "it cannot read a season in a set",
    "[2019-07..2020]": "it cannot read a range between a month and a year",
    "2004-XX/2005": "it fails on unspecified digits in an interval",
}


@pytest.mark.parametrize("text", DISAGREEMENTS)
def test_disagreements_with_edtf(text: str) -> None:
    """Where the two differ, they do so for a known reason (see the table)."""
    theirs: object
    try:
        theirs = by_edtf(text)
    except (EDTFParseException, AttributeError):
        theirs = "refused"
    ours: object
    try:
        parsed = PartialDate.parse(text)
        ours = parsed.earliest, parsed.latest
    except DateError:
        ours = "refused"
    assert ours != theirs


# How surely the first day lies in a window, which differs from a match where a date lasts.

BEGINS = [
    ("2019-09-16/2019-09-27", "2019-09-20", "", NO),
    ("2019-09-16/2019-09-27", "2019-09-16", "2019-09-16", CERTAINLY),
    ("2019/2020", "2019-06", "", POSSIBLY),
    ("2003/..", "2010", "", NO),
    ("2003/..", "2003", "2010", CERTAINLY),
    ("2003?/..", "2003", "2010", POSSIBLY),
    ("../2003", "0001", "2010", CERTAINLY),
    ("../2003", "2000", "2010", NO),
    ("2020", "2020-06", "", POSSIBLY),
    ("2003/..", "2005", "2004", NO),
]


@pytest.mark.parametrize(("text", "since", "until", "expected"), BEGINS)
def test_begins(text: str, since: str, until: str, expected: Match) -> None:
    assert PartialDate.parse(text).begins(window(since, until)) is expected


# The latest day by the end of a date that can be the first.

LAST_FIRST_DAYS = [
    ("2020", "2020-06-15", "2020-06-15"),
    ("2020", "2021", "2020-12-31"),
    ("2020", "2019", None),
    ("2019-09-16/2019-09-27", "2020", "2019-09-16"),
    ("2003/..", "2020", "2003-12-31"),
    ("../2003", "2020", "0001-01-01"),
    ("[..2021]", "2020", "2020-12-31"),
    ("[2015..]", "2020", "2020-12-31"),
    ("[2017,2019]", "2018", "2017-12-31"),
    ("[2017,2019]", "2019-03", "2019-03-31"),
]


@pytest.mark.parametrize(("text", "until", "expected"), LAST_FIRST_DAYS)
def test_last_first_day(text: str, until: str, expected: str | None) -> None:
    end = PartialDate.parse(until).latest
    assert end is not None
    assert last_first_day(PartialDate.parse(text), end) == day(expected)


# --- helpers ---------------------------------------------------------------------------------


def day(text: str | None) -> date | None:
    """Read a full date."""
    return date.fromisoformat(text) if text else None


def window(since: str = "", until: str = "") -> Window:
    """Make the window from one date's first day to another's last."""
    return Window(
        PartialDate.parse(since).earliest if since else None,
        PartialDate.parse(until).latest if until else None,
    )
