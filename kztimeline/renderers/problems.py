"""What `check` finds, for people and for CI runners."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Final

from kztimeline.checks.registry import Checked
from kztimeline.files.place import message
from kztimeline.renderers.plain import columns
from kztimeline.text.colour import paint
from kztimeline.text.errors import Problem
from kztimeline.text.gate import line as gate
from kztimeline.text.gate import plural

_INDENT: Final = 4


def text(checked: Sequence[Checked]) -> str:
    """One line a problem, for `grep` and for editors that jump to it."""
    lines = (message(file.name, problem) for file in checked for problem in file.problems)
    return "".join(f"{gate(row)}\n" for row in lines)


def excerpts(checked: Sequence[Checked], width: int, *, colour: bool = False) -> str:
    """The same with the offending line, a mark under what is wrong in it, and the code."""
    parts: list[tuple[str, str]] = []
    for file in checked:
        rows = file.source.removeprefix("\ufeff").split("\n") if file.problems else []
        for problem in file.problems:
            row = rows[problem.line - 1] if problem.line <= len(rows) else ""
            style = "removed" if problem.severity == "error" else "changed"
            parts.append((message(file.name, problem), "title"))
            excerpt = _excerpt(row, problem, width)
            parts += zip(excerpt, ("", style), strict=False)
            parts.append((f"{' ' * _INDENT}{problem.severity}: {problem.code}", style))
    parts.append((_summary(checked), ""))
    return "".join(f"{paint(gate(text), style if colour else '')}\n" for text, style in parts)


def _summary(checked: Sequence[Checked]) -> str:
    """How much was found, for who would take silence for a failure."""
    found = [problem.severity for file in checked for problem in file.problems]
    if not found:
        return f"{', '.join(file.name for file in checked)}: nothing is wrong"
    counts = [(found.count(severity), severity) for severity in ("error", "warning")]
    return (
        f"{', '.join(plural(count, noun) for count, noun in counts if count)}"
        " (kzt check --explain CODE tells more)"
    )


def _excerpt(row: str, problem: Problem, width: int) -> Iterator[str]:
    """The part of a line around a problem that fits, and carets under the problem."""
    room = max(width - _INDENT, 10)
    # Of a line of megabytes, only what could be shown is looked at.
    cut = max(0, problem.column - 1 - room)
    size = len(row) - row.endswith("\r")
    end = min(max(problem.end, problem.column + 1) - 1, size) - cut
    row, more = row[cut : min(cut + 2 * room, size)], size > cut + 2 * room
    if not row.strip():
        return
    start = min(problem.column - 1 - cut, len(row))
    cells = [_cell(char) for char in row]
    left, right = 0, len(cells)
    if cut or more or sum(map(columns, cells)) > room:
        # What is wrong comes first, then what stands before it, then what comes after.
        left, right = _window(cells, start, end, room - 2)
        cells = ["…" * bool(left or cut), *cells[left:right], "…" * (more or right < len(cells))]
        start, end = start - left + 1, min(end, right) - left + 1
    before = sum(map(columns, cells[:start]))
    under = max(sum(map(columns, cells[start:end])), 1)
    yield " " * _INDENT + "".join(cells)
    yield " " * (_INDENT + before) + "^" * min(under, max(room - before, 1))


def _cell(char: str) -> str:
    """A character as it is shown; a tab is mostly indentation."""
    return " " if char == "\t" else gate(char)


def _window(cells: Sequence[str], start: int, end: int, room: int) -> tuple[int, int]:
    """The longest stretch of cells that fits, with what is wrong in it as far as that fits."""
    widths = [columns(cell) for cell in cells]
    right = start + _fitting(widths[start:end], room)
    room -= sum(widths[start:right])
    # A third of what is left goes to what follows.
    left = start - _fitting(reversed(widths[:start]), room * 2 // 3)
    room -= sum(widths[left:start])
    more = _fitting(widths[right:], room)
    room -= sum(widths[right : right + more])
    return left - _fitting(reversed(widths[:left]), room), right + more


def _fitting(widths: Iterable[int], room: int) -> int:
    """How many of the first fit."""
    return sum(total <= room for total in accumulate(widths))


# --- annotations -------------------------------------------------------------------------------


def github(checked: Sequence[Checked]) -> str:
    """Workflow commands that a runner shows at the lines of a pull request.

    Escaped as the runner's own toolkit does it (actions/toolkit, core/src/command.ts). Besides,
    what would begin a command by itself is shown as `text.defuse` shows it.
    """
    return "".join(_annotation(file, problem) for file in checked for problem in file.problems)


def _annotation(file: Checked, problem: Problem) -> str:
    properties = {
        "file": _relative(file.path),
        "line": str(problem.line),
        "col": str(problem.column),
        "endColumn": str(problem.end) if problem.end > problem.column else "",
        "title": problem.code,
    }
    about = ",".join(
        f"{key}={_data(value).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value
    )
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"::{problem.severity} {about}::{_data(problem.message + hint)}\n"


def _relative(path: str) -> str:
    """A path as it is in the repository, where a runner looks for it."""
    with suppress(OSError, ValueError):
        top = os.environ.get("GITHUB_WORKSPACE") or Path.cwd()
        # A link keeps its name.
        full = os.path.abspath(path)  # noqa: PTH100
        return str(Path(full).relative_to(top)) if path else ""
    return path


def _data(text: str) -> str:
    shown = gate(text).replace("::", r":\u{3a}").replace("##[", r"#\u{23}[")
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
