"""What the TOML parser complains of, reported where the mistake is rather than where it shows.

The parser notices a missing bracket at the next line, a missing quote at the next word. Only
messages and places are corrected here; whether a text is valid is the parser's judgement alone.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from kztimeline.text.errors import Problem
from kztimeline.text.gate import shorten

_POSITION: Final = re.compile(r" at line (\d+) column (\d+)$")


class _Place(NamedTuple):
    """An error, and the row of the text that it was noticed in."""

    rows: list[str]
    line: int
    column: int
    message: str

    @property
    def row(self) -> str:
        return self.rows[self.line - 1] if self.line <= len(self.rows) else ""

    @property
    def before(self) -> str:
        return self.row[: self.column - 1]

    @property
    def here(self) -> str:
        return self.row[self.column - 1 : self.column]


def problem(error: ValueError, source: str, first_line: int = 1) -> Problem:
    """The parser's error as a problem, `source` being the text it saw from `first_line` on."""
    message = str(error)
    rows = source.split("\n")
    found = _POSITION.search(message)
    if found:
        line, column = int(found[1]), int(found[2])
        # The parser gives a byte order mark a column; we don't.
        marked = line == 1 and source.startswith("\ufeff")
        place = _Place(rows, line, max(column - marked, 1), message[: found.start()])
        rows[0] = rows[0].removeprefix("\ufeff")
        place = next((fixed for fix in _FIXES if (fixed := fix(place))), place)
    else:
        # The parser names no place for its recursion limit: it's where the most dots are.
        line = max(range(len(rows)), key=lambda i: rows[i].count(".")) + 1
        place = _Place(rows, line, 1, message)
    return Problem(
        line=first_line + place.line - 1, column=place.column, code="syntax", message=place.message
    )


