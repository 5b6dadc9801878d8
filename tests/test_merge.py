"""`kzt merge`: three versions of a record into one that holds the edits of both sides."""

import copy
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kztimeline.edit.merge import merge
from kztimeline.record.reading import read
from kztimeline.record.writing import ORDER, table
from tests.conftest import SMALL, Repository, Run

BASE = SMALL.read_text("utf-8")
NAMES = ("BASE", "OURS", "THEIRS")

Edit = tuple[str, str]
"""A piece of the base, and what stands in its place."""


def edited(*edits: Edit, text: str = BASE) -> str:
    for old, new in edits:
        assert text.count(old) == 1, f"{text.count(old)} of {old}"
        text = text.replace(old, new)
    return text


def event(identity: str, date: str = "2015", title: str = "", at: str = "", more: str = "") -> str:
    return (
        f'[[event]]\nid = "{identity}"\ndate = "{date}"\ntitle = "{title or identity}"\nkind = "law"\n'
        f'topics = ["assembly"]\nsummary = "In our words."\n{more}'
        f'sources = [{{ source = "ministry-2021", at = "{at or identity}" }}]\n'
    )


def source(slug: str, title: str = "A paper", more: str = "") -> str:
    return f'[source.{slug}]\ntitle = "{title}"\ndate = "2021"\nperspective = "ngo"\n{more}'


RALLY = next(part for part in BASE.split("\n\n") if "2014-rally" in part) + "\n"
TALKS = next(part for part in BASE.split("\n\n") if "2018-talks" in part) + "\n"
LIBEL = next(part for part in BASE.split("\n\n") if "2020-libel" in part) + "\n"
DAILY = next(part for part in BASE.split("\n\n") if "[source.daily-2021]" in part) + "\n"


def before(part: str, new: str) -> Edit:
    return part, f"{new}\n{part}"


def gone(part: str) -> Edit:
    return f"{part}\n", ""


def merged(ours: str, theirs: str, base: str = BASE) -> Any:
    return merge(NAMES, [text.encode() for text in (base, ours, theirs)])


# --- the table of cases: what is merged ----------------------------------------------------------

RALLY_TITLE = ('"A rally is dispersed"', '"A rally was dispersed"')
RALLY_AT = ('at = "third paragraph"', 'at = "paragraph 3"')
RALLY_TOPICS = 'title = "A rally is dispersed"\nkind = "incident"\ntopics = ["assembly"]'
PAIR = '"last paragraph" }]'
ASKED = 'topics = ["assembly", "expression"]'
LAW_STATE = 'state = { assembly-procedure = "Notification five days ahead" }'
LAW_SAYS = 'says = "The law followed from talks"'
LAW_DISPUTES = 'says = "Protesters are still prosecuted"'
LAW_FIRST = (
    '  { source = "ministry-2021", at = "section 2", says = "The law followed from talks" },\n'
)
LAW_LAST = 'perspective = "ngo", disputes = true },\n'
NEW_CITATION = '  { source = "bureau-2011", at = "%s" },\n'


class Row(NamedTuple):
    ours: tuple[Edit, ...]
    theirs: tuple[Edit, ...]
    expected: tuple[Edit, ...] | None = None
    """None: the edits of both."""


