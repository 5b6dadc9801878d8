"""The gate: nothing that a terminal obeys, or that hides, reaches a person raw."""

import json
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kztimeline.text import gate

CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

GATED = [
    ("a\x00b", r"a\u{0}b"),
    ("a\tb\nc\rd", r"a\u{9}b\u{a}c\u{d}d"),
    ("\x1b[31m", r"\u{1b}[31m"),
    ("\x1b]52;c;YQ==\x07", r"\u{1b}]52;c;YQ==\u{7}"),
    ("\x7f", r"\u{7f}"),
    ("\x85\x9b\x9d", r"\u{85}\u{9b}\u{9d}"),
    ("a\u00adb", r"a\u{ad}b"),
    ("\u061c\u180e\u200b\u200d\u200e", r"\u{61c}\u{180e}\u{200b}\u{200d}\u{200e}"),
    ("\u202a\u202e\u2060\u2066\u2069", r"\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}"),
    ("\ufeffa", r"\u{feff}a"),
    ("\ufff9\U000e0001\U000e0041", r"\u{fff9}\u{e0001}\u{e0041}"),
    ("\ud800\udfff", r"\u{d800}\u{dfff}"),
    ("\ue000\U000f0000\U0010fffd", r"\u{e000}\u{f0000}\u{10fffd}"),
    ("\u0378\ufffe\U0010ffff", r"\u{378}\u{fffe}\u{10ffff}"),
    ("a\u2028b\u2029c", r"a\u{2028}b\u{2029}c"),
    # Default_Ignorable_Code_Point, and blanks that count as letters
    ("Li\ufe00bel e\ufe0f", r"Li\u{fe00}bel e\u{fe0f}"),
    ("❤\ufe0f\ufe0f\u2800\ufe0f", "❤\ufe0f\\u{fe0f}\\u{2800}\\u{fe0f}"),
    ("\u034f\u115f\u1160\u3164\uffa0", r"\u{34f}\u{115f}\u{1160}\u{3164}\u{ffa0}"),
    ("\u17b4\u17b5\u180b\u180f", r"\u{17b4}\u{17b5}\u{180b}\u{180f}"),
    ("\U000e0100\U000e01ef\u2800", r"\u{e0100}\u{e01ef}\u{2800}"),
    ("a" + "\u0300" * 10, "a" + "\u0300" * 8 + r"\u{300}" * 2),
]
IGNORABLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
    "\U00013441\U00013442\U00013443"
)
PRINTABLE = [
    "",
    "Plain text, with “quotes”.",
    "Қазақстан 中文 مرحبا",
    "a\u0301 👍🏽 🇰🇿 ❤\ufe0f ⚠\ufe0e",
    "a" + "\u0300" * 8 + "b" + "\u0488" * 8,
    "a\u00a0b\u1680c\u2003d\u202fe\u205ff\u3000g",
    r"\u{1b}",
    "[/] :bomb: <b> ::error::",
    "\ufffd",
]


@pytest.mark.parametrize(("raw", "shown"), GATED, ids=ascii)
def test_line_shows_what_is_not_printed(raw: str, shown: str) -> None:
    assert gate.line(raw) == shown


@pytest.mark.parametrize("raw", PRINTABLE, ids=ascii)
def test_line_keeps_what_is_printed(raw: str) -> None:
    assert gate.line(raw) == raw


@pytest.mark.slow
def test_line_gates_exactly_the_categories_of_unicode_and_what_is_hidden() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        hidden = char in IGNORABLE or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        gated = hidden or unicodedata.category(char) in CATEGORIES
        assert gate.line(char) == (f"\\u{{{code:x}}}" if gated else char)


@given(st.text(st.characters()))
def test_line_is_clean_and_stays(raw: str) -> None:
    shown = gate.line(raw)
    assert CATEGORIES.isdisjoint(map(unicodedata.category, shown))
    assert gate.line(shown) == shown
    kept = [char for char in raw if unicodedata.category(char) not in CATEGORIES]
    assert len(kept) == len(raw) or len(shown) > len(raw)
    assert len(kept) < len(raw) or gate.visible(raw) != raw or shown == raw


@given(st.lists(st.lists(st.text(max_size=3), min_size=2, max_size=2), max_size=4))
@example([["a", "b"], ["c", "\x1b"]])
def test_cells_are_gated_as_lines(rows: list[list[str]]) -> None:
    gated = [[gate.line(cell) for cell in row] for row in rows]
    assert [list(row) for row in gate.cells(rows)] == gated


# --- CI ------------------------------------------------------------------------------------------

COMMANDS = [
    ("::error::a", r":\u{3a}error:\u{3a}a"),
    (" ::stop-commands::x", r" :\u{3a}stop-commands:\u{3a}x"),
    ("x ##[error]y", r"x #\u{23}[error]y"),
    (":::", r":\u{3a}:"),
    ("::::", r":\u{3a}:\u{3a}"),
    ("###[", r"##\u{23}["),
    ("a:b ##a #[", "a:b ##a #["),
]


