"""What changed: between two versions of a record, or within one record between two dates."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple

from kztimeline.dates.edtf import Match, PartialDate, Window
from kztimeline.query.filter import Filter, Selection, select
from kztimeline.query.state import (
    Found,
    Standing,
    finders,
    setters,
    shows,
    sweep,
    turning_points,
    voices,
)
from kztimeline.record.keys import CLASSES, KEYS
from kztimeline.record.model import OCCURRED, PERSPECTIVES, Event, Timeline


class Change(NamedTuple):
    """A field, or an entry of a table, before and after: None on the side that lacks it."""

    name: str
    old: Any
    new: Any


class EventChange(NamedTuple):
    """An event that both versions hold, with what differs; ids differ if it was renamed."""

    old: Event
    new: Event
    fields: tuple[Change, ...]


class Difference(NamedTuple):
    """From a date on, a matter stands at something else than before the edit."""

    since: PartialDate
    """The date of the event that makes the difference, as the file writes it."""
    old: Standing
    new: Standing


class Effect(NamedTuple):
    """How an edit changes what a matter stood at."""

    matter: str
    steps: tuple[Difference, ...]
    until: PartialDate | None
    """The date at whose beginning, or end, both versions agree again, if they do."""
    until_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What an edit does to a record."""

    old: Timeline
    new: Timeline
    added: tuple[Event, ...]
    removed: tuple[Event, ...]
    changed: tuple[EventChange, ...]
    title: Change | None
    topics: tuple[Change, ...]
    matters: tuple[Change, ...]
    sources: tuple[Change, ...]
    effects: tuple[Effect, ...]
    outside: tuple[Change, ...] = ()
    """What differs outside the values, as `outside` finds it; it is reported, but means nothing."""

    @property
    def directive(self) -> Change | None:
        """The change of the line that editors obey."""
        return next((change for change in self.outside if change.name == DIRECTIVE), None)

    @property
    def tables(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """The changes to the tables beside the events, by what one entry is called."""
        return ("topic", self.topics), ("matter", self.matters), ("source", self.sources)

    def __bool__(self) -> bool:
        events = (self.added, self.removed, self.changed)
        return any((*events, self.topics, self.matters, self.sources, self.title))


# --- two versions ------------------------------------------------------------------------------


def compare(old: Timeline, new: Timeline, texts: tuple[str, str] | None = None) -> VersionDiff:
    """Compare two versions by meaning: order and layout of the file don't count.

    With the texts that they were read from, what differs outside the values is reported, too.
    """
    before, after = ({event.id: event for event in side.events} for side in (old, new))
    renamed = renamed_ids(old, new)
    pairs = [(before[key], event) for key, event in after.items() if key in before]
    pairs += [(before[key], after[name]) for key, name in renamed.items()]
    old_ids, new_ids = before.keys() | set(renamed.values()), after.keys() | renamed
    found = VersionDiff(
        old=old,
        new=new,
        added=_by_date(event for event in new.events if event.id not in old_ids),
        removed=_by_date(event for event in old.events if event.id not in new_ids),
        changed=tuple(
            EventChange(a, b, changes)
            for a, b in sorted(pairs, key=lambda pair: pair[1].date.sort_key)
            if (changes := field_changes(a, b))
        ),
        title=Change("title", old.title, new.title) if old.title != new.title else None,
        topics=_differing(old.topics, new.topics),
        matters=_differing(old.matters, new.matters),
        sources=_differing(old.sources, new.sources),
        effects=tuple(_effects(old, new)),
    )
    if texts is None or texts[0] == texts[1]:
        return found
    rest = () if found else (Change(LAYOUT, None, None),)
    return replace(found, outside=tuple(outside(*texts)) or rest)


DIRECTIVE: Final = "#:schema"
COMMENTS: Final = "comments"
LAYOUT: Final = "layout"


def outside(old: str, new: str) -> Iterator[Change]:
    """What differs between two texts in comments: lines that editors obey, and a count.

    The count is of the comments that are gone, and of those that are new.
    """
    marked = (Counter(row for row in text.split("\n") if "#" in row) for text in (old, new))
    if next(marked) == next(marked):
        return
    # Not at the top: compiling their patterns takes longer than most comparisons.
    from kztimeline.toml.blocks import split
    from kztimeline.toml.statements import comments

    before, after = (Counter(block.text for block in split(text)) for text in (old, new))
    gone = Counter(comments("".join((before - after).elements())))
    fresh = Counter(comments("".join((after - before).elements())))
    gone, fresh = gone - fresh, fresh - gone
    obeyed = [[row for row in some.elements() if row.startswith("#:")] for some in (gone, fresh)]
    if any(obeyed):
        yield Change(DIRECTIVE, *(" ".join(rows) or None for rows in obeyed))
    counts = [some.total() - len(rows) for some, rows in zip((gone, fresh), obeyed, strict=True)]
    if any(counts):
        yield Change(COMMENTS, *counts)


IGNORABLE: Final = tuple(
    dict.fromkeys(
        ["label", *(key.name for table in ("event", "matter", "source") for key in KEYS[table])]
    )
)
"""What can be ignored."""


def ignoring(diff: VersionDiff, ignored: Iterable[str]) -> VersionDiff:
    """A diff without what differs only in these fields, of events or of entries."""
    fields = frozenset(ignored)

    def kept(changes: Iterable[Change]) -> tuple[Change, ...]:
        return tuple(change for change in changes if change.name not in fields)

    tables: dict[str, Any] = {
        f"{noun}s": tuple(entry for entry in entries if kept(field_changes(entry.old, entry.new)))
        for noun, entries in diff.tables
    }
    changed = (change._replace(fields=kept(change.fields)) for change in diff.changed)
    return replace(
        diff,
        changed=tuple(change for change in changed if change.fields),
        title=None if "title" in fields else diff.title,
        effects=() if "state" in fields else diff.effects,
        **tables,
    )


def narrow(diff: VersionDiff, wanted: Filter) -> VersionDiff:
    """The part of a diff that a filter lets show; the whole record was compared."""
    if wanted == Filter():
        return diff

    about = bool(wanted.topic or wanted.matter)
    matters = {**diff.old.matters, **diff.new.matters}

    def shown(noun: str, key: str) -> bool:
        if noun in ("topic", "source"):
            return key in getattr(wanted, noun)
        return (about or noun == "effect") and shows(matters[key], wanted, key)

    return part(diff, lambda timeline, event: bool(wanted.match(timeline, event)), shown)


def part(
    diff: VersionDiff, shown: Callable[[Timeline, Event], bool], named: Callable[[str, str], bool]
) -> VersionDiff:
    """The part of a diff that is about some events and, by noun and key, entries and effects."""
    tables: dict[str, Any] = {
        f"{noun}s": tuple(entry for entry in entries if named(noun, entry.name))
        for noun, entries in diff.tables
    }
    return replace(
        diff,
        added=tuple(event for event in diff.added if shown(diff.new, event)),
        removed=tuple(event for event in diff.removed if shown(diff.old, event)),
        changed=tuple(
            change
            for change in diff.changed
            if shown(diff.old, change.old) or shown(diff.new, change.new)
        ),
        title=None,
        effects=tuple(effect for effect in diff.effects if named("effect", effect.matter)),
        outside=(),
        **tables,
    )


def _by_date(events: Iterator[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.date.sort_key))


def renamed_ids(old: Timeline, new: Timeline) -> dict[str, str]:
    """Old id → new id of the events that were renamed.

    Where date and title leave one candidate of those that are gone and one of those that came;
    else, where no other event of either version has the title.
    """
    before, after = ({event.id for event in side.events} for side in (old, new))
    gone = [event for event in old.events if event.id not in after]
    fresh = [event for event in new.events if event.id not in before]
    if not (gone and fresh):
        return {}
    found = _pairs(gone, fresh, lambda event: (event.date.text, _letters(event.title)))
    left, coming = before - after - found.keys(), after - before - set(found.values())
    by_title = _pairs(old.events, new.events, lambda event: _letters(event.title)).items()
    return found | {key: name for key, name in by_title if key in left and name in coming}


def _pairs(
    olds: Iterable[Event], news: Iterable[Event], key: Callable[[Event], Any]
) -> dict[str, str]:
    """Old id → new id, where just one event on each side has a key."""
    by_key: dict[Any, tuple[list[str], list[str]]] = {}
    for side, events in enumerate((olds, news)):
        for event in events:
            by_key.setdefault(key(event), ([], []))[side].append(event.id)
    return {old[0]: new[0] for old, new in by_key.values() if len(old) == len(new) == 1}


def _letters(title: str) -> str:
    """A title without what renaming may change: case, punctuation and spaces."""
    return " ".join(re.findall(r"\w+", title.casefold())) or title


def _fields(thing: Any) -> dict[str, Any]:
    """The fields of an event, topic, matter or source by name; none of None."""
    if thing is None or isinstance(thing, str):
        return {} if thing is None else {"label": thing}
    keys = KEYS[next(table for table, cls in CLASSES.items() if isinstance(thing, cls))]
    return {key.name: getattr(thing, key.attribute) for key in keys}


def field_changes(old: Any, new: Any) -> tuple[Change, ...]:
    """The fields that differ between two events, or two entries of a table or an entry and None."""
    return () if old == new else _differing(_fields(old), _fields(new))


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    pairs = (Change(key, old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new)))
    return tuple(pair for pair in pairs if pair.old != pair.new)


