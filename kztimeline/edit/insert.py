"""Insert an event, and the sources that it brings, into the text of an events file.

Text in, text out. Every other byte stays, and what comes out is read again: it must hold the old
timeline and exactly what was to be added.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, count
from types import MappingProxyType
from typing import Any, Final

from kztimeline.checks.dates import longest_ascending
from kztimeline.dates.edtf import DateError, PartialDate
from kztimeline.edit import patch
from kztimeline.edit.units import identical, opening
from kztimeline.files.place import timeline
from kztimeline.record import keys
from kztimeline.record.keys import Names
from kztimeline.record.model import Event, Timeline
from kztimeline.record.reading import Origin, Reading, read, read_bytes
from kztimeline.record.values import SLUG, Check, slug_message
from kztimeline.record.writing import ORDER, Plain, line_end, table
from kztimeline.record.writing import entry as table_entry
from kztimeline.text.errors import Finding, KztError
from kztimeline.text.gate import plural, shorten, suggest
from kztimeline.toml.blocks import Block, split
from kztimeline.toml.statements import Statements, UnclearError

_BLANK_BEFORE: Final = re.compile(r"(?:\A|\n)\ufeff?[ \t\r]*\n\Z")
_BLANK_AFTER: Final = re.compile(r"[ \t\r]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Addition:
    """What is to be added: events, and what they need that isn't there yet."""

    events: Sequence[Plain]
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """New topics, matters and sources by their names, and perhaps a title, as the file has them."""
    changed: Mapping[str, Plain] = field(default_factory=dict)
    """All that events which are there shall hold, by their ids."""
    unchanged: int = 0
    """How many others were to be added and are there already, as they are."""


@dataclass(frozen=True, slots=True)
class Added:
    """A text with an addition in it."""

    addition: Addition
    old: str
    text: str
    edits: Sequence[patch.Edit]
    events: Sequence[Event]
    """Those that are new, in the order of the addition."""
    found: Reading
    """The text, read again."""
    findings: Sequence[Finding]
    """What `kzt check` finds now and didn't before; there are no errors in what `add` gives."""

    @property
    def data(self) -> bytes:
        """The text as a file holds it."""
        return self.text.encode("utf-8")

    @property
    def warnings(self) -> list[str]:
        """What `kzt check` warns of."""
        return [message(one) for one in self.findings if one.severity == "warning"]

    @property
    def summary(self) -> str:
        """What was added, in words."""
        new = [("event", self.addition.events), *self.addition.tables.items()]
        counts = [plural(len(found), noun) for noun, found in new if found and noun != "timeline"]
        changed, same = self.addition.changed, self.addition.unchanged
        words = [f"added {', '.join(counts)}"] if counts else []
        words += [f"changed {plural(len(changed), 'event')}"] if changed else []
        words += [f"{same:,} were there already"] if same or not words else []
        return "; ".join(words)

    def line(self, identity: str) -> int:
        """Where an event begins, counted from 1."""
        index = [event.id for event in self.found.timeline.events].index(identity)
        block = [block for block in split(self.text) if _is_event(block)][index]
        return block.line + block.text.count("\n", 0, block.body - 1)


def add(name: str, data: bytes, addition: Addition) -> Added:
    """Add to the bytes of an events file. Raises `KztError`: nothing is added half or wrongly."""
    added = attempt(name, before(name, data), addition)
    for finding in added.findings:
        if finding.severity == "error":
            raise KztError(f"kzt check would find: {message(finding)}; nothing was added")
    return added


def before(name: str, data: bytes) -> Reading:
    """The bytes of an events file as an edit needs them. Raises `KztError` if it is broken."""
    found = read_bytes(data, whole=True)._replace(origin=Origin(name, arguments=(name,)))
    timeline(found)
    return found


def attempt(name: str, before: Reading, addition: Addition) -> Added:
    """The same, also if `kzt check` finds errors in what is added."""
    old = before.timeline
    addition = _with_ids(old, addition)
    wanted, new = expected(old, addition)
    _refuse_unwritable(addition)
    changes = _changes(before, addition, new)
    text = patch.changed(before.text, changes)
    after = read(text, whole=True)
    if after.problems:
        raise KztError(f"{name}: can't be added to: {after.problems[0].message}")
    if not identical(after.timeline, wanted):
        raise KztError(f"{name}: can't be added to without changing something else")
    edits = patch.replacements(before.text, changes)
    findings = tuple(new_findings(after, [before]))
    events = [event for _, event in new]
    return Added(addition, before.text, text, edits, events, after, findings)


