"""Where a record comes from: a file, standard input, the bundled copy, or a git revision."""

import os
import stat
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from kztimeline.record import reading
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Keep, Origin, Reading, everything
from kztimeline.text import progress
from kztimeline.text.errors import KztError, Problem, reason

STDIN: Final = "-"
NAME: Final = "events.toml"

LIMIT = 64 << 20
"""The largest file read, in bytes."""


class RevisionError(KztError):
    """A revision that isn't there, or can't be for want of git, of a repository or of a file."""


class Place(NamedTuple):
    """A file that holds a record; `path` is None for standard input."""

    path: Path | None
    bundled: bool = False


def place(file: str | None) -> Place:
    """Choose the file: the one named, else $KZT_FILE, else the nearest, else the bundled copy."""
    named = file if file is not None else os.environ.get("KZT_FILE") or None
    if named == "":
        raise KztError("the name of the file is empty")
    if named is not None:
        return Place(None if named == STDIN else Path(named))
    with suppress(OSError):
        folder = Path.cwd()
        for above in (folder, *folder.parents):
            if os.path.lexists(above / NAME):
                # Relative as the user would type it: it stands at the head of every message.
                return Place(Path(os.path.relpath(above / NAME)))
    # Beside the package's files, else the checkout's.
    package = Path(__file__).resolve().parent.parent
    inside = package / NAME
    return Place(inside if inside.exists() else package.parent / NAME, bundled=True)


def versioned(at: Place) -> Path:
    """The path of a file that has revisions. Raises `RevisionError` if it can have none."""
    if at.path is None:
        raise RevisionError("standard input has no revisions; name a file with --file")
    if at.bundled:
        raise RevisionError("the bundled record has no revisions; name a file with --file")
    return at.path


# --- bytes -------------------------------------------------------------------------------------


files_read: set[tuple[int, int]] = set()
"""Device and inode of each file that this process has read."""


def was_read(status: os.stat_result) -> bool:
    """Whether this process has read the file, by whatever name, that has this status."""
    return (status.st_dev, status.st_ino) in files_read


def read_file(path: Path) -> bytes:
    """Read a regular file of at most `LIMIT` bytes. Raises `KztError`."""
    try:
        # Before opening, because opening a device can do something.
        _refuse_special(path, path.stat())
        # Without O_NONBLOCK the open itself would wait for a writer on a FIFO.
        no_wait = getattr(os, "O_NONBLOCK", 0)
        with open(path, "rb", opener=lambda name, how: os.open(name, how | no_wait)) as file:
            # And after it, because another file may have come in between.
            _refuse_special(path, os.fstat(file.fileno()))
            return bounded(file, str(path))
    except FileNotFoundError:
        raise KztError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise KztError(f"{path}: {reason(error)}") from None


def _refuse_special(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise KztError(f"{path}: is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise KztError(f"{path}: not a regular file")


# It can be read once, but be asked for twice: kzt diff - --file -
@cache
def standard_input() -> bytes:
    """All of standard input. Raises `KztError`."""
    if sys.stdin is None:
        raise KztError("standard input: is closed")
    with suppress(OSError, ValueError, AttributeError):
        # The terminal or program that it is shared with may have made it one that never waits.
        os.set_blocking(sys.stdin.fileno(), True)
    # Who types the text knows.
    if not sys.stdin.isatty():
        progress.tell("Reading standard input")
    try:
        return bounded(sys.stdin.buffer, "standard input")
    except OSError as error:
        raise KztError(f"standard input: {reason(error)}") from None


def bounded(file: BinaryIO, name: str) -> bytes:
    """Read at most `LIMIT` bytes, and nothing of a file that is larger."""
    status = os.fstat(file.fileno())
    files_read.add((status.st_dev, status.st_ino))
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    # None is what a file without blocking gives while it has nothing.
    data = b"" if size > LIMIT else cast("bytes | None", file.read(LIMIT + 1))
    if data is None:
        raise KztError(f"{name}: has nothing to read")
    if max(size, len(data)) > LIMIT:
        raise KztError(f"{name}: larger than {LIMIT >> 20} MiB")
    return data


# --- records -----------------------------------------------------------------------------------


def read(
    at: Place, revision: str | None = None, keep: Keep = everything, *, whole: bool = False
) -> Reading:
    """Read a record with all its problems, as `record.reading.read_bytes` does.

    Raises `KztError` if there is nothing to read.
    """
    name = "standard input" if at.path is None else str(at.path)
    argument = STDIN if at.path is None else f"./{name}" if name.startswith("-") else name
    origin = Origin(name, arguments=(argument,))
    if revision is None:
        data = standard_input() if at.path is None else read_file(at.path)
    else:
        from kztimeline.files import git

        named = revision.removeprefix(git.FORCED)
        _, inside = git.parse_revision(named) or (named, None)
        if inside is None:
            named, path = f"{named}:{name}", versioned(at)
        else:
            # Without a file of one's own it is of the repository that one is in.
            path = Path(NAME) if at.bundled or at.path is None else at.path
        progress.tell(f"Reading {named}")
        commit, data = git.read(path, revision, LIMIT)
        origin = Origin(named, commit, ("--rev", revision, argument))
    progress.tell(f"Reading {origin.name}", len(data))
    return reading.read_bytes(data, keep, whole=whole)._replace(origin=origin)


def timeline(found: Reading) -> Timeline:
    """The timeline of a text, refused with its first problem if its meaning is doubtful."""
    problems, origin = found.problems, found.origin
    if not problems:
        return found.timeline
    lines = [message(origin.name, problems[0])]
    if len(problems) > 1:
        import shlex

        how = f": kzt check {shlex.join(origin.arguments)}" if origin.arguments else ""
        lines.append(f"{len(problems) - 1:,} more{how}")
    raise KztError(*lines)


def message(name: str, problem: Problem) -> str:
    """One line: ``events.toml:412:9: unknown topic "asembly" (did you mean "assembly"?)``."""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{name}:{problem.line}:{problem.column}: {problem.message}{hint}"


def load(file: str | os.PathLike[str] | None = None, *, revision: str | None = None) -> Timeline:
    """Read a record: of a file, else the one `kzt` would read; perhaps as of a git revision.

    Raises `KztError` if it can't be read or its meaning is doubtful.
    """
    return timeline(read(place(None if file is None else os.fspath(file)), revision))


def loads(text: str) -> Timeline:
    """Read a record from the text of an events file. Raises `KztError` like `load`."""
    return timeline(reading.read(text))
