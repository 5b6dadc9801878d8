"""A table of any kind, as rows of texts or as JSON: CSV, TSV, XLSX, JSON, JSON Lines.

Nothing is computed, fetched or run: of a workbook only the stored values of one sheet are read.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time
from itertools import islice
from typing import Any, Final, NamedTuple

from kztimeline.edit.patch import LINE
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten, suggest

MOST_ROWS: Final = 100_000
DERIVED: Final = ("earliest", "latest", "contested")
"""What the tool writes of an event beside its keys, and doesn't read."""
_MOST_COLUMNS: Final = 300
_UNPACKED: Final = 64 << 20
"""How many bytes a workbook may unpack to."""
_MOST_VALUES: Final = 2_000_000


class Refused(str):
    """What stands in the place of a cell that can't be read: why."""

    __slots__ = ()


class Row(NamedTuple):
    """A row that isn't empty, with the number that the spreadsheet shows."""

    number: int
    cells: Sequence[str]


def read(data: bytes, sheet: str | None, known: Callable[[str], bool]) -> tuple[list[Row], Any]:
    """The rows of a table, or the value of a JSON document, else None. Raises `KztError`.

    `known` says whether a header is one, which tells what separates the columns.
    """
    if data.startswith(b"PK\x03\x04"):
        return _rows(_workbook(data, sheet)), None
    if sheet is not None:
        raise KztError("--sheet: only a workbook (.xlsx) has sheets")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise KztError("is an old workbook (.xls) or a locked one; save it as .xlsx or as CSV")
    text = _decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return [], document(text)
    return _rows(_separated(text, known)), None


def _decoded(data: bytes) -> str:
    name = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        how = "in a spreadsheet, save it as CSV UTF-8"
        raise KztError(f"not UTF-8 at byte {error.start:,}; {how}") from None
    if "\x00" in text:
        raise KztError("holds bytes of zero: it is no table; save it as CSV UTF-8 or .xlsx")
    return text


def _rows(cells: Iterable[Sequence[str]]) -> list[Row]:
    found = []
    for number, row in enumerate(cells, 1):
        if number > MOST_ROWS:
            raise KztError(f"has more than {MOST_ROWS:,} rows")
        # NBSP is a blank here: spreadsheets and web pages put it where people see one.
        trimmed = [cell if isinstance(cell, Refused) else cell.strip() for cell in row]
        if any(trimmed):
            found.append(Row(number, trimmed))
    return found


# --- separated by commas, semicolons or tabs ---------------------------------------------------


def _separated(text: str, known: Callable[[str], bool]) -> Iterator[list[str]]:
    # What Excel writes, and obeys, above a table.
    hint = re.match(r"sep=(.)\r?\n", text)
    if hint:
        yield []
    separator = hint[1] if hint else max(",;\t|", key=lambda one: _fit(text, one, known))
    try:
        for row in _parsed(text, hint.end() if hint else 0, separator):
            yield [cell.replace("\r\n", "\n") for cell in row]
    except csv.Error as error:
        raise KztError(f"isn't separated as CSV is: {error}") from None


def _parsed(text: str, start: int, separator: str) -> Iterator[list[str]]:
    lines = (found[0] for found in LINE.finditer(text, start))
    return csv.reader(lines, delimiter=separator, strict=True)


def _fit(text: str, separator: str, known: Callable[[str], bool]) -> int:
    """How many headers the first rows have, if this separates their cells."""
    best = 0
    with suppress(csv.Error):
        for row in islice(_parsed(text, 0, separator), 20):
            best = max(best, sum(map(known, row)))
    return best


# --- workbooks ---------------------------------------------------------------------------------


