"""Insert an event, and the sources that it brings, into the text of an events file.

Text in, text out. Every other byte stays, and what comes out is read again: it must hold the old
timeline and exactly what was to be added.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from kztimeline.dates.edtf import DateError, PartialDate
from kztimeline.edit import patch
from kztimeline.files.place import timeline
from kztimeline.record import keys
from kztimeline.record.keys import Names
from kztimeline.record.model import Event, Timeline
from kztimeline.record.reading import Origin, Reading, read, read_bytes
from kztimeline.record.values import SLUG, Check, slug_message
from kztimeline.record.writing import ORDER, Plain, line_end, table
from kztimeline.text.errors import Finding, KeyPath, KztError
from kztimeline.text.gate import shorten, suggest
from kztimeline.toml.blocks import Block, split
from kztimeline.toml.statements import Statements

_HEAD: Final = re.compile(r"\ufeff?(?:#:[^\n]*\n)*")
_BLANK_BEFORE: Final = re.compile(r"(?:\A|\n)\ufeff?[ \t\r]*\n\Z")
_BLANK_AFTER: Final = re.compile(r"[ \t\r]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Addition:
    """What is to be added: an event, and perhaps sources that it is the first to cite."""

    event: Plain
    sources: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Added:
    """A text with an addition in it."""

    old: str
    text: str
    edits: Sequence[patch.Edit]
    line: int
    """Where the event begins, counted from 1."""
    event: Event
    twins: tuple[str, ...]
    """The ids of others of the same date and title: it may have been there already."""

    @property
    def data(self) -> bytes:
        """The text as a file holds it."""
        return self.text.encode("utf-8")


def add(name: str, data: bytes, addition: Addition) -> Added:
    """Add to the bytes of an events file. Raises `KztError`: nothing is added half or wrongly."""
    before = read_bytes(data, whole=True)
    old = timeline(before._replace(origin=Origin(name, arguments=(name,))))
    text = before.text
    addition = _with_id(old, addition)
    wanted, index = expected(old, addition)
    _refuse_unwritable(addition)
    places = _places(text, addition, index)
    new = text
    for offset, inserted in reversed(places):
        new = new[:offset] + inserted + new[offset:]
    after = read(new, whole=True)
    if after.problems:
        raise KztError(f"{name}: can't be added to: {after.problems[0].message}")
    if not _equal(after.timeline, wanted):
        raise KztError(f"{name}: can't be added to without changing something else")
    _refuse_new_problems(before, after)
    edits = patch.insertions(text, places)
    event = wanted.events[index]
    same = event.date, event.title
    twins = tuple(other.id for other in old.events if (other.date, other.title) == same)
    return Added(text, new, edits, _line_of(new, index), event, twins)


def _refuse_new_problems(before: Reading, after: Reading) -> None:
    """Refuse what `kzt check` would find fault with. What it found before may stay."""
    for finding in new_findings(after, [before]):
        raise KztError(f"kzt check would find: {message(finding)}; nothing was added")


def new_findings(after: Reading, before: Iterable[Reading]) -> list[Finding]:
    """What is wrong with a text that is wrong with none of those before an edit."""
    # Here, because the rules are many and only what is edited needs them.
    from kztimeline.checks.rules import found
    from kztimeline.checks.subject import Subject

    def findings(it: Reading) -> list[tuple[Finding, object]]:
        subject = Subject(it.timeline, it)
        every = (*it.findings, *found(subject))
        return [(one, (one.code, subject.name_of(one.path), one.message)) for one in every]

    new = findings(after)
    known: Counter[object] = Counter()
    misplaced = 0
    for old in map(findings, before if new else ()):
        known |= Counter(identity for _, identity in old)
        misplaced = max(misplaced, sum(finding.code == "order" for finding, _ in old))
    # What stood out of order before still does, though it may be said in other words.
    in_order = sum(finding.code == "order" for finding, _ in new) <= misplaced
    fresh = []
    for finding, identity in new:
        known[identity] -= 1
        if known[identity] < 0 and not (finding.code == "order" and in_order):
            fresh.append(finding)
    return fresh


def _refuse_unwritable(addition: Addition) -> None:
    try:
        json.dumps([addition.event, addition.sources], ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        # What a command line holds that is not UTF-8 gets here as surrogates.
        raise KztError(f"event: a character can't be written in UTF-8: {error.reason}") from None


def _equal(one: Timeline, other: Timeline) -> bool:
    named = ("topics", "matters", "sources")
    return one == other and all(
        list(getattr(one, name)) == list(getattr(other, name)) for name in named
    )


def _line_of(text: str, index: int) -> int:
    block = [block for block in split(text) if _is_event(block)][index]
    return block.line + block.text.count("\n", 0, block.body - 1)


def _is_event(block: Block) -> bool:
    return block.header == ("event",) and block.array


# --- what the timeline must be -----------------------------------------------------------------


def expected(old: Timeline, addition: Addition) -> tuple[Timeline, int]:
    """The timeline with the addition in it, and the event's place. Raises `KztError`."""
    sources = dict(old.sources)
    for key, raw in addition.sources.items():
        if key in sources:
            raise KztError(f'source "{shorten(key)}" is already there')
        if not SLUG.fullmatch(key):
            raise KztError(f"source: {slug_message(key)}")
        sources[key] = _checked(f"source {key}", keys.check("source"), raw)
    ids = {event.id for event in old.events}
    check = keys.check("event", Names(old.topics, old.matters, sources, ids))
    # One that has no id lacks what an id would be made of, and that is what is told.
    values = _checked("event", check, {"id": "new", **addition.event})
    if values["id"] in ids:
        raise KztError(f'event: id "{values["id"]}" is already used by another event')
    event = Event(**values)
    index = _index(old, event.date)
    events = (*old.events[:index], event, *old.events[index:])
    return old._replace(events=events, sources=MappingProxyType(sources)), index


