"""Malformed files, however large: each refused with place and cause, at once, in little memory."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from kztimeline import KztError
from kztimeline.files.place import read_file
from kztimeline.record.reading import read
from kztimeline.toml.parse import is_heavy
from tests.bench.records import toml
from tests.conftest import Result, environment
from tests.processes import run_all

MOST_SECONDS = 3
MOST_MEGABYTES = 300

HEAD = '[topic]\na = "A"\n[source.s]\ntitle = "S"\ndate = "2020"\nperspective = "ngo"\n'
EVENT = """
[[event]]
id = "e"
date = "2020"
title = "T"
kind = "law"
topics = ["a"]
summary = "S"
sources = [{ source = "s", at = "p" }]
"""


def event(**changed: str) -> str:
    """A record of one event, some of its lines as given."""
    rows = dict(row.split(" = ", 1) for row in EVENT.strip().splitlines()[1:])
    rows |= changed
    return "".join(
        [HEAD, "[[event]]\n", *(f"{key} = {value}\n" for key, value in rows.items() if value)]
    )


def many(last: str) -> str:
    """So many events that a text is huge, the last with another kind."""
    rest = EVENT.replace('"S"', f'"{"S" * 250}"').partition('"e"')[2]
    events = [f'\n[[event]]\nid = "e-{number}"{rest}' for number in range(50_000)]
    return "".join([HEAD, *events, event(kind=last).removeprefix(HEAD)])


def deep(row: str) -> str:
    """50,000 rows, each with 75 tables in each other."""
    parts = ".".join("abcdefghijklmnopqrstuvwxyz" * 3)[:149]
    return "".join(row.format(n=n, deep=parts) for n in range(50_000))


def dated(date: str) -> str:
    return event(date=date)


# Name → content → where and why. Texts are UTF-8; what ends the place and begins the cause is told.
EMPTY = "\n" + "[[event]]\n" * 149_000
KEYS = "[[event]]\n" + "".join(f"a{n}=1\n" for n in range(45))

TEXTS: dict[str, tuple[str, str]] = {
    # TOML itself
    "no value": ("[topic]\na =\n", "2:4: a value is missing"),
    "a million blanks": (f"[topic]\na ={' ' * 1_000_000}\n", "2:1000004: a value"),
    "4,000,000 lines": ("\n" * 4_000_000 + "x", "1:1: has 4,000,000 lines"),
    "no equals": ("[topic]\na 'x'\n", "2:3: missing `=`"),
    "no key": ("[topic]\n= 'x'\n", "2:1: "),
    "no quote": ('[topic]\na = "x\n', "2:7: missing closing quote"),
    "no opening quote": ("[topic]\na = x\n", "2:5: "),
    "no closing long quotes": ('[topic]\na = """x\n\n', "4:1: "),
    "no closing bracket": ("[topic\na = 'x'\n", "1:7: unclosed table"),
    "half a header": ("[event]]\n", "1:"),
    "no list end": ("x = [1, 2\n", "1:10: "),
    "no table end": ("x = {a = 1\n", "1:11: "),
    "two commas": ("x = [1,, 2]\n", "1:8: "),
    "a leading zero": ("x = 01\n", "1:5: "),
    "two points": ("x = 1..2\n", "1:"),
    "two signs": ("x = +-1\n", "1:"),
    "a bare underscore": ("x = _1\n", "1:5: "),
    "a key twice": ("[topic]\na = 'x'\na = 'y'\n", "3:1: duplicate key"),
    "a table twice": ("[topic]\n[topic]\n", "2:2: duplicate key"),
    "a table of a value": ("topic = 1\n[topic.a]\n", "2:"),
    "an array of a table": ("[source]\n[[source]]\n", "2:"),
    "a table added to an inline one": ("topic = {}\n[topic.a]\n", "2:"),
    "an array added to an inline one": ("event = []\n[[event]]\n", "2:"),
    "an unknown escape": ('[topic]\na = "\\q"\n', "2:6: "),
    "half an escape": ('[topic]\na = "\\u12"\n', "2:"),
    "a surrogate as an escape": ('[topic]\na = "\\ud800"\n', "2:"),
    "a surrogate as a long escape": ('[topic]\na = "\\U0000dfff"\n', "2:"),
    "an escape beyond Unicode": ('[topic]\na = "\\U00110000"\n', "2:"),
    "NUL": ("[topic]\na = '\0'\n", "2:6: "),
    "NUL in a comment": ("# \0\n", "1:3: "),
    "ESC": ("[topic]\na = '\x1b'\n", "2:6: "),
    "DEL": ("[topic]\na = '\x7f'\n", "2:6: "),
    "a bare CR": ("[topic]\ra = 'x'\n", "1:9: "),
    "a line break in a string": ('[topic]\na = "x\ny"\n', "2:7: "),
    "a merge conflict": ("[topic]\n<<<<<<< HEAD\na = 'x'\n=======\n", "2:1: an unresolved merge"),
    "a bare month": ("[timeline]\ntitle = 2020-05\n", "2:9: a month needs quotes"),
    "a bare season": ("[timeline]\ntitle = 2020-21-\n", "2:"),
    "no TOML but JSON": ('{"event": []}\n', "1:1: "),
    "no TOML but YAML": ("event:\n  - id: x\n", "1:"),
    "no TOML but HTML": ("<!DOCTYPE html>\n<html>\n", "1:"),
    "a BOM, then nonsense": ("\ufeff= 1\n", "1:1: "),
    "a BOM in between": ("[topic]\n\ufeffa = 'x'\n", "2:1: "),
    "a day that isn't": ("x = 2020-02-30\n", "1:5: "),
    "an hour that isn't": ("x = 2020-02-03T25:00:00\n", "1:"),
    "an offset that isn't": ("x = 2020-02-03T00:00:00+99:99\n", "1:"),
    # Numbers, nesting and bombs
    "an integer of 5,000 digits": (f"x = {'9' * 5_000}\n", "1:5: "),
    "a hex integer of 100,000 digits": (f"x = 0x{'f' * 100_000}\n", "1:5: "),
    "an octal integer of 100,000 digits": (f"x = 0o{'7' * 100_000}\n", "1:5: "),
    "a binary integer of 100,000 digits": (f"x = 0b{'1' * 100_000}\n", "1:5: "),
    "an exponent of 100,000 digits": (f"[timeline]\ntitle = 1e{'9' * 100_000}\n", "2:"),
    "a float of 100,000 digits": (f"[timeline]\ntitle = 1.{'9' * 100_000}\n", "2:"),
    "NaN": ("[timeline]\ntitle = nan\n", "2:9: title must be a string"),
    "infinity": ("[timeline]\ntitle = -inf\n", "2:9: title must be a string"),
    "5,000 lists in each other": (f"[topic]\nx = {'[' * 5_000}{']' * 5_000}\n", "2:"),
    "5,000 open lists": (f"[topic]\nx = {'[' * 5_000}\n", "2:"),
    "5,000 tables in each other": (f"x = {'{a = ' * 5_000}1{'}' * 5_000}\n", "1:"),
    "5,000 open braces": (f"x = {'{' * 5_000}\n", "1:"),
    "5,000 brackets of a header": (f"\n{'[' * 5_000}\n", "2:"),
    "mixed brackets": (f"x = {'[{a = ' * 2_500}\n", "1:"),
    "a dotted key of 100,000 parts": (f"[topic]\n{'a.' * 100_000}a = 1\n", "2:1: "),
    "a dotted header of 100,000 parts": (f"\n[{'a.' * 100_000}a]\n", "2:"),
    "a dotted key of 100,000 spaced parts": (f"{'a . ' * 50_000}a = 1\n", "1:"),
    "a dotted key of 100,000 quoted parts": ("\n" + "'a'.\"b\"." * 25_000 + "a = 1\n", "2:"),
    "a thousand dotted keys": (
        "".join(f"{'a.' * 60}k{n} = 1\n" for n in range(1_000)),
        '1:1: unknown key "a"',
    ),
    "a million quotes": ('"' * 1_000_000, "1:"),
    "a million backslashes": ('x = "' + "\\" * 1_000_001, "1:"),
    "a million hashes, then a mistake": (f"{'#' * 1_000_000}\n=\n", "2:1: "),
    "a line of a million characters": (f"x = {'1 ' * 500_000}", "1:"),
    "500,000 unclosed headers": ("[a\n" * 500_000, "1:1: has 499,999 tables"),
    "40,000 unclosed headers": ("[a\n" * 40_000, "1:3: unclosed table"),
    "a million unclosed strings": ("a = '\n" * 1_000_000, "1:1: has 1,000,000 keys"),
    "100,000 unclosed strings": ("a = '\n" * 100_000, "1:6: "),
    # What a record may hold
    "an unknown table": ("[timelime]\n", '1:2: unknown key "timelime"'),
    "a number for a table": ("topic = 7\n", "1:9: topic must be a table"),
    "a list for a table": ("topic = []\n", "1:9: topic must be a table"),
    "a table for the events": ("[event]\nid = 'x'\n", "1:1: event must be [[event]] tables"),
    "numbers for events": ("event = [1, 2]\n", "1:10: "),
    "mixed types in a list": (event(topics='["a", 1, true]'), "12:16: topic must be a string"),
    "a list of lists": (event(topics='[["a"]]'), "12:11: topic must be a string"),
    "a date for a title": (event(title="2020-01-01"), "10:9: title must be a string"),
    "a number for a flag": (
        event(sources='[{ source = "s", at = "p", disputes = 1 }]'),
        "14:49: disputes must be true or false",
    ),
    "an empty title": (event(title='""'), "10:9: title must not be empty"),
    "a blank title": (event(title='" \\t\\u3000"'), "10:9: title must not be empty"),
    "a title of fillers": (event(title='"\\u3164"'), "10:9: title must not be empty"),
    "no title": (event(title=""), '7:1: missing key "title"'),
    "a title of 301 characters": (event(title=f'"{"x" * 301}"'), "10:9: title has 301 characters"),
    "a title of 10 MB": (event(title=f'"{"x" * 10_000_000}"'), "10:9: title has 10,000,000 char"),
    "a summary of 10 MB": (
        event(summary=f'"{"é" * 5_000_000}"'),
        "13:11: summary has 5,000,000 characters",
    ),
    "an id of 1 MB": (event(id=f'"{"a" * 1_000_000}"'), '8:6: "aaaa'),
    "a slug of 65 characters": (f'[topic]\n{"a" * 65} = "x"\n', "2:1: "),
    "a Cyrillic id": (event(id='"2020-l\u0430w"'), "8:6: "),
    "an id with a line end": (event(id='"2020-law\\n"'), "8:6: "),
    "an id in capitals": (event(id='"2020-Law"'), "8:6: "),
    "an id twice": (event() + EVENT, '17:6: id "e" is already used'),
    "an unknown kind": (event(kind='"lwa"'), '11:8: unknown kind "lwa"'),
    "an unknown topic": (event(topics='["b"]'), '12:11: unknown topic "b"'),
    "a topic twice": (event(topics='["a", "a"]'), '12:16: topic "a" stands twice'),
    "101 topics": (event(topics=str(["a"] * 101)), "12:10: topics has 101 entries"),
    "100,000 topics": (
        event(topics=str(["a"] * 100_000)),
        "12:10: topics has 100,000 entries",
    ),
    "an unknown source": (
        event(sources='[{ source = "t", at = "p" }]'),
        '14:23: unknown source "t"',
    ),
    "an unknown answer": (event(answers='["f"]'), '15:12: unknown event "f"'),
    "an unknown matter": (event(state='{ m = "x" }'), '15:11: unknown matter "m"'),
    "a key of a bomb of references": (event(sources="[" + "{}," * 101 + "]"), "14:11: sources has"),
    # Dates
    "a year 0": (dated('"0000"'), '9:8: "0000": '),
    "30 February": (dated('"2020-02-30"'), '9:8: "2020-02-30": February 2020 has 29 days'),
    "a month 13": (dated('"2020-13"'), '9:8: "2020-13": '),
    "a month 0": (dated('"2020-00"'), '9:8: "2020-00": '),
    "Arabic digits": (dated('"٢٠٢٠"'), "9:8: "),
    "a date of 400 digits": (dated(f'"{"2" * 400}"'), "9:8: "),
    "a date of 1 MB": (dated(f'"{"2020/" * 200_000}"'), "9:8: "),
    "a set of 100,000 dates": (dated(f'"[{"2020," * 100_000}2021]"'), "9:8: "),
    "a time zone": (dated('"2020-01-01+99:99"'), "9:8: "),
    "a date with a time": (dated("2020-01-01T00:00:00Z"), "9:8: a date has no time of day"),
    "a time": (dated("07:32:00"), "9:8: date must be a date"),
    "a year as a number": (dated("2020"), '9:8: a date needs quotes: "2020"'),
    "a year as a number of 18 digits": (dated("9" * 18), "9:8: a date needs quotes"),
    "a reversed interval": (dated('"2021/2020"'), '9:8: "2021/2020": '),
    "a date with a line end": (dated('"2020\\n"'), "9:8: "),
    "a date with an escape sequence": (dated('"\\u001b[31m2020"'), "9:8: "),
    # Too much of it all
    "700,000 keys": ("[timeline]\n" + "key-of-17-letters = 1\n" * 700_000, "1:1: has 700,000 keys"),
    "250,000 unknown keys": (
        "[timeline]\n" + "".join(f"key-{n:032} = 1\n" for n in range(250_000)),
        '2:1: unknown key "key-0000',
    ),
    "250,000 unused topics": (
        "[topic]\n" + "".join(f"t-{n:020} = 'x'\n" for n in range(250_000)) + "b = 7\n",
        "1:1: b must be a string",
    ),
    "250,000 bad ids": ("".join(f"topic.K{n} = 'x'\n" for n in range(250_000)), '1:7: "K0" must'),
    "700,000 events": ('[[event]]\nid = "123456"\n' * 700_000, "1:1: has 699,999 tables"),
    "100,000 empty events": ("[[event]]\n" * 100_000, "1:1: missing key"),
    "100,000 sources": ("".join(f"[source.s{n}]\n" for n in range(100_000)), "1:1: missing key"),
    "700,000 entries": (f"event = [{'1, ' * 700_000}]\n", "1:10: "),
    "8,000,000 entries": (f"event = [{'1,' * 8_000_000}]\n", "1:1: has 8,000,000 commas"),
    "a wrong kind behind 50,000 events": (many('"lew"'), "450011:8: unknown kind"),
    "no kind behind 50,000 events": (many("law"), "450011:8: missing opening quote"),
    # What the parser builds of little
    "50,000 dotted keys": (deep("k{n}.{deep}=1\n"), "1:1: has 3,750,000 dots"),
    "50,000 dotted keys of quoted parts": (
        deep("'k{n}'.{deep}.\"a b\"=1\n"),
        "1:1: has 3,800,000 dots",
    ),
    "50,000 dotted headers": (deep("  [k{n}.{deep}]\n"), "1:1: has 3,750,000 dots"),
    "dotted keys behind quotes in comments": (
        "# it's\n# \"\"\"\n" + deep("k{n}.{deep}=1\n"),
        "1:1: has 3,750,000 dots",
    ),
    "dotted keys in a text that never ends": (
        '[a]\nx = """\n[b]\n' + deep("k{n}.{deep}=1\n"),
        "50004:1: invalid multi-line",
    ),
    "dotted keys in a text before a mistake": (
        '[a]\nx = """\n[b]\n' + deep("k{n}.{deep}=1\n") + '"""\n=\n',
        "50005:1: no key before",
    ),
    "2,999,000 indented headers": (" [[x]]\n" * 2_999_000, "1:1: has 2,998,999 tables"),
    "lists in lists": (f"x = [{('[' * 70 + ']' * 70 + ',') * 50_000}]\n", "1:1: has 3,500,001 br"),
    "tables in tables": (
        f"x = [{('{a=' * 30 + '1' + '}' * 30 + ',') * 50_000}]\n",
        "1:1: has 1,500,000 braces",
    ),
    "keys behind 149,000 empty events": (
        EMPTY + "[t]\n" + "".join(f"k{n}=1\n" for n in range(2_500_000)),
        "1:1: has 2,500,000 keys, more than a record of 149,000 events may have",
    ),
    "dotted keys behind 149,000 empty events": (
        EMPTY + "[t]\n" + deep("k{n}.{deep}=1\n"),
        "1:1: has 3,750,000 dots",
    ),
    "a list behind 149,000 empty events": (
        f"{EMPTY}z=[{'1,' * 9_000_000}]\n",
        "1:1: has 9,000,000 commas",
    ),
    "60,000 events of keys alone": (KEYS * 60_000, "1:1: missing key"),
    "60,000 events of keys before a table": (KEYS * 60_000 + "[t]\n", "1:1: missing key"),
    "60,000 events of keys behind one that is indented": (
        " [[event]]\n" + KEYS * 60_000,
        "1:1: has 2,700,000 keys, more than can be read at once: write the tables first",
    ),
    "events of keys before a mistake": (KEYS * 50_000 + "x", "2300001:2: key with no value"),
    "a long line before lines like headers": (
        f'[[event]]\nasks = "{"x" * 20_000_000}"\ndating = """\n' + "[[event]]\n" * 600,
        "604:1: invalid multi-line",
    ),
    "50,000 misspelt topics": (
        HEAD + "".join(f"[[event]]\ntopics = ['t{n}']\n" for n in range(50_000)),
        "7:1: missing key",
    ),
}  # fmt: skip

