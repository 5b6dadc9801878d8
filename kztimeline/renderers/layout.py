"""Text laid out once for both readers: styled and wrapped on a terminal, plain in a pipe.

A layout is a list of lines made of styled parts, or a grid of cells. Every part and cell passes
the gate of ``text`` here or in ``terminal.py``, so producers hand over untrusted text as is.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

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
    """The citation that the text is about, for formats that have notes."""


class Line(NamedTuple):
    """A line: parts in a row, `indent` columns from the left."""

    parts: tuple[Part, ...] = ()
    indent: int = 0
    hang: int = 0
    """Further columns by which wrapped lines are indented on a terminal."""


def line(*parts: str | Part, indent: int = 0, hang: int = 0) -> Line:
    """A line of unstyled texts and styled parts."""
    return Line(tuple(p if isinstance(p, Part) else Part(p) for p in parts), indent, hang)


def plain(lines: Iterable[Line]) -> str:
    """Lines as they go to a pipe: unwrapped, without styles."""
    rows = (" " * row.indent + "".join([gate(part.text) for part in row.parts]) for row in lines)
    return "".join(f"{row.rstrip()}\n" for row in rows)
