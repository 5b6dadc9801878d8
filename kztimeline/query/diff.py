"""What changed: between two versions of a record, or within one record between two dates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from kztimeline.dates.edtf import Match, PartialDate, Window
from kztimeline.query.filter import Filter, Selection, select
from kztimeline.query.spells import turning_points
from kztimeline.query.state import Found, Standing, finders, setters, shows, state, sweep, voices
from kztimeline.record.keys import KEYS
from kztimeline.record.model import Event, Timeline
from kztimeline.record.vocabulary import OCCURRED, PERSPECTIVES


class FieldChange(NamedTuple):
    """One field of a thing, before and after."""

    field: str
    old: Any
    new: Any


class EventChange(NamedTuple):
    """An event that both versions hold, with what differs; ids differ if it was renamed."""

    old: Event
    new: Event
    fields: tuple[FieldChange, ...]


class TableChange(NamedTuple):
    """A change to the topics, matters or sources: None on the side that lacks the entry."""

    key: str
    old: Any
    new: Any


class Step(NamedTuple):
    """From a date on, a matter stands at something else than before the edit."""

    since: PartialDate
    """The date of the event that makes the difference, as the file writes it."""
    old: Standing
    new: Standing


class Effect(NamedTuple):
    """How an edit changes what a matter stood at."""

    matter: str
    steps: tuple[Step, ...]
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
    title: FieldChange | None
    topics: tuple[TableChange, ...]
    matters: tuple[TableChange, ...]
    sources: tuple[TableChange, ...]
    effects: tuple[Effect, ...]

    def __bool__(self) -> bool:
        return bool(
            self.added
            or self.removed
            or self.changed
            or self.title
            or self.topics
            or self.matters
            or self.sources
        )


# --- two versions ------------------------------------------------------------------------------


def compare(old: Timeline, new: Timeline) -> VersionDiff:
    """Compare two versions by meaning: order and layout of the file don't count."""
    before = {event.id: event for event in old.events}
    after = {event.id: event for event in new.events}
    gone = [event for event in old.events if event.id not in after]
    fresh = [event for event in new.events if event.id not in before]
    renamed = dict(_renamed(gone, fresh))
    kept = [(before[key], event) for key, event in after.items() if key in before]
    pairs = kept + [(before[key], event) for key, event in renamed.items()]
    new_names = {event.id for event in renamed.values()}
    return VersionDiff(
        old=old,
        new=new,
        added=_by_date(event for event in fresh if event.id not in new_names),
        removed=_by_date(event for event in gone if event.id not in renamed),
        changed=tuple(
            EventChange(a, b, changes)
            for a, b in sorted(pairs, key=lambda pair: pair[1].date.sort_key)
            if (changes := _field_changes(a, b))
        ),
        title=FieldChange("title", old.title, new.title) if old.title != new.title else None,
        topics=tuple(_table_changes(old.topics, new.topics)),
        matters=tuple(_table_changes(old.matters, new.matters)),
        sources=tuple(_table_changes(old.sources, new.sources)),
        effects=tuple(_effects(old, new)),
    )


def narrow(diff: VersionDiff, wanted: Filter) -> VersionDiff:
    """The part of a diff that a filter lets show; the whole record was compared."""
    if wanted == Filter():
        return diff

    def shown(timeline: Timeline, event: Event) -> bool:
        return bool(wanted.match(timeline, event))

    about = bool(wanted.topic or wanted.matter)
    matters = {**diff.old.matters, **diff.new.matters}
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
        topics=tuple(change for change in diff.topics if change.key in wanted.topic),
        matters=tuple(
            change
            for change in diff.matters
            if about and shows(matters[change.key], wanted, change.key)
        ),
        sources=tuple(change for change in diff.sources if change.key in wanted.source),
        effects=tuple(e for e in diff.effects if shows(matters[e.matter], wanted, e.matter)),
    )


def _by_date(events: Iterator[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.date.sort_key))


def renamed_ids(old: Timeline, new: Timeline) -> dict[str, str]:
    """Old id → new id of the events that were renamed."""
    before, after = ({event.id for event in side.events} for side in (old, new))
    gone = [event for event in old.events if event.id not in after]
    fresh = [event for event in new.events if event.id not in before]
    return {key: event.id for key, event in _renamed(gone, fresh)}


def _renamed(gone: list[Event], fresh: list[Event]) -> Iterator[tuple[str, Event]]:
    """Old id → event under its new id, where date and title leave exactly one candidate."""
    old_by_key: dict[tuple[str, str], list[Event]] = {}
    new_by_key: dict[tuple[str, str], list[Event]] = {}
    for events, by_key in ((gone, old_by_key), (fresh, new_by_key)):
        for event in events:
            by_key.setdefault((event.date.text, event.title), []).append(event)
    for key, olds in old_by_key.items():
        news = new_by_key.get(key, [])
        if len(olds) == len(news) == 1:
            yield olds[0].id, news[0]


