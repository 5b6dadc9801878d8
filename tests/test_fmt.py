"""`kzt fmt`: canonical layout, and nothing lost on the way to it."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given

from kztimeline import Event, KztError, Timeline, loads
from kztimeline.edit import format as canonical
from kztimeline.edit import patch
from kztimeline.edit.patch import lines
from kztimeline.text.compare import changes
from kztimeline.toml.blocks import split
from kztimeline.toml.statements import comments
from tests.conftest import BENCH, SMALL, Repository, Run, golden
from tests.oracles.layouts import Made, records

HEAD = """\
[topic]
a = "A"
b = "B"

[matter.m]
title = "M"

[matter.n]
title = "N"

[source.s]
title = "S"
date = "2020"
perspective = "ngo"

[source.t]
title = "T"
date = "2020"
perspective = "un"
"""


def event(identity: str = "e", date: str = "2020", before: str = "", more: str = "") -> str:
    return f"""
{before}[[event]]
id = "{identity}"
date = "{date}"
title = "T"
kind = "law"
topics = ["a"]
summary = "S"
sources = []
{more}"""


CANONICAL = {
    "a record of 162 events": BENCH.read_text("utf-8"),
    "empty": "",
    "comments alone": "# one\n\n# two\n",
    "tables alone": HEAD,
    "no final newline": (HEAD + event()).rstrip("\n"),
    "CRLF": (HEAD + event()).replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + HEAD + event(),
    "a directive": "#:schema x.json\n\n" + HEAD,
    "comments above and behind": HEAD
    + event(before="# above\n# it\n").replace('"2020"', '"2020"     # why 2020'),
    "comments below": HEAD + event(more="# directly below\n\n# set off\n") + event("f"),
    "a comment in an array": HEAD
    + event().replace("sources = []", 'sources = [\n  # why\n  { source = "s", at = "1" },  # how\n]'),
    "blank lines between topics": HEAD.replace('b = "B"', '\n# The others\nb = "B"'),
    "spelling of strings": HEAD
    + event().replace('"S"', "'''\n[[event]]\nit's'''").replace('"T"', r'"\u0054 \t"'),
    "several lines in a string": HEAD + event().replace('"S"', '"""One.\n\n  Two \\\n   more."""'),
    "a matter called sources": '[matter]\nsources = { title = "Q", topics = [] }\n',
    "everything": HEAD
    + """