def new_findings(after: Reading, before: Iterable[Reading]) -> list[Finding]:
    """What is wrong with a text that is wrong with none of those before an edit."""
    # Here, because the rules are many and only what is edited needs them.
    from kztimeline.checks import registry
    from kztimeline.checks.subject import Subject

    def findings(it: Reading) -> list[tuple[Finding, object]]:
        subject = Subject(it)
        every = registry.findings(subject)
        return [(one, (one.code, subject.name_of(one.path), one.message)) for one in every]

    new = findings(after)
    known: Counter[object] = Counter()
    misplaced = 0
    for old in map(findings, before if new else ()):
        known |= Counter(identity for _, identity in old)
        misplaced = max(misplaced, sum(finding.code == "order" for finding, _ in old))
    # What stood out of order before still does, though it may be reported in other words.
    in_order = sum(finding.code == "order" for finding, _ in new) <= misplaced
    fresh = []
    for finding, identity in new:
        known[identity] -= 1
        if known[identity] < 0 and not (finding.code == "order" and in_order):
            fresh.append(finding)
    return fresh


def _refuse_unwritable(addition: Addition) -> None:
    try:
        parts = [addition.events, addition.tables, addition.changed]
        json.dumps(parts, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError as error:
        # What a command line holds that is not UTF-8 gets here as surrogates.
        raise KztError(f"event: a character can't be written in UTF-8: {error.reason}") from None


def _is_event(block: Block) -> bool:
    return block.header == ("event",) and block.array


# --- what the timeline must be -----------------------------------------------------------------


def expected(old: Timeline, addition: Addition) -> tuple[Timeline, list[tuple[int, Event]]]:
    """The timeline with the addition in it, and each event with its index among the old ones.

    Raises `KztError`.
    """
    topics = _grown("topic", old.topics, keys.TOPIC, addition)
    matters = _grown("matter", old.matters, keys.check("matter", Names(topics)), addition)
    sources = _grown("source", old.sources, keys.check("source"), addition)
    taken = {event.id for event in old.events}
    ids = taken | {str(raw.get("id")) for raw in addition.events}
    check = keys.check("event", Names(topics, matters, sources, ids))
    new = []
    for raw in addition.events:
        event = _event(check, raw, ids)
        if event.id in taken:
            raise KztError(f'event: id "{event.id}" is already used by another event')
        taken.add(event.id)
        new.append(event)
    dates, added = ([event.date.sort_key for event in events] for events in (old.events, new))
    indexed = list(zip(places(dates, added), new, strict=True))
    changed = {key: _event(check, raw, ids) for key, raw in addition.changed.items()}
    there = [(index + 0.5, changed.get(event.id, event)) for index, event in enumerate(old.events)]
    events = tuple(event for _, event in sorted([*indexed, *there], key=_place))
    title = old.title or addition.tables.get("timeline", {}).get("title")
    return Timeline(topics, matters, sources, events, title), indexed


def places(dates: list[tuple[int, int]], new: Iterable[tuple[int, int]]) -> list[int]:
    """The index for each new date: after the last one no later, of those that stand in order."""
    in_order = longest_ascending(dates)
    counts = [bisect_right(in_order, when, key=dates.__getitem__) for when in new]
    return [in_order[count - 1] + 1 if count else 0 for count in counts]


def _place(new: tuple[float, Event]) -> tuple[float, tuple[int, int]]:
    return new[0], new[1].date.sort_key


def _grown(
    noun: str, old: Mapping[str, Any], check: Check, addition: Addition
) -> Mapping[str, Any]:
    """A table with what is added to it."""
    entries = dict(old)
    for key, raw in addition.tables.get(noun, {}).items():
        if key in entries:
            raise KztError(f'{noun} "{shorten(key)}" is already there')
        if not SLUG.fullmatch(key):
            raise KztError(f"{noun}: {slug_message(key)}")
        entries[key] = _checked(f"{noun} {key}", check, raw)
    return MappingProxyType(entries)


def _event(check: Check, raw: Plain, ids: set[str]) -> Event:
    identity = str(raw.get("id"))
    # None answers itself.
    ids.discard(identity)
    # One that has no id lacks what an id would be made of, and that is what is reported.
    values = _checked("event", check, {"id": "new", **raw})
    ids.add(identity)
    return keys.event_of(values, 0)


def _checked(what: str, check: Check, raw: object) -> Any:
    if findings := check.findings(raw):
        wrong = "; ".join(message(finding) for finding in findings[:10])
        raise KztError(f"{what}: {wrong}")
    return check.build(raw)


def message(finding: Finding) -> str:
    """What is wrong, with what may have been meant."""
    hint = finding.hint or suggest(finding.name, finding.known)
    return f"{finding.message} ({hint})" if hint else finding.message


def error_in(table: str, old: Timeline, key: str, value: Any) -> str | None:
    """What is wrong with one value of an event, a citation or a new source, if anything."""
    ids = {event.id for event in old.events}
    if table == "event" and key == "id" and value in ids:
        return f'id "{value}" is already used by another event'
    check = keys.check(table, Names(old.topics, old.matters, old.sources, ids))
    for finding in check.findings({key: value}):
        if finding.path[:1] == (key,):
            return message(finding)
    return None


def errors(before: Reading, addition: Addition) -> dict[object, str]:
    """All that `kzt check` would refuse an addition for, by what makes it the same finding."""
    try:
        findings = attempt("", before, addition).findings
    except KztError as error:
        return {str(error): str(error)}
    # Names and places change with the answers, as does the id that is proposed.
    wrong = [one for one in findings if one.severity == "error"]
    return {(one.code, one.path[:1], one.path[2:]): message(one) for one in wrong}


# --- the text ----------------------------------------------------------------------------------


def _changes(
    before: Reading, addition: Addition, new: Sequence[tuple[int, Event]]
) -> list[patch.Change]:
    """What to replace in the text, in its order."""
    text, newline = before.text, line_end(before.text)
    blocks, first = split(text), opening(before.text)
    bodies: dict[int, list[str]] = {}
    leads: dict[int, str] = {}
    for noun, entries in addition.tables.items():
        if there := [block for block in blocks if block.header[:1] == (noun,)]:
            # Above comments that are set off from the last one.
            offset = there[-1].start + Statements(there[-1]).body_end
        else:
            later = list(ORDER)[list(ORDER).index(noun) + 1 :]
            starts = [block.start for block in blocks if {*block.header[:1]} & {*later}]
            offset = max(min(starts, default=len(text)), first)
        new_tables = {f"[{noun}.{key}]": raw for key, raw in entries.items()}
        if noun in _SINGLE and entries:
            new_tables = {} if there else {f"[{noun}]": entries}
            rows = [table_entry(key, raw, newline) + newline for key, raw in entries.items()]
            start = "" if text[:offset].endswith("\n") else newline
            leads |= {offset: start + "".join(rows)} if there else {}
        for header, raw in new_tables.items():
            own = table(header, raw, ORDER[noun] or list(raw), newline)
            bodies.setdefault(offset, []).append(own)
    starts = [max(block.start, first) for block in blocks if _is_event(block)]
    inside = [block for block in blocks if block.header[:1] == ("event",)]
    starts.append(inside[-1].start + len(inside[-1].text) if inside else len(text))
    for (index, _), raw in sorted(
        zip(new, addition.events, strict=True), key=lambda pair: _place(pair[0])
    ):
        own = table("[[event]]", raw, ORDER["event"], newline)
        bodies.setdefault(starts[index], []).append(own)
    inserted = []
    for offset in leads.keys() | bodies.keys():
        lead, body = leads.get(offset, ""), bodies.get(offset, [])
        inserted.append(patch.Change(offset, offset, _set_off(text, offset, lead, body, newline)))
    return sorted([*inserted, *_rewritten(before, blocks, addition.changed, newline)])


_SINGLE: Final = ("timeline", "topic")
"""The tables that stand once in a file."""


def _set_off(text: str, offset: int, lead: str, tables: Sequence[str], newline: str) -> str:
    """Tables with the line ends and blank lines that they need around them, behind a lead."""
    if not tables:
        return lead
    body = (newline * 2).join(tables)
    before, after = text[max(0, offset - 200) : offset] + lead, text[offset : offset + 200]
    start = ""
    if before.strip("\ufeff"):
        if not before.endswith("\n"):
            start = newline
        if not _BLANK_BEFORE.search(before):
            start += newline
    if not after:
        # A file without a line end at its end stays one.
        return lead + start + body + (newline if before.endswith("\n") or not start else "")
    blank = _BLANK_AFTER.match(after)
    return lead + start + body + newline + ("" if blank else newline)


def _rewritten(
    before: Reading, blocks: Sequence[Block], changed: Mapping[str, Plain], newline: str
) -> Iterator[patch.Change]:
    """What to replace so that events which are there hold other values, key by key."""
    heads = [block for block in blocks if _is_event(block)]
    for event in before.timeline.events if changed else ():
        if event.id in changed:
            raw, block = before.values["event"][event.position], heads[event.position]
            try:
                yield from _of_event(block, raw, changed[event.id], newline)
            except UnclearError:
                why = "its layout is not plain; run kzt fmt first, or edit it by hand"
                raise KztError(f"event {event.id}: {why}") from None


def _of_event(block: Block, old: Plain, new: Plain, newline: str) -> Iterator[patch.Change]:
    statements = Statements(block)
    order = ORDER["event"]
    rows = [row for row in statements.rows if row.value]
    for key in order:
        if old.get(key) == new.get(key):
            continue
        mine = [row for row in rows if row.path[0] == key]
        if len(mine) > 1 or (mine and mine[0].path != (key,)) or (key in old and not mine):
            raise UnclearError
        text = f"{table_entry(key, new[key], newline)}{newline}" if key in new else ""
        start = end = block.start + block.body
        for row in rows:
            if order.index(row.path[0]) < order.index(key):
                start = end = block.start + row.end + 1
        for row in mine:
            if row.value and (row.behind or statements.comments_in(row.value)):
                raise UnclearError
            start, end = block.start + row.start, block.start + row.end + 1
        yield patch.Change(start, min(end, block.start + len(block.text)), text)


# --- ids ---------------------------------------------------------------------------------------

_LONGEST_ID: Final = 48
_LATIN: Final = str.maketrans(
    # The letters of Kazakh and Russian, and those of Latin that are not a letter with an accent.
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ъ": "", "ь": "", "ю": "yu", "я": "ya"}
    | dict(zip("әғқңөұүһі", "agknouuhi", strict=True))
    | dict(zip("łøđðħıß", "loddhis", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th", "'": "", "’": ""}
)
"""Letters as English writes names that have them."""


def _with_ids(old: Timeline, addition: Addition) -> Addition:
    """The same with an id for each event that has none and whose date and title make one."""
    taken = {event.id for event in old.events} | {str(raw.get("id")) for raw in addition.events}
    events = []
    for raw in addition.events:
        events.append(with_id(raw, taken))
        taken.add(str(events[-1].get("id")))
    return replace(addition, events=events)


def with_id(raw: Plain, taken: Collection[str]) -> Plain:
    """An event with an id, if its date and title make one."""
    when, title = raw.get("date"), raw.get("title")
    if "id" in raw or not isinstance(when, str) or not isinstance(title, str):
        return raw
    try:
        return {"id": propose_id(PartialDate.parse(when), title, taken), **raw}
    except DateError:
        return raw


def propose_id(when: PartialDate, title: str, taken: Collection[str]) -> str:
    """An id that is still free, of the year and the first words of the title."""
    day: date | None = when.first_earliest or when.latest
    words = [f"{when.year or day.year:04}"] if day else []
    words += re.findall(r"[a-z0-9]+", _ascii(title)) or ["event"]
    proposed = ""
    for word in words:
        longer = f"{proposed}-{word}".strip("-")
        if len(longer) > _LONGEST_ID and proposed:
            break
        proposed = longer[:_LONGEST_ID]
    names = chain([proposed], (f"{proposed}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def _ascii(text: str) -> str:
    """A text in lower case with the letters of ASCII for those of its own."""
    latin = unicodedata.normalize("NFC", text.lower()).translate(_LATIN)
    parts = unicodedata.normalize("NFKD", latin)
    return "".join(char for char in parts if not unicodedata.combining(char))