def _effects(old: Timeline, new: Timeline) -> Iterator[Effect]:
    old_setters, new_setters = setters(old), setters(new)
    for matter in dict.fromkeys((*old.matters, *new.matters)):
        sides = old_setters.get(matter, ()), new_setters.get(matter, ())
        before, after = (
            [(event.holds_from.text, event.status, event.state[matter]) for event in events]
            for events in sides
        )
        if before != after and (effect := _effect(matter, *sides)):
            yield effect


def _effect(matter: str, old: Sequence[Event], new: Sequence[Event]) -> Effect | None:
    """Compare what stands on the first and last possible day of every event that sets it.

    Between those days nothing can change; and naming them by their event's date keeps a date
    such as 2020 from being shown as a day.
    """
    dates = dict.fromkeys(event.holds_from for event in (*old, *new))
    points = sorted(
        [(when.first_earliest or date.min, False, when) for when in dates]
        + [(when.first_latest or date.max, True, when) for when in dates]
    )
    days = [day for day, _, _ in points]
    both = zip(sweep(matter, old, days), sweep(matter, new, days), strict=True)
    steps: dict[PartialDate, Difference] = {}
    until, until_end = None, False
    for (_, is_end, when), (a, b) in zip(points, both, strict=True):
        if a.states != b.states:
            until = None
            steps[when] = Difference(when, a, b)
        elif steps and until is None:
            until, until_end = when, is_end and when.first_earliest != when.first_latest
    if not steps:
        return None
    alike = groupby(steps.values(), key=lambda step: (step.old.states, step.new.states))
    return Effect(matter, tuple(next(same) for _, same in alike), until, until_end)


