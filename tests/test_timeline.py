"""The picture of the record: lanes over years on a terminal, and what a pipe gets of it."""

import re
from collections.abc import Callable
from datetime import date
from json import loads as loads_json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import Event, PartialDate, Timeline, loads
from kztimeline.dates.edtf import Window
from kztimeline.query.filter import Criteria, Selection, choose, summary
from kztimeline.query.filter import window as period
from kztimeline.query.lanes import extent, lanes
from kztimeline.record.model import GROUPINGS
from kztimeline.renderers import json, terminal, timeline
from kztimeline.renderers.layout import plain as text_of
from kztimeline.renderers.plain import columns
from kztimeline.renderers.terminal import Screen
from kztimeline.renderers.timeline import ASCII, UNICODE, Axis, axis, place
from tests.conftest import SMALL, Run, golden
from tests.processes import run_all
from tests.terminals import STYLE, on_terminal

TODAY = date(2026, 11, 21)
WIDTHS = [60, 80, 120, 250]


# --- whole pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, *WIDTHS])
@pytest.mark.parametrize("by", ["topic", "matter"])
def test_small_record(by: str, width: int, small: Timeline) -> None:
    golden(f"timeline-{by}-{width}.txt", shown(small, Screen(width), by))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("by", ["topic", "matter"])
def test_a_larger_record(by: str, width: int, bench: Timeline) -> None:
    golden(f"record-timeline-{by}-{width}.txt", shown(bench, Screen(width), by))


@pytest.mark.parametrize("by", ["kind", "perspective"])
def test_other_lanes(by: str, small: Timeline) -> None:
    golden(f"timeline-{by}-80.txt", shown(small, Screen(80), by))


def test_styles(small: Timeline) -> None:
    golden("timeline-colour.txt", shown(small, Screen(80, colour=True)))


def test_other_encodings_get_ascii(small: Timeline) -> None:
    picture = shown(small, Screen(80, unicode=False)) + shown(
        small, Screen(80, unicode=False), by="matter"
    )
    golden("timeline-ascii.txt", picture)
    assert picture.replace("·", "").isascii()


def test_in_a_pipe_and_as_json(small: Timeline) -> None:
    found, _ = chosen(small, since="2006", within="../2020-06")
    golden("timeline.txt", timeline.plain(found, "topic"))
    golden("timeline.json", json.lanes(found, "matter"))


def test_nothing_matches(small: Timeline) -> None:
    found, _ = chosen(small, search=["nowhere"])
    assert shown(small, Screen(80), search=["nowhere"]) == '0 of 9 events · search "nowhere"\n'
    assert timeline.plain(found, "topic") == "TOPIC  YEAR  EVENTS  MARKS  IDS\n"
    assert json.lanes(found, "topic") == (
        '{\n  "by": "topic",\n  "from": null,\n  "to": null,\n  "lanes": []\n}\n'
    )


@pytest.mark.parametrize(
    ("criteria", "days"),
    [
        ({"since": "2011", "until": "2012"}, ("2011-01-01", "2011-07-12")),
        ({"within": "1950"}, (None, None)),
    ],
)
def test_json_keeps_to_the_years_asked_for(
    criteria: dict[str, str], days: tuple[str | None, str | None], small: Timeline
) -> None:
    found, _ = chosen(small, **criteria)
    window = period(Criteria(**criteria), TODAY)  # type: ignore[arg-type]
    told = loads_json(json.lanes(found, "topic", window))
    assert (told["from"], told["to"]) == days


def test_events_outside_all_lanes_are_counted(small: Timeline) -> None:
    assert shown(small, Screen(80), "matter", kind=["dialogue"]) == (
        "1 of 9 events · kind dialogue · 1 without a matter\n"
    )


# --- where events stand ------------------------------------------------------------------------

