"""`kzt add --from`: what spreadsheets hold, as events; or every mistake by row and column."""

import io
import json
import random
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kztimeline import KztError, Timeline, loads
from kztimeline.edit import intake
from kztimeline.edit.insert import Added
from kztimeline.query.filter import Filter, select
from kztimeline.record.model import KINDS, PERSPECTIVES, STATUSES
from kztimeline.renderers.json import written as plain_event
from kztimeline.renderers.views import VIEWS, How
from kztimeline.text.gate import line
from tests.conftest import SMALL, Repository, Run, environment
from tests.test_add import found_by_check

RECORD = SMALL.read_bytes()
HEADER = "id,date,title,kind,topics,summary,source,at"
ROW = "new,2020-06,The law is amended,law,assembly,Fines are lowered.,ministry-2021,annex"
EVENT = {
    "id": "new",
    "date": "2020-06",
    "title": "The law is amended",
    "kind": "law",
    "topics": ["assembly"],
    "summary": "Fines are lowered.",
    "sources": [{"source": "ministry-2021", "at": "annex"}],
}


def take(
    data: bytes | str, record: bytes = RECORD, columns: dict[str, str] | None = None,
    sheet: str | None = None, update: bool = False,
) -> Added:  # fmt: skip
    raw = data if isinstance(data, bytes) else data.encode()
    return intake.take(
        "events.toml", record, intake.read("t", raw, columns or {}, sheet), update=update
    )


def refused(data: bytes | str, **how: Any) -> list[str]:
    """The lines that are told, without the last, which is always the same."""
    with pytest.raises(KztError) as caught:
        take(data, **how)
    *lines, last = caught.value.args
    assert last == "nothing was added"
    return lines


def brought(data: bytes | str, **how: Any) -> list[dict[str, Any]]:
    """The events that a table brings, as the file has them."""
    found = take(data, **how)
    return [plain_event(event) for event in found.events]


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


# --- what tables hold --------------------------------------------------------------------------

CELLS = ROW.split(",")
JSON_EVENT = json.dumps(EVENT)
SAME: dict[str, bytes | str] = {
    "CSV": table(ROW),
    "a byte order mark, CRLF": b"\xef\xbb\xbf" + table(ROW).replace("\n", "\r\n").encode(),
    "semicolons": table(ROW).replace(",", ";"),
    "tabs": table(ROW).replace(",", "\t"),
    "bars": table(ROW).replace(",", "|"),
    "Excel's first line": "sep=;\n" + table(ROW).replace(",", ";"),
    "UTF-16 as Excel writes it": ("\ufeff" + table(ROW).replace(",", "\t")).encode("utf-16-le"),
    "UTF-16, the other way round": ("\ufeff" + table(ROW)).encode("utf-16-be"),
    "headers in any case, with blanks": table(ROW, header=" ID ,Date,TITLE,kind,Topics,\u00a0summary,Source,At"),
    "no line end": table(ROW).rstrip(),
    "blanks around cells": table("  new , 2020-06,The law is amended\u00a0, law,assembly ,Fines are lowered.,ministry-2021,annex"),
    "quoted cells": table(",".join(f'"{cell}"' for cell in CELLS)),
    "empty rows": table("", ",,,,,,,", ROW, "", ""),
    "a title above": "Reforms\n\n" + table(ROW),
    "a row of totals": table(ROW, "Total,,1,,,,,"),
    "totals in another language": table(ROW, ",,Итого: ,1,,,,"),
    "more cells than headers, all empty": table(ROW + ",,,"),
    "columns that export csv adds": table("2020-06-01,no," + ROW, header="earliest,contested," + HEADER),
    "a date in words": table(ROW.replace("2020-06", "June 2020")),
    "a topic twice, apart": table(ROW.replace("assembly", "assembly ; ")),
    "- in an optional cell": table(ROW + ",-", header=HEADER + ",asks"),
    "defaults": table(ROW + ",occurred,no,official", header=HEADER + ",status,disputes,perspective"),
    "the guard of export csv": table(ROW.replace("annex", "'annex").replace("'annex", "annex")),
    "JSON": JSON_EVENT,
    "a JSON array": f"[{JSON_EVENT}]",
    "JSON Lines": JSON_EVENT + "\n\n",
    "JSON with what is derived": json.dumps([EVENT | {"earliest": None, "latest": None, "contested": False}]),
    "JSON as rows": json.dumps([{k: v for k, v in EVENT.items() if k != "sources"} | EVENT["sources"][0]]),  # type: ignore[operator]
}  # fmt: skip


