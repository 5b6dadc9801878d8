"""What is wrong with text that is not a date, what would be right, and what users may type."""

import re
from collections.abc import Callable
from datetime import date

from kztimeline.dates.edtf import LONGEST, DateError, UnreadError, month_end
from kztimeline.dates.words import MONTHS, SEASONS


def _quote(text: str, most: int = 40) -> str:
    """Quote the first line of a text, at most so many characters of it."""
    shown = "".join(text.splitlines()[:1])[:most]
    return f'"{shown}"' if shown == text else f'"{shown}…"'


def _words(error: UnreadError) -> str:
    """What is wrong with text that has a form of the language."""
    match error.args:
        case "long", text:
            what = f'too many for a date (at most {LONGEST}); write one such as "2020-06-25"'
            return f"{_quote(text, 12)}: {len(text)} characters are {what}"
        case "reversed", text, swapped:
            return f'{_quote(text)}: the end is before the beginning; write "{swapped}"'
        case "open", text:
            return (
                f"{_quote(text)}: only the first of a list may be open at its start, only the last "
                'at its end; write them in order, such as "[..2010,2015,2019..]"'
            )
        case _, text, year, month, day:
            return f"{_quote(text)}: {_off_the_calendar(year, month, day)}"
    return ""


def _off_the_calendar(year: str, month: str | None, day: str | None) -> str:
    """Say why a date of the right form is not in the calendar."""
    number = int(month or 1)
    if int(year.replace("X", "0")) == 0:
        return 'there is no year 0000; years are 0001 to 9999, such as "0001"'
    if number == 24 and day is None:
        return 'this winter ends in the year 10000; years are 0001 to 9999, such as "9998-24"'
    if number == 0:
        return f'there is no month 00; write "{year}" if the month is not known'
    if number > 12:
        return (
            f"there is no month {month}; months are 01 to 12 and seasons 21 (spring) to 24 "
            f'(winter), such as "{year}-12" or "{year}-21"'
        )
    if day == "00":
        return f'there is no day 00; write "{year}-{month}" if the day is not known'
    last = month_end(int(year), number)
    return f'{MONTHS[number - 1]} {year} has {last.day} days; the last is "{last}"'


def explain(text: str, error: UnreadError, read: Callable[[str], object]) -> str:
    """Say what is wrong with text that is no date, and what would be right.

    `read` reads a date, so that no repair is proposed that is wrong in its turn.
    """
    nearest = _words(error)
    if nearest:
        return nearest
    for pattern, what, repairs in _MISTAKES:
        if not re.search(pattern, text):
            continue
        if not repairs:
            return f"{_quote(text)}: {what}"
        right = []
        for repair in repairs:
            repaired = re.sub(_ONE_DIGIT, r"0\1", re.sub(pattern, repair, text))
            try:
                right.append(f'"{read(repaired)}"')
            except UnreadError as wrong:
                nearest = nearest or _words(wrong)
        if right:
            return f"{_quote(text)}: {what}; write {' or '.join(dict.fromkeys(right))}"
    return nearest or (
        f"{_quote(text)}: this is not a date; write a day, month or year, such as "
        '"2020-06-25", "2020-06" or "2020"'
    )


# Stated as text because they are compiled only for what is wrong.
_SPELLED = (
    r"(?ai)^(?:([0-9]{1,2})(?:st|nd|rd|th)? )?([a-z]{3,9})\.?"
    r"(?: ([0-9]{1,2})(?:st|nd|rd|th)?)?,? ([0-9]{4})$"
)


def _spelled(found: re.Match[str]) -> str:
    """Put a match of `_SPELLED` into EDTF; empty if it names no month."""
    before, word, after, year = found.groups()
    months = (n for n, name in enumerate(MONTHS, 1) if name.lower().startswith(word.lower()))
    month = next(months, None)
    if month is None or (before and after):
        return ""
    day = before or after
    return f"{year}-{month:02}-{day:0>2}" if day else f"{year}-{month:02}"


def _quarter(found: re.Match[str]) -> str:
    # One day in it.
    year, number = found[1] or found[4], int(found[2] or found[3])
    return f"[{year}-{3 * number - 2:02}..{year}-{3 * number:02}]"


_SEASON = r"(?i)(spring|summer|autumn|fall|winter) (\d{4})"


def _season(found: re.Match[str]) -> str:
    name = found[1].lower().replace("fall", "autumn")
    return f"{found[2]}-{21 + SEASONS.index(name)}"


def typed(text: str, today: date) -> str:
    """The EDTF for what users may type beside it, a month, a season or `5y` (ago); else empty."""
    if ago := re.fullmatch(r"(?ai)([0-9]{1,99})([ym])", text):
        return _ago(int(ago[1]), ago[2].lower(), today)
    if found := re.fullmatch(_SEASON, text):
        return _season(found)
    found = re.fullmatch(_SPELLED, text)
    # The year of "June 0020" may be a slip for 2020.
    if found and found[2].lower() in _MONTHS and found[4] >= "0100":
        return _spelled(found)
    return ""


_MONTHS = {name.lower()[:length] for name in MONTHS for length in (3, None)} | {"sept"}


def _ago(count: int, unit: str, today: date) -> str:
    from dateutil.relativedelta import relativedelta

    try:
        day = today - (relativedelta(years=count) if unit == "y" else relativedelta(months=count))
    except (ValueError, OverflowError):
        shown = _quote(f"{count}{unit}")
        why = 'that is before the year 0001; write less, such as "5y"'
        raise DateError(f"{shown}: {why}") from None
    return day.isoformat()[: 4 if unit == "y" else 7]