[[event]]
id = "e"
date = 2020-01-02
title = "T"
kind = "law"
topics = ["a", "b"]
status = "alleged"
summary = "S"
state = { m = "1", n = "2" }
asks = "A"
dating = "D"
sources = [
  { source = "s", at = "1", says = "X", perspective = "un", disputes = false },
  { source = "t", at = "2", disputes = true },
]
""",
}  # fmt: skip


@pytest.mark.parametrize("text", CANONICAL.values(), ids=CANONICAL)
def test_what_is_canonical_stays(text: str) -> None:
    assert fmt(text) == text


CITATIONS = (
    'sources = [\n  { source = "s", at = "1" },\n  { source = "t", at = "2", says = "x" },\n]\n'
)
# What the event of `event()` has in place of a line, and what becomes of it.
LINES = {
    "space around =": ('title   ="T"', 'title = "T"'),
    "indent": ('  \ttitle = "T"', 'title = "T"'),
    "white space at the end": ('title = "T"  ', 'title = "T"'),
    "quoted key": ("'title' = \"T\"", 'title = "T"'),
    "space before a comment stays": ('title="T"\t # why  ', 'title = "T"\t # why'),
    "blank lines inside": ('\n\ntitle = "T"\n', 'title = "T"'),
    "a set-off comment inside": ('# about the title\n\ntitle = "T"', '# about the title\ntitle = "T"'),
    "array over lines": ('topics = [\n  "a",\n    "b"\n]', 'topics = ["a", "b"]'),
    "array in one line": ("topics=['a'  ,\"b\",]", "topics = ['a', \"b\"]"),
    "array with a comment": ('topics = [ # x\n"a"]', 'topics = [ # x\n"a"]'),
    "# in a string of an array": ('sources = [{ source = "s",\n at = "#" }]', 'sources = [\n  { source = "s", at = "#" },\n]'),
    "no space before a comment": ('title = "T"# why', 'title = "T"  # why'),
    "citations in one line": (
        "sources = [{source=\"s\",at=\"1\"},{ says = \"x\", at = \"2\", source = \"t\" }]",
        CITATIONS.rstrip(),
    ),
    "no citations": ("sources = [\n]", "sources = []"),
    "citations with a comment": (
        "sources=[{ at = '1', source = 's' }, # why\n]",
        "sources = [{ at = '1', source = 's' }, # why\n]",
    ),
    "state over lines": ('state = {\n  m = "1",\n  "n" = "2"\n}', 'state = { m = "1", n = "2" }'),
    "dotted state": ('state.m = "1"\nstate . n="2"', 'state = { m = "1", n = "2" }'),
    "dotted finding": ('finding.m = "1"\nfinding . n="2"', 'finding = { m = "1", n = "2" }'),
    "dotted state with a comment": (
        '# one\nstate.m="1" # two\n# three\nstate . n = "2"',
        '# one\nstate.m = "1" # two\n# three\nstate.n = "2"',
    ),
    "dotted state apart": ('state.m = "1"\nasks = "x"\nstate.n = "2"', 'state = { m = "1", n = "2" }\nasks = "x"'),
}  # fmt: skip


def in_event(lines: str) -> str:
    """The event with these lines for the ones that they begin like, wherever those stand."""
    text = event()
    for key in ("title", "topics", "sources", "asks", "state"):
        if re.search(rf"^\W*{key}\b", lines, re.MULTILINE):
            text = re.sub(rf"^{key} = .*\n", "", text, flags=re.MULTILINE)
    return text


@pytest.mark.parametrize(("lines", "expected"), LINES.values(), ids=LINES)
def test_lines_of_an_event(lines: str, expected: str) -> None:
    rest = in_event(lines)
    done = fmt(HEAD + rest + lines + "\n")
    assert expected in done
    assert sorted(done[len(HEAD) :].replace(expected, "", 1).split()) == sorted(rest.split())
    assert fmt(done) == done


BEFORE_AND_AFTER = {
    "events in the order of dates, equal ones as they were": (
        HEAD + event("c", "2021") + event("a", "2020-06") + event("b", "2020-06") + event("d", "2019"),
        HEAD + event("d", "2019") + event("a", "2020-06") + event("b", "2020-06") + event("c", "2021"),
    ),
    "comments move with their event": (
        HEAD + event("b", "2021", "# on b\n", "# below b\n") + event("a", "2020", "# on a\n"),
        HEAD + event("a", "2020", "# on a\n") + event("b", "2021", "# on b\n", "# below b\n"),
    ),
    "an event without a final newline moves": (
        (HEAD + event("b", "2021") + event("a", "2020")).rstrip("\n"),
        (HEAD + event("a", "2020") + event("b", "2021")).rstrip("\n"),
    ),
    "keys in order, with their comments": (
        HEAD + event().replace('id = "e"\ndate = "2020"\n', '# on the date\ndate = "2020"\nid = "e" # the id\n'),
        HEAD + event().replace('id = "e"\ndate', 'id = "e" # the id\n# on the date\ndate'),
    ),
    "blank lines between tables": (
        "\n\n" + (HEAD + event()).replace("\n[", "\n\n\n[").replace("\n\n\n[matter.n]", "[matter.n]"),
        HEAD + event(),
    ),
    "tables before events": (event() + HEAD, HEAD + event()),
    "tables in order": (
        "# on s\n" + HEAD[HEAD.index("[source.s]"):] + "\n" + HEAD[:HEAD.index("[source.s]")],
        HEAD.replace("[source.s]", "# on s\n[source.s]"),
    ),
    "a directive stays first": (
        "#:schema x\n# on it\n" + event().lstrip() + HEAD,
        "#:schema x\n\n" + HEAD + event(before="# on it\n"),
    ),
    "headers": (
        HEAD.replace("[source.s]", " [ source . 's' ] # why") + event().replace("[[event]]", '[[ "event" ]]'),
        HEAD.replace("[source.s]", "[source.s] # why") + event(),
    ),
    "tables inside an event": (
        HEAD + event().replace("sources = []\n", "[event.state]\nm = '1'\n\n[[event.sources]]\nat = '1'\nsource = 's'\n"),
        HEAD + event().replace("sources = []\n", "state = { m = '1' }\nsources = [\n  { source = 's', at = '1' },\n]\n"),
    ),
    "a finding inside an event": (
        HEAD + event().replace("sources = []\n", "sources = []\n[event.finding]\nm = '1'\n"),
        HEAD + event().replace("sources = []\n", "finding = { m = '1' }\nsources = []\n"),
    ),
    "tables inside an event with comments": (
        HEAD + event("b", "2021") + event().replace(
            "sources = []\n", "[event.state] # why\nm='1'\n[[event.sources]]\n# how\nat = '1'\nsource='s'\n"
        ),
        HEAD + event().replace(
            "sources = []\n", "\n[event.state] # why\nm = '1'\n\n[[event.sources]]\nsource = 's'\n# how\nat = '1'\n"
        ) + event("b", "2021"),
    ),
    "inline sources are left alone": (
        "source.s={ title='S',date='2020',perspective='ngo' }\n" + event(),
        "source.s={ title='S',date='2020',perspective='ngo' }\n[topic]\na = 'A'\n",
    ),
    "inline events are left alone": (
        "event=[{id='b',date='2021',title='T',kind='law',topics=[],summary='S',sources=[]}]\n[topic]\na='A'\n",
        "event=[{id='b',date='2021',title='T',kind='law',topics=[],summary='S',sources=[]}]\n\n[topic]\na = 'A'\n",
    ),
    "line ends of the majority": (
        (HEAD + event()).replace("\n", "\r\n", 30).replace('topics = ["a"]', 'topics=["a"]'),
        (HEAD + event()).replace("\n", "\r\n"),
    ),
}  # fmt: skip
BEFORE_AND_AFTER["inline sources are left alone"] = (
    "source.s={ title='S',date='2020',perspective='ngo' }\n[topic]\na='A'\n",
    "source.s={ title='S',date='2020',perspective='ngo' }\n\n[topic]\na = 'A'\n",
)


@pytest.mark.parametrize(("before", "after"), BEFORE_AND_AFTER.values(), ids=BEFORE_AND_AFTER)
def test_layout(before: str, after: str) -> None:
    assert fmt(before) == after
    assert fmt(after) == after


def test_whole_file() -> None:
    text = SMALL.read_text("utf-8")
    golden("fmt-small.diff", patch.patch("small.toml", text, edits(text)))


def in_order(timeline: Timeline) -> list[Event]:
    return sorted(timeline.events, key=lambda event: event.date.sort_key)


@given(records())
def test_any_layout_becomes_canonical_and_loses_nothing(made: Made) -> None:
    done = fmt(made.text)
    assert fmt(done) == done
    old, new = loads(made.text), loads(done)
    assert list(new.events) == in_order(old)
    assert (new.topics, new.matters, new.sources) == (old.topics, old.matters, old.sources)
    assert [done.count(comment) for comment in made.comments] == [1] * len(made.comments)
    assert done.startswith("\ufeff") == made.text.startswith("\ufeff")
    assert done.endswith("\n") == made.text.endswith("\n")
    for comment, (identity, key) in made.above.items():
        # The first line under it that is no comment begins with its key, in its event.
        inside = next(block.text for block in split(done) if comment in block.text)
        below = inside[inside.index(comment) :].splitlines()
        assert next(line for line in below if not line.startswith("#")).startswith(key)
        assert f"id = '{identity}'" in inside


@given(records())
def test_edits_make_the_canonical_layout_of_any(made: Made) -> None:
    assert applied(made.text, edits(made.text)) == fmt(made.text)
    assert edits(fmt(made.text)) == []


LAYOUTS = {
    **CANONICAL,
    **{name: before for name, (before, _) in BEFORE_AND_AFTER.items()},
    "blank lines and a byte order mark": "\ufeff\n \n" + HEAD + event(),
    "nothing but blank lines": "\ufeff\n\n",
    "a table inside an event, after another table": HEAD + event() + "[source.u]\ntitle = 'T'\n"
    "date = '2020'\nperspective = 'un'\n[event.state]\nm = '1'\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_edits_make_the_canonical_layout(text: str) -> None:
    assert applied(text, edits(text)) == fmt(text)


def test_an_event_that_moves_is_one_edit_at_each_place() -> None:
    text = HEAD + event("b", "2021") + event("c", "2022") + event("a", "2020")
    found = edits(text)
    assert [edit.lines.count("[[event]]\n") for edit in found if edit.lines] == [1]
    assert len(list(patch.hunks(text, found))) == 2


@given(records())
def test_all_comments_are_known(made: Made) -> None:
    assert sorted(comments(made.text)) == sorted(made.comments)


def test_a_layout_that_would_lose_something_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "a comment": lambda text, found: text.replace("# c", ""),
        "an event": lambda text, found: text[: text.index("[[event]]")],
        "a source": lambda text, found: text.replace("[source.t]", "[source.u]"),
        "the order of topics": lambda text, found: text.replace(
            'a = "A"\nb = "B"', 'b = "B"\na = "A"'
        ),
        "TOML": lambda text, found: text + "[",
    }
    for replacement in wrong.values():
        monkeypatch.setattr(
            canonical,
            "layout",
            lambda text, found, new=replacement: [canonical.Part(0, 1, new(text, found))],
        )
        with pytest.raises(KztError, match="can't be laid out anew"):
            fmt("# c\n" + HEAD + event())


def test_time_is_linear() -> None:
    def seconds(events: int) -> float:
        text = HEAD + "".join(event(f"e{n}", f"{2020 - n % 19}") for n in range(events))
        start = time.perf_counter()
        fmt(text)
        return time.perf_counter() - start

    seconds(10)
    assert seconds(2000) < 40 * seconds(200) + 1


def test_what_changes_is_found_in_linear_time() -> None:
    def seconds(events: int) -> float:
        text = HEAD + "".join(event(f"e{n}", f"{2020 - n % 19}") for n in range(events))
        done = canonical.formatted("x.toml", text.encode())
        start = time.perf_counter()
        assert len(done.edits) > 2
        return time.perf_counter() - start

    seconds(10)
    assert seconds(2000) < 40 * seconds(200) + 1


class Line(str):
    """A line that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Line.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_comparing_lines_is_linear_when_blocks_move() -> None:
    def work(events: int) -> int:
        text = HEAD + "".join(event(f"e{n}", f"{2020 - n % 19}") for n in range(events))
        Line.compared = 0
        found = list(changes([*map(Line, lines(text))], [*map(Line, lines(fmt(text)))]))
        assert len(found) > 2
        return Line.compared

    assert work(800) < 2.5 * work(400)


