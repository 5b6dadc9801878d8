"""Three versions of a record into one that holds both sides' edits: what `kzt merge` does.

Texts in, text out. OURS keeps its bytes but where THEIRS changed something that it left alone;
what both changed differently stands between git's marks around the entity. What comes out is
read again: its values must be the union that was decided on, entity by entity.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from kztimeline.checks.dates import longest_ascending
from kztimeline.edit import union
from kztimeline.edit.insert import message, new_findings
from kztimeline.edit.union import ABSENT, ClashError, Plain
from kztimeline.edit.units import (
    HEAD,
    TAIL,
    TITLE,
    Key,
    Piece,
    Unit,
    anchor,
    by_key,
    is_entity,
    pieces,
    units,
    with_references,
)
from kztimeline.files.place import timeline
from kztimeline.query.diff import renamed_ids
from kztimeline.record.reading import Origin, Reading, read, read_bytes
from kztimeline.record.writing import ORDER, entry, table
from kztimeline.text.errors import Finding, KztError
from kztimeline.toml.parse import parsed
from kztimeline.toml.statements import UnclearError, comments

_BOM: Final = b"\xef\xbb\xbf"
_OTHERWISE: Final = "changed differently by both"


class Conflict(NamedTuple):
    """What both sides changed differently."""

    line: int
    """Where its marks begin."""
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Three versions made one."""

    data: bytes
    conflicts: Sequence[Conflict] = ()
    errors: Sequence[str] = ()
    """What `kzt check` finds that it finds on neither side."""
    warnings: Sequence[str] = ()


def merge(names: Sequence[str], versions: Sequence[bytes], size: int = 7) -> Merged:
    """The union of two edits, given names and bytes of base, ours and theirs. Raises `KztError`.

    `size` is the length of the marks around conflicts.
    """
    base = _read(names[0], versions[0], strict=False)
    ours, theirs = (_read(names[i], versions[i], strict=True) for i in (1, 2))
    done = _Merge((base, ours, theirs), size).done()
    data = done.data.replace(b"\n", b"\r\n") if _is_crlf(versions[1]) else done.data
    if versions[1].startswith(_BOM):
        data = _BOM + data
    return Merged(data, done.conflicts, done.errors, done.warnings)


def _is_crlf(data: bytes) -> bool:
    return b"\n" in data and data.count(b"\r\n") == data.count(b"\n")


def _read(name: str, data: bytes, *, strict: bool) -> Reading:
    data = data.replace(b"\r\n", b"\n") if _is_crlf(data) else data
    found = read_bytes(data, whole=True)._replace(origin=Origin(name, arguments=(name,)))
    # A base may have had what both sides have mended since.
    timeline(found if strict else found._replace(problems=found.broken))
    return found._replace(text=found.text.removeprefix(_BOM.decode()))


# --- entity by entity --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of a unit, as ours has it and as theirs has it: the same, unless they clash."""

    name: str
    texts: Sequence[str | None]
    values: Sequence[Plain]
    when: tuple[int, int]
    clashes: Sequence[tuple[str, str]] = ()
    """The name and what clashes, of each place that is marked."""
    rows: Sequence[str | tuple[str | None, str | None]] = ()
    """Of a table of several entities, its entries; those that clash as each side has them."""

    def marked(self, size: int) -> str | None:
        """The text, with git's marks around what clashes."""
        if not self.clashes:
            return self.texts[0]
        rows = self.rows or [(self.texts[0], self.texts[1])]
        return "\n".join(row if isinstance(row, str) else _marks(size, *row) for row in rows)


def _marks(size: int, ours: str | None, theirs: str | None) -> str:
    rows = ("<" * size + " ours", ours, "=" * size, theirs, ">" * size + " theirs")
    return "\n".join(row for row in rows if row is not None)


def _settled(unit: Unit) -> _Decided:
    return _Decided(unit.name, [unit.text] * 2, [unit.values] * 2, unit.when)


def _clashing(ours: Unit | None, theirs: Unit | None, what: str) -> _Decided:
    unit = ours or theirs
    assert unit
    texts = [side.text if side else None for side in (ours, theirs)]
    values = [side.values if side else {} for side in (ours, theirs)]
    return _Decided(unit.name, texts, values, unit.when, [(unit.name, what)])


def _decide(base: Unit | None, ours: Unit | None, theirs: Unit | None) -> _Decided | None:
    """What becomes of a unit; None if it is deleted."""
    if not ours or not theirs:
        return _one_sided(base, ours, theirs)
    if theirs.text == ours.text or (base and theirs.text == base.text):
        return _settled(ours)
    if base and ours.text == base.text:
        return _settled(theirs)
    if not is_entity(ours.key):
        return _clashing(ours, theirs, _OTHERWISE)
    if not base and _is_one_of_many(ours.key) and ours.values != theirs.values:
        return _clashing(ours, theirs, "added differently by both")
    try:
        return _by_key(base, ours, theirs)
    except UnclearError:
        return _anew(base, ours, theirs)


