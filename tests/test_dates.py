"""The date language: what each form means, prints, matches, and how mistakes are answered."""

import os
import re
import subprocess
import sys
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
    with_readings,
    within,
)

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


# Mistakes: the whole answer.

NOT_A_DATE = (
    'this is not a date; write a day, month or year, such as "2020-06-25", "2020-06" or "2020"'
)
SAYS_NOTHING = 'this says nothing; write what is known, such as "2020" or "[..2021]"'
RANGE = "a range is / (from then to then) or [..] (one day in it)"
SEASON = "seasons are 21 to 24, and winter begins in December"
TOO_LONG = 'are too many for a date (at most 100); write one such as "2020-06-25"'
MESSAGES = {
    # Nothing said.
    "": f'"": {SAYS_NOTHING}',
    " ": f'" ": {SAYS_NOTHING}',
    "/": f'"/": {SAYS_NOTHING}',
    "../..": f'"../..": {SAYS_NOTHING}',
    "../": f'"../": {SAYS_NOTHING}',
    "/..": f'"/..": {SAYS_NOTHING}',
    "[..]": f'"[..]": {SAYS_NOTHING}',
    "[,]": f'"[,]": {SAYS_NOTHING}',
    "unknown": '"unknown": an unknown date is a range, such as "[..2021]" (by 2021) or "201X"',
    # Not in the calendar.
    "0000": '"0000": there is no year 0000; years are 0001 to 9999, such as "0001"',
    "000X": '"000X": there is no year 0000; years are 0001 to 9999, such as "0001"',
    "2020-00": '"2020-00": there is no month 00; write "2020" if the month is not known',
    "2020-13": (
        '"2020-13": there is no month 13; months are 01 to 12 and seasons 21 (spring) to 24 '
        '(winter), such as "2020-12" or "2020-21"'
    ),
    "2020-13/2021": (
        '"2020-13": there is no month 13; months are 01 to 12 and seasons 21 (spring) to 24 '
        '(winter), such as "2020-12" or "2020-21"'
    ),
    "2020-06-00": '"2020-06-00": there is no day 00; write "2020-06" if the day is not known',
    "2020-06-31": '"2020-06-31": June 2020 has 30 days; the last is "2020-06-30"',
    "2020-02-30": '"2020-02-30": February 2020 has 29 days; the last is "2020-02-29"',
    "2021-02-29~": '"2021-02-29~": February 2021 has 28 days; the last is "2021-02-28"',
    "9999-12-32": '"9999-12-32": December 9999 has 31 days; the last is "9999-12-31"',
    "9999-24": (
        '"9999-24": this winter ends in the year 10000; years are 0001 to 9999, such as "9998-24"'
    ),
    # The wrong way round.
    "2020/2019": '"2020/2019": the end is before the beginning; write "2019/2020"',
    "[2021..2019]": '"[2021..2019]": the end is before the beginning; write "[2019..2021]"',
    "[2018,2021..2019]": (
        '"[2018,2021..2019]": the end is before the beginning; write "[2018,2019..2021]"'
    ),
    "[2015..,2010]": (
        '"[2015..,2010]": only the first of a list may be open at its start, only the last at its '
        'end; write them in order, such as "[..2010,2015,2019..]"'
    ),
    "[2010,..2015]": (
        '"[2010,..2015]": only the first of a list may be open at its start, only the last at its '
        'end; write them in order, such as "[..2010,2015,2019..]"'
    ),
    # Typing.
    " 2020": '" 2020": a date has no spaces or line breaks around it; write "2020"',
    "2020\n": '"2020…": a date has no spaces or line breaks around it; write "2020"',
    "[2019, 2020]": '"[2019, 2020]": a date has no spaces; write "[2019,2020]"',
    "2016 ?": '"2016 ?": a date has no spaces; write "2016?"',
    "2020 06 25": '"2020 06 25": a date has no spaces; write "2020-06-25"',
    "2020-6": '"2020-6": months and days have two digits; write "2020-06"',
    "2020-6-5/2020-7-1": (
        '"2020-6-5/2020-7-1": months and days have two digits; write "2020-06-05/2020-07-01"'
    ),
    "2020-6-45": '"2020-06-45": June 2020 has 30 days; the last is "2020-06-30"',
    "20200625": '"20200625": hyphens join the parts of a date; write "2020-06-25"',
    "٢٠٢٠-٠٦": '"٢٠٢٠-٠٦": the digits are 0 to 9; write "2020-06"',
    "201x": '"201x": an unknown digit is a capital X; write "201X"',
    "[2019]": '"[2019]": brackets offer a choice; write "2019"',
    "2019,2020": '"2019,2020": one of several dates stands in brackets; write "[2019,2020]"',
    "2020–06–25": (
        '"2020–06–25": only the hyphen of ASCII joins the parts of a date; write "2020-06-25"'
    ),
    # Other ways to write dates.
    "2020-01-01T00:00": '"2020-01-01T00:00": a date has no time of day; write "2020-01-01"',
    "2020-01-01 10:00:00+99:99": (
        '"2020-01-01 10:00:00+99:99": a date has no time of day; write "2020-01-01"'
    ),
    "25/06/2020": '"25/06/2020": a date is year-month-day; write "2020-06-25"',
    "1.2.2020": '"1.2.2020": a date is year-month-day; write "2020-02-01" or "2020-01-02"',
    "6/6/2020": '"6/6/2020": a date is year-month-day; write "2020-06-06"',
    "2020/06/25": '"2020/06/25": a date is year-month-day; write "2020-06-25"',
    "06/2020": '"06/2020": a date is year-month-day; write "2020-06"',
    "2020/6": '"2020/6": a date is year-month-day; write "2020-06"',
    "2019–2020": f'"2019–2020": {RANGE}; write "2019/2020" or "[2019..2020]"',
    "2019 - 2020": f'"2019 - 2020": {RANGE}; write "2019/2020" or "[2019..2020]"',
    "2019–20": f'"2019–20": {RANGE}; write "2019/2020" or "[2019..2020]"',
    # Words.
    "June 2020": '"June 2020": months are numbers; write "2020-06"',
    "Sept. 5th, 2020": '"Sept. 5th, 2020": months are numbers; write "2020-09-05"',
    "30 February 2020": '"2020-02-30": February 2020 has 29 days; the last is "2020-02-29"',
    "Spring 2020": f'"Spring 2020": {SEASON}; write "2020-21"',
    "summer 2020": f'"summer 2020": {SEASON}; write "2020-22"',
    "fall 2020": f'"fall 2020": {SEASON}; write "2020-23"',
    "winter 2020": f'"winter 2020": {SEASON}; write "2020-24"',
    "circa 2016": '"circa 2016": an approximate date ends in ~; write "2016~"',
    "c. 2016": '"c. 2016": an approximate date ends in ~; write "2016~"',
    "1990s": '"1990s": a decade ends in X; write "199X"',
    "before 2021": '"before 2021": a latest date is [..]; write "[..2021]"',
    "after 2015": '"after 2015": an earliest date is [..]; write "[2015..]"',
    "2015 or later": '"2015 or later": an earliest date is [..]; write "[2015..]"',
    "since 2015": '"since 2015": what goes on ends in /..; write "2015/.."',
    "between 2019 and 2020": (
        '"between 2019 and 2020": one day of a range is [..]; write "[2019..2020]"'
    ),
    "2019 or 2020": '"2019 or 2020": one of several dates is [,]; write "[2019,2020]"',
    # Level 2.
    "2004?-06": '"2004?-06": ?, ~ and % stand at the end of a date; write "2004-06?"',
    "2016?~": '"2016?~": both ? and ~ is %; write "2016%"',
    "156X-12-25": (
        '"156X-12-25": X ends a year ("201X", "20XX") or is a month or day ("1985-04-XX")'
    ),
    "2004-1X": '"2004-1X": X ends a year ("201X", "20XX") or is a month or day ("1985-04-XX")',
    "XXXX": '"XXXX": X ends a year ("201X", "20XX") or is a month or day ("1985-04-XX")',
    "1985-XX-25": (
        '"1985-XX-25": X ends a year ("201X", "20XX") or is a month or day ("1985-04-XX")'
    ),
    "2001-34": (
        '"2001-34": there is no month 34; months are 01 to 12 and seasons 21 (spring) to 24 '
        '(winter), such as "2001-12" or "2001-21"'
    ),
    "{2019,2020}": (
        '"{2019,2020}": that is all of a set; write each date by itself, or "[2019,2020]" for '
        "either"
    ),
    "Y17000": '"Y17000": years are 0001 to 9999 in four digits, such as "0850"',
    "-0009": '"-0009": that is before the year 0001; years are 0001 to 9999 in four digits, such as "0850"',
    "2008/unknown": '"2008/unknown": an unknown end is left out; write "2008/"',
    "unknown/2008": '"unknown/2008": an unknown beginning is left out; write "/2008"',
    "open/2012": '"open/2012": an open beginning is ..; write "../2012"',
    "2020/open": '"2020/open": an open end is ..; write "2020/.."',
    "199u": '"199u": an unknown digit is a capital X; write "199X"',
    "2001-uu": '"2001-uu": an unknown digit is a capital X; write "2001-XX"',
    "171?": '"171?": an unspecified digit is X; write "171X"',
    "18--": '"18--": unspecified digits are X; write "18XX"',
    "[18--?]": '"[18--?]": unspecified digits are X; write "18XX"',
    "2020-Q3": '"2020-Q3": a quarter is a range; write "[2020-07..2020-09]"',
    "44 BC": '"44 BC": that is before the year 0001; years are 0001 to 9999 in four digits, such as "0850"',
    "-0044/0001": '"-0044/0001": that is before the year 0001; years are 0001 to 9999 in four digits, such as "0850"',
    "Y-17E7": '"Y-17E7": years are 0001 to 9999 in four digits, such as "0850"',
    "12020": '"12020": years are 0001 to 9999 in four digits, such as "0850"',
    # Anything else.
    "25 June 26, 2020": f'"25 June 26, 2020": {NOT_A_DATE}',
    "soon": f'"soon": {NOT_A_DATE}',
    "2019/2020/2021": f'"2019/2020/2021": {NOT_A_DATE}',
    "2020-06-25-01": f'"2020-06-25-01": {NOT_A_DATE}',
    "a" * 41: f'"{"a" * 40}…": {NOT_A_DATE}',
    "2020\nrm": f'"2020…": {NOT_A_DATE}',
    "2" * 400: f'"222222222222…": 400 characters {TOO_LONG}',
    "[" + "2020," * 20 + "2020]": f'"[2020,2020,2…": 106 characters {TOO_LONG}',
}


