"""Markdown documents that GitHub, CommonMark with footnotes, and pandoc read alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kztimeline.query.diff import DateDiff, Effect, EventChange, TableChange, VersionDiff
from kztimeline.query.filter import Selection, marks
from kztimeline.query.wording import (
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
from kztimeline.record.model import Citation, Event, Source, Timeline
from kztimeline.record.vocabulary import PERSPECTIVES
from kztimeline.renderers.commonmark import address, block, cite, code, inline, link
from kztimeline.renderers.show import by_perspective, by_years, facts, paragraphs, reference
from kztimeline.renderers.views import CITATIONS, NOTES, Export
from kztimeline.text.gate import line as gate
from kztimeline.text.gate import plural

COMMENT_LIMIT = 60_000
"""The most bytes of a version diff: a comment on GitHub holds 65,536 characters."""

_MOST_WARNINGS = 10


# --- events ------------------------------------------------------------------------------------


def export(exported: Export) -> str:
    """The document in the style asked for."""
    chosen, closing, citations = exported.selection, exported.closing, exported.citations
    if exported.style == "table":
        return table(chosen, closing, citations=citations)
    return events(chosen, closing, by_year=exported.by_year, citations=citations)


def events(
    selection: Selection, closing: str, *, by_year: bool = True, citations: str = CITATIONS[0]
) -> str:
    """A document: headings by year, claims with citations, sources; `closing` ends it."""
    timeline = selection.timeline
    parts = [f"# {block(timeline.title or 'Events')}"]
    for year, group in by_years(selection.events) if by_year else [("", selection.events)]:
        if year:
            parts.append(f"## {block(year)}")
        for event in group:
            parts += _event(selection, event, citations)
    return _document(parts, timeline, selection.events, closing, citations)


def table(selection: Selection, closing: str, *, citations: str = CITATIONS[0]) -> str:
    """The same as a compact table, one row an event."""
    timeline = selection.timeline
    rows = ["| Date | Event | Kind | Topics | Sources |", "| --- | --- | --- | --- | --- |"]
    for event in selection.events:
        found = "".join(f" ({mark})" for mark in _marks(selection, event))
        topics = ", ".join(timeline.topics[topic] for topic in event.topics)
        cells = (event.date.words() + found, event.title, event.kind, topics)
        rows.append(f"| {' | '.join(map(inline, cells))} | {_marked(event, citations)} |")
    parts = [f"# {block(timeline.title or 'Events')}", "\n".join(rows)]
    return _document(parts, timeline, selection.events, closing, citations)


def _document(
    parts: list[str], timeline: Timeline, shown: Sequence[Event], closing: str, citations: str
) -> str:
    cited = [timeline.sources[key] for key in _cited(shown)]
    by_pandoc = citations == "pandoc"
    if cited:
        parts.append("## Sources")
        parts.append(_BIBLIOGRAPHY if by_pandoc else "\n".join(map(_source, cited)))
    parts.append(block(closing))
    notes = _notes_of_citations if citations == NOTES else _notes
    return _page([*parts, *([] if by_pandoc else notes(timeline, shown))])


_BIBLIOGRAPHY = "::: {#refs}\n:::"
"""Where pandoc puts the bibliography."""


def _marked(event: Event, citations: str) -> str:
    """The marks that lead from an event to its sources."""
    if citations == "pandoc":
        return f"[{'; '.join(map(cite, _cited([event])))}]" if event.sources else ""
    if citations == NOTES:
        return " ".join(_note(event, citation) for citation in event.sources)
    return " ".join(f"[^{key}]" for key in _cited([event]))


def _note(event: Event, citation: Citation) -> str:
    """The mark that leads from a citation to a footnote of its own."""
    return f"[^{event.id}-{event.sources.index(citation) + 1}]"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _cited(shown: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(c.source for event in shown for c in event.sources))


def _marks(selection: Selection, event: Event) -> Iterator[str]:
    for mark in marks(selection, event):
        yield "only possibly in the period asked for" if mark == "?" else mark


def _event(selection: Selection, event: Event, citations: str) -> Iterator[str]:
    timeline = selection.timeline
    yield f"### {block(event.title)}"
    possible = "?" if event.id in selection.possible else ""
    head = f"**{inline(event.date.words())}**{possible} · {inline(facts(timeline, event))}"
    yield f"{head} · {code(event.id)}"
    yield from map(block, paragraphs(event.summary))
    extra = [f"- *Dating:* {inline(event.dating)}"] if event.dating else []
    extra += [
        f"- *{inline(f'{timeline.matters[key].title}:')}* {inline(state)}"
        for key, state in event.state.items()
    ]
    extra += [f"- *Asks:* {inline(event.asks)}"] if event.asks else []
    extra += [f"- *Answers:* {', '.join(map(code, event.answers))}"] if event.answers else []
    extra += [
        _claim(PERSPECTIVES[perspective], event, citation, citations)
        for perspective, group in by_perspective(timeline, event)
        for citation in group
    ]
    if extra:
        yield "\n".join(extra)


def _claim(voice: str, event: Event, citation: Citation, citations: str) -> str:
    disputes = ", disputing" if citation.disputes else ""
    says = f" {inline(citation.says)}" if citation.says else ""
    mark = f"({inline(citation.at)})[^{citation.source}]"
    if citations == "pandoc":
        mark = f"[{cite(citation.source, citation.at)}]"
    elif citations == NOTES:
        mark = _note(event, citation)
    return f"- **{voice}{disputes}:**{says} {mark}"


def _source(source: Source) -> str:
    url = f" {address(source.url)}" if source.url else ""
    note = f" {inline(_one_line(source.note))}" if source.note else ""
    voice = PERSPECTIVES[source.perspective]
    return f"- {block(reference(source))}. {voice}.{url}{note}"


def _notes(timeline: Timeline, shown: Iterable[Event]) -> Iterator[str]:
    for key in _cited(shown):
        source = timeline.sources[key]
        url = f" {address(source.url)}" if source.url else ""
        yield f"[^{key}]: {block(reference(source))}.{url}"


def _notes_of_citations(timeline: Timeline, shown: Iterable[Event]) -> Iterator[str]:
    for event in shown:
        for citation in event.sources:
            source = timeline.sources[citation.source]
            url = f" {address(source.url)}" if source.url else ""
            place = inline(f"{reference(source)}, {citation.at}.")
            yield f"{_note(event, citation)}: {block(place)}{url}"


def _one_line(prose: str) -> str:
    return " ".join(paragraphs(prose))


# --- diffs -------------------------------------------------------------------------------------


def diff(result: VersionDiff | DateDiff, old: str, new: str, warnings: Sequence[str] = ()) -> str:
    """A diff of either kind; `old` and `new` name what was compared."""
    if isinstance(result, DateDiff):
        return dates(result)
    return versions(result, old, new, warnings)


def versions(diff: VersionDiff, old: str, new: str, warnings: Sequence[str] = ()) -> str:
    """What an edit does, as the comment on a pull request: at most `COMMENT_LIMIT` bytes.

    `warnings` are what `check --against` tells a reviewer to look at.
    """
    names = f"{code(_brief(old))} → {code(_brief(new))}"
    head = [f"**{inline(_headline(diff))}**", *_warned(warnings), names]
    return _cut(head, list(_changes(diff)))


def _warned(warnings: Sequence[str]) -> Iterator[str]:
    """The first warnings, shortened: they point at what follows in full."""
    if warnings:
        items = [f"- {block(_brief(told))}" for told in warnings[:_MOST_WARNINGS]]
        left = len(warnings) - _MOST_WARNINGS
        items += [f"- {left:,} more"] if left > 0 else []
        yield "\n".join(["For the reviewer:", "", *items])


def _headline(diff: VersionDiff) -> str:
    """The headline; without the effects, which follow in full, where they would make it long."""
    told = headline(diff)
    return told if len(told) <= 1_000 else headline(replace(diff, effects=()))


def _brief(label: str) -> str:
    return label if len(label) <= 200 else f"{label[:199]}…"


def _changes(diff: VersionDiff) -> Iterator[str]:
    yield from (_effect(diff, effect) for effect in diff.effects)
    yield from (_whole("Added", diff.new, event) for event in diff.added)
    yield from (_whole("Removed", diff.old, event) for event in diff.removed)
    yield from (_changed(diff, change) for change in diff.changed)
    tables = (("topic", diff.topics), ("matter", diff.matters), ("source", diff.sources))
    yield from (_entry(noun, change) for noun, changes in tables for change in changes)
    if diff.title:
        yield f"**Changed** the title\n\n{_field(Texts(*diff.title))}"


def _cut(head: list[str], changes: list[str]) -> str:
    """The whole, or as many changes as a comment holds and how many are left."""
    size = sum(_size(part) for part in head)
    for count, change in enumerate(changes):
        size += _size(change)
        if size > COMMENT_LIMIT - 200:
            left = plural(len(changes) - count, "more change")
            changes = [*changes[:count], f"{left} not shown: this comment would be too long."]
            break
    return _page([*head, *changes])


def _size(part: str) -> int:
    return len(part.encode("utf-8")) + 2


def _effect(diff: VersionDiff, effect: Effect) -> str:
    title = inline(matter_title(diff, effect.matter))
    lines = [f"**{title}** {inline(f'stands differently{until(effect)}:')}", ""]
    lines += [
        f"- from {inline(f'{step.since.text}: {states(step.old)}')}"
        f" → **{inline(states(step.new))}**"
        for step in effect.steps
    ]
    return "\n".join(lines)


def _whole(verb: str, timeline: Timeline, event: Event) -> str:
    lines = [f"**{verb}** {code(event.id)}: {inline(event.title)}", ""]
    lines.append(f"- {block(event.date.text)} · {inline(facts(timeline, event))}")
    lines.append(f"- {block(_one_line(event.summary))}")
    lines += [
        f"- sets {inline(f'{timeline.matters[key].title}: {state}')}"
        for key, state in event.state.items()
    ]
    lines += [_cited_link(timeline, citation) for citation in event.sources]
    return "\n".join(lines)


def _cited_link(timeline: Timeline, citation: Citation) -> str:
    source = timeline.sources[citation.source]
    voice = PERSPECTIVES[timeline.perspective(citation)]
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
    head = f"**{verb}** {noun} {code(change.key)}"
    whole = change.old is None or change.new is None
    fields = [_entry_field(texts) if whole else _field(texts) for texts in table_texts(change)]
    return "\n".join([head, "", *fields])


def _entry_field(texts: Texts) -> str:
    return f"- {inline(texts.field)}: {inline(_one_line(texts.old or texts.new or ''))}"


def _field(texts: Texts) -> str:
    name = f"- {inline(texts.field)}:"
    old, new = (text and gate(_one_line(text)) for text in (texts.old, texts.new))
    if old is None or new is None:
        verb = "added" if old is None else "removed"
        return f"{name} {verb} {inline(old or new or '')}"
    if len(old) + len(new) <= 60:
        return f"{name} {inline(old)} → **{inline(new)}**"
    return f"{name} {' '.join(_highlighted(old, new))}"


def _highlighted(old: str, new: str) -> Iterator[str]:
    for before, after in words(old, new):
        if before == after:
            yield inline(after)
        else:
            yield from [f"~~{inline(before)}~~"] if before else []
            yield from [f"**{inline(after)}**"] if after else []


def dates(diff: DateDiff) -> str:
    """What happened to a record's matters between two dates, with footnotes."""
    timeline = diff.events.timeline
    title = f"{timeline.title or 'Events'}: {diff.old} to {diff.new}"
    parts = [f"# {block(title)}", block(f"{dates_headline(diff)}.")]
    shown: list[Event] = []
    for change in diff.matters:
        parts.append(f"## {block(timeline.matters[change.matter].title)}")
        then = inline(f"End of {diff.old}: {states(change.old)} → end of {diff.new}:")
        parts.append(f"{then} **{inline(states(change.new))}**")
        parts += _items((event, ()) for event in change.events)
        shown += change.events
    if diff.events.events:
        parts.append("## Events")
        parts += _items((event, _marks(diff.events, event)) for event in diff.events.events)
        shown += diff.events.events
    parts += _notes(timeline, shown)
    return _page(parts)


def _items(shown: Iterable[tuple[Event, Iterable[str]]]) -> list[str]:
    items = [_item(event, found) for event, found in shown]
    return ["\n".join(items)] if items else []


def _item(event: Event, found: Iterable[str]) -> str:
    notes = "".join(f"[^{key}]" for key in _cited([event]))
    mark = "".join(f" ({mark})" for mark in found)
    return f"- {block(f'{event.date.text}{mark}: {event.title}')}{notes}"
