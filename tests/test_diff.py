"""Diffs by meaning: events, tables and matters, between versions and between dates."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query import wording
from kztimeline.query.diff import between, compare, ignoring, narrow
from kztimeline.query.filter import Filter
from kztimeline.query.state import state as what_stood
from kztimeline.renderers import changes
from kztimeline.renderers.layout import plain
from tests.conftest import NEW_LAW, SMALL, Run, golden
from tests.oracles.states import DAYS, EVENTS, record

TEXT = SMALL.read_text("utf-8")


def removed(identity: str) -> str:
    """The small record without one event, and without the references to it."""
    blocks = TEXT.split("\n[[event]]\n")
    text = "\n[[event]]\n".join(b for b in blocks if not b.startswith(f'id = "{identity}"'))
    return text.replace(f'answers = ["{identity}"]\n', "")


def moved(identity: str) -> str:
    """The small record with one event at the end."""
    head, *blocks = TEXT.split("\n[[event]]\n")
    blocks.sort(key=lambda block: block.startswith(f'id = "{identity}"'))
    return "\n[[event]]\n".join([head, *blocks])


def edited(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


# An edit, and how it is told in a sentence.
EDITS = {
    "nothing": (TEXT, "no change"),
    "layout alone": ("# a comment\n" + TEXT.replace(" = ", "  =  ").replace("[[event]]", "\n# x\n[[ event ]]"), "no change"),
    "order of events alone": (moved("2018-talks"), "no change"),
    "event added": (
        TEXT + NEW_LAW,
        "1 event added; Holding a public assembly stands differently from 2023-04",
    ),
    "event removed": (removed("2018-talks"), "1 event removed"),
    "setting event removed": (
        removed("2020-libel"),
        "1 event removed; Libel stands differently from 2020-06-25",
    ),
    "title changed": (edited("Talks on assembly", "Talks about assembly"), "1 event changed"),
    "state changed": (
        edited('libel = "A crime"', 'libel = "A misdemeanour"'),
        "1 event changed; Libel stands differently from 2011-07-12 until 2020-06-25",
    ),
    "date made less precise": (
        edited('"2020-06-25"', '"2020"'),
        "1 event changed; Libel stands differently from 2020 until the end of 2020",
    ),
    "date made more precise": (
        edited('date = "2006"', 'date = "2006-03"'),
        "1 event changed; The ICCPR stands differently from 2006 until the end of 2006",
    ),
    "status changed": (
        edited('status = "scheduled"\n', ""),
        "1 event changed; The ICCPR stands differently from [2022-07..2022-10]",
    ),
    "id renamed": (edited("2018-talks", "2018-dialogue"), "1 event changed"),
    "id renamed and summary changed": (
        edited("2018-talks", "2018-dialogue").replace("Ministries and NGOs met.", "They met."),
        "1 event changed",
    ),
    "id and title changed": (
        edited("2018-talks", "2018-dialogue").replace("Talks on", "Talks about"),
        "1 event added, 1 removed",
    ),
    "topic relabelled": (edited("UN treaties and bodies", "UN"), "1 topic edited"),
    "topic, matter and source added": (
        edited("[topic]", '[topic]\nland = "Land"').replace(
            "[matter.libel]", '[matter.land]\ntitle = "Land"\n\n[matter.libel]'
        )
        + '\n[source.new]\ntitle = "New"\ndate = "2024"\nperspective = "ngo"\n',
        "1 topic added, 1 matter added, 1 source added",
    ),
    "topic added, another edited": (
        edited('un = "UN treaties and bodies"', 'un = "UN"\nland = "Land"'),
        "1 topic added, 1 edited",
    ),
    "source and matter changed": (
        edited('publisher = "The Daily"', 'publisher = "Daily"').replace('"The ICCPR"', '"ICCPR"'),
        "1 matter edited, 1 source edited",
    ),
    "record renamed": (edited("an example country", "another country"), "1 title edited"),
    "two added, one changed": (
        edited("Talks on", "Talks about") + NEW_LAW + NEW_LAW.replace("2023", "2024"),
        "2 events added, 1 changed; Holding a public assembly stands differently from 2023-04",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), EDITS.values(), ids=EDITS)
def test_an_edit_in_a_sentence(text: str, told: str) -> None:
    diff = compare(loads(TEXT), loads(text))
    assert wording.headline(diff) == told
    assert bool(diff) == (told != "no change")


def test_renamed_only_if_one_candidate_is_left() -> None:
    twice = removed("2018-talks") + "".join(
        f'\n[[event]]\nid = "2018-{n}"\ndate = "2018-09-16/2018-09-27"\ntitle = "Talks on assembly"\n'
        'kind = "dialogue"\ntopics = []\nsummary = "x"\nsources = []\n'
        for n in "ab"
    )
    diff = compare(loads(TEXT), loads(twice))
    assert [event.id for event in diff.added] == ["2018-a", "2018-b"]
    assert [event.id for event in diff.removed] == ["2018-talks"]


def titled(*events: tuple[str, str, str]) -> Timeline:
    """A record of events by id, date and title."""
    return loads(
        "".join(
            f'[[event]]\nid = "{name}"\ndate = "{date}"\ntitle = "{title}"\nkind = "law"\n'
            'topics = []\nsummary = "x"\nsources = []\n'
            for name, date, title in events
        )
    )


# Events before and after, and old id → new id of those that were only renamed.
RENAMES = {
    "same title and date": ([("a", "2020", "A law")], [("b", "2020", "A law")], {"a": "b"}),
    "the date moved": ([("a", "2020", "A law")], [("b", "2021", "A law")], {"a": "b"}),
    "case and punctuation": (
        [("a", "2020", "«A law» is passed")], [("b", "2021", "A Law, is passed.")], {"a": "b"},
    ),
    "no letters": ([("a", "2020", "!!")], [("b", "2021", "??")], {}),
    "another title": ([("a", "2020", "A law")], [("b", "2020", "A decree")], {}),
    "two of a title, one by its date": (
        [("a", "2020", "Report"), ("b", "2021", "Report")],
        [("c", "2020", "Report"), ("d", "2022", "Report")],
        {"a": "c"},
    ),
    "another event that stays has the title": (
        [("a", "2020", "Report"), ("k", "2010", "Report")],
        [("b", "2021", "Report"), ("k", "2010", "Report")],
        {},
    ),
    "two new ones": (
        [("a", "2020", "Report")], [("b", "2021", "Report"), ("c", "2022", "Report")], {},
    ),
    "exchanged titles": (
        [("a", "2020", "A law"), ("b", "2021", "A code")],
        [("c", "2021", "A law"), ("d", "2020", "A code")],
        {"a": "c", "b": "d"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "pairs"), RENAMES.values(), ids=RENAMES)
def test_a_renamed_event_is_known_by_its_title(
    old: list[tuple[str, str, str]], new: list[tuple[str, str, str]], pairs: dict[str, str]
) -> None:
    diff = compare(titled(*old), titled(*new))
    renamed = {c.old.id: c.new.id for c in diff.changed if c.old.id != c.new.id}
    assert renamed == pairs
    gone = {event.id for event in diff.removed}
    assert gone == {row[0] for row in old} - {row[0] for row in new} - pairs.keys()
    back = compare(titled(*new), titled(*old))
    assert {c.new.id: c.old.id for c in back.changed if c.old.id != c.new.id} == pairs


# An edit, fields to ignore, and what is left of it.
IGNORED = {
    "one field": (edited("Talks on", "Talks about"), ["title"], "no change"),
    "another field": (edited("Talks on", "Talks about"), ["summary"], "1 event changed"),
    "one of two": (
        edited("Talks on", "Talks about").replace("Ministries and", "They and"),
        ["title"],
        "1 event changed",
    ),
    "both": (
        edited("Talks on", "Talks about").replace("Ministries and", "They and"),
        ["title", "summary"],
        "no change",
    ),
    "of a source": (edited('publisher = "The Daily"', 'publisher = "Daily"'), ["publisher"], "no change"),
    "of a matter and the record": (
        edited("an example country", "another").replace('"The ICCPR"', '"ICCPR"'), ["title"], "no change",
    ),
    "labels": (edited("UN treaties and bodies", "UN"), ["label"], "no change"),
    "a state with its effect": (edited('libel = "A crime"', 'libel = "None"'), ["state"], "no change"),
    "not what is added": (
        TEXT + NEW_LAW,
        ["title", "date"],
        "1 event added; Holding a public assembly stands differently from 2023-04",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fields", "told"), IGNORED.values(), ids=IGNORED)
def test_fields_can_be_ignored(text: str, fields: list[str], told: str) -> None:
    assert wording.headline(ignoring(compare(loads(TEXT), loads(text)), fields)) == told


def test_an_unknown_field_to_ignore_is_an_error(kzt: Run) -> None:
    done = kzt("diff", str(SMALL), str(SMALL), "--ignore", "titel")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith('unknown field "titel" (did you mean "title"?)')
    assert kzt("diff", str(SMALL), str(SMALL), "--ignore", "in-force", "--ignore", "url").code == 0


# A text before and after, and how its difference is told.
OUTSIDE = {
    "a comment": (TEXT, "# x\n" + TEXT, "no change; 1 comment added"),
    "a comment gone": ("# x\n" + TEXT, TEXT, "no change; 1 comment removed"),
    "a comment edited": (
        TEXT + "# x\n# y\n", TEXT + "# x\n# z\n", "no change; 1 comment added, 1 removed",
    ),
    "a comment moved": ("# x\n" + TEXT, TEXT + "# x\n", "no change; layout changed"),
    "a comment behind a value": (
        TEXT, edited('date = "2006"', 'date = "2006" # x'), "no change; 1 comment added",
    ),
    "no comment": (
        TEXT, edited("Ministries and", "# and"), "1 event changed",
    ),
    "no comment in a text of lines": (
        TEXT,
        edited('"Ministries and NGOs met."', '\"\"\"\n# Ministries and NGOs met.\"\"\"'),
        "1 event changed",
    ),
    "the directive": (
        "#:schema a.json\n" + TEXT, "#:schema b.json\n" + TEXT, "no change; #:schema line changed",
    ),
    "a new directive": (TEXT, "#:schema b.json\n" + TEXT, "no change; #:schema line changed"),
    "both, and an event": (
        TEXT,
        "#:schema b.json\n# x\n" + edited("Talks on", "Talks about"),
        "1 event changed; #:schema line changed; 1 comment added",
    ),
    "layout": (TEXT, TEXT.replace(" = ", "  = "), "no change; layout changed"),
    "line ends": (TEXT, TEXT.replace("\n", "\r\n"), "no change; layout changed"),
    "order": (TEXT, moved("2018-talks"), "no change; layout changed"),
    "nothing": (TEXT, TEXT, "no change"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_outside_the_values_is_told(old: str, new: str, told: str) -> None:
    diff = compare(loads(old), loads(new), (old, new))
    assert wording.headline(diff) == told
    assert bool(diff) == (not told.startswith("no change"))


def test_a_directive_is_shown(kzt: Run, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.toml").write_text(f"#:schema {name}.json\n{TEXT}", "utf-8")
    done = kzt("diff", "a.toml", "b.toml")
    assert done.out.splitlines()[1:] == [
        "no change; #:schema line changed",
        "",
        "~ directive",
        "    #:schema: #:schema a.json → #:schema b.json",
    ]
    assert "**Changed** the directive" in kzt("diff", "a.toml", "b.toml", "--format", "md").out


BEFORE_AND_AFTER = (
    edited("2018-talks", "2018-dialogue")
    .replace("Police dispersed a rally.", "Police dispersed a rally in the capital and fined many of those who were there.")
    .replace("UN treaties and bodies", "The United Nations")
    .replace('at = "section 3"', 'at = "section 3", says = "No longer a crime"')
    .replace('at = "page 3", says', 'at = "page 4", says')
    .replace('libel = "A crime"', 'libel = "A misdemeanour"')
    .replace('note = "Undated; cites', 'url = "https://example.org/daily"\nnote = "Undated; cites')
    .replace('[matter.covenant]', '[matter.land]\ntitle = "Land"\n\n[matter.covenant]')
    .replace(', disputes = true', '')
) + NEW_LAW  # fmt: skip


def test_whole_diff_of_versions() -> None:
    diff = compare(loads(TEXT), loads(BEFORE_AND_AFTER))
    golden("diff-versions.txt", plain(changes.diff(diff, "old", "new")))
    golden("diff-versions-back.txt", plain(changes.diff(compare(diff.new, diff.old), "new", "old")))


def test_a_filter_narrows_what_is_shown_of_the_whole() -> None:
    diff = compare(loads(TEXT), loads(BEFORE_AND_AFTER))

    def told(**wanted: frozenset[str]) -> str:
        return wording.headline(narrow(diff, Filter(**wanted)))  # type: ignore[arg-type]

    assert told(topic=frozenset({"expression"})) == (
        "2 events changed; Libel stands differently from 2011-07-12 until 2020-06-25"
    )
    assert told(kind=frozenset({"dialogue"})) == "1 event changed; " + (
        "Holding a public assembly stands differently from 2023-04; "
        "Libel stands differently from 2011-07-12 until 2020-06-25"
    )
    assert told(source=frozenset({"daily-2021"})).startswith("2 events changed, 1 source edited")


# --- effects -----------------------------------------------------------------------------------


@given(EVENTS, EVENTS)
def test_effects_are_where_states_differ(
    old: list[tuple[str, str, str]], new: list[tuple[str, str, str]]
) -> None:
    before, after = record(*old), record(*new)
    effects = compare(before, after).effects
    differs = [day for day in DAYS if _states(before, day) != _states(after, day)]
    assert bool(differs) <= bool(effects)
    for effect in effects:
        for step in effect.steps:
            assert step.old.states != step.new.states
        if effect.until is None:
            assert _states(before, date.max) != _states(after, date.max)


def _states(timeline: Timeline, day: date) -> frozenset[object]:
    return what_stood(timeline, day)[0].states


# --- dates -------------------------------------------------------------------------------------

# Two dates: the matters that stand differently, and the events between.
PERIODS = [
    ("2005", "2006", "covenant", "2006-covenant"),
    ("2006", "2010", "assembly-procedure", "2009-permits"),
    ("2010", "2019", "libel", "2011-briefing 2014-rally? 2018-talks"),
    ("2011-07-12", "2011-07-12", "", ""),
    ("2011-07-11", "2011-07-12", "libel", "2011-briefing"),
    ("2019", "2020-06", "assembly-procedure libel", "2020-assembly-law? 2020-libel"),
    ("2019", "2020", "assembly-procedure libel", "2020-assembly-law 2020-libel"),
    ("2020-07", "2021", "assembly-procedure", "2020-assembly-law?"),
    ("2021", "2022-08", "covenant", "2022-review?"),
]


@pytest.mark.parametrize(("old", "new", "matters", "ids"), PERIODS)
def test_dates(old: str, new: str, matters: str, ids: str, small: Timeline) -> None:
    diff = between(small, PartialDate.parse(old), PartialDate.parse(new), Filter())
    assert " ".join(change.matter for change in diff.matters) == matters
    found = [e.id + "?" * (e.id in diff.events.possible) for e in diff.events.events]
    assert " ".join(found) == ids


def test_whole_diff_of_dates(small: Timeline) -> None:
    diff = between(small, PartialDate.parse("2010"), PartialDate.parse("2020"), Filter())
    golden("diff-dates.txt", plain(changes.diff(diff, "2010", "2020")))


def test_what_changed_in_a_larger_record(bench: Timeline) -> None:
    old, new = PartialDate.parse("2011"), PartialDate.parse("2020")
    diff = between(bench, old, new, Filter())
    told = {
        change.matter: f"{wording.states(change.old)} → {wording.states(change.new)}"
        for change in diff.matters
    }
    procedure = "Advance permission required → Notification five days ahead"
    assert told["assembly-procedure"] == procedure
    assert told["libel"] == "A crime → Not a crime"
    golden("record-diff-2011-2020.txt", plain(changes.diff(diff, "2011", "2020")))


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("", "", [("", "")]),
        ("a b c", "a x c", [("a", "a"), ("b", "x"), ("c", "c")]),
        ("a b", "b a", [("a", ""), ("b", "b"), ("", "a")]),
        ("the law of the land", "the law of a land", [("the law of", "the law of"), ("the", "a"), ("land", "land")]),
        ("a b", "a b c", [("a b", "a b"), ("", "c")]),
        ("a b", "a\u00a0b", [("a b", "a(no-break space)b")]),
    ],
)  # fmt: skip
def test_words(old: str, new: str, pairs: list[tuple[str, str]]) -> None:
    assert list(wording.words(old, new)) == pairs


@given(
    st.lists(st.sampled_from("abcx"), max_size=12), st.lists(st.sampled_from("abcx"), max_size=12)
)
def test_words_of_both_sides_are_all_there(old: list[str], new: list[str]) -> None:
    pairs = list(wording.words(" ".join(old), " ".join(new)))
    assert " ".join(a for a, _ in pairs if a) == " ".join(old)
    assert " ".join(b for _, b in pairs if b) == " ".join(new)


class Word(str):
    """A word that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Word.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Words(str):
    """A text of such words."""

    def replace(self, *_: object) -> "Words":
        return self

    def split(self, *_: object) -> list[str]:
        return [Word(word) for word in str.split(self, " ")]


def test_words_that_repeat_cost_no_square() -> None:
    def work(count: int) -> int:
        Word.compared = 0
        old = " ".join(["a b"] * count)
        new = " ".join(f"u{n} a a a a a a a a" for n in range(count // 4))
        list(wording.words(Words(old), Words(new)))
        return Word.compared

    assert 0 < work(220) < 3 * work(110)
    assert work(220) < 10_000