@pytest.mark.parametrize(("text", "expected"), MESSAGES.items())
def test_mistakes(text: str, expected: str) -> None:
    """Each mistake is named, and what is shown instead is a date."""
    assert message(text) == expected
    shown = re.findall(r'"([^"]+)"', expected.partition('": ')[2])
    assert shown
    assert [str(PartialDate.parse(instead)) for instead in shown] == shown


def test_one_hundred_characters_are_not_too_many() -> None:
    """The limit is for hostile text; a list may reach it."""
    longest = "[" + "2020," * 18 + "2020-06]"
    assert len(longest) == 99
    assert PartialDate.parse(longest).latest == date(2020, 12, 31)


# What users type.

TYPED = {
    "2020-06": "2020-06",
    "[..2021]": "[..2021]",
    "June 2020": "2020-06",
    "Jun 2020": "2020-06",
    "sept. 2020": "2020-09",
    "MAY 2020": "2020-05",
    "spring 2020": "2020-21",
    "Fall 2019": "2019-23",
    "winter 2019": "2019-24",
    "25 June 2020": "2020-06-25",
    "25th June 2020": "2020-06-25",
    "1 jan 2020": "2020-01-01",
    "2 Feb 2001": "2001-02-02",
    "June 25, 2020": "2020-06-25",
    "june 1st 2020": "2020-06-01",
    "29 February 2020": "2020-02-29",
    "0y": "2026",
    "5y": "2021",
    "5Y": "2021",
    "18m": "2025-05",
    "11m": "2025-12",
}


