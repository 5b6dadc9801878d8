"""Reading: what a file may hold, and where each mistake is reported."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import Citation, KztError, loads
from kztimeline.record.reading import Reading, read, read_bytes
from kztimeline.text.errors import Problem
from tests.conftest import SMALL

TEXT = SMALL.read_text("utf-8")


# --- what is read ------------------------------------------------------------------------------


def test_an_event_is_read_whole() -> None:
    timeline = loads(TEXT)
    event = timeline.events[6]
    assert event.id == "2020-assembly-law"
    assert event.date.text == "2020"
    assert event.summary == "Organisers notify the authorities five days ahead.\n\nFines remain."
    assert event.state == {"assembly-procedure": "Notification five days ahead"}
    assert event.answers == ("2011-briefing",)
    assert event.contested
    assert event.sources[1] == Citation(
        source="daily-2021",
        at="first paragraph",
        says="Protesters are still prosecuted",
        perspective="ngo",
        disputes=True,
    )
    assert [timeline.perspective(c) for c in event.sources] == ["official", "ngo"]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# only a comment\n", "\ufeff", "[timeline]\n", "event = []\n"],
    ids=repr,
)
def test_a_file_may_be_empty(text: str) -> None:
    reading = read(text)
    assert reading.problems == ()
    assert reading.timeline.events == ()


@pytest.mark.parametrize(
    "same",
    [
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.rstrip("\n"),
        TEXT.replace("date = 2011-07-12", 'date = "2011-07-12"'),
        TEXT.replace("[[event]]", "# a comment above\n[[event]] # and behind"),
        TEXT.replace("sources = [{", "sources = [\n  {").replace("}]\n", "},\n]\n"),
        TEXT.replace('state = { libel = "A crime" }', 'state.libel = "A crime"'),
    ],
    ids=["CRLF", "BOM", "no final newline", "dates as strings", "comments", "lines", "dotted"],
)
def test_layout_does_not_matter(same: str) -> None:
    assert same != TEXT
    reading = read(same)
    assert reading.problems == ()
    assert reading.timeline == read(TEXT).timeline


def test_an_event_may_have_no_citation_here() -> None:
    assert read(TEXT.replace('sources = [{ source = "bureau-2011", at = "page 2" }]', "sources = []")).problems == ()  # fmt: skip


# --- what is refused, and where ----------------------------------------------------------------

# One edit of small.toml: what is replaced, by what, and what is told.
MISTAKES = [
    ('summary = "Ministries', 'sumary = "Ministries', ['98:1: unknown key "sumary" (did you mean "summary"?)']),
    ('at = "section 1"', 'page = "section 1"', ['99:12: missing key "at"', '99:40: unknown key "page" (known: at, disputes, perspective, quote, says, source)']),
    ('[timeline]\n', '[timelines]\n', ['1:2: unknown key "timelines" (did you mean "timeline"?)']),
    ('title = "Libel"\n', 'titel = "Libel"\n', ['14:1: unknown key "titel" (did you mean "title"?)']),
    ('kind = "dialogue"\n', '', ['92:1: missing key "kind"']),
    ('title = "Talks on assembly"', 'title = 7', ['95:9: title must be a string, not a number']),
    ('title = "Talks on assembly"', 'title = true', ['95:9: title must be a string, not true or false']),
    ('title = "Talks on assembly"', 'title = 07:32:00', ['95:9: title must be a string, not a time']),
    ('title = "Talks on assembly"', 'title = ["x"]', ['95:9: title must be a string, not a list']),
    ('topics = ["un"]\nsummary', 'topics = "un"\nsummary', ['57:10: topics must be a list, not a string']),
    ('topics = ["un"]\nsummary', 'topics = ["un", 1.5]\nsummary', ['57:17: topic must be a string, not a number']),
    ('disputes = true', 'disputes = "yes"', ['116:126: disputes must be true or false, not a string']),
    ('disputes = true', 'disputes = 1', ['116:126: disputes must be true or false, not a number']),
    ('state = { libel = "A crime" }', 'state = "A crime"', ['79:9: state must be a table, not a string']),
    ('state = { libel = "A crime" }', 'state = { libel = nan }', ['79:19: libel must be a string, not a number']),
    ('[topic]\n', 'topic = 1\n[topics]\n', ['4:1: unknown key "topic" (known: title)', '5:2: unknown key "topics" (did you mean "topic"?)', '12:11: unknown topic "assembly"']),
    ('[timeline]\n', 'event = {}\n[timeline]\n', ['43:1: event must be [[event]] tables, not a table', '43:3: duplicate key "event"']),
    ('title = "Talks on assembly"', 'title = ""', ['95:9: title must not be empty']),
    ('title = "Talks on assembly"', 'title = " "', ['95:9: title must not be empty']),
    ('title = "Talks on assembly"', 'title = "' + 'x' * 301 + '"', ['95:9: title has 301 characters, more than 300']),
    ('summary = "Ministries', 'summary = "' + 'x' * 5000 + '', ['98:11: summary has 5,014 characters, more than 5,000']),
    ('date = "2018-09-16/2018-09-27"', 'date = "2018-09-27/2018-09-16"', ['94:8: "2018-09-27/2018-09-16": the end is before the beginning; write "2018-09-16/2018-09-27"']),
    ('date = "2020-06-25"', 'date = 2020', ['121:8: a date needs quotes: "2020"']),
    ('date = "2020-06-25"', 'date = 2020-06-25T00:00:00Z', ['121:8: a date has no time of day: "2020-06-25"']),
    ('date = "2020-06-25"', 'date = 20.5', ['121:8: date must be a date, not a number']),
    ('date = "2020-06-25"', 'date = 2020-06', ['121:8: a month needs quotes: "2020-06"']),
    ('id = "2018-talks"', 'id = "2018 talks"', ['93:6: "2018 talks" must be 1 to 64 of a-z, 0-9 and hyphen']),
    ('id = "2018-talks"', 'id = "2018-tаlks"', ['93:6: "2018-tаlks" must be 1 to 64 of a-z, 0-9 and hyphen']),
    ('id = "2018-talks"', 'id = "2018-talks\\n"', ['93:6: "2018-talks\n" must be 1 to 64 of a-z, 0-9 and hyphen']),
    ('un = "UN', 'U_N = "UN', ['7:1: "U_N" must be 1 to 64 of a-z, 0-9 and hyphen', '19:11: unknown topic "un" (known: U_N, assembly, expression)', '57:11: unknown topic "un" (known: U_N, assembly, expression)']),
    ('id = "2018-talks"', 'id = "2006-covenant"', ['93:6: id "2006-covenant" is already used by another event']),
    ('topics = ["un"]\nsummary', 'topics = ["unn"]\nsummary', ['57:11: unknown topic "unn" (did you mean "un"?)']),
    ('topics = ["un"]\nsummary', 'topics = ["un", "un"]\nsummary', ['57:17: topic "un" stands twice']),
    ('kind = "dialogue"', 'kind = "dialog"', ['96:8: unknown kind "dialog" (did you mean "dialogue"?)']),
    ('status = "scheduled"', 'status = "planned"', ['136:10: unknown status "planned" (known: alleged, occurred, scheduled)']),
    ('perspective = "ngo", disputes', 'perspective = "NGO", disputes', ['116:108: unknown perspective "NGO" (did you mean "ngo"?)']),
    ('state = { libel = "A c', 'state = { lible = "A c', ['79:11: unknown matter "lible" (did you mean "libel"?)']),
    ('source = "ministry-2021", at = "section 1"', 'source = "ministry", at = "section 1"', ['99:23: unknown source "ministry" (did you mean "ministry-2021"?)']),
    ('answers = ["2011-briefing"]\ndating', 'answers = ["2011-brief"]\ndating', ['112:12: unknown event "2011-brief" (did you mean "2011-briefing"?)']),
    ('topics = ["expression"]\n\n[matter.cov', 'topics = ["x"]\n\n[matter.cov', ['15:11: unknown topic "x" (known: assembly, expression, un)']),
    ('id = "2018-talks"', 'id = "2018-talks', ['93:17: missing closing quote, expected `"`']),
    ('[[event]]\nid = "2018-talks"', '[event]\nid = "2018-talks"', ['92:2: duplicate key "event"; a new event begins with [[event]]']),
    ('title = "Talks on assembly"', 'title = “Talks on assembly”', ['95:9: not a quote in TOML: “, write `"`']),
    ('id = "2018-talks"', 'id = "2018-talks"\nid = "x"', ['94:1: duplicate key "id"; a new event begins with [[event]]']),
    ('[source.daily-2021]', '[source.bureau-2011]', ['34:9: duplicate key "bureau-2011"', '90:23: unknown source "daily-2021" (did you mean "ministry-2021"?)', '116:14: unknown source "daily-2021" (did you mean "ministry-2021"?)']),
    ('kind = "dialogue"', 'kind = "dia\\qlogue"', ['96:12: a backslash is written `\\\\`']),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problems"), MISTAKES, ids=[m[1][:40] for m in MISTAKES])
def test_a_mistake_is_told_where_it_is(old: str, new: str, problems: list[str]) -> None:
    assert TEXT.count(old) == 1
    found = told(read(TEXT.replace(old, new)))
    assert found[:3] == problems


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        TEXT.replace('["un"]\n\n[source', '["u n"]\n\n[source')
        .replace('id = "2009-permits"', 'id = "2009-permits')
        .replace('"2020-06-25"', '"2020-06-31"')
        .replace("disputes = true", "disputed = true")
    )
    assert told(read(text)) == [
        '19:11: unknown topic "u n" (did you mean "un"?)',
        '63:19: missing closing quote, expected `"`',
        '116:115: unknown key "disputed" (did you mean "disputes"?)',
        '121:8: "2020-06-31": June 2020 has 30 days; the last is "2020-06-30"',
    ]


# A construct that never ends must not hide what follows it: the misspelt kind of a later event.
UNCLOSED = [
    ('title = "Talks on assembly"', 'title = "Talks on assembly'),
    ('title = "Talks on assembly"', "title = 'Talks on assembly"),
    ('title = "Talks on assembly"', 'title = """Talks on assembly"'),
    ('title = "Talks on assembly"', "title = '''Talks on assembly"),
    ('topics = ["un"]\nsummary', 'topics = ["un"\nsummary'),
    ('at = "section 1" }]', 'at = "section 1" '),
    ('state = { covenant = "Ratified" }', 'state = { covenant = "Ratified"'),
    ('[[event]]\nid = "2018-talks"', '[[event]\nid = "2018-talks"'),
    ('[[event]]\nid = "2018-talks"', '[event]]\nid = "2018-talks"'),
    ('\nFines remain."""', "\nFines remain."),
]


