"""Edits of a text as a patch that `git apply` takes: git's unified format.

https://git-scm.com/docs/diff-format, "Generating patch text with -p".
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kztimeline.text.gate import page

LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"


class Edit(NamedTuple):
    """The lines `start` to `end`, counted from 0 and `end` exclusive, become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def lines(text: str) -> list[str]:
    """The lines of a text with their ends; only ``\\n`` ends one, as git sees it."""
    return LINE.findall(text)


class Change(NamedTuple):
    """The characters `start` to `end` of a text become another one."""

    start: int
    end: int
    text: str


def changed(old: str, changes: Iterable[Change]) -> str:
    """A text with changes made that don't overlap and stand in its order."""
    parts, at = [], 0
    for change in changes:
        parts += [old[at : change.start], change.text]
        at = change.end
    return "".join([*parts, old[at:]])


def replacements(old: str, changes: Iterable[Change]) -> list[Edit]:
    """The edits that make such changes; no two of them touch one line."""
    edits = []
    row = at = 0
    for start, end, text in changes:
        first = old.rfind("\n", 0, start) + 1
        is_line_end = not end or old[end - 1] == "\n"
        last = end if is_line_end else old.find("\n", end) + 1 or len(old)
        row += old.count("\n", at, first)
        at = first
        replaced = len(lines(old[first:last]))
        edits.append(
            Edit(row, row + replaced, tuple(lines(old[first:start] + text + old[end:last])))
        )
    return edits


def patch(path: str, old: str, edits: Sequence[Edit]) -> str:
    """A patch of the file that is at `path` of its repository or folder; empty without edits."""
    if not edits:
        return ""
    before, after = f"a/{path}", f"b/{path}"
    head = f"diff --git {_quoted(before)} {_quoted(after)}\n"
    head += f"--- {_named(before)}\n+++ {_named(after)}\n"
    return head + "".join(hunks(old, edits))


def hunks(old: str, edits: Sequence[Edit]) -> Iterator[str]:
    """The hunks of a patch, each with three lines of context."""
    rows = lines(old)
    group: list[Edit] = []
    shift = 0
    for edit in edits:
        if group and edit.start - group[-1].end > 2 * _CONTEXT:
            yield _hunk(rows, group, shift)
            shift += sum(len(done.lines) - (done.end - done.start) for done in group)
            group = []
        group.append(edit)
    if group:
        yield _hunk(rows, group, shift)


def _hunk(rows: list[str], edits: Sequence[Edit], shift: int) -> str:
    start = max(0, edits[0].start - _CONTEXT)
    end = min(len(rows), edits[-1].end + _CONTEXT)
    body: list[str] = []
    at = start
    for edit in edits:
        body += [_marked(" ", row) for row in rows[at : edit.start]]
        body += [_marked("-", row) for row in rows[edit.start : edit.end]]
        body += [_marked("+", row) for row in edit.lines]
        at = edit.end
    body += [_marked(" ", row) for row in rows[at:end]]
    count = end - start
    added = count + sum(len(edit.lines) - (edit.end - edit.start) for edit in edits)
    return f"@@ -{_range(start, count)} +{_range(start + shift, added)} @@\n{''.join(body)}"


def _range(start: int, count: int) -> str:
    # What is empty is named by the line before it.
    return f"{start + 1 if count else start},{count}"


def _marked(mark: str, row: str) -> str:
    return f"{mark}{row}" if row.endswith("\n") else f"{mark}{row}\n{_NO_NEWLINE}"


def shown(text: str) -> str:
    """A patch as it may reach a person; equal to it if it holds nothing that misleads.

    What ends or begins a file is part of it: the carriage return of a line's end, the mark of
    the byte order.
    """
    rows = []
    for row in text.split("\n"):
        end = "\r" if row.endswith("\r") else ""
        mark = row[:2] if row[1:2] == "\ufeff" else ""
        rows.append(mark + page(row[len(mark) : len(row) - len(end)]) + end)
    return "\n".join(rows)


def path_of(file: Path) -> str:
    """A file's path from the top of its repository, else its name."""
    target = Path(os.path.realpath(file))
    top = _top(target)
    return target.relative_to(top).as_posix() if top else target.name


def place_to_apply(file: Path) -> Path | None:
    """Where ``git apply`` must be run, if it would skip a patch of this file here."""
    target = Path(os.path.realpath(file))
    top = _top(target)
    try:
        here = Path.cwd()
    except OSError:
        # A folder that is gone.
        return None
    skipped = top in here.parents and here not in target.parents
    return top if skipped else None


def _top(target: Path) -> Path | None:
    for folder in target.parents:
        git = folder / ".git"
        # A linked working tree or a submodule has a file there.
        if git.is_file() or (git / "HEAD").exists():
            return folder
    return None


_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def _quoted(path: str) -> str:
    """A path as git quotes it: in C's way if a byte of it is not plain ASCII."""
    data = os.fsencode(path)
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in data):
        return path
    return '"' + "".join(map(_quoted_byte, data)) + '"'


def _quoted_byte(byte: int) -> str:
    if byte in _ESCAPES:
        return f"\\{_ESCAPES[byte]}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _named(path: str) -> str:
    # A tab ends a name that has spaces, else what follows the first would be taken for a time.
    quoted = _quoted(path)
    return f"{quoted}\t" if " " in quoted and not quoted.startswith('"') else quoted