@pytest.mark.parametrize(("raw", "shown"), COMMANDS)
def test_defuse_on_a_runner(raw: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert gate.defuse(raw) == shown
    assert gate.defuse(shown) == shown


@pytest.mark.parametrize(
    ("variable", "raw", "shown"),
    [
        ("TF_BUILD", "##vso[task.setvariable]a", r"#\u{23}vso[task.setvariable]a"),
        ("TF_BUILD", "x ##VSO[a] ##[group]b ::", r"x #\u{23}VSO[a] #\u{23}[group]b ::"),
        ("TEAMCITY_VERSION", "##teamcity[buildStop]", r"#\u{23}teamcity[buildStop]"),
        ("TEAMCITY_VERSION", "##vso[a]", "##vso[a]"),
    ],
)
def test_defuse_on_other_runners(
    variable: str, raw: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv(variable, "true")
    assert gate.defuse(raw) == gate.defuse(shown) == shown
    assert json.loads(gate.json_text(json.dumps([raw]))) == [raw]
    assert gate.defuse(gate.json_text(json.dumps([raw]))) == gate.json_text(json.dumps([raw]))


@pytest.mark.parametrize("raw", [raw for raw, _ in COMMANDS])
def test_defuse_elsewhere(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert gate.defuse(raw) == raw


# --- JSON ----------------------------------------------------------------------------------------


@given(st.text(st.characters()))
@example("\U000e0041\ud800")
@example("\\\x7f\u2028::##[")
def test_json_text_reads_back_and_is_clean(raw: str) -> None:
    value = {raw: [raw, {"a": raw}]}
    shown = gate.json_text(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(shown) == value
    assert CATEGORIES.isdisjoint(map(unicodedata.category, shown.replace("\n", "")))
    assert shown.count("\n") == 7


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\u202e", r'"\u202e"'),
        ("\x9b", r'"\u009b"'),
        ("\U000e0041", r'"\udb40\udc41"'),
        ("\ud800", r'"\ud800"'),
        ("Қ\u00a0👍", '"Қ\u00a0👍"'),
        ("a\nb", r'"a\nb"'),
    ],
    ids=ascii,
)
def test_json_text(raw: str, shown: str) -> None:
    assert gate.json_text(json.dumps(raw, ensure_ascii=False)) == shown


@pytest.mark.parametrize(
    "raw", ["::error::", ":::", "::::", "##[a", "###[", "\\::", '"::', "\\##["]
)
def test_json_text_on_a_runner(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown = gate.json_text(json.dumps([raw], ensure_ascii=False))
    assert json.loads(shown) == [raw]
    assert "::" not in shown
    assert "##[" not in shown


# --- words ---------------------------------------------------------------------------------------

TOPICS = ["assembly", "expression", "elections", "internet"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("assembley", "assembly"),
        ("ASSEMBLY", "assembly"),
        ("expresion", "expression"),
        ("election", "elections"),
        ("Inter", "internet"),
        # What begins one, if it is no slip; of several the shortest.
        ("exp", "expression"),
        ("ass", "assembly"),
        ("ex", ""),
        ("zzz", ""),
        ("", ""),
        ("assembly" * 11, ""),
    ],
)
def test_nearest(word: str, near: str) -> None:
    assert gate.nearest(word, TOPICS) == near
    assert gate.nearest(word, []) == ""


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("assembley", TOPICS, 'did you mean "assembly"?'),
        ("zzz", ["b", "a"], "known: a, b"),
        ("zzz", [], ""),
        ("zzz", [f"topic-{n}" for n in range(20)], None),
        ("zzz", [f"topic-{n}" for n in range(21)], ""),
    ],
)
def test_suggest(word: str, known: list[str], hint: str | None) -> None:
    wanted = f"known: {', '.join(sorted(known))}" if hint is None else hint
    assert gate.suggest(word, known) == wanted


@pytest.mark.parametrize(
    ("count", "noun", "told"),
    [
        (0, "event", "0 events"),
        (1, "event", "1 event"),
        (2, "entry", "2 entries"),
        (1, "entry", "1 entry"),
        (3, "day", "3 days"),
        (12345, "more change", "12,345 more changes"),
    ],
)
def test_plural(count: int, noun: str, told: str) -> None:
    assert gate.plural(count, noun) == told


@pytest.mark.parametrize("length", [0, 79, 80])
def test_shorten_keeps_what_is_short(length: int) -> None:
    assert gate.shorten("é" * length) == "é" * length


@pytest.mark.parametrize("length", [81, 10_000_000])
def test_shorten_cuts_what_is_long(length: int) -> None:
    assert gate.shorten("é" * length) == "é" * 79 + "…"


@pytest.mark.parametrize(
    "text",
    ["", " \u3000", "\u3164", "\u2800\u2800", "\u200b\xad", "\ufe0f", "\x1b\u115f \u180b"],
    ids=ascii,
)
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert gate.is_blank(text)
    assert not gate.is_blank(f"{text}a")
    assert gate.visible(f"a{text}b").split() in (["ab"], ["a", "b"])


@pytest.mark.parametrize("text", ["a", "\u0301", "।", "\ue000", "한", "–"], ids=ascii)
def test_what_shows_something_is_not_blank(text: str) -> None:
    assert not gate.is_blank(text)
