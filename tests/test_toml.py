"""A record exported as TOML is a record: read again it is the same, and `kzt` finds it in order."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kztimeline import Timeline, loads
from kztimeline.checks.registry import problems
from kztimeline.edit.format import formatted
from kztimeline.query.filter import Filter, Selection, select
from kztimeline.record.model import KINDS, SORTS, Event
from kztimeline.record.reading import read
from kztimeline.renderers import toml
from kztimeline.renderers.views import How
from kztimeline.text.gate import defuse, is_blank
from tests.conftest import SMALL, Run, golden
from tests.oracles.filled import fields
from tests.oracles.layouts import Made, records
from tests.oracles.markdown_texts import TEXTS

# --- the whole record ----------------------------------------------------------------------------


def test_the_whole_record_is_the_same_record(small: Timeline, bench: Timeline) -> None:
    for record in (small, bench):
        assert loads(whole(record)) == record
        assert faults(whole(record)) == []


@given(made=records())
@settings(max_examples=50)
def test_any_file_is_the_same_record(made: Made) -> None:
    record = loads(made.text)
    text = whole(record)
    assert loads(text) == in_order(record)
    assert formatted("x", text.encode()).data == text.encode()


def test_hostile_texts_are_the_same_record() -> None:
    record = readable(TEXTS)
    assert loads(whole(record)) == record


# No longer than what the shortest field takes.
@given(
    texts=st.lists(
        st.text(min_size=1, max_size=200).filter(lambda text: not is_blank(text)),
        min_size=1,
        max_size=3,
    )
)
def test_any_text_is_the_same_record(texts: list[str]) -> None:
    record = readable(texts)
    assert loads(whole(record)) == record


def test_a_runner_executes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    record = readable(TEXTS)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = whole(record)
    assert defuse(text) == text
    assert loads(text) == record


# --- some of its events --------------------------------------------------------------------------

_wanted = st.builds(
    Filter,
    kind=st.frozensets(st.sampled_from(KINDS), max_size=8),
    search=st.sampled_from([(), (), ("law",), ("rights",), ("assembly",)]),
    contested=st.booleans(),
    status=st.sampled_from([frozenset(), frozenset(), frozenset({"occurred"})]),
)


@given(
    wanted=_wanted,
    sort=st.sampled_from(list(SORTS)),
    reverse=st.booleans(),
    limit=st.none() | st.integers(0, 40),
)
@settings(max_examples=60)
def test_any_selection_is_a_valid_record(
    wanted: Filter,
    sort: str,
    reverse: bool,
    limit: int | None,
    small: Timeline,
    bench: Timeline,
) -> None:
    for record in (small, bench):
        chosen = select(record, wanted, sort=sort, reverse=reverse, limit=limit)
        text = written(chosen)
        known = {event.id for event in chosen.events}
        kept = [event for event in record.events if event.id in known]
        assert faults(text) == []
        again = loads(text)
        assert list(again.events) == [without_answers(event, known) for event in kept]
        needed = {citation.source for event in kept for citation in event.sources}
        if len(kept) < len(record.events):
            assert set(again.sources) == needed
            about = {key for event in kept for key in (*event.state, *event.finding)}
            assert set(again.matters) == about
        for name in ("topics", "matters", "sources"):
            table = getattr(again, name)
            assert table.items() <= getattr(record, name).items()
            assert list(table) == [key for key in getattr(record, name) if key in table]


def test_an_answer_to_what_is_left_out_is_told(small: Timeline) -> None:
    text = written(select(small, Filter(topic=frozenset({"expression"}), kind=frozenset({"law"}))))
    assert "# Answers, too, what is not in this file: 2011-briefing\n[[event]]\n" in text
    assert loads(text).events[0].answers == ()


def test_what_a_finding_and_an_answer_in_part_need_is_there_or_told(small: Timeline) -> None:
    ask, other = small.events[0], next(event for event in small.events if event.state)
    finder = other._replace(finding=other.state, state={}, answers=(), answers_in_part=(ask.id,))
    events = tuple(finder if event is other else event for event in small.events)
    found = select(small._replace(events=events), Filter())
    text = written(found._replace(events=(finder,)))
    assert f"# Answers in part, too, what is not in this file: {ask.id}\n[[event]]\n" in text
    assert faults(text) == []
    (again,) = loads(text).events
    assert (dict(again.finding), again.answers_in_part) == (dict(finder.finding), ())


def test_the_oracle_sees_an_answer_that_stays(small: Timeline) -> None:
    text = written(select(small, Filter(kind=frozenset({"law"}))))
    assert faults(text) == []
    comment = re.compile(r"# Answers, too, what is not in this file: (.*)\n(\[\[event\]\]\n)")
    naive = comment.sub(r'\2answers = ["\1"]\n', text)
    assert naive != text
    assert faults(naive)


@pytest.mark.parametrize("closing", ["a\n[[event]]", "a\r\nb = 1", "a\x00\x1b\u202e", '"""'])
def test_what_was_asked_for_stays_a_comment(closing: str, small: Timeline) -> None:
    text = written(select(small, Filter(), limit=3), closing)
    assert faults(text) == []
    assert len(loads(text).events) == 3


def test_an_empty_record_is_an_empty_file() -> None:
    assert whole(loads("")) == ""


@pytest.mark.parametrize(
    ("name", "args"),
    [("all.toml", []), ("assembly.toml", ["--topic", "assembly", "--since", "2014"])],
)
def test_whole_documents(name: str, args: list[str], kzt: Run) -> None:
    done = kzt("export", "toml", "--file", str(SMALL), *args)
    assert (done.code, done.err) == (0, "")
    golden(f"record-{name}", done.out)


# --- helpers ---------------------------------------------------------------------------------


def written(chosen: Selection, closing: str = "some events") -> str:
    return toml.export(chosen, How(closing))


def whole(record: Timeline) -> str:
    return written(select(record, Filter()))


def in_order(record: Timeline) -> Timeline:
    """The record as a file in good order has it: events by date."""
    events = sorted(record.events, key=lambda event: event.date.sort_key)
    return record._replace(events=tuple(events))


def faults(text: str) -> list[str]:
    """What `kzt check` calls an error, and whether `kzt fmt` would change something."""
    found = [
        problem.message
        for problem in problems(read(text, whole=True))
        if problem.severity == "error"
    ]
    data = text.encode()
    return found + (["layout"] if not found and formatted("x", data).changed else [])


def readable(texts: list[str]) -> Timeline:
    """Every text in every field, as a file can have them."""
    # Line ends are not part of a text.
    record = fields([text.replace("\r\n", "\n") for text in texts])
    sources = {
        key: source._replace(authors=source.authors[:1]) for key, source in record.sources.items()
    }
    return record._replace(sources=sources)


def without_answers(event: Event, known: set[str]) -> Event:
    return event._replace(answers=tuple(key for key in event.answers if key in known))
