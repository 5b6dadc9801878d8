"""Inserting an event: at its place, in one piece, with every other byte as it was."""

import random
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import rtoml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kztimeline import KztError, PartialDate, loads
from kztimeline.edit import format as canonical
from kztimeline.edit import patch
from kztimeline.edit.insert import Added, Addition, add, propose_id
from kztimeline.query.diff import compare
from kztimeline.text.compare import changes
from kztimeline.toml import writing
from tests.conftest import BENCH, SMALL, environment
from tests.oracles.layouts import DATES, Made, records
from tests.test_fmt import HEAD, applied, event

NEW: dict[str, Any] = {
    "id": "new",
    "date": "2020",
    "title": "N",
    "kind": "law",
    "topics": ["a"],
    "summary": "S",
    "sources": [{"source": "s", "at": "1"}],
}
WRITTEN = (
    '[[event]]\nid = "new"\ndate = "2020"\ntitle = "N"\nkind = "law"\ntopics = ["a"]\nsummary = "S"\n'
    'sources = [\n  { source = "s", at = "1" },\n]\n'
)
SOURCE = {"title": "New", "date": "2022", "perspective": "ngo"}
SOURCE_WRITTEN = '[source.x]\ntitle = "New"\ndate = "2022"\nperspective = "ngo"\n'


# A text cut where the event belongs, and what comes there.
CUT = "✂"
PLACES = {
    "between two": (HEAD + event("a", "2019") + f"\n{CUT}" + event("b", "2021").lstrip(), WRITTEN + "\n"),
    "after equal ones": (HEAD + event("a", "2020") + f"\n{CUT}" + event("b", "2020-06").lstrip(), WRITTEN + "\n"),
    "before all": (HEAD + f"\n{CUT}" + event("b", "2021").lstrip(), WRITTEN + "\n"),
    "after all": (HEAD + event("a", "2019") + CUT, "\n" + WRITTEN),
    "no event": (HEAD + CUT, "\n" + WRITTEN),
    "no final newline": ((HEAD + event("a", "2019")).rstrip("\n") + CUT, "\n\n" + WRITTEN.rstrip("\n")),
    "blank lines at the end": (HEAD + event("a", "2019") + "\n\n" + CUT, WRITTEN),
    "tables after the events": (event("a", "2019") + f"\n{CUT}" + HEAD, WRITTEN + "\n"),
    "no blank lines": (HEAD + event("a", "2019") + CUT + event("b", "2021").lstrip(), "\n" + WRITTEN + "\n"),
    "above the comments of the next": (
        HEAD + event("a", "2019") + f"\n{CUT}# on b\n" + event("b", "2021").lstrip(), WRITTEN + "\n"
    ),
    "below the comments of the one before": (
        HEAD + event("a", "2019", more="# on a\n\n# set off\n") + f"\n{CUT}" + event("b", "2021").lstrip(),
        WRITTEN + "\n",
    ),
    "below the tables inside the one before": (
        HEAD + event("a", "2019", more="[event.state]\nm = '1'\n") + f"\n{CUT}" + event("b", "2021").lstrip(),
        WRITTEN + "\n",
    ),
    "not at header-like lines": (
        HEAD + event("a", "2019").replace('"S"', '"""\n[[event]]\nid = "no"\n"""') + f"\n{CUT}"
        + event("b", "2021").lstrip(),
        WRITTEN + "\n",
    ),
    "out of order: after the last that is no later": (
        HEAD + event("a", "2021") + event("b", "2019") + f"\n{CUT}" + event("c", "2022").lstrip(),
        WRITTEN + "\n",
    ),
    "below a directive": ("#:schema x\n" + CUT + event("b", "2021").lstrip() + HEAD, "\n" + WRITTEN + "\n"),
}  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(("text", "inserted"), PLACES.values(), ids=PLACES)
def test_place(text: str, inserted: str, mark: str, newline: str) -> None:
    text, inserted = (mark + text).replace("\n", newline), inserted.replace("\n", newline)
    before, after = text.split(CUT)
    done = added(before + after)
    assert done.text == before + inserted + after
    assert done.text.split("\n")[done.line("new") - 1].rstrip() == "[[event]]"
    assert done.text.split("\n")[done.line("new")].rstrip() == 'id = "new"'


