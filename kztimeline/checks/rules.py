"""What `check` finds beyond what makes a file's meaning doubtful: rules in one registry.

A rule takes a `Subject` and yields what it finds, with paths into the document. Its docstring is
its manual, which ``kzt check --explain`` prints: the first line says what it finds, the samples
under "Fails:" and "Passes:" are run by the tests. A sample shows only what matters of a file;
under "Before:" stands what an edit started from.

Rules see whole files of strangers, so each takes time linear in the file (or nearly: sorting).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from kztimeline.checks.answers import (
    answer_before_ask,
    answer_cycle,
    answer_without_ask,
    met_twice,
    self_answer,
)
from kztimeline.checks.dates import after_sources, order, overdue, possible_duplicate, too_precise
from kztimeline.checks.names import (
    no_citation,
    no_topics,
    only_disputed,
    unused_matter,
    unused_source,
    unused_topic,
)
from kztimeline.checks.states import in_force, open_ended, report_sets_state, set_and_found
from kztimeline.checks.subject import Rule, Subject
from kztimeline.checks.texts import (
    bad_url,
    conflict_mark,
    line_break,
    long_quote,
    look_alike,
    outer_space,
    placeholder,
    unsafe_character,
)
from kztimeline.text.errors import Finding


def found(subject: Subject, rules: Mapping[str, Rule] | None = None) -> Iterator[Finding]:
    """All that the rules, those below or others, find."""
    for code, rule in (RULES if rules is None else rules).items():
        for one in rule.check(subject):
            yield one._replace(code=code, severity=rule.severity)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "answer-before-ask": Rule("error", answer_before_ask),
        "self-answer": Rule("error", self_answer),
        "answer-cycle": Rule("error", answer_cycle),
        "answer-without-ask": Rule("error", answer_without_ask),
        "met-twice": Rule("error", met_twice),
        "after-sources": Rule("error", after_sources),
        "set-and-found": Rule("error", set_and_found),
        "in-force": Rule("error", in_force),
        "long-quote": Rule("error", long_quote),
        "placeholder": Rule("error", placeholder),
        "no-citation": Rule("error", no_citation),
        "only-disputed": Rule("error", only_disputed),
        "unsafe-character": Rule("error", unsafe_character),
        "conflict-mark": Rule("error", conflict_mark),
        "line-break": Rule("error", line_break),
        "bad-url": Rule("error", bad_url),
        "too-precise": Rule("warning", too_precise),
        "order": Rule("warning", order),
        "possible-duplicate": Rule("warning", possible_duplicate),
        "overdue": Rule("warning", overdue),
        "report-sets-state": Rule("warning", report_sets_state),
        "open-ended": Rule("warning", open_ended),
        "no-topics": Rule("warning", no_topics),
        "unused-topic": Rule("warning", unused_topic),
        "unused-matter": Rule("warning", unused_matter),
        "unused-source": Rule("warning", unused_source),
        "outer-space": Rule("warning", outer_space),
        "look-alike": Rule("warning", look_alike),
    }
)
"""Code to rule, in the order in which they run."""
