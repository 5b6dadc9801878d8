"""Records with texts in every field that takes one."""

from collections.abc import Iterable

from kztimeline import Citation, Event, Matter, PartialDate, Source, Timeline


def record(title: str, entries: Iterable[tuple[str, str, str]]) -> Timeline:
    """A record of entries: an id, the text of the fields of one line, that of the longer ones."""
    topics, matters, sources = {}, {}, {}
    events: list[Event] = []
    for key, text, longer in entries:
        topics[key] = text
        matters[key] = Matter(title=text, topics=(key,))
        sources[key] = Source(
            title=text,
            authors=(text, text),
            publisher=text,
            date=PartialDate.parse("2021"),
            perspective="media",
            url=f"{text} ",  # The space: no text may become a link here.
            note=longer,
        )
        event = Event(
            id=key,
            date=PartialDate.parse(f"20{20 + len(events) // 1000}"),
            title=text,
            kind="law",
            topics=(key,),
            summary=longer,
            state={key: text},
            asks=text,
            dating=text,
            sources=(
                Citation(source=key, at=text, says=text),
                Citation(source=key, at=text, perspective="ngo", disputes=True),
            ),
        )
        events.append(event)
    return Timeline(
        title=title, topics=topics, matters=matters, sources=sources, events=tuple(events)
    )


def fields(texts: list[str]) -> Timeline:
    """Every text in every field."""
    return record(texts[0], ((f"k{n}", text, text) for n, text in enumerate(texts)))