BYTES: dict[str, tuple[bytes, str]] = {
    "a byte that isn't UTF-8": (b"# \xff\n", "1:3: not UTF-8: byte 0xff at offset 2"),
    "Latin-1": ('[topic]\na = "Caf\u00e9"\n'.encode("latin-1"), "2:9: not UTF-8: byte 0xe9"),
    "UTF-16": ("\ufeff[topic]".encode("utf-16-le"), "1:1: is UTF-16; save the file as UTF-8"),
    "UTF-32": ("[topic]".encode("utf-32-be"), "1:4: key with no value"),
    "an encoded surrogate": (b"# \xed\xa0\x80\n", "1:3: not UTF-8: byte 0xed"),
    "an overlong slash": (b"# \xc0\xaf\n", "1:3: not UTF-8: byte 0xc0"),
    "beyond Unicode": (b"# \xf4\x90\x80\x80\n", "1:3: not UTF-8: byte 0xf4"),
    "the end of a character": (b"# \x80\n", "1:3: not UTF-8: byte 0x80"),
    "half a character": ("# €".encode()[:-1], "1:3: not UTF-8: byte 0xe2"),
    "a bad byte after 16 MB": (b"#\n" * (8 << 20) + b"\xff", "8388609:1: not UTF-8: byte 0xff"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "1:2: not UTF-8: byte 0x8b"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "1:1: not UTF-8: byte 0x89"),
}

