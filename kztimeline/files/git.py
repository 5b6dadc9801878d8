"""The bytes of a file at a git revision, with the repository treated as untrusted data.

A revision is never an option, nothing is executed or fetched on the repository's behalf, and
only a regular file's content is read. Every failure is a `KztError` of one line.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import IO, Final, NamedTuple

from kztimeline.files.place import LIMIT, RevisionError
from kztimeline.files.programs import find
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

FORCED: Final = "rev:"
"""What a revision that is also the name of a file begins with."""

SECONDS = 2.5
"""What all questions of one command may take together: a FIFO makes git wait for ever."""
# A ref or a list of alternates that leads to /dev/zero makes git allocate without end. What it maps
# of its own files, such as packs, is not of that kind, but takes addresses.
_MOST_DATA = 256 << 20
_MOST_ADDRESSES = 2 << 30
_MOST_OUTPUT = 16 << 20
_NO_MEMORY = re.compile(rb"[Oo]ut of memory|Cannot allocate memory")
# What a hostile configuration could make git run, and the values that keep it from doing so.
_SAFE = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "log.showSignature": "false",
    # Packs are read in pieces, that large ones fit into the memory that git gets.
    "core.packedGitWindowSize": "16m",
    "core.packedGitLimit": "128m",
    "core.deltaBaseCacheLimit": "32m",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
}
_SAFE_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    # A repository's protocol.ext.allow outweighs our protocol.allow, but not this list of none.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # History as committed, without what refs and files of this clone put in its place.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # Messages are matched below, so they must not be translated.
    "LC_ALL": "C",
}
# Without :/WORDS and ^{/WORDS}: a regular expression can take minutes and gigabytes. A date, as in
# @{1 week ago}, may have blanks; a path of its own may follow.
_REVISION = re.compile(
    r"(?!.*\^\{/)(?![-^ :])(?P<revision>(?:@\{[^{}]*\}|[^ :]){1,1000}+)(?P<path>:.*)?", re.DOTALL
)
HASH = re.compile(r"[0-9a-f]{40,64}")
_NO_REVISIONS = {
    "dubious ownership": "the git repository belongs to another user"
    " (git config --global --add safe.directory FOLDER trusts it)",
    "cannot use bare repository": "a bare git repository, not the working tree of one",
    "not a git repository": "not in a git repository, so there are no revisions",
}
"""What git says of what has no revisions, and what we say instead."""
_OTHER = {"120000": "a symbolic link", "040000": "a folder", "160000": "a submodule"}
"""The modes of what is no file."""


class Content(NamedTuple):
    """One file's content as a commit holds it."""

    commit: str
    """The full hash of the commit."""
    data: bytes


class TreeEntry(NamedTuple):
    """What a tree, or the index, has under a name."""

    mode: str
    hash: str
    size: str = ""
    """Its bytes; no digits if it isn't in this clone."""

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing, as one side of a change has it."""
        return self.mode == "000000"

    @property
    def other_kind(self) -> str:
        """What it is that is no regular file; else an empty string."""
        return "" if self.mode.startswith("100") else _OTHER.get(self.mode, "not a file")


_left: float | None = None
"""The seconds that children of git may still take, while `deadline` counts them together."""


@contextmanager
def deadline() -> Iterator[None]:
    """Give all that is asked of git inside as much time together as one question would get."""
    global _left
    outer, _left = _left, SECONDS if _left is None else _left
    try:
        yield
    finally:
        if outer is None:
            _left = None


def run(
    folder: Path, *args: str, most: int = _MOST_OUTPUT, seconds: float | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Ask git something, and wait no longer, and for no more output, than it is allowed.

    It is allowed longer than usual if so many `seconds` are given. Raises `KztError`.
    """
    global _left
    process = start(folder, *args)
    started = monotonic()
    ends = started + (seconds or (SECONDS if _left is None else _left))
    output: dict[str, bytes] = {}

    def collect(name: str, stream: IO[bytes]) -> None:
        # Closing it ends a child that has more to say.
        with stream:
            output[name] = stream.read(most + 1)

    assert process.stdout
    assert process.stderr
    streams = {"stdout": process.stdout, "stderr": process.stderr}
    # Threads, because Windows can't wait for several pipes at once.
    readers = [Thread(target=collect, args=item, daemon=True) for item in streams.items()]
    for reader in readers:
        reader.start()
    is_late = True
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0, ends - monotonic()))
            for reader in readers:
                reader.join(max(0, ends - monotonic()))
            is_late = len(output) < len(streams)
    finally:
        process.kill()
        process.wait()
        if _left is not None and seconds is None:
            _left -= monotonic() - started
    if is_late:
        raise KztError(f"{folder}: git did not answer within {seconds or SECONDS:g} seconds")
    if process.returncode and _NO_MEMORY.search(output["stderr"]):
        raise KztError(f"{folder}: git needs more memory than it gets here")
    if len(output["stdout"]) > most:
        raise KztError(f"{folder}: git answered more than {most:,} bytes")
    return subprocess.CompletedProcess([], process.returncode, **output)