# On an axis of 2000 to 2020: the column of the mark, the columns it reaches, those through which
# it certainly lasts, whether it is uncertain; < and > for what is open.
PLACES = {
    "2011": (11, 11, 11, None, ""),
    "2011-07-12": (11, 11, 11, None, ""),
    "2011?": (11, 11, 11, None, "uncertain"),
    "[2011-02..2011-05]": (11, 11, 11, None, ""),
    "[2011..2014]": (11, 11, 14, None, "uncertain"),
    "201X": (10, 10, 19, None, "uncertain"),
    "2011-24": (11, 11, 12, None, "uncertain"),
    "[..2011]": (11, 11, 11, None, "uncertain <"),
    "[2011..]": (11, 11, 11, None, "uncertain >"),
    "2009/2014": (9, 9, 14, (9, 14), ""),
    "2009/..": (9, 9, 20, (9, 20), ">"),
    "2009/": (9, 9, 20, (9, 9), ">"),
    "../2009": (9, 0, 9, (0, 9), "uncertain <"),
    "/2009": (9, 0, 9, (9, 9), "uncertain <"),
    "200X/2014": (0, 0, 14, (9, 14), "uncertain"),
    "2019-09-16/2019-09-27": (19, 19, 19, (19, 19), ""),
    # Outside the years asked for.
    "1985": (0, 0, 0, None, "<"),
    "[1985..2014]": (0, 0, 14, None, "uncertain <"),
    "1985/2014": (0, 0, 14, (0, 14), "<"),
    "2014/2030": (14, 14, 20, (14, 20), ">"),
}


@pytest.mark.parametrize("text", PLACES)
def test_place(text: str, small: Timeline) -> None:
    (event,) = dated(text, template=small.events[1])
    placed = place(event, Axis(2000, 1, 21))
    flags = ["uncertain"] * placed.uncertain + ["<"] * placed.opens + [">"] * placed.stays
    found = (placed.mark, placed.start, placed.end, placed.lasts, " ".join(flags))
    assert found == PLACES[text]


@pytest.mark.parametrize(
    ("change", "possible"), [({"status": "alleged"}, False), ({"status": "scheduled"}, False), ({}, True)]
)  # fmt: skip
def test_what_may_not_be_is_uncertain(
    change: dict[str, str], possible: bool, small: Timeline
) -> None:
    event = small.events[1]._replace(**change)  # type: ignore[arg-type]
    assert place(event, Axis(2000, 1, 21), possible=possible).uncertain
    assert not place(small.events[1], Axis(2000, 1, 21)).uncertain


# Years, columns at most, and the axis: first year, years a column, columns, and what is outside.
AXES = [
    ("2011", 40, Axis(2011, 1, 1)),
    ("1991 2021", 40, Axis(1991, 1, 31)),
    ("1991 2021", 31, Axis(1991, 1, 31)),
    ("1991 2021", 30, Axis(1990, 2, 16)),
    ("1991 2021", 10, Axis(1990, 5, 7)),
    # All years fit, so none is left out.
    ("0900 1990 2021", 2000, Axis(900, 1, 1122)),
    # One event long before the others, or long after them.
    ("0900 1990 2000 2010 2021", 60, Axis(1990, 1, 32, before=True)),
    ("1990 2000 2010 2021 9999", 60, Axis(1990, 1, 32, after=True)),
    ("0001 1990 2000 2010 2020 2021 9999", 60, Axis(1990, 1, 32, before=True, after=True)),
    ("1700 1850 1990 2000 2010 2021", 60, Axis(1990, 1, 32, before=True)),
    # As many there as here, or no gap that stands out.
    ("0900 0910 1990 2021", 60, Axis(900, 20, 57)),
    ("0001 2500 5000 7500 9999", 60, Axis(0, 200, 50)),
    ("1800 1850 1900 1950 2000 2021", 60, Axis(1800, 5, 45)),
]


@pytest.mark.parametrize(("years", "most", "expected"), AXES)
def test_axis(years: str, most: int, expected: Axis, small: Timeline) -> None:
    assert axis(dated(*years.split(), template=small.events[1]), most) == expected