# --- the command -------------------------------------------------------------------------------

TANGLED = HEAD + event("b", "2021") + event("a", "2020")
TIDY = HEAD + event("a", "2020") + event("b", "2021")


def test_files_are_laid_out_and_named(kzt: Run, tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(TANGLED)
    (tmp_path / "tidy.toml").write_text(TIDY)
    done = kzt("fmt", "one.toml", "two.toml", "tidy.toml")
    assert (done.code, done.out, done.err) == (0, "formatted one.toml\nformatted two.toml\n", "")
    assert (tmp_path / "one.toml").read_text() == (tmp_path / "two.toml").read_text() == TIDY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.toml", "tidy.toml", "two.toml"]


def test_the_nearest_file_is_the_default(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(TANGLED)
    assert kzt("fmt").out == "formatted events.toml\n"
    again = kzt("fmt")
    assert (again.code, again.out) == (0, "")


def test_check_writes_nothing_and_exits_with_1(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(TANGLED)
    (tmp_path / "tidy.toml").write_text(TIDY)
    done = kzt("fmt", "--check", "events.toml", "tidy.toml")
    assert (done.code, done.out, done.err) == (1, "would format events.toml\n", "")
    assert (tmp_path / "events.toml").read_text() == TANGLED
    assert kzt("fmt", "--check", "tidy.toml").code == 0


def test_diff_is_a_patch(kzt: Run, repository: Repository) -> None:
    repository.commit(TANGLED.replace("\n", "\r\n"), "deep/events.toml")
    done = kzt("fmt", "--diff", cwd=repository.folder / "deep")
    assert (done.code, done.err) == (0, "")
    (repository.folder / "patch").write_text(done.out, newline="")
    repository.git("apply", "patch")
    written = (repository.folder / "deep/events.toml").read_bytes()
    assert written == TIDY.replace("\n", "\r\n").encode()
    assert kzt("fmt", "--diff", "--check", cwd=repository.folder / "deep").code == 0
    (repository.folder / "deep/events.toml").write_text(TANGLED)
    assert kzt("fmt", "--diff", "--check", cwd=repository.folder / "deep").code == 1


def test_broken_files_are_refused_and_the_others_done(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text(TANGLED + "[")
    (tmp_path / "fine.toml").write_text(TANGLED)
    done = kzt("fmt", "broken.toml", "fine.toml", "missing.toml")
    assert (done.code, done.out) == (2, "formatted fine.toml\n")
    assert re.fullmatch(r"broken.toml:\d+:\d+: .*\nmissing.toml: no such file.*\n", done.err)
    assert (tmp_path / "broken.toml").read_text() == TANGLED + "["


@pytest.mark.parametrize("where", ["-", None])
def test_what_is_no_file_of_ones_own_is_refused(where: str | None, kzt: Run) -> None:
    done = kzt("fmt", *([where] if where else []))
    assert done.code == 2
    assert re.fullmatch(r"(standard input|the bundled record) can't be edited; .*\n", done.err)


# --- helpers ---------------------------------------------------------------------------------


def fmt(text: str) -> str:
    return canonical.formatted("x.toml", text.encode()).text


def applied(old: str, edits: Sequence[patch.Edit]) -> str:
    rows = lines(old)
    for edit in reversed(edits):
        rows[edit.start : edit.end] = edit.lines
    return "".join(rows)


def edits(text: str) -> list[patch.Edit]:
    """What `kzt fmt --diff` prints."""
    return canonical.formatted("x.toml", text.encode()).edits
