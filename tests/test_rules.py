"""Every code of `check`: its manual's samples, and the edges of what each rule finds."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline.checks import registry as check
from kztimeline.checks.dates import longest_ascending
from kztimeline.checks.registry import REVIEW, RULES
from kztimeline.dates.edtf import PartialDate
from kztimeline.record import keys as tables
from kztimeline.record import reading, values
from kztimeline.record.reading import Reading, read, read_bytes
from kztimeline.text.errors import Problem
from kztimeline.toml import mistakes
from tests.conftest import CHECKOUT

TODAY = date(2024, 1, 1)

# --- samples -----------------------------------------------------------------------------------

# What a sample leaves out. The first event uses all of it, so that nothing is unused.
TABLES = {
    "topic": '[topic]\nassembly = "Peaceful assembly"\n',
    "rest": """
[matter.libel]
title = "Libel"

[source.gazette]
title = "The gazette"
date = "2021"
perspective = "official"

[[event]]
id = "first"
date = "[..2000]"
title = "The first event"
kind = "law"
topics = ["assembly"]
summary = "It happened."
state = { libel = "A crime" }
asks = "Change the law"
sources = [{ source = "gazette", at = "page 1" }]
""",
}
EVENT = {
    "id": '"sample-{}"',
    "date": '"2020"',
    "title": '"A sample, number {}"',
    "kind": '"law"',
    "topics": '["assembly"]',
    "summary": '"It happened."',
    "sources": '[{{ source = "gazette", at = "page 2" }}]',
}


def whole(sample: str) -> str:
    """A sample as the file that it stands for."""
    head, *events = re.split(r"^\[\[event\]\]\n", sample, flags=re.MULTILINE)
    text = ("" if "[topic]" in head else TABLES["topic"]) + head + TABLES["rest"]
    for number, event in enumerate(events):
        missing = (
            f"{key} = {value.format(number)}\n"
            for key, value in EVENT.items()
            if not re.search(rf"^{key} =", event, re.MULTILINE)
        )
        text += f"\n[[event]]\n{''.join(missing)}{event}\n"
    return text


def samples(code: str) -> dict[str, str]:
    """The samples of a manual: before (of an edit), fails, passes."""
    parts = re.split(r"^(Before|Fails|Passes):\n\n", check.manual(code), flags=re.MULTILINE)[1:]
    return {
        name: re.sub(r"^    ", "", text, flags=re.MULTILINE).strip() + "\n"
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("code", check.codes())
def test_a_failing_sample_fails_for_its_reason(code: str) -> None:
    found = problems(code, "Fails")
    assert {problem.code for problem in found} == {code}
    known = {**RULES, **REVIEW}
    severity = known[code].severity if code in known else "error"
    assert {problem.severity for problem in found} == {severity}


@pytest.mark.parametrize("code", check.codes())
def test_a_passing_sample_has_no_problem_at_all(code: str) -> None:
    assert problems(code, "Passes") == ()


@pytest.mark.parametrize("code", check.codes())
def test_a_manual_says_what_and_how_in_lines_that_fit(code: str) -> None:
    manual = check.manual(code)
    title, blank, what, *_ = manual.splitlines()
    assert re.fullmatch(rf"{code} \((error|warning)\)", title)
    assert (blank, what[-1]) == ("", ".")
    assert re.search(r"\n\n\w.*\n\n(Before|Fails):\n", manual, re.DOTALL)
    assert max(map(len, manual.splitlines())) <= 100


def test_every_code_that_reading_can_tell_has_a_manual() -> None:
    text = "".join(
        Path(module.__file__ or "").read_text("utf-8")
        for module in (mistakes, reading, values, tables)
    )
    raised = set(re.findall(r'(?:reject|Finding)\((?:\(.*?\), )?"([a-z-]+)"', text))
    raised |= set(re.findall(r'code="([a-z-]+)"', text))
    nouns = re.findall(r'(?:unknown|choice|reference|named)\("(\w+)"', text)
    of_reading = set(check.codes()) - {*RULES, *REVIEW}
    assert raised | {f"unknown-{noun}" for noun in nouns} == of_reading


def test_the_shipped_record_is_clean() -> None:
    found = check.problems(read((CHECKOUT / "events.toml").read_text("utf-8"), whole=True))
    assert [problem for problem in found if problem.severity == "error"] == []


# --- edges -------------------------------------------------------------------------------------


def told(sample: str) -> list[str]:
    """What is found in a sample: its code and what stands at its place."""
    text = whole(sample)
    rows = text.split("\n")
    return [
        f"{p.code}: {rows[p.line - 1][p.column - 1 : p.end - 1]}"
        for p in check.problems(read(text, whole=True))
    ]


def event(**keys: str) -> str:
    return "[[event]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


# The dates of an ask and of its answer: whether the answer can come after the ask.
ANSWERS = [
    ("2019", "2020", True),
    ("2019", "2019", True),
    ("2019-06", "2019", True),
    ("2019-06", "2019-05", False),
    ("2019-06-02", "2019-06-01", False),
    ("2020", "[..2019]", False),
    ("2020", "[2019..]", True),
    ("[2015..]", "2014", False),
    ("[..2015]", "2014", True),
    ("2019-09-16/2019-09-27", "2019-09-20", True),
    ("2019-09-16/2019-09-27", "2019-09-01/2019-12-01", False),
]


@pytest.mark.parametrize(("ask", "answer", "fits"), ANSWERS)
def test_an_answer_must_be_able_to_come_after_its_ask(ask: str, answer: str, fits: bool) -> None:
    asking = event(id='"ask"', date=f'"{ask}"', asks='"Do it"')
    answering = event(date=f'"{answer}"', answers='["ask"]')
    found = [line for line in told(asking + answering) if not line.startswith("order")]
    assert [line for line in found if "sources" not in line] == (
        [] if fits else ['answer-before-ask: "ask"']
    )


def answering(name: str, *answers: str, when: str = "2020") -> str:
    ids = ", ".join(f'"{one}"' for one in answers)
    return event(id=f'"{name}"', date=f'"{when}"', asks='"x"', answers=f"[{ids}]")


# Who answers whom, in the order of the file: the answers that close a circle.
CIRCLES = [
    (["a", "b a", "c b"], []),
    (["a b", "b a"], ['"b"']),
    (["a c", "b a", "c b"], ['"c"']),
    (["a b", "b", "c b"], []),
    (["a b", "b c", "c a"], ['"b"', '"c"']),
    (["a b", "b a", "c d", "d c"], ['"b"', '"d"']),
    (["a b", "b a c", "c"], ['"b"']),
]


@pytest.mark.parametrize(("events", "closing"), CIRCLES, ids=lambda row: " · ".join(row))
def test_circles(events: list[str], closing: list[str]) -> None:
    found = told("".join(answering(*names.split()) for names in events))
    assert found == [f"answer-cycle: {name}" for name in closing]


def test_a_circle_that_dates_forbid_is_one_finding() -> None:
    text = answering("a", "b", when="2019") + answering("b", "a", when="2020")
    assert told(text) == ['answer-before-ask: "b"']


def test_a_circle_may_be_long() -> None:
    names = [f"e-{n}" for n in range(3000)]
    pairs = zip(names, [names[-1], *names], strict=False)
    found = told("".join(answering(name, before) for name, before in pairs))
    assert found == ['answer-cycle: "e-2999"']


# Dates of an event and of the documents that it is cited from: whether they fit.
CITED = [
    ("2020", ["2020"], True),
    ("2020", ["2019"], False),
    ("2020", ["2019", "2021"], True),
    ("2020", ["2019", "2018"], False),
    ("2020", ["[2018..]"], True),
    ("2020", ["[..2019]"], False),
    ("[2019..]", ["2019"], True),
    ("2019/..", ["2019"], True),
    ("[..2020]", ["2019"], True),
    ("2019-12-31", ["2019"], True),
    ("2020-01-01", ["2019"], False),
]


@pytest.mark.parametrize(("when", "written", "fits"), CITED)
def test_a_document_does_not_know_the_future(when: str, written: list[str], fits: bool) -> None:
    tables = "".join(
        f'[source.s-{n}]\ntitle = "x"\ndate = "{day}"\nperspective = "un"\n\n'
        for n, day in enumerate(written)
    )
    cited = ", ".join(f'{{ source = "s-{n}", at = "x" }}' for n in range(len(written)))
    found = told(tables + event(date=f'"{when}"', sources=f"[{cited}]"))
    assert found == ([] if fits else [f'after-sources: "{when}"'])


# A date, how it was reached, and whether it looks filled in.
FILLED_IN = [
    ("2020-01-01", "The source gives only the year.", True),
    ("2020-01-01", "'Last year' in an article of 2021.", True),
    ("2020-01-01", "Inferred from the article.", True),
    ("2020-01-01", "The day is not given.", True),
    ("2020-01-01", "No date is given; it was soon after.", True),
    ("2020-01-01", "On 1 January of that year.", False),
    ("2020-01-01", "January 1st is named; the year is that of the article.", False),
    ("2020-01-01", "On New Year's day; the year is that of the article.", False),
    ("2020-01-01", "The article names the day.", False),
    ("2020-06-01", "Only the month is given.", True),
    ("2020-06-01", "Undated; it was in early summer.", True),
    ("2020-06-01", "'1 June' in an article of that month.", False),
    ("2020-06-01", "The first of the month, inferred from the report.", False),
    ("2020-06-01", "The year is that of the article.", False),
    ("2020-01", "'Last year' in an article of 2021.", True),
    ("2020-01", "'In January' of that year.", False),
    ("2020-06", "'Last year' in an article of 2021.", False),
    ("2020", "Only the year is given.", False),
    ("2020-01-02", "Only the year is given.", False),
    ("2020-01-01?", "Only the year is given.", True),
    ("[2020-01-01..2020-12-31]", "Only the year is given.", True),
    ("2020-01-01/2020-03-05", "It began in that year; the day is unknown.", True),
    ("2020-01-XX", "Only the year is given.", False),
]


@pytest.mark.parametrize(("when", "dating", "found"), FILLED_IN)
def test_dates_that_look_filled_in(when: str, dating: str, found: bool) -> None:
    expected = [f'too-precise: "{when}"'] if found else []
    assert told(event(date=f'"{when}"', dating=f'"{dating}"')) == expected


def test_a_source_is_dated_by_its_note() -> None:
    text = (
        '[source.s]\ntitle = "x"\ndate = 2020-01-01\nperspective = "un"\nnote = "Undated."\n'
        + event(sources='[{ source = "s", at = "x" }]', date='"2019"')
    )
    assert told(text) == ["too-precise: 2020-01-01"]


# The years of events in the order of the file: those that would have to move.
ORDERS = [
    ("2001 2002 2003", []),
    ("2001 2001 2002", []),
    ("2001 2003 2002 2004 2005", ["2003"]),
    ("2009 2001 2002 2003", ["2009"]),
    ("2001 2002 2003 2000", ["2000"]),
    ("2001 2005 2002 2003 2004 2006", ["2005"]),
    ("2001 2004 2005 2002 2006", ["2002"]),
    ("2003 2002 2001", ["2003", "2002"]),
    ("2020-12-31 2020", ["2020-12-31"]),
    ("2020 2020-01-01", ["2020"]),
    ("[..2020] 2001", []),
    ("2019/.. [2019..] 2019", ["2019"]),
]


@pytest.mark.parametrize(("years", "moved"), ORDERS)
def test_one_misplaced_event_is_one_finding(years: str, moved: list[str]) -> None:
    dates = [PartialDate.parse(year) for year in years.split()]
    keys = [when.sort_key for when in dates]
    kept = longest_ascending(keys)
    assert [year for n, year in enumerate(years.split()) if n not in kept] == moved


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), max_size=9))
def test_the_fewest_events_are_reported(keys: list[tuple[int, int]]) -> None:
    kept = [keys[place] for place in longest_ascending(keys)]
    assert kept == sorted(kept)

    def longest(start: int, last: tuple[int, int]) -> int:
        return max(
            (1 + longest(n + 1, keys[n]) for n in range(start, len(keys)) if keys[n] >= last),
            default=0,
        )

    assert len(kept) == longest(0, (-1, -1))


def test_a_misplaced_event_is_told_by_its_neighbour() -> None:
    years = ["2015", "2005", "2008", "2001", "2009", "2010"]
    text = whole("".join(event(date=f'"{year}"') for year in years))
    assert [p.message for p in check.problems(read(text, whole=True))] == [
        '"2015" stands too early: before "2005"',
        '"2001" stands too late: after "2008"',
    ]


# A text as it is written in a title: what is found, and where.
TEXTS = [
    ('"plain"', []),
    ('"café – “ж”, 漢字, e\u0301, \u00a0\u2009\u3000."', []),
    ('"a\u200bb"', ["unsafe-character: \u200b"]),
    ('"a\\u200bb"', ["unsafe-character: \\u200b"]),
    ('"a\\u202E\\u202db"', ["unsafe-character: \\u202E\\u202d"]),
    ('"a\\U000e0041b"', ["unsafe-character: \\U000e0041"]),
    ('"\\u001b]52;c;x\\u0007"', ["unsafe-character: \\u001b"]),
    ('"a\\eb"', ["unsafe-character: \\e"]),
    ('"a\u0085b"', ["unsafe-character: \u0085"]),
    ('"a\ue000b"', ["unsafe-character: \ue000"]),
    ('"a\u2028b"', ["unsafe-character: \u2028"]),
    ("'''a\u200bb'''", ["unsafe-character: \u200b"]),
    ("'a\\u200bb'", []),
    ('"a\\tb"', ["unsafe-character: \\t"]),
    ('"a\tb"', ["unsafe-character: \t"]),
    ('"a\\nb"', ["line-break: \\n"]),
    ('"a\\r\\nb"', ["line-break: \\n"]),
    ('" a"', ["outer-space:  "]),
    ('"a  "', ["outer-space:   "]),
    ('"a\\u00a0"', ["outer-space: \\u00a0"]),
    ('"""\na \\\n  \u200bb"""', ["unsafe-character: \u200b"]),
    ('"a # \u200b"', ["unsafe-character: \u200b"]),
    ('"a" # \u200b', ["unsafe-character: \u200b"]),
    ('"Kаz"', ["look-alike: Kаz"]),
    ('"the Kаzakh law"', ["look-alike: Kаzakh"]),
    ('"Алматы, Almaty"', []),
    ('"COVID-ның, ИТ-hub, 5а, μm"', []),
]


@pytest.mark.parametrize(("written", "found"), TEXTS, ids=lambda row: ascii(row)[:40])
def test_texts(written: str, found: list[str]) -> None:
    assert told(event(title=written)) == found


@pytest.mark.parametrize(("written", "found"), TEXTS, ids=lambda row: ascii(row)[:40])
def test_every_free_text_is_looked_at(written: str, found: list[str]) -> None:
    texts = [event(asks=written), event(dating=written)]
    if "\n" not in written and "#" not in written:
        cited = f'{{ source = "gazette", at = "x", says = {written} }}'
        authors = f'[source.s]\ntitle = "x"\nauthors = [{written}]\ndate = "2021"\n'
        texts += [
            event(sources=f"[{cited}]"),
            event(state=f"{{ libel = {written} }}"),
            authors
            + 'perspective = "un"\n'
            + event(sources='[{ source = "s", at = "x" }]', date='"2021"'),
        ]
    for text in texts:
        assert told(text) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('"""\na\n\n\tb\n"""', []),
        ('" a\\n\\nb "', []),
        ('"""\na\u200b\n"""', ["unsafe-character: \u200b"]),
        ('"a\\u0008b"', ["unsafe-character: \\u0008"]),
    ],
)
def test_a_summary_may_have_several_lines(written: str, found: list[str]) -> None:
    assert told(event(summary=written)) == found
    crlf = whole(event(summary=written)).replace("\n", "\r\n")
    assert [p.code for p in check.problems(read(crlf, whole=True))] == [
        f.partition(":")[0] for f in found
    ]


ADDRESSES = [
    ("https://example.org/a?b=c#d", ""),
    ("http://example.org:8080/%D0%B6", ""),
    ("www.example.org", "did you mean https://www.example.org?"),
    ("ftp://example.org", None),
    ("javascript:alert(1)", None),
    ("https://user@example.org", None),
    ("https://[::1", None),
    ("https://example.org/a b", None),
    ("https://example.org/ж", None),
    ("https://", None),
]


@pytest.mark.parametrize(("url", "hint"), ADDRESSES)
def test_addresses(url: str, hint: str | None) -> None:
    text = whole(
        f'[source.s]\ntitle = "x"\ndate = "2021"\nperspective = "un"\nurl = "{url}"\n'
        + event(sources='[{ source = "s", at = "x" }]')
    )
    found = [(p.code, p.hint) for p in check.problems(read(text, whole=True))]
    assert found == ([] if hint == "" else [("bad-url", hint or "")])


def test_a_broken_file_calls_nothing_unused() -> None:
    text = whole('[matter.land]\ntitle = "Land"\n' + event(state='{ land = "Free" }'))
    broken = text.replace('state = { land = "Free" }', 'state = { land = "Free }')
    assert [p.code for p in check.problems(read(broken, whole=True))] == ["syntax"]
    doubtful = text.replace('kind = "law"', 'kind = "lore"')
    assert {p.code for p in check.problems(read(doubtful, whole=True))} == {"unknown-kind"}


def test_errors_come_before_warnings() -> None:
    text = whole(event(topics="[]") + event(date='"June"') + event(sources="[]"))
    found = [(p.severity, p.line) for p in check.problems(read(text, whole=True))]
    assert [severity for severity, _ in found] == ["error", "error", "warning"]
    assert found[:2] == sorted(found[:2])


def all_texts() -> Iterator[str]:
    for code in check.codes():
        yield from map(whole, samples(code).values())


@given(
    st.sampled_from(list(all_texts())),
    st.integers(0, 900),
    st.integers(0, 40),
    st.sampled_from(["", '"', "[", "\\u200b", "\u200b", "\n", "[[event]]\n", "x = 1\n", "# "]),
)
def test_any_file_is_checked(text: str, start: int, length: int, put: str) -> None:
    damaged = read(text[:start] + put + text[start + length :], whole=True)
    lines = damaged.text.split("\n")
    for problem in (
        *check.problems(damaged),
        *check.problems_of_edit(damaged, read(text, whole=True), TODAY),
        *check.problems_of_edit(read(text, whole=True), damaged, TODAY),
    ):
        assert 1 <= problem.line <= max(len(lines), text.count("\n") + 1)
        assert problem.column >= 1
        assert problem.code in check.codes()


# --- helpers ---------------------------------------------------------------------------------


def parsed(sample: str) -> Reading:
    return read_bytes(whole(sample).encode().replace(rb"\xff", b"\xff"), whole=True)


def problems(code: str, which: str) -> tuple[Problem, ...]:
    texts = samples(code)
    if "Before" in texts:
        return check.problems_of_edit(parsed(texts[which]), parsed(texts["Before"]), TODAY)
    return check.problems(parsed(texts[which]), TODAY)
