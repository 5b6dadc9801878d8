"""CSV as programs read it: every text in its cell, and no cell that a spreadsheet would compute."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kztimeline import Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import csv as rendered
from kztimeline.renderers import json as as_json
from kztimeline.renderers import plain
from kztimeline.renderers.views import How
from kztimeline.text.gate import guarded, line, unguarded
from tests.conftest import SMALL, Run, golden
from tests.oracles.filled import fields
from tests.oracles.markdown_texts import TEXTS
from tests.oracles.spreadsheets import FORMULAS, found_formulas, is_formula, read, read_by_miller

COLUMNS = [
    *("id", "date", "earliest", "latest", "title", "kind", "topics", "status", "contested"),
    *("summary", "in-force", "state", "finding", "asks", "answers", "answers-in-part", "dating"),
    *("source", "at", "quote", "says", "perspective", "disputes"),
]


NAUGHTY = [*FORMULAS, *TEXTS]


@pytest.mark.parametrize("reader", [read, read_by_miller])
def test_readers_find_every_text_in_its_cell(
    reader: Callable[[str], list[list[str]]], small: Timeline, bench: Timeline
) -> None:
    for record in (small, bench, hostile(NAUGHTY)):
        assert reader(written(record)) == table(record)


@given(texts=st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4))
def test_any_text_stands_in_its_cell_and_is_no_formula(texts: list[str]) -> None:
    text = written(hostile(texts))
    assert [row[4] for row in read(text)[1:]] == [entry(one) for one in texts]
    assert found_formulas(text) == []


def test_nothing_is_computed() -> None:
    assert found_formulas(written(hostile(NAUGHTY))) == []


SEPARATORS = [",", ";", "\t", "|"]


def parted(text: str, separator: str) -> list[str]:
    """The cells that a spreadsheet makes of a file, as is or with quotation marks as text."""
    rows = text.removeprefix("\ufeff")
    quoted = csv.reader(io.StringIO(rows, newline=""), delimiter=separator)
    literal = csv.reader(rows.splitlines(), delimiter=separator, quoting=csv.QUOTE_NONE)
    cells = [entry for row in (*quoted, *literal) for cell in row for entry in cell.split("\n")]
    # What the file itself begins with a tab is the next cell of those who part them by tabs.
    return [cell.lstrip("\t") for cell in cells]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_nothing_is_computed_whatever_parts_the_cells(form: str, separator: str) -> None:
    chosen = select(hostile(NAUGHTY), Filter())
    text = written(chosen.timeline) if form == "csv" else plain.events_tsv(chosen)
    assert [cell for cell in parted(text, separator) if is_formula(cell)] == []


def test_a_tab_parts_as_many_cells_in_each_row() -> None:
    text = plain.events_tsv(select(hostile(NAUGHTY), Filter()))
    assert {len(row) for row in csv.reader(io.StringIO(text), delimiter="\t")} == {9}


@given(st.text(st.sampled_from("a=+-@'\" ;,|\t\n＝"), max_size=8))
def test_a_guard_can_be_taken_away(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "naive",
    [
        line,
        lambda text: "'" + line(text) if text.startswith("=") else line(text),
        lambda text: "'" + line(text) if text.startswith(tuple("=+-@\t\r\n")) else line(text),
        lambda text: "'" + line(text) if text.lstrip().startswith(tuple("=+-@")) else line(text),
    ],
    ids=["no guard", "against = alone", "at the start alone", "behind blanks, not white space"],
)
def test_the_scanner_sees_through_naive_cells(
    naive: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "escaped", naive)
    assert found_formulas(written(hostile(FORMULAS)))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("A law", "A law"),
        ("2020: a law", "2020: a law"),
        ("a = b", "a = b"),
        ("=1+1", "'=1+1"),
        ("-5 degrees", "'-5 degrees"),
        ("'quoted'", "'quoted'"),
        ("a\tb\nc", r"a\u{9}b\u{a}c"),
        ("\t=1", r"'\u{9}=1"),
        ("\x1b[31m\u202e", r"\u{1b}[31m\u{202e}"),
    ],
)
def test_cells(text: str, cell: str) -> None:
    assert read(written(hostile([text])))[1][4] == cell


def test_rows_end_as_rfc_4180_says_and_the_text_begins_with_a_mark(small: Timeline) -> None:
    text = written(small)
    assert text.startswith("\ufeffid,date,earliest,")
    assert text.endswith("\r\n")
    assert text.count("\r") == len(small.events) + 1


def test_an_empty_record_has_a_header() -> None:
    assert read(written(loads(""))) == [COLUMNS]


def test_whole_document(kzt: Run) -> None:
    done = kzt("export", "csv", "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden("record.csv", done.out.replace("\r\n", "\n"))


# --- helpers ---------------------------------------------------------------------------------


def written(record: Timeline) -> str:
    return rendered.export(select(record, Filter()), How())


def entry(text: str) -> str:
    """A text in its cell: gated, and an apostrophe before each part that could be computed."""
    return line("".join(guard(part) for part in re.split("([,;|،؛、，；])", text)))


def guard(part: str) -> str:
    stripped = part.lstrip().lstrip("'‘’")
    risky = part[:1] in ("\t", "\r", "\n") or is_formula(part) or is_formula(stripped)
    return ("'" if risky else "") + part


def cells(event: dict[str, Any], sources: dict[str, Any]) -> list[str]:
    """The row of an event, from its JSON."""
    cited = event["sources"]
    columns: dict[str, list[str]] = {
        key: [str(event[key] or "")]
        for key in ("id", "date", "earliest", "latest", "title", "kind")
    }
    columns |= {
        "topics": event["topics"],
        "status": [event.get("status", "occurred")],
        "contested": [str(event["contested"]).lower()],
        "summary": event["summary"].split("\n"),
        "in-force": [event.get("in-force", "")],
        "state": [f"{key}: {text}" for key, text in event.get("state", {}).items()],
        "finding": [f"{key}: {text}" for key, text in event.get("finding", {}).items()],
        "asks": [event.get("asks", "")],
        "answers": event.get("answers", []),
        "answers-in-part": event.get("answers-in-part", []),
        "dating": [event.get("dating", "")],
        "source": [one["source"] for one in cited],
        "at": [one["at"] for one in cited],
        "quote": [one.get("quote", "—") for one in cited if any("quote" in one for one in cited)],
        "says": [one.get("says", "—") for one in cited if any("says" in one for one in cited)],
        "perspective": [
            one.get("perspective", sources[one["source"]]["perspective"]) for one in cited
        ],
        "disputes": [str(one.get("disputes", False)).lower() for one in cited],
    }
    return ["\n".join(map(entry, columns[name])) for name in COLUMNS]


def table(record: Timeline) -> list[list[str]]:
    document = json.loads(as_json.export(select(record, Filter()), How()))
    return [COLUMNS, *(cells(event, document["sources"]) for event in document["events"])]


def hostile(texts: list[str]) -> Timeline:
    """Every text in every field, the summaries and notes on one line."""
    record = fields(texts)
    events = tuple(e._replace(summary=" ".join(e.title.split())) for e in record.events)
    return record._replace(events=events)