@pytest.mark.parametrize("data", SAME.values(), ids=SAME)
def test_the_same_event_from_every_table(data: bytes | str) -> None:
    assert brought(data) == [EVENT]


ALL = (
    HEADER
    + ",status,in-force,state,finding,asks,answers,answers-in-part,dating,quote,says,perspective,disputes"
)


def test_every_key_has_a_column() -> None:
    row = (
        '"x","2020","T","law","assembly;un","A.\n\nB.\nC.","daily-2021","top",alleged,2021,"libel: Free: now\nassembly-procedure: Open",'
        ',"Do it","2011-briefing",,"By the paper","cinq jours","It says so",ngo,yes\n'
        + ",,,,,,ministry-2021,annex" + "," * 12
    )  # fmt: skip
    assert brought(table(row, header=ALL)) == [
        {
            "id": "x",
            "date": "2020",
            "title": "T",
            "kind": "law",
            "topics": ["assembly", "un"],
            "status": "alleged",
            "summary": "A.\n\nB.\nC.",
            "in-force": "2021",
            "state": {"libel": "Free: now", "assembly-procedure": "Open"},
            "asks": "Do it",
            "answers": ["2011-briefing"],
            "dating": "By the paper",
            "sources": [
                {
                    "source": "daily-2021",
                    "at": "top",
                    "quote": "cinq jours",
                    "says": "It says so",
                    "perspective": "ngo",
                    "disputes": True,
                },
                {"source": "ministry-2021", "at": "annex"},
            ],
        }
    ]


MORE = "bureau-2011,page 9"
FURTHER: dict[str, tuple[str, ...]] = {
    "no cell but these": (ROW, f",,,,,,{MORE}"),
    "the same id": (ROW, f"new,,,,,,{MORE}"),
    "all cells again": (ROW, ROW.replace("ministry-2021,annex", MORE)),
    "all cells again, no id": (ROW[4:].join([",", ""]), ROW[4:].replace("ministry-2021,annex", MORE).join([",", ""])),
    "lines of one cell": (ROW.replace("ministry-2021,annex", '"ministry-2021\nbureau-2011","annex\npage 9"'),),
}  # fmt: skip


@pytest.mark.parametrize("rows", FURTHER.values(), ids=FURTHER)
def test_one_more_citation_of_the_event_above(rows: tuple[str, ...]) -> None:
    rows = tuple(
        row.replace("2020-06", "[2020-06..2021]").replace("2020,", "2020,") for row in rows
    )
    (event,) = brought(table(*rows))
    assert event["sources"] == [
        {"source": "ministry-2021", "at": "annex"}, {"source": "bureau-2011", "at": "page 9"}
    ]  # fmt: skip


NEW_SOURCE = ",gazette-2021,page 1,The Gazette,2021,official,A; B"
SOURCE_HEADER = HEADER + ",source.title,source.date,source.perspective,source.authors"


def test_a_new_document_stands_in_the_columns_of_source() -> None:
    row = ROW.rpartition(",ministry")[0]
    text = take(table(row + NEW_SOURCE, header=SOURCE_HEADER)).data.decode()
    assert (
        '[source.gazette-2021]\ntitle = "The Gazette"\nauthors = ["A; B"]\ndate = "2021"\n' in text
    )
    again = refused(
        table(row + NEW_SOURCE.replace("2021,off", "2022,off"), header=SOURCE_HEADER),
        record=text.encode(),
    )
    assert again == [
        't: row 2, column J (source.date): source "gazette-2021" is there already, with another date'
    ]  # fmt: skip


def test_rows_may_answer_each_other_and_stand_in_any_order() -> None:
    rows = [
        "b,2021,B,law,assembly,B.,ministry-2021,1,,a",
        "a,2019,A,report,assembly,A.,ministry-2021,1,Change it,",
    ]
    assert [e["id"] for e in brought(table(*rows, header=HEADER + ",asks,answers"))] == ["b", "a"]


