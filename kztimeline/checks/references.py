"""Rules of what refers to what: answers, citations, topics, and what nothing refers to."""

from collections.abc import Iterator, Mapping

from kztimeline.checks.subject import Subject, finding
from kztimeline.record.model import Event
from kztimeline.text.errors import Finding, KeyPath


def answer_before_ask(subject: Subject) -> Iterator[Finding]:
    """An answer that comes before what it answers.

    `answers` points back in time: from what was done to what had been asked for. Found only if
    no day that the dates leave open would do: the latest first day of the answer is before the
    earliest day of the ask. Correct the date that is wrong, or take the id out of `answers`.

    Fails:

        [[event]]
        id = "2011-law"
        date = "2011"
        answers = ["2019-call"]

        [[event]]
        id = "2019-call"
        date = "2019"
        asks = "Change the law"

    Passes:

        [[event]]
        id = "2019-call"
        date = "2019-10"
        asks = "Change the law"

        [[event]]
        id = "2020-law"
        date = "2020"
        answers = ["2019-call"]
    """
    for event, place, ask in _answers(subject):
        if ask is not event and _is_before(event, ask):
            message = f'answers "{ask.id}" of {ask.date}, but is dated {event.date}'
            yield finding(place, message)


def self_answer(subject: Subject) -> Iterator[Finding]:
    """An event that answers itself.

    Name the event that asked, or leave `answers` out.

    Fails:

        [[event]]
        id = "2020-law"
        asks = "Change the law"
        answers = ["2020-law"]

    Passes:

        [[event]]
        id = "2020-law"
        answers = ["first"]
    """
    for event, place, ask in _answers(subject):
        if ask is event:
            yield finding(place, f'"{event.id}" answers itself')


def answer_cycle(subject: Subject) -> Iterator[Finding]:
    """Events that answer each other in a circle.

    Of two events only the later one can answer the other. Reported is the answer that points
    from an earlier event to a later one, or against the order of the file where the dates leave
    that open; take that id out.

    Fails:

        [[event]]
        id = "call"
        date = "2020"
        asks = "Change the law"
        answers = ["law"]

        [[event]]
        id = "law"
        date = "2020"
        asks = "Apply the law"
        answers = ["call"]

    Passes:

        [[event]]
        id = "call"
        date = "2020"
        asks = "Change the law"

        [[event]]
        id = "law"
        date = "2020"
        asks = "Apply the law"
        answers = ["call"]
    """
    # What the rules above report is left out: one mistake, one finding.
    edges = [
        (event, place, ask)
        for event, place, ask in _answers(subject)
        if ask is not event and not _is_before(event, ask)
    ]
    upward = [edge for edge in edges if _order(edge[0]) < _order(edge[2])]
    # Without answers that point to a later event there is no circle, so most files end here.
    if not upward:
        return
    asked: dict[str, list[str]] = {}
    for event, _, ask in edges:
        asked.setdefault(event.id, []).append(ask.id)
    circle = _circles(asked)
    for event, place, ask in upward:
        if circle.get(event.id) == circle.get(ask.id):
            yield finding(place, f'"{event.id}" and "{ask.id}" answer each other in a circle')


def answer_without_ask(subject: Subject) -> Iterator[Finding]:
    """An answer to an event that asks nothing.

    `kzt gaps` matches what was asked with what was done. Say in the earlier event what it asks
    for (`asks`), or take its id out of `answers`.

    Fails:

        [[event]]
        id = "2019-report"
        date = "2019"

        [[event]]
        id = "2020-law"
        answers = ["2019-report"]

    Passes:

        [[event]]
        id = "2019-report"
        date = "2019"
        asks = "Change the law"

        [[event]]
        id = "2020-law"
        answers = ["2019-report"]
    """
    for event, place, ask in _answers(subject):
        if not ask.asks and ask is not event:
            yield finding(place, f'"{ask.id}" asks nothing that could be answered')


def _answers(subject: Subject) -> Iterator[tuple[Event, KeyPath, Event]]:
    for event in subject.timeline.events:
        for key, names in (("answers", event.answers), ("answers-in-part", event.answers_in_part)):
            for number, name in enumerate(names):
                ask = subject.events.get(name)
                if ask is not None:
                    yield event, ("event", event.position, key, number), ask


def met_twice(subject: Subject) -> Iterator[Finding]:
    """An ask that one event meets both whole and in part.

    It is one or the other: `answers` what is met, `answers-in-part` what is met in part.

    Fails:

        [[event]]
        answers = ["first"]
        answers-in-part = ["first"]

    Passes:

        [[event]]
        answers-in-part = ["first"]
    """
    for event in subject.timeline.events:
        for number, name in enumerate(event.answers_in_part):
            if name in event.answers:
                path = ("event", event.position, "answers-in-part", number)
                yield finding(path, f'"{name}" is met both whole and in part')


def _is_before(event: Event, other: Event) -> bool:
    """Whether an event surely begins before another may."""
    latest, earliest = event.date.first_latest, other.date.earliest
    return latest is not None and earliest is not None and latest < earliest


def _order(event: Event) -> tuple[tuple[int, int], int]:
    return event.date.sort_key, event.position


def _circles(targets: Mapping[str, list[str]]) -> dict[str, int]:
    """The number of each name's strongly connected component (Tarjan 1972, without recursion)."""
    # From no name at all every name is a target, so that each is reached.
    number, low, path = {"": 0}, {"": 0}, [""]
    work = [("", iter([*targets]))]
    component: dict[str, int] = {}
    while work:
        name, rest = work[-1]
        for target in rest:
            if target not in number:
                number[target] = low[target] = len(number)
                path.append(target)
                work.append((target, iter(targets.get(target, []))))
                break
            if target not in component:
                low[name] = min(low[name], number[target])
        else:
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[name])
            if low[name] == number[name]:
                while name not in component:
                    component[path.pop()] = number[name]
    return component


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
    if subject.reading.broken:
        return
    used = subject.used[table]
    for name in names:
        if name not in used:
            message = f'no event uses {table} "{name}"'
            yield finding((table, name), message, on_key=True)
