"""Diffs as a layout, and a history: each commit in a line, and what it did under it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from kztimeline.query.diff import Change, DateDiff, Effect, EventChange, MatterChange, VersionDiff
from kztimeline.query.filter import marks
from kztimeline.query.history import Entry
from kztimeline.query.wording import (
    dates_headline,
    headline,
    matter_title,
    states,
    texts,
    until,
    verb,
    words,
)
from kztimeline.record.model import Event, Timeline
from kztimeline.renderers.layout import Line, Part, Style, line
from kztimeline.renderers.show import entry, facts, finding, paragraphs, reference, voice
from kztimeline.text.gate import is_rtl

_SIGNS: Final[Mapping[str, tuple[str, Style]]] = {
    "added": ("+", "added"),
    "removed": ("-", "removed"),
    "edited": ("~", "changed"),
}
"""What was done, as a sign and a style."""


def diff(result: VersionDiff | DateDiff, old: str, new: str) -> Iterator[Line]:
    """A diff of either kind; `old` and `new` name what was compared."""
    yield line(Part(f"{old} → {new}", "dim"))
    yield from dates(result) if isinstance(result, DateDiff) else versions(result)


def versions(diff: VersionDiff) -> Iterator[Line]:
    """What an edit does to a record."""
    yield line(Part(headline(diff), "title"))
    for done, timeline, events in (
        ("added", diff.new, diff.added),
        ("removed", diff.old, diff.removed),
    ):
        for event in events:
            yield line()
            yield from _whole(done, timeline, event)
    for edited in diff.changed:
        yield line()
        was = f" (was {edited.old.id})" if edited.old.id != edited.new.id else ""
        yield line(Part(f"~ {edited.new.id}", "changed"), f"{was}: {edited.new.title}", hang=4)
        yield from _fields(diff, edited)
    for noun, changes in diff.tables:
        for row in changes:
            yield line()
            sign, style = _SIGNS[verb(row)]
            yield line(Part(f"{sign} {noun} {row.name}", style))
            yield from _fields(diff, row)
    for name, change in (("timeline", diff.title), ("directive", diff.directive)):
        if change:
            yield line()
            yield line(Part(f"~ {name}", "changed"))
            yield from _field(change)
    for effect in diff.effects:
        yield line()
        yield from _effect(diff, effect)


def _whole(done: str, timeline: Timeline, event: Event) -> Iterator[Line]:
    sign, style = _SIGNS[done]
    yield line(Part(f"{sign} {event.id}", style), f": {event.title}", hang=4)
    yield line(Part(event.date.text, "date"), f" · {facts(timeline, event)}", indent=4)
    yield line(" ".join(paragraphs(event.summary)), indent=4)
    for key, text in event.state.items():
        yield line(Part("sets ", "dim"), f"{timeline.matters[key].title}: {text}", indent=4, hang=2)
    for citation in event.sources:
        yield voice(timeline, citation)


def _fields(diff: VersionDiff, change: EventChange | Change) -> Iterator[Line]:
    for field in texts(diff, change):
        if field.name != "id":
            yield from _field(field)


def _field(field: Change) -> Iterator[Line]:
    name = Part(f"{field.name}: ", "dim")
    if field.old is None or field.new is None:
        gone = field.new is None
        one = Part(f"- {field.old}", "removed") if gone else Part(f"+ {field.new}", "added")
        yield line(name, one, indent=4, hang=2)
    elif len(field.old) + len(field.new) <= 60 and not is_rtl(field.old + field.new):
        old, new = Part(field.old, "removed"), Part(field.new, "added")
        yield line(name, old, " → ", new, indent=4, hang=2)
    else:
        yield line(name, indent=4)
        pairs = list(words(field.old, field.new))
        yield line("- ", *_side(pairs, 0, "removed"), indent=6, hang=2)
        yield line("+ ", *_side(pairs, 1, "added"), indent=6, hang=2)


def _side(pairs: list[tuple[str, str]], side: int, style: Style) -> Iterator[Part]:
    for pair in pairs:
        if pair[side]:
            yield Part(f"{pair[side]} ", "" if pair[0] == pair[1] else style)


def _effect(diff: VersionDiff, effect: Effect) -> Iterator[Line]:
    title = Part(f"! {matter_title(diff, effect.matter)}", "title")
    yield line(title, f" stands differently{until(effect)}")
    for step in effect.steps:
        yield line(Part(f"from {step.since}", "date"), indent=4)
        yield line("- ", Part(states(step.old), "removed"), indent=6, hang=2)
        yield line("+ ", Part(states(step.new), "added"), indent=6, hang=2)


_KINDS: Final[Mapping[str, str]] = {
    "changed": "Set to something else",
    "first": "Set for the first time",
    "back": "Set and set back",
    "found": "Found in between",
}


def dates(diff: DateDiff) -> Iterator[Line]:
    """What came of a record's matters between two dates, then its events."""
    timeline = diff.events.timeline
    yield line(Part(dates_headline(diff), "heading"))
    for kind, title in _KINDS.items():
        changes = diff.of_kind(kind)
        if changes:
            yield line()
            yield line(Part(title, "title"))
        for change in changes:
            yield from _matter(diff, change)
    if diff.events.events:
        yield line()
        yield line(Part("Events", "title"))
    for event in diff.events.events:
        found = " ".join(marks(diff.events, event))
        yield entry(event, *([Part(f" {found}", "disputed")] if found else []))
    setting = (event for change in diff.matters for event in change.events)
    # The documents cited above, under the names that stood for them.
    cited = dict.fromkeys(citation.source for event in setting for citation in event.sources)
    if cited:
        yield line()
        yield line(Part("Sources", "title"))
    for key in cited:
        yield line(Part(key, "id"), ": ", reference(timeline.sources[key]), indent=2, hang=2)


