"""A matter's whole history says of each day what the state at its end is."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kztimeline import Citation, Event, Matter, PartialDate, Source, Timeline
from kztimeline.query.state import (
    Spell,
    Standing,
    evidence,
    finders,
    findings,
    setters,
    spells,
    state,
    sweep,
)
from kztimeline.record.model import PERSPECTIVES


def setting(index: int, when: str, state: str, status: str = "occurred") -> Event:
    return Event(
        id=f"e{index}", date=PartialDate.parse(when), title="T", kind="law", topics=(), summary="S",
        state={"m": state}, status=status, sources=(), position=index,
    )  # fmt: skip


DAYS = ["2000-01-01", "2000-01-02", "2000-01-04", "2000-01-05"]
WHEN = [*DAYS, "2000-01", "2000", "1999/2000-01-03", "2000-01-02/..", "../2000-01-02"]
WHEN += ["[2000-01-02..2000-01-04]", "[..2000-01-03]", "[2000-01-02..]", "[2000-01-01,2000-01-04]"]
WHEN += ["2000-01-03?", "[..1999,2000-01-04..]", "9999-12-31", "0001-01-01"]

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(WHEN), st.sampled_from("AB"), st.sampled_from(["occurred", "alleged"])
    ),
    min_size=1,
    max_size=5,
).map(lambda rows: [setting(index, *row) for index, row in enumerate(rows)])
LOOKED_AT = [date(1999, 12, 29) + timedelta(n) for n in range(12)]
LOOKED_AT = [date.min, date(1, 1, 2), *LOOKED_AT, date(2000, 12, 30), date(2001, 1, 1), date.max]


@given(EVENTS)
def test_a_history_agrees_with_the_state_of_each_day(events: list[Event]) -> None:
    assert wrong(list(spells("m", events)), events) == []


@given(EVENTS)
def test_spells_follow_each_other_from_end_to_end_and_differ(events: list[Event]) -> None:
    history = list(spells("m", events))
    assert (history[0].first, history[-1].last) == (date.min, date.max)
    for before, after in pairwise(history):
        assert before.last + timedelta(1) == after.first
        assert told(before.standing) != told(after.standing)


def test_the_comparison_sees_a_naive_history() -> None:
    """One that takes each state to hold from the first day that its event allows."""
    events = [setting(0, "2000-01-01", "A"), setting(1, "[2000-01-02..2000-01-04]", "B")]
    naive = [
        Spell(date.min, date(1999, 12, 31), next(sweep("m", events, [date.min]))),
        Spell(date(2000, 1, 1), date(2000, 1, 1), next(sweep("m", events, [date(2000, 1, 1)]))),
        Spell(date(2000, 1, 2), date.max, next(sweep("m", events, [date.max]))),
    ]
    assert wrong(naive, events) == [date(2000, 1, 2), date(2000, 1, 3)]


def test_what_the_small_record_says_of_a_law(small: Timeline) -> None:
    history = spells("assembly-procedure", setters(small)["assembly-procedure"])
    assert [(str(s.first), [o.state for o in s.standing.outcomes]) for s in history] == [
        ("0001-01-01", [None]),
        ("2009-01-01", [None, "Permit required"]),
        ("2009-12-31", ["Permit required"]),
        ("2020-01-01", ["Permit required", "Notification five days ahead"]),
        ("2020-12-31", ["Notification five days ahead"]),
    ]


def test_the_stretches_of_a_date_may_overlap() -> None:
    """What ends with the inner one goes on with the outer one."""
    for when in ("[2000-01-01..2000-01-05,2000-01-02]", "[2000-01-01..2000-01-05,2000-01-05]"):
        events = [setting(0, when, "A"), setting(1, "2000-01-03", "B"), setting(2, "2000-02", "C")]
        standings = sweep("m", events, [date(2000, 1, 4), date(2000, 1, 6), date(2000, 3, 1)])
        assert [standing.states for standing in standings] == [{"A", "B"}, {"A", "B"}, {"C"}]


def test_a_matter_that_nothing_sets_is_never_known() -> None:
    ((first, last, standing),) = spells("m", [])
    assert (first, last, standing.states) == (date.min, date.max, frozenset([None]))


# --- findings and evidence ---------------------------------------------------------------------

SOURCES = {
    f"{voice}-{day}": Source(title="S", date=PartialDate.parse(day), perspective=voice)
    for voice in ("ngo", "media")
    for day in ("2000-01-02", "2000", "9999")
}


@st.composite
def speaking(draw: st.DrawFn) -> Timeline:
    """A record whose events set or find one matter."""
    rows = st.tuples(
        st.sampled_from(WHEN),
        st.sampled_from(["state", "finding"]),
        st.sampled_from(["occurred", "occurred", "alleged"]),
        st.lists(st.sampled_from(sorted(SOURCES)), min_size=1, max_size=2),
    )
    events = tuple(
        setting(n, when, "A", status)._replace(
            **{"state": {}, role: {"m": "A"}},  # type: ignore[arg-type]
            sources=tuple(Citation(source=name, at="1") for name in cited),
        )
        for n, (when, role, status, cited) in enumerate(draw(st.lists(rows, max_size=6)))
    )
    return Timeline({}, {"m": Matter(title="M")}, SOURCES, events)


LAST, FIRST = date.max, date.min


def found_on(timeline: Timeline, day: date) -> list[tuple[str, str, bool]]:
    """By definition: voice and id of what nothing of its voice displaces, and whether it's possible."""

    def begun(event: Event) -> bool:
        return event.status == "occurred" and (event.date.first_latest or LAST) <= day

    spoken = [
        (voice, event)
        for voice in PERSPECTIVES
        for event in finders(timeline)["m"]
        if voice in {timeline.perspective(c) for c in event.sources if not c.disputes}
        and (event.date.earliest or FIRST) <= day
    ]
    return [
        (voice, event.id, not begun(event))
        for voice, event in spoken
        if not any(
            begun(other) and (other.date.earliest or FIRST) > (event.date.latest or LAST)
            for said, other in spoken
            if said == voice
        )
    ]


