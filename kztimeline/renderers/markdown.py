"""Markdown documents that GitHub, CommonMark with footnotes, and pandoc read alike."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from kztimeline.query.diff import Change, DateDiff, Effect, EventChange, VersionDiff
from kztimeline.query.filter import Selection, marks
from kztimeline.query.wording import headline, matter_title, states, texts, until, verb, words
from kztimeline.record.model import PERSPECTIVES, Citation, Event, Source, Timeline
from kztimeline.renderers import changes
from kztimeline.renderers.commonmark import address, block, cite, code, inline, link
from kztimeline.renderers.notes import Notes, laid_out
from kztimeline.renderers.show import (
    by_perspective,
    by_years,
    facts,
    paragraphs,
    passage,
    reference,
)
from kztimeline.renderers.views import How
from kztimeline.text.gate import is_rtl, plural
from kztimeline.text.gate import line as gate

COMMENT_LIMIT = 60_000
"""The most bytes of a version diff: a comment on GitHub holds 65,536 characters."""

_MOST_WARNINGS = 10


# --- events ------------------------------------------------------------------------------------


def export(selection: Selection, how: How) -> str:
    """A document: the events by year with their claims, or in a table; then the sources."""
    timeline, notes = selection.timeline, Notes(selection.timeline)
    parts = [f"# {block(timeline.title or 'Events')}"]
    if how.style == "table":
        parts.append(_table(selection, how.citations, notes))
    else:
        for year, group in by_years(selection.events) if how.by_year else [("", selection.events)]:
            parts += [f"## {block(year)}"] if year else []
            for event in group:
                parts += _event(selection, event, how.citations, notes)
    if cited := [timeline.sources[key] for key in _cited(selection.events)]:
        listed = "\n".join(map(_source, cited))
        parts += ["## Sources", _BIBLIOGRAPHY if how.citations == "pandoc" else listed]
    return _page([*parts, block(how.closing), *notes.definitions()])


_BIBLIOGRAPHY = "::: {#refs}\n:::"
"""Where pandoc puts the bibliography."""


def _table(selection: Selection, citations: str, notes: Notes) -> str:
    """A row an event, with what leads to its sources."""
    rows = ["| Date | Event | Kind | Topics | Sources |", "| --- | --- | --- | --- | --- |"]
    for event in selection.events:
        found = "".join(f" ({mark})" for mark in _marks(selection, event))
        topics = ", ".join(selection.timeline.topics[topic] for topic in event.topics)
        cells = (event.date.words() + found, event.title, event.kind, topics)
        if citations == "pandoc":
            cited = f"[{'; '.join(map(cite, _cited([event])))}]" if event.sources else ""
        else:
            cited = " ".join(map(notes.mark, event.sources))
        rows.append(f"| {' | '.join(map(inline, cells))} | {cited} |")
    return "\n".join(rows)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _cited(shown: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(c.source for event in shown for c in event.sources))


def _marks(selection: Selection, event: Event) -> Iterator[str]:
    for mark in marks(selection, event):
        yield "only possibly in the period asked for" if mark == "?" else mark


def _event(selection: Selection, event: Event, citations: str, notes: Notes) -> Iterator[str]:
    timeline = selection.timeline
    yield f"### {block(event.title)}"
    possible = "?" if event.id in selection.possible else ""
    head = f"**{inline(event.date.words())}**{possible} · {inline(facts(timeline, event))}"
    yield f"{head} · {code(event.id)}"
    yield from map(block, paragraphs(event.summary))
    stated = [
        *([("Dating", event.dating)] if event.dating else []),
        *((timeline.matters[key].title, text) for key, text in event.state.items()),
        *([("In force from", event.in_force.words())] if event.in_force else []),
        *(
            (f"{timeline.matters[key].title}, as found", text)
            for key, text in event.finding.items()
        ),
        *([("Asks", event.asks)] if event.asks else []),
    ]
    extra = [f"- *{inline(f'{label}:')}* {inline(text)}" for label, text in stated]
    for label, ids in (("Meets", event.answers), ("Meets in part", event.answers_in_part)):
        extra += [f"- *{label}:* {', '.join(map(code, ids))}"] if ids else []
    for perspective, group in by_perspective(timeline, event):
        for citation in group:
            voice = f"{PERSPECTIVES[perspective]}{', disputing' if citation.disputes else ''}"
            says = f" {inline(citation.says)}" if citation.says else ""
            if citations == "pandoc":
                says += f" {inline(f'“{citation.quote}”')}" if citation.quote else ""
                where = f" [{cite(citation.source, citation.at)}]"
            else:
                where = notes.mark(citation)
            extra.append(f"- **{voice}:**{says}{where}")
    if extra:
        yield "\n".join(extra)


def _source(source: Source) -> str:
    url = "".join(f" {address(url)}" for url in (source.url, source.archive) if url)
    note = f" {inline(_one_line(source.note))}" if source.note else ""
    voice = PERSPECTIVES[source.perspective]
    return f"- {block(reference(source))}. {voice}.{url}{note}"


def _one_line(prose: str) -> str:
    return " ".join(paragraphs(prose))


# --- diffs -------------------------------------------------------------------------------------


def diff(result: VersionDiff | DateDiff, old: str, new: str, warnings: Sequence[str] = ()) -> str:
    """A diff of either kind; `old` and `new` name what was compared."""
    if isinstance(result, DateDiff):
        title = block(f"{result.events.timeline.title or 'Events'}: {result.old} to {result.new}")
        return f"# {title}\n\n{laid_out(changes.dates(result), result.events.timeline)}"
    return versions(result, old, new, warnings)


def versions(diff: VersionDiff, old: str, new: str, warnings: Sequence[str] = ()) -> str:
    """What an edit does, as the comment on a pull request: at most `COMMENT_LIMIT` bytes.

    `warnings` are what `check --against` asks a reviewer to look at.
    """
    names = f"{code(_brief(old))} → {code(_brief(new))}"
    head = [f"**{inline(_headline(diff))}**", *_warned(warnings), names]
    return _cut(head, list(_changes(diff)))


def _warned(warnings: Sequence[str]) -> Iterator[str]:
    """The first warnings, shortened: they point at what follows in full."""
    if warnings:
        items = [f"- {block(_brief(warning))}" for warning in warnings[:_MOST_WARNINGS]]
        left = len(warnings) - _MOST_WARNINGS
        items += [f"- {left:,} more"] if left > 0 else []
        yield "\n".join(["For the reviewer:", "", *items])


def _headline(diff: VersionDiff) -> str:
    """The headline; without the effects, which follow in full, where they would make it long."""
    full = headline(diff)
    return full if len(full) <= 1_000 else headline(replace(diff, effects=()))


def _brief(label: str) -> str:
    return label if len(label) <= 200 else f"{label[:199]}…"


def _changes(diff: VersionDiff) -> Iterator[str]:
    yield from (_effect(diff, effect) for effect in diff.effects)
    yield from (_whole("Added", diff.new, event) for event in diff.added)
    yield from (_whole("Removed", diff.old, event) for event in diff.removed)
    yield from (_changed(diff, edited) for edited in diff.changed)
    yield from (_entry(diff, noun, change) for noun, changes in diff.tables for change in changes)
    for name, change in (("title", diff.title), ("directive", diff.directive)):
        if change:
            yield f"**Changed** the {name}\n\n{_field(change)}"


def _cut(head: list[str], changes: list[str]) -> str:
    """The whole; if that's too long, the headlines of all changes, then details as far as fits."""
    whole = _page([*head, *changes])
    room = COMMENT_LIMIT - len(_page(head).encode())
    if len(whole.encode()) <= COMMENT_LIMIT:
        return whole
    # What is gone can be seen nowhere else, so it doesn't stand behind all that is new.
    ranked = sorted(changes, key=lambda change: change.startswith("**Added**"))
    items = ["- " + change.partition("\n")[0] for change in ranked]
    if len("\n".join(items).encode()) > room // 2:
        items = [found[0] if (found := _NAMED.match(item)) else item for item in items]
    listed = _fitting(items, room - 300)
    if len(listed) < len(items):
        listed.append(f"- {plural(len(items) - len(listed), 'more change')}")
    room -= len("\n".join(listed).encode()) + 300
    shown: list[str] = []
    whole_ones = 0
    for change in changes:
        lines = change.split("\n")
        kept = _fitting(lines, room)
        shown += ["\n".join(kept)] if len(kept) > 2 else []
        room -= len("\n".join(kept).encode()) + 2
        if len(kept) < len(lines):
            break
        whole_ones += 1
    left = f"{len(changes) - whole_ones:,} of {plural(len(changes), 'change')}"
    end = f"{left} not shown in full: this comment would be too long."
    return _page([*head, "\n".join(listed), *shown, end])


