"""Checks of the values that the TOML parser gives, table by table.

A check takes a plain value and returns it as the model wants it, or raises `Rejected` with all
that is wrong. Checks are built from small ones, so one table of keys says what a file may hold.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from kztimeline.dates import DateError, PartialDate
from kztimeline.text import nearest, shorten

Path = tuple[str | int, ...]

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

    run: Callable[[Any], Any]
    """Returns the value as the model wants it, or raises `Rejected`."""
    schema: Mapping[str, Any]


class Finding(NamedTuple):
    """One thing wrong with a value: where inside it, and what."""

    path: Path
    code: str
    message: str
    on_key: bool = False
    known: Collection[str] = ()
    """What the offending name might have been."""
    name: str = ""
    severity: Literal["error", "warning"] = "error"
    hint: str = ""
    """What to do, where it isn't one of the `known`."""
    part: tuple[int, int] | None = None
    """The characters of a text that are meant, if not all of it."""
    at: tuple[int, int] | None = None
    """The offsets in the file, for what has no path."""

    def under(self, key: str | int, subject: str) -> "Finding":
        """The same as seen from the value around: its path, and its subject if it lacks one."""
        lacks = self.message.startswith(("must ", "has "))
        message = f"{subject} {self.message}" if lacks else self.message
        return self._replace(path=(key, *self.path), message=message)


MOST: Final = 1_000
"""How many problems of a file are told: a hostile one has millions, and nobody reads on."""


def limited(findings: Iterable[Finding], end: int) -> list[Finding]:
    """The first `MOST` findings; if there are others, one more says so at the `end` of the file."""
    told = list(islice(findings, MOST + 1))
    if len(told) > MOST:
        message = f"more than {MOST:,} problems; the others are not told"
        told[MOST:] = [Finding((), "too-long", message, severity="warning", at=(end, end))]
    return told


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

    return Check(check, {"type": "string", "minLength": 1, "maxLength": limit})


def choice(noun: str, known: Collection[str]) -> Check:
    """A check for one of the `known` names of a `noun`, which are the same in every file."""
    return Check(reference(noun, known).run, {"enum": list(known)})


def reference(noun: str, known: Collection[str]) -> Check:
    """A check for a `noun` that the file names elsewhere."""

    def check(value: object) -> str:
        if type(value) is not str:
            raise wrong_type(value, "a string")
        if value not in known:
            raise Rejected(unknown(noun, value, known))
        return value

    return Check(check, slug.schema)


def _slug(value: object) -> str:
    if type(value) is not str:
        raise wrong_type(value, "a string")
    if not SLUG.fullmatch(value):
        raise reject("bad-id", slug_message(value))
    return value


slug: Final = Check(_slug, {"type": "string", "pattern": f"^{SLUG.pattern}$"})
"""A check for a name as ids have it."""


def slug_message(value: str) -> str:
    """What is wrong with a name that is no slug."""
    return f'"{shorten(value)}" must be 1 to 64 of a-z, 0-9 and hyphen'


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise wrong_type(value, "true or false")
    return value


flag: Final = Check(_flag, {"type": "boolean"})
"""A check for true or false."""


def _partial_date(value: object) -> PartialDate:
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


# The forms of EDTF, not the calendar: an editor marks a slip while it is typed.
_DAY = r"([0-9]{3}X|[0-9]{2}XX|[0-9]{4}(-XX(-XX)?|-[0-9]{2}(-([0-9]{2}|XX))?)?)[?~%]?"
_DATE = rf"^({_DAY}|({_DAY}|\.\.)?/({_DAY}|\.\.)?|\[(\.\.)?{_DAY}((,|\.\.){_DAY})*(\.\.)?\])$"

partial_date: Final = Check(
    _partial_date,
    {"anyOf": [{"type": "string", "pattern": _DATE}, {"type": "string", "format": "date"}]},
)
"""A check for a date: a string in EDTF, or TOML's own date."""