@given(speaking())
def test_findings_agree_with_those_of_each_day(timeline: Timeline) -> None:
    history = list(findings(timeline, finders(timeline)["m"]))
    for day in LOOKED_AT:
        (standing,) = state(timeline, day)
        then = [
            (it.perspective, it.event.id, it.certain is None or day < it.certain)
            for it in history
            if it.first <= day <= it.last
        ]
        assert then == [(it.perspective, it.event.id, it.possible) for it in standing.found], day
        assert then == found_on(timeline, day), day


def evidence_on(timeline: Timeline, day: date) -> date | None:
    """By definition: the latest day, no later than this one, that an event can speak of."""
    newest = {
        event.id: max(timeline.sources[cited.source].date.latest or LAST for cited in event.sources)
        for event in timeline.events
    }
    return max(
        (
            min(event.date.latest or LAST, newest[event.id], day)
            for event in timeline.events
            if event.status == "occurred" and (event.holds_from.earliest or FIRST) <= day
        ),
        default=None,
    )


@given(speaking())
def test_evidence_agrees_with_that_of_each_day(timeline: Timeline) -> None:
    steps = evidence(timeline, timeline.events)
    for day in LOOKED_AT:
        (standing,) = state(timeline, day)
        last = [min(last, day) for first, last in steps if first <= day]
        assert (last[-1] if last else None) == standing.evidence, day
        assert standing.evidence == evidence_on(timeline, day), day


# --- helpers ---------------------------------------------------------------------------------


def told(standing: Standing) -> list[tuple[str | None, list[str]]]:
    return [(outcome.state, [e.id for e in outcome.events]) for outcome in standing.outcomes]


def wrong(history: Sequence[Spell], events: Sequence[Event]) -> list[date]:
    """The days on which a history says something else than what stood."""
    by_day = zip(LOOKED_AT, sweep("m", events, LOOKED_AT), strict=True)
    return [
        day
        for day, standing in by_day
        for spell in history
        if spell.first <= day <= spell.last and told(spell.standing) != told(standing)
    ]
