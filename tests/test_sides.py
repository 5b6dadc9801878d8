"""What the arguments of a diff name, and diffs over git histories made for the purpose."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from kztimeline import KztError, PartialDate
from kztimeline.files import sides
from kztimeline.files.sides import Dates, Versions
from tests.conftest import NEW_LAW, SMALL, Repository, Run
from tests.processes import run_all

TODAY = date(2024, 5, 17)
TEXT = SMALL.read_text("utf-8")

# --- what an argument is -----------------------------------------------------------------------

KINDS = {
    "2020": "date 2020",
    "2020-06": "date 2020-06",
    "June 2020": "date 2020-06",
    "5y": "date 2019",
    "date:2020": "date 2020",
    "-": "file -",
    "a.toml": "file a.toml",
    "main": "file main",  # a file of that name is there
    "file:2020": "file 2020",
    "file:none": "file none",
    "file:rev:x": "file rev:x",
    "rev:2020": "rev 2020",
    "rev:a.toml": "rev a.toml",
    "rev:date:2020": "rev date:2020",
    "rev:": "rev ",
    "HEAD~1": "rev HEAD~1 guessed",
    "none.toml": "rev none.toml guessed",
    "folder": "rev folder guessed",
    "": "rev  guessed",
    "x:2020": "rev x:2020 guessed",
    "a\0b": "rev a\0b guessed",
    "x" * 5000: f"rev {'x' * 5000} guessed",
}


def test_an_argument_is_a_date_else_a_file_else_a_revision(files: Path) -> None:
    def told(text: str) -> str:
        side = sides.side(text, TODAY)
        guessed = " guessed" if side.guessed else ""
        return f"{side.kind} {side.text if side.date is None else side.date}{guessed}"

    assert {text: told(text) for text in KINDS} == KINDS


def test_arguments_that_are_left_out() -> None:
    working = sides.pair(None, None, TODAY)
    assert isinstance(working, Versions)
    assert (working.old.kind, working.old.text, working.new) == ("rev", "HEAD", None)
    until_today = sides.pair("2020", None, TODAY)
    assert until_today == Dates(PartialDate.parse("2020"), PartialDate.parse("2024-05-17"))


NO_PAIR = {
    ("-", "-"): "standard input can only be one side of a diff",
    ("file:-", "-"): "standard input can only be one side of a diff",
    ("2011", "HEAD"): (
        '"2011" is a date and "HEAD" a revision: they can\'t be compared (rev:2011 is the revision)'
    ),
    ("a.toml", "2011"): (
        '"2011" is a date and "a.toml" a file: they can\'t be compared (rev:2011 is the revision)'
    ),
    ("2020", "2011"): '"2020" ends after "2011": write the earlier date first',
    ("2020", "2020-06"): '"2020" ends after "2020-06": write the earlier date first',
    ("2025", None): '"2025" ends after "today": write the earlier date first',
    ("2020/..", "2021"): '"2020/.." has no last day to compare at',
    ("2020", "2021/.."): '"2021/.." has no last day to compare at',
}


@pytest.mark.parametrize("pair", NO_PAIR)
def test_sides_that_do_not_go_together(pair: tuple[str, str | None], files: Path) -> None:
    with pytest.raises(KztError) as caught:
        sides.pair(*pair, TODAY)
    assert caught.value.args == (NO_PAIR[pair],)


# --- histories ---------------------------------------------------------------------------------

TALKS = TEXT[TEXT.index('[[event]]\nid = "2018-talks"') : TEXT.index('[[event]]\nid = "2020-as')]

# Edit → (old, new, what the diff must find).
EDITS = {
    "added": (TEXT, TEXT + NEW_LAW, {"added": ["2023-new-law"], "effects": 1}),
    "removed": (TEXT, TEXT.replace(TALKS, ""), {"removed": ["2018-talks"]}),
    "changed": (TEXT, TEXT.replace("A rally is", "Rallies are"), {"changed": ["2014-rally"]}),
    "renamed": (
        TEXT,
        TEXT.replace("2018-talks", "2018-dialogue"),
        {"changed": ["2018-dialogue"], "renamed": ["2018-talks"]},
    ),
    "relabelled": (
        TEXT,
        TEXT.replace('"Peaceful assembly"', '"Assembly"'),
        {"topics": ["assembly"]},
    ),
    "source": (TEXT, TEXT.replace('"Briefing paper"', '"A paper"'), {"sources": ["bureau-2011"]}),
    "nothing": (TEXT, "# a comment\n" + TEXT, {}),
}


def found(document: str) -> dict[str, object]:
    """The gist of a diff's JSON, without what is empty."""
    diff = json.loads(document)
    changed = diff["changed"]
    gist = {
        "added": [event["id"] for event in diff["added"]],
        "removed": [event["id"] for event in diff["removed"]],
        "changed": [change["id"] for change in changed],
        "renamed": [c["renamed_from"] for c in changed if c["renamed_from"]],
        "topics": list(diff["topics"]),
        "sources": list(diff["sources"]),
        "effects": len(diff["effects"]),
    }
    return {key: value for key, value in gist.items() if value}


