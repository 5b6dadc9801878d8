"""Where a record comes from: a file, standard input, the bundled copy, or a git revision."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from kztimeline.files import reading
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Keep, Origin, Reading, everything, read_bytes
from kztimeline.record.reading import read as read_text
from kztimeline.text import progress
from kztimeline.text.errors import KztError, Problem

STDIN: Final = "-"


class Place(NamedTuple):
    """A file that holds a record; `path` is None for standard input."""

    path: Path | None
    bundled: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.path is None else str(self.path)

    @property
    def argument(self) -> str:
        """What a command line calls it."""
        name = STDIN if self.path is None else str(self.path)
        return f"./{name}" if name.startswith("-") and self.path else name


def place(file: str | None) -> Place:
    """Choose the file: the one named, else $KZT_FILE, else the nearest, else the bundled copy."""
    named = file if file is not None else os.environ.get("KZT_FILE") or None
    if named == STDIN:
        return Place(None)
    if named == "":
        raise KztError("the name of the file is empty")
    if named is not None:
        return Place(Path(named))
    near = reading.nearest()
    return Place(reading.bundled(), bundled=True) if near is None else Place(near)


def fetch(at: Place, revision: str | None = None) -> tuple[Origin, bytes]:
    """The bytes behind a place, and where they are from.

    Raises `KztError` if there is nothing to read.
    """
    if revision is not None:
        from kztimeline.files import git

        name = revision.removeprefix(git.FORCED)
        _, inside = git.parted(name) or (name, None)
        if inside is None:
            name, path = f"{name}:{at.name}", versioned(at)
        else:
            # Without a file of one's own it is of the repository that one is in.
            path = Path(reading.NAME) if at.bundled or at.path is None else at.path
        progress.tell(f"Reading {name}")
        blob = git.read(path, revision, reading.LIMIT)
        progress.tell(f"Reading {name}", len(blob.data))
        return Origin(name, blob.commit, ("--rev", revision, at.argument)), blob.data
    data = standard_input() if at.path is None else reading.read_bytes(at.path)
    progress.tell(f"Reading {at.name}", len(data))
    return Origin(at.name, arguments=(at.argument,)), data


def read(
    at: Place, revision: str | None = None, keep: Keep = everything, *, whole: bool = False
) -> Reading:
    """Read a record with all its problems, as `read_bytes` does.

    Raises `KztError` if there is nothing to read.
    """
    origin, data = fetch(at, revision)
    return read_bytes(data, keep, whole=whole)._replace(origin=origin)


# It can be read once, but be asked for twice: kzt diff - --file -
@cache
def standard_input() -> bytes:
    """All of standard input. Raises `KztError`."""
    if sys.stdin is None:
        raise KztError("standard input: is closed")
    reading.let_wait(sys.stdin)
    # Who types the text knows.
    if not sys.stdin.isatty():
        progress.tell("Reading standard input")
    try:
        return reading.bounded(sys.stdin.buffer, "standard input")
    except OSError as error:
        raise KztError(f"standard input: {reading.reason(error)}") from None


def versioned(at: Place) -> Path:
    """The path of a file that has revisions. Raises `KztError` if it can have none."""
    from kztimeline.files.git import RevisionError

    if at.path is None:
        raise RevisionError("standard input has no revisions; name a file with --file")
    if at.bundled:
        raise RevisionError("the bundled record has no revisions; name a file with --file")
    return at.path


def timeline(found: Reading) -> Timeline:
    """The timeline of a text, refused with its first problem if its meaning is doubtful."""
    problems, origin = found.problems, found.origin
    if not problems:
        return found.timeline
    lines = [message(origin.name, problems[0])]
    if len(problems) > 1:
        how = f": kzt check {origin.command}" if origin.arguments else ""
        lines.append(f"{len(problems) - 1:,} more{how}")
    raise DoubtfulError(problems, *lines)


class DoubtfulError(KztError):
    """A record whose meaning is doubtful; `problems` are all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...], *lines: str) -> None:
        super().__init__(*lines)
        self.problems = problems


def message(name: str, problem: Problem) -> str:
    """One line: ``events.toml:412:9: unknown topic "asembly" (did you mean "assembly"?)``."""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{name}:{problem.line}:{problem.column}: {problem.message}{hint}"


# --- for notebooks -----------------------------------------------------------------------------


def load(file: str | os.PathLike[str] | None = None, *, revision: str | None = None) -> Timeline:
    """Read a record: of a file, else the one `kzt` would read; perhaps as of a git revision.

    Raises `KztError` if it can't be read or its meaning is doubtful.
    """
    return timeline(read(place(None if file is None else os.fspath(file)), revision))


def loads(text: str) -> Timeline:
    """Read a record from the text of an events file. Raises `KztError` like `load`."""
    return timeline(read_text(text))