_CONFLICT: Final = re.compile(r"(?:<{7,}|\|{7,}|={7,}|>{7,})(?=\s|$)")
_MARKS: Final = {
    "<": "our side begins",
    "|": "the common base begins",
    "=": "their side begins",
    ">": "their side ends",
}
_NO_CLOSING_QUOTE: Final = re.compile(r"invalid (?:basic|literal) string, (expected `[\"']`)")
_HALF_HEADER: Final = re.compile(r"\s*(\[)[^][\"'=]*\]\]")
_UNOPENED_LIST: Final = re.compile(r"""[^="'\[]+=\s*(?=["'])""")
_SEVERAL: Final = re.compile(r"""[^="'\[]+=(?:\s*"[^"\\]*"\s*,)+\s*"[^"\\]*"\s*""")
_KEY_BEFORE: Final = re.compile(r"([A-Za-z0-9_-]+)\s*$")
_FIRST_KEY: Final = re.compile(r"\s*[A-Za-z0-9_-]+\s*")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_ASSIGNMENT: Final = re.compile(r"\s*[A-Za-z0-9_-]+\s*=")
_NO_EQUALS: Final = re.compile(r"""\s*[A-Za-z0-9_-]+(?=\s+["'[{])""")
_BARE_TEXT: Final = re.compile(
    r"""\s*[A-Za-z0-9_-]+\s*=\s*(?=[^\s"'[{0-9+#-])(?!(?:true|false|inf|nan)\b)"""
)
# What other formats would have in a line: its pattern, whose group is the place, and what to write.
_HABITS: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (r"\s*(//|/\*|<!--|--|;)", "a comment begins with #"),
        (r"\s*([-*•])\s", "a line begins with its key"),
        (r"\s*(=)", "no key before `=`"),
        (r"""\s*["']?[A-Za-z0-9_-]+["']?\s*(:)""", "write `=` instead of `:`"),
        (r"\s*\[(\s+)\[", "no blanks between brackets, expected `[[`"),
        (r"""\s*\[[^]"'=]*?[^]"'=\s[](\s+)[^]"'=\s]""", "no blanks inside a header"),
        (r"\s*[A-Za-z0-9_-]+(\s+)[A-Za-z0-9_-][A-Za-z0-9_\s-]*=", "no blanks inside a key"),
    )
)
_NOT_A_LINE: Final = (
    "key with no value",
    "unquoted keys cannot be empty",
    "unclosed table",
    "missing assignment between",
)
_NOT_A_VALUE: Final = (
    "string values must be quoted",
    "invalid boolean",
    "invalid float",
    "invalid date",
    "invalid time",
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_VALUE: Final = re.compile(r"\s*+([^]},#\s](?:[^]},#\r]*[^]},#\s])?)")
_BARE_DATE: Final = re.compile(r"""\s*date\s*=\s*([^\s"'#](?:[^#]*[^#\s])?)""")
_UNCLOSED_TEXT: Final = re.compile(r'[^="#]+=\s*"(?:[^"\\]|\\.)*$')


def _conflict(place: _Place) -> _Place | None:
    marker = _CONFLICT.match(place.row)
    if not marker:
        return None
    where = _MARKS[marker[0][0]]
    message = f"an unresolved merge conflict: {marker[0]} is git's mark where {where}"
    return place._replace(column=1, message=f"{message}; kzt merge resolves it")


def _habit(place: _Place) -> _Place | None:
    """A line as other formats have it."""
    if not place.message.startswith(_NOT_A_LINE):
        return None
    key = place.before.rstrip()
    if key.endswith(":"):
        return place._replace(column=len(key), message="write `=` instead of `:`")
    for pattern, message in _HABITS:
        if found := pattern.match(place.row):
            return place._replace(column=found.start(1) + 1, message=message)
    return None


def _second_key(place: _Place) -> _Place | None:
    """Another key on the line of a value without quotes."""
    if not place.message.startswith("unexpected key or value") or place.here != "=":
        return None
    return _at_key_before(place, "a key begins a new line")


def _at_key_before(place: _Place, message: str) -> _Place:
    """The message at the key that stands before this place."""
    # Only the end, so that a long line takes no longer.
    key = _KEY_BEFORE.search(place.before[-100:])
    return place._replace(column=place.column - (len(key[0]) if key else 0), message=message)


def _bare_date(place: _Place) -> _Place | None:
    date = _BARE_DATE.match(place.row)
    value = date[1].rstrip(""",;"' """) if date else ""
    if not date or not value or _DAY.fullmatch(value) or place.message.startswith("duplicate"):
        return None
    return place._replace(column=date.start(1) + 1, message=_unquoted(value, is_date=True))


def _bare_value(place: _Place) -> _Place | None:
    """A word without quotes, or nothing."""
    if not place.message.startswith(_NOT_A_VALUE):
        return None
    start = 1 + max(place.before.rfind(char) for char in "=[,{")
    value = _VALUE.match(place.row, start)
    if not value:
        return place._replace(message="a value is missing")
    if _DAY.fullmatch(value[1]):
        return None
    return place._replace(column=value.start(1) + 1, message=_unquoted(value[1]))


def _unquoted(value: str, *, is_date: bool = False) -> str:
    """The message on a value without the right quotes."""
    if value[0] in "“”„«»‘’":
        return f'not a quote in TOML: {value[0]}, write `"`'
    if value[0] == "=":
        return "one `=` too many"
    if _MONTH.fullmatch(value):
        return f'a month needs quotes: "{value}"'
    if is_date:
        return f'a date needs quotes: "{shorten(value)}"'
    if value.lower() in ("true", "false", "yes", "no"):
        return f"neither `true` nor `false`: {value}"
    return 'missing opening quote, expected `"`'


def _unclosed(place: _Place) -> _Place | None:
    """What should have been closed, or followed by a comma, ends before the blank."""
    inline = "inline table element" in place.message
    if not inline and not place.message.startswith("missing comma"):
        return None
    line, before = place.line, place.before
    while not before.strip() and line > 1:
        line -= 1
        before = place.rows[line - 1]
    end = before.rstrip()
    if not end or "#" in end:
        return None
    column = len(end) + 1
    message = place.message
    if not inline and line < place.line and _ASSIGNMENT.match(place.row):
        message = "unclosed list, expected `]`"
    if inline and end.endswith(","):
        column -= 1
        message = "unclosed inline table, expected `}`"
    return place._replace(line=line, column=column, message=message)


def _closing_quote(place: _Place) -> _Place | None:
    found = _NO_CLOSING_QUOTE.fullmatch(place.message)
    return place._replace(message=f"missing closing quote, {found[1]}") if found else None


def _escape(place: _Place) -> _Place | None:
    slipped = place.message.startswith("missing escaped value") and place.before.endswith("\\")
    message = "a backslash is written `\\\\`"
    return place._replace(column=place.column - 1, message=message) if slipped else None


def _half_header(place: _Place) -> _Place | None:
    header = _HALF_HEADER.match(place.row)
    if not header or not place.message.startswith("unexpected key or value"):
        return None
    return place._replace(column=header.start(1) + 1, message="missing `[`, expected `[[`")


def _unopened(place: _Place) -> _Place | None:
    """A list without its opening bracket, or a table in a list without its brace."""
    if place.message.startswith("unexpected `=` in array"):
        if _FIRST_KEY.fullmatch(place.before):
            return _unclosed(place._replace(column=1, message="missing comma"))
        return _at_key_before(place, "missing `{` before the first key")
    if not place.message.startswith("unexpected key or value") or place.here not in (",", "]"):
        return None
    if _ASSIGNMENT.match(place.row[place.column :]):
        return None
    listed = place.row.rstrip().endswith("]") or _SEVERAL.fullmatch(place.row)
    start = _UNOPENED_LIST.match(place.row) if listed else None
    message = "missing `[` before a list"
    return place._replace(column=start.end() + 1, message=message) if start else None


def _bare_text(place: _Place) -> _Place | None:
    """A text without its opening quote, or with quotes of another kind."""
    value = _BARE_TEXT.match(place.row)
    if not value or place.column <= value.end():
        return None
    message = _unquoted(place.row[value.end() :].strip())
    return place._replace(column=value.end() + 1, message=message)


def _inner_quote(place: _Place) -> _Place | None:
    """A quote inside a text, which ends it."""
    ended = place.before.rstrip()
    quote = ended[-1:]
    unexpected = place.message.startswith("unexpected key or value") and place.here.strip()
    if not unexpected or quote not in ('"', "'"):
        return None
    rest = place.row[place.column - 1 :]
    if rest.strip() in (",", ";"):
        return place._replace(message=f"nothing stands behind a value: {rest.strip()}")
    if _ASSIGNMENT.match(rest.lstrip(",;")):
        return place._replace(message="a key begins a new line")
    if ended != place.before and quote not in rest:
        return None
    message = "the text ends at this quote"
    message += '; inside it, write \\"' if quote == '"' else "; put it between double quotes"
    return place._replace(column=len(ended), message=message)


def _broken_line(place: _Place) -> _Place | None:
    """A text that goes on in the next line."""
    if place.line < 2 or not _UNCLOSED_TEXT.match(place.rows[place.line - 2]):
        return None
    above = place.rows[place.line - 2].removesuffix("\r")
    message = 'the text does not end on its line, expected `"`; long texts stand in """'
    return place._replace(line=place.line - 1, column=len(above) + 1, message=message)


def _no_equals(place: _Place) -> _Place | None:
    key = _NO_EQUALS.match(place.row)
    if not key or not place.message.startswith("key with no value"):
        return None
    # Where it stands in ``key = value``, unless even its blanks are gone.
    return place._replace(column=min(key.end() + 2, place.column), message="missing `=`")


def _twice(place: _Place) -> _Place | None:
    """A key that its table has already: above all where the next event lacks its header."""
    key = _KEY.match(place.row, place.column - 1)
    if not key or place.message.strip() != "duplicate key":
        return None
    single = place.before.strip() == "[" and key[0] == "event"
    hint = "; a new event begins with [[event]]" if key[0] == "id" or single else ""
    return place._replace(message=f'duplicate key "{shorten(key[0])}"{hint}')


_FIXES: Final[tuple[Callable[[_Place], _Place | None], ...]] = (
    _conflict,
    _second_key,
    _bare_date,
    _habit,
    _bare_value,
    _unclosed,
    _closing_quote,
    _escape,
    _half_header,
    _unopened,
    _bare_text,
    _inner_quote,
    _broken_line,
    _no_equals,
    _twice,
)
