"""Text of an events file → an immutable `Timeline` and the problems found on the way.

Nothing here raises on data. Checks work on the plain values that the TOML parser gives; line and
column are looked up in the text only for what is reported (see ``blocks.py``).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import rtoml

from kztimeline import tables
from kztimeline.fields import (
    MOST,
    SLUG,
    Check,
    Finding,
    Path,
    Rejected,
    limited,
    slug_message,
    unknown,
    wrong_type,
)
from kztimeline.model import Event, Problem, Timeline
from kztimeline.text import plural, suggest
from kztimeline.vocabulary import OCCURRED

if TYPE_CHECKING:
    from kztimeline.blocks import Block, Locator


class Reading(NamedTuple):
    """What a text holds, and all that is wrong with it; `timeline` has what could be read."""

    timeline: Timeline
    problems: tuple[Problem, ...]


# --- the tables of the file --------------------------------------------------------------------


_NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})


class _Record:
    """One parsed document on its way to a `Timeline`; collects what is wrong with it."""

    def __init__(
        self, data: Mapping[str, Any], lost: Mapping[str, Collection[str]] = _NOTHING
    ) -> None:
        self.data = data
        self.lost = lost
        self.findings: list[Finding] = []
        top = {"timeline": dict, "topic": dict, "matter": dict, "source": dict, "event": list}
        strange = islice((key for key in data if key not in top), MOST + 1)
        self._note((), (unknown("key", key, top.keys(), (key,)) for key in strange))
        for key, kind in top.items():
            if type(data.get(key, kind())) is not kind:
                wanted = "[[event]] tables" if kind is list else f"a table, [{key}]"
                findings = wrong_type(data[key], wanted).findings
                self._note((), [finding.under(key, key) for finding in findings])

    def _note(self, base: Path, findings: Iterable[Finding]) -> None:
        self.findings += [f._replace(path=(*base, *f.path)) for f in findings]

    @property
    def _full(self) -> bool:
        """Whether looking for more is pointless."""
        return len(self.findings) > MOST

    def _table(self, key: str) -> dict[str, Any]:
        value = self.data.get(key)
        return value if type(value) is dict else {}

    def _known(self, key: str) -> dict[str, Any]:
        """The names that a table gives, also where it can't be read."""
        return self._table(key) | dict.fromkeys(self.lost.get(key, ()))

    def _checked(self, base: Path, check: Check, raw: object) -> Any:
        """The checked value, or None after noting why there is none."""
        try:
            return check.run(raw)
        except Rejected as rejected:
            *above, key = base
            self._note(tuple(above), [f.under(key, str(key)) for f in rejected.findings])
            return None

    def _named(self, key: str, check: Check) -> dict[str, Any]:
        """The entries of a table of named things that pass `check`."""
        entries = {}
        for name, raw in self._table(key).items():
            if self._full:
                break
            if not SLUG.fullmatch(name):
                message = slug_message(name)
                self._note((key,), [Finding((name,), "bad-id", message, on_key=True)])
            value = self._checked((key, name), check, raw)
            if value is not None:
                entries[name] = value
        return entries

    def timeline(self) -> Timeline:
        """Check everything and build what can be built."""
        head = self._checked(("timeline",), tables.TIMELINE, self._table("timeline")) or {}
        return Timeline(
            title=head.get("title"),
            topics=MappingProxyType(self._named("topic", tables.TOPIC)),
            matters=MappingProxyType(self._named("matter", tables.matter(self._known("topic")))),
            sources=MappingProxyType(self._named("source", tables.SOURCE)),
            events=tuple(self._events()),
        )

    def _events(self) -> list[Event]:
        raws = self.data.get("event")
        raws = raws if type(raws) is list else []
        seen: dict[str, int] = {}
        for index, raw in enumerate(raws):
            if self._full:
                return []
            identity = raw.get("id") if type(raw) is dict else None
            if type(identity) is str and seen.setdefault(identity, index) != index:
                message = f'id "{identity[:64]}" is already used by another event'
                self._note(("event", index, "id"), [Finding((), "duplicate-id", message)])
        topics, matters, sources = map(self._known, ("topic", "matter", "source"))
        ids = seen.keys() | set(self.lost.get("event", ()))
        check = tables.event(topics, matters, sources, ids)
        events = []
        for index, raw in enumerate(raws):
            try:
                values = check.run(raw)
            except Rejected as rejected:
                self._note(("event", index), rejected.findings)
                if self._full:
                    break
            else:
                events.append(Event(position=index, spelt=_spelt(values), **values))
        return events


_DEFAULTED = frozenset({"status", "state", "answers"})