@pytest.mark.parametrize(("typed", "expected"), TYPED.items())
def test_typed(typed: str, expected: str) -> None:
    """Typed dates become EDTF of the precision that was typed."""
    assert parse_typed(typed, TODAY) == PartialDate.parse(expected)


def test_months_ago_keep_to_the_calendar() -> None:
    """A month before 31 March is February."""
    assert parse_typed("1m", date(2026, 3, 31)) == PartialDate.parse("2026-02")


@pytest.mark.parametrize("typed", ["99999y", "2026y", "30000m", "9" * 60 + "y", "9" * 99 + "m"])
def test_too_long_ago(typed: str) -> None:
    """No count overflows."""
    with pytest.raises(DateError, match=r'…?": that is before the year 0001; write less, such as'):
        parse_typed(typed, TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        "06/07/2020",  # ambiguous
        "1.2.2020",
        "June",  # no year
        "June 20",
        "25 June",
        "June '20",
        "25 June 26",
        "Monday 25 June 2020",
        "25 June 2020 10:00",
        "25 June 26, 2020",
        "25 June 2020 UTC",
        "June 2020 foo",
        "12 Monday 2020",  # December, to dateutil
        "12 and 2020",
        "June and 2020",
        "30 February 2020",
        "25 June 0000",
        "Septe 2020",  # not in dateutil's vocabulary
        "2020-13",
        "2020-6",
        " 2020",
        "5",
        "-5y",
        "5d",
        "٥y",
        "9" * 5000 + "y",
    ],
)
def test_typed_mistakes(typed: str) -> None:
    """What cannot be read for sure is answered as in a file."""
    with pytest.raises(DateError) as caught:
        parse_typed(typed, TODAY)
    assert str(caught.value) == message(typed)


def test_dateutil_waits_until_something_is_typed() -> None:
    """Files are read without it, and it is slow to import."""
    code = (
        "import sys, kztimeline.dates.edtf as dates; dates.PartialDate.parse('2020-06');"
        "print('dateutil' in sys.modules)"
    )
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=here, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


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
    assert PartialDate.parse(text).last_first_day(end) == day(expected)


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


def message(text: str) -> str:
    """Return what the parser says to a text that is no date."""
    with pytest.raises(DateError) as caught:
        PartialDate.parse(text)
    assert type(caught.value) is DateError
    return str(caught.value)
