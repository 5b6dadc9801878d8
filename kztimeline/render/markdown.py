"""Markdown documents that GitHub, CommonMark with footnotes, and pandoc read alike."""

from collections.abc import Iterable, Iterator

from kztimeline.dates import PartialDate
from kztimeline.diff import DateDiff, Effect, EventChange, TableChange, VersionDiff
from kztimeline.model import Citation, Event, Source, Timeline
from kztimeline.query import Selection
from kztimeline.render.changes import (
    Texts,
    dates_headline,
    event_texts,
    headline,
    matter_title,
    states,
    table_texts,
    until,
    words,
)
from kztimeline.render.commonmark import address, block, code, inline, link
from kztimeline.render.plain import marks
from kztimeline.render.show import PERSPECTIVE_NAMES, by_perspective, facts, paragraphs, reference
from kztimeline.text import plural

COMMENT_LIMIT = 60_000
"""The most bytes of a version diff: a comment on GitHub holds 65,536 characters."""


# --- events ------------------------------------------------------------------------------------


def events(selection: Selection, closing: str, *, by_year: bool = True) -> str:
    """A document: headings by year, claims with footnotes, sources; `closing` ends it."""
    timeline = selection.timeline
    parts = [f"# {block(timeline.title or 'Events')}"]
    for year, group in _years(selection.events) if by_year else [("", selection.events)]:
        if year:
            parts.append(f"## {block(year)}")
        for event in group:
            parts += _event(selection, event)
    return _document(parts, timeline, selection.events, closing)


def table(selection: Selection, closing: str) -> str:
    """The same as a compact table, one row an event."""
    timeline = selection.timeline
    rows = ["| Date | Event | Kind | Topics | Sources |", "| --- | --- | --- | --- | --- |"]
    for event in selection.events:
        found = "".join(f" ({mark})" for mark in _marks(selection, event))
        topics = ", ".join(timeline.topics[topic] for topic in event.topics)
        cells = (event.date.words() + found, event.title, event.kind, topics)
        notes = " ".join(f"[^{key}]" for key in _cited([event]))
        rows.append(f"| {' | '.join(map(inline, cells))} | {notes} |")
    parts = [f"# {block(timeline.title or 'Events')}", "\n".join(rows)]
    return _document(parts, timeline, selection.events, closing)


def _document(parts: list[str], timeline: Timeline, shown: Iterable[Event], closing: str) -> str:
    cited = [(key, timeline.sources[key]) for key in _cited(shown)]
    if cited:
        parts.append("## Sources")
        parts.append("\n".join(_source(source) for _, source in cited))
    parts.append(inline(closing))
    parts += [f"[^{key}]: {_note(source)}" for key, source in cited]
    return "\n\n".join([*parts, ""])


def _cited(shown: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(c.source for event in shown for c in event.sources))


def _years(shown: Iterable[Event]) -> Iterator[tuple[str, list[Event]]]:
    groups: dict[str, list[Event]] = {}
    for event in shown:
        groups.setdefault(_year(event.date), []).append(event)
    yield from groups.items()


def _year(date: PartialDate) -> str:
    """The year that something begins in, in words where it isn't one year."""
    first, last = date.first_earliest, date.first_latest
    if first and last and first.year == last.year:
        return str(first.year)
    said = date.words()
    return said[:1].upper() + said[1:]


def _marks(selection: Selection, event: Event) -> Iterator[str]:
    for mark in marks(selection, event):
        yield "only possibly in the period asked for" if mark == "?" else mark


def _event(selection: Selection, event: Event) -> Iterator[str]:
    timeline = selection.timeline
    yield f"### {block(event.title)}"
    possible = "?" if event.id in selection.possible else ""
    head = f"**{inline(event.date.words())}**{possible} · {inline(facts(timeline, event))}"
    yield f"{head} · {code(event.id)}"
    yield from map(block, paragraphs(event.summary))
    extra = [f"- *Dating:* {inline(event.dating)}"] if event.dating else []
    extra += [
        f"- *{inline(timeline.matters[key].title)}:* {inline(state)}"
        for key, state in event.state.items()
    ]
    extra += [f"- *Asks:* {inline(event.asks)}"] if event.asks else []
    extra += [f"- *Answers:* {', '.join(map(code, event.answers))}"] if event.answers else []
    extra += [
        _claim(PERSPECTIVE_NAMES[perspective], citation)
        for perspective, citations in by_perspective(timeline, event)
        for citation in citations
    ]
    if extra:
        yield "\n".join(extra)


def _claim(voice: str, citation: Citation) -> str:
    disputes = ", disputing" if citation.disputes else ""
    says = f" {inline(citation.says)}" if citation.says else ""
    return f"- **{voice}{disputes}:**{says} ({inline(citation.at)})[^{citation.source}]"


def _source(source: Source) -> str:
    url = f" {address(source.url)}" if source.url else ""
    note = f" {inline(source.note)}" if source.note else ""
    voice = PERSPECTIVE_NAMES[source.perspective]
    return f"- {inline(reference(source))}. {voice}.{url}{note}"


def _note(source: Source) -> str:
    url = f" {address(source.url)}" if source.url else ""
    return f"{block(reference(source))}.{url}"


# --- diffs -------------------------------------------------------------------------------------


def diff(result: VersionDiff | DateDiff, old: str, new: str) -> str:
    """A diff of either kind; `old` and `new` name what was compared."""
    return dates(result) if isinstance(result, DateDiff) else versions(result, old, new)


