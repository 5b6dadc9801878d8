"""Questions to a record: which events match, and what stood when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import KztError, PartialDate, Timeline
from kztimeline.query.filter import Criteria, choose, summary
from kztimeline.query.lookup import by_name
from kztimeline.query.state import state as what_stood
from kztimeline.query.state import sweep
from kztimeline.record.model import KINDS
from kztimeline.renderers import state as render_state
from tests.conftest import golden, said
from tests.oracles.states import DAYS, EVENTS, brute_force, record

TODAY = date(2026, 11, 21)

# --- filters -----------------------------------------------------------------------------------

# What is asked for, and the events found; a question mark behind those found only possibly.
FILTERS = [
    (Criteria(topic=["un"]), "2006-covenant 2022-review"),
    (Criteria(topic=["un", "expression"]), "2006-covenant 2011-briefing 2020-libel 2022-review"),
    (Criteria(topic=["un"], kind=["treaty-action"]), "2006-covenant"),
    (Criteria(kind=["law", "incident"]), "2009-permits 2014-rally 2020-assembly-law 2020-libel"),
    (Criteria(matter=["libel"]), "2011-briefing 2020-libel"),
    (Criteria(source=["ministry-2021"]), "2018-talks 2020-assembly-law 2020-libel"),
    # The citation's voice, else its document's.
    (
        Criteria(perspective=["ngo"]),
        "2005-draft 2006-covenant 2009-permits 2011-briefing 2020-assembly-law",
    ),
    (Criteria(perspective=["media"]), "2014-rally 2022-review"),
    (Criteria(status=["scheduled", "alleged"]), "2005-draft 2022-review"),
    (Criteria(contested=True), "2020-assembly-law"),
    # Dates: certainly, or possibly.
    (Criteria(since="2020-06"), "2009-permits 2020-assembly-law? 2020-libel 2022-review"),
    (
        Criteria(since="2020-06", certain=True),
        "2009-permits 2020-libel 2022-review",
    ),
    (Criteria(until="2006"), "2005-draft 2006-covenant"),
    (Criteria(until="2004"), "2005-draft?"),
    (Criteria(within="2018-09-20"), "2009-permits 2018-talks"),
    (Criteria(within="2014-02"), "2009-permits 2014-rally?"),
    (Criteria(within="February 2014"), "2009-permits 2014-rally?"),
    (Criteria(within="2022-08"), "2009-permits 2022-review?"),
    (Criteria(since="2010", until="2012"), "2009-permits 2011-briefing"),
    (Criteria(since="2010", within="2011/2012", until="2011"), "2009-permits 2011-briefing"),
    (Criteria(since="6y"), "2009-permits 2020-assembly-law 2020-libel 2022-review"),
    # Words: all of them, anywhere in title, summary, asks, state and claims.
    (Criteria(search=["PERMIT"]), "2009-permits 2011-briefing"),
    (Criteria(search=["notification days"]), "2020-assembly-law"),
    (Criteria(search=["prosecuted"]), "2020-assembly-law"),
    (Criteria(search=["criminal code"]), "2011-briefing"),
    (Criteria(search=["administrative"]), "2020-libel"),
    (Criteria(search=["bureau"]), ""),
    (Criteria(search=["nothing of the kind"]), ""),
    # Order.
    (Criteria(kind=["law"], reverse=True), "2020-libel 2020-assembly-law 2009-permits"),
    (Criteria(kind=["law"], sort="title"), "2009-permits 2020-libel 2020-assembly-law"),
    (Criteria(kind=["law"], sort="id", limit=2), "2009-permits 2020-assembly-law"),
    (Criteria(topic=["un"], sort="kind"), "2006-covenant 2022-review"),
    (Criteria(limit=0), ""),
]  # fmt: skip


ASKED = [
    " ".join(f"{name}={said(value)}" for name, value in criteria._asdict().items() if value)
    for criteria, _ in FILTERS
]


@pytest.mark.parametrize(("criteria", "ids"), FILTERS, ids=ASKED)
def test_filters(criteria: Criteria, ids: str, small: Timeline) -> None:
    chosen = choose(small, criteria, TODAY)
    found = [e.id + "?" * (e.id in chosen.possible) for e in chosen.events]
    assert " ".join(found) == ids


@pytest.mark.parametrize(
    ("written", "search"),
    [
        ("Žhañaözen", "zhanaozen"),
        ("ЖАҢАӨЗЕН", "жаңаөзен"),
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("Li\ufe00bel", "libel"),
        ("l\u3164i\u034fb\u200de\xadl\u180b", "libel"),
        ("libel", "Li\ufe00bel"),
    ],
)
def test_search_ignores_case_accents_and_what_is_hidden(
    written: str, search: str, small: Timeline
) -> None:
    event = small.events[0]._replace(title=f"An event in {written}")
    timeline = small._replace(events=(event,))
    assert choose(timeline, Criteria(search=[search]), TODAY).events == (event,)


REFUSALS = [
    (Criteria(topic=["asembly"]), 'unknown topic "asembly" (did you mean "assembly"?); known: assembly, expression, un'),
    (Criteria(matter=["x"]), 'unknown matter "x"; known: assembly-procedure, libel, covenant'),
    (Criteria(source=["Ministry-2021"]), 'unknown source "Ministry-2021" (did you mean "ministry-2021"?); known: ministry-2021, bureau-2011, daily-2021'),
    (Criteria(kind=["lawl"]), f'unknown kind "lawl" (did you mean "law"?); known: {", ".join(KINDS)}'),
    (Criteria(status=["done"]), 'unknown status "done"; known: occurred, scheduled, alleged'),
    (Criteria(sort="dates"), 'unknown sort key "dates" (did you mean "date"?); known: date, title, kind, id'),
    (Criteria(since="2020-13"), '--since: "2020-13": there is no month 13; months are 01 to 12 and seasons 21 (spring) to 24 (winter), such as "2020-12" or "2020-21"'),
    (Criteria(since="../2020"), '--since: "../2020" has no first day'),
    (Criteria(until="2020/.."), '--until: "2020/.." has no last day'),
    (Criteria(since="2021", until="2020"), "no day is left: since 2021 · until 2020"),
    (Criteria(within="2019", since="2020"), "no day is left: since 2020 · in 2019"),
]  # fmt: skip


@pytest.mark.parametrize(("criteria", "message"), REFUSALS, ids=[m[:80] for _, m in REFUSALS])
def test_what_is_not_there_is_refused(criteria: Criteria, message: str, small: Timeline) -> None:
    with pytest.raises(KztError) as caught:
        choose(small, criteria, TODAY)
    assert str(caught.value) == message


SUMMARIES = [
    (Criteria(), "9 events"),
    (Criteria(topic=["un"]), "2 of 9 events · topic un"),
    (
        Criteria(topic=["un", "assembly"], within="2020-03"),
        "2 of 9 events · topic un or assembly · in 2020-03 · 1 only possibly",
    ),
    (Criteria(limit=1, since="2020"), "1 of 9 events · since 2020 · 3 more left out by --limit"),
    (Criteria(search=["x y"], certain=True), '0 of 9 events · certain · search "x y"'),
]


@pytest.mark.parametrize(("criteria", "told"), SUMMARIES, ids=[told for _, told in SUMMARIES])
def test_summary_says_what_is_shown(criteria: Criteria, told: str, small: Timeline) -> None:
    assert summary(choose(small, criteria, TODAY), criteria) == told


def test_names_are_those_of_events_matters_and_sources(small: Timeline) -> None:
    found = by_name(small, ["libel", "2020-libel", "bureau-2011", "libel"])
    assert [type(named.thing).__name__ for named in found] == ["Matter", "Event", "Source"]
    with pytest.raises(
        KztError, match=r'^no event, matter, source or topic "libl" \(did you mean "libel"'
    ):
        by_name(small, ["libl"])


# --- what stood when ---------------------------------------------------------------------------


A2010 = ("2010-05-01", "A")

# Events in file order, a date, and the states that may stand at its end.
STATES = [
    ([], "2020", {None}),
    ([A2010], "2010-04-30", {None}),
    ([A2010], "2010-05-01", {"A"}),
    ([A2010], "2010", {"A"}),
    ([A2010, ("2020", "B")], "2019", {"A"}),
    ([A2010, ("2020", "B")], "2020-06", {"A", "B"}),
    ([A2010, ("2020", "B")], "2020", {"B"}),
    ([("2020", "B"), A2010], "2020", {"B"}),
    # A state holds from the first day of a period, whose end doesn't matter.
    ([A2010, ("2019-09-16/2019-09-27", "B")], "2019-09-20", {"B"}),
    ([A2010, ("2019-09/..", "B")], "2019-09-20", {"A", "B"}),
    # Equal known days: file order; equal unknown ones: either.
    ([("2020-05-01", "A"), ("2020-05-01", "B")], "2020", {"B"}),
    ([("2020-05", "A"), ("2020-05", "B")], "2020", {"A", "B"}),
    ([("2020-05-01", "A"), ("2020-05", "B")], "2020", {"B"}),
    ([("2020-05-31", "A"), ("2020-05", "B")], "2020", {"A", "B"}),
    ([("2020-05", "B"), ("2020-05-31", "A")], "2020", {"A"}),
    # The same state from two events is one outcome.
    ([("2020-05", "A"), ("2020-05", "A")], "2020", {"A"}),
    ([A2010, ("2020", "A")], "2020-06", {"A"}),
    # Bounds.
    ([A2010, ("[..2021]", "B")], "2009", {None, "B"}),
    ([A2010, ("[..2021]", "B")], "2020", {"A", "B"}),
    ([A2010, ("[..2021]", "B")], "2021", {"A", "B"}),
    ([A2010, ("[2015..]", "B")], "2030", {"A", "B"}),
    ([("../2003", "A"), ("2003-06", "B")], "2003", {"B"}),
    ([A2010, ("[2019,2021]", "B")], "2020", {"A", "B"}),
    ([("2020-03-01", "A"), ("[2019,2021]", "B")], "2020", {"A"}),
    # What is only scheduled or alleged adds an outcome and rules none out.
    ([A2010, ("2020", "B", "scheduled")], "2020", {"A", "B"}),
    ([("2020", "B", "alleged")], "2020", {None, "B"}),
    ([A2010, ("2008", "B", "alleged")], "2020", {"A"}),
    ([A2010, ("2015", "B", "scheduled"), ("2018", "C")], "2020", {"C"}),
    ([("2014?", "A")], "2014", {"A"}),
]  # fmt: skip


@pytest.mark.parametrize(("events", "when", "states"), STATES)
def test_state(events: list[tuple[str, str]], when: str, states: set[str | None]) -> None:
    day = PartialDate.parse(when).latest
    assert day is not None
    (standing,) = what_stood(record(*events), day)
    assert standing.states == states


@given(EVENTS, st.integers(0, 5))
def test_state_agrees_with_trying_every_order(events: list[tuple[str, str, str]], at: int) -> None:
    timeline = record(*events)
    (standing,) = what_stood(timeline, DAYS[at])
    assert standing.states == brute_force(timeline, DAYS[at])


@given(EVENTS)
def test_a_sweep_is_the_state_of_each_day(events: list[tuple[str, str, str]]) -> None:
    timeline = record(*events)
    each = [what_stood(timeline, day)[0] for day in DAYS]
    swept = sweep("m", timeline.events, DAYS)
    assert [one.outcomes for one in swept] == [one.outcomes for one in each]


@pytest.mark.parametrize("year", ["2010", "2015", "2021"])
def test_what_stood_in_a_larger_record(year: str, bench: Timeline) -> None:
    golden(
        f"record-state-{year}.txt", render_state.plain(what_stood(bench, date(int(year), 12, 31)))
    )
