"""Three versions of a record into one that holds both sides' edits: what `kzt merge` does.

Texts in, text out. OURS keeps its bytes but where THEIRS changed something that it left alone;
what both changed differently stands between git's marks around that unit. What comes out is read
again, with either side of what clashes: its values must be the union, unit by unit.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from kztimeline.edit import union
from kztimeline.edit.insert import message, new_findings, places
from kztimeline.edit.union import ABSENT, ClashError
from kztimeline.edit.units import (
    END,
    HEAD,
    TAIL,
    TITLE,
    Key,
    Piece,
    Unit,
    pieces,
    units,
    with_references,
)
from kztimeline.files.place import timeline
from kztimeline.query.diff import renamed_ids
from kztimeline.record.reading import Origin, Reading, read, read_bytes
from kztimeline.record.writing import ORDER, entry
from kztimeline.text.errors import Finding, KztError
from kztimeline.toml.parse import parsed
from kztimeline.toml.statements import UnclearError, comments

_BOM: Final = "\ufeff"
_OTHERWISE: Final = "changed differently by both"
_KINDS: Final = ("#:", *HEAD, *ORDER, *END)


class Conflict(NamedTuple):
    """What both sides changed differently."""

    line: int
    """Where its marks begin."""
    name: str
    what: str


class Merged(NamedTuple):
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
    found = [_read(*version) for version in zip(names, versions, strict=True)]
    # A base may have had what both sides have fixed since.
    base, ours, theirs = found[0]._replace(findings=()), *found[1:]
    for it in (base, ours, theirs):
        timeline(it)
    done = _merged(*(it._replace(text=it.text.removeprefix(_BOM)) for it in found), size=size)
    mark = ours.text[: ours.text.startswith(_BOM)].encode()
    newline = b"\r\n" if _is_crlf(versions[1]) else b"\n"
    return done._replace(data=mark + done.data.replace(b"\n", newline))


def _is_crlf(data: bytes) -> bool:
    return b"\n" in data and data.count(b"\r\n") == data.count(b"\n")


def _read(name: str, data: bytes) -> Reading:
    data = data.replace(b"\r\n", b"\n") if _is_crlf(data) else data
    return read_bytes(data, whole=True)._replace(origin=Origin(name))


# --- unit by unit ------------------------------------------------------------------------------


class _Decided(NamedTuple):
    """What becomes of a unit: ours and theirs; the same, unless they clash."""

    ours: Unit | None
    theirs: Unit | None
    clash: str = ""

    @property
    def unit(self) -> Unit:
        """Either of them."""
        unit = self.ours or self.theirs
        assert unit
        return unit

    def text(self, side: int | None, size: int) -> str | None:
        """The text of a side; without one, both between git's marks if they clash."""
        texts = [unit.text if unit else None for unit in self[:2]]
        if side is not None or not self.clash:
            return texts[side or 0]
        rows = ("<" * size + " ours", texts[0], "=" * size, texts[1], ">" * size + " theirs")
        return "\n".join(row for row in rows if row is not None)


def _decide(base: Unit | None, ours: Unit | None, theirs: Unit | None) -> _Decided | None:
    """What becomes of a unit; None if it is deleted."""
    if not ours or not theirs:
        return _one_sided(base, ours, theirs)
    if theirs.text == ours.text or (base and theirs.text == base.text):
        return _Decided(ours, ours)
    if base and ours.text == base.text:
        return _Decided(theirs, theirs)
    # Of a source, what both add under one name may be a union.
    if not base and len(ours.key) > 1 and ours.key[0] != "source" and ours.values != theirs.values:
        return _Decided(ours, theirs, "added differently by both")
    try:
        return _by_key(base, ours, theirs)
    except UnclearError:
        return _Decided(ours, theirs, _OTHERWISE)


def _one_sided(base: Unit | None, ours: Unit | None, theirs: Unit | None) -> _Decided | None:
    decided = _Decided(ours, theirs)
    unit = decided.unit
    if not base:
        return _Decided(unit, unit)
    if unit.values == base.values and comments(unit.text) == comments(base.text):
        return None
    who = "edited by us, deleted by them" if ours else "deleted by us, edited by them"
    return decided._replace(clash=who)


