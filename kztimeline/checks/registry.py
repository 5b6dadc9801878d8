"""All that is wrong in a document, or in an edit of it, with line and column; and the manual.

A rule takes a `Subject` and yields what it finds, with paths into the document. Its docstring is
its manual, which ``kzt check --explain`` prints: the first line says what it finds, the samples
under "Fails:" and "Passes:" are run by the tests. A sample shows only what matters of a file;
under "Before:" stands what an edit started from.

Rules see whole files of strangers, so each takes time linear in the file (or nearly: sorting).
"""

import inspect
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kztimeline import record
from kztimeline.checks import dates, references, review, states, texts
from kztimeline.checks.subject import Rule, Subject
from kztimeline.query.diff import DateDiff, VersionDiff, compare
from kztimeline.record.reading import Reading, read
from kztimeline.record.values import limited
from kztimeline.text.errors import Finding, Problem


def run(rules: Mapping[str, Rule], *subject: Any) -> Iterator[Finding]:
    """All that some rules find, each with its rule's code and severity."""
    for code, rule in rules.items():
        for one in rule.check(*subject):
            yield one._replace(code=code, severity=rule.severity)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "answer-before-ask": Rule("error", references.answer_before_ask),
        "self-answer": Rule("error", references.self_answer),
        "answer-cycle": Rule("error", references.answer_cycle),
        "answer-without-ask": Rule("error", references.answer_without_ask),
        "met-twice": Rule("error", references.met_twice),
        "after-sources": Rule("error", dates.after_sources),
        "set-and-found": Rule("error", states.set_and_found),
        "in-force": Rule("error", states.in_force),
        "long-quote": Rule("error", texts.long_quote),
        "placeholder": Rule("error", texts.placeholder),
        "no-citation": Rule("error", references.no_citation),
        "only-disputed": Rule("error", references.only_disputed),
        "unsafe-character": Rule("error", texts.unsafe_character),
        "conflict-mark": Rule("error", texts.conflict_mark),
        "line-break": Rule("error", texts.line_break),
        "bad-url": Rule("error", texts.bad_url),
        "too-precise": Rule("warning", dates.too_precise),
        "order": Rule("warning", dates.order),
        "possible-duplicate": Rule("warning", dates.possible_duplicate),
        "overdue": Rule("warning", dates.overdue),
        "report-sets-state": Rule("warning", states.report_sets_state),
        "open-ended": Rule("warning", states.open_ended),
        "no-topics": Rule("warning", references.no_topics),
        "unused-topic": Rule("warning", references.unused_topic),
        "unused-matter": Rule("warning", references.unused_matter),
        "unused-source": Rule("warning", references.unused_source),
        "outer-space": Rule("warning", texts.outer_space),
        "look-alike": Rule("warning", texts.look_alike),
    }
)
"""What is found beyond what makes a file's meaning doubtful, in the order in which they run."""
REVIEW: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "uncited-change": Rule("warning", review.uncited_change),
        "removed-event": Rule("warning", review.removed_event),
        "reused-id": Rule("warning", review.reused_id),
        "renamed-id": Rule("warning", review.renamed_id),
        "changed-past": Rule("warning", review.changed_past),
        "outside-values": Rule("warning", review.outside_values),
    }
)
"""What to look at in an edit."""


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


def problems(new: Reading, today: date = date.min) -> tuple[Problem, ...]:
    """All that is wrong in a text: errors before warnings, else in the order of the file.

    It was read with its values, as `Reading.values` has them.
    """
    return _sorted(new, findings(Subject(new, today)))


# Of these the first that matter are reported; a hostile file has millions.
_MOST_LOOKED_AT: Final = 100_000


def findings(subject: Subject) -> list[Finding]:
    """What reading and the rules find, in their order; of very many, the first."""
    every = chain(subject.reading.findings, run(RULES, subject))
    return list(islice(every, _MOST_LOOKED_AT))


def _sorted(new: Reading, found: list[Finding]) -> tuple[Problem, ...]:
    # Sorting is stable: they stay in the order of the file.
    first = limited(sorted(found, key=_comes_later), len(new.text))
    return tuple(sorted(new.located(first), key=_comes_later))


def _comes_later(one: Finding | Problem) -> bool:
    return one.severity != "error"


def problems_of_edit(new: Reading, before: Reading, today: date) -> tuple[Problem, ...]:
    """What is wrong with what an edit touches or brings about, and what to look at in it."""
    is_read = not (new.findings or new.broken or before.findings or before.broken)
    edit = compare(before.timeline, new.timeline, (before.text, new.text) if is_read else None)
    here, there = Subject(new, today), Subject(before, today)
    known = {_identity(there, one) for one in findings(there)}
    touched = _touched(edit)
    fresh = [
        one
        for one in findings(here)
        if here.name_of(one.path) in touched or _identity(here, one) not in known
    ]
    # What could not be read looks removed, on either side.
    return _sorted(new, [*fresh, *(run(REVIEW, edit, today) if is_read else ())])


def warnings(diff: VersionDiff | DateDiff, today: date) -> list[str]:
    """What to look at in an edit, in words; nothing for two dates of one record."""
    every = run(REVIEW, diff, today) if isinstance(diff, VersionDiff) else ()
    return [f"{one.message} ({one.hint})" if one.hint else one.message for one in every]


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
    if finding.at:
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
