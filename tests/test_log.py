"""`kzt log`: histories made for the purpose, and generated ones against another computation."""

import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import NEW_LAW, SMALL, Repository, Run, environment, golden, run_kzt
from tests.test_house import counted

TEXT = SMALL.read_text("utf-8")


def events(*rows: tuple[str, str]) -> str:
    """A record of events by id and summary."""
    head = '[topic]\nt = "T"\n[source.s]\ntitle = "S"\ndate = "2020"\nperspective = "ngo"\n'
    return head + "".join(
        f'\n[[event]]\nid = "{identity}"\ndate = "2020"\ntitle = "Title of {identity}"\nkind = "law"\n'
        f'topics = ["t"]\nsummary = "{summary}"\nsources = [{{ source = "s", at = "1" }}]\n'
        for identity, summary in rows
    )


# --- generated histories -----------------------------------------------------------------------


# So many that git knows the file again under another name, whatever was edited.
FIRST = {f"e{n}": "x" for n in range(30)}


class Made(NamedTuple):
    """A commit as its maker knows it."""

    mark: int
    parents: tuple[int, ...]
    path: str
    rows: dict[str, str] | None
    """The record; None where there is no file."""
    broken: bool = False

    @property
    def text(self) -> str:
        return "= broken\n" if self.broken else events(*(self.rows or {}).items())


def history(dice: random.Random, count: int) -> list[Made]:
    """Commits on branches that edit, rename, remove, restore and break the file, and merge."""
    made = [Made(1, (), "a.toml", FIRST)]
    heads = [1]
    while len(made) < count:
        here = dice.choice(heads)
        last = made[here - 1]
        others = [made[head - 1] for head in heads if head != here]
        whole = [other for other in others if other.rows and not other.broken]
        if whole and last.rows and not last.broken and dice.random() < 0.15:
            other = dice.choice(whole)
            heads.remove(other.mark)
            made.append(merged(dice, last, other, len(made) + 1))
        else:
            if len(heads) < 3 and dice.random() < 0.1:
                heads.append(here)
            made.append(edited(dice, last, len(made) + 1))
        heads[heads.index(here)] = len(made)
    # All of them come together at the end, so that HEAD reaches every commit.
    for head in heads[1:]:
        if made[head - 1].broken or made[head - 1].rows is None:
            mark, rows = len(made) + 1, made[head - 1].rows or FIRST
            mended = Made(mark, (head,), made[head - 1].path, rows)
            made.append(mended)
            head = mended.mark
        last, mark = made[heads[0] - 1], len(made) + 1
        rows = (last.rows or FIRST) | {f"m{mark}": "merged"}
        made.append(Made(mark, (last.mark, head), last.path, rows))
        heads[0] = mark
    return made


def edited(dice: random.Random, last: Made, mark: int) -> Made:
    """A commit on top of another one."""
    now = Made(mark, (last.mark,), last.path, dict(last.rows or FIRST))
    action = dice.choice(["edit"] * 6 + ["rename", "nothing", "drop", "break"])
    if action == "nothing":
        return now._replace(rows=last.rows, broken=last.broken)
    # What is broken is so short here that git wouldn't know it under another name.
    if action == "rename" and last.rows is not None and not last.broken:
        return now._replace(path=f"at{mark}.toml")
    if action in ("drop", "break"):
        return now._replace(rows=None if action == "drop" else now.rows, broken=action == "break")
    assert now.rows is not None
    now.rows[dice.choice([*now.rows, f"n{mark}"])] = f"at {mark}"
    if len(now.rows) > 25 and dice.random() < 0.3:
        del now.rows[dice.choice(list(now.rows))]
    return now


def merged(dice: random.Random, last: Made, other: Made, mark: int) -> Made:
    """A merge that takes what one side or both sides have, and perhaps more."""
    ours, theirs = last.rows or {}, other.rows or {}
    rows = dict(dice.choice([ours, theirs, ours | theirs]))
    # One that discards an edit together with a rename hides the other side from git.
    if dice.random() < 0.3 or (other.path != last.path and rows == ours):
        rows[f"m{mark}"] = "merged"
    return Made(mark, (last.mark, other.mark), last.path, rows)


def imported(repository: Repository, made: list[Made]) -> dict[str, int]:
    """The commits made in git; their marks by hash."""
    lines = []
    for commit in made:
        lines.append(f"commit refs/heads/main\nmark :{commit.mark}")
        when = f"Someone <x@example.org> {1_600_000_000 + commit.mark * 86_400} +0000"
        lines.append(f"author {when}\ncommitter {when}\ndata 2\nAn")
        for word, parent in zip(("from", "merge"), commit.parents, strict=False):
            lines.append(f"{word} :{parent}")
        lines.append("deleteall\nM 100644 inline other.txt\ndata 2\nxy")
        if commit.rows is not None:
            lines.append(f"M 100644 inline {commit.path}\ndata {len(commit.text)}\n{commit.text}")
    marks = repository.folder / ".git" / "marks"
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force", f"--export-marks={marks}"],
        cwd=repository.folder,
        env=environment(),
        input="\n".join([*lines, ""]).encode(),
        check=True,
        capture_output=True,
    )
    rows = (row.split() for row in marks.read_text().splitlines())
    return {name: int(mark[1:]) for mark, name in rows}


