"""`kzt merge`: three versions of a record into one that holds the edits of both sides."""

import copy
import re
import tomllib
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kztimeline.edit.merge import merge
from kztimeline.record.reading import read
from kztimeline.record.writing import ORDER, table
from tests.conftest import CHECKOUT, SMALL, Repository, Run, environment

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
    assert not (done.conflicts or done.errors)
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
    events, word = values["event"], f"{side} {draw(st.integers(0, 2))}"
    one = draw(st.sampled_from(events))
    match draw(st.integers(0, 13)):
        case 0 | 1:
            one[draw(st.sampled_from(PROSE))] = word
        case 2:
            one["topics"] = draw(
                st.lists(st.sampled_from(list(values["topic"])), min_size=1, unique=True)
            )
        case 3:
            one.setdefault("state", {})[draw(st.sampled_from(list(values["matter"])))] = word
        case 4:
            one.setdefault("finding", {})[draw(st.sampled_from(list(values["matter"])))] = word
        case 5:
            draw(st.sampled_from(one["sources"]))[
                draw(st.sampled_from(["says", "at", "quote"]))
            ] = word
        case 6:
            place = draw(st.integers(0, len(one["sources"])))
            one["sources"].insert(place, {"source": "bureau-2011", "at": word})
        case 7:
            if len(one["sources"]) > 1:
                one["sources"].pop(draw(st.integers(0, len(one["sources"]) - 1)))
        case 8:
            new = {"id": f"2015-{side}", "date": "2015", "title": word, "kind": "law", "topics": ["un"],
                   "summary": word, "sources": [{"source": "bureau-2011", "at": word}]}  # fmt: skip
            events.insert(draw(st.integers(0, len(events))), new)
        case 9:
            events.remove(one)
            forget(events, one["id"], None)
        case 10 if not one["id"].endswith(side):
            forget(events, one["id"], f"{one['id']}-{side}")
            one["id"] = f"{one['id']}-{side}"
        case 11:
            events.insert(draw(st.integers(0, len(events) - 1)), events.pop(events.index(one)))
        case 12:
            draw(st.sampled_from([*values["source"].values(), *values["matter"].values()]))[
                "title"
            ] = word
        case _:
            kind = draw(st.sampled_from(["topic", "matter", "source"]))
            values[kind][f"new-{draw(st.sampled_from([side, 'both']))}"] = {
                "topic": word, "matter": {"title": word},
                "source": {"title": "T", "date": "2020", "perspective": "ngo", "note": word},
            }[kind]  # fmt: skip


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


def entities(text: str, names: Plain) -> Plain:
    """Each entity by its name, events by the id that they have in the base."""
    values = tomllib.loads(text)
    for raw in values.get("event", ()):
        if "answers" in raw:
            raw["answers"] = [names.get(answered, answered) for answered in raw["answers"]]
    found = {
        (kind, key): raw
        for kind in ("topic", "matter", "source")
        for key, raw in values[kind].items()
    }
    return found | {
        ("event", names.get(raw["id"], raw["id"])): raw for raw in values.get("event", ())
    }


def lost(base: Any, one: Any, other: Any, result: Any, key: str = "") -> bool:
    """Whether a result lacks what a side changed; the other side may have changed it, too."""
    if one == base or result == one:
        return False
    if other == one:
        return True
    if isinstance(one, dict) and isinstance(result, dict):
        old, others = (it if isinstance(it, dict) else {} for it in (base, other))
        keys = {*one, *result, *old}
        return any(lost(*(it.get(k, ABSENT) for it in (old, one, others, result)), k) for k in keys)
    if key == "sources":

        def by_name(it: Any) -> Plain:
            return {(c["source"], c["at"]): c for c in it} if isinstance(it, list) else {}

        old, new, kept = by_name(base), by_name(one), by_name(result)
        claims = {c.get("says") for c in result}
        return any(
            name not in kept and raw.get("says") not in claims
            for name, raw in new.items()
            if raw != old.get(name)
        ) or any(name in kept and kept[name] == raw for name, raw in old.items() if name not in new)
    if isinstance(one, list) and isinstance(result, list):
        old, new, kept = (set(it) if isinstance(it, list) else set() for it in (base, one, result))
        return bool(new - old - kept) or bool((old - new) & kept)
    return True


def resolved(text: str, take: int) -> str:
    return re.sub(r"(?ms)^<<<<<<< ours\n(.*?)^=======\n(.*?)^>>>>>>> theirs\n", rf"\{take}", text)


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
            assert not lost(*found), key
        if not done.conflicts:
            for key in {*before, *mine, *other, *result}:
                found = [it.get(key, ABSENT) for it in (before, other, mine, result)]
                assert not lost(*found), key
    if not (done.conflicts or done.errors):
        assert read(text).problems == ()
    if ours == base:
        assert text == theirs
    if theirs == base:
        assert text == ours
