"""Text of an events file → an immutable `Timeline` and the problems found on the way.

Nothing here raises on data. Checks work on the plain values that the TOML parser gives; line and
column are looked up in the text only for what is reported (see ``blocks.py``).
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import rtoml

from kztimeline.fields import (
    SLUG,
    Check,
    Fields,
    Finding,
    Path,
    Rejected,
    choice,
    flag,
    list_of,
    partial_date,
    slug,
    slug_message,
    text,
    unknown,
    wrong_type,
)
from kztimeline.model import (
    KINDS,
    PERSPECTIVES,
    STATUSES,
    Citation,
    Event,
    Matter,
    Problem,
    Source,
    Timeline,
)
from kztimeline.text import suggest

if TYPE_CHECKING:
    from kztimeline.blocks import Block, Locator


class Reading(NamedTuple):
    """What a text holds, and all that is wrong with it; `timeline` has what could be read."""

    timeline: Timeline
    problems: tuple[Problem, ...]


# --- the tables of the file --------------------------------------------------------------------

_SOURCE = Fields(
    {
        "title": text(300),
        "authors": list_of(text(200), "author", 100),
        "publisher": text(300),
        "date": partial_date,
        "perspective": choice("perspective", PERSPECTIVES),
        "url": text(2000),
        "note": text(5000),
    },
    ["title", "date", "perspective"],
)
_TIMELINE = Fields({"title": text(300)})


class _Record:
    """One parsed document on its way to a `Timeline`; collects what is wrong with it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.findings: list[Finding] = []
        top = {"timeline": dict, "topic": dict, "matter": dict, "source": dict, "event": list}
        for key in data.keys() - top.keys():
            self._note((), [unknown("key", key, top.keys(), (key,))])
        for key, kind in top.items():
            if type(data.get(key, kind())) is not kind:
                wanted = "[[event]] tables" if kind is list else f"a table, [{key}]"
                findings = wrong_type(data[key], wanted).findings
                self._note((), [finding.under(key, key) for finding in findings])

    def _note(self, base: Path, findings: Iterable[Finding]) -> None:
        self.findings += [f._replace(path=(*base, *f.path)) for f in findings]

    def _table(self, key: str) -> dict[str, Any]:
        value = self.data.get(key)
        return value if type(value) is dict else {}

    def _checked(self, base: Path, check: Check, raw: object) -> Any:
        """The checked value, or None after noting why there is none."""
        try:
            return check(raw)
        except Rejected as rejected:
            *above, key = base
            self._note(tuple(above), [f.under(key, str(key)) for f in rejected.findings])
            return None

    def _named(self, key: str, check: Check) -> dict[str, Any]:
        """The entries of a table of named things that pass `check`."""
        entries = {}
        for name, raw in self._table(key).items():
            if not SLUG.fullmatch(name):
                message = slug_message(name)
                self._note((key,), [Finding((name,), "bad-id", message, on_key=True)])
            value = self._checked((key, name), check, raw)
            if value is not None:
                entries[name] = value
        return entries

    def timeline(self) -> Timeline:
        """Check everything and build what can be built."""
        head = self._checked(("timeline",), _TIMELINE, self._table("timeline")) or {}
        topics = self._named("topic", text(200))
        topic_list = list_of(choice("topic", self._table("topic")), "topic", 100)
        matter = Fields({"title": text(300), "topics": topic_list}, ["title"])
        matters = self._named("matter", matter)
        sources = self._named("source", _SOURCE)
        return Timeline(
            title=head.get("title"),
            topics=MappingProxyType(topics),
            matters=MappingProxyType({key: Matter(**raw) for key, raw in matters.items()}),
            sources=MappingProxyType({key: Source(**raw) for key, raw in sources.items()}),
            events=tuple(self._events(topic_list)),
        )

    def _events(self, topic_list: Check) -> list[Event]:
        raws = self.data.get("event")
        raws = raws if type(raws) is list else []
        seen: dict[str, int] = {}
        for index, raw in enumerate(raws):
            identity = raw.get("id") if type(raw) is dict else None
            if type(identity) is str and seen.setdefault(identity, index) != index:
                message = f'id "{identity[:64]}" is already used by another event'
                self._note(("event", index, "id"), [Finding((), "duplicate-id", message)])
        fields = self._event_fields(topic_list, seen)
        events = []
        for index, raw in enumerate(raws):
            try:
                values = fields(raw)
            except Rejected as rejected:
                self._note(("event", index), rejected.findings)
            else:
                events.append(Event(index=index, **values))
        return events

    def _event_fields(self, topic_list: Check, ids: Mapping[str, int]) -> Fields:
        citation = Fields(
            {
                "source": choice("source", self._table("source")),
                "at": text(300),
                "says": text(1000),
                "perspective": choice("perspective", PERSPECTIVES),
                "disputes": flag,
            },
            ["source", "at"],
        )
        state = Fields(dict.fromkeys(self._table("matter"), text(300)), noun="matter")
        return Fields(
            {
                "id": slug,
                "date": partial_date,
                "title": text(300),
                "kind": choice("kind", KINDS),
                "topics": topic_list,
                "status": choice("status", STATUSES),
                "summary": text(5000),
                "state": lambda raw: MappingProxyType(state(raw)),
                "asks": text(1000),
                "answers": list_of(choice("event", ids), "event", 100),
                "dating": text(1000),
                "sources": list_of(lambda raw: Citation(**citation(raw)), "citation", 100),
            },
            ["id", "date", "title", "kind", "topics", "summary", "sources"],
        )


