"""`kzt add` as a process: options, JSON, patches, and the questions on a terminal."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kztimeline import loads
from kztimeline.renderers.json import plain
from kztimeline.toml.blocks import split
from tests.conftest import BENCH, CHECKOUT, SMALL, Repository, Result, Run, environment, golden
from tests.processes import options
from tests.terminals import Terminal

EVENT: dict[str, Any] = {
    "id": "2020-amended",
    "date": "2020-06",
    "title": "The law is amended",
    "kind": "law",
    "topics": ["assembly"],
    "summary": "Fines are lowered.",
    "sources": [{"source": "ministry-2021", "at": "annex"}],
}
NEW_SOURCE = {
    "event": EVENT | {"sources": [{"source": "gazette-2021", "at": "page 1"}]},
    "source": {"gazette-2021": {"title": "Gazette", "date": "2021", "perspective": "official"}},
}


# --- options -----------------------------------------------------------------------------------


def test_an_event_by_options(kzt: Run, file: Path) -> None:
    done = kzt("add", *options())
    assert (done.code, done.err) == (0, "")
    assert done.out == "added 2020-the-law-is-amended: events.toml:119\n"
    assert file.read_text().splitlines()[118:120] == ["[[event]]", 'id = "2020-the-law-is-amended"']
    assert found_by_check(kzt, file) == found_by_check(kzt, SMALL)
    assert kzt("show", "2020-the-law-is-amended").code == 0


def test_all_options(kzt: Run, file: Path) -> None:
    more = {
        "id": "2021-x",
        "date": "2021",
        "status": "alleged",
        "asks": "Lower fines",
        "dating": "By the paper",
    }
    more |= {"says": "Fines fell", "perspective": "ngo", "answers": "2011-briefing"}
    more |= {"in-force": "July 2021", "quote": "cinq jours"}
    states = ["--state", "libel=Lighter = better", "--state", "assembly-procedure = Free"]
    done = kzt("add", *options(**more), "-t", "un", *states)
    assert (done.code, done.err) == (0, "")
    golden("add-all-options.toml", written(file, "2021-x"))
    found = ["--finding", "libel=Prosecuted", "--finding", "covenant=Ignored", "--disputes"]
    more = {"id": "2021-y", "date": "2021", "kind": "report", "title": "A report"}
    more |= {"answers-in-part": "2011-briefing"}
    cited = ["-s", "ministry-2021", "--at", "page 9"]
    done = kzt("add", *options(**more), *found, *cited)
    assert (done.code, done.err) == (0, "")
    golden("add-finding.toml", written(file, "2021-y"))


def test_all_that_is_missing_is_named_and_nothing_asked(kzt: Run, file: Path) -> None:
    done = kzt("add")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "kzt add: missing --date, --title, --kind, --topic, --summary, --source and --at"
        " (see kzt add --help)\n"
    )
    assert kzt("add", *options(at=None)).err == "kzt add: missing --at (see kzt add --help)\n"
    assert file.read_bytes() == SMALL.read_bytes()


WRONG = {
    "date": ({"date": "6/2020"}, '--date: "6/2020": a date is year-month-day; write "2020-06"'),
    "kind": ({"kind": "las"}, '--kind: unknown kind "las" (did you mean "law"?)'),
    "topic": ({"topic": "asembly"}, '--topic: unknown topic "asembly" (did you mean "assembly"?)'),
    "source": ({"source": "x"}, '--source: unknown source "x" (known: bureau-2011, daily-2021, ministry-2021)'),
    "title": ({"title": "x" * 301}, "--title: title has 301 characters, more than 300"),
    "empty": ({"at": ""}, "--at: at must not be empty"),
    "status": ({"status": "maybe"}, '--status: unknown status "maybe" (known: alleged, occurred, scheduled)'),
    "id": ({"id": "A b"}, '--id: "A b" must be 1 to 64 of a-z, 0-9 and hyphen'),
    "id taken": ({"id": "2020-libel"}, '--id: id "2020-libel" is already used by another event'),
    "state": ({"state": "libel"}, '--state: "libel" is not MATTER=TEXT, such as libel="No longer a crime"'),
    "matter": ({"state": "x=1"}, '--state: unknown matter "x" (known: assembly-procedure, covenant, libel)'),
    "answers": ({"answers": "2011"}, '--answers: unknown event "2011"'),
    "too late for its source": ({"date": "2022"}, "kzt check would find: "),
    "answer before the ask": ({"date": "2006", "answers": "2011-briefing"}, "kzt check would find: "),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_a_line(
    changed: dict[str, str], told: str, kzt: Run, file: Path
) -> None:
    done = kzt("add", *options(**changed))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(told)
    assert file.read_bytes() == SMALL.read_bytes()


def test_a_matter_twice(kzt: Run, file: Path) -> None:
    done = kzt("add", *options(state="libel=1"), "--state", "libel=2")
    assert done.err == '--state: "libel" is there twice\n'


CITED: dict[str, tuple[list[str], list[dict[str, Any]]]] = {
    "each source begins one": (
        ["--source", "daily-2021", "--at", "top", "--says", "A", "--source", "bureau-2011", "--at", "page 9"],
        [{"source": "daily-2021", "at": "top", "says": "A"}, {"source": "bureau-2011", "at": "page 9"}],
    ),
    "what only one of them has is that one's": (
        ["-s", "daily-2021", "--at", "a", "-s", "daily-2021", "--at", "b", "--says", "B", "-s", "daily-2021", "--at", "c"],
        [{"source": "daily-2021", "at": "a"}, {"source": "daily-2021", "at": "b", "says": "B"}, {"source": "daily-2021", "at": "c"}],
    ),
    "also before the first source": (
        ["--at", "top", "--quote", "five days", "-s", "daily-2021", "-s", "bureau-2011", "--at=end", "--disputes"],
        [{"source": "daily-2021", "at": "top", "quote": "five days"}, {"source": "bureau-2011", "at": "end", "disputes": True}],
    ),
    "each disputes for itself": (
        ["-s", "daily-2021", "--at", "a", "-s", "daily-2021", "--at", "b", "--disputes", "--perspective", "ngo",
         "-s", "bureau-2011", "--at", "c", "--disputes"],
        [{"source": "daily-2021", "at": "a"}, {"source": "daily-2021", "at": "b", "perspective": "ngo", "disputes": True},
         {"source": "bureau-2011", "at": "c", "disputes": True}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("args", "cited"), CITED.values(), ids=CITED)
def test_several_citations(
    args: list[str], cited: list[dict[str, Any]], kzt: Run, file: Path
) -> None:
    done = kzt("add", *options(source=None, at=None, id="new"), *args)
    assert (done.code, done.err) == (0, "")
    (event,) = [one for one in loads(file.read_text()).events if one.id == "new"]
    assert [plain(one) for one in event.sources] == cited


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--at", "b"], "--at: twice in one citation; each begins with its --source\n"),
        (["--says", "a", "--says", "b"], "--says: twice in one citation; each begins with its --source\n"),
        (["-s", "bureau-2011"], "kzt add: missing --at for bureau-2011 (see kzt add --help)\n"),
        (["-s", "bureau", "--at", "x"], '--source: unknown source "bureau" (did you mean "bureau-2011"?)\n'),
    ],
)  # fmt: skip
def test_a_citation_that_is_not_whole(args: list[str], told: str, kzt: Run, file: Path) -> None:
    done = kzt("add", *options(), *args)
    assert (done.code, done.out, done.err) == (2, "", told)
    assert file.read_bytes() == SMALL.read_bytes()


def test_a_proposed_id_is_new(kzt: Run, file: Path) -> None:
    assert kzt("add", *options()).code == 0
    again = kzt("add", *options())
    assert "added 2020-the-law-is-amended-2: " in again.out
    told = '"2020-the-law-is-amended-2" may be the same event as "2020-the-law-is-amended"\n'
    assert (again.code, again.err) == (0, told)


# --- which file --------------------------------------------------------------------------------


def test_what_cannot_be_edited(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    cases = {
        "-": "standard input can't be edited; name a file with --file\n",
        "folder": "folder: is a directory\n",
        "missing.toml": "missing.toml: no such file (an empty file is a record: make one first)\n",
        "none/missing.toml": "none/missing.toml: no such file\n",
        "/dev/null": "/dev/null: not a regular file\n",
    }
    for name, told in cases.items():
        done = kzt("add", *options(), "--file", name)
        assert (done.code, done.out, done.err) == (2, "", told)
    assert kzt("add", *options()).err == (
        "the bundled record can't be edited; name a file with --file\n"
    )
    assert kzt("add", *options(), "--rev", "HEAD").code == 2


def test_a_broken_file_is_refused(kzt: Run, file: Path) -> None:
    broken = SMALL.read_bytes() + b"\n[[event]]\nid = 'x'\ntitle = 'x'\n"
    file.write_bytes(broken)
    done = kzt("add", *options())
    assert done.code == 2
    assert re.match(r"events.toml:141:1: missing key .*\n4 more: kzt check events.toml\n", done.err)
    assert file.read_bytes() == broken


def test_link_and_mode_stay(kzt: Run, file: Path) -> None:
    file.chmod(0o640)
    link = file.with_name("link.toml")
    link.symlink_to(file)
    assert kzt("add", *options(), "--file", "link.toml").out.endswith(": link.toml:119\n")
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_success_that_cannot_be_told(kzt: Run, file: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kztimeline", "add", *options()],
            cwd=file.parent, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (b"events.toml: written; but standard output: no space left on device\n")
    assert "2020-the-law-is-amended" in file.read_text()


# --- JSON --------------------------------------------------------------------------------------


def test_an_event_by_json(kzt: Run, file: Path) -> None:
    done = kzt("add", "--json", "-", stdin=json.dumps(EVENT).encode())
    assert (done.code, done.out, done.err) == (0, "added 2020-amended: events.toml:119\n", "")
    by_json = file.read_bytes()
    file.write_bytes(SMALL.read_bytes())
    assert kzt("add", *options(id="2020-amended")).code == 0
    assert file.read_bytes() == by_json


def test_the_example_of_the_manual(kzt: Run, file: Path) -> None:
    file.write_bytes((CHECKOUT / "events.toml").read_bytes())
    page = (CHECKOUT / "kztimeline/manual/contribute.md").read_text("utf-8")
    (example,) = re.findall(r"^echo '(.*)' \| kzt add --json -$", page, re.MULTILINE)
    done = kzt("add", "--json", "-", stdin=example.encode())
    assert (done.code, done.err) == (0, "")


def test_what_show_prints_is_taken_back(kzt: Run, file: Path) -> None:
    shown = json.loads(kzt("show", "2020-assembly-law", "ministry-2021", "--format", "json").out)
    whole = loads(file.read_text())
    # Take the event out of the file, and put it back.
    block = written(file, "2020-assembly-law")
    file.write_text(file.read_text().replace(block, ""))
    done = kzt("add", "--json", "-", stdin=json.dumps(shown).encode())
    assert (done.code, done.err) == (0, "")
    assert loads(file.read_text()) == whole


def test_a_source_with_its_event(kzt: Run, file: Path) -> None:
    (file.parent / "new.json").write_text(json.dumps(NEW_SOURCE))
    done = kzt("add", "--json", "new.json")
    assert (done.code, done.err) == (0, "")
    assert done.out == "added 2020-amended: events.toml:124, with the source gazette-2021\n"
    record = loads(file.read_text())
    assert record.sources["gazette-2021"].title == "Gazette"


def test_text_in_several_lines(kzt: Run, file: Path) -> None:
    file.write_bytes(SMALL.read_bytes().replace(b"\n", b"\r\n"))
    text = 'One "line".\n\n[[event]]\nid = "no" \\ more'
    done = kzt("add", "--json", "-", stdin=json.dumps(EVENT | {"summary": text}).encode())
    assert (done.code, done.err) == (0, "")
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    record = loads(file.read_bytes().decode())
    assert next(event for event in record.events if event.id == "2020-amended").summary == text


BAD_JSON = {
    "not JSON": (b"{", "--json: Expecting property name enclosed in double quotes at line 1 column 2"),
    "not UTF-8": (b'{"id": "\xff"}', "--json: not UTF-8 at byte 8"),
    "a list": (b"[]", "--json: must be an object, an event as in the file"),
    "twice": (b'{"id": "a", "id": "b"}', '--json: "id" stands twice'),
    "null": (b'{"id": null}', '--json: "id" is null; leave the key out'),
    "NaN": (b'{"id": NaN}', "--json: NaN is not JSON"),
    "deep": (b"[" * 100_000, "--json: "),
    "long number": (b'{"id": ' + b"1" * 5000 + b"}", "--json: "),
    "surrogate": (json.dumps(EVENT | {"title": "\ud800"}).encode(), "event: a character can't be written in UTF-8"),
    "not an event": (b'{"event": [], "source": {}}', '--json: must be an event, or {"event": {'),
    "empty": (b"{}", 'event: missing key "date"; missing key "kind"; missing key "sources"; '),
    "wrong types": (json.dumps(EVENT | {"title": 1, "topics": "un"}).encode(), "event: title must be a string"),
    "extra key": (json.dumps(EVENT | {"earlier": "x"}).encode(), 'event: unknown key "earlier"'),
    "several": (json.dumps({"events": [EVENT, EVENT]}).encode(), "--json: must hold one event; kzt add --from takes several"),
    "strange tables": (json.dumps({"events": [EVENT], "sources": {"x": 1}}).encode(), '--json: must be an event, or {"event": {'),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json(data: bytes, told: str, kzt: Run, file: Path) -> None:
    done = kzt("add", "--json", "-", stdin=data)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(told)
    assert file.read_bytes() == SMALL.read_bytes()


def test_json_is_the_whole_event(kzt: Run, file: Path) -> None:
    done = kzt("add", "--json", "-", "--title", "x", stdin=b"{}")
    assert done.err == "--json is the whole event; leave out --title\n"
    assert kzt("add", "--json", "missing").err == "missing: no such file\n"


# --- patches -----------------------------------------------------------------------------------

VARIANTS = {
    "LF": lambda data: data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "no final newline": lambda data: data.rstrip(b"\n"),
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF, mark, no final newline": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n").rstrip(),
}  # fmt: skip
NAMES = ["events.toml", "sub folder/my events.toml", "é/日.toml", 'a"b\\c.toml']


@pytest.mark.parametrize("date", ["[..1999]", "2020-06", "2021-03"])
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_patch_gives_what_a_run_writes(
    variant: Any, date: str, kzt: Run, repository: Repository
) -> None:
    path = repository.folder / "events.toml"
    # The last event is of 2022; without it, one of 2021 comes last.
    data = variant(SMALL.read_bytes().partition(b'\n[[event]]\nid = "2022')[0])
    path.write_bytes(data)
    event = json.dumps(EVENT | {"date": date}).encode()
    patch = kzt("add", "--json", "-", "--dry-run", cwd=repository.folder, stdin=event)
    assert (patch.code, patch.err) == (0, "")
    assert patch.out.count("\n@@ ") == 1
    assert path.read_bytes() == data
    (repository.folder / "patch").write_bytes(patch.out.encode())
    repository.git("apply", "--whitespace=nowarn", "patch")
    by_patch = path.read_bytes()
    path.write_bytes(data)
    assert kzt("add", "--json", "-", cwd=repository.folder, stdin=event).code == 0
    assert path.read_bytes() == by_patch


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("inside", [True, False], ids=["repository", "folder"])
def test_paths_of_a_patch(name: str, inside: bool, kzt: Run, tmp_path: Path) -> None:
    path = tmp_path / "top" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(SMALL.read_bytes())
    top = tmp_path / "top" if inside else path.parent
    if inside:
        Repository(top)
    patch = kzt("add", *options(), "--dry-run", "--file", str(path))
    assert patch.code == 0, patch
    env = environment({"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    subprocess.run(["git", "apply"], cwd=top, env=env, input=patch.out.encode(), check=True)
    assert "2020-the-law-is-amended" in path.read_text()


def test_where_a_patch_applies_is_told_where_git_would_skip_it(
    kzt: Run, repository: Repository
) -> None:
    path = repository.write(SMALL.read_text())
    folder = repository.folder / "sub"
    folder.mkdir()
    inside = folder / "events.toml"
    inside.write_bytes(path.read_bytes())
    elsewhere = kzt("add", *options(), "--dry-run", cwd=folder)
    assert elsewhere.err == ""
    skipped = kzt("add", *options(), "--dry-run", "--file", "../events.toml", cwd=folder)
    assert skipped.err == f"git apply skips this patch here; run it in {repository.folder}\n"
    data = path.read_bytes()
    for patch, where in ((elsewhere, inside), (skipped, path)):
        (folder / "patch").write_text(patch.out)
        subprocess.run(["git", "apply", "patch"], cwd=folder, env=environment(), check=True)
        assert (where.read_bytes() != data) == (patch.err == "")


def test_a_patch_with_a_new_source_has_two_hunks(kzt: Run, repository: Repository) -> None:
    repository.commit(SMALL.read_text())
    stdin = json.dumps(NEW_SOURCE).encode()
    patch = kzt("add", "--json", "-", "--dry-run", cwd=repository.folder, stdin=stdin)
    golden("add-source.patch", patch.out)
    (repository.folder / "patch").write_text(patch.out)
    repository.git("apply", "patch")
    by_patch = (repository.folder / "events.toml").read_bytes()
    repository.git("checkout", "--quiet", "events.toml")
    assert kzt("add", "--json", "-", cwd=repository.folder, stdin=stdin).code == 0
    assert (repository.folder / "events.toml").read_bytes() == by_patch


def test_the_edit_is_one_hunk_for_git(kzt: Run, repository: Repository) -> None:
    repository.commit(BENCH.read_text())
    source, topic = "eu-reporter-2021", "governance"
    done = kzt("add", *options(source=source, topic=topic), cwd=repository.folder)
    assert done.code == 0, done
    assert repository.git("diff").count("\n@@ ") == 1


def test_a_patch_that_would_mislead_is_refused(kzt: Run, file: Path) -> None:
    raw = SMALL.read_text().replace("Ministries and NGOs met.", "Ministries\x9b1m and NGOs met.")
    file.write_text(raw)
    done = kzt("add", *options(date="2019"), "--dry-run")
    assert done.code == 2
    assert done.err == "the patch holds characters that can't be printed here as they are\n"
    assert file.read_text() == raw


# --- on a terminal -----------------------------------------------------------------------------


WRITE = "Write this to events.toml? (write, edit, citation, leave) [write]: "


def test_everything_is_asked_and_each_answer_checked(file: Path) -> None:
    terminal = Terminal(file.parent, "add")
    terminal.answer("Date: ", "31 June 2020")
    assert "June 2020 has 30 days" in terminal.answer("Date: ", "June 2020")
    terminal.answer("Title: ", "")
    assert "Please answer" in terminal.answer("Title: ", "A\u202etitle")
    assert "U+202E" in terminal.answer("Title: ", "The law is amended")
    assert "treaty-body-review" in terminal.answer("Kind: ", "lew")
    assert 'did you mean "law"' in terminal.answer("Kind: ", "law")
    assert "2  expression  Freedom of expression" in terminal.answer("Topics: ", "1, assembli")
    assert 'did you mean "assembly"' in terminal.answer("Topics: ", "9")
    assert "there is no number 9" in terminal.answer("Topics: ", "1 un")
    terminal.answer("Status (Enter for none): ", "?")
    assert "For example: scheduled" in terminal.answer("Status (Enter for none): ", "")
    terminal.answer("Summary: ", "Fines are lowered.")
    terminal.answer("State (Enter for none): ", "libel")
    assert "is not MATTER=TEXT" in terminal.answer("State", "9 = Lighter")
    assert "there is no number 9" in terminal.answer(
        "State", "2 = Lighter | assembly-procedure=Free"
    )
    terminal.answer("In force (Enter for none): ", "2019")
    assert "before" in terminal.answer("In force", "-")
    terminal.answer("Asks", "")
    terminal.answer("Answers (Enter", "2011-briefing")
    terminal.answer("Answers in part", "")
    terminal.answer("Dating", "")
    assert "1  ministry-2021" in terminal.answer("Source: ", "1")
    terminal.answer("At: ", "annex")
    terminal.answer(
        "Quote", "one two three four five six seven eight nine ten eleven twelve thirteen"
    )
    assert "12 words" in terminal.answer("Quote", "five days")
    terminal.answer("Says", "")
    terminal.answer("Perspective", "")
    terminal.answer("Disputes", "maybe")
    assert "yes or no" in terminal.answer("Disputes", "")
    terminal.answer("Id [2020-the-law-is-amended]: ", "")
    hunk = terminal.answer(WRITE, "")
    assert '+title = "The law is amended"\n' in hunk
    terminal.until("added 2020-the-law-is-amended: events.toml:119\n")
    assert terminal.close() == 0
    golden("add-asked.toml", written(file, "2020-the-law-is-amended"))


# What is asked of an event whose required keys are all given.
OPTIONAL = ["Status", "State", "Finding", "Asks", "Answers (", "Answers in", "Dating"]


def skip(terminal: Terminal, questions: list[str]) -> None:
    for question in questions:
        terminal.answer(question, "")


def test_a_file_with_little_in_it(file: Path) -> None:
    file.write_text("")
    terminal = Terminal(file.parent, "add")
    terminal.until("the file has no topics; write a [topic] table first\n")
    assert terminal.close() == 2
    file.write_text('[topic]\nassembly = "Assembly"\n')
    terminal = Terminal(file.parent, "add", *options(source=None, at=None))
    skip(terminal, ["Status", "Asks", "Dating"])
    assert "State" not in terminal.seen
    assert "Answers" not in terminal.seen
    terminal.until("a document that is not among them")
    assert terminal.close(b"\x03") == 130


def test_a_new_source_on_the_way(file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options(source=None, at=None))
    skip(terminal, OPTIONAL)
    terminal.answer("Source: ", "new")
    terminal.answer("Title of the source: ", "The Gazette")
    terminal.answer("Type of the source", "law")
    assert "unknown type" in terminal.answer("Type of the source", "legislation")
    terminal.answer("Number of the source", "No. 7-I")
    terminal.answer("Authors of the source", "A. Writer; B. Editor")
    assert "2 authors: A. Writer, B. Editor" in terminal.answer("Publisher of the source", "")
    terminal.answer("Date of the source: ", "2019")
    assert "after all its sources" in terminal.answer("Date of the source: ", "March 2021")
    terminal.answer("Perspective of the source: ", "?")
    assert "1  official" in terminal.answer("Perspective of the source: ", "official")
    terminal.answer("Language of the source", "in Russian")
    assert "no language tag" in terminal.answer("Language of the source", "ru")
    terminal.answer("Url of the source", "javascript:x")
    assert "is not a web address" in terminal.answer(
        "Url of the source", "https://example.org/gazette"
    )
    terminal.answer("Archive of the source", "")
    terminal.answer("Note of the source", "")
    terminal.answer("Id of the source [2021-the-gazette]: ", "daily-2021")
    assert "already used" in terminal.answer("Id of the source", "gazette-2021")
    terminal.answer("At: ", "page 1")
    skip(terminal, ["Quote"])
    terminal.answer("Says", "Lower fines")
    skip(terminal, ["Perspective", "Disputes", "Id ["])
    assert terminal.answer(WRITE, "").count("\n@@ ") == 2
    assert terminal.close() == 0
    source = loads(file.read_text()).sources["gazette-2021"]
    assert (source.authors, source.date.text) == (("A. Writer", "B. Editor"), "2021-03")
    assert (source.type, source.number, source.language) == ("legislation", "No. 7-I", "ru")


def test_options_alone_are_confirmed(file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options())
    terminal.answer(WRITE, "what")
    terminal.answer(WRITE, "n")
    terminal.until("nothing was added; the answers are kept for the next kzt add\n")
    assert terminal.close() == 2
    assert file.read_bytes() == SMALL.read_bytes()


def test_an_answer_is_given_again_and_a_citation_added(file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options())
    terminal.answer(WRITE, "edit")
    terminal.answer("Which answer: ", "title")
    terminal.answer("Title [The law is amended]: ", "Fines fall")
    terminal.answer(WRITE, "e")
    terminal.answer("Which answer: ", "summary")
    terminal.answer("Summary [", "Fines are halved.")
    terminal.answer(WRITE, "c")
    terminal.answer("Source: ", "daily-2021")
    terminal.answer("At: ", "end")
    skip(terminal, ["Quote", "Says", "Perspective"])
    terminal.answer("Disputes", "yes")
    terminal.answer(WRITE, "e")
    terminal.answer("Which answer: ", "at-1")
    terminal.answer("At [annex]: ", "page 2")
    terminal.answer(WRITE, "w")
    assert terminal.close() == 0
    (event,) = [one for one in loads(file.read_text()).events if one.title == "Fines fall"]
    assert event.summary == "Fines are halved."
    assert [plain(one) for one in event.sources] == [
        {"source": "ministry-2021", "at": "page 2"},
        {"source": "daily-2021", "at": "end", "disputes": True},
    ]


def test_what_cannot_be_written_is_mended_and_nothing_is_lost(file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options(date="2022"))
    assert "after all its sources" in terminal.answer("What now? (edit, citation, leave)", "edit")
    terminal.answer("Which answer: ", "date")
    terminal.answer("Date [2022]: ", "2020")
    terminal.answer(WRITE, "")
    assert terminal.close() == 0


@pytest.mark.parametrize("keys", [b"\x04", b"\x03"])
def test_a_draft_is_kept_for_its_owner_and_taken_up(keys: bytes, file: Path) -> None:
    terminal = Terminal(file.parent, "add")
    terminal.answer("Date: ", "June 2020")
    terminal.answer("Title: ", "The law is amended")
    terminal.answer("Kind: ", "law")
    terminal.until("Topics: ")
    assert terminal.close(keys) in (2, 130)
    assert "nothing was added; the answers are kept for the next kzt add\n" in terminal.seen
    (kept,) = (file.parent / "state" / "kzt").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    terminal = Terminal(file.parent, "add", *options(date=None, title=None, kind=None))
    terminal.answer('Go on with the draft "The law is amended"? [Y/n] ', "")
    terminal.answer(WRITE, "")
    assert terminal.close() == 0
    assert "Title" not in terminal.seen
    assert list(kept.parent.iterdir()) == []
    assert 'title = "The law is amended"' in file.read_text()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"event": 1}', '{"event": {"date": 5}, "citations": [3], "sources": {}}'],
)
def test_a_broken_draft_is_none(text: str, file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options())
    terminal.answer(WRITE, "leave")
    terminal.close()
    (kept,) = (file.parent / "state" / "kzt").iterdir()
    kept.write_text(text)
    terminal = Terminal(file.parent, "add")
    terminal.until("Date: ")
    assert "draft" not in terminal.seen
    terminal.close(b"\x03")


def test_answers_that_are_wrong_by_now_are_asked_again(file: Path) -> None:
    terminal = Terminal(file.parent, "add", *options(topic="un"))
    terminal.answer(WRITE, "leave")
    terminal.close()
    file.write_text(
        file.read_text().replace('un = "UN', 'nations = "UN').replace('"un"', '"nations"')
    )
    terminal = Terminal(file.parent, "add")
    terminal.answer("[Y/n] ", "")
    terminal.until("Topics: ")
    assert "Title: " not in terminal.seen
    terminal.close(b"\x03")


def test_answers_that_cannot_be_kept_are_asked_all_the_same(file: Path) -> None:
    (file.parent / "state").write_text("")
    terminal = Terminal(file.parent, "add", *options())
    terminal.answer(WRITE, "edit")
    terminal.answer("Which answer: ", "title")
    terminal.answer("Title [", "Other")
    assert "no draft is kept: " in terminal.answer(WRITE, "")
    assert terminal.close() == 0


def test_yes_asks_nothing(file: Path) -> None:
    terminal = Terminal(file.parent, "add", "--yes", *options())
    terminal.until("added 2020-the-law-is-amended")
    assert terminal.close() == 0
    terminal = Terminal(file.parent, "add", "--yes")
    terminal.until("kzt add: missing --date")
    assert terminal.close() == 2


@pytest.mark.parametrize(
    ("keys", "told", "code"), [(b"\x04", "nothing was added", 2), (b"\x03", "", 130)]
)
def test_the_end_of_answers(keys: bytes, told: str, code: int, file: Path) -> None:
    terminal = Terminal(file.parent, "add")
    terminal.until("Date: ")
    assert terminal.close(keys) == code
    assert told in terminal.seen
    assert "Traceback" not in terminal.seen
    assert file.read_bytes() == SMALL.read_bytes()


def test_the_tab_key_completes(file: Path) -> None:
    pytest.importorskip("readline")
    terminal = Terminal(file.parent, "add", *options(kind=None, topic=None))
    terminal.until("Kind: ")
    os.write(terminal.end, b"treaty-b\t\n")
    terminal.until("treaty-body-review")
    terminal.until("Topics: ")
    os.write(terminal.end, b"assembly, expr\t\n")
    terminal.until("assembly, expression")
    terminal.answer("Status", "")
    # An interrupt on the heels of the answer would make the terminal forget that one.
    terminal.until("State (Enter")
    assert terminal.close(b"\x03") == 130


def test_hostile_text_is_shown_harmlessly(file: Path) -> None:
    raw = SMALL.read_text().replace("Freedom of expression", "Free\x9b2Jdom\u202e of")
    raw = raw.replace("Talks on assembly", "Talks\x9b2J on assembly")
    file.write_text(raw)
    terminal = Terminal(file.parent, "add", *options(topic=None, date="2019"))
    terminal.until("Topics: ")
    os.write(terminal.end, b"1\n" + b"\n" * 12)
    terminal.until(WRITE)
    os.write(terminal.end, b"n\n")
    assert terminal.close() == 2
    assert "\x9b" not in terminal.seen
    assert "\u202e" not in terminal.seen
    assert "Free\\u{9b}2Jdom" in terminal.seen


# --- completion --------------------------------------------------------------------------------

COMPLETED = {
    ("--topic", "a"): {"assembly"},
    ("--kind", "treaty-b"): {"treaty-body-review"},
    ("--status", ""): {"occurred", "scheduled", "alleged"},
    ("--state", "l"): {"libel="},
    ("--answers", "2011"): {"2011-briefing"},
    ("--source", "m"): {"ministry-2021"},
    ("--perspective", "o"): {"official", "opinion"},
    ("--finding", "l"): {"libel="},
    ("--answers-in-part", "2011"): {"2011-briefing"},
}


@pytest.mark.parametrize(("option", "start"), COMPLETED)
def test_values_complete(option: str, start: str, file: Path) -> None:
    done = Result(
        subprocess.run(
            [sys.executable, "-m", "kztimeline"],
            cwd=file.parent,
            env=environment({
                "_KZT_COMPLETE": "complete_bash",
                "COMP_WORDS": f"kzt add {option} {start}",
                "COMP_CWORD": "3",
            }),
            capture_output=True,
            check=False,
        )
    )  # fmt: skip
    assert set(done.out.split()) == COMPLETED[option, start]


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.toml"
    path.write_bytes(SMALL.read_bytes())
    return path


def written(file: Path, identity: str) -> str:
    """The event as the file has it."""
    blocks = split(file.read_text("utf-8"))
    return next(block.text for block in blocks if f'id = "{identity}"' in block.text)


def found_by_check(kzt: Run, file: Path) -> list[tuple[str, str]]:
    """What check finds, wherever it stands."""
    found = json.loads(kzt("check", "--format", "json", str(file)).out)
    return [(one["code"], one["message"]) for one in found]