def _matter(diff: DateDiff, change: MatterChange) -> Iterator[Line]:
    timeline = diff.events.timeline
    yield line()
    yield line(
        Part(timeline.matters[change.matter].title, "heading"), " ", Part(change.matter, "id")
    )
    if change.kind != "found":
        for when, standing in ((diff.old, change.old), (diff.new, change.new)):
            name = Part(f"at the end of {when.words()}: ", "dim")
            yield line(name, states(standing), indent=2, hang=2)
    for event in change.events:
        contested = " contested" if event.contested else ""
        setting = f"{contested} sets: {event.state[change.matter]} ("
        rest = (event.title, " ", Part(event.id, "id"), ")")
        yield line(Part(event.holds_from.words(), "date"), setting, *rest, indent=2, hang=2)
        for citation in event.sources:
            yield voice(timeline, citation)
    yield from map(finding, change.found)


# --- history ------------------------------------------------------------------------------------


def log(entries: Iterable[Entry], full: bool, most: int | None) -> Iterator[Line]:
    """What each commit did: in full, or at most so many things in a line each."""
    for number, (commit, diff, notes) in enumerate(entries):
        if number:
            yield line()
        head = Part(commit.day, "date"), Part(f" {commit.hash[:12]}", "id")
        yield line(*head, f" {commit.author}: {commit.subject}", hang=4)
        for note in notes:
            yield line(Part(note, "disputed"), indent=4, hang=2)
        if diff is not None and full:
            yield from (row._replace(indent=row.indent + 4) for row in versions(diff))
        elif diff is not None:
            yield line(Part(headline(diff), "dim"), indent=4, hang=2)
            things = list(_things(diff))
            yield from islice(things, most)
            if most is not None and len(things) > most:
                yield line(Part(f"and {len(things) - most:,} more", "dim"), indent=4)


def _things(diff: VersionDiff) -> Iterator[Line]:
    """A line for each event and entry; of what changed, in which fields."""
    yield from (_thing("added", event.id, event.title) for event in diff.added)
    yield from (_thing("removed", event.id, event.title) for event in diff.removed)
    for edited in diff.changed:
        was = f" (was {edited.old.id})" if edited.old.id != edited.new.id else ""
        fields = [field.name for field in texts(diff, edited)]
        yield _thing("edited", f"{edited.new.id}{was}", *fields)
    for noun, changes in diff.tables:
        for change in changes:
            fields = [field.name for field in texts(diff, change)]
            name, done = f"{noun} {change.name}", verb(change)
            yield _thing(done, name, *(fields if done == "edited" else ()))


def _thing(done: str, name: str, *about: str) -> Line:
    sign, style = _SIGNS[done]
    words = ", ".join(dict.fromkeys(word for word in about if word != "id"))
    return line(Part(f"{sign} {name}", style), f": {words}" if words else "", indent=4, hang=2)
