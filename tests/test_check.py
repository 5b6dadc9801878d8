"""`kzt check` as it is used: exact places, formats, several files, and the review of an edit."""

import json
import random
import re
from datetime import date
from pathlib import Path

import pytest

from kztimeline import loads
from kztimeline.checks import registry as check
from kztimeline.query.diff import compare
from kztimeline.record.reading import read, read_bytes
from kztimeline.renderers import markdown, problems
from kztimeline.renderers.plain import columns
from kztimeline.text.errors import Problem
from tests.conftest import BENCH, NEW_LAW, SMALL, Repository, Run, current, golden, occurred
from tests.terminals import in_terminal

TEXT = current(SMALL.read_text("utf-8"))
RECORD = BENCH.read_text("utf-8")
TODAY = date(2024, 1, 1)

# --- mutations of the real file ----------------------------------------------------------------

SECOND = -1
# What is looked for, and what its group is replaced by (\\0 is the group itself); the code that is
# told; and how far into the replacement the mistake is: characters, or at the second group.
MUTATIONS: dict[str, tuple[str, str, str, int]] = {
    "unknown topic": (r'^topics = \[("[a-z-]+")', '"x-y-z"', "unknown-topic", 0),
    "misspelt topic": (r'^topics = \[.*, ("[a-z-]+")', '"govrnance"', "unknown-topic", 0),
    "topic twice": (r'^topics = \[("[a-z-]+")', r"\0, \0", "duplicate", SECOND),
    "unknown kind": (r"^kind = (.*)$", '"lore"', "unknown-kind", 0),
    "unknown source": (r'\{ source = ("[a-z0-9-]+")', '"no-such"', "unknown-source", 0),
    "unknown status": (r"^status = (.*)$", '"planned"', "unknown-status", 0),
    "unknown perspective": (r'perspective = ("[a-z]+") \}', '"press"', "unknown-perspective", 0),
    "unknown matter": (r"^state = \{ ([a-z-]+) =", "no-such", "unknown-matter", 0),
    "unknown answer": (r'^answers = \[("[a-z0-9-]+")', '"2001-x"', "unknown-event", 0),
    "answer to no ask": (r'^answers = \[("[a-z0-9-]+")', '"2014-criminal-procedure-code"', "answer-without-ask", 0),
    "misspelt key": (r"^(kind) = ", "knid", "unknown-key", 0),
    "misspelt key of a citation": (r'\{ source = "[^"]*", (at) = ', "att", "unknown-key", 0),
    "capital in an id": (r"^id = (.*)$", '"2020-Law"', "bad-id", 0),
    "Cyrillic letter in an id": (r"^id = (.*)$", '"2020-lаw"', "bad-id", 0),
    "month 13": (r"^date = (.*)$", '"2019-13"', "bad-date", 0),
    "30 February": (r"^date = (.*)$", '"2019-02-30"', "bad-date", 0),
    "reversed interval": (r"^date = (.*)$", '"2020/2019"', "bad-date", 0),
    "date in words": (r"^date = (.*)$", '"June 2019"', "bad-date", 0),
    "year without quotes": (r'^date = ("\d{4}")$', "2019", "bad-date", 0),
    "month without quotes": (r"^date = (.*)$", "2019-05", "syntax", 0),
    "datetime": (r"^date = (.*)$", "2019-05-01T10:00:00Z", "bad-date", 0),
    "number for a title": (r'^title = (".*")$', "7", "wrong-type", 0),
    "text for a list": (r'^topics = (\["[a-z-]+"\])$', '"assembly"', "wrong-type", 0),
    "text for true": (r"disputes = (true)", '"yes"', "wrong-type", 0),
    "empty title": (r'^title = (".*")$', '""', "empty-text", 0),
    "blank summary": (r'^summary = (".*")$', '"  "', "empty-text", 0),
    "long title": (r'^title = (".*")$', f'"{"x" * 301}"', "too-long", 0),
    "zero-width space": (r'^title = ".{9}(.)', "\u200b", "unsafe-character", 0),
    "bidi override in a locator": (r'at = "...(.)', "\u202e", "unsafe-character", 0),
    "escape sequence": (r'^summary = ".{20}(.)', r"\\u001b", "unsafe-character", 0),
    "line break in a title": (r'^title = ".{5}(.)', r"\\n", "line-break", 0),
    "no citation": (r"^sources = (\[\n.*\n\])", "[]", "no-citation", 0),
    "only a disputing citation": (r'^sources = \[\n.*"( )\}.*\n\]', ", disputes = true ", "only-disputed", len(", disputes = ")),
    "far future": (r'^date = ("2011[-0-9]*")$(?=(?:\n(?!sources).*)+\nsources = \[\n.*ngo-release-2011.*\n\])', '"2099"', "after-sources", 0),
    "misspelt header": (r"^(\[\[event\]\])\n(?:id|date|title|#).*\n", "[[events]]", "unknown-key", 2),
    "opening quote gone": (r'^title = (")', "", "syntax", 0),
    "closing quote gone": (r'^title = ".*(")$', "", "syntax", 0),
    "curly quotes": (r'^kind = (".*")$', "“law”", "syntax", 0),
    "quote inside a text": (r'^summary = "[^"]{9}[a-z]([a-z])', '"', "syntax", 0),
    "text broken over two lines": (r'^title = "[^"]{9,30}?( )', "\n", "syntax", 0),
    "bad escape": (r'^title = ".{4}(.)', r"\\q", "syntax", 0),
    "opening bracket gone": (r"^topics = (\[)", "", "syntax", 0),
    "closing bracket gone": (r"^topics = .*(\])$", "", "syntax", 0),
    "closing brace gone": (r'^  \{ source.*(\}),$', "", "syntax", 0),
    "comma gone between topics": (r'^topics = \["[a-z-]+"(,)', "", "syntax", 0),
    "comma gone in a citation": (r'^  \{ source = "[^"]*"(,)', "", "syntax", 0),
    "comma gone between citations": (r"^  \{ source.*\}(,)\n  \{", "", "syntax", 0),
    "equals sign gone": (r"^(?:id|title|kind|topics) (=) ", "", "syntax", 0),
    "key twice": (r"^kind = .*\n()", 'kind = "law"\n', "syntax", 0),
    "header half closed": (r"^\[\[event\](\])$", "", "syntax", 0),
    "header half opened": (r"^(\[)\[event\]\]$", "", "syntax", 0),
    "conflict marker": (r"^()\[\[event\]\]$", "<<<<<<< HEAD\n", "syntax", 0),
    "word after a text": (r'^kind = ".*"()$', " law", "syntax", 1),
}  # fmt: skip

