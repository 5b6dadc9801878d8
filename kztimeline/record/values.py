"""Checks of the values that the TOML parser gives, table by table.

Checks are built from small ones, so one table of keys says what a file may hold. What is made of
a value is apart from whether it is valid: most questions want few events of a large file.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kztimeline.dates.edtf import DateError, PartialDate
from kztimeline.text.errors import Finding, KeyPath
from kztimeline.text.gate import is_blank, nearest, shorten

SLUG: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)

_TYPES: Final[Mapping[type, str]] = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date",
    datetime: "a date with a time",
}


class Check(NamedTuple):
    """What a value must be: for the reader, and as JSON Schema for editors."""

    kind: type
    """The type of a valid value."""
    is_valid: Callable[[Any], bool]
    """Whether a value is valid for sure, as nearly all are; of others, `errors` decides."""
    errors: Callable[[Any], "list[Finding]"]
    """All that is wrong with a value of the right type."""
    build: Callable[[Any], Any]
    """A valid value as the model wants it."""
    schema: Mapping[str, Any]

    def findings(self, value: object) -> "list[Finding]":
        """All that is wrong with a value, with paths relative to it."""
        if self.is_valid(value):
            return []
        if type(value) is self.kind or self.kind is object:
            return self.errors(value)
        return [wrong_type(value, _TYPES[self.kind])]


MOST: Final = 1_000
"""How many problems of a file are reported: a hostile one has millions, and nobody reads on."""


def limited(findings: Iterable[Finding], end: int) -> list[Finding]:
    """The first `MOST` findings; if there are others, one more says so at the `end` of the file."""
    first = list(islice(findings, MOST + 1))
    if len(first) > MOST:
        message = f"more than {MOST:,} problems; the others are not reported"
        first[MOST:] = [Finding((), "too-long", message, severity="warning", at=(end, end))]
    return first


def unknown(noun: str, name: str, known: Collection[str], path: KeyPath = ()) -> Finding:
    """A name that isn't there; with a `path`, it is the key at that path."""
    message = f'unknown {noun} "{shorten(name)}"'
    return Finding(path, f"unknown-{noun}", message, bool(path), known, name)


def wrong_type(value: object, wanted: str) -> Finding:
    """A value of another type than the one `wanted`."""
    return Finding((), "wrong-type", f"must be {wanted}, not {_TYPES.get(type(value), 'a time')}")


def _same(value: Any) -> Any:
    return value


def text(limit: int) -> Check:
    """A check for a string of 1 to `limit` characters."""

    def is_valid(value: Any) -> bool:
        # type(), not isinstance(): a bool is not an int, and subclasses don't come from TOML.
        # Nearly all begin with a letter of ASCII.
        is_text = type(value) is str and 0 < len(value) <= limit
        return is_text and ("0" <= value[0] <= "z" or not is_blank(value))

    def errors(value: str) -> list[Finding]:
        if len(value) > limit:
            message = f"has {len(value):,} characters, more than {limit:,}"
            return [Finding((), "too-long", message)]
        return [Finding((), "empty-text", "must not be empty")]

    schema = {"type": "string", "minLength": 1, "maxLength": limit}
    return Check(str, is_valid, errors, _with_plain_line_ends, schema)


def _with_plain_line_ends(value: str) -> str:
    # A checkout with the line ends of another system is the same record.
    return value.replace("\r\n", "\n") if "\r" in value else value


def choice(noun: str, known: Collection[str]) -> Check:
    """A check for one of the `known` names of a `noun`, which are the same in every file."""
    return reference(noun, known)._replace(schema={"enum": list(known)})


def reference(noun: str, known: Collection[str]) -> Check:
    """A check for a `noun` that the file names elsewhere."""

    def is_valid(value: object) -> bool:
        return type(value) is str and value in known

    return Check(str, is_valid, lambda name: [unknown(noun, name, known)], _same, slug.schema)


def slug_message(value: str) -> str:
    """What is wrong with a name that is no slug."""
    return f'"{shorten(value)}" must be 1 to 64 of a-z, 0-9 and hyphen'


slug: Final = Check(
    str,
    lambda value: type(value) is str and SLUG.fullmatch(value) is not None,
    lambda value: [Finding((), "bad-id", slug_message(value))],
    _same,
    {"type": "string", "pattern": f"^{SLUG.pattern}$"},
)
"""A check for a name as ids have it."""

flag: Final = Check(
    bool, lambda value: type(value) is bool, lambda _: [], _same, {"type": "boolean"}
)
"""A check for true or false."""


# RFC 5646, section 2.1, without the grandfathered tags.
_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)


def _language_errors(value: str) -> list[Finding]:
    message = f'"{shorten(value)}" is no language tag (BCP 47), such as ru, kk or sr-Latn'
    return [Finding((), "bad-language", message)]