def _is_one_of_many(key: Key) -> bool:
    """Whether what both add under one name must be the same; of a source it may be a union."""
    return len(key) > 1 and key[0] != "source"


def _one_sided(base: Unit | None, ours: Unit | None, theirs: Unit | None) -> _Decided | None:
    unit = ours or theirs
    assert unit
    if not base:
        return _settled(unit)
    same = is_entity(unit.key) and unit.values == base.values
    if unit.text == base.text or (same and comments(unit.text) == comments(base.text)):
        return None
    who = "edited by us, deleted by them" if ours else "deleted by us, edited by them"
    return _clashing(ours, theirs, who)


def _anew(base: Unit | None, ours: Unit, theirs: Unit) -> _Decided:
    """An event that has tables of its own inside, in canonical layout if nothing is lost by it."""
    values, clashes = union.table(base.values if base else {}, ours.values, theirs.values)
    if clashes or comments(ours.text) or comments(theirs.text):
        return _clashing(ours, theirs, ", ".join(filter(None, clashes.values())) or _OTHERWISE)
    text = table("[[event]]", values, ORDER["event"], "\n")
    return _Decided(ours.name, [text] * 2, [values] * 2, ours.when)


def _by_key(base: Unit | None, ours: Unit, theirs: Unit) -> _Decided:
    """The union key by key; each keeps the bytes of the side that changed it."""
    old, our, their = (pieces(unit) if unit else {} for unit in (base, ours, theirs))
    values, clashes = union.table(base.values if base else {}, ours.values, theirs.values)
    rows: dict[str, tuple[str | None, str | None]] = {}
    for key in _in_order(ours.key[0], our, their):
        sides = our.get(key), their.get(key)
        if key not in clashes:
            try:
                text = _piece(key, values, old.get(key), (sides[0], ours), (sides[1], theirs))
                rows[key] = text, text
                continue
            except ClashError as error:
                clashes[key] = str(error)
        rows[key] = (sides[0] and sides[0].whole, sides[1] and sides[1].whole)
    texts = ["\n".join(row[side] or "" for row in rows.values() if row[side] is not None)
             for side in (0, 1)]  # fmt: skip
    both = [values | {key: side.values[key] for key in clashes if key in side.values}
            for side in (ours, theirs)]  # fmt: skip
    when = theirs.when if base and ours.when == base.when else ours.when
    what = ", ".join(filter(None, clashes.values()))
    if len(ours.key) > 1 or ours.key == HEAD or not clashes:
        return _Decided(ours.name, texts, both, when, [(ours.name, what)] if clashes else ())
    named = [(f"{ours.key[0]} {key}".strip(), _OTHERWISE) for key in rows if key in clashes]
    marked = [row if key in clashes else row[0] for key, row in rows.items()]
    return _Decided(ours.name, texts, both, when, named, [row for row in marked if row is not None])


def _in_order(kind: str | int, ours: Mapping[str, Piece], theirs: Mapping[str, Piece]) -> list[str]:
    """The keys of both: in ours' order, what theirs has more at its canonical place."""
    order = (TITLE, *ORDER.get(str(kind), ()))
    keys = list(ours)
    ranks = {key: order.index(key) if key in order else len(order) for key in (*keys, *theirs)}
    ranks[TAIL] = len(order) + 1
    for key in theirs:
        if key not in ours:
            later = (i for i, other in enumerate(keys) if ranks[other] > ranks[key])
            keys.insert(next(later, len(keys)), key)
    return keys


def _piece(
    key: str, values: Plain, old: Piece | None, *sides: tuple[Piece | None, Unit]
) -> str | None:
    """The text of a key whose value is decided. Raises `ClashError` if its comments clash."""
    (ours, _), (theirs, _) = sides
    before, our, their = (piece.whole if piece else None for piece in (old, ours, theirs))
    if their in (our, before):
        return our
    if our == before:
        return their
    what = f"a comment at {key}" if key.strip() else "a comment"
    found = union.scalar(what, *(piece.comments if piece else () for piece in (old, ours, theirs)))
    value = values.get(key, ABSENT)
    if value is ABSENT and not found and not (ours and theirs):
        return None
    carrier = None
    for piece, unit in sides:
        if piece and piece.comments == found:
            if unit.values.get(key, ABSENT) == value:
                return piece.whole
            carrier = carrier or piece
    if carrier is None or carrier.comments_inside or value is ABSENT:
        raise ClashError(f"{key} and a comment" if key.strip() else "a comment")
    return carrier.above + entry(key, value, "\n") + carrier.behind


