r"""TOML text as lossless blocks, and the positions of its keys and values.

A block is one table header with everything up to the next one. The parser that reads the values
tells no positions and stops at its first error; with blocks, a broken event does not hide the
problems of the others, and an edit leaves every other byte alone.

This scanner knows the shape of TOML 1.1 (strings, comments, brackets, keys) and not what values
mean. It accepts any text, never raises, and takes time linear in its length. Offsets and columns
count characters (code points). A line ends at ``\n``; a ``\r`` before it is part of that ending.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, NamedTuple

from kztimeline.text.errors import KeyPath

# What hostile text may cost: the prefixes of a path add up quadratically in its parts (real files
# have about five, the parser gives up at 80), and each path that is kept takes some 400 bytes.
_DEEPEST: Final = 32
_MOST_PARTS: Final = 100
_MOST: Final = 100_000

_BOM: Final = "\ufeff"

# Repeats are possessive: without backtracking, each pattern is linear on any text.
_BASIC: Final = r'"(?!"")(?:[^"\\\n]++|\\[^\n])*+"?+'
_LITERAL: Final = r"'(?!'')[^'\n]*+'?+"
# A group takes part only when the string is closed. Up to two quotes may precede the closing ones.
_LONG: Final = (
    r"""(?s:"{3}(?:[^"\\]++|\\.|"(?!""))*+("{3,5}+)?|'{3}(?:[^']++|'(?!''))*+('{3,5}+)?)"""
)
_COMMENT: Final = r"\#[^\n]*+"
_BARE_KEYS: Final = r"[A-Za-z_][A-Za-z0-9_-]*+(?:\.[A-Za-z0-9_-]++)*+"

# What it may begin with is looked for much faster than the alternatives.
TEXT: Final = re.compile(rf"""(?=["'\#])(?:{_COMMENT}|{_LONG}|{_BASIC}|{_LITERAL})""")
"""A string or comment, to the end of the line or of the text where it never ends."""
STRETCH: Final = re.compile(rf"""(?:[^"'\#]++|{TEXT.pattern}){{1,10000}}+""")
"""Some text that ends outside of strings and comments."""

_LINE_START: Final = re.compile(
    rf"(?:[ \t\r]*+\n)*+(?P<comments>(?:[ \t]*+{_COMMENT}\n)*+)(?P<indent>[ \t]*+)(?P<bracket>\[)?"
)
# A list that ends, of what is neither a list nor a long text, and of tables that have neither.
_STRINGS: Final = rf"{_BASIC}|{_LITERAL}"
_LIST: Final = (
    rf"""\[(?:[^"'\#\[\]{{}}]++|{_COMMENT}|{_STRINGS}"""
    rf"""|\{{(?:[^"'\#\[\]{{}}]++|{_STRINGS})*+\}})*+\]"""
)
# A line that begins with a key needs no closer look.
_PLAIN: Final = re.compile(
    rf"""(?:[^"'\#\[\]{{}}\n]++|{_COMMENT}|{_STRINGS}|\n(?![\s\[\#])|{_LIST})*+"""
)
_BRACKETS: Final = re.compile(r"[\[{]++|[\]}]++")
_LONG_STRING: Final = re.compile(_LONG)
_CERTAIN_HEADER: Final = re.compile(
    rf"(?m)\n(?:\[\[{_BARE_KEYS}\]\]|\[{_BARE_KEYS}\])[ \t]*+(?:{_COMMENT})?+\r?$"
)

_KEY: Final = re.compile(
    r"""[ \t]*+(?P<key>"(?P<basic>(?:[^"\\\n]++|\\[^\n])*+)"|'(?P<literal>[^'\n]*+)'"""
    r"""|[^\s\[\]{}=.,\#"']++)[ \t]*+(?P<dot>\.)?"""
)
_KEYS: Final = re.compile(rf"""(?:[^\s\[\]{{}}=,\#"']++|[ \t]++|{_BASIC}|{_LITERAL})*+""")
_ESCAPE: Final = re.compile(
    r'\\(?:[btnfre"\\]|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))'
)
_ESCAPED: Final = dict(zip('btnfre"\\', '\b\t\n\f\r\x1b"\\', strict=True))
# A stray `=` (broken text only) is passed over like a comma, so that a scan always gets on.
_BETWEEN: Final = re.compile(rf"(?:[\s,={_BOM}]++|{_COMMENT})*+")
_EQUALS: Final = re.compile(r"=[ \t]*+")
# The parser lets an inline table break its lines around `=`, too.
_INLINE_EQUALS: Final = re.compile(rf"(?:\s++|{_COMMENT})*+=(?:\s++|{_COMMENT})*+")
_SCALAR: Final = re.compile(
    rf"{_LONG}|{_BASIC}|{_LITERAL}"
    r"""|[0-9]{4}-[0-9]{2}-[0-9]{2}\ [0-9][0-9:.Zz+-]*+|[^\s,\[\]{}\#"'=]++"""
)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """One header with all that follows up to the next block, byte for byte.

    Comment lines directly above a header are part of its block; blank lines and comments set off
    by one stay at the end of the block before.
    """

    text: str
    start: int
    """The offset of `text` in the whole, in characters."""
    line: int
    """The line number, from 1, of the first character of `text`."""
    header: tuple[str, ...]
    """The decoded keys, at most 100, as far as they can be read; () before the first header."""
    array: bool
    """Whether the header is one of an array of tables, ``[[…]]``."""
    body: int
    """The offset in `text` just after the header line, 0 without a header."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters, `end` exclusive."""

    start: int
    end: int


class _Part(NamedTuple):
    key: str
    span: Span


class _Name(NamedTuple):
    """A path that becomes known with the value that it leads to."""

    path: KeyPath
    key: Span | None
    start: int


@dataclass(slots=True)
class _Container:
    """An array or a table whose end was not reached yet."""

    path: KeyPath | None
    names: list[_Name]
    array: bool
    length: int = 0


def split(text: str, *, suspicious: bool = False) -> tuple[Block, ...]:
    """Cut a text into blocks that join to the same text, whatever it is.

    Strictly read, what looks like a header inside a multi-line string, array or inline table is
    none. Where one of these never ends, the rest is read suspiciously; `suspicious` reads all of
    it so: a line that can hardly be anything but a header (at column 1, bare keys) is one even
    there. A text that doesn't parse is best split both ways and the better split taken, because
    an unclosed string may also end at the quotes that were to open a later one.
    """
    return tuple(each_block(text, suspicious))


def each_block(text: str, suspicious: bool = False) -> Iterator[Block]:
    """The blocks of `split` one after the other, so that a long text isn't kept twice."""
    headers = _headers(text, suspicious)
    start, bracket = next(headers, (len(text), -1))
    # A byte order mark makes no block of its own.
    starts = [(0, bracket)] if start <= text.startswith(_BOM) else [(0, -1), (start, bracket)]
    line = 1
    for (start, bracket), (end, _) in pairwise(chain(starts, headers, [(len(text), -1)])):
        if start < end:
            yield _block(text, start, end, bracket, line)
            line += text.count("\n", start, end)


def _block(text: str, start: int, end: int, bracket: int, line: int) -> Block:
    if bracket < 0:
        return Block(text[start:end], start, line, (), False, 0)
    array, parts, _ = _header(text, bracket)
    body = text.find("\n", bracket) + 1 or len(text)
    header = tuple(part.key for part in parts)
    return Block(text[start:end], start, line, header, array, body - start)


def _headers(text: str, suspicious: bool) -> Iterator[tuple[int, int]]:
    """Yield for each header the offsets of its block and of its bracket."""
    pos = int(text.startswith(_BOM))
    depth = opened = 0
    fresh = True
    cuts = _cuts(text, pos) if suspicious else iter(())
    limit = next(cuts, len(text))
    while True:
        if fresh and (line := _LINE_START.match(text, pos, limit)):
            fresh = False
            pos = line.end("indent")
            cut = pos == limit < len(text)
            if cut or (not depth and line["bracket"]):
                yield line.start("comments"), pos
                depth = 0
                limit = next(cuts, len(text)) if cut else limit
                # Brackets of a header never open an array, also when one of them is missing.
                pos = text.find("\n", pos)
                pos = len(text) if pos < 0 else pos
        pos = _end(_PLAIN, text, pos, limit)
        if pos == len(text):
            if not depth or suspicious:
                return
            suspicious = True
            pos = opened
            cuts = _cuts(text, pos)
            limit = next(cuts, len(text))
        elif pos == limit:
            fresh = True
        elif text[pos] == "\n":
            fresh = True
            pos += 1
        else:
            opened = opened if depth else pos
            pos, depth = _construct(text, pos, limit, depth)


def _construct(text: str, pos: int, limit: int, depth: int) -> tuple[int, int]:
    """Pass brackets or a multi-line string: the offset after it and the new depth."""
    if text[pos] in "\"'":
        string = _LONG_STRING.match(text, pos, limit)
        if string and string.lastindex:
            return string.end(), depth
        return limit, depth + 1
    end = _end(_BRACKETS, text, pos, limit)
    if text[pos] in "[{":
        return end, depth + end - pos
    return end, max(0, depth - (end - pos))


def _cuts(text: str, pos: int) -> Iterator[int]:
    return (match.start() + 1 for match in _CERTAIN_HEADER.finditer(text, pos))


def _end(pattern: re.Pattern[str], text: str, pos: int, limit: int = sys.maxsize) -> int:
    match = pattern.match(text, pos, limit)
    return match.end() if match else pos


def _header(text: str, bracket: int) -> tuple[bool, list[_Part], int]:
    """Read the header at a bracket: whether it's an array's, its keys, the offset of its end."""
    opening = "[[" if text.startswith("[[", bracket) else "["
    closing = "]" * len(opening)
    parts, end = _dotted(text, bracket + len(opening))
    return opening == "[[", parts, end + len(closing) * text.startswith(closing, end)


def _dotted(text: str, pos: int) -> tuple[list[_Part], int]:
    """Read the first parts of a dotted key and the offset after all of it."""
    parts: list[_Part] = []
    while match := _KEY.match(text, pos):
        if match["basic"] is not None:
            key = _ESCAPE.sub(_character, match["basic"])
        else:
            key = match["key"] if match["literal"] is None else match["literal"]
        parts.append(_Part(key, Span(*match.span("key"))))
        pos = match.end()
        if not match["dot"]:
            break
        if len(parts) == _MOST_PARTS:
            return parts, _end(_KEYS, text, pos)
    return parts, pos


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    if not digits:
        return _ESCAPED[escape[0][1]]
    code = int(digits, 16)
    scalar = code < 0xD800 or 0xDFFF < code <= 0x10FFFF
    return chr(code) if scalar else escape[0]


def spans(block: Block) -> dict[KeyPath, tuple[Span, Span]]:
    """Map each path in a block, relative to its table, to the spans of its key and its value.

    Offsets are in the block's text. An element of an array has its value's span for a key. The
    tables that a dotted key implies span from their part of the key to the end of the value. Of
    duplicate keys the first counts. Paths of more than 32 parts and what follows the first
    100,000 paths are left out; of broken text, there is what could be read.
    """
    text, pos = block.text, block.body
    found: dict[KeyPath, tuple[Span, Span]] = {}
    stack = [_Container((), [], False)]
    while len(found) + len(stack) < _MOST:
        pos = _end(_BETWEEN, text, pos)
        if pos == len(text):
            break
        if text[pos] in "]}":
            pos += 1
            if len(stack) > 1:
                _record(found, stack.pop().names, pos)
            continue
        top = stack[-1]
        parts: Sequence[tuple[str | int, Span | None]] = [(top.length, None)]
        if top.array:
            top.length += 1
        else:
            parts, after = _dotted(text, pos)
            value = _end(_EQUALS if len(stack) == 1 else _INLINE_EQUALS, text, after)
            if not parts or value == after:
                pos = max(after, pos + 1, _end(_SCALAR, text, pos))
                continue
            pos = value
        path, names = _names(top.path, parts, pos)
        names = [name for name in names if name.path not in found]
        if text.startswith(("[", "{"), pos):
            # Until its end is seen, a container may be unclosed and reach to the end of the text.
            _record(found, names, len(text))
            stack.append(_Container(path, names, text[pos] == "["))
            pos += 1
        else:
            pos = _end(_SCALAR, text, pos)
            _record(found, names, pos)
    return found


def _names(
    path: KeyPath | None, parts: Sequence[tuple[str | int, Span | None]], start: int
) -> tuple[KeyPath | None, list[_Name]]:
    """Name each level from `path` on down to the value at `start`; no path when that's too deep."""
    names: list[_Name] = []
    for part, key in parts:
        if path is None or len(path) == _DEEPEST:
            return None, names
        path += (part,)
        names.append(_Name(path, key, key.start if key else start))
    names[-1] = names[-1]._replace(start=start)
    return path, names


def _record(found: dict[KeyPath, tuple[Span, Span]], names: list[_Name], end: int) -> None:
    for name in names:
        value = Span(name.start, end)
        found[name.path] = (name.key or value, value)


_UNIT: Final = re.compile(rf"\\[ \t]*+\r?\n\s*+|{_ESCAPE.pattern}|.", re.DOTALL)


def within(literal: str, start: int, end: int) -> Span:
    """Tell where a string, as it is written, has its characters from `start` to `end`.

    What isn't a string is taken as a whole.
    """
    quote = literal[:3] if literal.startswith(('"""', "'''")) else literal[:1]
    if quote[:1] not in ('"', "'") or not quote:
        return Span(0, len(literal))
    pos = len(quote)
    if len(quote) == 3:
        # A line end right after the opening quotes is not part of the string.
        pos += literal.startswith("\n", pos) + 2 * literal.startswith("\r\n", pos)
    escape = literal.find("\\", pos) if quote[0] == '"' else -1
    # Up to the first escape, characters stand as they are; it may be far from the beginning.
    plain = (len(literal) if escape < 0 else escape) - pos
    if end <= plain:
        return Span(pos + start, pos + end)
    edges = {count: pos + count for count in (start, plain) if count <= plain}
    count = plain
    for unit in _UNIT.finditer(literal, pos + plain):
        if count >= end:
            break
        # A backslash at the end of a line joins it to the next; together they are nothing.
        count += not (unit[0][0] == "\\" and unit[0][1:2].isspace())
        edges[count] = unit.end()
    last = max(edges.values())
    return Span(edges.get(start, last), edges.get(end, last))


class Locator:
    """Finds the keys and values of one text by their paths, scanning only the blocks asked for.

    A path leads through the document as the parser would give it: ``("event", 3, "sources", 0,
    "at")``. What does not exist is found at its nearest existing ancestor, in the end at the start
    of the text. A table with a header is found at that header.
    """

    def __init__(
        self,
        text: str,
        blocks: Sequence[Block] | None = None,
        paths: Iterable[KeyPath] | None = None,
    ) -> None:
        """Prepare a text; of a broken one, `blocks` are those to count, in their order.

        With `paths`, these are all that will be asked for, and other blocks are not kept.
        """
        self._text = text
        self._wanted = None if paths is None else {path[:n] for path in paths for n in (1, 2)}
        self._tables: dict[KeyPath, Block] = {}
        self._headers: dict[KeyPath, tuple[Block, int | None]] = {}
        self._lengths: dict[KeyPath, int] = {}
        self._spans: dict[int, dict[KeyPath, tuple[Span, Span]]] = {}
        self._kept = 0
        self._offset, self._line, self._line_start = 0, 1, 0
        last = self._last_wanted()
        for block in each_block(text) if blocks is None else blocks:
            # Behind them is nothing that will be asked for.
            if last and self._lengths.get(last[:1], 0) > last[1]:
                break
            if self._is_wanted(block):
                self._register(block)

    def _last_wanted(self) -> tuple[str, int] | None:
        """The one array of tables of which entries will be asked for, and how many of them."""
        tables = {path[0] for path in self._wanted or () if path}
        entries = [path[1] for path in self._wanted or () if len(path) == 2]
        numbers = [entry for entry in entries if type(entry) is int]
        if len(tables) != 1 or not numbers or len(numbers) < len(entries):
            return None
        return str(*tables), max(numbers) + 1

    def _is_wanted(self, block: Block) -> bool:
        """Whether a block holds a path that will be asked for; of events, those before count."""
        if self._wanted is None or not block.header:
            return True
        table = block.header[:1]
        count = self._lengths.get(table, 0)
        if block.array and len(block.header) == 1:
            element: KeyPath = (*table, count)
        else:
            element = (*table, count - 1) if count else block.header[:2]
        # Of what is asked for itself, its first header is all that counts.
        if element in self._wanted or (table in self._wanted and table not in self._headers):
            return True
        if block.array and len(block.header) == 1:
            self._lengths[table] = count + 1
        return False

    def _register(self, block: Block) -> None:
        path: KeyPath = ()
        last = len(block.header) - 1
        for index, key in enumerate(block.header[:_DEEPEST]):
            path += (key,)
            self._headers.setdefault(path, (block, index))
            if index == last and block.array:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path += (self._lengths[path] - 1,)
        if last < _DEEPEST and path not in self._tables:
            self._tables[path] = block
            if path:
                self._headers[path] = (block, None if block.array else last)

    def position(self, path: KeyPath, *, key: bool = False) -> Position:
        """Tell line and column of the value, or of the key, at a path."""
        return self.at(self.span(path, key=key)[0])

    def at(self, offset: int) -> Position:
        """Tell line and column of an offset. A byte order mark takes no column."""
        # From the last place asked for: from the start each time, or a list of all lines, is too
        # much for a long text with many mistakes.
        low, high = sorted((self._offset, offset))
        lines = self._text.count("\n", low, high)
        self._line += lines if offset > self._offset else -lines
        self._offset = offset
        if lines:
            self._line_start = self._text.rfind("\n", 0, offset) + 1
        start = self._line_start or int(self._text.startswith(_BOM))
        return Position(self._line, max(0, offset - start) + 1)

    def span(self, path: KeyPath, *, key: bool = False) -> tuple[int, int]:
        """Tell the offsets, end exclusive, of the value or of the key at a path.

        For a table with a header, that header stands for the value.
        """
        prefixes = [path[:length] for length in range(len(path), -1, -1)]
        # In valid TOML only the innermost table with a header of its own can hold the path.
        table = next((prefix for prefix in prefixes if prefix in self._tables), None)
        for here in prefixes:
            on_key = key and here == path
            if here in self._headers:
                return self._header(here, on_key)
            if table is None:
                continue
            block = self._tables[table]
            if found := self._inside(block).get(here[len(table) :]):
                span = found[0] if on_key else found[1]
                return block.start + span.start, block.start + span.end
        return 0, 0

    def _header(self, path: KeyPath, on_key: bool) -> tuple[int, int]:
        block, index = self._headers[path]
        line = block.text.rfind("\n", 0, block.body - 1) + 1
        bracket = block.text.index("[", line)
        _, parts, end = _header(block.text, bracket)
        span = Span(bracket, end) if not on_key or index is None else parts[index].span
        return block.start + span.start, block.start + span.end

    def _inside(self, block: Block) -> dict[KeyPath, tuple[Span, Span]]:
        if block.start not in self._spans:
            found = spans(block)
            self._kept += len(found)
            if self._kept > _MOST:
                self._spans.clear()
                self._kept = len(found)
            self._spans[block.start] = found
        return self._spans[block.start]
