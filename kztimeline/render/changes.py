"""Diffs as a layout, and the words that every rendering of a diff shares."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from kztimeline.dates import PartialDate
from kztimeline.diff import DateDiff, Effect, EventChange, TableChange, VersionDiff
from kztimeline.model import Citation, Event, Source, Timeline
from kztimeline.query import Standing
from kztimeline.render.layout import Line, Part, Style, line
from kztimeline.render.plain import marks, outcome_text
from kztimeline.render.show import PERSPECTIVE_NAMES, facts, paragraphs, reference
from kztimeline.text import plural
from kztimeline.vocabulary import MATTER_KEYS, SOURCE_KEYS


class Texts(NamedTuple):
    """A change of one field as texts; None where there was, or is, nothing."""

    field: str
    old: str | None
    new: str | None


_MOST_EFFECTS: Final = 3


def headline(diff: VersionDiff) -> str:
    """What an edit does, in a sentence: ``2 events added, 1 changed; libel stands …``."""
    counts = [(len(diff.added), "added"), (len(diff.removed), "removed")]
    counts += [(len(diff.changed), "changed")]
    events = [f"{count:,} {verb}" for count, verb in counts if count]
    if events:
        count, _, rest = events[0].partition(" ")
        events[0] = f"{plural(int(count.replace(',', '')), 'event')} {rest}"
    tables = [
        f"{plural(len(changes), noun)} edited"
        for changes, noun in (
            (diff.topics, "topic"),
            (diff.matters, "matter"),
            (diff.sources, "source"),
            ([diff.title] if diff.title else [], "title"),
        )
        if changes
    ]
    told = ", ".join([*events, *tables]) or "no change"
    effects = [_brief_effect(diff, effect) for effect in diff.effects]
    if len(effects) > _MOST_EFFECTS:
        effects = [f"{plural(len(effects), 'matter')} stand differently"]
    return "; ".join([told, *effects])


def _brief_effect(diff: VersionDiff, effect: Effect) -> str:
    title = matter_title(diff, effect.matter)
    return f"{title} stands differently from {effect.steps[0].since}{until(effect)}"


def until(effect: Effect) -> str:
    """When both versions agree again: `` until the end of 2020``, else an empty string."""
    if effect.until is None:
        return ""
    return f" until {'the end of ' if effect.until_end else ''}{effect.until}"


def matter_title(diff: VersionDiff, matter: str) -> str:
    """A matter's title, in the new version if it is there."""
    found = diff.new.matters.get(matter) or diff.old.matters[matter]
    return found.title


def states(standing: Standing) -> str:
    """All that a matter may stand at, in one line."""
    return " or ".join(outcome_text(standing, outcome) for outcome in standing.outcomes)


def event_texts(change: EventChange, old: Timeline, new: Timeline) -> Iterator[Texts]:
    """A changed event's fields as texts; citations and states one by one."""
    for name, before, after in change.fields:
        if name == "state":
            for key in dict.fromkeys((*before, *after)):
                if before.get(key) != after.get(key):
                    yield Texts(f"state {key}", before.get(key), after.get(key))
        elif name == "sources":
            for a, b in _citation_changes(before, after):
                yield Texts(
                    f"citation of {(b or a).source}",
                    citation_text(old, a) if a else None,
                    citation_text(new, b) if b else None,
                )
        else:
            yield Texts(name, _text(before), _text(after))


def _text(value: Any) -> str | None:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, tuple):
        return ", ".join(value) or None
    return None if value is None else str(value)


def citation_text(timeline: Timeline, citation: Citation) -> str:
    """What a citation says, where, and whose voice it is, in one line."""
    voice = PERSPECTIVE_NAMES[timeline.perspective(citation)]
    disputes = ", disputes" if citation.disputes else ""
    return f"{citation.says or 'supports it'} ({citation.at}; {voice}{disputes})"


def _citation_changes(
    old: tuple[Citation, ...], new: tuple[Citation, ...]
) -> Iterator[tuple[Any, Any]]:
    """Pair the citations that differ: with the same source and locator, else the same source."""
    before = [citation for citation in old if citation not in new]
    after = [citation for citation in new if citation not in old]
    for key in (lambda c: (c.source, c.at), lambda c: c.source):
        for citation in tuple(before):
            partner = next((other for other in after if key(other) == key(citation)), None)
            if partner:
                before.remove(citation)
                after.remove(partner)
                yield citation, partner
    yield from ((citation, None) for citation in before)
    yield from ((None, citation) for citation in after)


def table_texts(change: TableChange) -> Iterator[Texts]:
    """A changed topic, matter or source as texts, field by field."""
    old, new = _entry_fields(change.old), _entry_fields(change.new)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Texts(name, old.get(name), new.get(name))


def _entry_fields(entry: Any) -> Mapping[str, str | None]:
    if entry is None:
        return {}
    if isinstance(entry, str):
        return {"label": entry}
    keys = SOURCE_KEYS if isinstance(entry, Source) else MATTER_KEYS
    return {name: _text(getattr(entry, name)) for name in keys}