def list_of(item: Check, noun: str, limit: int) -> Check:
    """A check for a list of distinct values that each pass `item`."""
    run = item.run

    def check(value: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise wrong_type(value, "a list")
        if len(value) > limit:
            raise reject("too-long", f"has {len(value):,} entries, more than {limit}")
        # Nearly always all is right.
        try:
            entries = tuple([run(entry) for entry in value])
            if len(entries) < 2 or len(set(entries)) == len(entries):
                return entries
        except Rejected:
            pass
        found: list[Finding] = []
        items: dict[Any, None] = {}
        for position, entry in enumerate(value):
            try:
                checked = run(entry)
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

    schema = {"type": "array", "items": item.schema, "maxItems": limit, "uniqueItems": True}
    return Check(check, schema)


def fields(
    checks: Mapping[str, Check],
    required: Iterable[str] = (),
    build: Callable[[dict[str, Any]], Any] | None = None,
) -> Check:
    """A check for a table with these keys and no others; `build` makes the value of theirs."""
    needed = frozenset(required)

    def check(raw: object) -> Any:
        values = _values(raw, runs, needed, "key")
        return build(values) if build else values

    runs = {key: check.run for key, check in checks.items()}
    schema = {
        "type": "object",
        "properties": {key: check.schema for key, check in checks.items()},
        "required": [key for key in checks if key in needed],
        "additionalProperties": False,
    }
    return Check(check, schema)


def named(noun: str, known: Iterable[str], value: Check) -> Check:
    """A check for a table from names of a `noun` that the file has elsewhere to a `value`."""
    runs = dict.fromkeys(known, value.run)

    def check(raw: object) -> Mapping[str, Any]:
        return MappingProxyType(_values(raw, runs, frozenset(), noun))

    names = {slug.schema["pattern"]: value.schema}
    schema = {"type": "object", "patternProperties": names, "additionalProperties": False}
    return Check(check, schema)


# Looking for near names takes time; a hostile file has many.
_MOST_MISSPELT: Final = 20


def _values(
    raw: object, runs: Mapping[str, Callable[[Any], Any]], required: frozenset[str], noun: str
) -> dict[str, Any]:
    """The checked values of a table by key: one reader for all tables."""
    if type(raw) is not dict:
        raise wrong_type(raw, "a table")
    # Nearly always all is right.
    try:
        values = {key: runs[key](value) for key, value in raw.items()}
    except (KeyError, Rejected):
        pass
    else:
        if values.keys() >= required:
            return values
    raise Rejected(*_wrong(raw, runs, required, noun))


def _wrong(
    raw: Mapping[str, Any],
    runs: Mapping[str, Callable[[Any], Any]],
    required: frozenset[str],
    noun: str,
) -> list[Finding]:
    """All that is wrong with a table."""
    found: list[Finding] = []
    for key, value in raw.items():
        run = runs.get(key)
        if run is None:
            found.append(unknown(noun, key, runs.keys(), (key,)))
        else:
            try:
                run(value)
            except Rejected as rejected:
                found += [finding.under(key, key) for finding in rejected.findings]
        if len(found) > MOST:
            break
    if not raw.keys() >= required:
        missing = required - raw.keys()
        # A required key that is only misspelt is one mistake, not two.
        strange = [key for key in raw if key not in runs][:_MOST_MISSPELT]
        misspelt = {nearest(key, missing) for key in strange}
        for key in sorted(missing - misspelt):
            found.append(Finding((), "missing-key", f'missing key "{key}"'))
    return found


# --- the manual --------------------------------------------------------------------------------

# What ``kzt check --explain`` tells of the codes above, written like the docstrings of rules.py.
MANUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unknown-key": """
            A key that its table does not have.

            Mostly a slip of the pen: the message names the nearest key, or all there are.

            Fails:

                [[event]]
                sumary = "Organisers notify the authorities."

            Passes:

                [[event]]
                summary = "Organisers notify the authorities."
            """,
        "missing-key": """
            A key that its table must have.

            An event needs id, date, title, kind, topics, summary and sources; a source title, date
            and perspective; a matter title; a citation source and at.

            Fails:

                [[event]]
                sources = [{ source = "gazette" }]

            Passes:

                [[event]]
                sources = [{ source = "gazette", at = "page 1" }]
            """,
        "wrong-type": """
            A value of another type than its key takes.

            Texts stand in quotes, lists in square brackets, tables in braces; true and false
            stand alone.

            Fails:

                [[event]]
                topics = "assembly"

            Passes:

                [[event]]
                topics = ["assembly"]
            """,
        "empty-text": """
            A text without a letter in it.

            Write the text, or leave out the key if it is an optional one.

            Fails:

                [[event]]
                asks = " "

            Passes:

                [[event]]
                asks = "Change the law"
            """,
        "too-long": """
            A text or a list longer than readers can take in.

            Titles have at most 300 characters, summaries and notes 5,000, `says`, `asks` and
            `dating` 1,000, names 64, lists 100 entries. Say it more briefly. Of a file with more
            than 1,000 problems, the first 1,000 are told: mend these, and check again.

            Fails:

                [[event]]
                title = \"\"\"
                A law that was discussed for a long time, first in the one chamber of Parliament \\
                and then in the other, sent back by the President with remarks on more than one \\
                of its articles, discussed again in both chambers, adopted at last by a large \\
                majority, signed on the following day and published in the gazette soon after\"\"\"

            Passes:

                [[event]]
                title = "A law is adopted"
            """,
        "bad-date": """
            A date that can't be read.

            Dates are EDTF (ISO 8601-2) in quotes, as precise as the source: "2020", "2020-06",
            "2020-06-25", "2014?", "2016~", "201X", "2020-21" (spring), "2019-09-16/2019-09-27"
            (from then to then), "2003/.." (still going on), "[2019-07..2019-10]" (one day in that
            range), "[..2021]" (by 2021). The message says what would be right.

            Fails:

                [[event]]
                date = "June 2020"

            Passes:

                [[event]]
                date = "2020-06"
            """,
        "bad-id": """
            A name that is not made of the letters a to z, digits and hyphens.

            Names are typed on command lines and stand in addresses: 1 to 64 of these characters,
            no capitals, no blanks, no letters of other alphabets that look the same.

            Fails:

                [[event]]
                id = "2020 Law"

            Passes:

                [[event]]
                id = "2020-law"
            """,
        "unknown-topic": """
            A topic that the table [topic] does not have.

            Use one that is there, or add it with its label.

            Fails:

                [[event]]
                topics = ["asembly"]

            Passes:

                [[event]]
                topics = ["assembly"]
            """,
        "unknown-matter": """
            A state of a matter that has no table.

            Use one that is there, or add a [matter.…] table with its title.

            Fails:

                [[event]]
                state = { lible = "An offence" }

            Passes:

                [[event]]
                state = { libel = "An offence" }
            """,
        "unknown-source": """
            A citation of a source that has no table.

            Use one that is there, or add a [source.…] table with its title, date and perspective.

            Fails:

                [[event]]
                sources = [{ source = "gazete", at = "page 1" }]

            Passes:

                [[event]]
                sources = [{ source = "gazette", at = "page 1" }]
            """,
        "unknown-event": """
            An answer to an event that is not there.

            `answers` holds ids of events.

            Fails:

                [[event]]
                answers = ["frist"]

            Passes:

                [[event]]
                answers = ["first"]
            """,
        "unknown-kind": """
            A kind of event that there is none of.

            `kzt list --kind` completes to all kinds; the README lists them.

            Fails:

                [[event]]
                kind = "conference"

            Passes:

                [[event]]
                kind = "forum"
            """,
        "unknown-status": """
            A status other than occurred, scheduled and alleged.

            What occurred needs no status; scheduled is what is yet to happen, alleged what is an
            accusation.

            Fails:

                [[event]]
                status = "planned"

            Passes:

                [[event]]
                status = "scheduled"
            """,
        "unknown-perspective": """
            A perspective other than official, un, igo, ngo, expert, media and opinion.

            It says whose voice a document is, or a citation where the document quotes another.

            Fails:

                [[event]]
                sources = [{ source = "gazette", at = "page 1", perspective = "press" }]

            Passes:

                [[event]]
                sources = [{ source = "gazette", at = "page 1", perspective = "media" }]
            """,
        "duplicate": """
            The same entry twice in a list.

            Take one of them out.

            Fails:

                [[event]]
                topics = ["assembly", "assembly"]

            Passes:

                [[event]]
                topics = ["assembly"]
            """,
    }
)
