"""Checks of the values that the TOML parser gives, table by table.

Checks are built from small ones, so one table of keys says what a file may hold. What is made of
a value is apart from whether it is right: most questions want few events of a large file.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.dates.mistakes import DateError
from kztimeline.text.errors import Finding, KeyPath
from kztimeline.text.gate import nearest, shorten

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

    is_valid: Callable[[Any], bool]
    """Whether a value is valid for sure, as nearly all are; of others, `errors` decides."""
    errors: Callable[[Any], "list[Finding]"]
    """All that is wrong with a value."""
    build: Callable[[Any], Any]
    """A valid value as the model wants it."""
    schema: Mapping[str, Any]

    def findings(self, value: object) -> "list[Finding]":
        """All that is wrong with a value, with paths relative to it."""
        return [] if self.is_valid(value) else self.errors(value)


MOST: Final = 1_000
"""How many problems of a file are told: a hostile one has millions, and nobody reads on."""


def limited(findings: Iterable[Finding], end: int) -> list[Finding]:
    """The first `MOST` findings; if there are others, one more says so at the `end` of the file."""
    told = list(islice(findings, MOST + 1))
    if len(told) > MOST:
        message = f"more than {MOST:,} problems; the others are not told"
        told[MOST:] = [Finding((), "too-long", message, severity="warning", at=(end, end))]
    return told


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

    def is_valid(value: object) -> bool:
        # type(), not isinstance(): a bool is not an int, and subclasses don't come from TOML.
        return type(value) is str and 0 < len(value) <= limit and not value.isspace()

    def errors(value: object) -> list[Finding]:
        if type(value) is not str:
            return [wrong_type(value, "a string")]
        if not value or value.isspace():
            return [Finding((), "empty-text", "must not be empty")]
        if len(value) > limit:
            message = f"has {len(value):,} characters, more than {limit:,}"
            return [Finding((), "too-long", message)]
        return []

    schema = {"type": "string", "minLength": 1, "maxLength": limit}
    return Check(is_valid, errors, _with_plain_line_ends, schema)


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

    def errors(value: object) -> list[Finding]:
        if type(value) is not str:
            return [wrong_type(value, "a string")]
        return [] if value in known else [unknown(noun, value, known)]

    return Check(is_valid, errors, _same, slug.schema)


def _is_slug(value: object) -> bool:
    return type(value) is str and SLUG.fullmatch(value) is not None


def _no_slug(value: object) -> list[Finding]:
    if type(value) is not str:
        return [wrong_type(value, "a string")]
    return [] if SLUG.fullmatch(value) else [Finding((), "bad-id", slug_message(value))]


slug: Final = Check(_is_slug, _no_slug, _same, {"type": "string", "pattern": f"^{SLUG.pattern}$"})
"""A check for a name as ids have it."""


def slug_message(value: str) -> str:
    """What is wrong with a name that is no slug."""
    return f'"{shorten(value)}" must be 1 to 64 of a-z, 0-9 and hyphen'


def _is_flag(value: object) -> bool:
    return type(value) is bool


def _no_flag(value: object) -> list[Finding]:
    return [] if type(value) is bool else [wrong_type(value, "true or false")]


flag: Final = Check(_is_flag, _no_flag, _same, {"type": "boolean"})
"""A check for true or false."""


# RFC 5646, section 2.1, without the grandfathered tags.
_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)


def _is_language(value: object) -> bool:
    return type(value) is str and len(value) <= 64 and _LANGUAGE.fullmatch(value) is not None


def _no_language(value: object) -> list[Finding]:
    if type(value) is not str:
        return [wrong_type(value, "a string")]
    if _is_language(value):
        return []
    message = f'"{shorten(value)}" is no language tag (BCP 47), such as ru, kk or sr-Latn'
    return [Finding((), "bad-language", message)]


language: Final = Check(
    _is_language,
    _no_language,
    _same,
    {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
)
"""A check for a tag of BCP 47."""


def _is_date(value: object) -> bool:
    try:
        return type(value) is date or (type(value) is str and PartialDate.parse(value) is not None)
    except DateError:
        return False


def _no_date(value: object) -> list[Finding]:
    if type(value) is int:
        message = f'a date needs quotes: "{str(value)[:40]}"'
    elif type(value) is datetime:
        message = f'a date has no time of day: "{value.date().isoformat()}"'
    elif type(value) is str:
        try:
            PartialDate.parse(value)
        except DateError as error:
            message = str(error)
        else:
            return []
    else:
        return [] if type(value) is date else [wrong_type(value, "a date")]
    return [Finding((), "bad-date", message)]


def _date(value: str | date) -> PartialDate:
    return PartialDate.parse(value if type(value) is str else str(value))


# The forms of EDTF, not the calendar: an editor marks a slip while it is typed.
_DAY = r"([0-9]{3}X|[0-9]{2}XX|[0-9]{4}(-XX(-XX)?|-[0-9]{2}(-([0-9]{2}|XX))?)?)[?~%]?"
_DATE = rf"^({_DAY}|({_DAY}|\.\.)?/({_DAY}|\.\.)?|\[(\.\.)?{_DAY}((,|\.\.){_DAY})*(\.\.)?\])$"

partial_date: Final = Check(
    _is_date,
    _no_date,
    _date,
    {"anyOf": [{"type": "string", "pattern": _DATE}, {"type": "string", "format": "date"}]},
)
"""A check for a date: a string in EDTF, or TOML's own date."""