_BEFORE = 'that is before the year 0001; years are 0001 to 9999 in four digits, such as "0850"'
_UNKNOWN = r"(?i)^(?:unknown|undated|n\.?d\.?|none|\?+)$"
_ONE_DIGIT = r"(?<=-)(\d)(?!\d)"

_ORDER = "a date is year-month-day"
_RANGE = "a range is / (from then to then) or [..] (one day in it)"

# A mistake: how it looks, what is wrong, and repairs that replace the pattern, of which those that
# give a date are shown. What has no repair ends with an example.
_MISTAKES: tuple[tuple[str, str, tuple[str | Callable[[re.Match[str]], str], ...]], ...] = (
    (r"^[][\s./,]*$", 'this says nothing; write what is known, such as "2020" or "[..2021]"', ()),
    (_UNKNOWN, 'an unknown date is a range, such as "[..2021]" (by 2021) or "201X"', ()),
    (r"(?i)^(.+)/(?:unknown|unkn?|\?)$", "an unknown end is left out", (r"\1/",)),
    (r"(?i)^(?:unknown|unkn?|\?)/(.+)$", "an unknown beginning is left out", (r"/\1",)),
    (r"(?i)^open/(.+)$", "an open beginning is ..", (r"../\1",)),
    (r"(?i)^(.+)/open$", "an open end is ..", (r"\1/..",)),
    (r"(?i)\b\d{1,4} ?(?:BCE?|B\.C\.(?:E\.)?)$", _BEFORE, ()),
    (r"(?:^|[\[/,]|\.\.)\s*-\d{1,4}(?!\d)", _BEFORE, ()),
    (r"(?i)^(\d{4})[- ]?Q([1-4])$|^Q([1-4])[- ](\d{4})$", "a quarter is a range", (_quarter,)),
    (r"(?<![a-z])u+(?![a-z])", "an unknown digit is a capital X", (lambda m: "X" * len(m[0]),)),
    (r"^\[?(\d\d)--\??\]?$", "unspecified digits are X", (r"\1XX",)),
    (r"^\[?(\d{3})-\??\]?$", "an unspecified digit is X", (r"\1X",)),
    (r"^(\d{3})\?$", "an unspecified digit is X", (r"\1X",)),
    (r"^\s+|\s+$", "a date has no spaces or line breaks around it", ("",)),
    (r"(?![0-9])\d", "the digits are 0 to 9", (lambda found: str(int(found[0])),)),
    (r"(?<=-\d\d)[Tt ]\d[\d:.,]*(?:[Zz]|[+-][\d:]+)?", "a date has no time of day", ("",)),
    (r"x", "an unknown digit is a capital X", ("X",)),
    (r"(?i)^(?:circa|ca?\.?|about) ?(.+)", "an approximate date ends in ~", (r"\1~",)),
    (r"(?i)(?:the )?\b(\d{3})0s\b", "a decade ends in X", (r"\1X",)),
    (_SEASON, "seasons are 21 to 24, and winter begins in December", (_season,)),
    (r"(?i)^(?:before|by) (.+)", "a latest date is [..]", (r"[..\1]",)),
    (r"(?i)^after (.+)|^(.+) or later$", "an earliest date is [..]", (r"[\1\2..]",)),
    (r"(?i)^since (.+)", "what goes on ends in /..", (r"\1/..",)),
    (r"(?i)^between (.+) and (.+)", "one day of a range is [..]", (r"[\1..\2]",)),
    (r"(?i)^(.+) or (.+)", "one of several dates is [,]", (r"[\1,\2]",)),
    (r"^(\d{4}) ?[-\u2013\u2014] ?(\d{4})$", _RANGE, (r"\1/\2", r"[\1..\2]")),
    (r"^((\d\d)\d\d)[/\u2013\u2014](\d\d)$", _RANGE, (r"\1/\2\3", r"[\1..\2\3]")),
    (r"[\u2010-\u2015\u2212]", "only the hyphen of ASCII joins the parts of a date", ("-",)),
    (r"^[^][/]*(?:\.\.|,)[^][/]*$", "one of several dates stands in brackets", (r"[\g<0>]",)),
    (r"^\[(.+)\]$", "brackets offer a choice", (r"\1",)),
    (r"\s+", "a date has no spaces", ("", "-")),
    (r"^(\d\d?)[/.](\d\d?)[/.](\d{4})$", _ORDER, (r"\3-\2-\1", r"\3-\1-\2")),
    (r"^(\d{4})[/.](\d\d?)[/.](\d\d?)$", _ORDER, (r"\1-\2-\3",)),
    (r"^(\d\d?)[/.](\d{4})$", _ORDER, (r"\2-\1",)),
    (r"^(\d{4})[/.](\d\d?)$", _ORDER, (r"\1-\2",)),
    (_ONE_DIGIT, "months and days have two digits", (r"0\1",)),
    (r"^(\d{4})(\d\d)(\d\d)$", "hyphens join the parts of a date", (r"\1-\2-\3",)),
    (_SPELLED, "months are numbers", (_spelled,)),
    (r"\?~|~\?", "both ? and ~ is %", ("%",)),
    (r"([?~%])([\d-]+)", "?, ~ and % stand at the end of a date", (r"\2\1",)),
    (r"\dX|X\d|XX", 'X ends a year ("201X", "20XX") or is a month or day ("1985-04-XX")', ()),
    (r"^\{", 'that is all of a set; write each date by itself, or "[2019,2020]" for either', ()),
    (r"^-|^Y|\dE\d|\dS\d|\d{5}", 'years are 0001 to 9999 in four digits, such as "0850"', ()),
)
