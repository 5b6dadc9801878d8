"""Rules of what is cited and what is used."""

from collections.abc import Iterator, Mapping

from kztimeline.checks.subject import Subject, finding
from kztimeline.text.errors import Finding


def no_citation(subject: Subject) -> Iterator[Finding]:
    """An event without a source.

    Every line of the record can be looked up. Cite a document, or leave the event out.

    Fails:

        [[event]]
        sources = []

    Passes:

        [[event]]
        sources = [{ source = "gazette", at = "page 1" }]
    """
    for event in subject.timeline.events:
        if not event.sources:
            path = ("event", event.position, "sources")
            yield finding(path, f'no source is cited for "{event.id}"')


def only_disputed(subject: Subject) -> Iterator[Finding]:
    """An event of which every citation disputes what it says.

    An event tells what at least one document says, and `disputes = true` marks those that
    contradict it. Tell the event as a document does, or drop `disputes` where it is wrong.

    Fails:

        [[event]]
        sources = [{ source = "gazette", at = "page 1", disputes = true }]

    Passes:

        [[event]]
        sources = [
          { source = "gazette", at = "page 1" },
          { source = "gazette", at = "page 2", says = "That is not so", disputes = true },
        ]
    """
    for event in subject.timeline.events:
        if event.sources and all(citation.disputes for citation in event.sources):
            path = ("event", event.position, "sources", 0, "disputes")
            yield finding(path, f'every citation disputes "{event.id}", none supports it')


def no_topics(subject: Subject) -> Iterator[Finding]:
    """An event on no topic.

    No `--topic` finds it. Give it at least one of the topics.

    Fails:

        [[event]]
        topics = []

    Passes:

        [[event]]
        topics = ["assembly"]
    """
    for event in subject.timeline.events:
        if not event.topics:
            yield finding(("event", event.position, "topics"), f'"{event.id}" is on no topic')


def unused_topic(subject: Subject) -> Iterator[Finding]:
    """A topic that no event and no matter is on.

    Perhaps its events carry another topic by mistake; else take it out.

    Fails:

        [topic]
        assembly = "Peaceful assembly"
        labour = "Trade unions"

    Passes:

        [topic]
        assembly = "Peaceful assembly"
        labour = "Trade unions"

        [[event]]
        topics = ["assembly", "labour"]
    """
    return _unused(subject, "topic", subject.timeline.topics)


def unused_matter(subject: Subject) -> Iterator[Finding]:
    """A matter whose state no event sets.

    Perhaps an event lacks its `state`; else take the matter out.

    Fails:

        [matter.censorship]
        title = "Censorship"

    Passes:

        [matter.censorship]
        title = "Censorship"

        [[event]]
        state = { censorship = "Banned by law" }
    """
    return _unused(subject, "matter", subject.timeline.matters)


def unused_source(subject: Subject) -> Iterator[Finding]:
    """A source that no event cites.

    Perhaps its events are yet to come, or cite another source by mistake; else take it out.

    Fails:

        [source.report]
        title = "A report"
        date = "2021"
        perspective = "ngo"

    Passes:

        [source.report]
        title = "A report"
        date = "2021"
        perspective = "ngo"

        [[event]]
        sources = [{ source = "report", at = "page 1" }]
    """
    return _unused(subject, "source", subject.timeline.sources)


def _unused(subject: Subject, table: str, names: Mapping[str, object]) -> Iterator[Finding]:
    # Of a broken file some events are missing, and what they use with them.
    if subject.reading is None or subject.reading.broken:
        return
    used = subject.used[table]
    for name in names:
        if name not in used:
            message = f'no event uses {table} "{name}"'
            yield finding((table, name), message, on_key=True)
