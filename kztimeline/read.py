"""Text of an events file → an immutable `Timeline` and the problems found on the way.

Nothing here raises on data. Checks work on the plain values that the TOML parser gives; line and
column are looked up in the text only for what is reported (see ``blocks.py``).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kztimeline import parse, tables
from kztimeline.fields import (
    MOST,
    SLUG,
    Check,
    Finding,
    Path,
    limited,
    slug_message,
    unknown,
    wrong_type,
)
from kztimeline.model import Event, Problem, Timeline
from kztimeline.text import suggest

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
                self._note((), [wrong_type(data[key], wanted).under(key, key)])

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
        findings = check.findings(raw)
        if not findings:
            return check.made(raw)
        *above, key = base
        self._note(tuple(above), [finding.under(key, str(key)) for finding in findings])
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
            if findings := check.findings(raw):
                self._note(("event", index), findings)
                if self._full:
                    break
            else:
                events.append(tables.event_of(check.made(raw), index))
        return events


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


Keep = Callable[[Mapping[str, Any]], bool]
"""Whether an event may be wanted, by its table in the file, in which all is right."""


def everything(_: Mapping[str, Any]) -> bool:
    """All events may be."""
    return True


def _refused(source: str, problem: Problem) -> Document:
    """What is told of a text in which nothing can be read."""
    return Document(source, {}, (), _Record({}).timeline(), (problem,), ())


def document(source: str) -> Document:
    """Read the text of an events file, and keep what it was read from. Never raises on data."""
    if excess := parse.excess(source):
        return _refused(source, Problem(line=1, column=1, code="too-long", message=excess))
    blocks: tuple[Block, ...] | None = None
    broken: tuple[Problem, ...] = ()
    lost: Mapping[str, Collection[str]] = {}
    try:
        data = parse.parsed(source)
    except ValueError as error:
        from kztimeline.salvage import salvage

        data, blocks, broken, lost = salvage(source, error)
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


def read(source: str, keep: Keep = everything) -> Reading:
    """Read the text of an events file. Never raises on data.

    Problems come in the order of the file. Where the TOML itself is broken, the blocks that can
    be read are still checked, so that one missing quote doesn't hide the rest. Events that `keep`
    refuses are checked, but may be left out, which saves making them.
    """
    if len(source) > parse.LARGE and not parse.excess(source):
        timeline = _in_pieces(source, keep)
        if timeline is not None:
            return Reading(timeline, ())
    found = document(source)
    return Reading(found.timeline, found.problems(found.findings))


def read_bytes(data: bytes, keep: Keep = everything) -> Reading:
    """Read the bytes of an events file, UTF-8 with or without a byte order mark."""
    try:
        return read(data.decode("utf-8"), keep)
    except UnicodeDecodeError:
        found = document_of_bytes(data)
        return Reading(found.timeline, found.problems(found.findings))


class _Expected(set[str]):
    """Names that are taken on trust: it has whichever it is asked for, and remembers them."""

    def __contains__(self, name: object) -> bool:
        self.add(str(name))
        return True


def _in_pieces(source: str, keep: Keep) -> Timeline | None:
    """The timeline of a large text in which all is right; None for others."""
    pieces = parse.pieces(source)
    try:
        head = _Record(next(pieces))
        timeline = head.timeline()
        if head.findings or "event" in head.data:
            return None
        return timeline._replace(events=tuple(_right_events(pieces, timeline, keep)))
    except ValueError:
        return None


def _right_events(pieces: Iterable[dict[str, Any]], head: Timeline, keep: Keep) -> Iterator[Event]:
    """The events of pieces. Raises `ValueError` if there is anything wrong with them."""
    answered, ids = _Expected(), set[str]()
    check = tables.event(head.topics, head.matters, head.sources, answered)
    for position, raw in enumerate(_only_events(pieces)):
        if check.findings(raw) or raw["id"] in ids:
            raise ValueError("to be told")
        ids.add(raw["id"])
        if keep(raw):
            yield tables.event_of(check.made(raw), position)
    if not answered <= ids:
        raise ValueError("to be told")


def _only_events(pieces: Iterable[dict[str, Any]]) -> Iterator[Any]:
    for piece in pieces:
        yield from piece.pop("event")
        if piece:
            raise ValueError("to be told")


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
