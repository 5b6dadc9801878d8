"""The English for dates: months, seasons, and what each form of EDTF says."""

import re

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SEASONS = ("spring", "summer", "autumn", "winter")
DASH = "\u2013"


def words(text: str) -> str:
    """Say a date in EDTF."""
    if text.startswith("["):
        *others, last = map(_option_in_words, text[1:-1].split(","))
        return f"{', '.join(others)} or {last}" if others else last
    return _interval_in_words(*text.split("/")) if "/" in text else in_words(text)


def _option_in_words(item: str) -> str:
    # A date, or a range of which one day is meant.
    start, dots, end = item.partition("..")
    if not dots:
        return in_words(item)
    if not start:
        return f"by {in_words(end)}"
    if not end:
        return f"{in_words(start)} or later"
    if start != end and start.startswith(f"{end}-"):
        return f"{in_words(start)} or later that {'year' if len(end) == 4 else 'month'}"
    first, last, shared = _pair_in_words(start, end)
    return f"between {first} and {last}{shared}" if first else shared


def _interval_in_words(start: str, end: str) -> str:
    if start in ("", ".."):
        return f"until {in_words(end)}" if start else f"to {in_words(end)} (start unknown)"
    if end in ("", ".."):
        return f"since {in_words(start)}" if end else f"from {in_words(start)} (end unknown)"
    first, last, shared = _pair_in_words(start, end)
    if not first:
        return shared
    dash = f" {DASH} " if re.search(f"[ {DASH}]", first + last) else DASH
    return f"{first}{dash}{last}{shared}"


def _pair_in_words(start: str, end: str) -> tuple[str, str, str]:
    """Return what only the first says, what only the second says, and how both end."""
    first, last = in_words(start).split(" "), in_words(end).split(" ")
    shared = 0
    # Dates equally precise say their year once; remarks stay with their date.
    if start == end or (len(start) == len(end) and "(" not in "".join(first + last)):
        while shared < min(len(first), len(last)) and first[-1 - shared] == last[-1 - shared]:
            shared += 1
    own = len(last) - shared
    tail = "".join(f" {word}" for word in last[own:])
    return " ".join(first[: len(first) - shared]), " ".join(last[:own]), tail if own else tail[1:]


def in_words(text: str) -> str:
    """Say a date that is neither an interval nor a list."""
    plain = text.rstrip("?~%")
    mark = text[len(plain) :]
    said = _unqualified_in_words(plain.removesuffix("-XX").removesuffix("-XX"))
    notes = []
    if plain.endswith("-XX"):
        notes.append("month unknown" if len(plain) == len("2004-XX") else "day unknown")
    if mark in ("?", "%"):
        notes.append("uncertain")
    circa = "c. " if mark in ("~", "%") else ""
    return f"{circa}{said} ({', '.join(notes)})" if notes else circa + said


def _unqualified_in_words(text: str) -> str:
    year, month, day = (*text.split("-"), "", "")[:3]
    if year.endswith("XX"):
        return f"{year[:2]}00{DASH}{year[:2]}99"
    if year.endswith("X"):
        return f"{year[:3]}0s"
    if not month:
        return year
    if month < "20":
        name = f"{MONTHS[int(month) - 1]} {year}"
        return f"{int(day)} {name}" if day else name
    season = f"{SEASONS[int(month) - 21]} {year}"
    if month < "24":
        return season
    following = f"{int(year) + 1:04}"
    return season + DASH + (following if following.endswith("00") else following[2:])
