"""The shipped record keeps its promises: cited, used, dated no later than its documents."""

import re
from datetime import date

import pytest

from kztimeline import PartialDate, Timeline, loads
from kztimeline.edit.format import formatted
from kztimeline.query.diff import between
from kztimeline.query.filter import Filter
from kztimeline.query.state import state
from kztimeline.query.worklist import todo
from kztimeline.record.reading import read_bytes
from kztimeline.renderers import changes
from kztimeline.renderers import state as render_state
from kztimeline.renderers.layout import plain
from tests.conftest import CHECKOUT, Run, golden

SHIPPED = CHECKOUT / "events.toml"


def test_it_has_no_problem() -> None:
    assert read_bytes(SHIPPED.read_bytes()).problems == ()


def test_it_is_in_canonical_form() -> None:
    data = SHIPPED.read_bytes()
    assert formatted("events.toml", data).data == data


def test_every_event_has_a_citation_that_does_not_dispute_it(shipped: Timeline) -> None:
    for event in shipped.events:
        assert any(not citation.disputes for citation in event.sources), event.id


def test_every_source_topic_and_matter_is_used(shipped: Timeline) -> None:
    events = shipped.events
    assert {c.source for event in events for c in event.sources} == set(shipped.sources)
    assert {topic for event in events for topic in event.topics} == set(shipped.topics)
    spoken_of = {matter for event in events for matter in (*event.state, *event.finding)}
    assert spoken_of == set(shipped.matters)


def test_no_event_is_dated_after_all_that_cite_it(shipped: Timeline) -> None:
    for event in shipped.events:
        cited = [shipped.sources[citation.source].date for citation in event.sources]
        latest = max(when.latest or date.max for when in cited)
        assert event.status == "scheduled" or (event.date.earliest or date.min) <= latest, event.id


def test_answers_come_after_what_they_answer(shipped: Timeline) -> None:
    by_id = {event.id: event for event in shipped.events}
    for event in shipped.events:
        for asked in (*event.answers, *event.answers_in_part):
            assert by_id[asked].asks, asked
            begun = event.date.first_latest or date.max
            assert begun >= (by_id[asked].date.earliest or date.min), event.id


def test_events_stand_in_date_order(shipped: Timeline) -> None:
    keys = [event.date.sort_key for event in shipped.events]
    assert keys == sorted(keys)


# What any record of these years tells, whatever the event's id and however precise its date.
MILESTONES = [
    ("2003", "institution", "civil-society"),
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


# --- what readers rely on ----------------------------------------------------------------------

ACTS = {"law", "code", "decree", "treaty-action"}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def test_the_strictest_check_finds_nothing(kzt: Run) -> None:
    result = kzt("check", "--strict", str(SHIPPED))
    assert (result.code, result.out, result.err) == (0, "", "")


def test_every_source_has_an_address_or_says_why_not(shipped: Timeline) -> None:
    for key, source in shipped.sources.items():
        assert source.url or source.archive or source.note, key


def test_acts_have_a_day_and_an_official_source(shipped: Timeline) -> None:
    for event in shipped.events:
        if event.kind in ACTS:
            said = {shipped.perspective(citation) for citation in event.sources}
            assert said & {"official", "un"}, event.id
            assert (event.date.year or 0) < 2000 or DAY.fullmatch(event.date.text), event.id


def test_every_matter_has_recent_evidence_or_todo_names_it(shipped: Timeline) -> None:
    today = date(2026, 11, 25)
    stale = {item.key for item in todo(shipped, today) if item.task == "stale"}
    for standing in state(shipped, today):
        recent = standing.evidence is not None and standing.evidence >= date(2023, 1, 1)
        assert recent or standing.matter in stale, standing.matter


def test_no_bill_sets_a_state(shipped: Timeline) -> None:
    for event in shipped.events:
        types = {shipped.sources[citation.source].type for citation in event.sources}
        assert not event.state or types != {"bill"}, event.id


def test_quotes_have_at_most_eight_words(shipped: Timeline) -> None:
    for event in shipped.events:
        for citation in event.sources:
            assert len((citation.quote or "").split()) <= 8, event.id


def test_the_file_opens_in_an_editor_of_the_web() -> None:
    assert len(SHIPPED.read_bytes()) < 900_000


@pytest.mark.parametrize("year", ["2010", "2015", "2021", "2026"])
def test_what_stood(year: str, shipped: Timeline) -> None:
    standings = state(shipped, date(int(year), 12, 31))
    golden(f"shipped-state-{year}.txt", render_state.plain(standings))


@pytest.mark.parametrize(("old", "new"), [("2011", "2020"), ("2015", "2021"), ("2018", "2026")])
def test_what_changed(old: str, new: str, shipped: Timeline) -> None:
    diff = between(shipped, PartialDate.parse(old), PartialDate.parse(new), Filter())
    golden(f"shipped-diff-{old}-{new}.txt", plain(changes.diff(diff, old, new)))


@pytest.fixture(scope="module")
def shipped() -> Timeline:
    """The record that the project ships."""
    return loads(SHIPPED.read_text("utf-8"))
