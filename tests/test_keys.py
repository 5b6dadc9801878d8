"""Each key of the table is read, kept and shown: what forgets one is named here."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from kztimeline import PartialDate, Timeline, loads
from kztimeline.edit.format import reformat
from kztimeline.query.answers import gaps
from kztimeline.query.diff import between, compare
from kztimeline.query.filter import FIELDS, Criteria, Filter, select
from kztimeline.query.history import Commit, Entry
from kztimeline.query.lookup import by_name, names
from kztimeline.query.state import state
from kztimeline.query.stats import stats
from kztimeline.query.worklist import todo
from kztimeline.record.keys import CLASSES, KEYS
from kztimeline.record.model import PERSPECTIVES
from kztimeline.record.schema import descriptions
from kztimeline.renderers.terminal import Screen
from kztimeline.renderers.views import VIEWS, How, view

# A record in which every key has a value that stands nowhere else.
FULL = """
[timeline]
title = "titleoftimeline"

[topic]
topicname = "labeloftopic"

[matter.mattername]
title = "titleofmatter"
topics = ["topicname"]

[source.sourcename]
title = "titleofsource"
type = "legal_case"
number = "numberofsource"
authors = ["authorofsource"]
publisher = "publisherofsource"
date = "2017-07-17"
perspective = "expert"
language = "kk-Cyrl"
url = "https://urlofsource.example/"
archive = "https://archiveofsource.example/"
note = "noteofsource"

[[event]]
id = "idofask"
date = "2003-03-03"
title = "An ask"
kind = "statement"
topics = ["topicname"]
summary = "It asks."
asks = "asksofevent"
sources = [{ source = "sourcename", at = "page 1" }]

[[event]]
id = "idofother"
date = "2004-04-04"
title = "Another ask"
kind = "statement"
topics = ["topicname"]
summary = "It asks, too."
asks = "Another"
sources = [{ source = "sourcename", at = "page 1" }]

[[event]]
id = "idofevent"
date = "[2011-11-11..2012-12-12]"
title = "titleofevent"
kind = "court-decision"
topics = ["topicname"]
status = "alleged"
summary = "summaryofevent"
in-force = "2013-01-13"
state = { mattername = "stateofevent" }
answers = ["idofask"]
answers-in-part = ["idofother"]
dating = "datingofevent"
sources = [
  { source = "sourcename", at = "atofcitation", quote = "quoteofcitation", says = "saysofcitation", perspective = "igo" },
  { source = "sourcename", at = "page 3", disputes = true },
]

