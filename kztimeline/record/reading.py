"""Text of an events file → an immutable `Timeline` and the problems found on the way.

Nothing here raises on data. Checks work on the plain values that the TOML parser gives; line and
column are looked up in the text only for what is reported (see ``blocks.py``).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kztimeline.record import keys as tables
from kztimeline.record.digest import Digest
from kztimeline.record.model import Event, Timeline
from kztimeline.record.values import MOST, SLUG, Check, limited, slug_message, unknown, wrong_type
from kztimeline.text.errors import Finding, KeyPath, Problem
from kztimeline.text.gate import suggest
from kztimeline.toml import parse

if TYPE_CHECKING:
    from kztimeline.toml.blocks import Block, Locator


class Reading(NamedTuple):
    """What a text holds, and all that is wrong with it; `timeline` has what could be read."""

    timeline: Timeline
    problems: tuple[Problem, ...]


# --- the tables of the file --------------------------------------------------------------------


_NOTHING: Final[Mapping[str, Collection[str]]] = MappingProxyType({})

Keep = Callable[[Mapping[str, Any]], bool]
"""Whether an event may be wanted, by its table in the file, in which all is right."""


def everything(_: Mapping[str, Any]) -> bool:
    """All events may be."""
    return True


class _Record:
    """A document on its way to a `Timeline`; collects what is wrong with it.

    It takes the tables of the file, and its events one after the other, so that each can be
    forgotten before the next. What `check` asks is only taken down if it is `thorough`.
    """

    def __init__(
        self,
        tables: Mapping[str, Any],
        events: Iterable[Any],
        lost: Mapping[str, Collection[str]] = _NOTHING,
        *,
        thorough: bool,
    ) -> None:
        self.tables = tables
        self.events = events
        self.lost = lost
        self.digest = Digest() if thorough else None
        self.findings: list[Finding] = []
        top = {"timeline": dict, "topic": dict, "matter": dict, "source": dict, "event": list}
        strange = islice((key for key in tables if key not in top), MOST + 1)
        self._note((), (unknown("key", key, top.keys(), (key,)) for key in strange))
        for key, kind in top.items():
            if type(tables.get(key, kind())) is not kind:
                wanted = "[[event]] tables" if kind is list else f"a table, [{key}]"
                self._note((), [wrong_type(tables[key], wanted).under(key, key)])

    def _note(self, base: KeyPath, findings: Iterable[Finding]) -> None:
        self.findings += [f._replace(path=(*base, *f.path)) for f in findings]

    @property
    def _full(self) -> bool:
        """Whether looking for more is pointless."""
        return len(self.findings) > MOST

    def _table(self, key: str) -> dict[str, Any]:
        value = self.tables.get(key)
        return value if type(value) is dict else {}

    def _known(self, key: str) -> dict[str, Any]:
        """The names that a table gives, also where it can't be read."""
        return self._table(key) | dict.fromkeys(self.lost.get(key, ()))

    def _checked(self, base: KeyPath, check: Check, raw: object) -> Any:
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

    def timeline(self, keep: Keep) -> Timeline:
        """Check everything and build what can be built, of the events what `keep` takes."""
        if self.digest is not None:
            self.digest.head({key: self.tables[key] for key in self.tables if key != "event"})
        head = self._checked(("timeline",), tables.TIMELINE, self._table("timeline")) or {}
        return Timeline(
            title=head.get("title"),
            topics=MappingProxyType(self._named("topic", tables.TOPIC)),
            matters=MappingProxyType(self._named("matter", tables.matter(self._known("topic")))),
            sources=MappingProxyType(self._named("source", tables.SOURCE)),
            events=tuple(self._right_events(keep)),
        )

    def document(self, source: str, keep: Keep) -> "Document":
        """All that is made of a document with this text."""
        timeline = self.timeline(keep)
        findings = tuple(limited(self.findings, len(source)))
        return Document(source, timeline, self.digest or Digest(), findings)

    def _right_events(self, keep: Keep) -> list[Event]:
        ids: set[str] = set()
        answered = _Expected()
        answers: list[tuple[int, object]] = []
        topics, matters, sources = map(self._known, ("topic", "matter", "source"))
        check = tables.event(topics, matters, sources, answered)
        events = []
        for index, raw in enumerate(self.events):
            # The rest is still to be parsed: it may be no TOML, or not what it looks like.
            if self._full:
                continue
            if self.digest is not None:
                self.digest.event(index, raw)
            if type(raw) is dict:
                self._identified(index, raw.get("id"), ids)
                if "answers" in raw:
                    answers.append((index, raw["answers"]))
            if findings := check.findings(raw):
                self._note(("event", index), findings)
            elif keep(raw):
                events.append(tables.event_of(check.made(raw), index))
        known = ids | set(self.lost.get("event", ()))
        if answered <= known:
            return events
        wrong = set(self._unknown_answers(answers, known))
        return [event for event in events if event.position not in wrong]

    def _identified(self, index: int, identity: object, ids: set[str]) -> None:
        """Take an id in, and note if it is another event's, too."""
        if type(identity) is str:
            if identity in ids:
                message = f'id "{identity[:64]}" is already used by another event'
                self._note(("event", index, "id"), [Finding((), "duplicate-id", message)])
            ids.add(identity)

    def _unknown_answers(
        self, answers: Iterable[tuple[int, object]], ids: Collection[str]
    ) -> Iterator[int]:
        """Note answers to events that aren't there, and say whose they are."""
        check = tables.answers(ids)
        for index, value in answers:
            findings = [one for one in check.findings(value) if one.code == "unknown-event"]
            if findings and not self._full:
                self._note(("event", index), [one.under("answers", "answers") for one in findings])
                yield index