# --- what is there already ---------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_export_wrote_is_there_already(form: str, kzt: Run, tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    kzt("export", form, "-o", f"all.{form}")
    done = kzt("add", "--from", f"all.{form}")
    assert (done.code, done.out, done.err) == (0, "9 were there already: events.toml\n", "")
    assert (tmp_path / "events.toml").read_bytes() == RECORD


UPDATES: dict[str, tuple[str, str, str, str]] = {
    "another title": ("id,title", "2020-libel,Other", 'title = "', 'title = "Other"\n'),
    "an empty cell keeps": ("id,title,asks", "2020-libel,Other,", 'title = "', 'title = "Other"\n'),
    "one more key": ("id,asks", "2020-libel,Do it", "", 'asks = "Do it"\n'),
    "- clears": ("id,dating", "2020-assembly-law,-", "dating = ", ""),
    "a date": ("id,date", "2020-libel,2020-06", "date = ", 'date = "2020-06"\n'),
}


@pytest.mark.parametrize(("header", "row", "old", "new"), UPDATES.values(), ids=UPDATES)
def test_update_changes_one_line(header: str, row: str, old: str, new: str) -> None:
    identity = row.partition(",")[0]
    assert refused(table(row, header=header))[0].startswith(
        f't: row 2: "{identity}" is there already, with another '
    )
    data = take(table(row, header=header), update=True).data
    before, after = RECORD.decode().splitlines(True), data.decode().splitlines(True)
    gone = [line for line in before if line not in after]
    assert [line for line in after if line not in before] == ([new] if new else [])
    assert len(gone) == bool(old)
    assert all(line.startswith(old) for line in gone)


def test_update_adds_citations_and_changes_what_they_say() -> None:
    rows = ["2020-libel,ministry-2021,annex,New"]
    data = take(table(*rows, header="id,source,at,says"), update=True).data
    old, new = (
        next(event for event in loads(text.decode()).events if event.id == "2020-libel")
        for text in (RECORD, data)
    )
    assert new.sources[:-1] == old.sources
    assert new.sources[-1].says == "New"
    again = take(
        table("2020-libel,ministry-2021,annex,-", header="id,source,at,says"),
        record=data,
        update=True,
    )
    assert b'at = "annex" }' in again.data
    assert take(table(*rows, header="id,source,at,says"), record=data).data == data


def test_an_event_without_an_id_is_that_of_its_date_and_title() -> None:
    row = next(e for e in loads(RECORD.decode()).events if e.id == "2020-libel")
    sheet = table(f"{row.date.text},{row.title},Do it", header="date,title,asks")
    assert take(sheet, update=True).addition.changed.keys() == {"2020-libel"}