def _index(old: Timeline, when: PartialDate) -> int:
    """The place after the last event that is no later, of those that stand in order."""
    from kztimeline.checks.dates import longest_ascending

    keys = [event.date.sort_key for event in old.events]
    no_later = [i for i in longest_ascending(keys) if keys[i] <= when.sort_key]
    return no_later[-1] + 1 if no_later else 0


def _checked(what: str, check: Check, raw: object) -> Any:
    if findings := check.findings(raw):
        wrong = "; ".join(message(finding) for finding in findings[:10])
        raise KztError(f"{what}: {wrong}")
    return check.build(raw)


def message(finding: Finding) -> str:
    """What is wrong, with what may have been meant."""
    hint = finding.hint or suggest(finding.name, finding.known)
    return f"{finding.message} ({hint})" if hint else finding.message


def wrong_in_event(old: Timeline, key: str, value: Any) -> str | None:
    """What is wrong with one value of an event that is to be added to a timeline, if anything."""
    ids = {event.id for event in old.events}
    if key == "id" and value in ids:
        return f'id "{value}" is already used by another event'
    check = keys.check("event", Names(old.topics, old.matters, old.sources, ids))
    return _wrong(check, key, value)


def wrong_in_citation(old: Timeline, key: str, value: Any) -> str | None:
    """What is wrong with one value of a citation, if anything."""
    check = keys.check("event", Names(source=old.sources))
    return _wrong(check, "sources", [{key: value}], ("sources", 0, key))


def wrong_in_source(key: str, value: Any) -> str | None:
    """What is wrong with one value of a new source, if anything."""
    return _wrong(keys.check("source"), key, value)


def _wrong(check: Check, key: str, value: Any, under: KeyPath = ()) -> str | None:
    under = under or (key,)
    for finding in check.findings({key: value}):
        if finding.path[: len(under)] == under:
            return message(finding)
    return None


# --- the text ----------------------------------------------------------------------------------


def _places(text: str, addition: Addition, index: int) -> list[tuple[int, str]]:
    """The offsets in the text, ascending and distinct, with what is inserted there."""
    newline = line_end(text)
    blocks = split(text)
    bodies: dict[int, list[str]] = {}
    for key, raw in addition.sources.items():
        body = table(f"[source.{key}]", raw, ORDER["source"], newline)
        bodies.setdefault(_source_offset(text, blocks), []).append(body)
    event = table("[[event]]", addition.event, ORDER["event"], newline)
    bodies.setdefault(_event_offset(text, blocks, index), []).append(event)
    return [
        (offset, _set_off(text, offset, (newline * 2).join(bodies[offset]), newline))
        for offset in sorted(bodies)
    ]


