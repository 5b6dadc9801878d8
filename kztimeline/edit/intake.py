"""Many events at once: the rows of a table, or a JSON document → one `Addition`, or all mistakes.

A column is a key of an event or of a citation, or ``source.KEY`` of a new document. A row is an
event with a citation, or one more citation of the event above.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from kztimeline.edit import sheets
from kztimeline.edit.draft import PLURAL, shape
from kztimeline.edit.insert import Added, Addition, attempt, before, message, with_id
from kztimeline.query.filter import typed_date
from kztimeline.record import keys
from kztimeline.record.keys import KEYS, TOPIC, Key, Names, names_of
from kztimeline.record.model import OCCURRED
from kztimeline.record.reading import Reading
from kztimeline.record.values import SLUG, slug_message
from kztimeline.text.errors import Finding, KeyPath, KztError
from kztimeline.text.gate import shorten, suggest, unguarded

_NOTHING: Final = "—"
"""What `export csv` writes for a citation without the key of its column."""
_CLEAR: Final = "-"
_MOST: Final = 1_000
_MOST_CITATIONS: Final = KEYS["event"][-1].checked(Names()).schema["maxItems"]
_CITATION: Final = names_of("citation")
COLUMNS: Final[Mapping[str, Key]] = {
    **{key.name: key for key in KEYS["event"] if key.name != "sources"},
    **{key.name: key for key in KEYS["citation"]},
    **{f"source.{key.name}": key for key in KEYS["source"]},
}
_TOTALS: Final = re.compile(r"(?i)(?:grand )?(?:totals?|sum|count|итого|всего|барлығы|жиыны):?")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "x": True, "да": True} | {
    "false": False, "no": False, "0": False, "нет": False
}  # fmt: skip


class CellProblem(NamedTuple):
    """What is wrong in a row, perhaps in the column of a key."""

    row: int
    key: str
    message: str


@dataclass(slots=True)
class Entry:
    """An event as a table has it. None stands for a key that shall have no value."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    citations: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """With the rows that they stand in."""


@dataclass(slots=True)
class Table:
    """All that a file holds, and what can't be read in it."""

    name: str
    unit: str = "row"
    labels: dict[str, str] = field(default_factory=dict)
    """What the column of each key is called, in their order."""
    header: int = 0
    entries: list[Entry] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=lambda: {n: {} for n in PLURAL})
    """Topics, matters and sources by their names, as an events file has them."""
    title: str | None = None
    defined: dict[tuple[str, str], int] = field(default_factory=dict)
    """In which row each of these stands."""
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was read in another way than it may look."""
    by_id: dict[str, Entry] = field(default_factory=dict)

    def note(self, row: int, key: str, message: str) -> None:
        """Note what can't be read in a row, or in its column of a key."""
        self.problems.append(CellProblem(row, key, message))

    def refuse(self, problems: Sequence[CellProblem]) -> None:
        """Raise `KztError` with all problems, if there are any."""
        columns = list(self.labels)
        found = sorted(
            dict.fromkeys(problems),
            key=lambda one: (one.row, columns.index(one.key) if one.key in columns else -1),
        )
        lines = [f"{self.name}: {self._where(one)}{one.message}" for one in found[:_MOST]]
        if len(found) > _MOST:
            lines.append(f"{len(found) - _MOST:,} more")
        if found:
            raise KztError(*lines, "nothing was added")

    def _where(self, problem: CellProblem) -> str:
        label = self.labels.get(problem.key)
        row = [f"{self.unit} {problem.row}"] if problem.row else []
        where = ", ".join([*row, *([label] if label else [])])
        return f"{where}: " if where else ""


# --- rows --------------------------------------------------------------------------------------


