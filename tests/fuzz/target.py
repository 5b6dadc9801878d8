"""What is done with any bytes, and what must hold: nothing but `KztError` escapes, all is clean."""

import random
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache

from kztimeline import KztError, Timeline
from kztimeline.checks.registry import Checked, problems, problems_of_edit, warnings
from kztimeline.dates.edtf import PartialDate
from kztimeline.edit import format as canonical
from kztimeline.query.answers import gaps
from kztimeline.query.diff import DateDiff, VersionDiff, between, compare
from kztimeline.query.filter import Criteria, Filter, choose, summary
from kztimeline.query.lookup import by_name
from kztimeline.query.state import state
from kztimeline.query.stats import stats
from kztimeline.record.reading import Reading, read_bytes
from kztimeline.renderers import changes, markdown, plain, show, terminal
from kztimeline.renderers import gaps as render_gaps
from kztimeline.renderers import json as render_json
from kztimeline.renderers import problems as render_problems
from kztimeline.renderers import state as render_state
from kztimeline.renderers.layout import Line
from kztimeline.renderers.layout import plain as plain_lines
from kztimeline.renderers.views import STYLES, VIEWS, How
from kztimeline.text.gate import page
from tests.conftest import SMALL

TODAY = date(2020, 6, 25)
SCREENS = (terminal.Screen(20), terminal.Screen(80, colour=True), terminal.Screen(150))
PERIODS = (
    Criteria(),
    Criteria(since="2011", until="2020"),
    Criteria(within="2020-06", certain=True),
    Criteria(contested=True, search=["a"]),
)

DECADE = (PartialDate.parse("2010"), PartialDate.parse("2020"))


@cache
def base() -> Reading:
    """What mutants are compared with."""
    return read_bytes(SMALL.read_bytes(), whole=True)


_BROUGHT, _FACTOR = 200_000, 40


def exercise(data: bytes) -> None:
    """Do all that `kzt` does with a file of these bytes. Whatever this raises is a bug."""
    document = read_bytes(data, whole=True)
    chance = random.Random(data)
    for text in _told(document, chance):
        _clean(text)
    if document.broken or document.findings:
        return
    for text in _rendered(document, chance):
        # A page brings its style and script; beside these, answers are linear in the record.
        assert len(text) <= _BROUGHT + _FACTOR * len(data), f"{len(text):,} of {len(data):,}"
        # What CSV is made of.
        is_csv = text.startswith("\ufeff")
        _clean(text[1:].replace("\r\n", "\n") if is_csv else text)
    try:
        laid_out = canonical.formatted("x.toml", data).data
    except KztError:
        return
    assert canonical.formatted("x.toml", laid_out).data == laid_out


def _clean(text: str) -> None:
    shown = terminal_styles_removed(text)
    if page(shown) != shown:
        bad = next(char for char in shown if page(char) != char)
        raise AssertionError(f"U+{ord(bad):04X} ({unicodedata.category(bad)}) is in the output")


def terminal_styles_removed(text: str) -> str:
    """A text without the sequences that rich writes for colours and weights."""
    parts = text.split("\x1b[")
    return parts[0] + "".join(
        part.partition("m")[2] if part.partition("m")[0].replace(";", "").isdigit() else "\x1b"
        for part in parts[1:]
    )


def _told(document: Reading, chance: random.Random) -> Iterator[str]:
    found = problems(document)
    for problem in found:
        assert 1 <= problem.line <= document.text.count("\n") + 1, problem
        assert problem.column >= 1, problem
    checked = [Checked("x.toml", "x.toml", document.text, found)]
    yield render_problems.text(checked)
    yield render_problems.github(checked)
    yield render_json.problems(checked)
    yield render_problems.excerpts(checked, chance.choice([20, 80]))
    new, old = chance.sample([document, base()], 2)
    edit = problems_of_edit(new, old, TODAY)
    yield render_problems.text([Checked("x.toml", "x.toml", new.text, edit)])


def _rendered(document: Reading, chance: random.Random) -> Iterator[str]:
    timeline, screen = document.timeline, chance.choice(SCREENS)
    criteria = chance.choice(PERIODS)
    chosen = choose(timeline, criteria, TODAY)
    closing = summary(chosen, criteria)
    style = chance.choice(STYLES)
    yield from (
        str(export(chosen, How(closing, style=style)))
        for form, export in VIEWS["export"].items()
        if form != "docx"
    )
    yield from (plain.events(chosen), plain.events_tsv(chosen), plain.ids(chosen))
    counted, asked = stats(chosen), gaps(chosen)
    yield from (plain.stats(counted), render_json.stats(counted))
    yield from (render_gaps.plain(asked), render_json.gaps(asked))
    yield from _lines(render_gaps.lines(asked, ()), screen)
    yield terminal.events(chosen, closing, screen)
    yield terminal.stats(timeline, counted, closing, screen)
    when = PartialDate.parse(chance.choice(["2011", "2020-06-25"]))
    standings = state(timeline, when.window().until or TODAY)
    yield from (render_state.plain(standings), render_json.state(timeline, when.text, standings))
    yield terminal.state(timeline, when, standings, screen)
    names = [*[event.id for event in timeline.events], *timeline.matters, *timeline.sources]
    things = by_name(timeline, chance.sample(names, min(len(names), 10)))
    yield render_json.shown(things)
    yield from _lines(show.things(timeline, things), screen)
    result: VersionDiff | DateDiff = between(timeline, *DECADE, Filter())
    if chance.random() < 0.7:
        sides = chance.sample([base().timeline, timeline], 2)
        result = compare(sides[0], sides[1])
    yield render_json.diff(result, "old", "new")
    yield markdown.diff(result, "old", "new", warnings(result, TODAY))
    yield from _lines(changes.diff(result, "old", "new"), screen)


def _lines(lines: Iterator[Line], screen: terminal.Screen) -> Iterator[str]:
    shown = list(lines)
    yield plain_lines(shown)
    yield terminal.lines(shown, screen)


def events(data: bytes) -> Timeline | None:
    """The record of the bytes, if there is nothing doubtful in them."""
    document = read_bytes(data, whole=True)
    return None if document.broken or document.findings else document.timeline