# --- the whole ---------------------------------------------------------------------------------


class _Merge:
    """Three readings on their way to one text."""

    def __init__(self, found: Sequence[Reading], size: int) -> None:
        self.size = size
        renamed = [renamed_ids(found[0].timeline, side.timeline) for side in found[1:]]
        # Of an event that both sides renamed, differently, either id means the same one.
        final = renamed[1] | renamed[0]
        other = {new: final[old] for old, new in renamed[1].items() if final[old] != new}
        named = final, final, final | other
        self.readings = [_referring(it, names) for it, names in zip(found, named, strict=True)]
        back = [{}, *({new: old for old, new in names.items()} for names in renamed)]
        listed = [units(it, names) for it, names in zip(self.readings, back, strict=True)]
        keys = [{unit.key for unit in some if is_entity(unit.key)} for some in listed]
        _refuse_strangers(keys)
        known = keys[1] & keys[2] & (keys[0] or keys[1])
        self.base, self.ours, self.theirs = (by_key(some, known) for some in listed)
        self.decided = {
            key: decided
            for key in dict.fromkeys((*self.ours, *self.theirs))
            if (decided := _decide(self.base.get(key), self.ours.get(key), self.theirs.get(key)))
        }
        self.order = _order(self.base, self.ours, self.theirs, self.decided)

    def done(self) -> Merged:
        """The text, which was read again."""
        base, ours, theirs = (reading.text for reading in self.readings)
        if theirs in (base, ours) or ours == base:
            return Merged((theirs if ours == base else ours).encode())
        after = self._verified(0)
        findings = new_findings(after, self.readings[1:])
        events = [key for key in self._entities(0) if key[0] == "event"]
        errors: list[str] = []
        warnings: list[str] = []
        for finding in findings:
            key = _entity(finding, events)
            name = self.decided[key].name if key in self.decided else "the file"
            ours_and_theirs = self.ours.get(key), self.theirs.get(key)
            if finding.code.startswith("unknown-") and any(ours_and_theirs):
                self.decided[key] = _clashing(*ours_and_theirs, message(finding))
            else:
                told = errors if finding.severity == "error" else warnings
                told.append(f"{name}: {message(finding)}")
        clashes = [clash for key in self.order for clash in self.decided[key].clashes]
        if clashes:
            self._verified(0)
            self._verified(1)
        warnings += self._alike()
        text = self._text(None)
        return Merged(text.encode(), self._located(text, clashes), errors, warnings)

    def _located(self, text: str, clashes: Sequence[tuple[str, str]]) -> list[Conflict]:
        begin = "<" * self.size + " ours"
        lines = [number for number, row in enumerate(text.split("\n"), 1) if row == begin]
        return [Conflict(line, *clash) for line, clash in zip(lines, clashes, strict=False)]

    def _entities(self, side: int) -> Iterator[Key]:
        """What the text of a side holds, in its order, comments aside."""
        return (key for key in self.order
                if is_entity(key) and self.decided[key].texts[side] is not None)  # fmt: skip

    def _verified(self, side: int) -> Reading:
        """The text with one side of what clashes, read. Raises `KztError` if it isn't the union."""
        after = read(self._text(side), whole=True)
        expected: dict[Any, Any] = {}
        for key in self._entities(side):
            values, within = self.decided[key].values[side], expected
            if key[0] == "event":
                expected.setdefault("event", []).append(values)
                continue
            for part in key if key != HEAD else ():
                within = within.setdefault(part, {})
            within.update(values)
        if after.broken or after.values != expected:
            name = self.readings[1].origin.name
            raise KztError(f"{name}: can't be merged without changing something else")
        return after

    def _alike(self) -> list[str]:
        """Events that both added, under two ids, and that may be one."""
        ours, theirs = (
            [event for event in reading.timeline.events if ("event", event.id) in added]
            for reading, added in zip(
                self.readings[1:],
                (self.ours.keys() - self.base.keys(), self.theirs.keys() - self.base.keys()),
                strict=True,
            )
        )
        return [f"events {one} and {other}: added by both, perhaps the same event?"
                for one, other in union.added_alike(ours, theirs)]  # fmt: skip

    def _text(self, side: int | None) -> str:
        """The text with one side of what clashes, or with marks around both."""
        parts = []
        following = dict(zip(self.ours, list(self.ours)[1:], strict=False))
        for key, after in zip(self.order, [*self.order[1:], ()], strict=True):
            decided = self.decided[key]
            text = decided.marked(self.size) if side is None else decided.texts[side]
            if text is not None:
                # A comment must stay set off, and what is new is.
                least = 1 if is_entity(key) and following.get(key) == after else 2
                gap = self._gap(key)
                parts += [text, gap + "\n" * (least - gap.count("\n"))]
        base, ours, theirs = (it.text[len(it.text.rstrip()) :] for it in self.readings)
        return "".join(parts).rstrip() + (theirs if ours == base else ours)

    def _gap(self, key: Key) -> str:
        """The blank lines behind a unit."""
        base, ours, theirs = (side.get(key) for side in (self.base, self.ours, self.theirs))
        if ours and not (base and theirs and ours.after == base.after):
            return ours.after
        assert theirs
        return theirs.after


