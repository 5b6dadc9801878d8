"""Text of an events file → an immutable `Timeline` and the problems found on the way.

Nothing here raises on data. Checks work on the plain values that the TOML parser gives; line and
column are looked up in the text only for what is reported (see ``toml/blocks.py``).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kztimeline.record import keys
from kztimeline.record.keys import Names
from kztimeline.record.model import Event, Timeline
from kztimeline.record.values import MOST, SLUG, Check, limited, slug_message, unknown, wrong_type
from kztimeline.text.errors import Finding, KeyPath, Problem
from kztimeline.text.gate import suggest
from kztimeline.toml import parse

if TYPE_CHECKING:
    from kztimeline.toml.blocks import Block, Locator

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Origin(NamedTuple):
    """Where a text was read from."""

    name: str
    """What messages call it; with a revision as git writes it, ``HEAD:events.toml``."""
    commit: str | None = None
    """The full hash, when a revision was asked for."""
    arguments: tuple[str, ...] = ()
    """What `kzt check` needs to read it again."""

    @property
    def label(self) -> str:
        """The name, with what kind of version it is."""
        return f"{self.name} (commit {self.commit[:12]})" if self.commit else f"{self.name} (file)"


class Reading(NamedTuple):
    """A text of an events file with all that reading makes of it."""

    text: str
    timeline: Timeline
    """What could be read."""
    origin: Origin = Origin("text")
    findings: tuple[Finding, ...] = ()
    """The problems of values, by their paths."""
    broken: tuple[Problem, ...] = ()
    """The problems of the TOML, or of the encoding."""
    blocks: "tuple[Block, ...] | None" = None
    """The blocks that could be read, where the TOML is broken."""
    values: Mapping[str, Any] = _NOTHING
    """The plain values, if they were to be kept."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that makes its meaning doubtful, with line and column, in the order of the file.

        Places are looked up at each call: it takes the time of a scan of the text.
        """
        return self.located(self.findings)

    def locator(self, paths: Iterable[KeyPath]) -> "Locator":
        """What finds line and column of these paths."""
        # Not at the top: compiling its patterns would be a tenth of what `kzt list` takes to start.
        from kztimeline.toml.blocks import Locator

        return Locator(self.text, self.blocks, paths)

    def located(self, findings: Collection[Finding]) -> tuple[Problem, ...]:
        """What is broken, and some findings with line and column, in the order of the file."""
        problems = {*self.broken}
        if findings:
            locator = self.locator(finding.path for finding in findings)
            problems.update(_problems(self.text, locator, findings))
        # By the first of their values, which is much faster than by all of them.
        return tuple(sorted(problems, key=itemgetter(0, 1, 2, 3)))


Keep = Callable[[Mapping[str, Any]], bool]
"""Whether an event may be wanted, by its table in the file, in which all is valid."""


def everything(_: Mapping[str, Any]) -> bool:
    """All events may be."""
    return True


# --- text --------------------------------------------------------------------------------------


def read(text: str, keep: Keep = everything, *, whole: bool = False) -> Reading:
    """Read the text of an events file. Never raises on data.

    Problems come in the order of the file. Where the TOML itself is broken, the blocks that can
    be read are still checked, so that one missing quote doesn't hide the rest. Events that `keep`
    refuses are checked and left out. `whole` keeps the plain values that rules look at.
    """
    excess, at_once = parse.excess(text)
    if excess:
        return _refused(text, Problem(1, 1, code="too-long", message=excess))
    if len(text) > parse.LARGE:
        found = _read_in_pieces(text, keep, whole=whole, only=bool(at_once))
        if found is not None:
            return found
    if at_once:
        return _refused(text, Problem(1, 1, code="too-long", message=at_once))
    lost: Mapping[str, Collection[str]] = _NOTHING
    broken: tuple[Problem, ...] = ()
    blocks = None
    try:
        values = parse.parsed(text)
    except ValueError as error:
        from kztimeline.toml.salvage import salvage

        values, blocks, broken, lost = salvage(text, error)
    events = values.get("event")
    checker = _Checker(values, events if type(events) is list else (), lost)
    found = _checked(text, checker, keep)._replace(broken=broken, blocks=blocks)
    return found._replace(values=values) if whole else found


def _read_in_pieces(text: str, keep: Keep, *, whole: bool, only: bool) -> Reading | None:
    """Read a large text a few events at a time. None if it must be, or is better, read at once."""
    is_huge = len(text) > parse.HUGE
    kept: list[Any] | None = [] if whole else None
    try:
        tables, events = parse.in_pieces(text)
        found = _checked(text, _Checker(tables, events, kept=kept, hurried=is_huge), keep)
        return found._replace(values={**tables, "event": kept}) if whole else found
    except parse.PieceError as error:
        if not (only or is_huge):
            return None
        from kztimeline.toml import mistakes

        line = 1 + text.count("\n", 0, error.start)
        return _refused(text, mistakes.problem(error, error.piece, line))
    except ValueError:
        return None


def read_bytes(data: bytes, keep: Keep = everything, *, whole: bool = False) -> Reading:
    """Read the bytes of an events file, UTF-8 with or without a byte order mark."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "is UTF-16; save the file as UTF-8"
        return _refused("", Problem(1, 1, code="encoding", message=message))
    try:
        return read(data.decode("utf-8"), keep, whole=whole)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8").removeprefix("\ufeff")) + 1
        line = before.count(b"\n") + 1
        message = f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}"
        problem = Problem(line, column, code="encoding", message=message, end=column + 1)
        return _refused(data.decode("utf-8", "replace"), problem)


