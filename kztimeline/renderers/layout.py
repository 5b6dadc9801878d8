"""Text laid out once for both readers: styled and wrapped on a terminal, plain in a pipe.

A layout is a list of lines made of styled parts, or a grid of cells. Every part and cell passes
the gate of ``text.py`` here or in ``terminal.py``, so producers hand over untrusted text as is.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from kztimeline.text.gate import cells as gated
from kztimeline.text.gate import guarded, is_mark
from kztimeline.text.gate import line as gate

if TYPE_CHECKING:
    from kztimeline.record.model import Citation

Style = Literal[
    "", "title", "date", "dim", "added", "removed", "changed", "disputed", "id", "heading"
]


class Part(NamedTuple):
    """A piece of a line."""

    text: str
    style: Style = ""
    cites: "Citation | None" = None
    """The citation that the text tells, for formats that have notes."""


class Line(NamedTuple):
    """A line: parts in a row, `indent` columns from the left."""

    parts: tuple[Part, ...] = ()
    indent: int = 0
    hang: int = 0
    """Further columns by which wrapped lines are indented on a terminal."""


_WIDEST = 120
"""The columns to which cells are padded at most."""


class Grid(NamedTuple):
    """Rows of one-line cells under headers."""

    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def line(*parts: str | Part, indent: int = 0, hang: int = 0) -> Line:
    """A line of unstyled texts and styled parts."""
    return Line(tuple(p if isinstance(p, Part) else Part(p) for p in parts), indent, hang)


def plain(lines: Iterable[Line]) -> str:
    """Lines as they go to a pipe: unwrapped, without styles."""
    rows = (" " * row.indent + "".join([gate(part.text) for part in row.parts]) for row in lines)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def aligned(grid: Grid) -> str:
    """A grid as it goes to a pipe: columns padded with spaces, nothing wrapped or cut.

    A cell that is far too wide to be read stands out, rather than pad every row.
    """
    rows = [grid.headers, *gated(grid.rows)]
    sizes = [map(columns, column) for column in zip(*rows, strict=True)][:-1]
    widths = [max(size for size in column if size <= _WIDEST) for column in sizes]
    lines = []
    for *cells, last in rows:
        padded = [cell + " " * (w - columns(cell)) for cell, w in zip(cells, widths, strict=True)]
        lines.append("  ".join([*padded, last]).rstrip())
    return "\n".join([*lines, ""])


def tsv(grid: Grid) -> str:
    """A grid as tab-separated values; a tab inside a cell has passed the gate and is none.

    No spreadsheet computes a cell, or takes its first quotation mark for the beginning of several.
    """
    rows = [grid.headers, *gated([[_unquoted(guarded(cell)) for cell in row] for row in grid.rows])]
    return "".join("\t".join(row) + "\n" for row in rows)


def _unquoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith('"') else cell


def columns(text: str) -> int:
    """The columns a text takes on a terminal (Unicode Standard Annex #11)."""
    if text.isascii():
        return len(text)
    return sum(_wide(char) for char in text)


def _wide(char: str) -> int:
    if is_mark(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