# --- two dates ---------------------------------------------------------------------------------


Kind = Literal["changed", "first", "back", "found"]


class MatterChange(NamedTuple):
    """What came of a matter between two dates."""

    matter: str
    kind: Kind
    """Set to something else; set for the first time; set and set back; only found."""
    old: Standing
    new: Standing
    events: tuple[Event, ...]
    """The events between the two dates that set it, by date."""
    found: tuple[Found, ...]
    """What was found in between, by perspective; a first finding is no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateDiff:
    """What happened to a record's matters between the ends of two dates."""

    old: PartialDate
    new: PartialDate
    matters: tuple[MatterChange, ...]
    events: Selection
    """The events that begin after the last day of `old`, through the last day of `new`."""

    def __bool__(self) -> bool:
        return bool(self.matters or self.events.events)

    def of_kind(self, kind: str) -> tuple[MatterChange, ...]:
        """The matters of which this came."""
        return tuple(change for change in self.matters if change.kind == kind)


def between(timeline: Timeline, old: PartialDate, new: PartialDate, wanted: Filter) -> DateDiff:
    """Compare the end of `old` with the end of `new`; both have a last day, `new`'s no earlier.

    `wanted` (topics and matters) chooses what is shown after the whole record is computed.
    """
    last, until = old.latest, new.latest
    assert last is not None
    assert until is not None
    window = Window(min(last, date.max - timedelta(1)) + timedelta(1), until)

    def begun(events: Iterable[Event]) -> list[tuple[Event, Match]]:
        """Those that begin in between, and how surely."""
        begins = ((event, event.date.begins(window)) for event in events)
        return [(event, match) for event, match in begins if match]

    finding = finders(timeline)
    changes = []
    for key, setting in setters(timeline).items():
        if not shows(timeline.matters[key], wanted, key):
            continue
        by = tuple(event for event in setting if event.holds_from.begins(window))
        came = begun(finding[key])
        found = tuple(
            Found(
                voice,
                event,
                event.finding[key],
                possible=match is Match.POSSIBLY or event.status != OCCURRED,
                before=False,
            )
            for voice in PERSPECTIVES
            for event, match in came
            if voice in voices(timeline, event)
        )
        within = [day for day in turning_points(setting) if last < day < until]
        swept = sweep(key, setting, [last, *within, until])
        then = now = next(swept)
        moved = False
        for now in swept:
            moved = moved or now.states != then.states
        kind: Kind | None = "found" if found else None
        if now.states != then.states:
            kind = "first" if then.states == {None} else "changed"
        elif moved:
            kind = "back"
        if kind:
            changes.append(MatterChange(key, kind, then, now, by, found))
    met = select(timeline, wanted)
    came = begun(met.events)
    events = met._replace(
        events=tuple(event for event, _ in came),
        possible=frozenset(event.id for event, match in came if match is Match.POSSIBLY),
    )
    return DateDiff(old=old, new=new, matters=tuple(changes), events=events)