# --- mistakes ----------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[str, list[str]]] = {
    "a day before a month": (table(ROW.replace("2020-06", "25.06.2020")), [
        't: row 2, column B (date): "25.06.2020": a date is year-month-day; write "2020-06-25"']),
    "either order": (table(ROW.replace("2020-06", "05.06.2020")), [
        't: row 2, column B (date): "05.06.2020": a date is year-month-day; write "2020-06-05" or "2020-05-06"']),
    "the number of a day": (table(ROW.replace("2020-06", "44007")), [
        't: row 2, column B (date): "44007" may be the number of a day, 2020-06-25: let the spreadsheet show it as a date, or write it out']),
    "several in a row": (table(ROW.replace("law,", "lew,", 1).replace("assembly", "un; asembly").replace("annex", "")), [
        't: row 2, column D (kind): unknown kind "lew" (did you mean "law"?)',
        't: row 2, column E (topics): unknown topic "asembly" (did you mean "assembly"?)',
        't: row 2, column H (at): missing key "at"']),
    "rows as the spreadsheet counts them": (table('a,2020,A,law,un,"two\nlines",ministry-2021,1', "", ROW.replace("law,", "lew,", 1)), [
        't: row 4, column D (kind): unknown kind "lew" (did you mean "law"?)']),
    "an unknown column": (table(ROW + ",x", header=HEADER + ",sumary"), [
        't: row 1, column I (sumary): unknown column (did you mean "summary"?)']),
    "a column twice": (table(ROW + ",x", header=HEADER + ",Title"), [
        "t: row 1, column C (title): column I (Title) is there twice"]),
    "no column, told once": (table("2020,A,un,A.,ministry-2021,1", "2020,B,un,B.,ministry-2021,1", header="date,title,topics,summary,source,at"), [
        't: row 1: no column "kind", which is needed']),
    "a cell without a header": (table(ROW + ",note"), ["t: row 2: column I has no header"]),
    "an event that says two things": (table(ROW, ROW.replace("law,", "code,", 1)), [
        "t: row 3, column D (kind): says something else than row 2 of the same event"]),
    "citations that don't match": (table(ROW.replace("ministry-2021", '"ministry-2021\nbureau-2011"')), [
        "t: row 2, column H (at): has 1 lines, and source 2: a line is a citation"]),
    "what check finds": (table(ROW.replace("2020-06", "2022")), [
        't: row 2, column B (date): kzt check would find: ']),
    "what check finds in a further citation": (table(ROW, ",,,,,,ministry-2021,a\u202eb"), [
        't: row 3, column H (at): kzt check would find: ']),
    "a state without a matter": (table(ROW + ",Free", header=HEADER + ",state"), [
        't: row 2, column I (state): "Free" is not "matter: text"']),
    "an unknown matter": (table(ROW + ",x: Free", header=HEADER + ",state"), [
        't: row 2, column I (state): unknown matter "x" (known: assembly-procedure, covenant, libel)']),
    "neither true nor false": (table(ROW + ",maybe", header=HEADER + ",disputes"), [
        't: row 2, column I (disputes): "maybe" is neither true nor false']),
    "a document without a name": (table("x,2020,X,law,un,X.,,,Gazette", header=HEADER + ",source.title"), [
        "t: row 2, column G (source): tells of a document, but not its name in the column source"]),
    "a document that isn't whole": (table(ROW.replace("ministry-2021", "new-2021") + ",Gazette,2021,x", header=SOURCE_HEADER.rpartition(",")[0]), [
        't: row 2, column K (source.perspective): unknown perspective "x" (known: expert, foreign, igo, media, ngo, official, opinion, un)']),
    "of a JSON array": (json.dumps([EVENT, EVENT | {"id": "x", "title": 3, "titel": "x"}]), [
        "t: entry 2, title: title must be a string, not a number",
        't: entry 2: unknown key "titel" (did you mean "title"?)']),
    "no objects": ("[1]", ["t: entry 1: must be an object, an event as in the file"]),
    "of JSON Lines": (JSON_EVENT + "\n" + json.dumps(EVENT | {"id": "x", "date": "6.2020"}), [
        't: entry 2, date: "6.2020": a date is year-month-day; write "2020-06"']),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_with_row_and_column(data: str, told: list[str]) -> None:
    lines = refused(data)
    assert len(lines) == len(told), lines
    assert sorted(line[: len(one)] for line, one in zip(sorted(lines), sorted(told), strict=True)) == sorted(told), lines  # fmt: skip