SOURCES = {
    "after the last source": (
        HEAD + f"{CUT}\n" + event("b", "2021").lstrip(), "\n" + SOURCE_WRITTEN
    ),
    "above a heading of the events": (
        HEAD + f"# on t\n{CUT}\n# ---- events ----\n" + event("b", "2021"), "\n" + SOURCE_WRITTEN
    ),
    "no blank line": (
        HEAD + CUT + event("b", "2021").lstrip(), "\n" + SOURCE_WRITTEN + "\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "inserted"), SOURCES.values(), ids=SOURCES)
def test_place_of_a_new_source(text: str, inserted: str) -> None:
    before, after = text.split(CUT)
    done = added(
        before + after, {"x": SOURCE}, date="2021-06", sources=[{"source": "x", "at": "1"}]
    )
    assert done.text.startswith(before + inserted + after)


def test_source_and_event_at_one_place() -> None:
    text = '[topic]\na = "A"\n'
    cited = {"sources": [{"source": "x", "at": "1"}]}
    event = WRITTEN.replace('"s"', '"x"')
    assert added(text, {"x": SOURCE}, **cited).text == f"{text}\n{SOURCE_WRITTEN}\n{event}"


REFUSALS = {
    "broken file": (HEAD + "[", {}, "x.toml:20:2: "),
    "id taken": (HEAD + event("new"), {}, 'event: id "new" is already used by another event'),
    "bad id": (HEAD, {"id": "Bad"}, 'event: "Bad" must be 1 to 64 of a-z, 0-9 and hyphen'),
    "unknown topic": (HEAD, {"topics": ["c"]}, 'event: unknown topic "c" (known: a, b)'),
    "unknown key": (HEAD, {"titel": "x"}, 'event: unknown key "titel" (did you mean "title"?)'),
    "several": (HEAD, {"kind": "x", "title": 3}, "event: title must be a string, not a number; unknown kind"),
    "bad date": (HEAD, {"date": "2020-13"}, 'event: "2020-13": there is no month 13'),
    "unknown source": (HEAD, {"sources": [{"source": "x", "at": "1"}]}, 'unknown source "x"'),
    "answers itself": (HEAD + event("a"), {"answers": ["new"]}, 'unknown event "new"'),
    "not in UTF-8": (HEAD, {"title": "\udc80"}, "event: a character can't be written in UTF-8"),
    "no citation": (HEAD, {"sources": []}, "kzt check would find: "),
    "only a disputing citation": (
        HEAD, {"sources": [{"source": "s", "at": "1", "disputes": True}]}, "kzt check would find: "
    ),
    "misleading characters": (HEAD, {"title": "a\u202eb"}, "kzt check would find: "),
    "inline events": ("event = []\n" + HEAD, {}, "x.toml: can't be added to: "),
}  # fmt: skip


@pytest.mark.parametrize(("text", "values", "told"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(text: str, values: dict[str, Any], told: str) -> None:
    with pytest.raises(KztError) as caught:
        added(text, **values)
    assert told in str(caught.value.args[0])


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ({"s": SOURCE}, 'source "s" is already there'),
        ({"X": SOURCE}, 'source: "X" must be 1 to 64'),
        ({"x": SOURCE | {"perspective": "state"}}, 'source x: unknown perspective "state"'),
    ],
)
def test_refused_sources(sources: dict[str, Any], told: str) -> None:
    with pytest.raises(KztError) as caught:
        added(HEAD, sources)
    assert told in str(caught.value)


def test_what_check_warns_of_is_told_and_does_not_refuse() -> None:
    done = added(HEAD, {"x": SOURCE}, title=" N")
    assert [one.code for one in done.findings] == ["unused-source", "outer-space"]
    assert len(done.warnings) == 2
    assert (
        added(
            done.text, id="other", title="O", date="2019", sources=[{"source": "s", "at": "2"}]
        ).findings
        == ()
    )


def test_what_check_found_before_stays_and_does_not_refuse() -> None:
    # No citation, an unused source, events out of order.
    text = HEAD + event("b", "2021") + event("a", "2019")
    assert added(text).text


# --- properties --------------------------------------------------------------------------------

NEW_EVENTS = st.sampled_from([date.strip("\"'") for date in DATES]).map(
    lambda date: NEW | {"id": "new", "date": date, "sources": [{"source": "t", "at": "1"}]}
)


def one_insertion(old: str, new: str) -> bool:
    """Whether the new text is the old one with one stretch put in."""
    grown = len(new) - len(old)
    same = next((i for i in range(len(old)) if old[i] != new[i]), len(old))
    # The stretch may begin like what follows it, so it may lie further left.
    return any(old[at:] == new[at + grown :] for at in range(same, -1, -1))


@given(records(), NEW_EVENTS)
def test_an_event_is_added_and_nothing_else(made: Made, new: dict[str, Any]) -> None:
    done = add("x", made.text.encode(), Addition([new]))
    assert one_insertion(made.text, done.text)
    diff = compare(loads(made.text), loads(done.text))
    assert [event.id for event in diff.added] == ["new"]
    assert not any([diff.removed, diff.changed, diff.topics, diff.matters, diff.sources])
    assert [done.text.count(comment) for comment in made.comments] == [1] * len(made.comments)
    # Taking it out again, as a patch does, gives the old text.
    assert applied(made.text, done.edits) == done.text
    for key in "id", "date", "title", "kind", "topics", "summary", "sources":
        assert f"\n{key} = " in done.text


@given(records(), NEW_EVENTS, st.booleans())
@settings(max_examples=40)
def test_git_applies_the_patch_and_takes_it_back(
    made: Made, new: dict[str, Any], with_source: bool
) -> None:
    sources = {"x": SOURCE} if with_source else {}
    if with_source:
        new = new | {"sources": [{"source": "x", "at": "1"}], "date": "2019"}
    done = add("x", made.text.encode(), Addition([new], {"source": sources}))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "x"
        file.write_bytes(made.text.encode())
        text = patch.patch("x", done.old, done.edits)
        git_apply(Path(name), text)
        assert file.read_bytes() == done.data
        git_apply(Path(name), text, "--reverse")
        assert file.read_bytes() == made.text.encode()


def git_apply(folder: Path, text: str, *options: str) -> None:
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", *options, "-"],
        cwd=folder,
        env=environment({"GIT_CEILING_DIRECTORIES": str(folder.parent)}),
        input=text.encode(),
        check=True,
        capture_output=True,
    )


@given(st.integers(0, 2**32))
def test_what_was_added_is_canonical(seed: int) -> None:
    text = canonical.formatted("x", SMALL.read_bytes()).text
    dates = ["2004", "2011-07-12", "[..2021]", "2016~", "2020-06-25"]
    date = random.Random(seed).choice(dates)
    done = add("x", text.encode(), Addition([NEW | {
        "id": f"n-{seed}", "date": date, "topics": ["un"], "summary": "One.\n\nTwo.",
        "sources": [{"source": "daily-2021", "at": "1"}],
    }]))  # fmt: skip
    assert canonical.formatted("x", done.data).data == done.data


def test_a_larger_record_grows_by_one_hunk() -> None:
    data = BENCH.read_bytes()
    record = loads(data.decode())
    event = record.events[len(record.events) // 2]
    topics, source = list(event.topics), event.sources[0].source
    done = add("x", data, Addition([NEW | {
        "date": event.date.text, "topics": topics, "sources": [{"source": source, "at": "1"}]
    }]))  # fmt: skip
    assert len(list(patch.hunks(done.old, done.edits))) == 1


# --- patches -----------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["a\n", "b\n", "b\r\n", "\n", "c"]), max_size=30).map("".join)


@given(LINES, LINES)
@example("a", "a\n")
@example("", "a")
@settings(max_examples=60)
def test_any_difference_is_a_patch(old: str, new: str) -> None:
    assume(old != new and old and new)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "x"
        file.write_bytes(old.encode())
        git_apply(Path(name), patch.patch("x", old, differences(old, new)))
        assert file.read_bytes() == new.encode()


NAMES = [
    "plain",
    "with space",
    "é",
    'a"b',
    "tab\there",
    "back\\slash",
    "new\nline",
    "\x01",
    "日 本",
    "-x",
]


@pytest.mark.parametrize("name", NAMES)
def test_git_finds_the_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "folder of" / name
    file.parent.mkdir()
    file.write_text("a\n")
    path = file.relative_to(tmp_path).as_posix()
    git_apply(tmp_path, patch.patch(path, "a\n", differences("a\n", "a\nb\n")))
    assert file.read_text() == "a\nb\n"


def test_paths_begin_at_the_repository(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "events.toml"
    file.parent.mkdir()
    file.touch()
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    assert patch.path_of(file) == patch.path_of(link) == "events.toml"
    (tmp_path / ".git").mkdir()
    assert patch.path_of(file) == "events.toml", "an empty folder is no repository"
    (tmp_path / ".git" / "HEAD").touch()
    assert patch.path_of(file) == patch.path_of(link) == "sub/events.toml"
    (file.parent / ".git").write_text("gitdir: elsewhere")
    assert patch.path_of(file) == "events.toml"


def test_what_misleads_is_not_shown_as_it_is() -> None:
    assert patch.shown("+a\x9b31m\n \ufeff[topic]\r\n") == "+a\\u{9b}31m\n \ufeff[topic]\r\n"
    assert patch.shown("+a\ufeff\n+\r\r\n") == "+a\\u{feff}\n+\\u{d}\r\n"


# --- TOML --------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
@example("\x00\x1b\x7f\x85\x9b\u2028\u202e\ufeff\U000e0001\U0010ffff")
@example('"\\\t\r\n')
def test_strings_read_back_and_mislead_nobody(text: str) -> None:
    written = writing.value(text)
    assert rtoml.loads(f"x = {written}") == {"x": text}
    assert patch.shown(written) == written


@given(TEXTS)
@example('a\n"""\\\n  b\n')
@example("\n\n")
def test_paragraphs_read_back(text: str) -> None:
    text = text.replace("\r\n", "\n")
    for newline in ("\n", "\r\n"):
        found = rtoml.loads(f"x = {writing.paragraphs(text, newline)}")["x"]
        assert found.replace("\r\n", "\n") == text


@given(st.dictionaries(TEXTS, st.lists(TEXTS | st.booleans() | st.integers(-5, 5))))
def test_tables_read_back(table: dict[str, Any]) -> None:
    assert rtoml.loads(f"x = {writing.value(table)}") == {"x": table}


# --- ids ---------------------------------------------------------------------------------------

IDS = [
    ("2020", "Libel is decriminalised", "2020-libel-is-decriminalised"),
    ("2020-06-25", "The law: “On rallies” (No. 333)", "2020-the-law-on-rallies-no-333"),
    ("[..2021]", "A draft", "2021-a-draft"),
    ("2003/..", "A mandate", "2003-a-mandate"),
    ("[2019..2021]", "One of three years", "2019-one-of-three-years"),
    ("2020", "Women's and NGOs’ rights", "2020-womens-and-ngos-rights"),
    ("2020", "Łódź, Ærøskøbing, Straße, Kırşehir", "2020-lodz-aeroskobing-strase-kirsehir"),
    ("2020", "Закон о митингах", "2020-zakon-o-mitingakh"),
    ("2011", "Жаңаөзен оқиғасы", "2011-zhanaozen-okigasy"),
    ("2022", "Әділет, «Ұлт» және үкімет", "2022-adilet-ult-zhane-ukimet"),
    ("2020", "Объявление: съезд, ещё борьба, щедрый йод", "2020-obyavlenie-sezd-eshchyo-borba-shchedryy-yod"),
    ("2020", "аәбвгғдеёжзийкқлмнң оөпрстуұүфхһцчшщъыіьэюя", "2020-aabvggdeyozhziykklmnn"),
    ("2020", "оөпрстуұүфхһцчшщъыіьэюя", "2020-ooprstuuufkhhtschshshchyieyuya"),
    ("2020", "Cafe\u0301 Æsir", "2020-cafe-aesir"),
    ("2020", "日本", "2020-event"),
    ("2020", "", "2020-event"),
    ("2020", "Taken", "2020-taken-3"),
    ("2020", "Several words that are together too long for an identifier", "2020-several-words-that-are-together-too-long"),
    ("2020", "x" * 100, "2020"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "title", "proposed"), IDS)
def test_proposed_id(when: str, title: str, proposed: str) -> None:
    taken = {"2020-taken", "2020-taken-2"}
    assert propose_id(PartialDate.parse(when), title, taken) == proposed


@given(TEXTS)
def test_any_title_gives_an_id(title: str) -> None:
    import re

    proposed = propose_id(PartialDate.parse("2020"), title, ())
    assert re.fullmatch("[a-z0-9-]{1,64}", proposed)


def test_an_id_is_proposed_for_what_has_none() -> None:
    new = {key: value for key, value in NEW.items() if key != "id"}
    done = add("x", HEAD.encode(), Addition([new]))
    assert done.events[0].id == "2020-n"
    assert add("x", done.data, Addition([new])).events[0].id == "2020-n-2"


# --- helpers ---------------------------------------------------------------------------------


def differences(old: str, new: str) -> list[patch.Edit]:
    after = patch.lines(new)
    stretches = changes(patch.lines(old), after)
    return [patch.Edit(start, end, tuple(after[i:j])) for start, end, i, j in stretches]


def added(text: str, new_sources: dict[str, Any] | None = None, **values: Any) -> Added:
    return add("x.toml", text.encode(), Addition([NEW | values], {"source": new_sources or {}}))