def _event_offset(text: str, blocks: Sequence[Block], index: int) -> int:
    starts = [block.start for block in blocks if _is_event(block)]
    if index < len(starts):
        # The mark of the byte order stays first, and so do directives to editors.
        match = _HEAD.match(text)
        return max(starts[index], match.end() if match else 0)
    inside = [block for block in blocks if block.header[:1] == ("event",)]
    return inside[-1].start + len(inside[-1].text) if inside else len(text)


def _source_offset(text: str, blocks: Sequence[Block]) -> int:
    """After the last source, above comments that are set off from it; else before the events."""
    sources = [block for block in blocks if block.header[:1] == ("source",)]
    if sources:
        return sources[-1].start + Statements(sources[-1]).body_end
    return _event_offset(text, blocks, 0)


def _set_off(text: str, offset: int, body: str, newline: str) -> str:
    """A table with the line ends and blank lines that it needs around it."""
    before, after = text[:offset], text[offset:]
    lead = ""
    if before.strip("\ufeff"):
        if not before.endswith("\n"):
            lead = newline
        if not _BLANK_BEFORE.search(before[-200:]):
            lead += newline
    if not after:
        # A file without a line end at its end stays one.
        return lead + body + (newline if before.endswith("\n") or not lead else "")
    blank = _BLANK_AFTER.match(after)
    return lead + body + newline + ("" if blank else newline)


# --- ids ---------------------------------------------------------------------------------------

_LONGEST_ID: Final = 48
_LETTER: Final = re.compile(r"(LATIN|CYRILLIC) (?:SMALL|CAPITAL) LETTER (?:SHORT )?([A-Z]+)\b")
_SPELLED: Final = {name: name for name in ("a", "e", "i", "o", "u", "yu", "ya")} | {
    "io": "yo",
    "ie": "e",
    "yeru": "y",
    "schwa": "a",
    "ghe": "g",
    "ha": "kh",
}


def _with_id(old: Timeline, addition: Addition) -> Addition:
    """The same with an id, if it has none and its date and title make one."""
    when, title = addition.event.get("date"), addition.event.get("title")
    if "id" in addition.event or not isinstance(when, str) or not isinstance(title, str):
        return addition
    try:
        proposed = propose_id(PartialDate.parse(when), title, {event.id for event in old.events})
    except DateError:
        return addition
    return replace(addition, event={"id": proposed, **addition.event})


def propose_id(when: PartialDate, title: str, taken: Collection[str]) -> str:
    """An id that is still free, of the year and the first words of the title."""
    day: date | None = when.first_earliest or when.latest
    words = [f"{when.year or day.year:04}"] if day else []
    words += re.findall(r"[a-z0-9]+", _ascii(title.replace("'", "").replace("’", ""))) or ["event"]
    proposed = ""
    for word in words:
        longer = f"{proposed}-{word}".strip("-")
        if len(longer) > _LONGEST_ID and proposed:
            break
        proposed = longer[:_LONGEST_ID]
    return next(name for name in _numbered(proposed) if name not in taken)


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _ascii(text: str) -> str:
    """A text in lower-case ASCII letters, as far as the names of its characters tell them."""
    return "".join(map(_letters, unicodedata.normalize("NFKD", text.lower())))


def _letters(char: str) -> str:
    if char.isascii():
        return char
    whole = unicodedata.name(char, "")
    named = _LETTER.match(whole)
    if not named:
        return "" if unicodedata.combining(char) else " "
    script, name = named[1], named[2].lower()
    if script == "LATIN":
        # "o with stroke", the ligature "ae"; but "sharp s", "dotless i".
        return name if len(name) <= 2 else whole.rpartition(" ")[2].lower()[:2]
    if name in _SPELLED or whole.endswith(" SIGN"):
        return _SPELLED.get(name, "")
    # Consonants are named with a vowel: "be", "el", "shcha".
    return re.sub("[ae]", "", name)
