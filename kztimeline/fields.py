"""Checks of the values that the TOML parser gives, table by table.

A check takes a plain value and returns it as the model wants it, or raises `Rejected` with all
that is wrong. Checks are built from small ones, so one table of keys says what a file may hold.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from kztimeline.dates import DateError, PartialDate
from kztimeline.text import shorten

Path = tuple[str | int, ...]
Check = Callable[[Any], Any]

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


class Finding(NamedTuple):
    """One thing wrong with a value: where inside it, and what."""

    path: Path
    code: str
    message: str
    on_key: bool = False
    known: Collection[str] = ()
    """What the offending name might have been."""
    name: str = ""

    def under(self, key: str | int, subject: str) -> "Finding":
        """The same as seen from the value around: its path, and its subject if it lacks one."""
        lacks = self.message.startswith(("must ", "has "))
        message = f"{subject} {self.message}" if lacks else self.message
        return self._replace(path=(key, *self.path), message=message)


class Rejected(Exception):
    """A value that its check refuses, with paths relative to that value."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings


def reject(code: str, message: str) -> Rejected:
    """The refusal of the value itself."""
    return Rejected(Finding((), code, message))


def unknown(noun: str, name: str, known: Collection[str], path: Path = ()) -> Finding:
    """A name that isn't there; with a `path`, it is the key at that path."""
    message = f'unknown {noun} "{shorten(name)}"'
    return Finding(path, f"unknown-{noun}", message, bool(path), known, name)


def wrong_type(value: object, wanted: str) -> Rejected:
    """The refusal of a value of another type than the one `wanted`."""
    return reject("wrong-type", f"must be {wanted}, not {_TYPES.get(type(value), 'a time')}")


def text(limit: int) -> Check:
    """A check for a string of 1 to `limit` characters."""

    def check(value: object) -> str:
        # type(), not isinstance(): a bool is not an int, and subclasses don't come from TOML.
        if type(value) is not str:
            raise wrong_type(value, "a string")
        if not value or value.isspace():
            raise reject("empty-text", "must not be empty")
        if len(value) > limit:
            raise reject("too-long", f"has {len(value):,} characters, more than {limit:,}")
        # A checkout with the line ends of another system is the same record.
        return value.replace("\r\n", "\n") if "\r" in value else value

    return check


def choice(noun: str, known: Collection[str]) -> Check:
    """A check for one of the `known` names of a `noun`."""

    def check(value: object) -> str:
        if type(value) is not str:
            raise wrong_type(value, "a string")
        if value not in known:
            raise Rejected(unknown(noun, value, known))
        return value

    return check


def slug(value: object) -> str:
    """Check a name as ids have it."""
    if type(value) is not str:
        raise wrong_type(value, "a string")
    if not SLUG.fullmatch(value):
        raise reject("bad-id", slug_message(value))
    return value


def slug_message(value: str) -> str:
    """What is wrong with a name that is no slug."""
    return f'"{shorten(value)}" must be 1 to 64 of a-z, 0-9 and hyphen'


def flag(value: object) -> bool:
    """Check a boolean."""
    if type(value) is not bool:
        raise wrong_type(value, "true or false")
    return value


def partial_date(value: object) -> PartialDate:
    """Check a date: a string in EDTF, or TOML's own date."""
    if type(value) is date:
        return PartialDate.parse(value.isoformat())
    if type(value) is int:
        raise reject("bad-date", f'a date needs quotes: "{str(value)[:40]}"')
    if type(value) is datetime:
        raise reject("bad-date", f'a date has no time of day: "{value.date().isoformat()}"')
    if type(value) is not str:
        raise wrong_type(value, "a date")
    try:
        return PartialDate.parse(value)
    except DateError as error:
        raise reject("bad-date", str(error)) from None


def list_of(item: Check, noun: str, limit: int) -> Check:
    """A check for a list of distinct values that each pass `item`."""

    def check(value: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise wrong_type(value, "a list")
        if len(value) > limit:
            raise reject("too-long", f"has {len(value):,} entries, more than {limit}")
        found: list[Finding] = []
        items: dict[Any, None] = {}
        for position, entry in enumerate(value):
            try:
                checked = item(entry)
            except Rejected as rejected:
                found += [finding.under(position, noun) for finding in rejected.findings]
                continue
            if checked in items:
                name = f' "{shorten(entry)}"' if type(entry) is str else ""
                found.append(Finding((position,), "duplicate", f"{noun}{name} stands twice"))
            items[checked] = None
        if found:
            raise Rejected(*found)
        return tuple(items)

    return check


class Fields:
    """The keys that a table may and must have, each with its check: one reader for all tables."""

    def __init__(
        self, checks: Mapping[str, Check], required: Iterable[str] = (), noun: str = "key"
    ) -> None:
        self.checks = checks
        self.required = frozenset(required)
        self.noun = noun

    def __call__(self, raw: object) -> dict[str, Any]:
        """Check a table: its values by key."""
        if type(raw) is not dict:
            raise wrong_type(raw, "a table")
        checks, values, found = self.checks, {}, []
        for key, value in raw.items():
            check = checks.get(key)
            if check is None:
                found.append(unknown(self.noun, key, checks.keys(), (key,)))
                continue
            try:
                values[key] = check(value)
            except Rejected as rejected:
                found += [finding.under(key, key) for finding in rejected.findings]
        if not raw.keys() >= self.required:
            for key in sorted(self.required - raw.keys()):
                found.append(Finding((), "missing-key", f'missing key "{key}"'))
        if found:
            raise Rejected(*found)
        return values