Told = tuple[int, str | None, set[str], set[str], set[str]]


def expected(made: list[Made], upto: int) -> list[Told]:
    """What the log of the last commit is, from what the maker knows alone."""
    by_mark = {commit.mark: commit for commit in made}
    reached, open_ = set(), [upto]
    while open_:
        mark = open_.pop()
        if mark not in reached:
            reached.add(mark)
            open_ += by_mark[mark].parents

    def readable(mark: int) -> Made | None:
        """The commit, else the nearest one before it whose file can be read."""
        while by_mark[mark].broken:
            if not by_mark[mark].parents:
                return None
            mark = by_mark[mark].parents[0]
        return by_mark[mark]

    found: list[Told] = []
    for mark in sorted(reached, reverse=True):
        now = by_mark[mark]
        before = [by_mark[parent] for parent in now.parents]
        same = [
            (p.rows is None) == (now.rows is None)
            and (now.rows is None or (p.text == now.text and p.path == now.path))
            for p in before
        ]
        if any(same) or (not before and now.rows is None):
            continue
        if now.broken:
            found.append((mark, "broken", set(), set(), set()))
            continue
        each = []
        for parent in [readable(p) for p in now.parents] if before else [None]:
            old, new = (parent.rows if parent else None) or {}, now.rows or {}
            each.append(
                (
                    new.keys() - old.keys(),
                    old.keys() - new.keys(),
                    {key for key in new.keys() & old.keys() if new[key] != old[key]},
                )
            )
        shared = set.intersection(*({key for keys in sets for key in keys} for sets in each))
        added, removed, changed = (keys & shared for keys in each[0])
        found.append((mark, None, added, removed, changed))
    return found


@pytest.mark.parametrize("seed", range(10))
def test_a_log_is_what_its_maker_knows(seed: int, repository: Repository, kzt: Run) -> None:
    made = history(random.Random(seed), 40)
    marks = imported(repository, made)
    done = kzt("log", "--file", made[-1].path, "--format", "json", cwd=repository.folder)
    assert done.code == 0, done
    assert [told(marks, entry) for entry in json.loads(done.out)] == expected(made, made[-1].mark)


def told(marks: dict[str, int], entry: dict[str, Any]) -> Told:
    mark, diff = marks[entry["commit"]], entry["diff"]
    if diff is None:
        return mark, "broken", set(), set(), set()
    added, removed, changed = (
        {event["id"] for event in diff[kind]} for kind in ("added", "removed", "changed")
    )
    return mark, None, added, removed, changed


# --- what is told ------------------------------------------------------------------------------

NEW = TEXT + NEW_LAW
RENAMED = NEW.replace('"2018-talks"', '"2018-dialogue"').replace("Ministries and NGOs", "They")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Eight commits: added, broken, mended, renamed, another file, an event's id, gone, back."""
    repository = Repository(tmp_path_factory.mktemp("past"))
    repository.commit(TEXT)
    repository.commit("=\n" + TEXT)
    repository.commit(NEW)
    repository.git("mv", "events.toml", "record.toml")
    repository.commit("x", "other.txt")
    repository.commit("y", "other.txt")
    repository.commit(RENAMED, "record.toml")
    (repository.folder / "record.toml").unlink()
    repository.commit("z", "other.txt")
    repository.commit(RENAMED, "record.toml")
    return repository


def test_a_history_in_plain_lines(past: Repository, kzt: Run) -> None:
    done = kzt("log", "--file", "record.toml", "--until", "HEAD~2", cwd=past.folder)
    assert (done.code, done.err) == (0, "")
    golden("log.txt", re.sub(r"^(\S+) \S{12} ", r"\1 HASH ", done.out, flags=re.MULTILINE))


# Arguments → how many commits are told of, in their order: the number of the commit.
NARROWED = {
    (): [8, 7, 6, 4, 3, 2, 1],
    ("2018-dialogue",): [8, 7, 6, 1],  # and under its former id
    ("2018-talks",): [6, 1],
    ("2023-new-law",): [8, 7, 3],
    ("libel",): [8, 7, 1],
    ("2018-talks", "2023-new-law"): [8, 7, 6, 3, 1],
    ("--matter", "assembly-procedure"): [8, 7, 3, 1],
    ("--kind", "dialogue"): [8, 7, 6, 1],
    ("-q", "abolished"): [8, 7, 3],
    ("--kind", "decree"): [],
    ("--limit", "2"): [8, 7],
    ("--limit", "0"): [],
    ("--since", "HEAD~2"): [8, 7],
    ("--until", "HEAD~4"): [4, 3, 2, 1],  # where it had its former name
    ("--rev", "HEAD~4"): [4, 3, 2, 1],
    ("--since", "HEAD~6", "--until", "HEAD~4"): [4, 3],
    ("--since", "HEAD"): [],
    ("--since", "2020"): [8, 7, 6, 4, 3, 2, 1],
    ("--until", "2019"): [],
    ("--since", "2020-01-02"): [],
}