CASES = {name: (text.encode(), told) for name, (text, told) in TEXTS.items()} | BYTES


def test_there_are_many() -> None:
    assert len(CASES) >= 80


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_at_once_with_place_and_cause(
    name: str, results: dict[tuple[str, ...], Result]
) -> None:
    refused, found = results["list", "--file", name], results["check", name]
    told = f"{name}:{CASES[name][1]}"
    assert (refused.code, refused.out) == (2, "")
    first, *more = refused.err.splitlines()
    assert first.startswith(told)
    assert len(first.removeprefix(told)) < 400
    assert len(more) <= 1
    assert (found.code, found.err) == (1, "")
    assert found.out.splitlines()[0] == first
    assert found.out.count("\n") <= 1_001
    for result in (refused, found):
        assert result.seconds < MOST_SECONDS
        assert result.megabytes < MOST_MEGABYTES


def test_what_a_large_record_has_is_not_too_much() -> None:
    text = toml(10_000)
    larger = text.replace("\n[[event]]", "\n#" + "-" * 200 + "\n[[event]]")
    assert read(larger).problems == ()


def test_nothing_is_counted_inside_texts() -> None:
    summary = f'"{"a=1, b.c.d = [{ x = 1 }] " * 180}"'
    row = EVENT.replace('"S"', summary)
    events = [row.replace('"e"', f'"e-{number}"') for number in range(250)]
    text = "".join([HEAD, *events, f"# {'a.b.c.=[{,' * 100_000}\n"])
    assert len(text) > 1_200_000
    assert is_heavy(text)
    assert read(text).problems == ()