def answer(result: "subprocess.CompletedProcess[bytes]", subject: Path) -> bytes:
    """What git answered. Raises `KztError` about the subject if it failed."""
    if result.returncode:
        raise KztError(f"{subject}: git: {_cause(result)}")
    return result.stdout


def start(folder: Path, *args: str, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    """Start git with what keeps a hostile repository from running anything."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    settings = [word for key, value in _SAFE.items() for word in ("-c", f"{key}={value}")]
    if not (program := find("git")):
        raise RevisionError("git is not installed, and revisions need it")
    command = [program, "--no-pager", "--literal-pathspecs", *settings, *args]
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env | _SAFE_ENVIRONMENT,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise KztError(f"{folder}: can't run git: {error.strerror}") from None
    # Only Linux bounds a child's memory; it has read nothing yet.
    with suppress(ImportError):
        from resource import RLIMIT_AS, RLIMIT_DATA, prlimit

        for kind, most in ((RLIMIT_DATA, _MOST_DATA), (RLIMIT_AS, _MOST_ADDRESSES)):
            # It may have ended already; or our own limits are lower.
            with suppress(OSError, ValueError):
                prlimit(process.pid, kind, (most, most))
    return process


def _cause(result: subprocess.CompletedProcess[bytes]) -> str:
    """What git gave as the reason of its failure, on one line."""
    said = result.stderr.decode("utf-8", "replace")
    _, fatal, cause = said.partition("fatal: ")
    return " ".join((cause if fatal else said).split()) or f"exit {result.returncode}"


def locate(path: Path) -> tuple[Path, str]:
    """A folder that exists, and what the repository that it is in calls a path. Raises `KztError`.

    Its folders may be gone since the revision.
    """
    folder, inside = _split(path)
    return folder, f"{_prefix(folder)}{inside.as_posix()}"


def _split(path: Path) -> tuple[Path, Path]:
    """The nearest folder that exists, and the path inside it."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    inside = path.relative_to(folder)
    if inside.name in ("", "..") or ".." in inside.parts:
        raise KztError(f"{path}: not the path of a file")
    return folder, inside


def _prefix(folder: Path) -> str:
    """The folder's path inside its repository, empty or ending in a slash."""
    result = run(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix")
    if result.returncode:
        cause = _cause(result)
        for words, why in _NO_REVISIONS.items():
            if words in cause:
                raise RevisionError(f"{folder}: {why}")
        raise KztError(f"{folder}: git: {cause}")
    inside, _, prefix = result.stdout.partition(b"\n")
    if inside != b"true":
        raise RevisionError(f"{folder}: not in the working tree of its git repository")
    return os.fsdecode(prefix.removesuffix(b"\n"))


def _inside(folder: Path, name: str) -> str:
    """What the repository calls a path that was typed after a revision, as git reads it."""
    relative = name.startswith("./")
    if "" in (parts := name.removeprefix("./").split("/")) or not {".", ".."}.isdisjoint(parts):
        raise RevisionError(f'"{shorten(name)}" is not the path of a file in the repository')
    return (_prefix(folder) if relative else "") + "/".join(parts)


def parse_revision(text: str) -> tuple[str, str | None] | None:
    """A revision, and the path that may follow its colon; None for what can't be one."""
    found = _REVISION.fullmatch(text) if text.isprintable() else None
    return (found["revision"], found["path"] and found["path"][1:]) if found else None


def _resolve(folder: Path, revision: str) -> str | None:
    """The full hash of the commit that a revision names, if it names one."""
    wanted = f"{revision}^{{commit}}"
    result = run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    found = result.stdout.decode("ascii", "replace").strip()
    return found if result.returncode == 0 and HASH.fullmatch(found) else None


def commit_of(folder: Path, revision: str) -> str:
    """The full hash of the commit that a revision names. Raises `KztError`."""
    quoted = f'"{shorten(revision)}"'
    if (revision, None) != parse_revision(revision):
        raise RevisionError(f"{quoted} is not a git revision")
    if found := _resolve(folder, revision):
        return found
    if run(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise RevisionError(f"no revision {quoted}: the current branch has no commit yet")
    shallow = run(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    why = " (the clone is shallow: git fetch --unshallow)" if shallow else ""
    raise RevisionError(f"no revision {quoted} in this repository{why}")


def is_revision(path: Path, text: str) -> bool:
    """Whether the repository of `path` has such a revision. Raises `KztError` if git can't tell."""
    found = parse_revision(text)
    return found is not None and _resolve(_split(path)[0], found[0]) is not None


def is_file(name: str) -> bool:
    """Whether a file has this name, also if no file can have it."""
    return os.path.isfile(name)  # noqa: PTH113


def ambiguous(name: str) -> KztError:
    """What is raised for a name that is both a file and a revision."""
    shown = shorten(name)
    return KztError(f'"{shown}" is both a file and a revision: write file:{shown} or rev:{shown}')


@deadline()
def read(path: Path, revision: str, limit: int) -> Content:
    """Read `path` as of `revision` of the repository that its folder is in.

    `limit` is the largest content read, in bytes. A revision that is also the name of a file is
    an error, unless it begins with `FORCED`: a stranger may have called a file so, for another
    to be compared. Raises `KztError`.
    """
    folder, name = locate(path)
    named = revision.removeprefix(FORCED)
    at, inside = parse_revision(named) or (named, None)
    if inside is not None:
        path, name = Path(inside), _inside(folder, inside)
    commit = commit_of(folder, at)
    if revision == at and is_file(at):
        raise ambiguous(at)
    where = f'revision "{shorten(at)}"'
    entry = listed(folder, commit, name)
    if not entry and inside is None:
        # It may have had another name then. Not at the top: few need to ask.
        from kztimeline.files.history import names_of

        with suppress(KztError):
            former = (listed(folder, commit, old) for old in names_of(path))
            entry = next(filter(None, former), None)
    if not entry:
        raise KztError(f"{path}: not in {where}")
    if entry.other_kind:
        raise KztError(f"{path}: {entry.other_kind} in {where}")
    if not entry.size.isdigit():
        raise KztError(f"{path}: its content at {where} is not in this clone")
    if int(entry.size) > limit:
        raise KztError(f"{path}: larger than {limit >> 20} MiB in {where}")
    return Content(commit, _content(path, folder, entry.hash, limit))


def listed(folder: Path, commit: str, name: str) -> TreeEntry | None:
    """What a commit has under a name of the repository, if anything. Raises `KztError`."""
    found = run(folder, "ls-tree", "-l", "-z", "--full-tree", commit, "--", name)
    mode, _, *facts = os.fsdecode(answer(found, folder)).partition("\t")[0].split() or ["", ""]
    return TreeEntry(mode, *facts) if mode else None


def _content(path: Path, folder: Path, blob: str, limit: int) -> bytes:
    return answer(run(folder, "cat-file", "blob", blob, most=limit), path)


@deadline()
def conflicted(path: Path) -> dict[int, bytes]:
    """What the index holds of a file in conflict: 1 is the base, 2 ours, 3 theirs; else nothing.

    Raises `KztError`.
    """
    folder, name = locate(path)
    found = {}
    unmerged = run(folder, "ls-files", "-u", "-z", "--full-name", "--", path.name)
    for entry in os.fsdecode(unmerged.stdout).split("\0"):
        facts, _, named = entry.partition("\t")
        if named == name:
            mode, blob, stage = facts.split()
            if TreeEntry(mode, blob).other_kind:
                raise KztError(f"{path}: not a file on one side of the conflict")
            found[int(stage)] = _content(path, folder, blob, LIMIT)
    return found


def last_day(path: Path) -> date | None:
    """The day of the last commit that touched a file; None if there is none to be had."""
    folder, name = _split(path)
    try:
        found = run(folder, "log", "-1", "--format=%cs", "--", os.fspath(name))
        return date.fromisoformat(found.stdout.decode("ascii").strip())
    except (KztError, ValueError):
        return None


def names(folder: Path) -> list[str]:
    """The branches, also remote ones, and tags of the repository that `folder` is in."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    result = run(folder, "for-each-ref", "--format=%(refname:short)", *kinds)
    # Names may hold what str.split takes for a space.
    return [name.decode("utf-8", "replace") for name in result.stdout.split(b"\n") if name]


def merged_by_lines(ours: Path, base: Path, theirs: Path, size: int) -> bytes:
    """What git makes of three files, line by line, with marks of a size. Raises `KztError`."""
    labels = [word for label in ("ours", "base", "theirs") for word in ("-L", label)]
    files = [os.fspath(file.absolute()) for file in (ours, base, theirs)]
    options = ("-p", f"--marker-size={size}", *labels)
    done = run(ours.absolute().parent, "merge-file", *options, "--", *files)
    if not 0 <= done.returncode < 128:
        raise KztError(f"{ours}: git: {_cause(done)}")
    return done.stdout