[[event]]
id = "idoffinder"
date = "2015"
title = "A finding"
kind = "report"
topics = ["topicname"]
summary = "It finds."
finding = { mattername = "findingofevent" }
sources = [{ source = "sourcename", at = "page 2" }]
"""

# What a key of the record shows as, in words and as the file writes it; in most places both do.
SHOWN: dict[str, tuple[str, ...]] = {
    "source.type": ("legal_case", "legal case"),
    "source.date": ("17 July 2017", "2017-07-17", "[2017,7,17]"),
    "source.perspective": ("expert",),
    "source.language": ("kk-Cyrl",),
    "event.date": ("between 11 November 2011 and 12 December 2012", "2011-11-11"),
    "event.kind": ("court-decision", "court decision"),
    "event.topics": ("topicname", "labeloftopic"),
    "event.status": ("alleged",),
    "event.in-force": ("13 January 2013", "2013-01-13"),
    "event.answers": ("idofask",),
    "event.answers-in-part": ("idofother",),
    "event.sources": ("sourcename", "titleofsource"),
    "citation.source": ("sourcename", "titleofsource"),
    "citation.perspective": ("igo", "Intergovernmental"),
    "citation.disputes": ("dispute", "disputing", "contested", "Disputes"),
    "matter.topics": ("topicname", "labeloftopic"),
}
EVERY = [f"{table}.{key.name}" for table, keys in KEYS.items() for key in keys]


def words_of(key: str) -> tuple[str, ...]:
    table, name = key.split(".")
    return SHOWN.get(key, (f"{name}of{table}", f"{name.rstrip('s')}of{table}"))


def exported(form: str) -> Callable[[Timeline], str]:
    return lambda record: str(view("export", form, select(record, Filter()), How("All")))


def everything_shown(record: Timeline, form: str) -> str:
    keys = [event.id for event in record.events]
    things = by_name(record, [*keys, *record.matters, *record.sources, *record.topics])
    return str(view("show", form, (record, things), How(screen=Screen(200))))


# What tells all of a record; of some formats what they leave out by their nature.
WHOLE: dict[str, tuple[Callable[[Timeline], str], set[str]]] = {
    "toml": (exported("toml"), set()),
    "json": (exported("json"), set()),
    "md": (exported("md"), {"matter.topics", "source.archive", "source.type"}),
    "html": (exported("html"), set()),
    "csv": (
        exported("csv"),
        {key for key in EVERY if key.startswith(("timeline", "matter", "source"))},
    ),
    "csl": (
        exported("csl"),
        {key for key in EVERY if not key.startswith("source")} | {"source.perspective"},
    ),
    "show": (lambda record: everything_shown(record, "plain"), {"timeline.title"}),
    "fmt": (lambda _: reformat(FULL), set()),
}


@pytest.mark.parametrize("place", WHOLE)
def test_no_place_forgets_a_key(place: str) -> None:
    tell, without = WHOLE[place]
    text = tell(loads(FULL)).replace("\n", " ").replace(" ", "").lower()
    forgotten = {
        key
        for key in set(EVERY) - without
        if not any(word.replace(" ", "").lower() in text for word in words_of(key))
    }
    assert forgotten == set()


@pytest.mark.parametrize("table", CLASSES)
def test_the_table_and_the_class_have_the_same_keys(table: str) -> None:
    rows, cls = KEYS[table], CLASSES[table]
    fields = [name for name in cls._fields if name not in ("position", "explicit")]
    defaults = cls._field_defaults
    assert {row.attribute for row in rows} == set(fields)
    for optional in (True, False):
        # Required ones stand first in the class, as Python has it; else the order is the table's.
        named = [row.attribute for row in rows if (row.attribute in defaults) == optional]
        assert named == [name for name in fields if (name in defaults) == optional] or not optional
    missing = {row.name for row in rows if not row.required and row.attribute not in defaults}
    assert missing == set()


def test_every_key_is_explained_to_editors() -> None:
    told = {path.replace("[]", "").rpartition(".")[2] for path in descriptions()}
    assert {key.split(".")[1] for key in EVERY} <= told


def test_every_filter_has_an_option_and_a_criterion() -> None:
    from kztimeline.cli.options import Filters

    assert set(FIELDS) <= set(Filters.options())
    assert set(FIELDS) <= set(Criteria._fields)
    assert tuple(FIELDS) == Filter._fields[: len(FIELDS)]


# --- views -------------------------------------------------------------------------------------


def answers(record: Timeline) -> Mapping[str, Any]:
    """An answer of each kind."""
    chosen = select(record, Filter())
    day = PartialDate.parse("2016")
    return {
        "list": chosen,
        "export": chosen,
        "show": (record, by_name(record, list(record.matters))),
        "names": names(record),
        "timeline": (chosen, "topic", Filter().window),
        "stats": (record, stats(chosen)),
        "diff": between(record, PartialDate.parse("2000"), day, Filter()),
        "state": (record, day, state(record, date(2016, 12, 31))),
        "gaps": (gaps(chosen), ()),
        "todo": (record, todo(record, date(2026, 1, 1))),
        "check": [],
        "log": ([Entry(COMMIT, compare(loads(""), record))], True),
    }


COMMIT = Commit("0" * 40, "2026-01-01T00:00:00Z", "Somebody", "Add events")
PAIRS = [(answer, form) for answer, forms in VIEWS.items() for form in forms]


@pytest.mark.parametrize(("answer", "form"), PAIRS, ids=[" ".join(pair) for pair in PAIRS])
def test_every_view_shows_its_answer(answer: str, form: str) -> None:
    found = answers(loads(FULL)).get(answer)
    if found is None:
        pytest.fail(f"{answer} has no example here")
    how = How("All", screen=Screen(80), names=("old", "new"))
    shown = view(answer, form, found, how)
    assert shown or answer == "check"


@pytest.mark.parametrize("form", ["table", "plain", "md", "json"])
def test_every_view_shows_a_diff_of_versions(form: str) -> None:
    found = compare(loads(""), loads(FULL))
    how = How(screen=Screen(80), names=("old", "new"))
    assert "idofevent" in str(view("diff", form, found, how))


def test_a_new_perspective_is_known_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSPECTIVES, "academic", "Universities")
    record = loads(FULL.replace('perspective = "igo"', 'perspective = "academic"'))
    for answer, form in PAIRS:
        found = answers(record)[answer]
        view(answer, form, found, How("All", screen=Screen(80), names=("old", "new")))
    assert "Universities" in everything_shown(record, "plain")