def read(name: str, data: bytes, renamed: Mapping[str, str], sheet: str | None) -> Table:
    """A table, with other names for some of its headers. Raises `KztError` if it is none."""
    table = Table(name)
    renamed = {_folded(header): key for header, key in renamed.items()}

    def key_of(header: str) -> str:
        return renamed.get(_folded(header), _folded(header))

    def is_known(header: str) -> bool:
        return key_of(header) in COLUMNS

    try:
        rows, document = sheets.read(data, sheet, is_known)
    except KztError as error:
        raise KztError(f"{name}: {error}") from None
    if document is not None:
        _take_document(table, document, key_of)
        return table
    counts = [sum(map(is_known, row.cells)) for row in rows[:20]]
    first = next((index for index, count in enumerate(counts) if count > 1), None)
    if first is None:
        known = ", ".join(list(COLUMNS)[:6])
        raise KztError(f"{name}: no row has headers ({known}, …); --map HEADER=KEY names others")
    if first:
        table.notes.append(f"the headers stand in row {rows[first].number}")
    if missing := renamed.keys() - set(map(_folded, rows[first].cells)):
        raise KztError(f'--map: {name} has no column "{shorten(min(missing))}"')
    columns = _columns(table, rows[first], key_of)
    for row in rows[first + 1 :]:
        _take_row(table, row, columns)
    return table


def _folded(header: str) -> str:
    return " ".join(header.split()).casefold()


def _columns(table: Table, row: sheets.Row, key_of: Callable[[str], str]) -> list[str]:
    """The key of each column; "" for one that is not read."""
    columns: list[str] = []
    for index, header in enumerate(row.cells):
        key = key_of(header)
        if not key or key in sheets.DERIVED:
            columns.append("")
            continue
        label = f"column {_letter(index)} ({shorten(header, 40)})"
        if key in columns:
            table.note(row.number, key, f"{label} is there twice")
        elif key not in COLUMNS:
            hint = suggest(key, COLUMNS) or "--map HEADER=KEY names it, HEADER= leaves it out"
            table.note(row.number, key, f"unknown column ({hint})")
        table.labels.setdefault(key, label)
        columns.append(key)
    table.header = row.number
    return columns