MERGED = {
    "different keys of an event": Row((RALLY_TITLE,), (RALLY_AT,)),
    "different keys of a source": Row(
        (('publisher = "The Daily"', 'publisher = "Daily"'),),
        (('date = "[2021-02..2021]"', 'date = "2021-02"'),),
    ),
    "different keys of a matter": Row(
        (('title = "Libel"\n', 'title = "Defamation"\n'),),
        (('topics = ["expression"]\n\n[matter.cov', 'topics = ["un"]\n\n[matter.cov'),),
    ),
    "different topics": Row(
        (('un = "UN treaties and bodies"', 'un = "UN"'),),
        (('assembly = "Peaceful assembly"', 'assembly = "Assembly"'),),
    ),
    "a new key of each side, in canonical order": Row(
        (('summary = "Police dispersed a rally."', 'summary = "Police dispersed a rally."\nasks = "Let them"'),),
        (('summary = "Police dispersed a rally."', 'status = "alleged"\nsummary = "Police dispersed a rally."\ndating = "By hearsay"'),),
        (('summary = "Police dispersed a rally."', 'status = "alleged"\nsummary = "Police dispersed a rally."\nasks = "Let them"\ndating = "By hearsay"'),),
    ),
    "a key removed, another changed": Row(
        (('note = "Undated; cites a resolution of February 2021."\n', ""),),
        (('publisher = "The Daily"', 'publisher = "Daily"'),),
    ),
    "the same change": Row((RALLY_TITLE,), (RALLY_TITLE,), (RALLY_TITLE,)),
    "states of two matters": Row(
        ((LAW_STATE, LAW_STATE.replace(" }", ', libel = "Lighter" }')),),
        ((LAW_STATE, LAW_STATE.replace("five", "six")),),
        ((LAW_STATE, LAW_STATE.replace(" }", ', libel = "Lighter" }').replace("five", "six")),),
    ),
    "findings of two matters": Row(
        ((PAIR, PAIR + '\nfinding = { libel = "A crime" }'),),
        ((PAIR, PAIR + '\nfinding = { covenant = "Ignored" }'),),
        ((PAIR, PAIR + '\nfinding = { libel = "A crime", covenant = "Ignored" }'),),
    ),
    "lists as sets, in ours' order": Row(
        ((ASKED, 'topics = ["expression", "assembly"]'),),
        ((ASKED, 'topics = ["assembly", "expression", "un"]'),),
        ((ASKED, 'topics = ["expression", "assembly", "un"]'),),
    ),
    "one removed from a list, one added": Row(
        ((ASKED, 'topics = ["expression"]'),),
        ((ASKED, 'topics = ["assembly", "expression", "un"]'),),
        ((ASKED, 'topics = ["expression", "un"]'),),
    ),
    "two citations": Row(((LAW_SAYS, 'says = "It followed"'),), ((LAW_DISPUTES, 'says = "Still prosecuted"'),)),
    "a citation's locator and what it says": Row(
        (('at = "section 2"', 'at = "section 2.1"'),), ((LAW_SAYS, 'says = "It followed"'),)
    ),
    "a citation added by each": Row(
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 7"),),
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 8"),),
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 7" + NEW_CITATION % "p. 8"),),
    ),
    "the same citation added by both": Row(
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 7"),),
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 7"),),
        ((LAW_LAST, LAW_LAST + NEW_CITATION % "p. 7"),),
    ),
    "a citation removed, another changed": Row(((LAW_FIRST, ""),), ((LAW_DISPUTES, 'says = "Still"'),)),
    "events added at the same place": Row(
        (before(TALKS, event("2015-a")),),
        (before(TALKS, event("2015-b")),),
        (before(TALKS, event("2015-a") + "\n" + event("2015-b")),),
    ),
    "events added at different places": Row(
        (before(TALKS, event("2016-a", "2016")),), (before(RALLY, event("2013-b", "2013")),)
    ),
    "an event added at the end by each": Row(
        ((PAIR, PAIR + "\n\n" + event("2023-a", "2023", more='status = "scheduled"\n').rstrip()),),
        ((PAIR, PAIR + "\n\n" + event("2022-b", "2022-12", more='status = "scheduled"\n').rstrip()),),
        ((PAIR, PAIR + "\n\n" + event("2022-b", "2022-12", more='status = "scheduled"\n')
          + "\n" + event("2023-a", "2023", more='status = "scheduled"\n').rstrip()),),
    ),
    "the same event added by both": Row(*[(before(TALKS, event("2015-a")),)] * 3),
    "a source, a topic and a matter added by each": Row(
        (
            ('\n[matter.assembly-procedure]', 'prison = "Prisons"\n\n[matter.assembly-procedure]'),
            before("[source.ministry-2021]\n", '[matter.cells]\ntitle = "Cells"\n'),
            before("[[event]]\nid = \"2005-draft\"\n", source("ours-2021")),
        ),
        (
            ('\n[matter.assembly-procedure]', 'health = "Health"\n\n[matter.assembly-procedure]'),
            before("[source.ministry-2021]\n", '[matter.care]\ntitle = "Care"\n'),
            before("[[event]]\nid = \"2005-draft\"\n", source("theirs-2021")),
        ),
        (
            ('\n[matter.assembly-procedure]', 'prison = "Prisons"\nhealth = "Health"\n\n[matter.assembly-procedure]'),
            before("[source.ministry-2021]\n", '[matter.cells]\ntitle = "Cells"\n\n[matter.care]\ntitle = "Care"\n'),
            before("[[event]]\nid = \"2005-draft\"\n", source("ours-2021") + "\n" + source("theirs-2021")),
        ),
    ),
    "a source added by both, each with a key of its own": Row(
        (before(DAILY, source("new", more='language = "ru"\n')),),
        (before(DAILY, source("new", more='url = "https://example.org/"\n')),),
        (before(DAILY, source("new", more='language = "ru"\nurl = "https://example.org/"\n')),),
    ),
    "deleted by one, untouched by the other": Row((gone(RALLY),), ((LAW_SAYS, 'says = "It followed"'),)),
    "deleted by both": Row(*[(gone(RALLY),)] * 3),
    "renamed by one, edited by the other": Row(
        (('id = "2014-rally"', 'id = "2014-valentine-rally"'),), (RALLY_TITLE,)
    ),
    "renamed by one, newly answered by the other": Row(
        (('id = "2011-briefing"', 'id = "2011-ngo-briefing"'),
         ('answers = ["2011-briefing"]\ndating', 'answers = ["2011-ngo-briefing"]\ndating'),
         ('answers = ["2011-briefing"]\nsources', 'answers = ["2011-ngo-briefing"]\nsources')),
        (before(TALKS, event("2015-a", more='answers = ["2011-briefing"]\n')),),
        (('id = "2011-briefing"', 'id = "2011-ngo-briefing"'),
         ('answers = ["2011-briefing"]\ndating', 'answers = ["2011-ngo-briefing"]\ndating'),
         ('answers = ["2011-briefing"]\nsources', 'answers = ["2011-ngo-briefing"]\nsources'),
         before(TALKS, event("2015-a", more='answers = ["2011-ngo-briefing"]\n'))),
    ),
    "the order changed by theirs, an event added by ours": Row(
        (before(TALKS, event("2015-a")),),
        ((f"{RALLY}\n{TALKS}", f"{TALKS}\n{RALLY}"),),
        ((f"{RALLY}\n{TALKS}", f"{TALKS}\n{RALLY}\n{event('2015-a')}"),),
    ),
    "the order changed by both": Row(
        ((f"{RALLY}\n{TALKS}", f"{TALKS}\n{RALLY}"),),
        ((f'{DAILY}', f"{DAILY}"), (f"{TALKS}\n", ""), before(LIBEL, TALKS)),
        ((f"{RALLY}\n{TALKS}", f"{TALKS}\n{RALLY}"),),
    ),
    "comments above, behind and set off": Row(
        (before(TALKS, "# Talks began here.\n"), (RALLY, "# By hearsay.\n" + RALLY)),
        ((LIBEL, LIBEL.replace('"law"', '"law"  # or a code')), ('[timeline]\n', '# A record.\n\n[timeline]\n')),
    ),
    "a comment and the value under it": Row(
        (('title = "A rally is dispersed"', '# as printed\ntitle = "A rally is dispersed"'),), (RALLY_TITLE,),
        (('title = "A rally is dispersed"', '# as printed\ntitle = "A rally was dispersed"'),),
    ),
    "the record's title": Row((('"Reforms in an example country"', '"Reforms"'),), (RALLY_TITLE,)),
}  # fmt: skip