def test_forty_mistakes_in_a_thousand_rows(kzt: Run, tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    rows = [f"e-{n},2020,Event {n},law,un,Text.,ministry-2021,{n}" for n in range(1000)]
    wrong = {25 * n for n in range(40)}
    lines = [row.replace("law", "lew") if n in wrong else row for n, row in enumerate(rows)]
    (tmp_path / "t.csv").write_text(table(*lines))
    done = kzt("add", "--from", "t.csv")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[:-1] == [
        f't.csv: row {n + 2}, column D (kind): unknown kind "lew" (did you mean "law"?)'
        for n in sorted(wrong)
    ]
    assert (tmp_path / "events.toml").read_bytes() == RECORD
    (tmp_path / "t.csv").write_text(table(*rows))
    done = kzt("add", "--from", "t.csv")
    assert (done.code, done.out, done.err) == (0, "added 1,000 events: events.toml\n", "")
    assert found_by_check(kzt, tmp_path / "events.toml") == found_by_check(kzt, SMALL)


# --- workbooks ---------------------------------------------------------------------------------


def workbook(*rows: Sequence[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


HEADERS = HEADER.split(",")


def dated(value: Any, shown_as: str | None = None) -> bytes:
    """A workbook with this in the cell of the date."""

    def change(sheet: Any) -> None:
        if shown_as:
            sheet["B2"].number_format = shown_as

    return workbook(HEADERS, [*CELLS[:1], value, *CELLS[2:]], change=change)


DAY = datetime(2020, 6, 25)
DATES: dict[str, tuple[Any, str | None, str]] = {
    "a text": ("2020-06-25", None, "2020-06-25"),
    "a number": (2020, None, "2020"),
    "a number with a fraction of nothing": (2020.0, None, "2020"),
    "a date": (DAY, "yyyy-mm-dd", "2020-06-25"),
    "a date as in Kazakhstan": (DAY, "dd\\.mm\\.yyyy", "2020-06-25"),
    "a date of the United States": (DAY, "mm-dd-yy", "2020-06-25"),
    "a date with its language": (DAY, '[$-419]d mmmm yyyy" г.";@', "2020-06-25"),
    "a month": (DAY, "mmm-yy", "2020-06"),
    "a month in words": (DAY, "mmmm\\ yyyy", "2020-06"),
    "a year": (DAY, "yyyy", "2020"),
    "words": ("25 June 2020", None, "2020-06-25"),
    "EDTF": ("[2019-07..2020]", None, "[2019-07..2020]"),
}


@pytest.mark.parametrize(("value", "shown_as", "date"), DATES.values(), ids=DATES)
def test_a_date_is_as_precise_as_it_is_shown(value: Any, shown_as: str | None, date: str) -> None:
    assert brought(dated(value, shown_as)) == [EVENT | {"date": date}]


UNCLEAR = '; write "2020-06-25", "2020-06" or "2020" as a text, as precise as its source'
CELL_MISTAKES: dict[str, tuple[bytes, str]] = {
    "a day without a year": (dated(DAY, "d mmm"), f'a date that is shown as "d mmm"{UNCLEAR}'),
    "a time of day": (dated(DAY.replace(hour=9), "yyyy-mm-dd hh:mm"), f'a date that is shown as "yyyy-mm-dd hh:mm"{UNCLEAR}'),
    "a time of day that isn't shown": (dated(DAY.replace(hour=9), "yyyy-mm-dd"), f'a date that is shown as "yyyy-mm-dd"{UNCLEAR}'),
    "a duration": (dated(timedelta(hours=30), "[h]:mm"), 'a time of day ("1 day, 6:00:00")'),
    "the number of a day": (dated(44007), '"44007" may be the number of a day, 2020-06-25: let the spreadsheet show it as a date, or write it out'),
    "a formula that was never computed": (dated("=DATE(2020,6,25)"), "a formula without a stored value; save it in a spreadsheet program"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), CELL_MISTAKES.values(), ids=CELL_MISTAKES)
def test_a_cell_that_is_unclear_is_refused_with_what_to_write(data: bytes, told: str) -> None:
    assert refused(data) == [f"t: row 2, column B (date): {told}"]


def test_an_error_of_the_spreadsheet_is_no_text() -> None:
    data = workbook(HEADERS, [*CELLS[:2], "#REF!", *CELLS[3:]])
    assert refused(data) == ['t: row 2, column C (title): "#REF!" is an error of the spreadsheet']


def test_merged_cells_hidden_rows_and_other_sheets() -> None:
    def change(sheet: Any) -> None:
        for column in "ABCDEF":
            sheet.merge_cells(f"{column}2:{column}3")
        sheet.row_dimensions[3].hidden = True
        sheet.parent.create_sheet("Notes").append(["not", "read"])

    rows: list[Sequence[Any]] = [HEADERS, CELLS, [*[None] * 6, "daily-2021", "top"]]
    (event,) = brought(workbook(*rows, change=change))
    assert [one["source"] for one in event["sources"]] == ["ministry-2021", "daily-2021"]


def test_the_first_sheet_unless_another_is_named() -> None:
    def change(sheet: Any) -> None:
        other = sheet.parent.create_sheet("Second")
        for row in (HEADERS, CELLS):
            other.append(row)

    data = workbook(["Contents"], ["Second: events"], change=change)
    assert brought(data, sheet="Second") == [EVENT]
    with pytest.raises(KztError, match=r"t: no row has headers \(id, date"):
        take(data)
    with pytest.raises(KztError, match=r'no sheet "Secund" \(did you mean "Second"\?\)'):
        take(data, sheet="Secund")


OFFICE = Path(shutil.which("soffice") or "soffice").resolve()
CALC = OFFICE.with_name("libsclo.so").exists()


@pytest.mark.slow
@pytest.mark.skipif(not CALC, reason="needs LibreOffice: apt install libreoffice-calc-nogui")
@pytest.mark.parametrize("form", ["xlsx", "csv", "csv:Text - txt - csv (StarCalc):59,34,76"])
def test_what_libreoffice_saves(form: str, tmp_path: Path) -> None:
    """Computed formulas, dates, and texts with line breaks, quotes and separators."""
    row: list[Any] = [*CELLS[:1], "=DATE(2020,6,25)", 'A "law", amended; again', *CELLS[3:]]
    row[5] = '="Fines"&CHAR(10)&"rise"'

    def change(sheet: Any) -> None:
        sheet["B2"].number_format = "yyyy-mm-dd"

    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "t.xlsx"
    source.write_bytes(workbook(HEADERS, row, change=change))
    command = [str(OFFICE), "--headless", "--convert-to", form, "--outdir", str(tmp_path)]
    env = environment({"HOME": str(tmp_path)})
    subprocess.run([*command, str(source)], check=True, capture_output=True, env=env, timeout=120)
    saved = tmp_path / f"t.{form.partition(':')[0]}"
    assert brought(saved.read_bytes()) == [
        EVENT | {"date": "2020-06-25", "title": 'A "law", amended; again', "summary": "Fines\nrise"}
    ]


# --- what is no table --------------------------------------------------------------------------


def test_an_event_of_very_many_rows_is_refused_in_linear_time() -> None:
    def seconds(count: int) -> float:
        rows = [f"many,2020,T,law,assembly,S,bureau-2011,page {n}" for n in range(count)]
        text = table(*rows, header="id,date,title,kind,topics,summary,source,at")
        start = time.perf_counter()
        with pytest.raises(KztError, match=f"sources has {count:,} entries, more than 100"):
            take(text)
        return time.perf_counter() - start

    seconds(200)
    assert seconds(16_000) < 40 * seconds(1_600) + 1


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def repacked(data: bytes, name: str, new: Callable[[bytes], bytes]) -> bytes:
    """A workbook with another text of one of its parts."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in old.namelist():
            archive.writestr(part, new(old.read(part)) if part == name else old.read(part))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOOK = workbook(HEADERS, CELLS)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData></worksheet>"
)
NO_TABLES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "t: no row has headers (id, date, title, kind, topics, status, …); --map HEADER=KEY names others"),
    "text": (b"Some words\nand more\n", "t: no row has headers ("),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00\x00", "t: holds bytes of zero: it is no table; save it as CSV UTF-8 or .xlsx"),
    "another encoding": ("Закон".encode("cp1251"), "t: not UTF-8 at byte 0; in a spreadsheet, save it as CSV UTF-8"),
    "UTF-16 without a mark": ("id,date".encode("utf-16-le"), "t: holds bytes of zero"),
    "half a character": (b"\xff\xfea", "t: not UTF-8 at byte 2"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t: is an old workbook (.xls) or a locked one; save it as .xlsx or as CSV"),
    "another packed file": (packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "t: is packed but no workbook (.xlsx)"),
    "half a workbook": (BOOK[:-900], "t: isn't a workbook that can be read: "),
    "a broken sheet": (repacked(BOOK, SHEET, lambda old: old[:-30]), "t: isn't a workbook that can be read: "),
    "a zip bomb": (packed(xl__workbook=b"", a=b"0" * (70 << 20)), "t: unpacks to 70 MiB, more than 64"),
    "a billion laughs": (repacked(BOOK, SHEET, lambda _: LAUGHS), "t: isn't a workbook that can be read: "),
    "a quote that never ends": (table(ROW.replace("The", '"The')).encode().replace(b",\"", b",\""), "t: isn't separated as CSV is: "),
    "a million rows": (table(ROW).encode() + b"\n" * 1_000_000, "t: has more than 100,000 rows"),
    "broken JSON": (b'[{"id": "a"},\n{"id" "b"}]', "t: Expecting ':' delimiter at line 2 column 7"),
    "broken JSON Lines": (b'{"id": "a"}\n{"id" "b"}', "t: Expecting ':' delimiter at line 2 column 7"),
    "deep JSON": (b"[" * 100_000, "t: "),
    "many values": (b"[" + b"{}," * 2_000_000 + b"{}]", "t: holds more than 2,000,000 values"),
    "a key twice": (b'[{"id": "a", "id": "b"}]', 't: "id" stands twice'),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_in_a_line(
    data: bytes, told: str, kzt: Run, tmp_path: Path
) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    (tmp_path / "t").write_bytes(data)
    start = time.monotonic()
    done = kzt("add", "--from", "t")
    assert time.monotonic() - start < 6
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    assert done.err.startswith(told)
    assert (tmp_path / "events.toml").read_bytes() == RECORD


def test_a_workbook_of_sixty_megabytes(kzt: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", b"")
        archive.writestr("noise", random.Random(1).randbytes(60 << 20))
        archive.writestr("zeros", bytes(60 << 20), zipfile.ZIP_DEFLATED)
    shutil.copy(SMALL, tmp_path / "events.toml")
    done = kzt("add", "--from", "t.xlsx")
    assert (done.code, done.err) == (2, "t.xlsx: unpacks to 120 MiB, more than 64\n")


def test_a_sheet_that_claims_to_be_large_is_read_as_it_is() -> None:
    data = repacked(BOOK, SHEET, lambda old: old.replace(b"A1:H2", b"A1:XFD1048576"))
    assert brought(data) == [EVENT]


def test_links_to_other_books_are_not_followed() -> None:
    link = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="file:///etc/passwd" TargetMode="External"/>'
    rels = "xl/_rels/workbook.xml.rels"
    data = repacked(
        BOOK,
        rels,
        lambda old: (
            link + old.partition(b">")[2].partition(b">")[2]
            if old.startswith(b"<?xml")
            else link + old.partition(b">")[2]
        ),
    )
    assert brought(data) == [EVENT]


# --- on the command line -----------------------------------------------------------------------


def test_headers_of_ones_own(kzt: Run, tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    sheet = table(f"1,{ROW}", header=HEADER.replace("title", "What happened").join(["No.,", ""]))
    (tmp_path / "t.csv").write_text(sheet)
    names = ["--map", "what HAPPENED=title", "--map", "No.="]
    done = kzt("add", "--from", "t.csv", *names)
    assert (done.code, done.out, done.err) == (0, "added 1 event: events.toml\n", "")
    assert kzt("add", "--from", "t.csv", *names).out == "1 were there already: events.toml\n"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--from", "t.csv", "--map", "title"], '--map: "title" is not HEADER=KEY\n'),
        (["--from", "t.csv", "--map", "x=title"], '--map: t.csv has no column "x"\n'),
        (["--from", "t.csv", "--map", "id=titel"], 't.csv: row 1, column A (id): unknown column (did you mean "title"?)\nnothing was added\n'),
        (["--from", "t.csv", "--sheet", "x"], "t.csv: --sheet: only a workbook (.xlsx) has sheets\n"),
        (["--from", "none.csv"], "none.csv: no such file\n"),
        (["--from", "."], ".: is a directory\n"),
        (["--from", "t.csv", "--title", "x"], "--from is all there is to add; leave out --title\n"),
        (["--from", "t.csv", "--json", "x"], "--from is all there is to add; leave out --json\n"),
        (["--update"], "--map, --sheet and --update are of --from FILE\n"),
    ],
)  # fmt: skip
def test_how_a_table_is_not_asked_for(args: list[str], told: str, kzt: Run, tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    (tmp_path / "t.csv").write_text(table(ROW))
    done = kzt("add", *args)
    assert (done.code, done.out, done.err) == (2, "", told)


def test_a_dry_run_prints_a_patch_that_git_applies(kzt: Run, repository: Repository) -> None:
    repository.commit(SMALL.read_text())
    rows = [ROW, "b,2021,B,law,un,B.,ministry-2021,1", "2020-libel,,Other,,,,daily-2021,end"]
    sheet = table(*rows).encode()
    args = ["add", "--from", "-", "--update"]
    patch = kzt(*args, "--dry-run", cwd=repository.folder, stdin=sheet)
    assert (patch.code, patch.err) == (0, "added 2 events; changed 1 event\n")
    repository.write(patch.out, "patch")
    repository.git("apply", "patch")
    by_patch = (repository.folder / "events.toml").read_bytes()
    repository.git("checkout", "--quiet", "events.toml")
    assert kzt(*args, cwd=repository.folder, stdin=sheet).code == 0
    assert (repository.folder / "events.toml").read_bytes() == by_patch


# --- there and back ----------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="—\ufffd"), min_size=1, max_size=9
).filter(lambda text: text not in ("-", "—") and text == text.strip() and line(text) == text)  # fmt: skip
WORDS = st.lists(TEXTS, min_size=1, max_size=3).map(" ".join)
CITED = st.fixed_dictionaries(
    {"source": st.sampled_from(["bureau-2011", "daily-2021", "ministry-2021"]), "at": WORDS},
    optional={
        "quote": WORDS, "says": WORDS, "perspective": st.sampled_from(list(PERSPECTIVES)), "disputes": st.just(True),
    },
)  # fmt: skip
SETTINGS = st.dictionaries(st.sampled_from(["libel", "covenant"]), WORDS, min_size=1)
EVENTS = st.fixed_dictionaries(
    {
        "id": st.uuids().map(lambda u: u.hex[:12]),
        "date": st.sampled_from(["2005", "2010-06", "[..2009]", "2003/..", "2008?", "2004-24"]),
        "title": WORDS,
        "kind": st.sampled_from(KINDS),
        "topics": st.lists(st.sampled_from(["assembly", "expression", "un"]), min_size=1, unique=True),
        "summary": st.lists(WORDS | st.just(""), min_size=1, max_size=4).map("\n".join).filter(lambda t: t and t == t.strip()),
        "sources": st.tuples(CITED.filter(lambda c: "disputes" not in c), st.lists(CITED, max_size=2)).map(lambda p: [p[0], *p[1]])
        .filter(lambda all_: len({(c["source"], c["at"]) for c in all_}) == len(all_)),
    },
    optional={
        "status": st.sampled_from(STATUSES[1:]), "state": SETTINGS, "asks": WORDS, "dating": WORDS, "in-force": st.just("2012"),
    },
)  # fmt: skip


def rendered(record: Timeline, form: str) -> str:
    return str(VIEWS["export"][form](select(record, Filter()), How()))


@pytest.mark.slow
@given(st.lists(EVENTS, min_size=1, max_size=3, unique_by=lambda e: (e["date"], e["title"])))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_what_export_writes_comes_back(events: list[dict[str, Any]]) -> None:
    voices = {key: one.perspective for key, one in loads(RECORD.decode()).sources.items()}
    for event in events:
        if "state" not in event:
            event.pop("in-force", None)
        for cited in event["sources"]:
            # One that is the document's own is not told apart in CSV.
            if cited.get("perspective") == voices[cited["source"]]:
                del cited["perspective"]
    data = take(json.dumps(events)).data
    record = loads(data.decode())
    assert take(rendered(record, "csv"), record=RECORD).data == data
    assert take(rendered(record, "json"), record=RECORD).data == data
    assert loads(take(rendered(record, "json"), record=b"").data.decode()) == record


def test_a_whole_record_comes_back_from_json(bench: Timeline) -> None:
    for record in (bench, loads(RECORD.decode())):
        taken = take(rendered(record, "json"), record=b"")
        again = loads(taken.data.decode())
        assert set(again.events) == set(record.events)
        assert again._replace(events=()) == record._replace(events=())
        bare = RECORD if record is not bench else taken.data
        assert take(rendered(record, "csv"), record=bare).addition.unchanged == len(record.events)
