"""One event, matter or source in full, and the names there are, as layouts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from kztimeline.query.lookup import Name
from kztimeline.query.state import Found, finders, setters, voices
from kztimeline.record.model import (
    OCCURRED,
    PERSPECTIVES,
    Citation,
    Event,
    Matter,
    Source,
    Timeline,
)
from kztimeline.renderers.layout import Line, Part, line
from kztimeline.text.gate import is_web_address, plural


def reference(source: Source) -> str:
    """A source in one line: authors, title, number, publisher, date, language."""
    authors = [", ".join(source.authors)] if source.authors else []
    rest = [part for part in (source.number, source.publisher) if part]
    language = f" ({source.language})" if source.language else ""
    return ", ".join([*authors, f"“{source.title}”", *rest, source.date.words() + language])


def passage(source: Source, citation: Citation) -> str | None:
    """The address of a citation's passage, which a browser scrolls to and highlights.

    A text directive (WICG, URL Fragment Text Directives) is appended where the citation has a
    quote; a document in PDF has no such passages. None if nothing can be linked.
    """
    url = source.url or source.archive
    if not url or not is_web_address(url):
        return None
    from urllib.parse import quote, urlsplit

    if not citation.quote or urlsplit(url).path.lower().endswith(".pdf"):
        return url
    # A hyphen and a comma have a meaning in a directive, so they are escaped, too.
    words = quote(citation.quote, safe="").replace("-", "%2D")
    return f"{url}{'' if '#' in url else '#'}:~:text={words}"


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
        year = f"{event.date.year:04}" if event.date.year else event.date.words()
        groups.setdefault(year[:1].upper() + year[1:], []).append(event)
    yield from groups.items()


def facts(timeline: Timeline, event: Event) -> str:
    """What an event is, in one line: kind, topics, status, whether contested."""
    words = [event.kind, ", ".join(timeline.topics[topic] for topic in event.topics)]
    words += [event.status] if event.status != OCCURRED else []
    words += ["contested"] if event.contested else []
    return " · ".join(word for word in words if word)


def event(timeline: Timeline, shown: Event) -> Iterator[Line]:
    """Claims by perspective, asks and answers both ways, what it set or found."""
    yield line(Part(shown.title, "title"))
    written = f" ({shown.date.text})" if shown.date.text != shown.date.words() else ""
    when = Part(shown.date.words(), "date")
    yield line(when, f"{written} · {facts(timeline, shown)} · ", Part(shown.id, "id"))
    yield line()
    yield from _paragraphs(shown.summary)
    yield from _fields(timeline, shown)
    for perspective, citations in by_perspective(timeline, shown):
        yield line(Part(PERSPECTIVES[perspective], "heading"))
        for citation in citations:
            yield from _claim(timeline, citation)
        yield line()


def entry(shown: Event, *marks: Part) -> Line:
    """An event as an entry of a list, with its citations."""
    return line(
        Part(shown.date.words(), "date"),
        *marks,
        f" {shown.title} ",
        Part(shown.id, "id"),
        *cites(shown),
        indent=2,
        hang=2,
    )


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
    titles = {key: matter.title for key, matter in timeline.matters.items()}
    answered = {
        label: [event for event in timeline.events if shown.id in getattr(event, key)]
        for label, key in (("Met by", "answers"), ("Met in part by", "answers_in_part"))
    }
    rows = {
        "Dating": [shown.dating] if shown.dating else [],
        "In force from": [shown.in_force.words()] if shown.in_force else [],
        "Sets": [f"{titles[key]}: {text}" for key, text in shown.state.items()],
        "Finds": [f"{titles[key]}: {text}" for key, text in shown.finding.items()],
        "Asks": [shown.asks] if shown.asks else [],
        "Meets": [_brief(by_id[key]) for key in shown.answers],
        "Meets in part": [_brief(by_id[key]) for key in shown.answers_in_part],
        **{label: list(map(_brief, events)) for label, events in answered.items()},
    }
    width = max((len(label) for label, texts in rows.items() if texts), default=0) + 2
    for label, texts in rows.items():
        for position, text in enumerate(texts):
            name = Part((label if position == 0 else "").ljust(width), "dim")
            yield line(name, text, indent=2, hang=width)
    if any(rows.values()):
        yield line()


def _brief(shown: Event) -> str:
    return f"{shown.id}: {shown.title} ({shown.date.words()})"


def _claim(timeline: Timeline, citation: Citation) -> Iterator[Line]:
    disputes = [Part("disputes: ", "disputed")] if citation.disputes else []
    says = [citation.says] if citation.says else []
    quote = [f" “{citation.quote}”"] if citation.quote else []
    source = reference(timeline.sources[citation.source])
    where = Part(f"{source}: {citation.at} [{citation.source}]", "dim", citation)
    if says or disputes or quote:
        yield line(*disputes, *says, *quote, indent=2, hang=2)
        yield line(where, indent=4, hang=2)
    else:
        yield line(where, indent=2, hang=2)


def voice(timeline: Timeline, citation: Citation) -> Line:
    """A citation in a line: whose voice, what it claims, where."""
    who = Part(PERSPECTIVES[timeline.perspective(citation)], "dim")
    disputes = [Part(", "), Part("disputing", "disputed")] if citation.disputes else []
    says = [f": {citation.says}"] if citation.says else []
    where = Part(f" [{citation.source}: {citation.at}]", "dim", citation)
    return line(who, *disputes, *says, where, indent=4, hang=2)


def cites(event: Event) -> Iterator[Part]:
    """The citations of an event, for formats that have notes."""
    return (Part("", "dim", citation) for citation in event.sources)


def finding(found: Found) -> Line:
    """What somebody finds, in a line."""
    return line(
        Part(f"found ({PERSPECTIVES[found.perspective]})", "dim"),
        f": {found.text} (",
        Part(found.event.date.words(), "date"),
        f"{''.join(f', {mark}' for mark in found.marks)}) ",
        Part(found.event.id, "id"),
        *cites(found.event),
        indent=2,
        hang=2,
    )


def _heading(title: str, key: str, *about: str) -> Iterator[Line]:
    yield line(Part(title, "title"))
    yield line(f"{' · '.join(about)} · ", Part(key, "id"))


def matter(timeline: Timeline, key: str, shown: Matter) -> Iterator[Line]:
    """A matter with all that was set and found in time."""
    topics = [timeline.topics[topic] for topic in shown.topics]
    yield from _heading(shown.title, key, "matter", *topics)
    yield line()
    events = [(event.holds_from, "", event) for event in setters(timeline)[key]]
    events += [(event.date, "found", event) for event in finders(timeline)[key]]
    for when, role, event in sorted(events, key=lambda entry: entry[0].sort_key):
        by = ", ".join(PERSPECTIVES[voice] for voice in voices(timeline, event))
        role = f" found ({by})" if role else " set"
        status = [event.status] if event.status != OCCURRED else []
        marks = "".join(f" ({mark})" for mark in [*status, *(["contested"] * event.contested)])
        text = event.finding[key] if "found" in role else event.state[key]
        yield line(Part(when.words(), "date"), f"{marks}{role}: {text}", indent=2, hang=4)
        yield line(Part(f"{event.id}: {event.title}", "dim"), indent=4, hang=2)
    yield line()


def source(timeline: Timeline, key: str, shown: Source) -> Iterator[Line]:
    """A source with the events it supports or disputes, in their order, and what it says there."""
    kind = shown.type.replace("_", " ").replace("-", " ")
    yield from _heading(reference(shown), key, "source", kind, PERSPECTIVES[shown.perspective])
    for address in filter(None, (shown.url, shown.archive)):
        yield line(address)
    yield line()
    yield from _paragraphs(shown.note or "")
    for event in sorted(timeline.events, key=lambda event: event.date.sort_key):
        for citation in event.sources:
            if citation.source == key:
                disputes = [Part(" disputes:", "disputed")] if citation.disputes else []
                when = Part(event.date.words(), "date")
                yield line(when, *disputes, f" {event.title}", indent=2, hang=4)
                says = f": {citation.says}" if citation.says else ""
                yield line(Part(f"{event.id}: {citation.at}{says}", "dim"), indent=4, hang=2)
    yield line()


def topic(timeline: Timeline, key: str, label: str) -> Iterator[Line]:
    """A topic with its matters and its events."""
    yield from _heading(label, key, "topic")
    yield line()
    for name, about in timeline.matters.items():
        if key in about.topics:
            yield line("matter ", about.title, " ", Part(name, "id"), indent=2, hang=2)
    for event in sorted(timeline.events, key=lambda event: event.date.sort_key):
        if key in event.topics:
            when = Part(event.date.words(), "date")
            yield line(when, f" {event.title} ", Part(event.id, "id"), indent=2, hang=4)
    yield line()


def things(
    timeline: Timeline, found: Sequence[tuple[str, Event | Matter | Source | str]]
) -> Iterator[Line]:
    """Several things in full, one under the other."""
    for key, thing in found:
        if isinstance(thing, Event):
            yield from event(timeline, thing)
        elif isinstance(thing, Matter):
            yield from matter(timeline, key, thing)
        elif isinstance(thing, Source):
            yield from source(timeline, key, thing)
        else:
            yield from topic(timeline, key, thing)


def names(found: Sequence[Name]) -> Iterator[Line]:
    """The names by kind, each with what it stands for and how many events have it."""
    for kind, names in groupby(found, key=lambda name: name.kind):
        yield line(Part(f"{kind.capitalize()}s", "title"))
        for name in names:
            facts = [name.number, name.date, plural(name.events, "event")]
            about = " · ".join(fact for fact in facts if fact)
            text = f" {name.title} " if name.title != name.name else " "
            yield line(Part(name.name, "id"), text, Part(about, "dim"), indent=2, hang=2)
        yield line()
