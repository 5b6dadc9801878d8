"""Mutants of records that are mostly still records: seeded, so that each can be made again."""

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import cache

from kztimeline.record.model import KINDS, PERSPECTIVES, STATUSES
from kztimeline.toml.blocks import split
from tests.conftest import BENCH, SMALL
from tests.oracles.hostile_texts import TEXTS

TOKENS = [
    '"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "#", "\n", "\r\n", "\r",
    "\\", "\\u", "\\U0010FFFF", "\\ud800", "\\x1b", "\ufeff", "\x00", "\x1b[31m", "\u202e", "\u2028",
    "é", "👍", "1", "-", "nan", "true", "[event]", "[[event]]", "[event.state]", "[topic]", "a.b.c",
    "[[event.sources]]", "id = ", "state = {}", "answers = []", "2020-01-01", "2020-01-01T00:00:00Z",
]  # fmt: skip
DATES = [
    "2020", "2020-06", "2020-06-25", "2014?", "2016~", "2016%", "201X", "20XX", "2004-XX", "1985-04-XX",
    "1985-XX-XX", "2020-21", "2020-24", "2019-09-16/2019-09-27", "2003/..", "../2003", "/2003", "2003/",
    "../..", "[2019-07..2019-10]", "[..2021]", "[2015..]", "[2015,2017]", "[..]", "0001", "9999",
    "9999-12-31", "9999-24", "0001-01-01/9999-12-31", "2020?/2021~", "[9999..]", "999X", "000X", "0000",
    "2021/2020", "2020-02-30", "",
]  # fmt: skip
STRING = re.compile(r'("(?:[^"\\\n]|\\.)*")')
PROSE = re.compile(r'\b(?:title|summary|asks|dating|at|says|note|publisher) = ("[^"\\\n]+")')
DATE = re.compile(r'\bdate = ("[^"\n]*")')


@cache
def bases() -> Sequence[str]:
    """The small record, and pieces of the one of the bench: its tables with two events each."""
    text = BENCH.read_text("utf-8")
    blocks = split(text)
    tables = "".join(block.text for block in blocks if block.header[:1] != ("event",))
    events = [
        # What they answer is in other pieces.
        re.sub(r"(?m)^answers = .*\n", "", block.text)
        for block in blocks
        if block.header[:1] == ("event",)
    ]
    pieces = [tables + "".join(events[n : n + 2]) for n in range(0, len(events), 2)]
    return [*[SMALL.read_text("utf-8")] * 4 * len(pieces), *pieces]


def _characters(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    put = chance.choice(["", chr(chance.choice([chance.randrange(128), chance.randrange(0x3000)]))])
    return text[:start] + put + text[start + chance.choice([0, 0, 1, 2, 40]) :]


def _token(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + chance.choice(TOKENS) + text[start:]


def _rows(text: str, chance: random.Random) -> str:
    rows = text.split("\n")
    one, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    what = chance.randrange(3)
    if what == 0:
        del rows[one]
    elif what == 1:
        rows.insert(other, rows[one])
    else:
        rows[one], rows[other] = rows[other], rows[one]
    return "\n".join(rows)


def _blocks(text: str, chance: random.Random) -> str:
    parts = [block.text for block in split(text)] or [""]
    number = chance.randrange(len(parts))
    if chance.random() < 0.5:
        del parts[number]
    else:
        parts.append(parts[number])
    return "".join(parts)


def _replaced(
    text: str, chance: random.Random, pattern: re.Pattern[str], words: Sequence[str]
) -> str:
    """A text in which one string, that the pattern's group is, is another."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    start, end = chance.choice(found).span(1)
    new = chance.choice(words) if words else _unescaped(chance.choice(found)[1])
    # Escapes as TOML has them: no pairs of surrogates.
    escaped = re.sub(r"[^ !#-\[\]-~]", lambda char: f"\\U{ord(char[0]):08x}", new)
    return f'{text[:start]}"{escaped}"{text[end:]}'


def _unescaped(string: str) -> str:
    """What a string holds; what is between its quotes where an earlier change broke its escapes."""
    try:
        return str(json.loads(string, strict=False))
    except json.JSONDecodeError:
        return string[1:-1]


def _prose(text: str, chance: random.Random) -> str:
    return _replaced(text, chance, PROSE, TEXTS)


def _date(text: str, chance: random.Random) -> str:
    return _replaced(text, chance, DATE, DATES)


def _value(text: str, chance: random.Random) -> str:
    """Another string in the place of one: of the same file, or a word of the format."""
    words = chance.choice([DATES, TEXTS, KINDS, tuple(PERSPECTIVES), STATUSES, []])
    return _replaced(text, chance, STRING, words)


def _type(text: str, chance: random.Random) -> str:
    """A value of another type in the place of a string."""
    found = chance.choice(list(STRING.finditer(text)) or [re.match("", text)])
    assert found
    new = chance.choice(["1", "[]", "{}", f"[{found[0]}]", "nan", "2020-01-01", "true", "07:32:00"])
    return text[: found.start()] + new + text[found.end() :]


def _nested(text: str, chance: random.Random) -> str:
    """Brackets in brackets, or a key of many parts, on a line of its own."""
    rows, deep = text.split("\n"), chance.choice([10, 40, 200])
    dotted = ".".join(chance.choices("abc", k=deep))
    line = chance.choice([f"x = {'[' * deep}{']' * deep}", f"{dotted} = 1", f" [[{dotted}]]"])
    rows.insert(chance.randrange(len(rows) + 1), line)
    return "\n".join(rows)


def _repeated(text: str, chance: random.Random) -> str:
    """The same event many times, each with an id of its own."""
    events = [block for block in split(text) if block.header == ("event",)]
    if not events:
        return text
    event = chance.choice(events).text.rstrip("\n")
    copies = (
        re.sub(r'(?m)^id = "([^"\n]{0,50})[^"\n]*"', rf'id = "\1-{number}"', event)
        for number in range(chance.choice([20, 60]))
    )
    return text + "\n" + "\n\n".join(copies) + "\n"


def _widened(text: str, chance: random.Random) -> str:
    """A text as long as it may be, of one word or of letters that show little."""
    word = chance.choice(["a", "a ", "=", "[", "\u05d0 ", "e\u0301", "\u3164", "\ufe0f", "|"])
    return _replaced(text, chance, PROSE, [word * chance.choice([140, 280])])


_WAYS: Sequence[Callable[[str, random.Random], str]] = (
    *[_prose] * 9,
    *[_date] * 5,
    *[_value] * 3,
    _type,
    _characters,
    _token,
    _rows,
    _rows,
    _blocks,
    _nested,
    _repeated,
    _widened,
    _widened,
)


def mutate(text: str, seed: int) -> str:
    """A text with one or a few changes."""
    chance = random.Random(seed)
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        text = chance.choice(_WAYS)(text, chance)
    return text


def mutant(seed: int) -> bytes:
    """The mutant of a record that a seed stands for."""
    chance = random.Random(seed)
    data = mutate(chance.choice(bases()), seed).encode("utf-8", "surrogatepass")
    if chance.random() < 0.03:
        at = chance.randrange(len(data) + 1)
        data = data[:at] + bytes([chance.randrange(256)]) + data[at:]
    return data