def versions(diff: VersionDiff, old: str, new: str) -> str:
    """What an edit does, as the comment on a pull request: at most `COMMENT_LIMIT` bytes."""
    parts = [f"**{block(headline(diff))}**", f"{code(old)} → {code(new)}"]
    parts += [_effect(diff, effect) for effect in diff.effects]
    parts += [_whole("Added", diff.new, event) for event in diff.added]
    parts += [_whole("Removed", diff.old, event) for event in diff.removed]
    parts += [_changed(diff, change) for change in diff.changed]
    tables = (("topic", diff.topics), ("matter", diff.matters), ("source", diff.sources))
    parts += [_entry(noun, change) for noun, changes in tables for change in changes]
    if diff.title:
        parts.append(f"**Changed** the title\n{_field(Texts(*diff.title))}")
    return _cut(parts)


def _cut(parts: list[str]) -> str:
    size = 0
    for count, part in enumerate(parts):
        size += len(part.encode("utf-8")) + 2
        if size > COMMENT_LIMIT - 200:
            left = plural(len(parts) - count, "more change")
            parts = [*parts[:count], f"{left} not shown: this comment would be too long."]
            break
    return "\n\n".join([*parts, ""])


def _effect(diff: VersionDiff, effect: Effect) -> str:
    title = inline(matter_title(diff, effect.matter))
    lines = [f"**{title}** stands differently{until(effect)}:"]
    lines += [
        f"- from {inline(step.since.text)}: {inline(states(step.old))}"
        f" → **{inline(states(step.new))}**"
        for step in effect.steps
    ]
    return "\n\n".join([lines[0], "\n".join(lines[1:])])


def _whole(verb: str, timeline: Timeline, event: Event) -> str:
    lines = [f"**{verb}** {code(event.id)}: {inline(event.title)}", ""]
    lines.append(f"- {block(event.date.text)} · {inline(facts(timeline, event))}")
    lines += [
        f"- sets {inline(timeline.matters[key].title)}: {inline(state)}"
        for key, state in event.state.items()
    ]
    lines += [_cited_link(timeline, citation) for citation in event.sources]
    return "\n".join(lines)


def _cited_link(timeline: Timeline, citation: Citation) -> str:
    source = timeline.sources[citation.source]
    voice = PERSPECTIVE_NAMES[timeline.perspective(citation)]
    disputes = ", disputing" if citation.disputes else ""
    says = f" {inline(citation.says)}" if citation.says else ""
    cited = link(reference(source), source.url)
    return f"- {voice}{disputes}:{says} ({cited}, {inline(citation.at)})"


def _changed(diff: VersionDiff, change: EventChange) -> str:
    was = f" (was {code(change.old.id)})" if change.old.id != change.new.id else ""
    lines = [f"**Changed** {code(change.new.id)}{was}: {inline(change.new.title)}", ""]
    texts = event_texts(change, diff.old, diff.new)
    lines += [_field(text) for text in texts if text.field != "id"]
    if lines[2:] and all(field.field != "sources" for field in change.fields):
        cited = (diff.new.sources[key] for key in _cited([change.new]))
        links = "; ".join(link(reference(source), source.url) for source in cited)
        lines += [f"- its sources: {links}"] if links else []
    return "\n".join(lines).rstrip()


def _entry(noun: str, change: TableChange) -> str:
    verb = "Added" if change.old is None else "Removed" if change.new is None else "Changed"
    lines = [f"**{verb}** {noun} {code(change.key)}", ""]
    return "\n".join([*lines, *map(_field, table_texts(change))])


def _field(texts: Texts) -> str:
    name = f"- {inline(texts.field)}:"
    if texts.old is None or texts.new is None:
        return f"{name} {'added' if texts.old is None else 'removed'} {_both(texts)}"
    if len(texts.old) + len(texts.new) <= 60:
        return f"{name} {inline(texts.old)} → **{inline(texts.new)}**"
    stretches = []
    for old, new in words(texts.old, texts.new):
        if old == new:
            stretches.append(inline(old))
        else:
            stretches += [f"~~{inline(old)}~~"] if old else []
            stretches += [f"**{inline(new)}**"] if new else []
    return f"{name} {' '.join(stretches)}"


def _both(texts: Texts) -> str:
    return inline(texts.old or texts.new or "")


def dates(diff: DateDiff) -> str:
    """What happened to a record's matters between two dates, with footnotes."""
    timeline = diff.events.timeline
    parts = [f"# {block(timeline.title or 'Events')}: {diff.old} to {diff.new}"]
    parts.append(block(f"{dates_headline(diff)}."))
    shown: list[Event] = []
    for change in diff.matters:
        title = timeline.matters[change.matter].title
        parts.append(f"## {block(title)}")
        parts.append(
            f"- At the end of {inline(diff.old.text)}: {inline(states(change.old))}\n"
            f"- At the end of {inline(diff.new.text)}: **{inline(states(change.new))}**"
        )
        parts.append("\n".join(_item(event, ()) for event in change.events))
        shown += change.events
    if diff.events.events:
        parts.append("## Events")
        items = [_item(event, _marks(diff.events, event)) for event in diff.events.events]
        parts.append("\n".join(items))
        shown += diff.events.events
    cited = {key: timeline.sources[key] for key in _cited(shown)}
    parts += [f"[^{key}]: {_note(source)}" for key, source in cited.items()]
    return "\n\n".join([*parts, ""])


def _item(event: Event, found: Iterable[str]) -> str:
    notes = "".join(f"[^{key}]" for key in _cited([event]))
    mark = "".join(f" ({inline(mark)})" for mark in found)
    return f"- {block(event.date.text)}{mark}: {inline(event.title)}{notes}"
