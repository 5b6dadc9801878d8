"""The commits that touched a file, through its renames, and the record as each of them holds it.

As in ``git.py``, the repository is untrusted data: one `git log` lists the commits, one `git
cat-file` gives the contents, and each of them has bounds.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from select import select
from subprocess import PIPE
from typing import Final, NamedTuple

from kztimeline.files import git
from kztimeline.files.place import LIMIT, read_file
from kztimeline.query.history import Commit, Step, Version
from kztimeline.record.model import Timeline
from kztimeline.record.reading import read_bytes
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
_HASH = re.compile(r"[0-9a-f]{40,64}")


class Blob(NamedTuple):
    """An entry of a tree."""

    mode: str
    hash: str

    @property
    def absent(self) -> bool:
        """Whether there is none."""
        return self.mode == "000000"


class Change(NamedTuple):
    """What a commit did to a path; of a merge, `former` and `before` are of each parent."""

    commit: Commit
    parents: tuple[str, ...]
    """The commits before it that touched the file, or merged it."""
    former: tuple[str, ...]
    path: str
    before: tuple[Blob, ...]
    after: Blob


class History(NamedTuple):
    """The commits that touched a file, newest first."""

    folder: Path
    changes: list[Change]
    parents: Mapping[str, tuple[str, ...]]
    """Of these commits, and of those that only merged them."""
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
        names += former_names(path)
    wanted = [last, *([f"^{git.commit_of(folder, since)}"] if since is not None else [])]
    first = frozenset(names)
    asked: set[_Birth] = set()
    while True:
        progress.tell("Looking through the history")
        output = _git(folder, *_LIST, *wanted, "--", *names, seconds=seconds)
        changes, parents = _followed(output.split("\0"), first, set(names))
        born = [edge for change in changes for edge in _births(change) if edge not in asked]
        former = [old for old in _sources(folder, born) if old not in names]
        if not former or len(names) > _MOST_RENAMES:
            return History(folder, changes, parents, _shallow(folder))
        asked.update(born)
        names += dict.fromkeys(former)


def former_names(path: Path) -> list[str]:
    """The names that a file had before its renames, the latest first. Raises `KztError`."""
    changes = history(path, seconds=None).changes
    names = dict.fromkeys(old for change in changes for old in change.former)
    return [name for name in names if name != git.locate(path)[1]]


def _git(folder: Path, *args: str, seconds: float | None = None) -> str:
    result = git.run(folder, *args, most=_MOST_OUTPUT, seconds=seconds)
    if result.returncode:
        raise KztError(f"{folder}: git: {git.reason(result)}")
    return os.fsdecode(result.stdout)


_Birth = tuple[str, str, str]
"""A parent that lacks the file, the commit that has it, and its name."""


def _births(change: Change) -> Iterator[_Birth]:
    commit = change.commit.hash
    for number, blob in enumerate(change.before, 1):
        if blob.absent:
            yield f"{commit}^{number}", commit, change.path


def _sources(folder: Path, births: Iterable[_Birth]) -> Iterator[str]:
    """What was renamed where a name appears."""
    for parent, commit, path in islice(births, _MOST_RENAMES):
        # Where history begins there is no parent, and no answer.
        args = ("diff-tree", *_RENAMES, "--diff-filter=R", parent, commit)
        tokens = os.fsdecode(git.run(folder, *args, most=_MOST_OUTPUT).stdout).split("\0")
        # Modes, hashes and status; old name; new name.
        triples = zip(*[iter(tokens)] * 3, strict=False)
        yield from (old for _, old, new in triples if new == path)


def _shallow(folder: Path) -> frozenset[str]:
    place = _git(folder, "rev-parse", "--git-path", "shallow").removesuffix("\n")
    with suppress(KztError):
        return frozenset(os.fsdecode(read_file(folder / place)).split())
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
            if found and number and found.before[number].absent:
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
        while at < len(tokens) and not _HASH.fullmatch(tokens[at]):
            raw = tokens[at].lstrip("\n")
            at += 1
            if raw:
                count = raw.count(":")
                *entries, status = raw[count:].split(" ")
                *before, after = map(Blob, entries[: count + 1], entries[count + 1 :])
                # A merge names the path in each parent, another commit if there are two names.
                size = count + 1 if count > 1 or status[:1] in "RC" else 1
                *former, path = tokens[at : at + size]
                at += size
                known = tuple(former) or (path,)
                changes.append(Change(commit, parents, known, path, tuple(before), after))
        yield commit, parents, changes


# --- versions ----------------------------------------------------------------------------------


def steps(history: History, chosen: Iterable[Change]) -> Iterator[Step]:
    """What some of the commits found, and left. Raises `KztError`."""
    by_hash = {change.commit.hash: change for change in history.changes}
    with _contents(history.folder) as content:

        @lru_cache(_KEPT)
        def version(blob: Blob) -> Version:
            return _version(blob, content)

        def before(change: Change, number: int) -> Version:
            """The version in a parent, else the last one before it that can be read."""
            blob, above = change.before[number], change.parents[number : number + 1]
            while version(blob).broken and above:
                if earlier := by_hash.get(above[0]):
                    blob = earlier.before[0]
                above = history.parents.get(above[0], ())
            return version(blob)

        for change in chosen:
            after = version(change.after)
            if change.commit.hash in history.shallow:
                befores = [Version(after.timeline, broken="the clone is shallow")]
            else:
                befores = [before(change, number) for number in range(len(change.before))]
            older = not after.broken and any(version(blob).broken for blob in change.before)
            notes = ["compared with the last version that can be read"] if older else []
            yield Step(change.commit, tuple(befores), after, _notes(change, *notes))


def _notes(change: Change, *more: str) -> tuple[str, ...]:
    former = set(change.former) - {change.path}
    renamed = [f"renamed from {name}" for name in former] if len(change.former) == 1 else []
    return (*renamed, *(["the file was removed"] if change.after.absent else []), *more)


_NOTHING: Final = Timeline({}, {}, {}, ())


def _version(blob: Blob, content: Callable[[str], bytes | str]) -> Version:
    if blob.absent:
        return Version(_NOTHING)
    data = git.other(blob.mode.encode()) or content(blob.hash)
    if isinstance(data, str):
        return Version(_NOTHING, broken=data)
    found = read_bytes(data)
    if not found.problems:
        return Version(found.timeline, found.text)
    first = found.problems[0]
    return Version(_NOTHING, broken=f"line {first.line}: {first.message}")


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
