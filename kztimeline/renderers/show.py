"""One event, matter or source in full, as a layout."""

from collections.abc import Iterable, Iterator, Sequence

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.state import setters
from kztimeline.record.model import Citation, Event, Matter, Source, Timeline
from kztimeline.record.vocabulary import OCCURRED, PERSPECTIVES
from kztimeline.renderers.layout import Line, Part, line


def reference(source: Source) -> str:
    """A source in one line: authors, title, publisher, date."""
    authors = [", ".join(source.authors)] if source.authors else []
    publisher = [source.publisher] if source.publisher else []
    return ", ".join([*authors, f"“{source.title}”", *publisher, source.date.words()])


def by_perspective(timeline: Timeline, event: Event) -> Iterator[tuple[str, list[Citation]]]:
    """An event's citations, grouped by whose voice they are."""
    for perspective in PERSPECTIVES:
        group = [c for c in event.sources if timeline.perspective(c) == perspective]
        if group:
            yield perspective, group


def by_years(shown: Iterable[Event]) -> Iterator[tuple[str, list[Event]]]:
    """Events grouped by the year that they begin in, in words where it isn't one year."""
    groups: dict[str, list[Event]] = {}
    for event in shown:
        groups.setdefault(_year(event.date), []).append(event)
    yield from groups.items()


def _year(date: PartialDate) -> str:
    """The year that something begins in, in words where it isn't one year."""
    said = str(date.year) if date.year else date.words()
    return said[:1].upper() + said[1:]


def facts(timeline: Timeline, event: Event) -> str:
    """What an event is, in one line: kind, topics, status, whether contested."""
    words = [event.kind, ", ".join(timeline.topics[topic] for topic in event.topics)]
    words += [event.status] if event.status != OCCURRED else []
    words += ["contested"] if event.contested else []
    return " · ".join(word for word in words if word)


def event(timeline: Timeline, shown: Event) -> Iterator[Line]:
    """Claims by perspective, asks and answers both ways, the states it set."""
    yield line(Part(shown.id, "id"))
    yield line(Part(shown.title, "title"))
    written = f" ({shown.date.text})" if shown.date.text != shown.date.words() else ""
    yield line(Part(shown.date.words(), "date"), f"{written} · {facts(timeline, shown)}")
    yield line()
    yield from _paragraphs(shown.summary)
    yield from _fields(timeline, shown)
    for perspective, citations in by_perspective(timeline, shown):
        yield line(Part(PERSPECTIVES[perspective], "title"))
        for citation in citations:
            yield from _claim(timeline, citation)
        yield line()


def paragraphs(text: str) -> list[str]:
    """A text's paragraphs (blank lines part them), each on one line."""
    # Only spaces are stripped: what else Python takes for white space is for the gate to show.
    parts = text.replace("\r\n", "\n").split("\n\n")
    blocks = [" ".join(part.split("\n")).strip(" ") for part in parts]
    return [block for block in blocks if block]


def _paragraphs(text: str) -> Iterator[Line]:
    for paragraph in paragraphs(text):
        yield line(paragraph)
        yield line()


def _fields(timeline: Timeline, shown: Event) -> Iterator[Line]:
    by_id = {event.id: event for event in timeline.events}
    answered_by = [event for event in timeline.events if shown.id in event.answers]
    rows = [("Dating", [shown.dating] if shown.dating else [])]
    rows += [
        ("State", [f"{timeline.matters[key].title}: {text}" for key, text in shown.state.items()])
    ]
    rows += [("Asks", [shown.asks] if shown.asks else [])]
    rows += [("Answers", [_brief(by_id[key]) for key in shown.answers])]
    rows += [("Answered by", [_brief(event) for event in answered_by])]
    width = 13
    for name, texts in rows:
        for position, text in enumerate(texts):
            label = name if position == 0 else ""
            yield line(Part(label.ljust(width), "dim"), text, hang=width)
    if any(texts for _, texts in rows):
        yield line()


def _brief(shown: Event) -> str:
    return f"{shown.id}: {shown.title} ({shown.date.words()})"


def _claim(timeline: Timeline, citation: Citation) -> Iterator[Line]:
    disputes = [Part("disputes: ", "disputed")] if citation.disputes else []
    says = [citation.says] if citation.says else []
    where = f"{reference(timeline.sources[citation.source])}: {citation.at} [{citation.source}]"
    if says or disputes:
        yield line(*disputes, *says, indent=2, hang=2)
        yield line(Part(where, "dim"), indent=4, hang=2)
    else:
        yield line(where, indent=2, hang=2)


def matter(timeline: Timeline, key: str, shown: Matter) -> Iterator[Line]:
    """A matter with all its states in time."""
    yield line(Part(key, "id"))
    yield line(Part(shown.title, "title"))
    topics = ", ".join(timeline.topics[topic] for topic in shown.topics)
    yield line("matter" + (f" · {topics}" if topics else ""))
    yield line()
    for event in setters(timeline)[key]:
        status = f" ({event.status})" if event.status != OCCURRED else ""
        yield line(Part(event.date.words(), "date"), f"{status}: {event.state[key]}", hang=4)
        yield line(Part(f"{event.id}: {event.title}", "dim"), indent=4, hang=2)
    yield line()


def source(timeline: Timeline, key: str, shown: Source) -> Iterator[Line]:
    """A source with the events it supports or disputes."""
    yield line(Part(key, "id"))
    yield line(Part(reference(shown), "title"))
    yield line(f"source · {PERSPECTIVES[shown.perspective]}")
    if shown.url:
        yield line(shown.url)
    yield line()
    yield from _paragraphs(shown.note or "")
    for event in sorted(timeline.events, key=lambda event: event.date.sort_key):
        for citation in event.sources:
            if citation.source == key:
                disputes = [Part(" disputes:", "disputed")] if citation.disputes else []
                yield line(Part(event.date.words(), "date"), *disputes, f" {event.title}", hang=4)
                yield line(Part(f"{event.id}: {citation.at}", "dim"), indent=4, hang=2)
    yield line()


def things(
    timeline: Timeline, found: Sequence[tuple[str, Event | Matter | Source]]
) -> Iterator[Line]:
    """Several things in full, one under the other."""
    for key, thing in found:
        if isinstance(thing, Event):
            yield from event(timeline, thing)
        elif isinstance(thing, Matter):
            yield from matter(timeline, key, thing)
        else:
            yield from source(timeline, key, thing)