# --- text --------------------------------------------------------------------------------------


def read(source: str) -> Reading:
    """Read the text of an events file. Never raises on data.

    Problems come in the order of the file. Where the TOML itself is broken, the blocks that can
    be read are still checked, so that one missing quote doesn't hide the rest.
    """
    blocks: tuple[Block, ...] | None = None
    problems: list[Problem] = []
    try:
        data = rtoml.loads(source)
    except ValueError as error:
        data, blocks, problems = _salvage(source, error)
    record = _Record(data)
    timeline = record.timeline()
    if record.findings:
        # Not at the top: compiling its patterns would be a tenth of what `kzt list` takes to start.
        from kztimeline.blocks import Locator

        problems += _problems(Locator(source, blocks), record.findings)
    return Reading(timeline, tuple(sorted(set(problems))))


def _problems(locator: "Locator", findings: Iterable[Finding]) -> list[Problem]:
    problems = []
    # Looking for near names costs time for every candidate; a hostile file has many of both.
    candidates = 100_000
    for finding in findings:
        position = locator.position(finding.path, key=finding.on_key)
        candidates -= len(finding.known)
        hint = suggest(finding.name, finding.known) if candidates >= 0 else ""
        problems.append(
            Problem(
                line=position.line,
                column=position.column,
                code=finding.code,
                message=finding.message,
                hint=hint,
            )
        )
    return problems


# Blocks cost about a kilobyte each: beyond this many characters, a broken file is told to be one.
_SALVAGED = 16 << 20

_POSITION = re.compile(r" at line (\d+) column (\d+)$")
_BARE_MONTH = re.compile(r"=\s*(\d{4}-\d{2})\s*(?:#|$)")


def _syntax(error: ValueError, source: str, first_line: int = 1) -> Problem:
    """The parser's error as a problem, `source` being the text it saw from `first_line` on."""
    message = str(error)
    lines = source.split("\n")
    found = _POSITION.search(message)
    if found:
        line, column = int(found[1]), int(found[2])
        message = message[: found.start()]
    else:
        # The parser names no place for its recursion limit: it's where the most dots are.
        line = max(range(len(lines)), key=lambda i: lines[i].count(".")) + 1
        column = 1
    bare = _BARE_MONTH.search(lines[line - 1]) if line <= len(lines) else None
    if bare:
        message = f'a month needs quotes: "{bare[1]}"'
    return Problem(line=first_line + line - 1, column=column, code="syntax", message=message)


def _salvage(
    source: str, error: ValueError
) -> "tuple[dict[str, Any], tuple[Block, ...], list[Problem]]":
    """Read the blocks of a broken document one by one: (data, readable blocks, problems)."""
    from kztimeline.blocks import split

    if len(source) > _SALVAGED:
        return {}, (), [_syntax(error, source)]
    attempts = [_by_block(split(source)), _by_block(split(source, suspicious=True))]
    data, good, problems = min(attempts, key=lambda found: (len(found[2]), -len(found[1])))
    return data, good, problems or [_syntax(error, source)]


def _by_block(
    blocks: "Iterable[Block]",
) -> "tuple[dict[str, Any], tuple[Block, ...], list[Problem]]":
    data: dict[str, Any] = {}
    good: list[Block] = []
    problems: list[Problem] = []
    orphan = ""
    for block in blocks:
        if block.header[:1] == (orphan,) and not (block.array and len(block.header) == 1):
            # Its parent could not be read, so it belongs to nothing that was.
            continue
        orphan = ""
        try:
            parsed = rtoml.loads(block.text)
        except ValueError as error:
            problems.append(_syntax(error, block.text, block.line))
            orphan = block.header[0] if block.array else ""
        else:
            good.append(block)
            _merge(data, parsed)
    return data, tuple(good), problems


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        old = into.get(key)
        if type(old) is list and type(value) is list:
            old += value
        elif type(old) is list and old and type(old[-1]) is dict and type(value) is dict:
            _merge(old[-1], value)
        elif type(old) is dict and type(value) is dict:
            _merge(old, value)
        else:
            into.setdefault(key, value)


def read_bytes(data: bytes) -> Reading:
    """Read the bytes of an events file, UTF-8 with or without a byte order mark."""
    try:
        return read(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[: error.start]
        problem = Problem(
            line=before.count(b"\n") + 1,
            column=len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1,
            code="encoding",
            message=f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}",
        )
        return Reading(_Record({}).timeline(), (problem,))