def list_of(item: Check, noun: str, limit: int, name: Callable[[Any], Hashable] = _same) -> Check:
    """A check for a list of distinct values that each pass `item`.

    Values of which `name` makes different ones are distinct; others may be.
    """
    is_item = item.is_valid

    def is_valid(value: object) -> bool:
        if type(value) is not list or len(value) > limit:
            return False
        for entry in value:
            if not is_item(entry):
                return False
        return len(value) < 2 or len(set(map(name, value))) == len(value)

    def errors(value: object) -> list[Finding]:
        if type(value) is not list:
            return [wrong_type(value, "a list")]
        if len(value) > limit:
            return [Finding((), "too-long", f"has {len(value):,} entries, more than {limit}")]
        return _entry_errors(value, item, noun)

    def built(value: list[Any]) -> tuple[Any, ...]:
        return tuple([item.build(entry) for entry in value])

    schema = {"type": "array", "items": item.schema, "maxItems": limit, "uniqueItems": True}
    return Check(is_valid, errors, built, schema)


def _entry_errors(entries: Iterable[Any], item: Check, noun: str) -> list[Finding]:
    """All that is wrong with the entries of a list, each by itself and as one of them."""
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
    checks: Mapping[str, Check],
    required: Iterable[str] = (),
    build: Callable[[dict[str, Any]], Any] = _same,
) -> Check:
    """A check for a table with these keys and no others; `build` makes the value of theirs."""
    needed = frozenset(required)
    schema = {
        "type": "object",
        "properties": {key: check.schema for key, check in checks.items()},
        "required": [key for key in checks if key in needed],
        "additionalProperties": False,
    }
    return _table(checks, needed, "key", build, schema)


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
    """A check for a table whose keys are those of `checks`."""
    are_valid = {key: check.is_valid for key, check in checks.items()}
    make = {key: check.build for key, check in checks.items()}

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

    def errors(raw: object) -> list[Finding]:
        if type(raw) is not dict:
            return [wrong_type(raw, "a table")]
        return _table_errors(raw, checks, required, noun)

    def built(raw: Mapping[str, Any]) -> Any:
        return build({key: make[key](value) for key, value in raw.items()})

    return Check(is_valid, errors, built, schema)


# Looking for near names takes time; a hostile file has many.
_MOST_MISSPELT: Final = 20


def _table_errors(
    raw: Mapping[str, Any], checks: Mapping[str, Check], required: frozenset[str], noun: str
) -> list[Finding]:
    """All that is wrong with the keys and values of a table."""
    found: list[Finding] = []
    for key, value in raw.items():
        check = checks.get(key)
        if check is None:
            found.append(unknown(noun, key, checks.keys(), (key,)))
        else:
            found += [finding.under(key, key) for finding in check.findings(value)]
        if len(found) > MOST:
            break
    if not raw.keys() >= required:
        missing = required - raw.keys()
        # A required key that is only misspelt is one mistake, not two.
        strange = [key for key in raw if key not in checks][:_MOST_MISSPELT]
        misspelt = {nearest(key, missing) for key in strange}
        for key in sorted(missing - misspelt):
            found.append(Finding((), "missing-key", f'missing key "{key}"'))
    return found


# --- the manual --------------------------------------------------------------------------------

# What ``kzt check --explain`` tells of the codes above, written like the docstrings of rules/.
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
        "unknown-type": """
            A type of document that there is none of.

            Types are those of the Citation Style Language: `legislation`, `treaty`, `bill`,
            `report`, `legal_case`, `article-newspaper`, `webpage`, `interview`, `speech` and
            others. Leave it out for `document`.

            Fails:

                [source.gazette-2021]
                title = "The gazette"
                type = "law"
                date = "2021"
                perspective = "official"

                [[event]]
                sources = [{ source = "gazette-2021", at = "page 1" }]

            Passes:

                [source.gazette-2021]
                title = "The gazette"
                type = "legislation"
                date = "2021"
                perspective = "official"

                [[event]]
                sources = [{ source = "gazette-2021", at = "page 1" }]
            """,
        "bad-language": """
            A language tag that is none.

            Tags are those of BCP 47: `ru` for Russian, `kk` for Kazakh, `sr-Latn` for Serbian in
            Latin letters. A document in English needs none.

            Fails:

                [source.gazette-2021]
                title = "The gazette"
                date = "2021"
                perspective = "official"
                language = "Russian language"

                [[event]]
                sources = [{ source = "gazette-2021", at = "page 1" }]

            Passes:

                [source.gazette-2021]
                title = "The gazette"
                date = "2021"
                perspective = "official"
                language = "ru"

                [[event]]
                sources = [{ source = "gazette-2021", at = "page 1" }]
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
            A perspective other than official, foreign, un, igo, ngo, expert, media and opinion.

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