def test_the_axis_stays_in_the_window(small: Timeline) -> None:
    window = Window(date(2009, 6, 1), date(2019, 6, 1))
    events = dated("1985/2030", "[2005..2011]", "2018", template=small.events[1])
    assert axis(events, 60, window) == Axis(2009, 1, 11)
    golden("timeline-window.txt", shown(small, Screen(80), since="2010", until="2019"))


def test_an_outlier_does_not_spoil_the_picture(small: Timeline) -> None:
    record = with_dates(small, "0900", "1990", "2000", "2010", "2021", "9999")
    golden("timeline-outliers.txt", shown(record, Screen(80)))


def test_nine_thousand_years(small: Timeline) -> None:
    record = with_dates(small, *(f"{year:04}" for year in range(1, 9999, 250)))
    golden("timeline-ages.txt", shown(record, Screen(80)))


def test_extent(small: Timeline) -> None:
    assert extent(small.events) == (date(2005, 12, 31), date(2022, 10, 31))
    assert extent(()) is None


def test_lanes_hold_each_event_that_belongs_there(small: Timeline) -> None:
    found = {by: lanes(choose(small, Criteria(), TODAY), by) for by in GROUPINGS}
    assert sum(len(lane.events) for lane in found["kind"]) == len(small.events)
    for lane in found["topic"]:
        assert all(lane.key in event.topics for event in lane.events)
    assert [lane.key for lane in found["perspective"]] == ["official", "ngo", "media"]
    assert [lane.label for lane in found["matter"]] == ["Holding a public assembly", "Libel", "The ICCPR"]  # fmt: skip


# --- invariants --------------------------------------------------------------------------------

YEARS = st.integers(2010, 2021)


@st.composite
def dates(draw: st.DrawFn) -> str:
    low, high = sorted([draw(YEARS), draw(YEARS)])
    return draw(
        st.sampled_from(
            [f"{low}", f"{low}?", f"{low}-07-12", f"[{low}..{high}]", f"{low}/{high}", f"{low}/..",
             f"[..{high}]", f"[{low}..]", f"{low}~/{high}"]
        )
    )  # fmt: skip


DATES = st.lists(dates(), min_size=1, max_size=20)
MARK = re.compile("([•●■○◆◇])([0-9]*)")
Draw = Callable[[Timeline, int], str]


def drawn(record: Timeline, width: int) -> str:
    return shown(record, Screen(width))


def lane_of(picture: str) -> str:
    """What is drawn of the only lane."""
    (row,) = (row for row in picture.splitlines() if row.startswith("Peaceful assembly"))
    return row


def check_marks(record: Timeline, draw: Draw) -> None:
    """The marks count every event, and each event's years are drawn."""
    picture = draw(record, 250)
    row = lane_of(picture)
    assert sum(int(number or 1) for _, number in MARK.findall(row)) == len(record.events)
    header = next(row for row in picture.splitlines() if re.fullmatch("[0-9 ]+", row))
    at = {int(found[0]): found.start() for found in re.finditer("[0-9]{4}", header)}
    for event in record.events:
        first, last = event.date.earliest, event.date.latest
        for year in range((first or last).year, (last or first).year + 1):  # type: ignore[union-attr]
            assert row[at[year]] != " ", (event.date.text, year)


@given(DATES)
def test_marks_count_each_event_and_cover_its_years(texts: list[str]) -> None:
    check_marks(with_dates(loads(SMALL.read_text("utf-8")), *texts), drawn)


def naive(record: Timeline, width: int) -> str:
    """A picture as one would first draw it: partial dates are their first day."""
    row = [" "] * 12
    for event in record.events:
        row[(event.date.earliest or date(2010, 1, 1)).year - 2010] = "•"
    years = "".join(f"{year} " for year in range(2010, 2022))
    return f"{' ' * 18}{years}\nPeaceful assembly {'    '.join(row)}\n"


