"""The commits that touched a file, through its renames, and the record as each of them holds it.

As in ``git.py``, the repository is untrusted data: one `git log` lists the commits, one `git
cat-file` gives the contents, and each of them has bounds.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from select import select
from subprocess import PIPE
from typing import Final, NamedTuple

from kztimeline.files import git
from kztimeline.files.git import TreeEntry
from kztimeline.files.place import LIMIT, read_file
from kztimeline.query.history import Commit, Step, Version
from kztimeline.record.reading import Reading, read_bytes
from kztimeline.text import progress
from kztimeline.text.errors import KztError

MOST: Final = 10_000
"""The commits whose versions are looked at."""
# 100,000 commits take a second or two, in some 30 MB.
_SECONDS = 30.0
_MOST_OUTPUT = 256 << 20
_MOST_RENAMES = 20
# Versions kept: with a commit's parent the next older commit begins.
_KEPT = 32
_FIELDS = ("%H", "%P", "%aI", "%an", "%s")
_RENAMES = ("-r", "-z", "--raw", "--no-abbrev", "-M", "-l1000", f"-O{os.devnull}")
_LIST = (
    "log", "--date-order", "--full-history", "--parents", "-c", "--combined-all-paths",
    *_RENAMES, "--no-mailmap", "--no-notes", "--no-color",
    "--encoding=UTF-8", f"--format={'%x00'.join(_FIELDS)}",
)  # fmt: skip


class Change(NamedTuple):
    """What a commit did to a path; of a merge, `former` and `before` are of each parent."""

    commit: Commit
    former: tuple[str, ...]
    path: str
    before: tuple[TreeEntry, ...]
    after: TreeEntry


class History(NamedTuple):
    """The commits that touched a file, newest first."""

    folder: Path
    changes: list[Change]
    parents: Mapping[str, tuple[str, ...]]
    """Of these commits and those that only merged them: the ones before of the same kind."""
    shallow: frozenset[str]
    """Where a shallow clone ends."""


def history(
    path: Path, until: str = "HEAD", since: str | None = None, seconds: float | None = _SECONDS
) -> History:
    """The commits that `until` reaches and `since` does not. Raises `KztError`."""
    folder, name = git.locate(path)
    last = git.commit_of(folder, until)
    names = [name]
    if until != "HEAD" and not git.listed(folder, last, name):
        # It may have had another name by then.
        names += (old for old in names_of(path) if old != name)
    wanted = [last] if since is None else [last, f"^{git.commit_of(folder, since)}"]
    first = frozenset(names)
    asked: set[tuple[str, str]] = set()
    while True:
        progress.tell("Looking through the history")
        found = git.run(folder, *_LIST, *wanted, "--", *names, most=_MOST_OUTPUT, seconds=seconds)
        tokens = os.fsdecode(git.answer(found, folder)).split("\0")
        changes, parents = _followed(tokens, first, set(names))
        former = [old for old in _sources(folder, changes, asked) if old not in names]
        if not former or len(names) > _MOST_RENAMES:
            return History(folder, changes, parents, _shallow(folder))
        names += dict.fromkeys(former)


def names_of(path: Path) -> Iterable[str]:
    """The names that a file had before its commits, the latest first. Raises `KztError`."""
    changes = history(path, seconds=None).changes
    return dict.fromkeys(old for change in changes for old in change.former)


def _sources(folder: Path, changes: list[Change], asked: set[tuple[str, str]]) -> Iterator[str]:
    """What was renamed where a parent lacks the file, unless git was `asked` about it before."""
    births = (
        (f"{change.commit.hash}^{number}", change.path)
        for change in changes
        for number, entry in enumerate(change.before, 1)
        if entry.is_absent
    )
    for parent, path in islice((birth for birth in births if birth not in asked), _MOST_RENAMES):
        asked.add((parent, path))
        # Where history begins there is no parent, and no answer.
        commits = (parent, parent.partition("^")[0])
        found = git.run(
            folder, "diff-tree", *_RENAMES, "--diff-filter=R", *commits, most=_MOST_OUTPUT
        )
        # Modes, hashes and status; old name; new name.
        _, *tokens = os.fsdecode(found.stdout).split("\0")
        pairs = zip(tokens[::3], tokens[1::3], strict=False)
        yield from (old for old, new in pairs if new == path)


def _shallow(folder: Path) -> frozenset[str]:
    name = git.answer(git.run(folder, "rev-parse", "--git-path", "shallow"), folder)
    with suppress(KztError):
        hashes = read_file(folder / os.fsdecode(name.removesuffix(b"\n")))
        return frozenset(os.fsdecode(hashes).split())
    return frozenset()


def _followed(
    tokens: list[str], first: frozenset[str], known: set[str]
) -> tuple[list[Change], dict[str, tuple[str, ...]]]:
    """The commits that touched the file, by what it was called in each; children come first."""
    names: dict[str, set[str]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    changes = []
    for commit, above, raws in _records(tokens):
        # Where branches meet it may have been known by its new name, or its old one.
        mine = names.pop(commit.hash, first)
        parents[commit.hash] = above
        found = next((raw for raw in raws if raw.path in mine), None)
        for number, parent in enumerate(above):
            former = mine
            if found and number and found.before[number].is_absent:
                former = known
            elif found:
                former = (mine - {found.path}) | {found.former[number]}
            names.setdefault(parent, set()).update(former)
        if found:
            changes.append(found)
    return changes, parents


def _records(tokens: list[str]) -> Iterator[tuple[Commit, tuple[str, ...], list[Change]]]:
    """Each commit, its parents, and what it did to the paths that were asked for."""
    at = 0
    while at + len(_FIELDS) <= len(tokens):
        name, above, *words = tokens[at : at + len(_FIELDS)]
        at += len(_FIELDS)
        commit = Commit(name, *(os.fsencode(word).decode("utf-8", "replace") for word in words))
        parents, changes = tuple(above.split()), []
        while at < len(tokens) and not git.HASH.fullmatch(tokens[at]):
            raw = tokens[at].lstrip("\n")
            at += 1
            if raw:
                count = raw.count(":")
                *entries, status = raw[count:].split(" ")
                *before, after = map(TreeEntry, entries[: count + 1], entries[count + 1 :])
                # A merge names the path in each parent, another commit if there are two names.
                size = count + 1 if count > 1 or status[:1] in "RC" else 1
                *former, path = tokens[at : at + size]
                at += size
                known = tuple(former) or (path,)
                changes.append(Change(commit, known, path, tuple(before), after))
        yield commit, parents, changes


# --- versions ----------------------------------------------------------------------------------


def steps(found: History, chosen: Iterable[Change]) -> Iterator[Step]:
    """What some of the commits found, and left. Raises `KztError`."""
    by_hash = {change.commit.hash: change for change in found.changes}
    with _contents(found.folder) as content:
        version = lru_cache(_KEPT)(partial(_version, content))

        def before(change: Change, number: int) -> Version:
            """The version in a parent, else the last one before it that can be read."""
            entry = change.before[number]
            above = found.parents[change.commit.hash][number : number + 1]
            while isinstance(version(entry), str) and above:
                if earlier := by_hash.get(above[0]):
                    entry = earlier.before[0]
                above = found.parents.get(above[0], ())
            return version(entry)

        for change in chosen:
            after = version(change.after)
            if change.commit.hash in found.shallow:
                befores: list[Version] = ["the clone is shallow"]
            else:
                befores = [before(change, number) for number in range(len(change.before))]
            notes = []
            if len(change.former) == 1 and change.former[0] != change.path:
                notes.append(f"renamed from {change.former[0]}")
            if change.after.is_absent:
                notes.append("the file was removed")
            is_broken = [isinstance(version(entry), str) for entry in change.before]
            if isinstance(after, Reading) and any(is_broken):
                notes.append("compared with the last version that can be read")
            yield Step(change.commit, tuple(befores), after, tuple(notes))


def _version(content: Callable[[str], bytes | str], entry: TreeEntry) -> Version:
    """The record that an entry holds, empty where it is absent."""
    data = b"" if entry.is_absent else entry.other_kind or content(entry.hash)
    if isinstance(data, str):
        return data
    found = read_bytes(data)
    problems = found.problems
    return f"line {problems[0].line}: {problems[0].message}" if problems else found


@contextmanager
def _contents(folder: Path) -> Iterator[Callable[[str], bytes | str]]:
    """What gives the content of a blob, or why there is none, from one process for all."""
    with git.start(folder, "cat-file", "--batch", stdin=PIPE) as process:
        given, taken = process.stdin, process.stdout
        assert given
        assert taken

        def content(blob: str) -> bytes | str:
            try:
                given.write(f"{blob}\n".encode())
                given.flush()
                # Nothing is left of the answer before; a FIFO among the objects would never answer.
                if os.name == "posix" and not select([taken], [], [], _SECONDS)[0]:
                    raise KztError(f"{folder}: git did not answer within {_SECONDS:g} seconds")
                *_, size = taken.readline(1_000).split() or [b""]
                if not size.isdigit():
                    return "its content is not in this clone"
                length = int(size) + 1
                if length <= LIMIT:
                    return taken.read(length)[:-1]
                while length > 0:
                    length -= len(taken.read(min(1 << 20, length))) or length
                return f"larger than {LIMIT >> 20} MiB"
            except OSError:
                raise KztError(f"{folder}: git ended while it was asked") from None

        try:
            yield content
        finally:
            process.kill()