def _by_key(base: Unit | None, ours: Unit, theirs: Unit) -> _Decided:
    """The union key by key; each keeps the bytes of the side that changed it."""
    old, our, their = (pieces(unit) if unit else {} for unit in (base, ours, theirs))
    values, clashes = union.table(base.values if base else {}, ours.values, theirs.values)
    rows: list[tuple[str | None, str | None]] = []
    for key in _in_order(ours.key[0], our, their):
        sides = our.get(key), their.get(key)
        value = values.get(key, ABSENT)
        if key not in clashes:
            united = [unit.values.get(key, ABSENT) == value for unit in (ours, theirs)]
            try:
                text = _piece(key, value, united, old.get(key), *sides)
                rows.append((text, text))
                continue
            except ClashError as error:
                clashes[key] = str(error)
        rows.append((sides[0] and sides[0].whole, sides[1] and sides[1].whole))
    when = theirs.when if base and ours.when == base.when else ours.when
    found = []
    for side, unit in enumerate((ours, theirs)):
        text = "\n".join(row[side] or "" for row in rows if row[side] is not None)
        chosen = values | {key: unit.values[key] for key in clashes if key in unit.values}
        found.append(unit._replace(text=text, values=chosen, when=when))
    return _Decided(found[0], found[1], ", ".join(filter(None, clashes.values())))


def _in_order(kind: str, ours: Mapping[str, Piece], theirs: Mapping[str, Piece]) -> list[str]:
    """The keys of both: in ours' order, what theirs has more at its canonical place."""
    order = (TITLE, *ORDER.get(kind, ()))
    keys = list(ours)
    ranks = {key: order.index(key) if key in order else len(order) for key in (*keys, *theirs)}
    ranks[TAIL] = len(order) + 1
    for key in theirs:
        if key not in ours:
            later = (i for i, other in enumerate(keys) if ranks[other] > ranks[key])
            keys.insert(next(later, len(keys)), key)
    return keys


def _piece(
    key: str, value: object, united: Sequence[bool], old: Piece | None, *sides: Piece | None
) -> str | None:
    """The text of a key whose value is decided. Raises `ClashError` if its comments clash.

    `united` says of each side whether it has that value.
    """
    before, our, their = (piece.whole if piece else None for piece in (old, *sides))
    if their in (our, before):
        return our
    if our == before:
        return their
    what = f"a comment at {key}" if key.strip() else "a comment"
    chosen = union.scalar(what, *(piece.comments if piece else [] for piece in (old, *sides)))
    if value is ABSENT and None in sides and not chosen:
        return None
    having = [place for place, piece in enumerate(sides) if piece and piece.comments == chosen]
    having.sort(key=lambda place: not united[place])
    piece = sides[having[0]] if having else None
    if piece and united[having[0]]:
        return piece.whole
    # A comment inside a value that is written anew would be lost.
    if piece is None or comments(piece.text):
        raise ClashError(what)
    return piece.above + entry(key, value, "\n") + piece.behind


# --- the whole ---------------------------------------------------------------------------------

_Units = Mapping[Key, Unit]


def _merged(*found: Reading, size: int) -> Merged:
    """The union of two edits of texts without byte order mark, with one kind of line end."""
    renamed = [renamed_ids(found[0].timeline, side.timeline) for side in found[1:]]
    # Of an event that both sides renamed, differently, either id means the same one.
    final = renamed[1] | renamed[0]
    other = {new: final[old] for old, new in renamed[1].items() if final[old] != new}
    named = zip(found, (final, final, final | other), strict=True)
    found = tuple(_referring(it, names) for it, names in named)
    back = [{}, *({new: old for old, new in names.items()} for names in renamed)]
    base, ours, theirs = (
        {unit.key: unit for unit in units(it, names)} for it, names in zip(found, back, strict=True)
    )
    _refuse_strangers(base, ours, theirs)
    if found[1].text in (found[0].text, found[2].text) or found[2].text == found[0].text:
        return Merged(found[2 if found[1].text == found[0].text else 1].text.encode())
    decided = {
        key: one
        for key in dict.fromkeys((*ours, *theirs))
        if (one := _decide(base.get(key), ours.get(key), theirs.get(key)))
    }
    decided = {key: decided[key] for key in _order(base, ours, theirs, decided)}
    ends = [it.text[len(it.text.rstrip()) :] for it in found]

    def text(side: int | None) -> str:
        return _text(decided, list(ours), side, size) + ends[2 if ends[0] == ends[1] else 1]

    messages: dict[str, list[str]] = {"error": [], "warning": []}
    events = [key for key, one in decided.items() if key[0] == "event" and one.ours]
    for finding in new_findings(_verified(text(0), decided, 0), found[1:]):
        key = _key_of(finding, events)
        if finding.code.startswith("unknown-") and key in decided:
            decided[key] = _Decided(ours.get(key), theirs.get(key), message(finding))
        else:
            name = decided[key].unit.name if key in decided else "the file"
            messages[finding.severity].append(f"{name}: {message(finding)}")
    clashes = [one for one in decided.values() if one.clash]
    for side in (0, 1) if clashes else ():
        _verified(text(side), decided, side)
    marked = text(None)
    rows = enumerate(marked.split("\n"), 1)
    lines = [line for line, row in rows if row == "<" * size + " ours"]
    conflicts = [
        Conflict(line, one.unit.name, one.clash) for line, one in zip(lines, clashes, strict=False)
    ]
    return Merged(marked.encode(), conflicts, messages["error"], messages["warning"])