@pytest.mark.parametrize("texts", [("2011", "2011-07"), ("[2011..2014]",), ("2011/2014",)])
def test_a_naive_picture_loses_events(texts: tuple[str, ...], small: Timeline) -> None:
    check_marks(with_dates(small, *texts), drawn)
    with pytest.raises(AssertionError):
        check_marks(with_dates(small, *texts), naive)


@given(
    st.lists(st.integers(1, 9999).map(lambda year: f"{year:04}"), max_size=9),
    st.lists(dates(), min_size=1, max_size=9),
    st.integers(20, 260),
    st.text(max_size=30),
    st.sampled_from(GROUPINGS),
    st.booleans(),
)
def test_no_line_is_wider_than_the_screen(
    far: list[str], near: list[str], width: int, label: str, by: str, unicode: bool
) -> None:
    small = loads(SMALL.read_text("utf-8"))
    events = tuple(
        event._replace(state={"covenant": label})
        for event in dated(*far, *near, template=small.events[1])
    )
    record = small._replace(title=label, topics={"assembly": label}, events=events)
    found, closing = chosen(record)
    to = Screen(width, unicode=unicode)
    rows = text_of(timeline.picture(found, by, closing, to)).splitlines()
    # The title and the last line are wrapped as any text is.
    assert max(map(columns, rows[1:-1])) <= width
    wrapped = terminal.lines(timeline.picture(found, by, closing, to), to)
    assert max(map(columns, wrapped.splitlines())) <= width


# --- untrusted text ----------------------------------------------------------------------------

