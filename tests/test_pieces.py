"""Large texts, read piece by piece: the same timelines, and the same problems, as when whole."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rtoml
from hypothesis import given, settings
from hypothesis import strategies as st

from kztimeline import Event
from kztimeline.dates.edtf import Window
from kztimeline.query.filter import Filter
from kztimeline.record import reading
from kztimeline.record.reading import Keep, Reading, everything
from kztimeline.toml import parse
from tests.bench.records import TOPICS, toml
from tests.conftest import SMALL, Run
from tests.fuzz.mutants import mutant
from tests.oracles.layouts import Made, records

TEXT = SMALL.read_text("utf-8")


@given(records(), st.integers(0, 2_000))
@settings(max_examples=50)
def test_a_record_in_pieces_is_the_same_record(made: Made, size: int) -> None:
    same(made.text, size)


@given(st.integers(0, 2**32), st.integers(0, 2_000))
@settings(max_examples=200)
def test_a_mutant_in_pieces_is_the_same_or_has_the_same_problems(seed: int, size: int) -> None:
    same(mutant(seed).decode("utf-8", "replace"), size)


HEAD = TEXT[: TEXT.index("[[event]]")]
TALKS = TEXT[TEXT.index('[[event]]\nid = "2018-talks"') :].partition("\n\n")[0] + "\n"
CITATION = 'sources = [{ source = "ministry-2021", at = "section 1" }]'
CITATIONS = CITATION.replace(
    "}]", '}, { source = "ministry-2021", at = "section 1", says = "More" }]'
)


def talks(name: str, answers: str = "") -> str:
    """An event of that name, perhaps one that answers another."""
    return TALKS.replace("2018-talks", name) + (f'answers = ["{answers}"]\n' if answers else "")


# What can be read in pieces, and what must be read whole: what isn't TOML, or might be none.
PIECES = {
    "a record": (TEXT, True),
    "with the line ends of Windows": (TEXT.replace("\n", "\r\n"), True),
    "with a byte order mark": ("\ufeff" + TEXT, True),
    "no events": (HEAD, True),
    "answers to what comes later": (HEAD + talks("one", "other") + talks("other"), True),
    "citations of one place, in other words": (TEXT.replace(CITATION, CITATIONS), True),
    "a comment behind a header": (TEXT.replace("[[event]]", "[[event]] # new"), True),
    "answers to nothing": (HEAD + talks("one", "other"), True),
    "an id twice": (HEAD + talks("one") + talks("one"), True),
    "a citation twice": (TEXT.replace(CITATION, CITATIONS.replace(', says = "More"', "")), True),
    "a table behind the events": (TEXT + '[topic.x]\ntitle = "X"\n', True),
    "all tables behind the events": (TEXT.removeprefix(HEAD) + HEAD, True),
    "tables among the events": (
        TEXT.removeprefix(HEAD).replace("[[event]]", HEAD + "[[event]]", 1),
        True,
    ),
    "a table in two places": ('[timeline]\ntitle = "X"\n' + TEXT.removeprefix(HEAD) + HEAD, False),
    "the tables of an event behind others": (TEXT + "[timeline.x]\n[event.states]\n", True),
    "an event that is no entry of a list": (TEXT + "[event]\n", False),
    "a table twice": (TEXT + '[timeline]\ntitle = "X"\n', False),
    "a line of a text like a header": (TEXT.replace('"Talks', '"""\n[[event]]\n"""#'), True),
    "several such lines": (
        TEXT.replace('"Talks', '"""\n[[event]]\n[[event]]\n[[event]]\n"""#'),
        False,
    ),
    "events in a list": ("event = [\n{},\n]\n" + TALKS, False),
    "no list of events": ("event = 1\n" + TALKS, False),
    "the tables of an event before it": ("[event.state]\n" + TALKS, False),
    "a wrong head": (TEXT.replace("[timeline]", "[timelines]"), True),
    "an unknown topic": (TEXT.replace('["expression"]', '["x"]'), True),
    "what isn't TOML": (TEXT + "x\n", False),
    "a list that doesn't end": (TEXT.replace('topics = ["un"]', 'topics = ["un"', 1), False),
}


@pytest.mark.parametrize(("text", "by_piece"), PIECES.values(), ids=PIECES)
def test_what_is_read_in_pieces(text: str, by_piece: bool) -> None:
    assert is_read_in_pieces(text) == by_piece
    same(text)


def test_what_stands_behind_a_thousand_problems_is_read() -> None:
    events = "".join(talks(f"e-{number}") for number in range(700))
    behind = HEAD + "\n"
    assert reading.read(f"# events first\n{events}{behind}").problems == ()
    same(f"# events first\n{events}{behind}", 1_500)
    wrong = events.replace('kind = "dialogue"', 'kind = "x"').replace('["assembly"]', '["x"]')
    same(f"{HEAD}{wrong}x = = 1\n", 1_500)


def test_a_huge_text_may_have_many_lines_like_headers() -> None:
    text = TEXT.replace("Fines remain.", "Fines remain.\n[[event]]" * 100)
    with pieces_of(0), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "HUGE", 0)
        patch.setattr(parse, "MOST_CUTS", 101)
        assert reading.read(text).problems == ()


# How TOML is broken, and where that shows.
BROKEN = [
    ('kind = "dialogue"', "kind = dialogue", 96),
    ('id = "2018-talks"', 'id = "2018-talks', 93),
    ('id = "2018-talks"', 'id = "2018-talks"\nid = "x"', 94),
    ('sources = [{ source = "ministry-2021", at = "section 1" }]', "sources = [", 101),
    ('[[event]]\nid = "2018-talks"', '[[event]\nid = "2018-talks"', 92),
    ('[timeline]', '[timeline', 1),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), BROKEN, ids=[new for _, new, _ in BROKEN])
def test_of_a_huge_text_the_first_broken_line_is_told(old: str, new: str, line: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "HUGE", 0)
        patch.setattr("kztimeline.toml.salvage.HUGE", 0)
        assert TEXT.count(old) == 1
        text = TEXT.replace(old, new)
        for size in (0, 1_500):
            same(text, size)
        [problem] = in_pieces(text).problems
    assert (problem.line, problem.code) == (line, "syntax")


@pytest.mark.parametrize(("size", "pieces"), [(0, 10), (1_500, 3), (10_000, 2)])
def test_all_is_parsed_once_in_so_many_pieces(size: int, pieces: int) -> None:
    texts: list[str] = []

    def parsed(text: str) -> dict[str, Any]:
        texts.append(text)
        return rtoml.loads(text)

    with pieces_of(size), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "parsed", parsed)
        tables, events = parse.in_pieces(TEXT)
        assert {**tables, "event": [*events]} == rtoml.loads(TEXT)
    assert len(texts) == pieces
    assert "".join(texts) == TEXT


WANTED = {
    "all": Filter(),
    "two topics": Filter(topic=frozenset(["un", "expression"])),
    "a kind": Filter(kind=frozenset(["law"])),
    "a matter": Filter(matter=frozenset(["libel"])),
    "a status": Filter(status=frozenset(["scheduled"])),
    "a status and a topic": Filter(status=frozenset(["occurred"]), topic=frozenset(["un"])),
    "a source": Filter(source=frozenset(["daily-2021"])),
    "days": Filter(window=Window(date(2014, 2, 16), date(2015, 1, 1))),
    "certainly since": Filter(window=Window(date(2020, 6, 26), None), certain=True),
    "contested, with a word": Filter(contested=True, search=("notification",)),
}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_what_may_match_is_kept(wanted: Filter) -> None:
    everything = reading.read(TEXT).timeline
    kept = in_pieces(TEXT, wanted.table_filter()).timeline
    assert wanted == Filter() or wanted.contested or len(kept.events) < len(everything.events)
    matching = [event for event in everything.events if wanted.match(everything, event)]
    assert [event for event in kept.events if wanted.match(kept, event)] == matching


# --- through the command -----------------------------------------------------------------------

ASKED = ("list", "--topic", TOPICS[7], "--kind", "law", "--since", "2000")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A record that is large enough to be read in pieces."""
    path = tmp_path / "events.toml"
    path.write_text(toml(2_000), "utf-8")
    assert path.stat().st_size > parse.LARGE
    return path