_NAMED: Final = re.compile(r"- \*\*(?:Added|Removed|Changed)\*\* [^:]*")
"""A headline without its title."""


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines, as many as so many bytes hold."""
    sizes = accumulate(len(line.encode()) + 1 for line in lines)
    return [line for line, size in zip(lines, sizes, strict=True) if size <= room]


def _effect(diff: VersionDiff, effect: Effect) -> str:
    title = inline(matter_title(diff, effect.matter))
    lines = [f"**{title}** {inline(f'stands differently{until(effect)}:')}", ""]
    lines += [
        _changed_text(f"- from {inline(f'{step.since.text}:')}", states(step.old), states(step.new))
        for step in effect.steps
    ]
    return "\n".join(lines)


def _changed_text(name: str, old: str, new: str) -> str:
    """Old and new side by side; one below the other where they would be read from the right."""
    if is_rtl(old + new):
        return f"{name}\n  - was: {inline(old)}\n  - is: **{inline(new)}**"
    return f"{name} {inline(old)} → **{inline(new)}**"


def _whole(done: str, timeline: Timeline, event: Event) -> str:
    lines = [f"**{done}** {code(event.id)}: {inline(event.title)}", ""]
    lines.append(f"- {block(event.date.text)} · {inline(facts(timeline, event))}")
    lines.append(f"- {block(_one_line(event.summary))}")
    lines += [
        f"- {does} {inline(f'{timeline.matters[key].title}: {text}')}"
        for does, stated in (("sets", event.state), ("finds", event.finding))
        for key, text in stated.items()
    ]
    lines += [_cited_link(timeline, citation) for citation in event.sources]
    return "\n".join(lines)


def _cited_link(timeline: Timeline, citation: Citation) -> str:
    source = timeline.sources[citation.source]
    voice = PERSPECTIVES[timeline.perspective(citation)]
    disputes = ", disputing" if citation.disputes else ""
    says = f" {inline(citation.says)}" if citation.says else ""
    cited = link(reference(source), passage(source, citation))
    return f"- {voice}{disputes}:{says} ({cited}, {inline(citation.at)})"


def _changed(diff: VersionDiff, change: EventChange) -> str:
    was = f" (was {code(change.old.id)})" if change.old.id != change.new.id else ""
    lines = [f"**Changed** {code(change.new.id)}{was}: {inline(change.new.title)}", ""]
    lines += [_field(field) for field in texts(diff, change) if field.name != "id"]
    if lines[2:] and all(field.name != "sources" for field in change.fields):
        cited = (diff.new.sources[key] for key in _cited([change.new]))
        links = "; ".join(link(reference(source), source.url) for source in cited)
        lines += [f"- its sources: {links}"] if links else []
    return "\n".join(lines).rstrip()


def _entry(diff: VersionDiff, noun: str, change: Change) -> str:
    lines = [f"**{_VERBS[verb(change)]}** {noun} {code(change.name)}", ""]
    for field in texts(diff, change):
        if verb(change) == "edited":
            lines.append(_field(field))
        else:
            text = _one_line(field.old or field.new or "")
            lines.append(f"- {inline(field.name)}: {inline(text)}")
    return "\n".join(lines)


_VERBS: Final = {"added": "Added", "removed": "Removed", "edited": "Changed"}


def _field(field: Change) -> str:
    name = f"- {inline(field.name)}:"
    old, new = (text and gate(_one_line(text)) for text in (field.old, field.new))
    if old is None or new is None:
        done = "added" if old is None else "removed"
        return f"{name} {done} {inline(old or new or '')}"
    if len(old) + len(new) <= 60 or is_rtl(old + new):
        return _changed_text(name, old, new)
    return f"{name} {' '.join(_highlighted(old, new))}"


def _highlighted(old: str, new: str) -> Iterator[str]:
    for before, after in words(old, new):
        if before == after:
            yield inline(after)
        else:
            yield from [f"~~{inline(before)}~~"] if before else []
            yield from [f"**{inline(after)}**"] if after else []