@pytest.mark.parametrize("edit", EDITS)
def test_a_diff_of_commits(edit: str, repository: Repository) -> None:
    old, new, gist = EDITS[edit]
    repository.commit(old)
    repository.commit(new)
    code = ("diff", "HEAD~1", "HEAD", "--exit-code", "--format", "json")
    back = ("diff", "HEAD", "HEAD~1", "--exit-code")
    working = ("diff", "--exit-code")
    one = ("diff", "HEAD~1", "--format", "json")
    results = run_all([code, back, working, one], repository.folder)
    assert found(results[code].out) == gist
    assert found(results[one].out) == gist
    assert [results[key].code for key in (code, back, working, one)] == [
        int(bool(gist)),
        int(bool(gist)),
        0,
        0,
    ]
    assert all(result.err == "" for result in results.values())


@pytest.fixture
def history(repository: Repository) -> Repository:
    """The record appears in the second commit, in a folder; a branch is called 2020."""
    repository.commit("", "other.txt")
    repository.commit(TEXT, "sub/events.toml")
    repository.git("branch", "2020")
    repository.git("branch", "a.toml")
    repository.commit(TEXT + NEW_LAW, "sub/events.toml")
    repository.write(TEXT, "sub/a.toml")
    return repository


def heading(*args: str, cwd: Path) -> str:
    """The first line of a diff, or all of stderr."""
    result = run_all([args], cwd)[args]
    assert result.code == (2 if result.err else 0)
    return result.err or result.out.splitlines()[0]


def test_the_header_says_what_the_sides_are(history: Repository) -> None:
    sub = history.folder / "sub"
    new, old, first = (history.git("rev-parse", f"HEAD~{n}")[:12] for n in range(3))

    def diff(*args: str) -> str:
        return heading("diff", *args, cwd=sub)

    at_head = f"HEAD:events.toml (commit {new})"
    assert diff() == f"{at_head} → events.toml (file)"
    assert diff("HEAD~1") == f"HEAD~1:events.toml (commit {old}) → events.toml (file)"
    assert diff("rev:2020", "HEAD") == f"2020:events.toml (commit {old}) → {at_head}"
    assert diff("2011", "2020") == "end of 2011 (date) → end of 2020 (date)"
    # There is a branch of that name, too.
    assert diff("file:a.toml") == "a.toml (file) → events.toml (file)"
    assert diff("rev:a.toml", "file:a.toml") == f"a.toml:events.toml (commit {old}) → a.toml (file)"
    assert diff("HEAD", "file:a.toml") == f"{at_head} → a.toml (file)"
    history.git("branch", "--quiet", "-D", "a.toml")
    assert diff("HEAD", "a.toml") == f"{at_head} → a.toml (file)"
    path = "sub/events.toml"
    above = heading("diff", "main~1", "--file", path, cwd=history.folder)
    assert above == f"main~1:{path} (commit {old}) → {path} (file)"
    assert first not in above


def test_a_range_a_path_and_a_time(history: Repository) -> None:
    sub = history.folder / "sub"
    new, old = (history.git("rev-parse", f"HEAD~{n}")[:12] for n in range(2))
    at_head, before = f"HEAD:events.toml (commit {new})", f"HEAD~1:events.toml (commit {old})"
    headers = {
        ("HEAD~1..HEAD",): f"{before} → {at_head}",
        ("HEAD~1..",): f"{before} → {at_head}",
        ("2020..main",): f"2020:events.toml (commit {old}) → main:events.toml (commit {new})",
        ("HEAD~1:sub/events.toml", "HEAD"): (f"HEAD~1:sub/events.toml (commit {old}) → {at_head}"),
        ("HEAD:./events.toml",): f"HEAD:./events.toml (commit {new}) → events.toml (file)",
        ("HEAD@{1 second ago}",): (
            f"HEAD@{{1 second ago}}:events.toml (commit {new}) → events.toml (file)"
        ),
    }
    assert {args: heading("diff", *args, cwd=sub) for args in headers} == headers