def words(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Pair stretches of words: equal ones, or what was with what is, either possibly empty."""
    # Not split(): what else Python takes for white space is for the gate to show.
    before, after = (text.replace("\n", " ").split(" ") for text in (old, new))
    # Beyond this, comparing word by word costs more than it shows.
    if len(before) * len(after) > 250_000:
        yield old, new
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield " ".join(before[a:b]), " ".join(after[c:d])


# --- layouts -----------------------------------------------------------------------------------


def diff(result: VersionDiff | DateDiff, old: str, new: str) -> Iterator[Line]:
    """A diff of either kind; `old` and `new` name what was compared."""
    yield line(Part(f"{old} → {new}", "dim"))
    yield from dates(result) if isinstance(result, DateDiff) else versions(result)


def versions(diff: VersionDiff) -> Iterator[Line]:
    """What an edit does to a record."""
    yield line(Part(headline(diff), "title"))
    for event in diff.added:
        yield line()
        yield from _whole("+", "added", diff.new, event)
    for event in diff.removed:
        yield line()
        yield from _whole("-", "removed", diff.old, event)
    for change in diff.changed:
        yield line()
        yield from _changed(diff, change)
    tables = (("topic", diff.topics), ("matter", diff.matters), ("source", diff.sources))
    for noun, changes in tables:
        for entry in changes:
            yield line()
            yield from _entry(noun, entry)
    if diff.title:
        yield line()
        yield line(Part("~ timeline", "changed"))
        yield from _field(Texts("title", diff.title.old, diff.title.new))
    for effect in diff.effects:
        yield line()
        yield from _effect(diff, effect)


def _whole(sign: str, style: Style, timeline: Timeline, event: Event) -> Iterator[Line]:
    yield line(Part(f"{sign} {event.id}", style), f": {event.title}", hang=4)
    yield line(Part(event.date.text, "date"), f" · {facts(timeline, event)}", indent=4)
    yield line(" ".join(paragraphs(event.summary)), indent=4)
    for key, text in event.state.items():
        yield line(Part("sets ", "dim"), f"{timeline.matters[key].title}: {text}", indent=4, hang=2)
    for citation in event.sources:
        yield _claim(timeline, citation)


def _changed(diff: VersionDiff, change: EventChange) -> Iterator[Line]:
    renamed = f" (was {change.old.id})" if change.old.id != change.new.id else ""
    head = Part(f"~ {change.new.id}", "changed")
    yield line(head, f"{renamed}: {change.new.title}", hang=4)
    for texts in event_texts(change, diff.old, diff.new):
        if texts.field != "id":
            yield from _field(texts)


def _entry(noun: str, change: TableChange) -> Iterator[Line]:
    sign: str = "+" if change.old is None else "-" if change.new is None else "~"
    styles: dict[str, Style] = {"+": "added", "-": "removed", "~": "changed"}
    yield line(Part(f"{sign} {noun} {change.key}", styles[sign]))
    for texts in table_texts(change):
        yield from _field(texts)


def _field(texts: Texts) -> Iterator[Line]:
    name = Part(f"{texts.field}: ", "dim")
    if texts.old is None or texts.new is None:
        gone = texts.new is None
        one = Part(f"- {texts.old}", "removed") if gone else Part(f"+ {texts.new}", "added")
        yield line(name, one, indent=4, hang=2)
    elif len(texts.old) + len(texts.new) <= 60:
        old, new = Part(texts.old, "removed"), Part(texts.new, "added")
        yield line(name, old, " → ", new, indent=4, hang=2)
    else:
        yield line(name, indent=4)
        pairs = list(words(texts.old, texts.new))
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


def dates(diff: DateDiff) -> Iterator[Line]:
    """What happened to a record's matters between two dates, then its events."""
    timeline = diff.events.timeline
    yield line(Part(dates_headline(diff), "title"))
    for change in diff.matters:
        yield line()
        yield line(Part(timeline.matters[change.matter].title, "title"))
        for name, standing in ((f"{diff.old}", change.old), (f"{diff.new}", change.new)):
            yield line(Part(f"at the end of {name}: ", "dim"), states(standing), indent=2, hang=2)
        for event in change.events:
            yield line(Part(event.date.text, "date"), f" {event.title}", indent=2, hang=2)
            for citation in event.sources:
                yield _claim(timeline, citation)
    if diff.events.events:
        yield line()
        yield line(Part("Events", "title"))
    for event in diff.events.events:
        found = " ".join(marks(diff.events, event))
        mark = [Part(f" {found}", "disputed")] if found else []
        yield line(
            Part(event.date.text, "date"),
            *mark,
            f" {event.title} ",
            Part(event.id, "id"),
            indent=2,
            hang=2,
        )
    yield from _sources(timeline, [event for change in diff.matters for event in change.events])


def _claim(timeline: Timeline, citation: Citation) -> Line:
    """A citation in a line: whose voice, what it claims, where."""
    voice = Part(f"{PERSPECTIVE_NAMES[timeline.perspective(citation)]}", "dim")
    disputes = [Part(", disputing", "disputed")] if citation.disputes else []
    says = [f": {citation.says}"] if citation.says else []
    where = Part(f" [{citation.source}: {citation.at}]", "dim")
    return line(voice, *disputes, *says, where, indent=4, hang=2)


def _sources(timeline: Timeline, events: Iterable[Event]) -> Iterator[Line]:
    """The documents that some events are cited from, under the names that stood for them."""
    cited = dict.fromkeys(citation.source for event in events for citation in event.sources)
    if cited:
        yield line()
        yield line(Part("Sources", "title"))
    for key in cited:
        yield line(Part(f"{key}: ", "id"), reference(timeline.sources[key]), indent=2, hang=2)


def dates_headline(diff: DateDiff) -> str:
    """How much changed between two dates, in a sentence."""
    matters = plural(len(diff.matters), "matter")
    stand = "stands" if len(diff.matters) == 1 else "stand"
    possible = f", {len(diff.events.possible)} only possibly" if diff.events.possible else ""
    events = plural(len(diff.events.events), "event")
    return (
        f"{matters} {stand} differently at the end of {diff.new} than at the end of {diff.old}"
        f"; {events} in between{possible}"
    )