def _referring(found: Reading, names: Mapping[str, str]) -> Reading:
    """The same with references to events by their new ids."""
    text = with_references(found.text, names)
    return found if text == found.text else found._replace(text=text, values=parsed(text))


def _refuse_strangers(base: _Units, *sides: _Units) -> None:
    known = {key for key in base if len(key) > 1}
    for name, side in zip(("OURS", "THEIRS"), sides, strict=True):
        if known and not known & side.keys():
            raise KztError(f"not versions of one record: {name} has nothing of what BASE has")


def _key_of(finding: Finding, events: Sequence[Key]) -> Key:
    """The unit that a finding is of."""
    path = finding.path[:2]
    if path[:1] == ("event",) and len(path) > 1 and int(path[1]) < len(events):
        return events[int(path[1])]
    return tuple(map(str, path))


def _text(decided: Mapping[Key, _Decided], ours: Sequence[Key], side: int | None, size: int) -> str:
    """The units one after the other, those that clash as a side has them or between marks."""
    parts = []
    following = dict(pairwise(ours))
    for (key, one), after in zip(decided.items(), [*decided, None][1:], strict=True):
        text = one.text(side, size)
        if text is None:
            continue
        gap = one.unit.after
        if one.unit.is_row and after and decided[after].unit.is_row:
            gap = "\n"
        elif following.get(key) != after:
            # What is new is set off.
            gap += "\n" * (2 - gap.count("\n"))
        parts += [text, gap or "\n"]
    return "".join(parts).rstrip()


def _verified(text: str, decided: Mapping[Key, _Decided], side: int) -> Reading:
    """The text with one side of what clashes, read. Raises `KztError` if it isn't the union."""
    after = read(text, whole=True)
    chosen = [one.theirs if side else one.ours for one in decided.values()]
    expected = [(unit.key[0], unit.values) for unit in chosen if unit]
    if after.broken or [(it.key[0], it.values) for it in units(after, {})] != expected:
        raise KztError("the versions can't be merged without changing something else")
    return after


# --- the order ---------------------------------------------------------------------------------


def _order(
    base: _Units, ours: _Units, theirs: _Units, decided: Mapping[Key, _Decided]
) -> list[Key]:
    """The units in ours' order, of a kind that only theirs moved in theirs'; with additions."""
    order: list[Key] = []
    moved = {kind for kind in {key[0] for key in ours} if _is_moved(kind, base, ours, theirs)}
    pending = set(moved)
    for key in ours:
        if key[0] not in moved:
            order += [key] * (key in decided)
        elif key[0] in pending:
            pending.remove(key[0])
            order += [other for other in theirs if other[0] == key[0] and other in decided]
    placed = set(order)
    added = [key for key in decided if key not in placed]
    for kind in dict.fromkeys(key[0] for key in added if key[0] != "event"):
        # After the last of its kind, else before what comes later in a file.
        ranks = [_KINDS.index(key[0]) for key in order]
        earlier = [place for place, rank in enumerate(ranks, 1) if rank <= _KINDS.index(kind)]
        place = earlier[-1] if earlier else 0
        order[place:place] = [key for key in added if key[0] == kind]
    return _with_events(order, [key for key in added if key[0] == "event"], decided)


def _is_moved(kind: str, *versions: _Units) -> bool:
    """Whether theirs, but not ours, has what all three have in another order than base."""
    base, ours, theirs = (
        [key for key in side if key[0] == kind and all(key in other for other in versions)]
        for side in versions
    )
    return ours == base != theirs


def _with_events(
    order: Sequence[Key], added: Sequence[Key], decided: Mapping[Key, _Decided]
) -> list[Key]:
    """The order with events added, each where `add` would put it."""
    events = [place for place, key in enumerate(order) if key[0] == "event"]
    end = order.index(END) if END in order else len(order)
    added = sorted(added, key=lambda key: decided[key].unit.when)
    dates, new = (
        [decided[key].unit.when for key in keys]
        for keys in ((order[place] for place in events), added)
    )
    indexes = zip(places(dates, new), added, strict=True)
    starts = [*events, end]
    placed = [(float(starts[index]), key) for index, key in indexes]
    placed += [(place + 0.5, key) for place, key in enumerate(order)]
    return [key for _, key in sorted(placed, key=itemgetter(0))]
