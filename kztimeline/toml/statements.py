"""The lines of a block as statements and comments: what formatting moves, and must not lose."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from kztimeline.text.errors import KeyPath
from kztimeline.toml.blocks import Block, Span, spans, split

_COMMENT: Final = re.compile(r"#[^\n]*")


class UnclearError(ValueError):
    """A block that isn't understood well enough to be laid out anew."""


def behind(text: str) -> str:
    """A comment behind something, with the space before it; two spaces if it had none."""
    text = text.rstrip()
    return f"  {text}" if text.startswith("#") else text


class Row(NamedTuple):
    """A line of a block's body, or several that one value spans; without the line's end."""

    start: int
    """The offset in the block's text."""
    end: int
    text: str
    path: tuple[str, ...] = ()
    """The keys of a statement; () for a comment or a blank line."""
    value: Span | None = None

    @property
    def behind(self) -> str:
        """What follows the value: a comment with the space before it."""
        return behind(self.text[self.value.end - self.start :]) if self.value else ""


class Statements:
    """One block, taken apart. Only for text that the parser accepts."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self._spans = spans(block)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.block.text[span.start : span.end]

    def value(self, path: KeyPath) -> Span:
        """The span of the value at a path."""
        return self._spans[path][1]

    @cached_property
    def children(self) -> dict[KeyPath, list[KeyPath]]:
        """The entries of each array and table, in their order."""
        found: dict[KeyPath, list[KeyPath]] = {}
        for path in sorted(self._spans, key=lambda path: self.value(path).start):
            found.setdefault(path[:-1], []).append(path)
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """The body line by line. Raises `UnclearError`."""
        text = self.block.text
        # Tables that a dotted key implies begin with their key, elements of arrays are their key.
        values = sorted(
            (value.start, value.end, path)
            for path, (key, value) in self._spans.items()
            if value.start >= key.end and all(type(part) is str for part in path)
        )
        values.reverse()
        rows = []
        pos = self.block.body
        while pos < len(text):
            end = _line_end(text, pos)
            if values and values[-1][0] < end:
                start, last, path = values.pop()
                end = _line_end(text, last)
                while values and values[-1][0] < end:
                    values.pop()
                keys = tuple(str(part) for part in path)
                rows.append(Row(pos, end, text[pos:end], keys, Span(start, last)))
            else:
                row = text[pos:end]
                if row.strip() and not row.lstrip().startswith("#"):
                    raise UnclearError
                rows.append(Row(pos, end, row))
            pos = end + 1
        return rows

    @cached_property
    def masked(self) -> str:
        """The block's text, of the same length, in which each ``#`` begins a comment."""
        text = self.block.text
        parts, pos = [], 0
        for span in sorted(self._covers(), key=lambda span: span.start):
            if span.start >= pos:
                parts += [text[pos : span.start], "x" * (span.end - span.start)]
                pos = span.end
        return "".join([*parts, text[pos:]])

    def _covers(self) -> Iterator[Span]:
        """The spans of keys and strings, which may hold a ``#`` that begins no comment."""
        for key, value in self._spans.values():
            if key != value:
                yield key
            # Tables that a dotted key implies begin with that key, and can hold comments.
            if (key == value or value.start >= key.end) and self.slice(value)[0] in "\"'":
                yield value

    def comments_in(self, span: Span) -> bool:
        """Whether there is a comment inside a value."""
        return "#" in self.masked[span.start : span.end]

    @property
    def commented(self) -> bool:
        """Whether there is any comment."""
        return "#" in self.masked

    @property
    def body_end(self) -> int:
        """The offset after the last statement and the comments directly under it."""
        end = self.block.body
        for row in self.rows:
            if not row.value and not (row.text.strip() and row.start == end):
                continue
            end = min(row.end + 1, len(self.block.text))
        return end


def _line_end(text: str, pos: int) -> int:
    end = text.find("\n", pos)
    return len(text) if end < 0 else end


def comments(text: str) -> list[str]:
    """All comments of a text, without the white space at their ends."""
    found = []
    for block in split(text):
        statements = Statements(block)
        places = _COMMENT.finditer(statements.masked)
        found += [block.text[slice(*place.span())].rstrip() for place in places]
    return found