@pytest.mark.parametrize("row", MERGED.values(), ids=MERGED)
def test_both_sides_edits_are_kept(row: Row) -> None:
    ours, theirs = edited(*row.ours), edited(*row.theirs)
    expected = edited(*row.ours, *row.theirs) if row.expected is None else edited(*row.expected)
    done = merged(ours, theirs)
    assert (*done.conflicts, *done.errors) == ()
    assert done.data.decode() == expected


# --- what clashes --------------------------------------------------------------------------------


def between(ours: str, theirs: str) -> str:
    return f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"


def rally(*edits: Edit) -> str:
    return edited(*edits, text=RALLY)


class Clash(NamedTuple):
    ours: tuple[Edit, ...]
    theirs: tuple[Edit, ...]
    expected: tuple[Edit, ...]
    named: str


OTHER_TITLE = ('"A rally is dispersed"', '"The rally is dispersed"')
CLASHES = {
    "one value": Clash(
        (RALLY_TITLE,), (OTHER_TITLE,),
        ((RALLY, between(rally(RALLY_TITLE), rally(OTHER_TITLE))),),
        "event 2014-rally: title",
    ),
    "one value; what else was changed is on both sides of it": Clash(
        (RALLY_TITLE, RALLY_AT), (OTHER_TITLE, ("Police dispersed a rally", "The police did it")),
        ((RALLY, between(rally(RALLY_TITLE, RALLY_AT, ("Police dispersed a rally", "The police did it")),
                         rally(OTHER_TITLE, RALLY_AT, ("Police dispersed a rally", "The police did it")))),),
        "event 2014-rally: title",
    ),
    "one topic": Clash(
        (('un = "UN treaties and bodies"', 'un = "UN"'),),
        (('un = "UN treaties and bodies"', 'un = "United Nations"'),),
        (('un = "UN treaties and bodies"\n', between('un = "UN"\n', 'un = "United Nations"\n')),),
        "topic un: changed differently by both",
    ),
    "the state of one matter": Clash(
        ((LAW_STATE, LAW_STATE.replace("five", "four")),), ((LAW_STATE, LAW_STATE.replace("five", "six")),),
        (), "event 2020-assembly-law: state of assembly-procedure",
    ),
    "what one citation says": Clash(
        ((LAW_SAYS, 'says = "A"'),), ((LAW_SAYS, 'says = "B"'),),
        (), "event 2020-assembly-law: citation of ministry-2021: says",
    ),
    "a citation edited by one, removed by the other": Clash(
        ((LAW_FIRST, ""),), ((LAW_SAYS, 'says = "B"'),),
        (), "event 2020-assembly-law: citation of ministry-2021, which one side removed",
    ),
    "an id added by both": Clash(
        (before(TALKS, event("2015-a")),), (before(TALKS, event("2015-a", title="Other")),),
        (before(TALKS, between(event("2015-a"), event("2015-a", title="Other"))),),
        "event 2015-a: added differently by both",
    ),
    "a source added by both, with two titles": Clash(
        (before(DAILY, source("new", "One")),), (before(DAILY, source("new", "Other")),),
        (before(DAILY, between(source("new", "One"), source("new", "Other"))),),
        "source new: title",
    ),
    "deleted by theirs, edited by ours": Clash(
        (RALLY_TITLE,), (gone(RALLY),), ((RALLY, between(rally(RALLY_TITLE), "")),),
        "event 2014-rally: edited by us, deleted by them",
    ),
    "deleted by ours, edited by theirs": Clash(
        (gone(RALLY),), (RALLY_TITLE,), ((RALLY, between("", rally(RALLY_TITLE))),),
        "event 2014-rally: deleted by us, edited by them",
    ),
    "renamed to two ids": Clash(
        (('id = "2014-rally"', 'id = "2014-a"'),), (('id = "2014-rally"', 'id = "2014-b"'),),
        ((RALLY, between(rally(("2014-rally", "2014-a")), rally(("2014-rally", "2014-b")))),),
        "event 2014-a: id",
    ),
    "a comment": Clash(
        (before(TALKS, "# One.\n"),), (before(TALKS, "# Other.\n"),),
        ((TALKS, between(f"# One.\n\n{TALKS}", f"# Other.\n\n{TALKS}")),),
        "event 2018-talks: a comment",
    ),
    "a comment on a deleted event": Clash(
        (gone(RALLY),), ((RALLY, f"# By hearsay.\n{RALLY}"),),
        ((RALLY, between("", f"# By hearsay.\n{RALLY}")),),
        "event 2014-rally: deleted by us, edited by them",
    ),
    "a comment directly above": Clash(
        ((RALLY, f"# One.\n{RALLY}"),), ((RALLY, f"# Other.\n{RALLY}"),),
        ((RALLY, between(f"# One.\n{RALLY}", f"# Other.\n{RALLY}")),),
        "event 2014-rally: a comment",
    ),
    "a topic removed, and newly used": Clash(
        (('expression = "Freedom of expression"\n', ""), ('topics = ["expression"]\n\n[', 'topics = ["un"]\n\n['),
         (ASKED, 'topics = ["assembly"]'),
         ('title = "Libel is no longer a crime"\nkind = "law"\ntopics = ["expression"]',
          'title = "Libel is no longer a crime"\nkind = "law"\ntopics = ["un"]')),
        (('title = "Talks on assembly"\nkind = "dialogue"\ntopics = ["assembly"]',
          'title = "Talks on assembly"\nkind = "dialogue"\ntopics = ["assembly", "expression"]'),),
        (), 'event 2018-talks: unknown topic "expression"',
    ),
    "an answer to what is deleted": Clash(
        (gone(RALLY),), (before(TALKS, event("2015-a", more='answers = ["2014-rally"]\n')),),
        (gone(RALLY), before(TALKS, between("", event("2015-a", more='answers = ["2014-rally"]\n')))),
        'event 2015-a: unknown event "2014-rally"',
    ),
    "met whole by one, in part by the other": Clash(
        ((TALKS, TALKS.replace("sources", 'answers = ["2011-briefing"]\nsources')),),
        ((TALKS, TALKS.replace("sources", 'answers-in-part = ["2011-briefing"]\nsources')),),
        ((TALKS, between(TALKS.replace("sources", 'answers = ["2011-briefing"]\nsources'),
                         TALKS.replace("sources", 'answers-in-part = ["2011-briefing"]\nsources'))),),
        "event 2018-talks: met whole by one, in part by the other",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", CLASHES.values(), ids=CLASHES)
def test_what_clashes_stands_between_marks_and_is_named(row: Clash) -> None:
    done = merged(edited(*row.ours), edited(*row.theirs))
    text = done.data.decode()
    assert [
        f"{conflict.name}: {conflict.what}".partition(" (")[0] for conflict in done.conflicts
    ] == [row.named]
    assert text.split("\n")[done.conflicts[0].line - 1] == "<<<<<<< ours"
    assert text.count("<<<<<<< ours\n") == text.count(">>>>>>> theirs\n") == 1
    if row.expected:
        assert text == edited(*row.expected)


# --- what neither side had -------------------------------------------------------------------------

STATE = ('sources = [{ source = "ministry-2021", at = "section 1" }]',
         'state = { libel = "%s" }\nsources = [{ source = "ministry-2021", at = "section 1" }]')  # fmt: skip


def test_errors_of_the_union_alone_are_named() -> None:
    """One side says what the talks set, the other what they found: an event can't have both."""
    set_, found = STATE[1] % "A crime", (STATE[1] % "A crime").replace("state", "finding", 1)
    done = merged(edited((STATE[0], set_)), edited((STATE[0], found)))
    assert not done.conflicts
    assert [error.partition(":")[0] for error in done.errors] == ["event 2018-talks"]


def test_errors_that_a_side_had_are_not_told_again() -> None:
    late = before(TALKS, event("2023-a", "2023"))
    done = merged(edited(late), edited(RALLY_TITLE))
    assert (*done.conflicts, *done.errors) == ()


def test_one_event_under_two_ids_is_merged_and_told() -> None:
    ours, theirs = (
        edited(before(TALKS, event(name, title="A march", at=name)))
        for name in ("2015-a", "2015-b")
    )
    done = merged(ours, theirs)
    assert (*done.conflicts, *done.errors) == ()
    assert [warning for warning in done.warnings if "2015-a" in warning and "2015-b" in warning]


# --- line ends, byte order mark ----------------------------------------------------------------

CRLF = {"lf": lambda text: text, "crlf": lambda text: text.replace("\n", "\r\n")}


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
@pytest.mark.parametrize("our_end", CRLF.values(), ids=CRLF)
@pytest.mark.parametrize("their_end", CRLF.values(), ids=CRLF)
def test_line_ends_and_byte_order_mark_are_ours(our_end: Any, their_end: Any, mark: str) -> None:
    theirs, other = their_end(edited(RALLY_AT)), "" if mark else "\ufeff"
    done = merged(mark + our_end(edited(RALLY_TITLE)), other + theirs, other + their_end(BASE))
    assert done.data.decode() == mark + our_end(edited(RALLY_TITLE, RALLY_AT))


def test_a_file_without_a_line_end_at_its_end_stays_one() -> None:
    ours = edited(RALLY_TITLE).rstrip("\n")
    theirs = BASE + "\n" + event("2023-b", "2023", more='status = "scheduled"\n')
    done = merged(ours, theirs)
    assert done.data.decode() == edited(RALLY_TITLE, text=theirs).rstrip("\n")


LAYOUTS = {
    "sources in one table": (
        f"\n{DAILY}", '\n[source]\ndaily-2021 = { title = "A law", date = "2021-02", perspective = "media" }\n'
    ),
    "a header of its own above the matters": ("[matter.libel]\n", "[matter]\n\n[matter.libel]\n"),
    "tables inside an event": ('sources = [{ source = "daily-2021", at = "third paragraph" }]',
                               '\n[[event.sources]]\nsource = "daily-2021"\nat = "third paragraph"'),
    "dotted keys": ('state = { libel = "A crime" }', 'state.libel = "A crime"'),
    "a comment in a list": ("sources = [\n", "sources = [\n  # both sides\n"),
    "what looks like a comment ends a text": ('summary = "A review is planned."', 'summary = """\n# 1 is planned."""'),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_other_layouts_keep_every_byte(layout: Edit) -> None:
    base = edited(layout)
    # What each changes is elsewhere, or beside.
    ours = edited(('un = "UN treaties and bodies"', 'un = "UN"'), gone(LIBEL), text=base)
    theirs = edited(
        ('"The Covenant is ratified"', '"Ratified"'), before(TALKS, event("2015-a")), text=base
    )
    expected = edited(gone(LIBEL), ('un = "UN treaties and bodies"', 'un = "UN"'), text=theirs)
    assert merged(ours, theirs, base).data.decode() == expected


# --- the command -------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("base", BASE), ("ours", edited(RALLY_TITLE)), ("theirs", edited(RALLY_AT))):
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


FILES = ("base.toml", "ours.toml", "theirs.toml")


def test_ours_is_written(kzt: Run, files: Path) -> None:
    done = kzt("merge", *FILES)
    assert (done.code, done.out, done.err) == (0, "merged ours.toml\n", "")
    assert (files / "ours.toml").read_text() == edited(RALLY_TITLE, RALLY_AT)
    assert [(files / name).read_text() for name in ("base.toml", "theirs.toml")] == [
        BASE,
        edited(RALLY_AT),
    ]


def test_conflicts_are_named_with_their_lines_and_exit_1(kzt: Run, files: Path) -> None:
    (files / "theirs.toml").write_text(edited(OTHER_TITLE, RALLY_AT))
    done = kzt("merge", *FILES, "9", "law/events.toml")
    line = BASE.count("\n", 0, BASE.index(RALLY)) + 1
    assert (done.code, done.out) == (1, "merged law/events.toml, but for 1 place to fix\n")
    assert done.err == f"law/events.toml:{line}: conflict in event 2014-rally: title\n"
    text = (files / "ours.toml").read_text()
    assert text.split("\n")[line - 1] == "<<<<<<<<< ours"
    shown = kzt("check", "ours.toml").out
    assert f"ours.toml:{line}:1: " in shown.replace("error: ", "")
    assert (
        "unresolved merge conflict: <<<<<<<<< is git's mark where our side begins; kzt merge"
        in shown
    )


STRANGER = '[topic]\na = "A"\n\n[matter.m]\ntitle = "M"\ntopics = ["a"]\n'
BAD = {
    "BASE is no TOML": ({"base": "[topic\n"}, (), "base.toml:1:"),
    "BASE has git's marks": ({"base": "<<<<<<< ours\n" + BASE}, (), "base.toml:1:1: an unresolved merge conflict"),
    "OURS has git's marks": ({"ours": "<<<<<<< ours\n" + BASE}, (), "ours.toml:1:1: an unresolved merge conflict"),
    "THEIRS is not a record": ({"theirs": '[topics]\na = "A"\n'}, (), 'theirs.toml:1:2: unknown key "topics"'),
    "THEIRS is binary": ({"theirs": "PK\x00\x03"}, (), "theirs.toml:1:"),
    "THEIRS is another record": ({"theirs": STRANGER}, (), "not versions of one record: THEIRS has nothing of what BASE has"),
    "OURS is another record": ({"ours": STRANGER}, (), "not versions of one record: OURS has nothing of what BASE has"),
    "THEIRS is empty": ({"theirs": ""}, (), "not versions of one record: THEIRS"),
    "OURS and THEIRS are one file": ({}, ("base.toml", "ours.toml", "./ours.toml"), "ours.toml: is OURS and THEIRS"),
    "a file that isn't there": ({}, ("none.toml", "ours.toml", "theirs.toml"), "none.toml: no such file"),
    "a directory": ({}, ("base.toml", "ours.toml", "."), ".: is a directory"),
    "standard input": ({}, ("base.toml", "-", "theirs.toml"), "standard input can't be edited"),
    "two files": ({}, ("base.toml", "ours.toml"), "kzt merge: takes BASE, OURS and THEIRS"),
    "six arguments": ({}, (*FILES, "7", "x", "y"), "kzt merge: takes BASE, OURS and THEIRS"),
    "--file beside them": ({}, (*FILES, "--file", "x"), "kzt merge: takes BASE, OURS and THEIRS"),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "arguments", "said"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_line_and_nothing_is_written(
    texts: dict[str, str], arguments: tuple[str, ...], said: str, kzt: Run, files: Path
) -> None:
    for name, text in texts.items():
        (files / f"{name}.toml").write_text(text)
    old = {path: path.read_bytes() for path in files.iterdir()}
    done = kzt("merge", *(arguments or FILES))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said), done.err
    assert done.err.count("\n") == 1 or "more" in done.err
    assert {path: path.read_bytes() for path in files.iterdir()} == old


def test_two_equal_sides_leave_ours_as_it_is(kzt: Run, files: Path) -> None:
    (files / "theirs.toml").write_text(edited(RALLY_TITLE))
    assert kzt("merge", *FILES).code == 0
    assert (files / "ours.toml").read_text() == edited(RALLY_TITLE)


def test_without_a_base_both_files_are_additions(kzt: Run, files: Path) -> None:
    (files / "base.toml").write_text("")
    (files / "ours.toml").write_text(edited(before(TALKS, event("2015-a"))))
    (files / "theirs.toml").write_text(edited(before(RALLY, event("2013-b", "2013"))))
    assert kzt("merge", *FILES).code == 0
    expected = edited(before(TALKS, event("2015-a")), before(RALLY, event("2013-b", "2013")))
    assert (files / "ours.toml").read_text() == expected


# --- git ---------------------------------------------------------------------------------------------

OURS = (RALLY_TITLE, before(TALKS, event("2015-a")), before(DAILY, source("a-2021")))
THEIRS = (RALLY_AT, before(TALKS, event("2015-b")), before(DAILY, source("b-2021")))


def branches(repository: Repository, ours: str, theirs: str) -> None:
    """Two branches, of which `my-event` is checked out."""
    repository.commit(BASE)
    repository.git("switch", "--quiet", "--create", "my-event")
    repository.commit(ours)
    repository.git("switch", "--quiet", "main")
    repository.commit(theirs)
    repository.git("switch", "--quiet", "my-event")


def drive(repository: Repository) -> None:
    """Make `kzt merge` git's merge driver."""
    (repository.folder / ".git/info/attributes").write_text("*.toml merge=kzt\n")
    driver = f"{shlex.quote(sys.executable)} -m kztimeline merge %O %A %B %L %P"
    repository.git("config", "merge.kzt.driver", driver)


def content(repository: Repository) -> str:
    return (repository.folder / "events.toml").read_text("utf-8")


def conflicting(repository: Repository, *options: str) -> str:
    """What git says of a merge that fails."""
    with pytest.raises(subprocess.CalledProcessError) as error:
        repository.git(*options, "merge", "main")
    return f"{error.value.stdout.decode()}{error.value.stderr.decode()}"


def test_as_merge_driver_no_conflict_is_left(repository: Repository) -> None:
    branches(repository, edited(*OURS), edited(*THEIRS))
    drive(repository)
    repository.git("merge", "main")
    assert kept_by_both(content(repository))


def kept_by_both(text: str) -> bool:
    ids = {raw["id"] for raw in tomllib.loads(text)["event"]}
    return {"2015-a", "2015-b"} <= ids and all(
        new in text for new in (RALLY_TITLE[1], RALLY_AT[1], "[source.a-2021]", "[source.b-2021]")
    )


def test_as_merge_driver_what_clashes_stays_in_conflict(repository: Repository) -> None:
    branches(repository, edited(*OURS), edited(*THEIRS, OTHER_TITLE))
    drive(repository)
    said = conflicting(repository)
    assert "conflict in event 2014-rally: title" in said
    assert "CONFLICT (content): Merge conflict in events.toml" in said
    assert content(repository).count("<<<<<<< ours\n") == 1
    assert repository.git("diff", "--name-only", "--diff-filter=U") == "events.toml"


def test_as_merge_driver_what_cant_be_read_is_merged_line_by_line(repository: Repository) -> None:
    """Else git would take OURS for the result, and the next commit would drop THEIRS."""
    branches(repository, edited(*OURS), edited(*THEIRS) + "[topic\n")
    drive(repository)
    said = conflicting(repository)
    assert "events.toml (THEIRS):" in said
    assert "events.toml: merged line by line instead" in said
    assert "<<<<<<< ours\n" in content(repository)
    assert "2015-b" in content(repository)


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_without_arguments_a_conflict_of_git_is_resolved(
    style: str, repository: Repository, kzt: Run
) -> None:
    branches(repository, edited(*OURS), edited(*THEIRS))
    conflicting(repository, "-c", f"merge.conflictStyle={style}")
    index = repository.git("ls-files", "--stage")
    done = kzt("merge", cwd=repository.folder)
    assert (done.code, done.out, done.err) == (0, "merged events.toml\n", "")
    assert kept_by_both(content(repository))
    assert read(content(repository)).problems == ()
    # Staging is the user's.
    assert repository.git("ls-files", "--stage") == index
    assert kzt("merge", cwd=repository.folder).code == 0


def test_a_conflict_that_is_left_is_named_again(repository: Repository, kzt: Run) -> None:
    branches(repository, edited(*OURS), edited(*THEIRS, OTHER_TITLE))
    conflicting(repository)
    first = kzt("merge", cwd=repository.folder)
    assert first.code == 1
    assert kzt("merge", cwd=repository.folder).err == first.err


def test_a_conflict_of_two_new_files_is_resolved(repository: Repository, kzt: Run) -> None:
    repository.commit("x", "other")
    repository.git("switch", "--quiet", "--create", "my-event")
    repository.commit(edited(*OURS))
    repository.git("switch", "--quiet", "main")
    repository.commit(edited(before(TALKS, event("2015-b"))))
    repository.git("switch", "--quiet", "my-event")
    conflicting(repository)
    assert kzt("merge", cwd=repository.folder).code == 1
    assert resolved(content(repository), 1).count("[[event]]") == BASE.count("[[event]]") + 2


def test_in_a_folder_of_the_repository(repository: Repository, kzt: Run) -> None:
    folder = repository.folder / "law"
    repository.commit(BASE, "law/events.toml")
    repository.git("switch", "--quiet", "--create", "my-event")
    repository.commit(edited(*OURS), "law/events.toml")
    repository.git("switch", "--quiet", "main")
    repository.commit(edited(*THEIRS), "law/events.toml")
    conflict = pytest.raises(subprocess.CalledProcessError)
    with conflict:
        repository.git("merge", "my-event")
    assert kzt("merge", cwd=folder).code == 0
    assert kept_by_both((folder / "events.toml").read_text())


def edit_by_hand(repository: Repository) -> None:
    path = repository.folder / "events.toml"
    path.write_text(path.read_text().replace("Ministries and NGOs met.", "By hand."))


def delete_theirs(repository: Repository) -> None:
    kept = [row for row in repository.git("ls-files", "-u").split("\n") if row.split()[2] != "3"]
    repository.git("rm", "--quiet", "--cached", "events.toml")
    command = ["git", "update-index", "--index-info"]
    rows = "".join(f"{row}\n" for row in kept).encode()
    subprocess.run(command, cwd=repository.folder, input=rows, check=True)


UNRESOLVABLE = {
    "not in conflict": (lambda repository: repository.git("merge", "--abort"), "events.toml: git has no conflict in it"),
    "edited by hand since": (edit_by_hand, "events.toml:109: was edited since git left it in conflict"),
    "deleted by one side": (delete_theirs, "events.toml: deleted by one side"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), UNRESOLVABLE.values(), ids=UNRESOLVABLE)
def test_what_cant_be_resolved_is_told(
    change: Any, said: str, repository: Repository, kzt: Run
) -> None:
    branches(repository, edited(*OURS), edited(*THEIRS))
    conflicting(repository)
    change(repository)
    old = content(repository)
    done = kzt("merge", cwd=repository.folder)
    assert (done.code, done.out) == (2, "")
    assert re.sub(r":\d+:", ":N:", done.err).startswith(re.sub(r":\d+:", ":N:", said)), done.err
    assert content(repository) == old


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--file", "base.toml"), "not in a git repository"),
        (("--file", "-"), "standard input has no revisions"),
        (("--file", "none.toml"), "none.toml: no such file"),
        ((), "the bundled record has no revisions"),
    ],
)
def test_without_a_repository_there_is_no_conflict(
    arguments: tuple[str, ...], said: str, kzt: Run, files: Path
) -> None:
    done = kzt("merge", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


# --- random edits ----------------------------------------------------------------------------------

Plain = dict[str, Any]
VALUES: Plain = tomllib.loads(BASE.replace("date = 2011-07-12", 'date = "2011-07-12"'))
PROSE = ("summary", "title", "asks", "dating")


def written(values: Plain) -> str:
    parts = [table("[timeline]", values["timeline"], ORDER["timeline"], "\n")]
    parts.append(table("[topic]", values["topic"], tuple(values["topic"]), "\n"))
    for kind in ("matter", "source"):
        parts += [
            table(f"[{kind}.{key}]", raw, ORDER[kind], "\n") for key, raw in values[kind].items()
        ]
    parts += [table("[[event]]", raw, ORDER["event"], "\n") for raw in values["event"]]
    return "\n\n".join(parts) + "\n"


def edit_once(draw: st.DrawFn, values: Plain, side: str) -> None:
    """One of the edits that contributors make."""
    word = f"{side} {draw(st.integers(0, 2))}"
    draw(st.sampled_from([edit_event, edit_event, edit_citations, edit_events, edit_tables]))(
        draw, values, side, word
    )


def edit_event(draw: st.DrawFn, values: Plain, side: str, word: str) -> None:
    one, matter = (
        draw(st.sampled_from(values["event"])),
        draw(st.sampled_from(list(values["matter"]))),
    )
    match draw(st.integers(0, 3)):
        case 0:
            one[draw(st.sampled_from(PROSE))] = word
        case 1:
            one["topics"] = draw(
                st.lists(st.sampled_from(list(values["topic"])), min_size=1, unique=True)
            )
        case 2:
            one.setdefault("state", {})[matter] = word
        case 3:
            one.setdefault("finding", {})[matter] = word


def edit_citations(draw: st.DrawFn, values: Plain, side: str, word: str) -> None:
    cited = draw(st.sampled_from(values["event"]))["sources"]
    match draw(st.integers(0, 2)):
        case 0:
            draw(st.sampled_from(cited))[draw(st.sampled_from(["says", "at", "quote"]))] = word
        case 1:
            cited.insert(draw(st.integers(0, len(cited))), {"source": "bureau-2011", "at": word})
        case 2 if len(cited) > 1:
            cited.pop(draw(st.integers(0, len(cited) - 1)))


def edit_events(draw: st.DrawFn, values: Plain, side: str, word: str) -> None:
    events = values["event"]
    one = draw(st.sampled_from(events))
    match draw(st.integers(0, 3)):
        case 0:
            new = {"id": f"2015-{side}", "date": "2015", "title": word, "kind": "law", "topics": ["un"],
                   "summary": word, "sources": [{"source": "bureau-2011", "at": word}]}  # fmt: skip
            events.insert(draw(st.integers(0, len(events))), new)
        case 1:
            events.remove(one)
            forget(events, one["id"], None)
        case 2 if not one["id"].endswith(side):
            forget(events, one["id"], f"{one['id']}-{side}")
            one["id"] = f"{one['id']}-{side}"
        case 3:
            events.insert(draw(st.integers(0, len(events) - 1)), events.pop(events.index(one)))


def edit_tables(draw: st.DrawFn, values: Plain, side: str, word: str) -> None:
    if draw(st.booleans()):
        tables = [*values["source"].values(), *values["matter"].values()]
        draw(st.sampled_from(tables))["title"] = word
        return
    kind = draw(st.sampled_from(["topic", "matter", "source"]))
    values[kind][f"new-{draw(st.sampled_from([side, 'both']))}"] = {
        "topic": word,
        "matter": {"title": word},
        "source": {"title": "T", "date": "2020", "perspective": "ngo", "note": word},
    }[kind]


def forget(events: list[Plain], identity: str, new: str | None) -> None:
    for event in events:
        if identity in event.get("answers", ()):
            event["answers"] = [new if name == identity else name for name in event["answers"]]
            if new is None:
                del event["answers"]


@st.composite
def side(draw: st.DrawFn, name: str) -> str:
    values = copy.deepcopy(VALUES)
    for _ in range(draw(st.integers(1, 6))):
        edit_once(draw, values, name)
    return written(values)


ABSENT = "(absent)"


def renamed(text: str, side: str) -> Plain:
    """The ids that a side gave events whose title, and date, it left alone."""
    titles = {raw["title"]: raw["id"] for raw in VALUES["event"]}
    found = {raw["id"]: titles.get(raw["title"]) for raw in tomllib.loads(text)["event"]}
    return {new: old for new, old in found.items() if new == f"{old}-{side}"}


Entities = dict[tuple[str, str], Any]


def entities(text: str, names: Plain) -> Entities:
    """Each entity by its name; events by the ids that they have in the base."""
    values = tomllib.loads(text)
    found: Entities = {}
    for kind in ("topic", "matter", "source"):
        found |= {(kind, key): raw for key, raw in values[kind].items()}
    for raw in values.get("event", ()):
        if "answers" in raw:
            raw["answers"] = [names.get(answered, answered) for answered in raw["answers"]]
        found["event", names.get(raw["id"], raw["id"])] = raw
    return found


def is_lost(base: Any, one: Any, other: Any, result: Any, key: str = "") -> bool:
    """Whether a result lacks what a side changed; the other side may have changed it, too."""
    if one in (base, result):
        return False
    if other == one:
        return True
    if isinstance(one, dict) and isinstance(result, dict):
        old, others = (it if isinstance(it, dict) else {} for it in (base, other))
        parts = (
            [it.get(k, ABSENT) for it in (old, one, others, result)] + [k]
            for k in {*one, *result, *old}
        )
        return any(is_lost(*part) for part in parts)
    if isinstance(one, list) and isinstance(result, list):
        old_list = base if isinstance(base, list) else []
        if key == "sources":
            return is_citation_lost(old_list, one, result)
        new, kept, before = set(one), set(result), set(old_list)
        return not (new - before <= kept and not (before - new) & kept)
    return True


def is_citation_lost(base: list[Plain], one: list[Plain], result: list[Plain]) -> bool:
    """Whether one that a side added or edited isn't there, or one that it removed is."""
    old, new, kept = ({(c["source"], c["at"]): c for c in it} for it in (base, one, result))
    claims = {c.get("says") for c in result}
    changed = [(name, raw) for name, raw in new.items() if raw != old.get(name)]
    return any(name not in kept and raw.get("says") not in claims for name, raw in changed) or any(
        kept.get(name) == raw for name, raw in old.items() if name not in new
    )


def resolved(text: str, take: int) -> str:
    return re.sub(r"(?ms)^<<<<<<< ours\n(.*?)^=======\n(.*?)^>>>>>>> theirs\n", rf"\{take}", text)


@pytest.mark.slow
@settings(max_examples=300)
@given(ours=side("ours"), theirs=side("theirs"))
def test_random_edits_are_all_in_the_result_or_between_marks(ours: str, theirs: str) -> None:
    base = written(VALUES)
    assume(not any(read(text).problems for text in (ours, theirs)))
    done = merged(ours, theirs, base)
    text = done.data.decode()
    names = renamed(ours, "ours") | renamed(theirs, "theirs")
    versions = [entities(it, names) for it in (base, ours, theirs)]
    for number in (1, 2):
        result = entities(resolved(text, number), names)
        before, mine, other = versions[0], versions[number], versions[3 - number]
        # Taking one side of each conflict, all of that side's edits are there.
        for key in {*before, *mine, *other, *result}:
            found = [it.get(key, ABSENT) for it in (before, mine, other, result)]
            assert not is_lost(*found), key
        if not done.conflicts:
            for key in {*before, *mine, *other, *result}:
                found = [it.get(key, ABSENT) for it in (before, other, mine, result)]
                assert not is_lost(*found), key
    if not (done.conflicts or done.errors):
        assert read(text).problems == ()
    if ours == base:
        assert text == theirs
    if theirs == base:
        assert text == ours