@pytest.mark.parametrize("args", NARROWED, ids=" ".join)
def test_what_narrows_a_history(args: tuple[str, ...], past: Repository, kzt: Run) -> None:
    numbers = past.git("rev-list", "--reverse", "HEAD").split()
    done = kzt("log", *args, "--file", "record.toml", "--format", "json", cwd=past.folder)
    assert (done.code, done.err) == (0, ""), done
    found = [numbers.index(entry["commit"]) + 1 for entry in json.loads(done.out)]
    assert found == NARROWED[args]


REFUSED = {
    ("log", "2018-talk"): 'unknown id "2018-talk" (did you mean "2018-talks"?)',
    (
        "log",
        "zzz",
    ): 'unknown id "zzz"; known: 2005-draft, 2006-covenant, 2009-permits, 2011-briefing,',
    ("log", "--topic", "asembly"): 'unknown topic "asembly" (did you mean "assembly"?)',
    ("log", "--until", "none"): 'no revision "none" in this repository',
    ("log", "--since", "-x"): '"-x" is not a git revision',
    ("log", "--rev", "HEAD", "--until", "HEAD~1"): "--rev and --until name two revisions",
    ("log", "--since", "2021", "--until", "2020"): "no day is left: since 2021 · until 2020",
    ("log", "--file", "none.toml"): "none.toml: no commit has it",
    ("log", "--file", "-"): "standard input has no revisions; name a file with --file",
    ("log", "--file", "/etc/passwd"): "/etc: not in a git repository, so there are no revisions",
}


def test_what_is_refused_is_one_line(past: Repository) -> None:
    env = {"KZT_FILE": "record.toml"}
    results = {args: run_kzt(*args, cwd=past.folder, env=env) for args in REFUSED}
    for args, result in results.items():
        assert (result.code, result.out) == (2, ""), args
        assert result.err.startswith(REFUSED[args]), args
        assert result.err.count("\n") == 1


def test_a_shallow_clone_says_where_it_begins(past: Repository, tmp_path: Path, kzt: Run) -> None:
    past.git("clone", "--quiet", "--depth=1", f"file://{past.folder}", str(tmp_path / "clone"))
    (entry,) = json.loads(kzt("log", "--file", "clone/record.toml", "--format", "json").out)
    assert entry["diff"] is None
    assert entry["notes"] == [
        "what it did isn't known: nothing before it can be read (the clone is shallow)"
    ]


def test_what_is_no_file_is_told(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT)
    (repository.folder / "events.toml").unlink()
    (repository.folder / "events.toml").symlink_to("/etc/passwd")
    repository.commit("x", "other.txt")
    (repository.folder / "events.toml").unlink()
    repository.commit(NEW)
    entries = json.loads(kzt("log", "--format", "json", cwd=repository.folder).out)
    assert [entry["notes"] for entry in entries] == [
        ["compared with the last version that can be read"],
        ["can't be read: a symbolic link"],
        [],
    ]
    assert [event["id"] for event in entries[0]["diff"]["added"]] == ["2023-new-law"]


def test_a_strangers_words_pass_the_gate(repository: Repository, kzt: Run) -> None:
    repository.write(TEXT)
    repository.git("add", "--all")
    repository.git(
        "commit",
        "--quiet",
        "--author",
        "E\x1b[31mve\u202e <e@example.org>",
        "--message",
        "::error::x\x1b]0;\x07\n\n:100644",
    )
    shown = kzt("log", cwd=repository.folder, env={"GITHUB_ACTIONS": "true"})
    first = shown.out.splitlines()[0]
    assert first.endswith(r" E\u{1b}[31mve\u{202e}: :\u{3a}error:\u{3a}x\u{1b}]0;\u{7}")


def test_a_hostile_configuration_runs_nothing(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT)
    program = repository.write("#!/bin/sh\ntouch pwned\n", "x.sh")
    program.chmod(0o755)
    for key in ("gpg.program", "core.pager", "diff.external", "core.fsmonitor", "pager.log"):
        repository.git("config", key, str(program))
    for key, value in {
        "log.showSignature": "true", "diff.orderFile": "/dev/zero", "log.diffMerges": "off",
        "format.pretty": "oneline", "mailmap.file": "/dev/zero", "color.ui": "always",
    }.items():  # fmt: skip
        repository.git("config", key, value)
    done = kzt("log", "--format", "json", cwd=repository.folder)
    assert (done.code, len(json.loads(done.out))) == (0, 1)
    assert not (repository.folder / "pwned").exists()


def test_git_is_started_few_times_whatever_the_history(repository: Repository) -> None:
    for number in range(5):
        repository.commit(TEXT.replace("A rally is", f"{number} rallies are"))
    done = counted("log", cwd=repository.folder)
    # Where it is, two revisions, the list, where it came from, whether it is shallow, the contents.
    assert done["git"] == 6
    assert done["parsed"] == sum(
        len(TEXT.replace("A rally is", f"{number} rallies are")) for number in range(5)
    )
