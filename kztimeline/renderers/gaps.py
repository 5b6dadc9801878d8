"""Asks and answers: as a layout, and as lines for a pipe."""

from collections.abc import Collection, Iterator
from datetime import date

from kztimeline.query.answers import Answer, Gaps
from kztimeline.record.model import Event, Timeline
from kztimeline.renderers.layout import Grid, Line, Part, aligned, line
from kztimeline.text.gate import plural


def took(answer: Answer) -> str:
    """How long an answer took, as a range where the dates are partial: ``8–9 years``."""
    shortest, longest = answer.shortest, answer.longest
    if shortest is None or longest is None:
        known = shortest or longest
        if known is None:
            return "unknown"
        return f"{'at least' if shortest else 'at most'} {_range(known, known)}"
    qualified = answer.ask.date.qualified or answer.by.date.qualified
    return f"{'c. ' if qualified else ''}{_range(shortest, longest)}"


def _range(shortest: tuple[date, date], longest: tuple[date, date]) -> str:
    from dateutil.relativedelta import relativedelta

    # In the unit that suits the longer one: the shorter can be 0 of it.
    least, most = (relativedelta(end, start) for start, end in (shortest, longest))
    if most.years >= 2:
        return _count(least.years, most.years, "year")
    months = most.years * 12 + most.months
    if months >= 2:
        return _count(least.years * 12 + least.months, months, "month")
    return _count((shortest[1] - shortest[0]).days, (longest[1] - longest[0]).days, "day")


def _count(least: int, most: int, unit: str) -> str:
    return plural(most, unit) if least == most else f"{least}–{plural(most, unit)}"


def _main_topic(event: Event, wanted: Collection[str]) -> str:
    """The topic under which an ask is told: its first one, of those asked for if any were."""
    among = [topic for topic in event.topics if topic in wanted] or event.topics
    return among[0] if among else ""


def lines(timeline: Timeline, found: Gaps, wanted: Collection[str]) -> Iterator[Line]:
    """Unanswered asks by topic, then the answered ones and how long that took."""
    total = len(found.unanswered) + len({answer.ask.id for answer in found.answers})
    told = f"{len(found.unanswered):,} of {plural(total, 'ask')} unanswered"
    yield line(Part(told, "title"))
    for topic in ("", *timeline.topics):
        asks = [event for event in found.unanswered if _main_topic(event, wanted) == topic]
        if asks:
            yield line()
            yield line(Part(timeline.topics.get(topic, "No topic"), "title"))
        for event in asks:
            yield from _ask(event)
    if found.answers:
        yield line()
        yield line(Part("Answered", "title"))
    for answer in found.answers:
        yield from _ask(answer.ask)
        by = answer.by
        yield line(
            Part("answered after ", "dim"),
            Part(took(answer), "added"),
            f": {by.date.words()} {by.title} ",
            Part(by.id, "id"),
            indent=4,
            hang=2,
        )


def _ask(event: Event) -> Iterator[Line]:
    title = f" {event.title} "
    yield line(Part(event.date.words(), "date"), title, Part(event.id, "id"), indent=2, hang=2)
    yield line(Part("asks ", "dim"), event.asks or "", indent=4, hang=2)


def plain(found: Gaps) -> str:
    """One aligned line per ask and answer; what nothing answers has a hyphen for it."""
    rows = [
        (",".join(event.topics) or "-", event.date.text, "-", "-", event.id, event.asks or "")
        for event in found.unanswered
    ]
    rows += [
        (
            ",".join(answer.ask.topics) or "-",
            answer.ask.date.text,
            took(answer),
            answer.by.id,
            answer.ask.id,
            answer.ask.asks or "",
        )
        for answer in found.answers
    ]
    return aligned(Grid(("TOPICS", "DATE", "TOOK", "ANSWERED-BY", "ID", "ASKS"), rows))