def _referring(found: Reading, names: Mapping[str, str]) -> Reading:
    """The same with references to events by their new ids."""
    text = with_references(found.text, names)
    return found if text == found.text else found._replace(text=text, values=parsed(text))


def _refuse_strangers(keys: Sequence[set[Key]]) -> None:
    base, *sides = ({key for key in some if len(key) > 1} for some in keys)
    for name, side in zip(("OURS", "THEIRS"), sides, strict=True):
        if base and not base & side:
            raise KztError(f"not versions of one record: {name} has nothing of what BASE has")


def _entity(finding: Finding, events: Sequence[Key]) -> Key:
    """The key of what a finding is of."""
    path = finding.path[:2]
    if path[:1] == ("event",) and len(path) > 1:
        return events[int(path[1])]
    return path


# --- the order ---------------------------------------------------------------------------------

_Units = Mapping[Key, Unit]


def _order(
    base: _Units, ours: _Units, theirs: _Units, decided: Mapping[Key, _Decided]
) -> list[Key]:
    """The units in ours' order, of a kind that only theirs moved in theirs', with additions."""
    order: list[Key] = []
    moved = {kind for kind in {_kind(key) for key in ours} if _is_moved(kind, base, ours, theirs)}
    pending = set(moved)
    for key in ours:
        kind = _kind(key)
        if kind in pending:
            pending.remove(kind)
            order += [other for other in theirs if _kind(other) == kind and other in decided]
        elif kind not in moved and key in decided:
            order.append(key)
    placed = set(order)
    added = [key for key in dict.fromkeys((*ours, *theirs)) if key in decided and key not in placed]
    for key in added:
        if is_entity(key) and key[0] != "event":
            order.insert(_table_place(order, key), key)
    order = _with_events(order, [key for key in added if key[0] == "event"], decided)
    for key in added:
        if not is_entity(key):
            order.insert(order.index(anchor(key)) if anchor(key) in order else len(order), key)
    return order


def _kind(key: Key) -> str | int:
    """The table that a unit is of; comments go with what they stand above."""
    return key[0] if is_entity(key) else anchor(key)[0]


def _is_moved(kind: str | int, *versions: _Units) -> bool:
    """Whether theirs, but not ours, has what all three have in another order than base."""
    base, ours, theirs = (
        [key for key in side if key[0] == kind and all(key in other for other in versions)]
        for side in versions
    )
    return ours == base != theirs


def _table_place(order: Sequence[Key], key: Key) -> int:
    """After the last of its kind, else before what comes later in a file."""
    rank = [HEAD[0], *ORDER].index(str(key[0]))
    ranks = [[HEAD[0], *ORDER].index(str(k[0])) if is_entity(k) else -1 for k in order]
    if rank in ranks:
        return len(ranks) - ranks[::-1].index(rank)
    return next((place for place, other in enumerate(ranks) if other > rank), len(order))


def _with_events(
    order: Sequence[Key], added: Sequence[Key], decided: Mapping[Key, _Decided]
) -> list[Key]:
    """The order with events added, each after the last one that is no later, as `add` does it."""
    dates = [decided[key].when for key in order if key[0] == "event"]
    chain = longest_ascending(dates)
    ascending = [dates[place] for place in chain]
    before: dict[int, list[Key]] = {}
    for key in sorted(added, key=lambda key: decided[key].when):
        number = bisect_right(ascending, decided[key].when)
        before.setdefault(chain[number - 1] + 1 if number else 0, []).append(key)
    found: list[Key] = []
    count = 0
    for key in order:
        # Behind the last event, comments that stand under it stay there.
        if key[0] == "event" or (count == len(dates) and is_entity(key)):
            found += before.pop(count, ())
            count += key[0] == "event"
        found.append(key)
    return found + before.pop(count, [])
