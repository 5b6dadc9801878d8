"""All that is wrong in a document, or in an edit of it, with line and column; and the manual."""

import inspect
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

from kztimeline import record
from kztimeline.checks import rules
from kztimeline.checks.review import REVIEW
from kztimeline.checks.rules import RULES
from kztimeline.checks.subject import Subject
from kztimeline.query.diff import DateDiff, VersionDiff, compare
from kztimeline.record.reading import Reading, read
from kztimeline.record.values import limited
from kztimeline.text.errors import Finding, Problem


class Checked(NamedTuple):
    """A file and what is wrong in it."""

    name: str
    """What messages call it; with a revision, ``HEAD:events.toml``."""
    path: str
    """The file in the working tree; "" for standard input."""
    source: str
    problems: tuple[Problem, ...]


def check(text: str, today: date = date.min) -> tuple[Problem, ...]:
    """All that is wrong in the text of an events file, as `kzt check` tells it.

    Lines and columns count from 1, columns in characters. What is scheduled is overdue as of
    `today`; by default nothing is.
    """
    return problems(read(text, whole=True), today)


def problems(found: Reading, today: date = date.min) -> tuple[Problem, ...]:
    """All that is wrong in a text: errors before warnings, else in the order of the file.

    It was read with its values, as `Reading.values` has them.
    """
    return _sorted(found, _findings(Subject(found.timeline, found, today=today)))


# Of these the first that matter are told; a hostile file has millions.
_MOST_LOOKED_AT: Final = 100_000


def _findings(subject: Subject) -> list[Finding]:
    read = subject.reading.findings if subject.reading else ()
    return list(islice(chain(read, rules.found(subject)), _MOST_LOOKED_AT))


def _sorted(found: Reading, findings: list[Finding]) -> tuple[Problem, ...]:
    # Sorting is stable: they stay in the order of the file.
    first = limited(sorted(findings, key=_comes_later), len(found.text))
    return tuple(sorted(found.located(first), key=_comes_later))


def _comes_later(one: Finding | Problem) -> bool:
    return one.severity != "error"


def problems_of_edit(found: Reading, before: Reading, today: date) -> tuple[Problem, ...]:
    """What is wrong with what an edit touches or brings about, and what to look at in it."""
    is_read = not (found.findings or found.broken or before.findings or before.broken)
    texts = (before.text, found.text) if is_read else None
    edit = compare(before.timeline, found.timeline, texts)
    new = Subject(found.timeline, found, today=today)
    old = Subject(before.timeline, before, today=today)
    known = {_identity(old, finding) for finding in _findings(old)}
    touched = _touched(edit)
    findings = [
        finding
        for finding in _findings(new)
        if new.name_of(finding.path) in touched or _identity(new, finding) not in known
    ]
    # What could not be read looks removed, on either side.
    if is_read:
        findings += reviewed(edit, today)
    return _sorted(found, findings)


def reviewed(edit: VersionDiff, today: date) -> Iterator[Finding]:
    """What to look at in an edit."""
    return rules.found(Subject(edit.new, edit=edit, today=today), REVIEW)


def warnings(diff: VersionDiff | DateDiff, today: date) -> list[str]:
    """The same in words; nothing for two dates of one record."""
    found = reviewed(diff, today) if isinstance(diff, VersionDiff) else ()
    return [f"{f.message} ({f.hint})" if f.hint else f.message for f in found]


def _touched(edit: VersionDiff) -> set[tuple[str, str]]:
    """The things that an edit changes or adds: their table and name."""
    events = [*edit.added, *(change.new for change in edit.changed)]
    tables = (("topic", edit.topics), ("matter", edit.matters), ("source", edit.sources))
    return (
        {("event", event.id) for event in events}
        | {(table, change.name) for table, changes in tables for change in changes}
        | ({("timeline", "title")} if edit.title else set())
    )


def _identity(subject: Subject, finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same one in two versions of a file."""
    row: object = None
    if finding.at and subject.reading:
        text = subject.reading.text
        start = text.rfind("\n", 0, finding.at[0]) + 1
        row = text[start : text.find("\n", start)]
    return (finding.code, subject.name_of(finding.path), finding.path[2:], finding.message, row)


# --- the manual --------------------------------------------------------------------------------


@cache
def _of_reading() -> Mapping[str, str]:
    """The manuals of what reading finds; those of rules are their docstrings."""
    text = (Path(record.__file__).parent / "codes.md").read_text("utf-8")
    parts = (part.split("\n\n", 1) for part in text.removeprefix("# ").split("\n# "))
    return {code: manual.rstrip() for code, manual in parts}


def codes() -> tuple[str, ...]:
    """All codes that a problem can have."""
    return (*_of_reading(), *RULES, *REVIEW)


def manual(code: str) -> str:
    """What a code means, why it matters and how to fix it, with samples."""
    rule = RULES.get(code) or REVIEW.get(code)
    text = inspect.cleandoc(rule.check.__doc__ or "") if rule else _of_reading()[code]
    return f"{code} ({rule.severity if rule else 'error'})\n\n{text}\n"