def _thin(raw: Any) -> Any:
    """Plain values without the texts that no rule has anything to say of, which are most."""
    if type(raw) is not dict:
        return raw
    return {
        key: list(map(_thin, value)) if key == "sources" and type(value) is list else value
        for key, value in raw.items()
        if key in _NAMES or type(value) is not str or not is_plain(value)
    }


_NAMES: Final = ("id", "source")


def is_plain(text: str) -> bool:
    """Whether a text is printable ASCII without blanks around it, of which no rule speaks."""
    return text.isascii() and text.isprintable() and text[:1] != " " and text[-1:] != " "


def _checked(text: str, checker: "_Checker", keep: Keep) -> Reading:
    timeline = checker.timeline(keep)
    return Reading(text, timeline, findings=tuple(limited(checker.findings, len(text))))


def _refused(text: str, problem: Problem) -> Reading:
    """What is reported of a text in which nothing can be read."""
    return Reading(text, Timeline(_NOTHING, _NOTHING, _NOTHING, ()), broken=(problem,))


# --- values ------------------------------------------------------------------------------------


class _Checker:
    """Checks the values of a text on their way to a `Timeline`, and collects what is wrong.

    It takes the tables of the file, and its events one after the other, so that each can be
    forgotten before the next.
    """

    def __init__(
        self,
        tables: Mapping[str, Any],
        events: Iterable[Any],
        lost: Mapping[str, Collection[str]] = _NOTHING,
        kept: list[Any] | None = None,
        hurried: bool = False,
    ) -> None:
        self.tables = tables
        self.events = events
        self.lost = lost
        self.kept = kept
        self.hurried = hurried
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

    def timeline(self, keep: Keep) -> Timeline:
        """Check everything and build what can be built, of the events what `keep` takes."""
        head, check = self._table("timeline"), keys.check("timeline")
        self._note(("timeline",), check.findings(head))
        # Names are known also where what they name can't be read.
        tables = ("topic", "matter", "source")
        known = ([*self._table(table), *self.lost.get(table, ())] for table in tables)
        names = Names(*map(dict.fromkeys, known))
        return Timeline(
            title=check.build(head).get("title") if check.is_valid(head) else None,
            topics=self._named("topic", keys.TOPIC),
            matters=self._named("matter", keys.check("matter", names)),
            sources=self._named("source", keys.check("source", names)),
            events=tuple(self._valid_events(names, keep)),
        )

    def _named(self, table: str, check: Check) -> Mapping[str, Any]:
        """The entries of a table of named things that pass `check`."""
        entries = {}
        for name, raw in self._table(table).items():
            if self._full:
                break
            if not SLUG.fullmatch(name):
                message = slug_message(name)
                self._note((table,), [Finding((name,), "bad-id", message, on_key=True)])
            if findings := check.findings(raw):
                self._note((table,), [finding.under(name, name) for finding in findings])
            else:
                entries[name] = check.build(raw)
        return MappingProxyType(entries)

    def _valid_events(self, names: Names, keep: Keep) -> Iterator[Event]:
        ids: set[str] = set()
        answers: list[tuple[int, str, object]] = []
        events = []
        check = keys.check("event", names._replace(event=_Anything()))
        for index, raw in enumerate(self.events):
            if self._full:
                if self.hurried:
                    break
                # The rest is still to be parsed: it may be no TOML, or not what it looks like.
                continue
            if self.kept is not None:
                self.kept.append(_thin(raw))
            if type(raw) is dict:
                self._identified(index, raw.get("id"), ids)
                answers += [(index, key, raw[key]) for key in keys.ANSWERS if key in raw]
            if findings := check.findings(raw):
                self._note(("event", index), findings)
            elif keep(raw):
                events.append(keys.event_of(check.build(raw), index))
        known = names._replace(event=ids.union(self.lost.get("event", ())))
        doubtful = set(self._unknown_answers(answers, known))
        return (event for event in events if event.position not in doubtful)

    def _identified(self, index: int, identity: object, ids: set[str]) -> None:
        """Take an id in, and note if it is another event's, too."""
        if type(identity) is str:
            if identity in ids:
                message = f'id "{identity[:64]}" is already used by another event'
                self._note(("event", index, "id"), [Finding((), "duplicate-id", message)])
            ids.add(identity)

    def _unknown_answers(
        self, answers: Iterable[tuple[int, str, object]], names: Names
    ) -> Iterator[int]:
        """Note answers to events that aren't there, and say whose they are."""
        check = keys.answers(names)
        for index, key, value in answers:
            findings = [one for one in check.findings(value) if one.code == "unknown-event"]
            if findings and not self._full:
                self._note(("event", index), [one.under(key, key) for one in findings])
                yield index


class _Anything(frozenset[str]):
    """Names that are taken on trust until all are known: it has whichever it is asked for."""

    def __contains__(self, name: object) -> bool:
        return True


# --- places ------------------------------------------------------------------------------------


def _problems(source: str, locator: "Locator", findings: Iterable[Finding]) -> Iterator[Problem]:
    # Looking for near names costs time for every candidate; a hostile file has many of both.
    candidates = 100_000
    # Together for each event, because its block is scanned for the first of them.
    for finding in sorted(findings, key=_event_of):
        start, end = finding.at or locator.span(finding.path, key=finding.on_key)
        if finding.part is not None:
            from kztimeline.toml.blocks import within

            part = within(source[start:end], *finding.part)
            start, end = start + part.start, start + part.end
        position = locator.at(start)
        candidates -= len(finding.known)
        near = suggest(finding.name, finding.known) if candidates >= 0 else ""
        # No further than this, because the line may be long, and what is wrong in it much.
        line_end = source.find("\n", start, end + 1)
        line_end = end if line_end < 0 else line_end - (source[line_end - 1] == "\r")
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
