r"""`kztimeline.blocks`: lossless blocks of TOML text, and where its keys and values stand.

The oracle for positions is the parser: what is sliced out of the text, parsed alone, must be the
value that the whole text has at that path. The oracle for blocks is that they join to the text
and that each of a valid text's blocks is valid alone.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import rtoml
import tomli_w
from hypothesis import example, given
from hypothesis import strategies as st

from kztimeline.toml.blocks import Block, Locator, Position, Span, spans, split, within
from tests.oracles.documents import TABLES, documents

# --- blocks ------------------------------------------------------------------------------------

SPLITS = {
    "empty": ("", []),
    "no header": ("# only\n\na = 1", ["# only\n\na = 1"]),
    "headers": ("a = 1\n[t]\nb = 2\n[[e]]\n", ["a = 1\n", "[t]\nb = 2\n", "[[e]]\n"]),
    "comments go with the header below": (
        "[a]\n# one\n  # two\n[b]\n",
        ["[a]\n", "# one\n  # two\n[b]\n"],
    ),
    "comments set off stay above": (
        "[a]\n\n# one\n\n# two\n[b]\n",
        ["[a]\n\n# one\n\n", "# two\n[b]\n"],
    ),
    "a comment after a value is no line above": (
        "[a]\nx = 1 # not ours\n[b]\n",
        ["[a]\nx = 1 # not ours\n", "[b]\n"],
    ),
    "indented": ("[a]\n \t[b] # c\n", ["[a]\n", " \t[b] # c\n"]),
    "CRLF": ("x = 1\r\n# c\r\n[a]\r\n\r\n[b]", ["x = 1\r\n", "# c\r\n[a]\r\n\r\n", "[b]"]),
    "a byte order mark belongs to the first block": ("\ufeff[a]\n[b]", ["\ufeff[a]\n", "[b]"]),
    "only a byte order mark": ("\ufeff", ["\ufeff"]),
    "basic multi-line string": (
        'x = """\n[a]\n\\""" [b]"""\n[c]',
        ['x = """\n[a]\n\\""" [b]"""\n', "[c]"],
    ),
    "literal multi-line string": ("x = '''\n[a]\n\\'''\n[c]", ["x = '''\n[a]\n\\'''\n", "[c]"]),
    "quotes before the closing ones": ('x = """a"""""\n[b]', ['x = """a"""""\n', "[b]"]),
    "a comment-like line that ends a string": (
        'x = """\n# text"""\n[b]',
        ['x = """\n# text"""\n', "[b]"],
    ),
    "array": ("x = [\n[1],\n# ]\n[2] ]\n[b]", ["x = [\n[1],\n# ]\n[2] ]\n", "[b]"]),
    "inline table over lines": (
        "x = {\ny = [\n[1]\n],\n}\n[b]",
        ["x = {\ny = [\n[1]\n],\n}\n", "[b]"],
    ),
    "brackets in strings and comments": (
        "x = \"[\" # [\ny = '{'\n[b]",
        ["x = \"[\" # [\ny = '{'\n", "[b]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "blocks"), SPLITS.values(), ids=SPLITS)
def test_split(text: str, blocks: list[str]) -> None:
    assert [block.text for block in split(text)] == blocks


HEADERS = [
    ("[a]", ("a",), False),
    ("[[a]]", ("a",), True),
    ("[ a . b ] # c", ("a", "b"), False),
    ("[[ a.b ]]", ("a", "b"), True),
    ('[source."my key"]', ("source", "my key"), False),
    ("[source.'C:\\x']", ("source", "C:\\x"), False),
    ('["]".\'#\'."a.b"]', ("]", "#", "a.b"), False),
    (r'["\"\\\b\t\n\f\r\e\x41\u00e9\U0001F600"]', ('"\\\b\t\n\f\r\x1bAé😀',), False),
    ("[1.2-3]", ("1", "2-3"), False),
    ('[""]', ("",), False),
]


@pytest.mark.parametrize(("line", "header", "array"), HEADERS)
def test_header(line: str, header: tuple[str, ...], array: bool) -> None:
    _, block = split(f"x = 1\n{line}\ny = 2\n")
    assert (block.header, block.array) == (header, array)
    assert block.text[block.body :] == "y = 2\n"
    # The parser agrees about the keys.
    table: Any = rtoml.loads(block.text)
    for key in header:
        table = table[key]
    assert table == ([{"y": 2}] if array else {"y": 2})


def test_block_fields() -> None:
    assert split("x = 1\n\n# c\n[[a.b]]\ny = 2\n[c]") == (
        Block("x = 1\n\n", start=0, line=1, header=(), array=False, body=0),
        Block("# c\n[[a.b]]\ny = 2\n", start=7, line=3, header=("a", "b"), array=True, body=12),
        Block("[c]", start=25, line=6, header=("c",), array=False, body=3),
    )


BROKEN = {
    "a string ends at its line's end": ('x = "a\n[b]\n', ['x = "a\n', "[b]\n"]),
    "a literal string too": ("x = 'a\n[b]\n", ["x = 'a\n", "[b]\n"]),
    "half a header is one": ("[a\nx = 1\n[[b]\ny = 2\n", ["[a\nx = 1\n", "[[b]\ny = 2\n"]),
    "a bracket too many": ("x = [1]]\n[b]\n", ["x = [1]]\n", "[b]\n"]),
    "an array without an end": (
        "[[e]]\nx = [\n  1,\n[[e]]\nx = [[1]]\n[[e]]\n",
        ["[[e]]\nx = [\n  1,\n", "[[e]]\nx = [[1]]\n", "[[e]]\n"],
    ),
    "an inline table without an end": (
        "[[e]]\nx = { y = [\n# c\n[[e]] # d\r\n",
        ["[[e]]\nx = { y = [\n", "# c\n[[e]] # d\r\n"],
    ),
    "a multi-line string without an end": (
        "[e]\nx = '''a\n[f.g-h]\ny = '''b'''\n[i]\n",
        ["[e]\nx = '''a\n[f.g-h]\ny = '''b'''\n", "[i]\n"],
    ),
    "what merely begins like a header does not end it": (
        "x = [\n[1],\n[a] b\n [c]\n[d]]\n",
        ["x = [\n[1],\n[a] b\n [c]\n[d]]\n"],
    ),
    "a string before the break keeps its header-like line": (
        'x = """\n[a]\n"""\ny = [\n[b]\n',
        ['x = """\n[a]\n"""\ny = [\n', "[b]\n"],
    ),
}


@pytest.mark.parametrize(("text", "blocks"), BROKEN.values(), ids=BROKEN)
def test_split_broken(text: str, blocks: list[str]) -> None:
    assert [block.text for block in split(text)] == blocks


FLIPPED = '[[e]]\nx = """a\n[[e]]\nx = """b"""\n[[e]]\nx = """c\n[[e]]\n'


def test_suspicious_split_finds_headers_that_a_string_swallows() -> None:
    # Two strings lack their ends, so that every reading of the quotes finds them paired.
    assert [block.line for block in split(FLIPPED)] == [1, 7]
    assert [block.line for block in split(FLIPPED, suspicious=True)] == [1, 3, 5, 7]


SUSPICIOUS = [
    ('x = """\n[a]\n"""\n', [1, 2]),
    ("x = '''\n[[a.b-c]] # d\r\n'''\n", [1, 2]),
    ("x = [\r\n[a]\r\n]\r\n", [1, 2]),
    ("x = [\n[a]\n [b]\n", [1, 2, 3]),
    ("x = [\n# c\n[a]\n]\n", [1, 2]),
    ("x = 1\n\n# c\n[a]\n [b]\n['c']\n", [1, 3, 5, 6]),
    ('x = """\n [a]\n[ b ]\n["c"]\n[1]\n[d], e\n[f]]\n"""\n', [1]),
]


@pytest.mark.parametrize(("text", "lines"), SUSPICIOUS)
def test_suspicious_split(text: str, lines: list[int]) -> None:
    assert [block.line for block in split(text, suspicious=True)] == lines


# --- positions ---------------------------------------------------------------------------------

DOCUMENT = """\
\ufefftop.inner = { 'a b' = [1, [2, 3]], }
[timeline] # the record
title = "Reforms é 😀 [x]"   # a comment

[topic]
assembly = 'Peaceful'

[source."my key"]
date = 2020-01-02 03:04:05

# above
[[event]]
id = "one"
state . x = "y"
sources = [
  # { source = "none" },
  { "at" = "p. 1" },
  { source = "t", says = { en = "a" } },
]
[[event]]
id = "two"
summary = \"""
[[event]]
id = "no"\"""
[event.state]
assembly = "s"
[[event.sources]]
at = "one"
[[event.sources]]
at = "two"
  [[event]]
id = "three"
"""

PLACES: list[tuple[tuple[str | int, ...], str, str, str]] = [
    # path, line:column of the value, its text, text of the key
    (("top",), "1:1", "top.inner = { 'a b' = [1, [2, 3]], }", "top"),
    (("top", "inner"), "1:13", "{ 'a b' = [1, [2, 3]], }", "inner"),
    (("top", "inner", "a b"), "1:23", "[1, [2, 3]]", "'a b'"),
    (("top", "inner", "a b", 1, 0), "1:28", "2", "2"),
    (("timeline",), "2:1", "[timeline]", "timeline"),
    (("timeline", "title"), "3:9", '"Reforms é 😀 [x]"', "title"),
    (("topic", "assembly"), "6:12", "'Peaceful'", "assembly"),
    (("source",), "8:1", '[source."my key"]', "source"),
    (("source", "my key"), "8:1", '[source."my key"]', '"my key"'),
    (("source", "my key", "date"), "9:8", "2020-01-02 03:04:05", "date"),
    (("event",), "12:1", "[[event]]", "event"),
    (("event", 0), "12:1", "[[event]]", "[[event]]"),
    (("event", 0, "id"), "13:6", '"one"', "id"),
    (("event", 0, "state"), "14:1", 'state . x = "y"', "state"),
    (("event", 0, "state", "x"), "14:13", '"y"', "x"),
    (("event", 0, "sources", 0), "17:3", '{ "at" = "p. 1" }', '{ "at" = "p. 1" }'),
    (("event", 0, "sources", 0, "at"), "17:12", '"p. 1"', '"at"'),
    (("event", 0, "sources", 1, "says", "en"), "18:33", '"a"', "en"),
    (("event", 1), "20:1", "[[event]]", "[[event]]"),
    (("event", 1, "summary"), "22:11", '"""\n[[event]]\nid = "no""""', "summary"),
    (("event", 1, "state"), "25:1", "[event.state]", "state"),
    (("event", 1, "state", "assembly"), "26:12", '"s"', "assembly"),
    (("event", 1, "sources"), "27:1", "[[event.sources]]", "sources"),
    (("event", 1, "sources", 1), "29:1", "[[event.sources]]", "[[event.sources]]"),
    (("event", 1, "sources", 1, "at"), "30:6", '"two"', "at"),
    (("event", 2), "31:3", "[[event]]", "[[event]]"),
    (("event", 2, "id"), "32:6", '"three"', "id"),
]  # fmt: skip


def shown(position: Position) -> str:
    return f"{position.line}:{position.column}"


@pytest.mark.parametrize(("path", "place", "value", "key"), PLACES)
def test_locate(path: tuple[str | int, ...], place: str, value: str, key: str) -> None:
    locator = Locator(DOCUMENT)
    assert DOCUMENT[slice(*locator.span(path))] == value
    assert DOCUMENT[slice(*locator.span(path, key=True))] == key
    assert shown(locate(DOCUMENT, path)) == place
    for on_key in (False, True):
        start, _ = locator.span(path, key=on_key)
        assert locator.position(path, key=on_key) == position_at(DOCUMENT, start)


MISSING: list[tuple[tuple[str | int, ...], str]] = [
    ((), "1:1"),
    (("nothing", "at all"), "1:1"),
    (("timeline", "note"), "2:1"),
    (("source", "other"), "8:1"),
    (("source", "my key", "url"), "8:1"),
    (("event", 9, "id"), "12:1"),
    (("event", 0, "title"), "12:1"),
    (("event", 0, "state", "z"), "14:1"),
    (("event", 0, "sources", 7, "at"), "15:11"),
    (("event", 0, "sources", 0, "says", "en"), "17:3"),
    (("event", 1, "state", "z"), "25:1"),
    (("event", 1, "sources", 0, "source"), "27:1"),
    (("event", 2, "title"), "31:3"),
]


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize(("path", "place"), MISSING)
def test_what_is_missing_is_found_at_its_nearest_ancestor(
    path: tuple[str | int, ...], place: str, key: bool
) -> None:
    assert shown(locate(DOCUMENT, path, key=key)) == place


ELSEWHERE: list[tuple[str, tuple[str | int, ...], str]] = [
    ('event = [{ id = "a" },\n { id = "b" }]', ("event", 1, "id"), "2:9"),
    ('topic = { a = "x", b = "y" }', ("topic", "b"), "1:24"),
    ('topic.a = "x"\ntopic.b = "y"', ("topic", "b"), "2:11"),
    ("topic.a = 1\n[topic.b]\nc = 2", ("topic", "a"), "1:11"),
    ("[a.b]\nx = 1\n[a]\ny = 2", ("a", "y"), "4:5"),
    ("[a.b]\nx = 1\n[a]\ny = 2", ("a",), "3:1"),
    ("[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[[a.b]]\nx = 1", ("a", 1, "b", 1, "x"), "6:5"),
    ('"\\u0061" = { "\\x62" = 1 }', ("a", "b"), "1:23"),
    ("x = {\r\n a = 1, # }\r\n b = 2,\r\n}\r\n", ("x", "b"), "3:6"),
    ("x = { a\n= # b\n1 }", ("x", "a"), "3:1"),
    ("a = 1\ra = 1\nb = 2", ("b",), "2:5"),
    ("x = 1\nx = 2", ("x",), "1:5"),
    ("[a]\nx = 1\n[a]\nx = 2", ("a", "x"), "2:5"),
]


@pytest.mark.parametrize(("text", "path", "place"), ELSEWHERE)
def test_locate_in_other_layouts(text: str, path: tuple[str | int, ...], place: str) -> None:
    assert shown(locate(text, path)) == place


def test_only_the_blocks_that_were_read_are_counted() -> None:
    text = "[[e]]\nx = 1\n[[e]]\nx = \n[[e]]\nx = 3\n"
    first, _, third = split(text)
    assert shown(Locator(text).position(("e", 1, "x"))) == "4:5"
    assert shown(Locator(text, [first, third]).position(("e", 1, "x"))) == "6:5"


def test_half_a_header_is_found_as_far_as_it_goes() -> None:
    assert Locator("x = 1\n[[a.b] # c\n").span(("a", "b", 0)) == (6, 11)


BROKEN_BLOCKS: list[tuple[str, dict[tuple[str | int, ...], str]]] = [
    ("a =\nb = 1", {("a",): "", ("b",): "1"}),
    ("a\nb = 1", {("b",): "1"}),
    ('a = "x\nb = 1', {("a",): '"x', ("b",): "1"}),
    ("a = 1 2 ] }\nb = 1", {("a",): "1", ("b",): "1"}),
    ("a = [{b = 2", {("a",): "[{b = 2", ("a", 0): "{b = 2", ("a", 0, "b"): "2"}),
    ("a = [1,, = 2]", {("a",): "[1,, = 2]", ("a", 0): "1", ("a", 1): "2"}),
    ("a = { {, 'b = 1 }", {("a",): "{ {, 'b = 1 }"}),
    ('a = """x', {("a",): '"""x'}),
    ("a.b = 1\na.c = 2\na.b = 3", {("a",): "a.b = 1", ("a", "b"): "1", ("a", "c"): "2"}),
    ('"\\q\\ud800" = 1', {("\\q\\ud800",): "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), BROKEN_BLOCKS)
def test_spans_of_broken_text(text: str, values: dict[tuple[str | int, ...], str]) -> None:
    (block,) = split(text)
    found = {path: text[value.start : value.end] for path, (_, value) in spans(block).items()}
    assert found == values


POSITIONS = [
    ("", 0, "1:1"),
    ("ab", 2, "1:3"),
    ("ab\n", 3, "2:1"),
    ("a\r\nb", 3, "2:1"),
    ("a\rb", 2, "1:3"),
    ("\ufeffab", 0, "1:1"),
    ("\ufeffab", 1, "1:1"),
    ("\ufeffa\nb", 3, "2:1"),
    ("é😀x", 2, "1:3"),
    ("ab", 9, "1:3"),
    ("ab", -1, "1:1"),
]


@pytest.mark.parametrize(("text", "offset", "place"), POSITIONS)
def test_position_at(text: str, offset: int, place: str) -> None:
    assert shown(position_at(text, offset)) == place
    if 0 <= offset <= len(text):
        assert shown(Locator(text).at(offset)) == place


# --- any text ----------------------------------------------------------------------------------

TOKENS = [
    '"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "[a]", "[[event]]\n", "[event.x]\n",
    "#", "=", ",", ".", "\\", "\n", "\r\n", "\r", " ", "\t", "a", "x = ", '"a.b"', "1", "\\u12",
    "2020-01-01", "\ufeff", "\ud800", "é",
]  # fmt: skip
ANY_TEXT = st.text(st.characters()) | st.lists(st.sampled_from(TOKENS), max_size=60).map("".join)


def check_any(text: str) -> None:
    """Assert what holds for every text, however broken."""
    for suspicious in (False, True):
        blocks = split(text, suspicious=suspicious)
        assert "".join(block.text for block in blocks) == text
        for block in blocks:
            assert text.startswith(block.text, block.start)
            assert block.line == position_at(text, block.start).line
            assert 0 <= block.body <= len(block.text)
            assert bool(block.body) == bool(re.match(r"\ufeff?([ \t]*#.*\n)*[ \t]*\[", block.text))
            for key, value in spans(block).values():
                assert block.body <= key.start < key.end <= len(block.text)
                assert block.body <= value.start <= value.end <= len(block.text)
        locator = Locator(text, blocks)
        for path in [("event",), ("event", 0, "x", "a"), ("x", 0), ("a", "a")]:
            start, end = locator.span(path)
            assert 0 <= start <= end <= len(text)
            assert locator.position(path) == position_at(text, start)


@given(ANY_TEXT)
@example('"""\\')
@example("\\" + '"""' * 3 + "\n[[event]]")
@example("[")
@example("\ufeff#\n[")
@example("x = [\n[[event]]\n{\n[event.x]\n'''")
def test_any_text(text: str) -> None:
    check_any(text)


# --- any document ------------------------------------------------------------------------------


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def check_document(text: str, blocks: tuple[Block, ...]) -> None:
    """Assert that the parser reads each block, and each leaf where it is located."""
    assert "".join(block.text for block in blocks) == text
    for block in blocks:
        rtoml.loads(block.text)
    locator = Locator(text, blocks)
    values = list(leaves(rtoml.loads(text)))
    for path, _ in values[::7]:
        for asked in (path, path[:1], (*path[:2], "none")):
            only = Locator(text, blocks, [asked])
            assert only.span(asked) == locator.span(asked)
            assert only.span(asked, key=True) == locator.span(asked, key=True)
    for path, value in values:
        literal = text[slice(*locator.span(path))]
        assert rtoml.loads(f"x = {literal}") == {"x": value}
        if isinstance(path[-1], str):
            key = text[slice(*locator.span(path, key=True))]
            assert rtoml.loads(f"{key} = 1") == {path[-1]: 1}


@pytest.mark.slow
@given(documents())
def test_any_layout(drawn: tuple[str, int]) -> None:
    text, events = drawn
    blocks = split(text)
    check_document(text, blocks)
    assert sum(block.header == ("event",) and block.array for block in blocks) == events


@given(TABLES, st.lists(TABLES, max_size=3), st.booleans())
def test_any_document_of_another_writer(root: Any, events: Any, lines: bool) -> None:
    text = tomli_w.dumps({**root, "event": events}, multiline_strings=lines)
    check_document(text, split(text))


EDITS = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 3), st.sampled_from(["", *TOKENS])), max_size=4
)


@pytest.mark.slow
@given(documents(), EDITS)
def test_any_damage(drawn: tuple[str, int], edits: list[tuple[int, int, str]]) -> None:
    text = drawn[0]
    for offset, length, token in edits:
        at = offset % (len(text) + 1)
        text = text[:at] + token + text[at + length :]
    check_any(text)


def test_the_oracle_sees_a_naive_split_fail() -> None:
    text = 'x = """\n[[event]]\n"""\n'
    check_document(text, split(text))
    first, second = re.split(r"(?m)^(?=\[)", text)
    naive = (Block(first, 0, 1, (), False, 0), Block(second, len(first), 2, ("event",), True, 10))
    with pytest.raises(rtoml.TomlParsingError):
        check_document(text, naive)


# --- hostile shapes ----------------------------------------------------------------------------


def test_deep_nesting() -> None:
    depth = 5000
    text = "x = " + "[" * depth + "1" + "]" * depth + "\ny = 2\n[z]\n"
    assert [block.line for block in split(text)] == [1, 3]
    # Deeper values are not kept, only their ancestors.
    assert shown(locate(text, ("x",) + (0,) * 31)) == "1:36"
    assert shown(locate(text, ("x",) + (0,) * depth)) == "1:36"
    assert shown(locate(text, ("y",))) == "2:5"
    assert [block.line for block in split("x = " + "[{" * depth + "\n[z]\n")] == [1, 2]


def test_dotted_key_bomb() -> None:
    bomb = "a." * 100_000 + "a"
    text = f"{bomb} = 1\nb = {{ {bomb} = 1, c = 2 }}\n[{bomb}]\nd = 3\n[e]\nf = 4\n"
    blocks = split(text)
    assert [block.line for block in blocks] == [1, 3, 5]
    assert blocks[1].header == ("a",) * 100
    assert max(map(len, spans(blocks[0]))) == 32
    assert shown(locate(text, ("b", *"a" * 40))) == "2:67"
    assert shown(locate(text, ("b", "c"))) == f"2:{len(bomb) + 17}"
    assert shown(locate(text, ("a",) * 32 + ("d",))) == "3:1"
    assert shown(locate(text, ("a",) * 100 + ("d",))) == "3:1"
    assert shown(locate(text, ("e", "f"))) == "6:5"
    spaced = "x = { " + "a . " * 50_000 + "}\ny = 1"
    assert shown(locate(spaced, ("y",))) == "2:5"


def test_long_lines_and_many_paths() -> None:
    title = "[" * 1_000_000
    text = f'title = "{title}"\nx = [{"1," * 250_000}]\n[t]\ny = 1\n'
    locator = Locator(text)
    assert locator.span(("title",)) == (8, 10 + len(title))
    assert shown(locator.position(("x", 1000))) == "2:2006"
    # Past what is kept of one block, the ancestor is still known.
    assert shown(locator.position(("x", 240_000))) == "2:5"
    assert shown(locator.position(("t", "y"))) == "4:5"


@pytest.mark.parametrize("event", ["[[event]]\nx = [\n", '[[event]]\nx = \\"""\n'])
def test_no_event_is_ever_closed(event: str) -> None:
    assert len(split(event * 20_000)) == 20_000


def test_many_openings_and_no_header() -> None:
    assert len(split("x = [\n'''\n\"\"\"\n" * 50_000)) == 1


# --- inside a string ---------------------------------------------------------------------------

# A string as it is written; each of its characters is found as it is written.
LITERALS = [
    '"abc"',
    "'a\\bc'",
    r'"a\tb\u00e9\x41\U0001F600\"c"',
    '"""abc"""',
    '"""\nab\n\\u0041c"""',
    '"""\r\nab"""',
    "'''\na'b\\c'''",
    '"""a \\\n\n   b\\\r\n c"""',
    '"""a""b"""',
    '"""\\\n  a"""',
]


@pytest.mark.parametrize("literal", LITERALS, ids=ascii)
def test_each_character_of_a_string_is_found(literal: str) -> None:
    text = rtoml.loads(f"x = {literal}")["x"]
    end = 0
    for place, char in enumerate(text):
        span = within(literal, place, place + 1)
        assert span.start >= end
        end = span.end
        written = literal[span.start : span.end]
        raw = literal[0] == "'" or written in ('"', "\n", "\r")
        assert written == char if raw else rtoml.loads(f'x = """{written}"""')["x"] == char
    assert within(literal, 0, len(text)).end == end


def test_what_is_no_string_is_taken_as_a_whole() -> None:
    assert within("[1, 2]", 0, 1) == Span(0, 6)
    assert within("", 0, 1) == Span(0, 0)


# --- helpers ---------------------------------------------------------------------------------


def locate(text: str, path: tuple[str | int, ...], *, key: bool = False) -> Position:
    """The position of one path."""
    return Locator(text).position(path, key=key)


def position_at(text: str, offset: int) -> Position:
    """Line and column of an offset by counting: the oracle for `Locator.at`."""
    before = text[: max(0, offset)]
    start = before.rfind("\n") + 1 or int(text.startswith("\ufeff"))
    return Position(before.count("\n") + 1, max(0, len(before) - start) + 1)
