"""The shipped record keeps its promises: cited, used, dated no later than its documents."""

from datetime import date

import pytest

from kztimeline import PartialDate, Timeline, loads
from kztimeline.edit.format import formatted
from kztimeline.record.reading import read_bytes
from tests.conftest import CHECKOUT

SHIPPED = CHECKOUT / "events.toml"


def test_it_has_no_problem() -> None:
    assert read_bytes(SHIPPED.read_bytes()).problems == ()


def test_it_is_in_canonical_form() -> None:
    data = SHIPPED.read_bytes()
    assert formatted("events.toml", data) == data


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


# What any record of these years tells, whatever the event's id and however precise its date.
MILESTONES = [
    ("2003", "forum", "civil-society"),
    ("2006", "treaty-action", "un"),
    ("2011-07-14/2011-07-15", "treaty-body-review", "un"),
    ("2014", "code", "criminal-justice"),
    ("2019", "institution", "dialogue"),
    ("2020", "law", "assembly"),
    ("2020", "law", "expression"),
]


@pytest.mark.parametrize(("when", "kind", "topic"), MILESTONES)
def test_milestones(when: str, kind: str, topic: str, shipped: Timeline) -> None:
    due = PartialDate.parse(when)
    dates = [e.date for e in shipped.events if e.kind == kind and topic in e.topics]
    assert any(
        (due.earliest or date.max) <= (found.earliest or date.min)
        and (found.first_latest or date.max) <= (due.latest or date.min)
        for found in dates
    )


@pytest.fixture(scope="module")
def shipped() -> Timeline:
    """The record that the project ships."""
    return loads(SHIPPED.read_text("utf-8"))