@pytest.mark.parametrize("form", ["plain", "tsv", "ids"])
def test_lines_are_made_of_what_matches_alone(form: str, kzt: Run, large: Path) -> None:
    found = json.loads(kzt(*ASKED, "--format", "json").out)
    ids = [event["id"] for event in found["events"]]
    lines = kzt(*ASKED, "--format", form).out.splitlines()[form != "ids" :]
    assert len(ids) == len(lines) > 10
    assert all(identity in line.split() for identity, line in zip(ids, lines, strict=True))


def test_a_mistake_in_what_does_not_match_is_told(kzt: Run, large: Path) -> None:
    text = large.read_text("utf-8").replace('kind = "decree"', 'kind = "decre"', 1)
    large.write_text(text, "utf-8")
    done = kzt(*ASKED)
    line = text[: text.index('"decre"')].count("\n") + 1
    told = f'events.toml:{line}:8: unknown kind "decre" (did you mean "decree"?)\n'
    assert (done.code, done.out, done.err) == (2, "", told)


def test_a_large_record_takes_less_memory_than_its_values(large: Path) -> None:
    """Which is why it is read in pieces."""

    def peak(read: Callable[[str], object]) -> int:
        tracemalloc.start()
        read(text)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    text = large.read_text("utf-8")
    nothing = Filter(topic=frozenset(["nothing"])).table_filter()
    assert peak(lambda text: reading.read(text, nothing)) * 5 < peak(parse.parsed)


# --- helpers ---------------------------------------------------------------------------------


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """However short a text, it is read in pieces of at least so many characters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "LARGE", 0)
        patch.setattr(parse, "PIECE", size)
        patch.setattr(parse, "MOST_CUTS", 1)
        patch.setattr(parse, "LONGEST_TEXT", size)
        yield


def in_pieces(text: str, keep: Keep = everything, size: int = 0) -> Reading:
    with pieces_of(size):
        return reading.read(text, keep)


class OnlyPieces:
    """The parser's module for a reader that must not read a text whole."""

    def parsed(self, _text: str) -> None:
        pytest.fail("read whole")

    def __getattr__(self, name: str) -> object:
        return getattr(parse, name)


def is_read_in_pieces(text: str) -> bool:
    """Whether a text is not read whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "parse", OnlyPieces())
        try:
            in_pieces(text)
        except pytest.fail.Exception:
            return False
    return True


def whole(events: tuple[Event, ...]) -> list[tuple[object, ...]]:
    """Events with what their equality leaves out."""
    return [(*event, *(citation.explicit for citation in event.sources)) for event in events]


def same(text: str, size: int = 0) -> None:
    with pieces_of(size):
        pieced = reading.read(text)
    plain = reading.read(text)
    assert pieced.timeline == plain.timeline
    assert pieced.problems == plain.problems
    assert whole(pieced.timeline.events) == whole(plain.timeline.events)