@pytest.mark.parametrize(("old", "new"), UNCLOSED, ids=[new for _, new in UNCLOSED])
def test_a_broken_block_does_not_hide_the_others(old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new).replace('kind = "treaty-body-review"', 'kind = "treaty"')
    reading = read(text)
    assert "syntax" in [problem.code for problem in reading.problems]
    assert 'unknown kind "treaty"' in [problem.message for problem in reading.problems]
    kept = {event.id for event in reading.timeline.events}
    assert kept >= {"2005-draft", "2009-permits", "2011-briefing", "2020-libel"}


# A block that can't be read still gives the names that others refer to.
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('un = "UN treaties and bodies"', 'un = "UN treaties and bodies'),
        ('title = "Libel"\n', 'title = "Libel\n'),
        ('title = "Briefing paper"', 'title = "Briefing paper'),
        ('title = "NGOs ask for', "title = NGOs ask for"),
        ('[[event]]\nid = "2011-briefing"', '[event]]\nid = "2011-briefing"'),
        ('id = "2011-briefing"', 'id "2011-briefing"'),
    ],
)
def test_one_mistake_is_one_problem(old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert [problem.code for problem in read(TEXT.replace(old, new)).problems] == ["syntax"]


def test_a_byte_order_mark_takes_no_column() -> None:
    assert told(read('\ufefftitle = "x\n')) == ['1:11: missing closing quote, expected `"`']
    assert told(read_bytes(b"\xef\xbb\xbf# \xff\n")) == ["1:3: not UTF-8: byte 0xff at offset 5"]


def test_bytes_that_are_not_utf8_are_told_with_their_place() -> None:
    reading = read_bytes('[timeline]\ntitle = "ж'.encode() + b'\xff"\n')
    assert told(reading) == ["2:11: not UTF-8: byte 0xff at offset 22"]
    assert reading.timeline.events == ()


def test_refused_with_the_first_problem_and_the_number_of_others() -> None:
    text = TEXT.replace("disputes", "disputed").replace('"2020-06-25"', '"2020-06-31"')
    with pytest.raises(KztError) as caught:
        loads(text)
    assert caught.value.args == (
        'text:116:115: unknown key "disputed" (did you mean "disputes"?)',
        "1 more",
    )


def test_suggestions_are_bounded_on_hostile_files() -> None:
    ids = "\n".join(
        f'[[event]]\nid = "e-{i}"\nanswers = ["f-{i}"]\ntopics = ["t-{i}"]' for i in range(3000)
    )
    problems = [p for p in read(ids).problems if p.code == "unknown-topic"]
    assert len(problems) > 100
    assert sum(bool(p.hint) for p in problems) < 100


@pytest.mark.parametrize(("count", "told"), [(999, 999), (1_000, 1_000), (1_001, 1_001)])
def test_a_thousand_problems_are_told_and_then_that_there_are_more(count: int, told: int) -> None:
    keys = "".join(f"k{number} = 1\n" for number in range(count))
    for text in (keys, f"[timeline]\n{keys}", f"[topic]\n{keys}", "[[event]]\n" + keys):
        needed = 7 if text.startswith("[[event]]") else 0
        problems = read(text).problems
        assert len(problems) == min(told + needed, 1_001)
        last = "more than 1,000 problems; the others are not reported"
        assert (problems[-1].message == last) == (count + needed > 1_000)


# --- never an exception ------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*TEXT.splitlines(keepends=True), '"""', "'''", "[", "]", "{", "}", '"', "=", "\n", "\x00"]
)


@given(st.lists(PIECES | st.text(max_size=20), max_size=60).map("".join))
def test_any_text_is_read_or_told(text: str) -> None:
    reading = read(text)
    lines = text.count("\n") + 1
    for problem in reading.problems:
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert re.fullmatch(r"[a-z0-9-]+", problem.code)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    assert all(isinstance(problem, Problem) for problem in read_bytes(data).problems)


@given(
    st.integers(0, len(TEXT)), st.integers(0, 30), st.sampled_from(["", '"', "[", "x = 1\n", "\\"])
)
def test_a_damaged_file_is_read_or_told(start: int, length: int, put: str) -> None:
    reading = read(TEXT[:start] + put + TEXT[start + length :])
    assert len(reading.timeline.events) <= len(read(TEXT).timeline.events) + 1


# --- helpers ---------------------------------------------------------------------------------


def told(reading: Reading) -> list[str]:
    return [
        f"{p.line}:{p.column}: {p.message}" + (f" ({p.hint})" if p.hint else "")
        for p in reading.problems
    ]
