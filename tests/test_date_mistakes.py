"""How mistakes in dates are answered, and what users may type."""

import os
import re
import subprocess
import sys
from datetime import date

import pytest

from kztimeline.dates.edtf import DateError, Match, PartialDate, parse_typed
from tests.oracles.dates import (
    message,
)

NO, POSSIBLY, CERTAINLY = Match.NO, Match.POSSIBLY, Match.CERTAINLY
TODAY = date(2026, 11, 21)


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