def _field_changes(old: Event, new: Event) -> tuple[FieldChange, ...]:
    if old == new:
        return ()
    fields = (
        FieldChange(key.name, getattr(old, key.attribute), getattr(new, key.attribute))
        for key in KEYS["event"]
    )
    return tuple(field for field in fields if field.old != field.new)


def _table_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[TableChange]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield TableChange(key, old.get(key), new.get(key))


def _effects(old: Timeline, new: Timeline) -> Iterator[Effect]:
    old_setters, new_setters = setters(old), setters(new)
    for matter in dict.fromkeys((*old.matters, *new.matters)):
        before, after = old_setters.get(matter, ()), new_setters.get(matter, ())
        if [_setting(e, matter) for e in before] != [_setting(e, matter) for e in after]:
            effect = _effect(matter, before, after)
            if effect:
                yield effect


def _setting(event: Event, matter: str) -> tuple[str, str, str]:
    return event.holds_from.text, event.status, event.state[matter]


def _effect(matter: str, old: Sequence[Event], new: Sequence[Event]) -> Effect | None:
    """Compare what stands on the first and last possible day of every event that sets it.

    Between those days nothing can change; and naming them by their event's date keeps a date
    such as 2020 from being told as a day.
    """
    dates = dict.fromkeys(event.holds_from for event in (*old, *new))
    points = sorted(
        [(when.first_earliest or date.min, False, when) for when in dates]
        + [(when.first_latest or date.max, True, when) for when in dates]
    )
    days = [day for day, _, _ in points]
    both = zip(sweep(matter, old, days), sweep(matter, new, days), strict=True)
    steps: dict[PartialDate, Step] = {}
    until, until_end = None, False
    for (_, is_end, when), (a, b) in zip(points, both, strict=True):
        if a.states != b.states:
            until = None
            steps[when] = Step(when, a, b)
        elif steps and until is None:
            until, until_end = when, is_end and when.first_earliest != when.first_latest
    return Effect(matter, tuple(_distinct(steps.values())), until, until_end) if steps else None


def _distinct(steps: Iterable[Step]) -> Iterator[Step]:
    last = None
    for step in steps:
        pair = (step.old.states, step.new.states)
        if pair != last:
            yield step
        last = pair


# --- two dates ---------------------------------------------------------------------------------


class MatterChange(NamedTuple):
    """What came of a matter between two dates."""

    matter: str
    kind: Literal["changed", "first", "back", "found"]
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
    assert old.latest is not None
    assert new.latest is not None
    first = min(old.latest, date.max - timedelta(1)) + timedelta(1)
    window = Window(first, new.latest)
    before = {standing.matter: standing for standing in state(timeline, old.latest)}
    setting, finding = setters(timeline), finders(timeline)
    changes = []
    for now in state(timeline, new.latest):
        key, then = now.matter, before[now.matter]
        if shows(timeline.matters[key], wanted, key):
            by = tuple(event for event in setting[key] if event.holds_from.begins(window))
            seen = tuple(_found_in(timeline, key, finding[key], window))
            kind = _kind(then, now, setting[key], window)
            if kind or seen:
                changes.append(MatterChange(key, kind or "found", then, now, by, seen))
    events = _begun(select(timeline, wanted._replace(window=window)), window)
    return DateDiff(old=old, new=new, matters=tuple(changes), events=events)


def _kind(
    then: Standing, now: Standing, events: Sequence[Event], window: Window
) -> Literal["changed", "first", "back", ""]:
    if then.states != now.states:
        return "first" if then.states == {None} else "changed"
    days = [day for day in turning_points(events) if window.since <= day <= window.until]  # type: ignore[operator]
    swept = sweep(then.matter, events, days)
    return "back" if any(standing.states != now.states for standing in swept) else ""


def _found_in(
    timeline: Timeline, matter: str, events: Iterable[Event], window: Window
) -> Iterator[Found]:
    begins = [(event, event.date.begins(window)) for event in events]
    for voice in PERSPECTIVES:
        for event, match in begins:
            if match and voice in voices(timeline, event):
                possible = match is Match.POSSIBLY or event.status != OCCURRED
                yield Found(voice, event, event.finding[matter], possible, before=False)


def _begun(met: Selection, window: Window) -> Selection:
    """Of the events that meet a window those that begin in it, not before."""
    begins = [(event, event.date.begins(window)) for event in met.events]
    return met._replace(
        events=tuple(event for event, match in begins if match),
        possible=frozenset(event.id for event, match in begins if match is Match.POSSIBLY),
    )
