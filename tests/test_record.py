"""The shipped record keeps its promises: cited, used, dated no later than its documents."""

from datetime import date

import pytest

from kztimeline import PartialDate, Timeline
from kztimeline.query import wording
from kztimeline.query.diff import between
from kztimeline.query.filter import Filter
from kztimeline.query.state import state as what_stood
from kztimeline.record.reading import read_bytes
from kztimeline.renderers import changes
from kztimeline.renderers import state as render_state
from kztimeline.renderers.layout import plain as plain_lines
from tests.conftest import CHECKOUT, golden


def test_it_has_no_problem() -> None:
    assert read_bytes((CHECKOUT / "events.toml").read_bytes()).problems == ()


def test_every_event_has_a_citation_that_does_not_dispute_it(shipped: Timeline) -> None:
    for event in shipped.events:
        assert any(not citation.disputes for citation in event.sources), event.id


def test_every_source_topic_and_matter_is_used(shipped: Timeline) -> None:
    events = shipped.events
    assert {c.source for event in events for c in event.sources} == set(shipped.sources)
    assert {topic for event in events for topic in event.topics} == set(shipped.topics)
    assert {matter for event in events for matter in event.state} == set(shipped.matters)


def test_no_event_is_dated_after_all_that_cite_it(shipped: Timeline) -> None:
    for event in shipped.events:
        cited = [shipped.sources[citation.source].date for citation in event.sources]
        latest = max(when.latest or date.max for when in cited)
        assert event.status == "scheduled" or (event.date.earliest or date.min) <= latest, event.id


def test_answers_come_after_what_they_answer(shipped: Timeline) -> None:
    by_id = {event.id: event for event in shipped.events}
    for event in shipped.events:
        for asked in event.answers:
            assert by_id[asked].asks, asked
            begun = event.date.first_latest or date.max
            assert begun >= (by_id[asked].date.earliest or date.min), event.id


def test_events_stand_in_date_order(shipped: Timeline) -> None:
    keys = [event.date.sort_key for event in shipped.events]
    assert keys == sorted(keys)


MILESTONES = [
    ("2003-civil-forum", "2003", "forum", "civil-society"),
    ("2006-iccpr-ratification", "2006", "treaty-action", "un"),
    ("2011-iccpr-review", "2011-07-14/2011-07-15", "treaty-body-review", "un"),
    ("2014-criminal-procedure-code", "2014", "code", "criminal-justice"),
    ("2019-national-council", "2019", "institution", "dialogue"),
    ("2020-assembly-law", "2020", "law", "assembly"),
    ("2020-libel-decriminalised", "2020", "law", "expression"),
]


@pytest.mark.parametrize(("identity", "when", "kind", "topic"), MILESTONES)
def test_milestones(identity: str, when: str, kind: str, topic: str, shipped: Timeline) -> None:
    (event,) = [event for event in shipped.events if event.id == identity]
    expected = PartialDate.parse(when)
    assert expected.earliest is not None
    assert expected.latest is not None
    assert event.date.earliest is not None
    assert event.date.first_latest is not None
    assert expected.earliest <= event.date.earliest <= event.date.first_latest <= expected.latest
    assert event.kind == kind
    assert topic in event.topics


@pytest.mark.parametrize("year", ["2010", "2015", "2021"])
def test_what_stood(year: str, shipped: Timeline) -> None:
    golden(
        f"record-state-{year}.txt", render_state.plain(what_stood(shipped, date(int(year), 12, 31)))
    )


def test_what_changed_from_2011_to_2020(shipped: Timeline) -> None:
    old, new = PartialDate.parse("2011"), PartialDate.parse("2020")
    diff = between(shipped, old, new, Filter())
    told = {
        change.matter: f"{wording.states(change.old)} → {wording.states(change.new)}"
        for change in diff.matters
    }
    procedure = "Advance permission required → Notification five days ahead"
    assert told["assembly-procedure"] == procedure
    assert told["libel"] == "A crime → Not a crime"
    golden("record-diff-2011-2020.txt", plain_lines(changes.diff(diff, "2011", "2020")))