def _letter(index: int) -> str:
    """What a spreadsheet calls a column."""
    return (_letter(index // 26 - 1) if index > 25 else "") + chr(65 + index % 26)


def _take_row(table: Table, row: sheets.Row, columns: Sequence[str]) -> None:
    cells: dict[str, str] = {}
    for index, text in enumerate(row.cells):
        key = columns[index] if index < len(columns) else ""
        if key and isinstance(text, sheets.Refused):
            table.note(row.number, key, str(text))
        elif key and text:
            cells[key] = text
        elif text and (index >= len(columns) or not table.labels) and not key:
            table.note(row.number, "", f"column {_letter(index)} has no header")
    first = next((text for text in row.cells if text), "")
    if _TOTALS.fullmatch(first) and "date" not in cells:
        table.notes.append(f"row {row.number} is one of totals, and left out")
    elif cells:
        _take(table, row.number, *_parts(table, row.number, cells))


def _parts(
    table: Table, row: int, cells: Mapping[str, str]
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """The values of a row: of an event, of its citations, and of a new document."""

    def typed(key: str, text: str) -> Any:
        try:
            return None if text == _CLEAR else _typed(COLUMNS[key], text)
        except KztError as error:
            table.note(row, key, str(error))
            return None

    known = {key: text for key, text in cells.items() if key in COLUMNS}
    event = {key: typed(key, text) for key, text in known.items() if key in names_of("event")}
    source = {key[7:]: typed(key, text) for key, text in known.items() if key.startswith("source.")}
    count = cells.get("source", "").count("\n") + 1
    citations: list[dict[str, Any]] = [{} for _ in range(count)]
    for key in (key for key in known if key in _CITATION):
        lines = known[key].split("\n") if count > 1 else [known[key]]
        if len(lines) != count:
            wrong = f"has {len(lines)} lines, and source {count}: a line is a citation"
            table.note(row, key, wrong)
        for citation, text in zip(citations, lines, strict=False):
            if text != _NOTHING:
                citation[key] = typed(key, text.strip())
    return event, [citation for citation in citations if citation], source


def _typed(key: Key, text: str) -> Any:
    """The value that a cell's text stands for. Raises `KztError`."""
    match shape(key):
        case "date":
            return _date(text)
        case "boolean":
            if text.casefold() not in _FLAGS:
                raise KztError(f'"{shorten(text)}" is neither true nor false')
            return _FLAGS[text.casefold()]
        case "array":
            parts = re.split("[;\n]" if key.name != "authors" else "\n", text)
            return [unguarded(part.strip()) for part in parts if part.strip()]
        case "object":
            return dict(_setting(line) for line in text.split("\n") if line.strip())
        case _:
            return "\n".join(map(unguarded, text.split("\n")))


def _setting(line: str) -> tuple[str, str]:
    matter, colon, text = unguarded(line.strip()).partition(":")
    if not colon:
        raise KztError(f'"{shorten(line)}" is not "matter: text"')
    return matter.strip(), text.strip()


def _date(text: str) -> str:
    """A date as the file writes it, if it is in words; what else it may be, `check` tells."""
    if re.fullmatch("[2-6][0-9]{4}", text):
        day = date(1899, 12, 30) + timedelta(int(text))
        how = "let the spreadsheet show it as a date, or write it out"
        raise KztError(f'"{text}" may be the number of a day, {day}: {how}')
    if re.search("[A-Za-z]{3}", text):
        with suppress(KztError):
            return typed_date(text, "", date.today()).text
    return text


# --- documents ---------------------------------------------------------------------------------


def _take_document(table: Table, document: Any, key_of: Callable[[str], str]) -> None:
    """Take in an array of events, an event, or what `export json` writes."""
    table.unit = "entry"
    table.labels = {name: name for name in (*COLUMNS, "sources")}
    events = document
    if isinstance(document, dict):
        events = document.get("events", [document])
        for noun, plural in PLURAL.items() if "events" in document else ():
            found = document.get(plural, {})
            table.tables[noun] = found if isinstance(found, dict) else {}
        title = document.get("timeline")
        table.title = title.get("title") if isinstance(title, dict) else None
    if not isinstance(events, list):
        raise KztError(f"{table.name}: events must be an array")
    for number, raw in enumerate(events, 1):
        if not isinstance(raw, dict):
            table.note(number, "", "must be an object, an event as in the file")
            continue
        entry = {key_of(key): value for key, value in raw.items()}
        cited = entry.pop("sources", [])
        citations = cited if isinstance(cited, list) else [cited]
        flat = {key: entry.pop(key) for key in _CITATION if key in entry}
        source = {key[7:]: entry.pop(key) for key in [*entry] if key.startswith("source.")}
        event = {key: value for key, value in entry.items() if key not in sheets.DERIVED}
        _take(table, number, event, [*citations, *([flat] if flat else [])], source)


# --- entries -----------------------------------------------------------------------------------


def _take(
    table: Table,
    row: int,
    event: dict[str, Any],
    citations: list[dict[str, Any]],
    source: dict[str, Any],
) -> None:
    """Take in a row: another event, or more of one that is there."""
    identity = event.get("id")
    entry = table.by_id.get(str(identity)) if identity else None
    if table.entries and (not event or _same(event, table.entries[-1].values)):
        entry = table.entries[-1]
    if entry is None:
        entry = Entry(row)
        table.entries.append(entry)
        if identity:
            table.by_id[str(identity)] = entry
    for key, value in event.items():
        if entry.values.setdefault(key, value) != value:
            wrong = f"says something else than {table.unit} {entry.row} of the same event"
            table.note(row, key, wrong)
    # More than so many are refused, so that comparing them all would be of no use.
    there = [citation for _, citation in entry.citations[:_MOST_CITATIONS]]
    entry.citations += [(row, citation) for citation in citations if citation not in there]
    name: Any = citations[0].get("source") if len(citations) == 1 else None
    if source and not isinstance(name, str):
        table.note(row, "source", "tells of a document, but not its name in the column source")
    elif source:
        known = table.tables["source"].setdefault(name, {})
        table.defined.setdefault(("source", name), row)
        for key, value in source.items():
            if value is not None and known.setdefault(key, value) != value:
                wrong = "says something else of the document than a row above"
                table.note(row, f"source.{key}", wrong)


def _same(event: Mapping[str, Any], above: Mapping[str, Any]) -> bool:
    """Whether a row without an id is of the event above."""
    named = [event.get(key) for key in ("date", "title")]
    return all(named) and "id" not in event and named == [above.get("date"), above.get("title")]


# --- with the record ---------------------------------------------------------------------------


def take(name: str, data: bytes, table: Table, *, update: bool = False) -> Added:
    """Add a table to the bytes of an events file. Raises `KztError` with all that is wrong."""
    old = before(name, data)
    merging = _Merging(old, table, update=update)
    table.refuse(merging.problems)
    added = attempt(name, old, merging.addition)
    table.refuse([merging.located(one, added) for one in added.findings if one.severity == "error"])
    return added


class _Merging:
    """A table on its way into a record."""

    def __init__(self, before: Reading, table: Table, *, update: bool) -> None:
        self.before, self.table, self.old = before, table, before.timeline
        self.problems = list(table.problems)
        self.entries: dict[str, Entry] = {}
        self.unread = {(one.row, one.key) for one in table.problems}
        tables = {noun: dict(self._new(noun, entries)) for noun, entries in table.tables.items()}
        if table.title and not self.old.title:
            tables["timeline"] = {"title": table.title}
        self.sources = {**before.values.get("source", {}), **tables["source"]}
        self.addition = self._events(tables, update=update)

    def _new(self, noun: str, entries: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The entries that the record lacks; others must be as they are there."""
        check = TOPIC if noun == "topic" else keys.check(noun, self._names(()))
        for key, value in entries.items():
            there = self.before.values.get(noun, {}).get(key)
            row = self.table.defined.get((noun, key), 0)
            if there is None:
                yield key, value
                wrong = check.findings(value)
                wrong += [] if SLUG.fullmatch(key) else [Finding((), "bad-id", slug_message(key))]
                self._note(row, wrong, f"{noun}.", "" if row else f"{noun} {shorten(key)}: ")
            elif differ := _differing(there, value):
                there_already = f'{noun} "{shorten(key)}" is there already, with another '
                self.problems.append(
                    CellProblem(row, f"{noun}.{differ[0]}", there_already + ", ".join(differ))
                )

    def _names(self, ids: Collection[str]) -> Names:
        """The names there will be."""
        old, new = self.before.values, self.table.tables
        topics, matters, sources = ({**old.get(noun, {}), **new[noun]} for noun in PLURAL)
        return Names(topics, matters, sources, ids)

    def _note(self, row: int, findings: Iterable[Finding], under: str = "", lead: str = "") -> None:
        """Note what is wrong with a value, at the column that it is in."""
        for finding in findings:
            missing = re.fullmatch('missing key "(.+)"', finding.message)
            names = [part for part in finding.path if type(part) is str] or [""]
            key = missing[1] if missing else names[-1 if "sources" in names else 0]
            if missing and self.table.labels and under + key not in self.table.labels:
                no_column = f'no column "{under}{key}", which is needed'
                self.problems.append(CellProblem(self.table.header, "", no_column))
            elif (row, under + key) not in self.unread:
                self.problems.append(CellProblem(row, under + key, lead + message(finding)))

    def _events(self, tables: dict[str, dict[str, Any]], *, update: bool) -> Addition:
        there = {event.id: event for event in self.old.events}
        same: dict[object, str] = {(it.date.text, it.title): it.id for it in self.old.events}
        ids = set(there)
        for entry in self.table.entries:
            said = entry.values
            known = same.get((said.get("date"), said.get("title"))) if "id" not in said else None
            raw = {"id": known, **said} if known else with_id(said, ids)
            identity = str(raw.get("id", ""))
            if identity in self.entries:
                wrong = f"is the event of {self.table.unit} {self.entries[identity].row}, too"
                self.problems.append(CellProblem(entry.row, "id", wrong))
            ids.add(identity)
            self.entries[identity] = entry
        check = keys.check("event", self._names(ids))
        new, changed, unchanged = [], {}, 0
        for identity, entry in self.entries.items():
            event = there.get(identity)
            old = self.before.values["event"][event.position] if event else {}
            raw = self._merged(old, entry)
            # One that has no id lacks what an id would be made of, and that is what is reported.
            raw = {"id": identity or "new", **raw}
            if findings := check.findings(raw):
                for finding in findings:
                    self._note(self._row(entry, finding.path, raw), [finding])
            elif event is None:
                new.append(raw)
            elif keys.event_of(check.build(raw), 0) == event:
                unchanged += 1
            elif update:
                changed[identity] = raw
            else:
                differ = ", ".join(k for k in names_of("event") if raw.get(k) != old.get(k))
                wrong = f'"{identity}" is there already, with another {differ}; --update changes it'
                self.problems.append(CellProblem(entry.row, "", wrong))
        return Addition(new, tables, changed, unchanged)

    def _merged(self, old: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
        """What an event shall hold: what it held, and what the table has of it."""
        merged = {**old}
        _update(merged, entry.values)
        citations = [{**citation} for citation in old.get("sources", ())]
        known = {_place(one): one for one in citations[::-1]}
        for _, said in entry.citations:
            place = _place(said)
            if not old or place not in known:
                known[place] = {}
                citations.append(known[place])
            _update(known[place], self._own(said))
        return merged | {"sources": citations}

    def _own(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """A citation without what a spreadsheet repeats of its document."""
        source = self.sources.get(said.get("source"), {})
        inherited = {"perspective": source.get("perspective"), "disputes": False}
        is_row = self.table.unit == "row"
        return {k: None if is_row and inherited.get(k) == v else v for k, v in said.items()}

    def _row(self, entry: Entry, path: KeyPath, raw: Mapping[str, Any]) -> int:
        """The row in which a part of an event stands."""
        if path[:1] == ("sources",) and len(path) > 1:
            cited = raw["sources"][path[1]]
            for row, said in entry.citations:
                if all(cited.get(key) == said.get(key) for key in ("source", "at")):
                    return row
        return entry.row

    def located(self, finding: Finding, added: Added) -> CellProblem:
        """What `kzt check` finds in the result, in the row that brings it."""
        table, name, key = [str(part) for part in (*finding.path, "", "", "")][:3]
        row = 0
        if table == "event" and name:
            raw = added.found.values["event"][int(name)]
            if entry := self.entries.get(raw["id"]):
                row = self._row(entry, finding.path[2:], raw)
                key = str(finding.path[-1]) if "sources" in finding.path else key
        elif (table, name) in self.table.defined:
            row, key = self.table.defined[table, name], f"source.{key}"
        return CellProblem(row, key, f"kzt check would find: {message(finding)}")


def _place(citation: Mapping[str, Any]) -> str:
    """What names a citation in an event, whatever JSON has for it."""
    return repr((citation.get("source"), citation.get("at")))


def _update(values: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if value is None or (key == "status" and value == OCCURRED):
            values.pop(key, None)
        elif not (isinstance(values.get(key), date) and str(values[key]) == value):
            values[key] = value


def _differing(there: Any, said: Any) -> list[str]:
    """The keys of which a document or a matter is said to be different."""
    if not isinstance(there, dict) or not isinstance(said, dict):
        return [] if there == said else ["label"]
    return [k for k, value in said.items() if value not in (there.get(k), str(there.get(k)))]
