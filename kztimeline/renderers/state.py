"""What stood by the end of a day: what is set, who finds what, and how old that is."""

from collections.abc import Iterator, Sequence

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.state import Outcome, Standing, outcome_text, reach
from kztimeline.record.model import OCCURRED, PERSPECTIVES, Event, Timeline
from kztimeline.renderers.layout import Line, Part, line
from kztimeline.renderers.plain import aligned
from kztimeline.renderers.show import cites, finding
from kztimeline.text.gate import plural


def headline(when: PartialDate) -> str:
    """What a table of states begins with."""
    return f"What was set, and what was found, by the end of {when.words()}"


def ending(timeline: Timeline) -> str:
    """Up to when the record reaches, so that an old answer never looks like today's."""
    newest = reach(timeline)
    return f"The record reaches {PartialDate.parse(newest.isoformat()).words()}." if newest else ""


def evidence(standing: Standing) -> str:
    """The day of the latest evidence, in words."""
    last = standing.evidence
    return PartialDate.parse(last.isoformat()).words() if last else "none"


def left_out(standing: Standing) -> str:
    """How many outcomes are not shown."""
    return f"{plural(standing.more, 'further outcome')} possible" if standing.more else ""


def marks(outcome: Outcome) -> list[str]:
    """What is to be known of an outcome at a glance."""
    status = dict.fromkeys(event.status for event in outcome.events if event.status != OCCURRED)
    return [*status, *(["contested"] if outcome.contested else [])]


def since(outcome: Outcome) -> str:
    """From when an outcome holds, in words."""
    return outcome.since.holds_from.words() if outcome.since else ""


def lines(timeline: Timeline, when: PartialDate, standings: Sequence[Standing]) -> Iterator[Line]:
    """The answer as a document: a heading for each matter, what is set and found under it."""
    yield line(Part(headline(when), "heading"))
    for standing in standings:
        yield line()
        title = timeline.matters[standing.matter].title
        yield line(Part(title, "title"), " ", Part(standing.matter, "id"))
        for outcome in standing.outcomes:
            yield from _set(standing, outcome)
        if standing.more:
            yield line(left_out(standing), indent=2)
        for found in standing.found:
            yield finding(found)
        yield line(Part("Latest evidence: ", "dim"), evidence(standing), indent=2)
    yield line()
    yield line(ending(timeline))


def _set(standing: Standing, outcome: Outcome) -> Iterator[Line]:
    text = f"Set: {outcome_text(standing, outcome)}"
    if outcome.since is None:
        yield line(text, indent=2, hang=2)
        return
    shown = "".join(f", {mark}" for mark in marks(outcome))
    events: dict[str, Event] = {event.id: event for event in (outcome.since, *outcome.events)}
    parts: list[Part] = []
    for event in events.values():
        parts += [Part(" "), Part(event.id, "id"), *cites(event)]
    yield line(f"{text}, since ", Part(since(outcome), "date"), shown, *parts, indent=2, hang=2)


def plain(standings: Sequence[Standing]) -> str:
    """One aligned line per matter and possible state or finding, with the events behind it."""
    headers = ("MATTER", "KIND", "SINCE", "EVENT", "MARKS", "EVIDENCE", "STATE")
    return aligned(headers, [row for standing in standings for row in _rows(standing)])


def _rows(standing: Standing) -> Iterator[tuple[str, ...]]:
    last = str(standing.evidence or "-")
    for outcome in standing.outcomes:
        start = outcome.since.holds_from.text if outcome.since else "-"
        by = ",".join(event.id for event in outcome.events) or "-"
        notes = ",".join(marks(outcome)) or "-"
        yield standing.matter, "set", start, by, notes, last, outcome_text(standing, outcome)
    if standing.more:
        yield standing.matter, "set", "-", "-", "-", last, left_out(standing)
    for found in standing.found:
        notes = ",".join(found.marks).replace(" ", "-") or "-"
        kind, event = f"found:{found.perspective}", found.event
        yield standing.matter, kind, event.date.text, event.id, notes, last, found.text


def cells(
    timeline: Timeline, standings: Sequence[Standing], below: bool
) -> Iterator[tuple[str, str, str, str]]:
    """The rows of a table: matter, what is set or found, from or of when, latest evidence.

    That stands in a matter's first row, or `below` the others in one of its own.
    """
    for standing in standings:
        name = f"{timeline.matters[standing.matter].title} ({standing.matter})"
        last = "" if below else evidence(standing)
        for outcome in standing.outcomes:
            text = "".join([outcome_text(standing, outcome), *(f" · {m}" for m in marks(outcome))])
            yield name, text, since(outcome), last
            name = last = ""
        if standing.more:
            yield name, left_out(standing), "", last
        for found in standing.found:
            text = f"found ({PERSPECTIVES[found.perspective]}): {found.text}"
            yield name, " · ".join([text, *found.marks]), found.event.date.words(), ""
        if below:
            yield "", f"latest evidence: {evidence(standing)}", "", evidence(standing)