EVENTS_BEGIN = RECORD.index("[[event]]")


def mutants() -> list[tuple[str, str, int, str]]:
    """Kind of mistake, mutated file, offset of the mistake in it, and its code."""
    made = []
    for kind, (pattern, new, code, where) in MUTATIONS.items():
        matches = list(re.compile(pattern, re.MULTILINE).finditer(RECORD, EVENTS_BEGIN))
        chance = random.Random(kind)
        for match in chance.sample(matches, min(3, len(matches))):
            put = new.replace("\\\\", "\\").replace("\\0", match[1])
            inside = len(match[1]) + 2 if where == SECOND else where
            text = RECORD[: match.start(1)] + put + RECORD[match.end(1) :]
            made.append((kind, text, match.start(1) + inside, code))
    return made


MUTANTS = mutants()


@pytest.mark.parametrize(
    ("kind", "text", "offset", "code"), MUTANTS, ids=[f"{m[0]} {m[2]}" for m in MUTANTS]
)
def test_a_mistake_is_told_where_it_is(kind: str, text: str, offset: int, code: str) -> None:
    found = check.problems(read(text, whole=True))
    errors = [(p.line, p.column, p.code) for p in found if p.severity == "error"]
    if code != "unknown-event":
        # Who answered an event whose id is wrong now answers nothing.
        errors = [error for error in errors if error[2] != "unknown-event"]
    assert errors == [(*position(text, offset), code)]


def test_there_are_enough_of_them() -> None:
    assert len(MUTANTS) > 140
    assert len({text for _, text, _, _ in MUTANTS}) == len(MUTANTS)


