"""What a terminal gets: tables that fit, styles, nothing that the terminal would obey."""

import re
from datetime import date
from pathlib import Path

import pytest

from kztimeline import Timeline, loads
from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Criteria, choose, summary
from kztimeline.query.lookup import by_name
from kztimeline.query.state import state as what_stood
from kztimeline.renderers import show, terminal
from kztimeline.renderers.plain import aligned, columns
from kztimeline.renderers.terminal import Screen, screen
from tests.conftest import SMALL, golden
from tests.terminals import in_terminal

TODAY = date(2026, 11, 21)
WIDTHS = [40, 80, 200]


@pytest.mark.parametrize("width", WIDTHS)
def test_list(width: int, small: Timeline) -> None:
    golden(f"list-{width}.txt", shown(small, Screen(width), since="2009", within="../2020-06"))


@pytest.mark.parametrize("width", WIDTHS)
def test_show(width: int, small: Timeline) -> None:
    things = by_name(small, ["2020-assembly-law", "assembly-procedure", "daily-2021"])
    golden(f"show-{width}.txt", terminal.lines(show.things(small, things), Screen(width)))


@pytest.mark.parametrize("width", WIDTHS)
def test_state(width: int, small: Timeline) -> None:
    when = PartialDate.parse("2020-06")
    standings = what_stood(small, date(2020, 6, 30))
    golden(f"state-{width}.txt", terminal.state(small, when, standings, Screen(width)))


def test_a_record_without_matters_has_no_states() -> None:
    out = terminal.state(loads(""), PartialDate.parse("2020"), (), Screen(80))
    head = "Matter  Set, and found  Since, or of"
    assert (
        out
        == f"What was set, and what was found, by the end of 2020\n\n{head}\n{'─' * len(head)}\n"
    )


def test_styles(small: Timeline) -> None:
    golden("list-colour.txt", shown(small, Screen(80, colour=True), topic=["assembly"]))


def test_nothing_matches(small: Timeline) -> None:
    assert shown(small, Screen(80), search=["nowhere"]) == '0 of 9 events · search "nowhere"\n'


@pytest.mark.parametrize("width", range(20, 130, 5))
def test_everything_fits_any_width(width: int, small: Timeline) -> None:
    to = Screen(width)
    things = by_name(small, [event.id for event in small.events])
    text = shown(small, to) + terminal.lines(show.things(small, things), to)
    text += terminal.state(small, PartialDate.parse("2020"), what_stood(small, TODAY), to)
    assert max(map(columns, text.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_long_date_leaves_room_for_the_rest(width: int, small: Timeline) -> None:
    when = PartialDate.parse(f"[{','.join(str(year) for year in range(1991, 2010))}]")
    event = small.events[0]._replace(date=when, title="An event " * 30, id="x" * 64)
    text = shown(small._replace(events=(event, *small.events[1:])), Screen(width))
    assert max(map(columns, text.splitlines())) <= width
    head, _, *rows = text.splitlines()
    event_at, id_at = head.index("Event"), head.index("Id")
    assert "".join(row[:event_at].strip() for row in rows).startswith(when.text)
    assert "x" * 64 in "".join(row[id_at:].strip() for row in rows)


HOSTILE = [
    "[/]",
    "[bold]x[/bold]",
    "[link=javascript:alert(1)]x[/link]",
    ":bomb:",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "\u202etxt",
    "a\u200bb",
    "\U000e0041",
    "\ud800",
    "a\nb\tc",
    "中文 e\u0301",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("colour", [False, True])
def test_text_is_shown_literally(text: str, colour: bool, small: Timeline) -> None:
    event = small.events[0]._replace(title=text, dating=text)
    timeline = small._replace(events=(event,))
    to = Screen(80, colour=colour)
    out = shown(timeline, to) + terminal.lines(show.things(timeline, [("x", event)]), to)
    out = re.sub("\x1b\\[[0-9;]*m", "", out)
    literal = "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
    assert out.count(literal) == 3
    assert all(char.isprintable() or char == "\n" for char in out)


def test_a_naive_table_obeys_its_text() -> None:
    """The oracle above fails on a table as rich makes it by default."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    table = Table("x")
    table.add_row("[bold]x[/bold] \x1b]52;c;aGk=\x07")
    console = Console(file=StringIO())
    console.print(table)
    out = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[bold]" not in out
    assert "\x1b]52" in out


def test_long_lists_are_plain_lines(small: Timeline) -> None:
    events = tuple(small.events[0]._replace(id=f"e-{n}") for n in range(1_001))
    text = shown(small._replace(events=events), Screen(80))
    assert text.splitlines()[1].split() == "[..2005] alleged policy assembly e-0 A draft law on assemblies circulates".split()  # fmt: skip  # noqa: SIM905
    assert text.endswith("\n1,001 events\n")


@pytest.mark.parametrize(
    ("env", "is_terminal", "colour"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, False, True),
        ({"TERM": "xterm", "FORCE_COLOR": ""}, False, False),
        (
            {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1", "GITHUB_ACTIONS": "1"},
            True,
            False,
        ),
    ],
    ids=str,
)
def test_when_there_is_colour(
    env: dict[str, str], is_terminal: bool, colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert screen(80, "utf-8", is_terminal=is_terminal).colour is colour


@pytest.mark.parametrize(("asked", "width"), [(0, 20), (10, 20), (20, 20), (200, 200)])
def test_width_is_clamped(asked: int, width: int) -> None:
    assert screen(asked, "utf-8", is_terminal=True).width == width


def test_other_encodings_get_no_box_characters(small: Timeline) -> None:
    assert (
        shown(small, screen(80, "ISO-8859-1", is_terminal=False), topic=["un"]).isascii() is False
    )
    table = shown(small, screen(80, "ANSI_X3.4-1968", is_terminal=False), kind=["code"])
    assert "─" not in table


# --- through a real terminal -------------------------------------------------------------------


def succeeding(columns: int, *args: str, **env: str) -> str:
    """What the real process writes to a pseudo-terminal of so many columns."""
    code, out = in_terminal(*args, columns=columns, env=env)
    assert code == 0
    return out


@pytest.mark.parametrize("width", WIDTHS)
def test_a_terminal_gets_a_table_that_fits(width: int) -> None:
    out = succeeding(width, "list", "--file", str(SMALL))
    assert "\x1b[" in out
    rows = re.sub("\x1b\\[[0-9;]*m", "", out).splitlines()
    assert max(map(columns, rows)) <= width
    assert rows[-1] == "9 events"


def test_a_terminal_without_colour_gets_no_escape_sequence(tmp_path: Path) -> None:
    out = succeeding(80, "show", "2020-assembly-law", "--file", str(SMALL), NO_COLOR="1")
    assert "\x1b" not in out
    assert out.startswith("Rallies need")
    saved = tmp_path / "list.txt"
    assert succeeding(80, "list", "--file", str(SMALL), "-o", str(saved)) == ""
    assert saved.read_text("utf-8").startswith("DATE ")


def test_one_wide_cell_pads_no_other_row() -> None:
    rows = [("a", "x", "b"), ("c", "y" * 6_500, "d"), ("e", "z" * 120, "f")]
    written = aligned(("ONE", "TWO", "THREE"), rows)
    assert [len(row) for row in written.splitlines()] == [132, 128, 6508, 128]


# --- helpers ---------------------------------------------------------------------------------


def shown(timeline: Timeline, to: Screen, **criteria: object) -> str:
    wanted = Criteria(**criteria)  # type: ignore[arg-type]
    chosen = choose(timeline, wanted, TODAY)
    return terminal.events(chosen, summary(chosen, wanted), to)