def test_a_revision_has_the_file_under_its_former_names(repository: Repository) -> None:
    """Renamed twice, and its first name is a folder now."""
    repository.commit(TEXT)
    repository.git("mv", "events.toml", "a.toml")
    repository.commit(TEXT + NEW_LAW, "a.toml")
    repository.git("mv", "a.toml", "b.toml")
    repository.commit("# other\n", "events.toml/other.txt")
    first, last = (repository.git("rev-parse", f"HEAD~{n}")[:12] for n in (2, 0))
    told = run_all([("diff", "HEAD~2", "HEAD", "--file", "b.toml")], repository.folder)
    (result,) = told.values()
    assert result.out.splitlines()[:2] == [
        f"HEAD~2:b.toml (commit {first}) → HEAD:b.toml (commit {last})",
        "1 event added; Holding a public assembly stands differently from 2023-04",
    ]


REFUSED = {
    ("diff", "HEAD~2"): 'events.toml: not in revision "HEAD~2"',
    ("diff", "none"): 'no file "none"; no revision "none" in this repository',
    ("diff", "rev:none"): 'no revision "none" in this repository',
    ("diff", "file:none"): "none: no such file",
    ("diff", "rev:"): '"" is not a git revision',
    ("diff", "--", "-x"): 'no file "-x"; "-x" is not a git revision',
    ("diff", "rev:--output=x"): '"--output=x" is not a git revision',
    ("diff", "HEAD:none.toml"): 'none.toml: not in revision "HEAD"',
    ("diff", "HEAD:sub"): 'sub: a folder in revision "HEAD"',
    ("diff", "HEAD:../x.toml"): (
        'no file "HEAD:../x.toml"; "../x.toml" is not the path of a file in the repository'
    ),
    ("diff", "rev:HEAD:/etc/passwd"): ('"/etc/passwd" is not the path of a file in the repository'),
    ("diff", "rev:HEAD:"): '"" is not the path of a file in the repository',
    ("diff", "2015..2021"): "two dates are two arguments: kzt diff 2015 2021",
    ("diff", "HEAD..none"): 'no revision "none" in this repository',
    ("diff", "HEAD...HEAD"): (
        'no file "HEAD...HEAD"; no revision "HEAD...HEAD" in this repository'
    ),
    ("diff", "2011", "2020", "--ignore", "title"): "--ignore goes with versions, not with dates",
    ("diff", "2020", "HEAD"): (
        '"2020" is a date and "HEAD" a revision: they can\'t be compared (rev:2020 is the revision)'
    ),
    ("diff", "HEAD", "--rev", "HEAD"): (
        "--rev goes with dates; name revisions as arguments: kzt diff OLD NEW"
    ),
    ("diff", "--file", "-"): "standard input has no revisions; name a file with --file",
    ("diff", "-", "-"): "standard input can only be one side of a diff",
    ("list", "--rev", "HEAD", "--file", "-"): (
        "standard input has no revisions; name a file with --file"
    ),
    ("list", "--rev", "none"): 'no revision "none" in this repository',
    ("check", "--rev", "HEAD", "-"): "standard input has no revisions; name a file with --file",
}


def test_refused_sides_are_one_line(history: Repository) -> None:
    results = run_all(REFUSED, history.folder / "sub")
    assert {args: (r.code, r.out, r.err) for args, r in results.items()} == {
        args: (2, "", f"{told}\n") for args, told in REFUSED.items()
    }


REVISIONS = ["main", "HEAD", "HEAD~1", "v1", "topic/new", "2020", "@"]


def test_a_file_named_like_a_revision_is_never_taken_for_it(history: Repository) -> None:
    """A stranger could commit such a file: "no change", says then a diff of the two."""
    sub = history.folder / "sub"
    history.git("tag", "v1")
    history.git("branch", "topic/new")
    for name in REVISIONS:
        shutil.copyfile(sub / "events.toml", history.write("", f"sub/{name}"))
    commands: dict[tuple[str, ...], str] = {}
    for name in REVISIONS:
        both = f'"{name}" is both a file and a revision: write file:{name} or rev:{name}\n'
        for command in (["check", "--against"], ["list", "--rev"], ["check", "--rev"]):
            commands[*command, name] = both
        commands["diff", name] = both
        commands["diff", "rev:HEAD", name] = both
    dated = '"2020" is both a date and a file: write date:2020, file:2020 or rev:2020\n'
    for sides_ in (("2020",), ("rev:HEAD", "2020"), ("2011", "2020")):
        commands["diff", *sides_] = dated
    results = run_all(commands, sub)
    assert {args: (r.code, r.out, r.err) for args, r in results.items()} == {
        args: (2, "", told) for args, told in commands.items()
    }


