"""What is set, who finds what, and how old that is: by hand, and against trying every order."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query.answers import gaps
from kztimeline.query.diff import between
from kztimeline.query.filter import ALWAYS, Filter, select
from kztimeline.query.lookup import by_name
from kztimeline.query.state import MOST_OUTCOMES, reach, setters, spells, state
from kztimeline.query.worklist import settled_days, todo
from kztimeline.renderers.state import plain
from kztimeline.renderers.terminal import Screen
from kztimeline.renderers.views import How, render, view
from tests.conftest import Run

HEAD = """
[topic]
t = "Topic"

[matter.m]
title = "Matter"
topics = ["t"]

[source.official-2019]
title = "Official"
date = "2019"
perspective = "official"

[source.ngo-2021]
title = "NGO"
date = "2021-03"
perspective = "ngo"

[source.un-2016]
title = "UN"
date = "2016"
perspective = "un"
"""


def record(*events: str) -> Timeline:
    """A record of events: an id, a date, and further keys, each on a line."""
    text = HEAD
    for event in events:
        key, when, *rest = event.strip().split("\n")
        lines = [line.strip() for line in rest]
        if not any(line.startswith("sources") for line in lines):
            lines.append('sources = [{ source = "official-2019", at = "page 1" }]')
        keys = {line.split(" ")[0] for line in lines}
        for name, value in (("kind", '"law"'), ("topics", '["t"]'), ("summary", '"It is so."')):
            lines += [] if name in keys else [f"{name} = {value}"]
        text += f'\n[[event]]\nid = "{key}"\ndate = "{when.strip()}"\ntitle = "Event {key}"\n'
        text += "\n".join(lines) + "\n"
    return loads(text)


LAW = """
law
2014-07-04
in-force = "2015-01-01"
state = { m = "A" }
"""
SAME = """
same
2016-05
state = { m = "A" }
"""
OTHER = """
other
2018
state = { m = "B" }
sources = [{ source = "official-2019", at = "1" }, { source = "ngo-2021", at = "2", disputes = true }]
"""
NGO_2010 = """
ngo-2010
2010
kind = "report"
finding = { m = "Bad" }
sources = [{ source = "ngo-2021", at = "1" }]
"""
NGO_2019 = """
ngo-2019
2019-06/2019-12
kind = "report"
finding = { m = "Worse" }
sources = [{ source = "ngo-2021", at = "2" }]
"""
NGO_OVERLAP = """
ngo-overlap
2019-10/2020-03
kind = "report"
finding = { m = "Mixed" }
sources = [{ source = "ngo-2021", at = "3" }]
"""
UN_2016 = """
un-2016
2016-06
kind = "concluding-observations"
finding = { m = "Falls short" }
sources = [{ source = "un-2016", at = "1" }, { source = "official-2019", at = "2", disputes = true }]
"""
ALL = record(LAW, SAME, OTHER, NGO_2010, NGO_2019, NGO_OVERLAP, UN_2016)

# A day → its lines without the matter: what, from or of when, events, marks, evidence, text.
BY_HAND = {
    "2009-12-31": ["set - - - - unknown"],
    "2010-06-30": [
        "set - - - 2010-06-30 unknown",
        "found:ngo 2010 ngo-2010 ? 2010-06-30 Bad",
    ],
    # Signed, and not yet in force.
    "2014-12-31": ["set - - - 2010-12-31 unknown", "found:ngo 2010 ngo-2010 - 2010-12-31 Bad"],
    "2015-01-01": [
        "set 2015-01-01 law - 2014-07-04 A",
        "found:ngo 2010 ngo-2010 before-this-state 2014-07-04 Bad",
    ],
    # Another law confirms it, and the UN finds otherwise, whatever an official replied.
    "2016-12-31": [
        "set 2015-01-01 same - 2016-06-30 A",
        "found:un 2016-06 un-2016 contested 2016-06-30 Falls short",
        "found:ngo 2010 ngo-2010 before-this-state 2016-06-30 Bad",
    ],
    # Perhaps changed by then; who disputes it marks the one that would have changed it.
    "2018-06-30": [
        "set 2015-01-01 same - 2018-06-30 A ?",
        "set 2018 other contested 2018-06-30 B ?",
        "found:un 2016-06 un-2016 contested 2018-06-30 Falls short",
        "found:ngo 2010 ngo-2010 before-this-state 2018-06-30 Bad",
    ],
    # Two findings of one perspective whose periods overlap stand both; the older one is gone.
    "2020-12-31": [
        "set 2018 other contested 2020-03-31 B",
        "found:un 2016-06 un-2016 contested,before-this-state 2020-03-31 Falls short",
        "found:ngo 2019-06/2019-12 ngo-2019 - 2020-03-31 Worse",
        "found:ngo 2019-10/2020-03 ngo-overlap - 2020-03-31 Mixed",
    ],
}  # fmt: skip


@pytest.mark.parametrize("day", BY_HAND)
def test_worked_out_by_hand(day: str) -> None:
    rows = plain(state(ALL, date.fromisoformat(day))).splitlines()[1:]
    assert [" ".join(row.split()[1:]) for row in rows] == BY_HAND[day]


def test_the_record_reaches_as_far_as_its_newest_document() -> None:
    assert reach(ALL) == date(2021, 3, 31)


def test_evidence_is_no_newer_than_its_document() -> None:
    still = LAW.replace("2014-07-04", "2014-07-04/..").replace('in-force = "2015-01-01"\n', "")
    (standing,) = state(record(still), date(2026, 1, 1))
    assert standing.evidence == date(2019, 12, 31)


def test_what_is_only_planned_or_alleged_is_no_evidence() -> None:
    planned = OTHER.replace("state =", 'status = "scheduled"\nstate =')
    (standing,) = state(record(LAW, planned), date(2020, 1, 1))
    assert standing.evidence == date(2014, 7, 4)
    assert {outcome.state for outcome in standing.outcomes} == {"A", "B"}


# --- against trying every order ----------------------------------------------------------------

START = date(2020, 1, 1)
SPANS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, 4),
        st.sampled_from(["ngo-2021", "un-2016"]),
        st.booleans(),
    ),
    max_size=5,
)


def findings(spans: list[tuple[int, int, str, bool]]) -> Timeline:
    def day(number: int) -> str:
        return (START + timedelta(number)).isoformat()

    def when(first: int, length: int, throughout: bool) -> str:
        ends = day(first), day(first + length)
        return "/".join(ends) if throughout else f"[{'..'.join(ends)}]"

    return record(
        *(
            f'f{n}\n{when(first, length, throughout)}\nkind = "report"\nfinding = {{ m = "{n}" }}\n'
            f'sources = [{{ source = "{source}", at = "{n}" }}]'
            for n, (first, length, source, throughout) in enumerate(spans)
        )
    )


@given(SPANS, st.integers(0, 12))
def test_what_is_found_agrees_with_trying_every_day(
    spans: list[tuple[int, int, str, bool]], at: int
) -> None:
    """By definition: the readings of each date are its days, and all pairs of them are compared."""
    (standing,) = state(findings(spans), START + timedelta(at))
    expected = set()
    for n, (first, length, source, throughout) in enumerate(spans):
        days = range(first, first + length + 1)
        begins = [first] if throughout else list(days)
        if min(begins) > at:
            continue
        gives_way = False
        for other, (start, long, voice, whole) in enumerate(spans):
            later = all(a > b for a in range(start, start + long + 1) for b in days)
            certain = max([start] if whole else range(start, start + long + 1)) <= at
            gives_way = gives_way or (other != n and voice == source and later and certain)
        if not gives_way:
            expected.add((str(n), max(begins) > at))
    assert {(found.text, found.possible) for found in standing.found} == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.sampled_from("AB")), max_size=4))
def test_a_settled_date_settles_as_many_days_as_trying_all_of_them(
    setting: list[tuple[int, int, str]],
) -> None:
    timeline = record(
        *(
            f"s{n}\n[{START + timedelta(first)}..{START + timedelta(first + length)}]\n"
            f'state = {{ m = "{text}" }}'
            for n, (first, length, text) in enumerate(setting)
        )
    )
    events, today = setters(timeline)["m"], START + timedelta(20)
    first = START + timedelta(min((first for first, _, _ in setting), default=0))

    def open_days(known: Timeline) -> int:
        days = (first + timedelta(n) for n in range((today - first).days + 1))
        return sum(len(state(known, day)[0].outcomes) > 1 for day in days)

    for event, (begin, length, _) in zip(timeline.events, setting, strict=True):
        settled = []
        for number in range(begin, begin + length + 1):
            when = PartialDate.parse((START + timedelta(number)).isoformat())
            others = [one._replace(date=when) if one is event else one for one in timeline.events]
            settled.append(open_days(timeline._replace(events=tuple(others))))
        due = max(0, open_days(timeline) - sum(settled) // len(settled))
        assert settled_days("m", events, event, today) == due


# --- diffs and gaps ----------------------------------------------------------------------------

BACK = """
back
2019-02-01
state = { m = "A" }
"""
THERE = """
there
2018-02-01
state = { m = "B" }
"""
KINDS = {
    ("2013", "2015"): "first",
    ("2015", "2016"): "found",
    ("2017", "2018"): "changed",
    ("2017", "2019"): "back",
    ("2011", "2012"): "",
}


@pytest.mark.parametrize(("old", "new"), KINDS, ids=[" ".join(pair) for pair in KINDS])
def test_what_came_of_a_matter_between_two_dates(old: str, new: str) -> None:
    timeline = record(LAW, SAME, THERE, BACK, NGO_2010, UN_2016)
    diff = between(timeline, PartialDate.parse(old), PartialDate.parse(new), Filter())
    assert "".join(change.kind for change in diff.matters) == KINDS[old, new]


ASK = """
ask
2012
kind = "statement"
asks = "Change it"
sources = [{ source = "ngo-2021", at = "4" }]
"""


def test_an_ask_is_open_met_in_part_or_met_and_what_came_after_is_told() -> None:
    whole = THERE.replace("state =", 'answers = ["ask"]\nstate =')
    part = THERE.replace("state =", 'answers-in-part = ["ask"]\nstate =')

    def asked(*events: str) -> tuple[list[str], list[str], list[str]]:
        found = gaps(select(record(*events), Filter()))
        return (
            [ask.id for ask in found.open],
            [answer.by.id for answer in found.in_part],
            [f"{answer.by.id} {' '.join(answer.marks)}".strip() for answer in found.met],
        )

    assert asked(ASK) == (["ask"], [], [])
    assert asked(ASK, part) == ([], ["there"], [])
    assert asked(ASK, whole) == ([], [], ["there"])
    assert asked(ASK, whole, BACK) == ([], [], ["there changed since"])
    again = part.replace("there", "again").replace("2018-02-01", "2020-02-01")
    assert asked(ASK, whole, again) == ([], [], ["there", "again"])


def test_todo_tells_what_is_lacking_the_most_telling_first() -> None:
    items = todo(record(ASK, LAW, OTHER), date(2026, 1, 1))
    assert [(item.task, item.key) for item in items] == [
        ("date", "other"),
        ("stale", "m"),
        ("ask", "ask"),
        ("single-source", "ask"),
        ("single-source", "law"),
        ("no-address", "official-2019"),
        ("no-address", "ngo-2021"),
        ("no-address", "un-2016"),
    ]


# --- growth ------------------------------------------------------------------------------------


def open_dates(count: int) -> Timeline:
    days = (START - timedelta(n) for n in range(count))
    return record(*(f'e{n}\n[..{day}]\nstate = {{ m = "S{n}" }}' for n, day in enumerate(days)))


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called: what work costs, on any machine."""
    count = 0

    def profile(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


TO_SCREEN = How(screen=Screen(80))

GROWING: dict[str, Callable[[Timeline], Any]] = {
    "state": lambda timeline: state(timeline, START),
    "history": lambda timeline: list(spells("m", setters(timeline)["m"])),
    "diff": lambda timeline: between(
        timeline, PartialDate.parse("2000"), PartialDate.parse("2021"), Filter()
    ),
    "todo": lambda timeline: todo(timeline, START),
    "timeline --by matter": lambda timeline: [
        view("timeline", form, (select(timeline, Filter()), "matter", ALWAYS), TO_SCREEN)
        for form in ("table", "json")
    ],
    "show MATTER": lambda timeline: view(
        "show", "table", (timeline, by_name(timeline, ["m"])), TO_SCREEN
    ),
    "export html": lambda timeline: render(timeline, "html"),
    "export md": lambda timeline: render(timeline, "md"),
}


@pytest.mark.parametrize("question", GROWING)
def test_twice_the_open_dates_cost_about_double(question: str) -> None:
    work = GROWING[question]
    few, many = (open_dates(count) for count in (150, 300))
    assert calls(lambda: work(many)) < 2.6 * calls(lambda: work(few))


def test_of_a_long_history_fewer_dates_are_tried() -> None:
    few, many = (open_dates(count) for count in (100, 400))
    assert calls(lambda: todo(many, START)) < 2 * calls(lambda: todo(few, START))


def test_of_many_outcomes_the_first_are_told_and_how_many_more() -> None:
    (standing,) = state(open_dates(100), date(2021, 1, 1))
    assert (len(standing.outcomes), standing.more) == (MOST_OUTCOMES, 100 - MOST_OUTCOMES)
    (standing,) = state(open_dates(100), START - timedelta(400))
    assert (len(standing.outcomes), standing.more) == (MOST_OUTCOMES + 1, 100 - MOST_OUTCOMES)


def test_a_diplomat_asks_from_one_screen(kzt: Run) -> None:
    shown = kzt("state", "2026", "--matter", "assembly-procedure", "--format", "plain")
    kinds = [line.split()[1] for line in shown.out.splitlines()[1:]]
    assert kinds[0] == "set"
    assert {"found:official", "found:un", "found:ngo"} <= set(kinds)