# --- the process -------------------------------------------------------------------------------

BROKEN = (
    TEXT.replace('topics = ["un"]\nsummary', 'topics = ["unn"]\nsummary')
    .replace('date = "2020-06-25"', 'date = "2020-06-31"')
    .replace('url = "https://example', 'url = "example')
    .replace('title = "Talks on assembly"', 'title = "Talks on\\tassembly "')
    .replace('id = "2014-rally"', 'id = "2014-rally')
    .replace("[matter.libel]", '[matter.land]\ntitle = "Land"\n\n[matter.libel]')
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a bad file."""
    (tmp_path / "good.toml").write_text(occurred(TEXT), "utf-8")
    (tmp_path / "bad.toml").write_text(BROKEN, "utf-8")
    return tmp_path


def test_all_problems_are_told_at_once_errors_first(folder: Path, kzt: Run) -> None:
    result = kzt("check", "bad.toml", "good.toml")
    assert (result.code, result.err) == (1, "")
    golden("check.txt", result.out)


def test_json_is_a_bare_array_of_them(folder: Path, kzt: Run) -> None:
    result = kzt("check", "bad.toml", "--format", "json")
    assert (result.code, result.err) == (1, "")
    found = json.loads(result.out)
    assert found[0] == {
        "path": "bad.toml",
        "line": 30,
        "column": 7,
        "code": "bad-url",
        "severity": "error",
        "message": '"example.org/reforms?year=2021" is not a web address that can be linked',
        "hint": "did you mean https://example.org/reforms?year=2021?",
    }
    told = kzt("check", "bad.toml").out.splitlines()
    assert [f"{p['path']}:{p['line']}:{p['column']}: {p['message']}" for p in found] == [
        re.sub(r" \([^(]*\)$", "", line) if problem["hint"] else line
        for line, problem in zip(told, found, strict=True)
    ]


@pytest.mark.parametrize(("form", "out"), [("text", ""), ("github", ""), ("json", "[]\n")])
def test_a_clean_file_is_told_by_nothing(form: str, out: str, folder: Path, kzt: Run) -> None:
    result = kzt("check", "good.toml", "--format", form)
    assert (result.code, result.out, result.err) == (0, out, "")


def test_standard_input(kzt: Run) -> None:
    result = kzt("check", "-", stdin=b"[topic]\nA = 'x'\n")
    assert (result.code, result.err) == (1, "")
    assert result.out == (
        'standard input:2:1: "A" must be 1 to 64 of a-z, 0-9 and hyphen\n'
        'standard input:2:1: no event uses topic "A"\n'
    )


def test_a_file_is_checked_as_of_a_revision(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT.replace('kind = "dialogue"', 'kind = "dialog"'))
    repository.write(occurred(TEXT))
    result = kzt("check", "--rev", "HEAD", cwd=repository.folder)
    assert (result.code, result.out) == (
        1,
        'HEAD:events.toml:96:8: unknown kind "dialog" (did you mean "dialogue"?)\n',
    )
    annotated = kzt("check", "--rev", "HEAD", "--format", "github", cwd=repository.folder)
    assert annotated.out.startswith("::error file=events.toml,line=96,col=8,endColumn=16,")


REFUSED = {
    "check none.toml": "none.toml: no such file",
    "check good.toml none.toml": "none.toml: no such file",
    "check .": ".: is a directory",
    "check good.toml --format xml": 'unknown format "xml"; known: text, github, json',
    "check --explain bad-dat": 'unknown code "bad-dat" (did you mean "bad-date"?)',
    "check - --against HEAD": "standard input has no revisions; name a file with --file",
    "check good.toml --against HEAD": ".: not in a git repository, so there are no revisions",
}


@pytest.mark.parametrize(("command", "told"), REFUSED.items(), ids=REFUSED)
def test_what_cannot_be_opened_is_refused(command: str, told: str, folder: Path, kzt: Run) -> None:
    result = kzt(*command.split(), stdin=b"")
    assert (result.code, result.out, result.err) == (2, "", f"{told}\n")


def test_a_code_is_explained(kzt: Run) -> None:
    result = kzt("check", "--explain", "unknown-topic")
    assert (result.code, result.err) == (0, "")
    golden("check-explain.txt", result.out)


# --- on a terminal -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_gets_the_line_with_a_caret(width: int, folder: Path) -> None:
    code, out = in_terminal("check", "bad.toml", columns=width, cwd=folder)
    assert code == 1
    golden(f"check-{width}.txt", out)


def test_a_terminal_is_told_that_all_is_well(folder: Path) -> None:
    assert in_terminal("check", "good.toml", cwd=folder) == (0, "good.toml: nothing is wrong\n")


# A line, the columns that are wrong in it, a width, and what is shown.
EXCERPTS = [
    ("ab cd ef", (4, 6), 80, "ab cd ef", "   ^^"),
    ("ab cd ef", (4, 0), 80, "ab cd ef", "   ^"),
    ("ab", (3, 0), 80, "ab", "  ^"),
    ("ab", (9, 12), 80, "ab", "  ^"),
    ("\tab", (2, 4), 80, " ab", " ^^"),
    ("a\x1bb", (2, 3), 80, r"a\u{1b}b", " ^^^^^^"),
    ("a\u200bb", (3, 4), 80, r"a\u{200b}b", "         ^"),
    ("漢字 x", (4, 5), 80, "漢字 x", "     ^"),
    ("0123456789abcdefghij", (11, 12), 14, "…6789abcd…", "     ^"),
    ("0123456789abcdefghij", (1, 3), 14, "01234567…", "^^"),
    ("0123456789abcdefghij", (20, 21), 14, "…cdefghij", "        ^"),
    ("0123456789abcdefghij", (3, 21), 14, "…23456789…", " ^^^^^^^^"),
    ("漢" * 20, (11, 12), 14, "…漢漢漢漢…", "     ^^"),
]


@pytest.mark.parametrize(("row", "wrong", "width", "shown", "caret"), EXCERPTS)
def test_excerpts(row: str, wrong: tuple[int, int], width: int, shown: str, caret: str) -> None:
    problem = Problem(line=1, column=wrong[0], end=wrong[1], code="x", message="m")
    out = problems.excerpts([check.Checked("f", "f", row, (problem,))], width)
    lines = out.splitlines()
    assert [lines[1][4:], lines[2][4:]] == [shown, caret]
    assert max(map(columns, lines[1:3])) <= width


@pytest.mark.parametrize(
    "row", ["x" * 10_000_000, f" {'x' * 10_000_000} \r"], ids=["plain", "blanks"]
)
def test_an_excerpt_of_a_line_of_megabytes_is_cheap(row: str) -> None:
    found = tuple(
        Problem(line=1, column=column, code="x", message="m")
        for column in range(1, 10_000_000, 9999)
    )
    out = problems.excerpts([check.Checked("f", "f", row, found)], 80)
    assert max(map(len, out.splitlines())) <= 80


# --- annotations -------------------------------------------------------------------------------


def test_annotations(folder: Path, kzt: Run) -> None:
    result = kzt("check", "bad.toml", "--format", "github", env={"GITHUB_ACTIONS": "true"})
    assert (result.code, result.err) == (1, "")
    golden("check-github.txt", result.out)


def test_annotations_name_files_as_the_repository_does(folder: Path, kzt: Run) -> None:
    (folder / "sub").mkdir()
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder)}
    for cwd, path in ((folder, "bad.toml"), (folder / "sub", "../bad.toml")):
        for name in (path, str(folder / "bad.toml")):
            found = kzt("check", name, "--format", "github", cwd=cwd, env=runner).out
            assert found.startswith("::error file=bad.toml,line=")
    # What isn't in the repository keeps its name.
    (folder / "repository").mkdir()
    runner["GITHUB_WORKSPACE"] = str(folder / "repository")
    out = kzt("check", "bad.toml", "--format", "github", cwd=folder, env=runner).out
    assert out.startswith("::error file=bad.toml,line=")


# A path, a message, and the command that a runner reads.
COMMANDS = [
    ("a.toml", "plain", "::error file=a.toml,line=1,col=2,title=x::plain"),
    ("a,b:c%.toml", "100%", "::error file=a%2Cb%3Ac%25.toml,line=1,col=2,title=x::100%25"),
    ("a\n::b", "x", r"::error file=a\u{a}%3A\u{3a}b,line=1,col=2,title=x::x"),
    ("a", "x\r\n::stop-commands::y", r"::error file=a,line=1,col=2,title=x::x\u{d}\u{a}:\u{3a}stop-commands:\u{3a}y"),
    ("a", "x ##[error]y", r"::error file=a,line=1,col=2,title=x::x #\u{23}[error]y"),
    ("a", "\x1b[2J", r"::error file=a,line=1,col=2,title=x::\u{1b}[2J"),
    ("", "x", "::error line=1,col=2,title=x::x"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "message", "command"), COMMANDS)
def test_annotations_are_escaped(path: str, message: str, command: str) -> None:
    problem = Problem(line=1, column=2, code="x", message=message)
    assert problems.github([check.Checked(path, path, "", (problem,))]) == f"{command}\n"


def test_no_file_makes_a_runner_do_anything_else(kzt: Run, tmp_path: Path) -> None:
    text = '"\\r\\n::stop-commands::x" = 1\n"##[error]y" = 2\n[[event]]\ntitle = "::warning::"\n'
    (tmp_path / "a.toml").write_text(text)
    result = kzt("check", "a.toml", "--format", "github", env={"GITHUB_ACTIONS": "true"})
    assert all(line.startswith("::error file=a.toml,") for line in result.out.splitlines())
    assert "stop-commands" in result.out
    assert "##[" not in result.out
    plain = kzt("check", "a.toml", env={"GITHUB_ACTIONS": "true"})
    assert "::" not in plain.out


# --- the review of an edit ---------------------------------------------------------------------

NEW_EVENT = NEW_LAW.replace('state = { assembly-procedure = "Free" }\n', "").replace(
    "ministry-2021", "daily-2023"
)
NEW_SOURCE = """[source.daily-2023]
title = "News"
date = "2023-04"
perspective = "media"

"""
FIRST_EVENT = '[[event]]\nid = "2005-draft"'
# An old finding, which no edit here has to do with.
OLD_SIN = ('title = "The Covenant is ratified"', 'title = "The Covenant is ratified "')


def edited(*edits: tuple[str, str]) -> str:
    text = TEXT.replace(*OLD_SIN)
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def without(name: str, text: str) -> str:
    """A record without one event."""
    head, *events = text.split("\n[[event]]\n")
    return "\n[[event]]\n".join([head, *(e for e in events if f'id = "{name}"' not in e)])


BOTH_NEW = ((FIRST_EVENT, NEW_SOURCE + FIRST_EVENT),)

# An edit of the small record, and what is told of it.
EDITS = {
    "nothing": (edited(), []),
    "layout and order alone": (
        edited(("[[event]]\nid = \"2014-rally\"", "\n[[ event ]]\nid  = '2014-rally'")),
        [],
    ),
    "a comment": (
        edited(("[[event]]\nid = \"2014-rally\"", "# seen\n[[event]]\nid = \"2014-rally\"")),
        ["1:1 outside-values: 1 comment added"],
    ),
    "another directive": (
        "#:schema https://example.org/x.json\n" + edited(),
        ["1:1 outside-values: #:schema line changed"],
    ),
    "an event with its source": (edited(*BOTH_NEW) + NEW_EVENT, []),
    "an event with a mistake": (
        edited(*BOTH_NEW) + NEW_EVENT.replace('"law"', '"lore"'),
        ['150:8 unknown-kind: unknown kind "lore"'],
    ),
    "an event at the wrong place": (
        edited((FIRST_EVENT, NEW_SOURCE + NEW_EVENT.lstrip() + "\n" + FIRST_EVENT)),
        ['49:8 order: "2023-04" stands too early: before "[..2005]" (it should stand at the end; kzt fmt puts it there)'],
    ),
    "an event that has an old mistake": (
        edited(("Parliament ratified the Covenant.", "The Parliament ratified the Covenant.")),
        ["55:34 outer-space: title has a blank after its text"],
    ),
    "a source that nothing cites": (
        edited(*BOTH_NEW),
        ['42:9 unused-source: no event uses source "daily-2023"'],
    ),
    "an ask that was answered": (
        edited(("asks = \"Replace permits by notification; take libel out of the criminal code\"\n", "")),
        [
            '111:12 answer-without-ask: "2011-briefing" asks nothing that could be answered',
            '126:12 answer-without-ask: "2011-briefing" asks nothing that could be answered',
        ],
    ),
    "a date without a citation": (
        edited(('date = "2014-02-15?"', 'date = "2014-02"')),
        ['85:8 uncited-change: the date of "2014-rally" changed and no citation did (was 2014-02-15?)'],
    ),
    "a date with a citation": (
        edited(('date = "2014-02-15?"', 'date = "2014-02"'), ("third paragraph", "fourth paragraph")),
        [],
    ),
    "a state without a citation": (
        edited(('libel = "A crime"', 'libel = "A misdemeanour"')),
        [
            '79:19 changed-past: Libel stands differently from 2011-07-12 until 2020-06-25:'
            " A crime → A misdemeanour",
            '79:19 uncited-change: the state of libel set by "2011-briefing" changed'
            ' and no citation did (was "A crime")',
        ],
    ),
    "a state that is read from the right": (
        edited(('libel = "A crime"', 'libel = "אסור"')),
        [
            '79:19 changed-past: Libel stands differently from 2011-07-12 until 2020-06-25:'
            " was A crime, is אסור",
            '79:19 uncited-change: the state of libel set by "2011-briefing" changed'
            ' and no citation did (was "A crime")',
        ],
    ),
    "a state of the future": (
        edited(("[matter.covenant]\n", "[matter.land]\ntitle = \"Land\"\n\n[matter.covenant]\n"))
        + NEW_EVENT.replace("2023", "2033").replace("daily-2033", "daily-2021")
        + 'status = "scheduled"\nstate = { land = "Free" }\n',
        [],
    ),
    "a planned state of the past": (
        edited(('date = "[2022-07..2022-10]"', 'date = "[2032-07..2032-10]"')),
        [
            "132:8 changed-past: The ICCPR stands differently from [2022-07..2022-10]"
            " until [2032-07..2032-10]: Ratified ? or Ratified and reviewed ? → Ratified",
            '132:8 uncited-change: the date of "2022-review" changed'
            " and no citation did (was [2022-07..2022-10])",
        ],
    ),
    "an event removed": (
        without("2014-rally", edited()),
        ['83:1 removed-event: event "2014-rally" was removed (A rally is dispersed)'],
    ),
    "the last event removed": (
        without("2022-review", edited()),
        [
            "119:1 changed-past: The ICCPR stands differently from [2022-07..2022-10]:"
            " Ratified ? or Ratified and reviewed ? → Ratified",
            '119:1 removed-event: event "2022-review" was removed (The Covenant\'s committee'
            " reviews the country)",
        ],
    ),
    "an id reused": (
        edited(
            ('title = "A rally is dispersed"', 'title = "Another rally is dispersed"'),
            ('date = "2014-02-15?"', 'date = "2014-03"'),
            ("third paragraph", "fourth paragraph"),
        ),
        [
            '84:6 reused-id: "2014-rally" seems to name another event now'
            ' (was "A rally is dispersed" of 2014-02-15?)'
        ],
    ),
    "an id renamed": (
        edited(('id = "2014-rally"', 'id = "2014-dispersed-rally"')),
        ['84:6 renamed-id: the id "2014-rally" was changed to "2014-dispersed-rally"'],
    ),
    "a file that can't be read": (
        edited(('id = "2014-rally"', 'id = "2014-rally')),
        ['84:17 syntax: missing closing quote, expected `"`'],
    ),
}  # fmt: skip


def told(found: tuple[Problem, ...]) -> list[str]:
    return [
        f"{p.line}:{p.column} {p.code}: {p.message}" + (f" ({p.hint})" if p.hint else "")
        for p in found
    ]


@pytest.mark.parametrize(("text", "expected"), EDITS.values(), ids=EDITS)
def test_an_edit_is_reviewed(text: str, expected: list[str]) -> None:
    found = check.problems_of_edit(read(text, whole=True), read(edited(), whole=True), TODAY)
    assert told(found) == expected


def test_an_edit_that_breaks_a_matter_is_told() -> None:
    text = TEXT
    broken = text.replace('[matter.libel]\ntitle = "Libel"', "[matter.libel]\ntitle = 1")
    assert broken != text
    for old, new in ((text, broken), (broken, text), (broken, broken)):
        told = check.problems_of_edit(read(new, whole=True), read(old, whole=True), TODAY)
        assert [p.code for p in told] == (["wrong-type"] if (old, new) == (text, broken) else [])


def test_an_empty_record_has_no_neighbour() -> None:
    found = check.problems_of_edit(read("", whole=True), read(edited(), whole=True), TODAY)
    assert {(p.line, p.column, p.code) for p in found} >= {(1, 1, "removed-event")}
    assert len([p for p in found if p.code == "removed-event"]) == 9


def test_against_a_revision(repository: Repository, kzt: Run) -> None:
    repository.commit(edited())
    repository.write(edited(('date = "2014-02-15?"', 'date = "2014-02-30"'), *BOTH_NEW))
    result = kzt("check", "--against", "main", cwd=repository.folder)
    assert (result.code, result.err) == (1, "")
    assert [line.split(": ")[0] for line in result.out.splitlines()] == [
        "events.toml:90:8",
        "events.toml:42:9",
    ]
    repository.commit(edited())
    assert kzt("check", "--against", "main", cwd=repository.folder).code == 0
    assert kzt("check", "--against", "HEAD~1", cwd=repository.folder).code == 0
    whole = kzt("check", cwd=repository.folder)
    assert (whole.code, whole.out.count("\n")) == (0, 1)


def test_a_revision_against_another(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT)
    repository.commit(edited())
    repository.write("nothing of this is read")
    command = ("check", "--rev", "main", "--against", "main~1", "--format", "github")
    result = kzt(*command, cwd=repository.folder)
    assert result.out == (
        "::warning file=events.toml,line=55,col=34,endColumn=35,title=outer-space::"
        "title has a blank after its text\n"
    )


@pytest.mark.parametrize("revision", ["none", "--output=x", "main:x", "", "HEAD^9"])
def test_against_a_revision_that_is_not_there(
    revision: str, repository: Repository, kzt: Run
) -> None:
    repository.commit(TEXT)
    result = kzt("check", f"--against={revision}", cwd=repository.folder)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


def test_a_comment_lists_what_to_look_at(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT)
    text = without("2018-talks", edited(('libel = "A crime"', 'libel = "A *misdemeanour*"')))
    repository.write(text)
    result = kzt("diff", "main", "--format", "md", cwd=repository.folder)
    assert (result.code, result.err) == (0, "")
    golden("check-diff.md", re.sub("[0-9a-f]{12}", "0" * 12, result.out))


def test_a_comment_on_dates_has_no_review(kzt: Run) -> None:
    result = kzt("diff", "2010", "2020", "--format", "md", "--file", str(SMALL))
    assert (result.code, result.err) == (0, "")
    assert "For the reviewer" not in result.out


def test_a_comment_with_many_warnings_stays_short() -> None:
    text = read_bytes(TEXT.encode(), whole=True).text
    diff = compare(loads(text), loads(text))
    comment = markdown.versions(diff, "old", "new", [f"{n} {'‘`' * 5000}" for n in range(1000)])
    assert "990 more" in comment
    assert len(comment.encode()) < markdown.COMMENT_LIMIT


# --- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("--explain bad-", "bad-date\nbad-id\nbad-language\nbad-url"), ("--format g", "github")],
)
def test_codes_and_formats_complete(typed: str, offered: str, kzt: Run) -> None:
    words = f"kzt check {typed}"
    env = {"_KZT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": "3"}
    assert sorted(kzt(env=env).out.split()) == sorted(offered.split())


# --- helpers ---------------------------------------------------------------------------------


def position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