class _Expected(set[str]):
    """Names that are taken on trust: it has whichever it is asked for, and remembers them."""

    def __contains__(self, name: object) -> bool:
        self.add(str(name))
        return True


# --- text --------------------------------------------------------------------------------------


class Document(NamedTuple):
    """A text with all that reading makes of it: what `check` looks at once more."""

    source: str
    timeline: Timeline
    digest: Digest
    findings: tuple[Finding, ...]
    """What is wrong with the values."""
    broken: tuple[Problem, ...] = ()
    """Where the TOML, or the encoding, is broken."""
    blocks: "tuple[Block, ...] | None" = None
    """The blocks that could be read, where the TOML is broken."""

    def locator(self, paths: Iterable[KeyPath]) -> "Locator":
        """What finds line and column of these paths."""
        # Not at the top: compiling its patterns would be a tenth of what `kzt list` takes to start.
        from kztimeline.toml.blocks import Locator

        return Locator(self.source, self.blocks, paths)

    def problems(self, findings: Collection[Finding]) -> tuple[Problem, ...]:
        """What is broken, and some findings with line and column, in the order of the file."""
        paths = (finding.path for finding in findings)
        located = _problems(self.source, self.locator(paths), findings) if findings else ()
        return tuple(sorted({*self.broken, *located}, key=place_in_file))


def place_in_file(problem: Problem) -> tuple[int, int, str, str]:
    """What problems are sorted by; much faster than comparing them as they are."""
    return problem.line, problem.column, problem.code, problem.message


def document(source: str) -> Document:
    """Read the text of an events file, and keep what `check` asks. Never raises on data."""
    return _document(source, everything, thorough=True)


def _document(source: str, keep: Keep, *, thorough: bool) -> Document:
    if excess := parse.excess(source):
        return _refused(source, Problem(line=1, column=1, code="too-long", message=excess))
    if len(source) > parse.LARGE:
        try:
            tables, events = parse.in_pieces(source)
            return _Record(tables, events, thorough=thorough).document(source, keep)
        except parse.PieceError as error:
            if len(source) > parse.HUGE:
                return _refused(source, _broken_piece(error, source))
        except ValueError:
            # To be read whole.
            pass
    try:
        values = parse.parsed(source)
    except ValueError as error:
        from kztimeline.toml.salvage import salvage

        values, blocks, broken, lost = salvage(source, error)
        found = _whole(values, lost, thorough=thorough).document(source, keep)
        return found._replace(blocks=blocks, broken=broken)
    return _whole(values, thorough=thorough).document(source, keep)


def _broken_piece(error: parse.PieceError, source: str) -> Problem:
    from kztimeline.toml import mistakes

    return mistakes.problem(error, error.piece, 1 + source.count("\n", 0, error.start))


def _whole(
    values: Mapping[str, Any], lost: Mapping[str, Collection[str]] = _NOTHING, *, thorough: bool
) -> _Record:
    events = values.get("event")
    return _Record(values, events if type(events) is list else (), lost, thorough=thorough)


def _refused(source: str, problem: Problem) -> Document:
    """What is told of a text in which nothing can be read."""
    found = _Record({}, (), thorough=True).document(source, everything)
    return found._replace(broken=(problem,))


def document_of_bytes(data: bytes) -> Document:
    """The same for bytes, UTF-8 with or without a byte order mark."""
    return _decoded(data, document)


def _decoded(data: bytes, read: Callable[[str], Document]) -> Document:
    try:
        return read(data.decode("utf-8"))
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
    refuses are checked and left out.
    """
    return _reading(_document(source, keep, thorough=False))


def read_bytes(data: bytes, keep: Keep = everything) -> Reading:
    """Read the bytes of an events file, UTF-8 with or without a byte order mark."""
    return _reading(_decoded(data, lambda source: _document(source, keep, thorough=False)))


def _reading(found: Document) -> Reading:
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
    from kztimeline.toml.blocks import within

    part = within(source[start:end], *finding.part)
    return start + part.start, start + part.end


# What ``kzt check --explain`` tells of the codes above, written like the docstrings of rules/.
MANUAL: Final[Mapping[str, str]] = MappingProxyType(
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