HOSTILE = ["[/]", "[bold]x", ":bomb:", "\x1b]52;c;aGk=\x07", "\x9b31m", "\u202etxt", "a\u200bb", "\ud800", "a\nb\tc"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("colour", [False, True])
def test_text_is_shown_literally(text: str, colour: bool, small: Timeline) -> None:
    (event,) = dated("2011", template=small.events[1])
    event = event._replace(state={"covenant": text})
    matters = {"covenant": small.matters["covenant"]._replace(title=text)}
    record = small._replace(title=text, matters=matters, events=(event,))
    out = STYLE.sub("", shown(record, Screen(200, colour=colour), "matter"))
    literal = "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
    assert out.count(literal) == 3
    assert all(char.isprintable() or char == "\n" for char in out)
    assert all(char.isprintable() or char == "\n" for char in timeline.plain(chosen(record)[0], "matter"))  # fmt: skip


@pytest.mark.parametrize(
    "label", ["集会の自由", "Бейбіт жиналыстар", "e\u0301" * 9, "ｆｕｌｌ", "☺️ x"]
)
def test_wide_labels_leave_the_lanes_aligned(label: str, small: Timeline) -> None:
    topics = {**small.topics, "expression": label}
    record = small._replace(topics=topics)
    one, two = (
        next(row for row in shown(each, Screen(80)).splitlines() if row.startswith(start))
        for each, start in ((small, "Freedom"), (record, label))
    )
    # The lane's only two marks, seen from the right edge of the picture.
    assert one[-20:] == two[-20:]
    other = next(row for row in shown(record, Screen(80)).splitlines() if row.startswith("UN "))
    assert columns(two[: two.index("•")]) - columns(other[: other.index("•")]) == 10


def test_a_long_label_is_cut(small: Timeline) -> None:
    topics = {**small.topics, "assembly": "x" * 300}
    rows = shown(small._replace(topics=topics), Screen(81)).splitlines()
    assert any(row.startswith(f"{'x' * 39}… 6 ") for row in rows)


# --- the process -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events.toml").write_bytes(SMALL.read_bytes())
    return tmp_path


@pytest.mark.parametrize("width", [10, 40, 60, 250, 0])
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_gets_a_picture_that_fits(width: int, env: dict[str, str], folder: Path) -> None:
    code, rows = on_terminal("timeline", columns=width, cwd=folder, env=env)
    assert code == 0
    assert any("\x1b" in row for row in rows) == (not env)
    rows = [STYLE.sub("", row) for row in rows]
    assert rows[-1] == "9 events"
    assert max(map(columns, rows)) <= max(width or 80, 20)


def test_signs_differ_without_colour() -> None:
    for signs in (UNICODE, ASCII):
        assert len(set(signs)) == len(signs)
        assert all(columns(sign) == 1 for sign in signs)
    assert "".join(ASCII).isascii()


def test_process(folder: Path) -> None:
    commands = {
        "timeline": "TOPIC       YEAR      EVENTS  MARKS",
        "timeline --by matter --format json": '{\n  "by": "matter",\n  "from": "2006-01-01"',
        "timeline --format table --topic un": "Reforms in an example country\n",
        "timeline --since 2020 --kind law --format table": "Reforms in an example country\n",
    }
    results = run_all([tuple(line.split()) for line in commands], folder)
    for line, start in commands.items():
        result = results[tuple(line.split())]
        assert (result.code, result.err) == (0, "")
        assert result.out.startswith(start)


def test_refusals(folder: Path) -> None:
    known = "known: topic, matter, kind, perspective"
    rows = {
        ("--by", "topics"): f'unknown grouping "topics" (did you mean "topic"?); {known}\n',
        ("--format", "tsv"): 'unknown format "tsv"; known: table, plain, json\n',
        (
            "--sort",
            "id",
        ): "kzt timeline: no such option: --sort (did you mean --source?) (see kzt timeline --help)\n",
    }
    results = run_all([("timeline", *args) for args in rows], folder)
    assert {args[1:]: result.err for args, result in results.items()} == rows
    assert {(result.code, result.out) for result in results.values()} == {(2, "")}


def test_another_encoding(folder: Path, kzt: Run) -> None:
    result = kzt("timeline", "--format", "table", env={"PYTHONIOENCODING": "ascii"})
    assert (result.code, result.err) == (0, "")
    assert result.out.isascii()
    assert "\\u" not in result.out


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (("2019", "2019-09-26"), "one ? / two ?"),
        (("[2015..]", "2017"), "one ? / two ?"),
        (("2017", "[2015..]"), "one ? / two ?"),
        (("2017", "2019"), "two"),
        (("2019", "2017"), "one"),
    ],
)
def test_a_lane_tells_what_a_matter_stood_at(dates: tuple[str, str], told: str) -> None:
    """As `kzt state` has it, also where the dates leave the order open."""
    events = "".join(
        f'[[event]]\nid = "{text}"\ndate = "{when}"\ntitle = "T"\nkind = "law"\ntopics = []\n'
        f'summary = "S"\nstate = {{ m = "{text}" }}\nsources = []\n'
        for text, when in zip(("one", "two"), dates, strict=True)
    )
    rows = shown(loads(f'[matter.m]\ntitle = "M"\n{events}'), Screen(80), "matter").splitlines()
    (lane,) = (row for row in rows if row.startswith("M "))
    assert f" {told} ─" in lane or lane.endswith(f" {told}")


# --- helpers ---------------------------------------------------------------------------------


def chosen(record: Timeline, **criteria: object) -> tuple[Selection, str]:
    wanted = Criteria(**criteria)  # type: ignore[arg-type]
    found = choose(record, wanted, TODAY)
    return found, summary(found, wanted)


def shown(record: Timeline, to: Screen, by: str = "topic", **criteria: object) -> str:
    found, closing = chosen(record, **criteria)
    window = period(Criteria(**criteria), TODAY)  # type: ignore[arg-type]
    return terminal.lines(timeline.picture(found, by, closing, to, window), to)


def dated(*dates: str, template: Event) -> tuple[Event, ...]:
    """Events of these dates, all on the first topic."""
    return tuple(
        template._replace(id=f"e-{n}", date=PartialDate.parse(text), topics=("assembly",), position=n,
            status="occurred",
        )
        for n, text in enumerate(dates)
    )  # fmt: skip


def with_dates(small: Timeline, *dates: str) -> Timeline:
    return small._replace(events=dated(*dates, template=small.events[1]))