language: Final = Check(
    str,
    lambda value: type(value) is str and len(value) <= 64 and bool(_LANGUAGE.fullmatch(value)),
    _language_errors,
    _same,
    {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
)
"""A check for a tag of BCP 47."""


def _is_date(value: object) -> bool:
    try:
        return type(value) is date or (type(value) is str and PartialDate.parse(value) is not None)
    except DateError:
        return False


def _date_errors(value: object) -> list[Finding]:
    message = ""
    if type(value) is int:
        message = f'a date needs quotes: "{str(value)[:40]}"'
    elif type(value) is datetime:
        message = f'a date has no time of day: "{value.date().isoformat()}"'
    elif type(value) is str:
        try:
            PartialDate.parse(value)
        except DateError as error:
            message = str(error)
    return [Finding((), "bad-date", message) if message else wrong_type(value, "a date")]


# The forms of EDTF, not the calendar: an editor marks a slip while it is typed.
_DAY = r"([0-9]{3}X|[0-9]{2}XX|[0-9]{4}(-XX(-XX)?|-[0-9]{2}(-([0-9]{2}|XX))?)?)[?~%]?"
_DATE = rf"^({_DAY}|({_DAY}|\.\.)?/({_DAY}|\.\.)?|\[(\.\.)?{_DAY}((,|\.\.){_DAY})*(\.\.)?\])$"

partial_date: Final = Check(
    object,
    _is_date,
    _date_errors,
    lambda value: PartialDate.parse(str(value)),
    {"anyOf": [{"type": "string", "pattern": _DATE}, {"type": "string", "format": "date"}]},
)
"""A check for a date: a string in EDTF, or TOML's own date."""


def list_of(item: Check, noun: str, limit: int, name: Callable[[Any], Hashable] = _same) -> Check:
    """A check for a list of distinct values that each pass `item`.

    Values of which `name` makes different ones are distinct; others may be.
    """
    is_item, build = item.is_valid, item.build

    def is_valid(value: object) -> bool:
        if type(value) is not list or len(value) > limit:
            return False
        for entry in value:
            if not is_item(entry):
                return False
        return len(value) < 2 or len(set(map(name, value))) == len(value)

    return Check(
        list,
        is_valid,
        lambda value: _entry_errors(value, item, noun, limit),
        lambda value: tuple([build(entry) for entry in value]),
        {"type": "array", "items": item.schema, "maxItems": limit, "uniqueItems": True},
    )


def _entry_errors(entries: list[Any], item: Check, noun: str, limit: int) -> list[Finding]:
    """All that is wrong with the entries of a list, each by itself and as one of them."""
    if len(entries) > limit:
        return [Finding((), "too-long", f"has {len(entries):,} entries, more than {limit}")]
    found: list[Finding] = []
    others: set[Any] = set()
    for position, entry in enumerate(entries):
        if errors := item.findings(entry):
            found += [finding.under(position, noun) for finding in errors]
            continue
        built = item.build(entry)
        if built in others:
            name = f' "{shorten(entry)}"' if type(entry) is str else ""
            found.append(Finding((position,), "duplicate", f"{noun}{name} stands twice"))
        others.add(built)
    return found


def fields(
    checks: Mapping[str, Check], required: frozenset[str], build: Callable[[Any], Any]
) -> Check:
    """A check for a table with these keys and no others; `build` makes the value of theirs."""
    schema = {
        "type": "object",
        "properties": {key: check.schema for key, check in checks.items()},
        "required": [key for key in checks if key in required],
        "additionalProperties": False,
    }
    return _table(checks, required, "key", build, schema)


def named(noun: str, known: Iterable[str], value: Check) -> Check:
    """A check for a table from names of a `noun` that the file has elsewhere to a `value`."""
    names = {slug.schema["pattern"]: value.schema}
    schema = {"type": "object", "patternProperties": names, "additionalProperties": False}
    return _table(dict.fromkeys(known, value), frozenset(), noun, MappingProxyType, schema)


def _table(
    checks: Mapping[str, Check],
    required: frozenset[str],
    noun: str,
    build: Callable[[dict[str, Any]], Any],
    schema: Mapping[str, Any],
) -> Check:
    """A check for a table whose keys, each a `noun`, are those of `checks`."""
    are_valid = {key: check.is_valid for key, check in checks.items()}
    builds = {key: check.build for key, check in checks.items()}

    def is_valid(raw: object) -> bool:
        if type(raw) is not dict:
            return False
        try:
            for key, value in raw.items():
                if not are_valid[key](value):
                    return False
        except KeyError:
            return False
        return raw.keys() >= required

    return Check(
        dict,
        is_valid,
        lambda raw: _table_errors(raw, checks, required, noun),
        lambda raw: build({key: builds[key](value) for key, value in raw.items()}),
        schema,
    )


# Looking for near names takes time; a hostile file has many.
_MOST_MISSPELLED: Final = 20


def _table_errors(
    raw: Mapping[str, Any], checks: Mapping[str, Check], required: frozenset[str], noun: str
) -> list[Finding]:
    """All that is wrong with the keys and values of a table."""
    found: list[Finding] = []
    for key, value in raw.items():
        if key in checks:
            found += [finding.under(key, key) for finding in checks[key].findings(value)]
        else:
            found.append(unknown(noun, key, checks.keys(), (key,)))
        if len(found) > MOST:
            break
    missing = required - raw.keys()
    # A required key that is only misspelled is one mistake, not two.
    strange = [key for key in raw if key not in checks][:_MOST_MISSPELLED]
    missing -= {nearest(key, missing) for key in strange}
    return found + [Finding((), "missing-key", f'missing key "{key}"') for key in sorted(missing)]
