"""JSON is the documented structure, and every text in it reads back as it was."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import rtoml
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query.diff import between, compare
from kztimeline.query.filter import Filter, select
from kztimeline.query.state import state
from kztimeline.renderers import json as rendered
from kztimeline.renderers.views import How
from tests.conftest import SMALL, Run, golden

# An edit of every sort: what is replaced by what, once each.
EDITS = [
    ('title = "Reforms in an example country"', 'title = "Reforms in a country"'),
    ('un = "UN treaties and bodies"', 'un = "The UN"\nmedia = "Media"'),
    ('title = "Libel"', 'title = "Libel and insult"'),
    ('note = "Undated; cites a resolution of February 2021."', 'url = "https://example.org/law"'),
    ('id = "2018-talks"', 'id = "2018-dialogue"'),
    ('state = { libel = "An administrative offence" }', 'state = { libel = "A tort" }'),
    ("Organisers notify the authorities five days ahead.", "Organisers notify them a week ahead."),
    ('at = "first paragraph", says = "Protesters are still prosecuted"', 'at = "end"'),
    ('answers = ["2011-briefing"]\ndating', "dating"),
    (
        '[[event]]\nid = "2014-rally"\ndate = "2014-02-15?"\ntitle = "A rally is dispersed"\n',
        '[[event]]\nid = "2015-rally"\ndate = "2015"\ntitle = "A rally is held"\n',
    ),
]


# --- events --------------------------------------------------------------------------------------


def test_a_document_is_the_file_with_bounds(small: Timeline) -> None:
    file = as_in_the_file()
    document = read(rendered.export(select(small, Filter()), How()))
    assert list(document) == ["timeline", "topics", "matters", "sources", "events"]
    for key, table in (("topics", "topic"), ("matters", "matter"), ("sources", "source")):
        assert document[key] == file[table]
    assert document["timeline"] == file["timeline"]
    for event in document["events"]:
        assert isinstance(event.pop("contested"), bool)
        assert event.keys() >= {"earliest", "latest"}
        del event["earliest"], event["latest"]
    by_id = {event["id"]: event for event in file["event"]}
    assert document["events"] == [by_id[event.id] for event in select(small, Filter()).events]


@pytest.mark.parametrize(
    ("key", "earliest", "latest", "contested"),
    [
        ("2005-draft", None, "2005-12-31", False),
        ("2006-covenant", "2006-01-01", "2006-12-31", False),
        ("2009-permits", "2009-01-01", None, False),
        ("2011-briefing", "2011-07-12", "2011-07-12", False),
        ("2014-rally", "2014-02-15", "2014-02-15", False),
        ("2018-talks", "2018-09-16", "2018-09-27", False),
        ("2020-assembly-law", "2020-01-01", "2020-12-31", True),
        ("2022-review", "2022-07-01", "2022-10-31", False),
    ],
)
def test_bounds(
    key: str, earliest: str | None, latest: str | None, contested: bool, small: Timeline
) -> None:
    found = next(event for event in small.events if event.id == key)
    shown = rendered.event(found)
    assert list(shown)[-3:] == ["earliest", "latest", "contested"]
    assert (shown["earliest"], shown["latest"], shown["contested"]) == (earliest, latest, contested)


def test_an_empty_record_has_every_key() -> None:
    document = read(rendered.export(select(loads(""), Filter()), How()))
    assert document == {"timeline": {}, "topics": {}, "matters": {}, "sources": {}, "events": []}


def test_required_keys_are_there_when_empty(small: Timeline) -> None:
    shown = rendered.event(small.events[0]._replace(topics=(), sources=()))
    assert (shown["topics"], shown["sources"]) == ([], [])
    assert {"state", "asks", "answers", "dating"}.isdisjoint(shown)


def test_list_and_export_are_the_same(kzt: Run) -> None:
    args = ["--file", str(SMALL), "--topic", "assembly", "--since", "2014"]
    listed, exported = kzt("list", "--format", "json", *args), kzt("export", "json", *args)
    assert listed.out == exported.out
    events = [event["id"] for event in read(listed.out)["events"]]
    assert events == ["2009-permits", "2014-rally", "2018-talks", "2020-assembly-law"]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("events.json", ["export", "json"]),
        ("shown.json", ["show", "2020-libel", "libel", "daily-2021", "--format", "json"]),
        ("state.json", ["state", "2020-06", "--format", "json"]),
        ("dates.json", ["diff", "2011", "2020", "--format", "json"]),
    ],
)
def test_whole_documents(name: str, args: list[str], kzt: Run) -> None:
    done = kzt(*args, "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden(name, done.out)


def test_whole_comparison_of_versions(small: Timeline) -> None:
    golden("versions.json", rendered.diff(compare(small, loads(edited())), "old", "new"))


def test_nothing_differs(small: Timeline) -> None:
    document = read(rendered.diff(compare(small, small), "old", "new"))
    assert (document.pop("old"), document.pop("new")) == ("old", "new")
    assert not any(document.values())


# --- hostile texts ---------------------------------------------------------------------------------

STRINGS = [
    "\x00", "\x1b]52;c;\x07", "\x7f", "\x9b", "\u202e", "\u200b", "\ufeff", "\U000e0041", "\ue000",
    "\u2028\u2029", "\x85", "\ud800", "\udc00\ud800", "\U0010ffff", "\ufffe", "\u0378", "a\n\tb\r",
    '"', "\\", "\\u0041", "\\\\u202e", "::error::a", ":::", "x##[error]y", "###[", "</script>", "&",
    "Қазақстан", "👍\u200d", "\u00a0", "",
]  # fmt: skip

DOCUMENTS: dict[str, Callable[[Timeline], str]] = {
    "events": lambda record: rendered.export(select(record, Filter()), How()),
    "shown": lambda record: rendered.shown(
        [("a", record.events[0]), *record.matters.items(), *record.sources.items()]
    ),
    "state": lambda record: rendered.state(record, "2030", state(record, date(2030, 1, 1))),
    "versions": lambda record: rendered.diff(compare(loads(""), record), "old", "new"),
    "dates": lambda record: rendered.diff(
        between(record, PartialDate.parse("2000"), PartialDate.parse("2030"), Filter()), "", ""
    ),
}


def hostile(text: str, record: Timeline) -> Timeline:
    """The record with one text in every place that shows it."""
    source = record.sources["daily-2021"]._replace(title=text, authors=(text,), url=text, note=text)
    matters = {key: matter._replace(title=text) for key, matter in record.matters.items()}
    events = tuple(
        event._replace(
            title=text,
            summary=text,
            asks=text,
            state=dict.fromkeys(event.state, text),
            sources=tuple(citation._replace(at=text, says=text) for citation in event.sources),
        )
        for event in record.events
    )
    sources = {key: source._replace(publisher=key) for key in record.sources}
    topics = dict.fromkeys(record.topics, text)
    return record._replace(
        title=text, topics=topics, matters=matters, sources=sources, events=events
    )


@pytest.mark.parametrize("text", STRINGS, ids=ascii)
@pytest.mark.parametrize("write", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("ci", ["", "true"])
def test_texts_read_back_and_nothing_raw_is_shown(
    text: str,
    write: Callable[[Timeline], str],
    ci: str,
    small: Timeline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", ci)
    mark = "mark"
    written = write(hostile(f"{mark}{text}", small))
    assert all(char.isprintable() or char in "\n\u00a0" for char in written)
    if ci:
        assert "::" not in written
        assert "##[" not in written
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    harmless = write(hostile(mark, small))
    assert read(written) == json.loads(harmless, object_hook=lambda table: _with(table, mark, text))


def _with(table: dict[str, Any], mark: str, text: str) -> dict[str, Any]:
    """A table whose values that are `mark` go on with `text`."""

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(entry) for entry in value]
        return f"{mark}{text}" if value == mark else value

    return {key: put(value) for key, value in table.items()}


@given(
    st.recursive(
        st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_value_reads_back(value: Any) -> None:
    assert json.loads(rendered.text(value)) == value


def test_what_the_file_spells_out_is_kept_although_it_is_the_default() -> None:
    text = SMALL.read_text("utf-8").replace(
        'kind = "dialogue"', 'kind = "dialogue"\nstatus = "occurred"\nstate = {}\nanswers = []'
    )
    text = text.replace('at = "section 1"', 'at = "section 1", disputes = false')
    chosen = select(loads(text), Filter())
    events = json.loads(rendered.export(chosen, How()))["events"]
    (talks,) = [e for e in events if e["id"] == "2018-talks"]
    (written,) = [e for e in rtoml.loads(text)["event"] if e["id"] == "2018-talks"]
    assert talks == written | {
        "earliest": "2018-09-16",
        "latest": "2018-09-27",
        "contested": False,
    }


# --- helpers ---------------------------------------------------------------------------------


def edited() -> str:
    """The small record after an edit of every sort."""
    text = SMALL.read_text("utf-8")
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def read(text: str) -> Any:
    assert text.endswith("}\n")
    return json.loads(text)


def as_in_the_file() -> dict[str, Any]:
    """The small record as another reader of TOML takes it, dates as strings."""
    file = rtoml.loads(SMALL.read_text("utf-8"))
    found: dict[str, Any] = json.loads(json.dumps(file, default=str))
    return found