def _spelt(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys whose values say no more than their absence would."""
    if _DEFAULTED.isdisjoint(values):
        return ()
    return tuple(key for key in values if key in _DEFAULTED and values[key] in (OCCURRED, {}, ()))


# --- text --------------------------------------------------------------------------------------


class Document(NamedTuple):
    """A text with all that reading makes of it: what `check` looks at once more."""

    source: str
    data: Mapping[str, Any]
    """The plain values, of the blocks that could be read."""
    blocks: "tuple[Block, ...] | None"
    """Those blocks, where the TOML is broken."""
    timeline: Timeline
    broken: tuple[Problem, ...]
    """Where the TOML, or the encoding, is broken."""
    findings: tuple[Finding, ...]
    """What is wrong with the values."""

    def locator(self, paths: Iterable[Path]) -> "Locator":
        """What finds line and column of these paths."""
        # Not at the top: compiling its patterns would be a tenth of what `kzt list` takes to start.
        from kztimeline.blocks import Locator

        return Locator(self.source, self.blocks, paths)

    def problems(self, findings: Collection[Finding]) -> tuple[Problem, ...]:
        """What is broken, and some findings with line and column, in the order of the file."""
        paths = (finding.path for finding in findings)
        located = _problems(self.source, self.locator(paths), findings) if findings else ()
        return tuple(sorted({*self.broken, *located}, key=place_in_file))


def place_in_file(problem: Problem) -> tuple[int, int, str, str]:
    """What problems are sorted by; much faster than comparing them as they are."""
    return problem.line, problem.column, problem.code, problem.message


# The parser takes up to half a kilobyte for each table, key and entry. These are more of them than
# a record of 100,000 events has, and few enough for what is refused to take 300 MB at most.
_MOST_TABLES = 150_000
_MOST_KEYS = 300_000
_MOST_COMMAS = 1_000_000
_MOST_OF_A_TABLE = 15


def _excess(source: str) -> str:
    """What a text has too much of to be a record of events: ``700,000 keys``; else nothing."""
    if len(source) < 1 << 20:
        return ""
    keys, commas = source.count("="), source.count(",")
    # Single characters are counted in half the time.
    if source.count("[") <= _MOST_TABLES and keys <= _MOST_KEYS and commas <= _MOST_COMMAS:
        return ""
    tables = source.count("\n[")
    more = tables * _MOST_OF_A_TABLE
    for count, most, noun in (
        (tables, _MOST_TABLES, "table"),
        (keys, _MOST_KEYS + more, "key"),
        (commas, _MOST_COMMAS + more, "comma"),
    ):
        if count > most:
            return f"has {plural(count, noun)}, more than {most:,}"
    return ""


def _refused(source: str, problem: Problem) -> Document:
    """What is told of a text in which nothing can be read."""
    return Document(source, {}, (), _Record({}).timeline(), (problem,), ())


def document(source: str) -> Document:
    """Read the text of an events file, and keep what it was read from. Never raises on data."""
    if excess := _excess(source):
        return _refused(source, Problem(line=1, column=1, code="too-long", message=excess))
    blocks: tuple[Block, ...] | None = None
    broken: tuple[Problem, ...] = ()
    lost: Mapping[str, Collection[str]] = {}
    try:
        data = rtoml.loads(source)
    except ValueError as error:
        data, blocks, broken, lost = _salvage(source, error)
    record = _Record(data, lost)
    timeline = record.timeline()
    findings = tuple(limited(record.findings, len(source)))
    return Document(source, data, blocks, timeline, broken, findings)


def document_of_bytes(data: bytes) -> Document:
    """The same for bytes, UTF-8 with or without a byte order mark."""
    try:
        return document(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8").removeprefix("\ufeff")) + 1
        problem = Problem(
            line=before.count(b"\n") + 1,
            column=column,
            code="encoding",
            message=f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}",
            end=column + 1,
        )
        return _refused(data.decode("utf-8", "replace"), problem)


def read(source: str) -> Reading:
    """Read the text of an events file. Never raises on data.

    Problems come in the order of the file. Where the TOML itself is broken, the blocks that can
    be read are still checked, so that one missing quote doesn't hide the rest.
    """
    found = document(source)
    return Reading(found.timeline, found.problems(found.findings))


def read_bytes(data: bytes) -> Reading:
    """Read the bytes of an events file, UTF-8 with or without a byte order mark."""
    found = document_of_bytes(data)
    return Reading(found.timeline, found.problems(found.findings))


def _problems(source: str, locator: "Locator", findings: Iterable[Finding]) -> Iterator[Problem]:
    # Looking for near names costs time for every candidate; a hostile file has many of both.
    candidates = 100_000
    # Together for each event, because its block is scanned for the first of them.
    for finding in sorted(findings, key=_event_of):
        start, end = _span(source, locator, finding)
        position = locator.at(start)
        candidates -= len(finding.known)
        near = suggest(finding.name, finding.known) if candidates >= 0 else ""
        line_end = source.find("\n", start)
        line_end = len(source) if line_end < 0 else line_end - (source[line_end - 1] == "\r")
        yield Problem(
            line=position.line,
            column=position.column,
            code=finding.code,
            message=finding.message,
            severity=finding.severity,
            hint=finding.hint or near,
            end=position.column + max(0, min(end, line_end) - start),
        )


def _event_of(finding: Finding) -> int:
    number = finding.path[1] if len(finding.path) > 1 else -1
    return number if type(number) is int else -1


def _span(source: str, locator: "Locator", finding: Finding) -> tuple[int, int]:
    """The offsets of what a finding means."""
    start, end = finding.at or locator.span(finding.path, key=finding.on_key)
    if finding.part is None:
        return start, end
    from kztimeline.blocks import within

    part = within(source[start:end], *finding.part)
    return start + part.start, start + part.end


# Beyond this many characters or blocks, which cost about a kilobyte each, or this many broken
# blocks, a broken file is told to be one.
_SALVAGED = 16 << 20
_MOST_BLOCKS = 50_000
_MOST_BROKEN = 100


class _Salvaged(NamedTuple):
    """What can be read of a broken document, block by block."""

    data: dict[str, Any]
    good: "tuple[Block, ...]"
    broken: tuple[Problem, ...]
    lost: Mapping[str, Collection[str]]
    """The names that blocks which can't be read would give, by table."""


def _salvage(source: str, error: ValueError) -> _Salvaged:
    from kztimeline import syntax
    from kztimeline.blocks import split

    as_one = _Salvaged({}, (), (syntax.problem(error, source),), {})
    if len(source) > _SALVAGED or source.count("\n[") > _MOST_BLOCKS:
        return as_one
    attempts = [_by_block(split(source)), _by_block(split(source, suspicious=True))]
    found = min(attempts, key=lambda attempt: (len(attempt.broken), -len(attempt.good)))
    if len(found.broken) > _MOST_BROKEN:
        return as_one
    return found if found.broken else found._replace(broken=as_one.broken)


def _by_block(blocks: "Iterable[Block]") -> _Salvaged:
    from kztimeline import syntax

    data: dict[str, Any] = {}
    good: list[Block] = []
    broken: list[Problem] = []
    lost: dict[str, set[str]] = {}
    orphan = ""
    for block in blocks:
        if block.header[:1] == (orphan,) and not (block.array and len(block.header) == 1):
            # Its parent could not be read, so it belongs to nothing that was.
            continue
        orphan = ""
        try:
            parsed = rtoml.loads(block.text)
        except ValueError as error:
            broken.append(syntax.problem(error, block.text, block.line))
            if block.header:
                orphan = block.header[0] if block.array else ""
                lost.setdefault(block.header[0], set()).update(_names(block))
            if len(broken) > _MOST_BROKEN:
                break
        else:
            single = len(block.header) == 1 and not block.array
            if single and type(data.get(block.header[0])) is list:
                # A table in the place of another entry: [event] instead of [[event]].
                continue
            good.append(block)
            _merge(data, parsed)
    return _Salvaged(data, tuple(good), tuple(broken), lost)


def _names(block: "Block") -> Iterator[str]:
    """What a block that can't be read would have given a name to."""
    from kztimeline.blocks import spans

    if block.header[0] == "event":
        found = re.search(r"^[ \t]*id\b[^\w\n]*([a-z0-9-]+)", block.text, re.MULTILINE | re.ASCII)
        yield from [found[1]] if found else []
    elif len(block.header) > 1:
        yield block.header[1]
    else:
        yield from (str(path[0]) for path in spans(block))


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


# What ``kzt check --explain`` tells of the codes above, written like the docstrings of rules.py.
MANUAL: Mapping[str, str] = MappingProxyType(
    {
        "encoding": """
            A byte that is not UTF-8.

            Save the file as UTF-8: most editors offer that in the dialogue for saving. In the
            sample, \\xff stands for such a byte.

            Fails:

                [[event]]
                title = "A law \\xff"

            Passes:

                [[event]]
                title = "A law – закон"
            """,
        "duplicate-id": """
            Two events with the same id.

            Reported at the second one. Ids are never reused: choose another, such as the year and
            two or three words of the title.

            Fails:

                [[event]]
                id = "2020-law"

                [[event]]
                id = "2020-law"

            Passes:

                [[event]]
                id = "2020-law"

                [[event]]
                id = "2020-second-law"
            """,
    }
)
