"""The bench measures what it says: its records are records, and its budgets name contenders."""

from pathlib import Path

import pytest

from kztimeline import Timeline
from kztimeline.edit.format import formatted
from kztimeline.record.reading import read
from tests.bench.__main__ import LEAN, RICH, START, editing, sized, small
from tests.bench.measure import Budget, Contender, Run, held, verdicts
from tests.bench.records import corrected, events, record, untidy


def test_the_bench_keeps_a_record_of_its_own(bench: Timeline) -> None:
    assert len(bench.events) == 162


@pytest.mark.parametrize("lean", [False, True], ids=["rich", "lean"])
def test_a_made_record_is_clean_and_canonical(lean: bool) -> None:
    text = record(events(300, lean=lean))
    assert read(text).problems == ()
    assert formatted("x", text.encode()).data == text.encode()


def test_a_lean_event_has_two_lines_of_text_and_one_citation() -> None:
    for event in events(300, lean=True):
        assert len(event["title"]) < 100
        assert len(event["summary"]) < 100
        assert [sorted(cited) for cited in event["sources"]] == [["at", "source"]]


def test_an_untidy_record_becomes_the_canonical_one() -> None:
    text = record(untidy(events(300)))
    assert text != record(events(300))
    assert read(text).problems == ()
    assert {event.id for event in read(text).timeline.events} == {e["id"] for e in events(300)}
    done = formatted("x", text.encode()).data
    assert formatted("x", done).data == done != text.encode()


def test_two_edits_change_other_events() -> None:
    old = events(300)
    ours, theirs = ({e["id"] for e in corrected(old, at) if e not in old} for at in (0, 50))
    assert len(ours) == len(theirs) == 3
    assert not ours & theirs


OTHER_TOOLS = {"recsel", "recfix --check"}


@pytest.mark.parametrize(
    ("budgets", "contenders"),
    [
        (START, small("/kzt", "/python")),
        (RICH, sized("/kzt", "/python", Path(), "10000") + editing("/kzt", Path())),
        (LEAN, sized("/kzt", "/python", Path(), "10000-lean")),
    ],
    ids=["start", "rich", "lean"],
)
def test_each_budget_compares_two_contenders(
    budgets: list[Budget], contenders: list[Contender]
) -> None:
    names = {contender.name for contender in contenders} | OTHER_TOOLS
    assert {name for budget in budgets for name in (budget.one, budget.other)} <= names


def test_a_budget_holds_or_not() -> None:
    medians = {"a": Run(1.5, 300), "b": Run(1.0, 100)}
    budgets = [Budget("time", "a", "b", 1.5), Budget("memory", "a", "b", 2, "kilobytes")]
    assert verdicts([*budgets, Budget("missing", "a", "c", 1)], medians) == [
        "| time | 1.50 × b | 1.50 | yes |",
        "| memory | 3.00 × b | 2.00 | **no** |",
    ]
    assert held("x", 0.004, "y", 0.1) == "| x | 0.00 × y | 0.10 | yes |"