# --- seen to fail ------------------------------------------------------------------------------

NAIVE = """
import sys, tomllib
name = sys.argv[1]
record = tomllib.loads(open(name).read())
problems = [f"{name}: unknown table {key}" for key in record if key not in ("topic", "event")]
problems += [f"{name}: {key} is unknown" for key in record.get("timeline", ()) if key != "title"]
for problem in problems:
    print(problem)
sys.exit(2 if problems else 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "5,000 lists in each other",
        "5,000 open lists",
        "a hex integer of 100,000 digits",
        "a dotted key of 100,000 parts",
        "an integer of 5,000 digits",
        "a title of 10 MB",
        "a byte that isn't UTF-8",
        "700,000 keys",
    ],
)
def test_a_naive_reader_fails(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(CASES[name][0])

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEGABYTES << 20, MOST_MEGABYTES << 20))

    done = subprocess.run(
        [sys.executable, "-c", NAIVE, "x"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        preexec_fn=limit,
        check=False,
    )
    told = f"x:{CASES[name][1]}".encode()
    assert done.returncode != 2 or not done.stdout.startswith(told)


# --- a file that may not be read ---------------------------------------------------------------


def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "events.toml"
    path.write_text(HEAD)
    path.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(12345)
    try:
        with pytest.raises(KztError, match=r"events\.toml: permission denied$"):
            read_file(path)
    finally:
        os.seteuid(me)


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Result]:
    """What `list` and `check` do with each, in a folder where nothing may change."""
    folder = tmp_path_factory.mktemp("malformed")
    for name, (data, _) in CASES.items():
        (folder / name).write_bytes(data)
    commands = [(*words, name) for name in CASES for words in (("list", "--file"), ("check",))]
    done = run_all(commands, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: data for name, (data, _) in CASES.items()
    }
    for path in folder.iterdir():
        path.unlink()
    return done