def _workbook(data: bytes, sheet: str | None) -> Iterator[list[str]]:
    _refuse_bomb(data)
    try:
        import openpyxl
    except ImportError:
        how = "pip install 'kztimeline[xlsx]', or save it as CSV UTF-8"
        raise KztError(f"a workbook needs openpyxl: {how}") from None
    import warnings

    with warnings.catch_warnings():
        # Of what it leaves out, such as pictures: none of it is of the table.
        warnings.simplefilter("ignore")
        try:
            values, formulas = (
                openpyxl.load_workbook(
                    io.BytesIO(data), read_only=True, data_only=stored, keep_links=False
                )
                for stored in (True, False)
            )
            if sheet is not None and sheet not in values.sheetnames:
                hint = suggest(sheet, values.sheetnames)
                more = f" ({hint})" if hint else ""
                raise KztError(f'--sheet: no sheet "{shorten(sheet)}"{more}')
            name = values.sheetnames[0] if sheet is None else sheet
            pages = values[name], formulas[name]
            for page in pages:
                # The size that it states may be wrong.
                page.reset_dimensions()
            rows = (page.iter_rows(max_col=_MOST_COLUMNS) for page in pages)
            for stored_cells, cells in zip(*rows, strict=True):
                yield [_cell(*pair) for pair in zip(stored_cells, cells, strict=True)]
        except KztError:
            raise
        except Exception as error:
            # A broken workbook breaks openpyxl in any way there is.
            raise KztError(f"isn't a workbook that can be read: {shorten(str(error))}") from None


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            size = sum(part.file_size for part in parts)
            if size > _UNPACKED or len(parts) > 1_000:
                raise KztError(f"unpacks to {size >> 20:,} MiB, more than {_UNPACKED >> 20}")
            if "xl/workbook.xml" not in packed.namelist():
                raise KztError("is packed but no workbook (.xlsx); save it as .xlsx or as CSV")
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError) as error:
        raise KztError(f"isn't a workbook that can be read: {shorten(str(error))}") from None


def _cell(stored: Any, cell: Any) -> str:
    """What a cell holds, as the text that a person would write for it."""
    value = stored.value
    if value is None:
        if cell.data_type == "f":
            return Refused("a formula without a stored value; save it in a spreadsheet program")
        return ""
    if stored.data_type == "e":
        return Refused(f'"{shorten(str(value))}" is an error of the spreadsheet')
    if isinstance(value, datetime):
        return _date(value, stored.number_format)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).replace("\r\n", "\n").replace("_x000D_", "")
    return Refused(f'a time of day ("{value}")')


# What is quoted, escaped or in brackets is shown beside the date, not of it.
_BESIDE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def _date(value: datetime, shown_as: str) -> str:
    """A day, month or year: what the cell shows is what its author knows."""
    shown = set(_BESIDE.sub("", shown_as).partition(";")[0].lower()) & set("ymdhsbeg")
    day = value.date().isoformat()
    for parts, length in (({"y", "m", "d"}, 10), ({"y", "m"}, 7), ({"y"}, 4)):
        if shown == parts and value.time() == time.min:
            return day[:length]
    return Refused(
        f'a date that is shown as "{shorten(shown_as, 30)}"; write "{day}", "{day[:7]}" or'
        f' "{day[:4]}" as a text, as precise as its source'
    )


# --- JSON --------------------------------------------------------------------------------------


def document(text: str) -> Any:
    """The value of a JSON document, or the list of those of JSON Lines. Raises `KztError`."""
    if sum(map(text.count, "{[,")) > _MOST_VALUES:
        raise KztError(f"holds more than {_MOST_VALUES:,} values")
    return _parse(text)


def _parse(text: str, line: int = 0) -> Any:
    """The value of a text, which is one `line` of JSON Lines if it is numbered."""
    try:
        return json.loads(text, object_pairs_hook=_table, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data" or line:
            where = f"line {line or error.lineno} column {error.colno}"
            raise KztError(f"{error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise KztError(shorten(str(error))) from None
    return [_parse(row, number) for number, row in enumerate(text.split("\n"), 1) if row.strip()]


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f'"{shorten(key)}" stands twice')
        if value is not None:
            found[key] = value
        elif key not in DERIVED:
            raise ValueError(f'"{shorten(key)}" is null; leave the key out')
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