def test_a_file_named_like_a_range_is_never_taken_for_it(history: Repository) -> None:
    sub = history.folder / "sub"
    names = ["HEAD~1..HEAD", "main..", "main..HEAD"]
    for name in names:
        shutil.copyfile(sub / "events.toml", history.write("", f"sub/{name}"))
    for (_, name), result in run_all([("diff", name) for name in names], sub).items():
        both = f'"{name}" is both a file and a revision: write file:{name} or rev:{name}\n'
        assert (result.code, result.out, result.err) == (2, "", both)


def test_prefixes_tell_a_file_from_a_revision(history: Repository) -> None:
    sub = history.folder / "sub"
    history.write(TEXT, "sub/main")
    assert heading("diff", "rev:main", cwd=sub).startswith("main:events.toml (commit ")
    assert heading("diff", "file:main", cwd=sub).startswith("main (file) → ")
    history.write(TEXT, "sub/2011")
    assert heading("diff", "date:2011", "2020", cwd=sub).startswith("end of 2011 (date)")
    commands = [
        ("list", "--rev", "rev:main"),
        ("check", "--rev", "rev:main", "--against", "rev:main"),
    ]
    results = run_all(commands, sub)
    assert [(result.code, result.err) for result in results.values()] == [(0, ""), (0, "")]


def test_a_folder_or_a_file_of_another_name_is_no_hindrance(history: Repository) -> None:
    sub = history.folder / "sub"
    (sub / "main").mkdir()
    assert heading("diff", "main", cwd=sub).startswith("main:events.toml (commit ")


def test_the_bundled_record_has_no_revisions(tmp_path: Path) -> None:
    told = "the bundled record has no revisions; name a file with --file\n"
    assert heading("diff", cwd=tmp_path) == told
    assert heading("diff", "rev:main", cwd=tmp_path) == told
    assert heading("diff", "none.toml", cwd=tmp_path) == f'no file "none.toml"; {told}'
    assert heading("list", "--rev", "HEAD", cwd=tmp_path) == told


def test_a_file_without_a_repository_has_no_revisions(files: Path) -> None:
    told = ".: not in a git repository, so there are no revisions\n"
    assert heading("diff", "--file", "a.toml", cwd=files) == told
    assert heading("diff", "a.tmol", "--file", "a.toml", cwd=files) == f'no file "a.tmol"; {told}'
    assert heading("diff", "a.toml", "main", cwd=files) == "a.toml (file) → main (file)"


def test_standard_input_is_a_side(files: Path, kzt: Run) -> None:
    text = (TEXT + NEW_LAW).encode()
    result = kzt("diff", "a.toml", "-", "--format", "json", "--exit-code", stdin=text)
    assert (result.code, result.err) == (1, "")
    assert found(result.out) == {"added": ["2023-new-law"], "effects": 1}


def test_dates_are_compared_in_a_revision(history: Repository) -> None:
    sub = history.folder / "sub"
    now = ("diff", "2022", "2023", "--format", "plain")
    then = (*now, "--rev", "HEAD~1")
    results = run_all([now, then, (*then, "--exit-code"), (*now, "--exit-code")], sub)
    assert "2023-new-law" in results[now].out
    assert "2023-new-law" not in results[then].out
    assert [result.code for result in results.values()] == [0, 0, 0, 1]


def test_a_doubtful_side_is_refused(history: Repository) -> None:
    history.commit("[timeline]\ntitle = 7\n[topic]\na = 8\n", "sub/events.toml")
    history.write(TEXT, "sub/events.toml")
    assert heading("diff", "HEAD^0", cwd=history.folder / "sub") == (
        "HEAD^0:events.toml:2:9: title must be a string, not a number\n"
        "1 more: kzt check --rev 'HEAD^0' events.toml\n"
    )


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.toml", "main"):
        (tmp_path / name).write_text(TEXT)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path
