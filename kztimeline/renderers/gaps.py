"""Asks and answers, as a layout and as lines for a pipe, and what else is to be researched."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby

from kztimeline.query.answers import Answer, Gaps
from kztimeline.query.state import voices
from kztimeline.query.worklist import TASKS, Item
from kztimeline.record.model import PERSPECTIVES, Event, Timeline
from kztimeline.renderers.layout import Line, Part, line
from kztimeline.renderers.plain import aligned
from kztimeline.renderers.show import cites, entry
from kztimeline.text.gate import plural


def duration(answer: Answer) -> str:
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
    months = most.years * 12 + most.months
    if most.years >= 2:
        low, high, unit = least.years, most.years, "year"
    elif months >= 2:
        low, high, unit = least.years * 12 + least.months, months, "month"
    else:
        low, high = ((end - start).days for start, end in (shortest, longest))
        unit = "day"
    return plural(high, unit) if low == high else f"{low}–{plural(high, unit)}"


def _main_topic(event: Event, wanted: Collection[str]) -> str:
    """The topic under which an ask is listed: its first one, of those asked for if any were."""
    among = [topic for topic in event.topics if topic in wanted] or event.topics
    return among[0] if among else ""


def lines(found: Gaps, wanted: Collection[str]) -> Iterator[Line]:
    """Open asks by topic, then those met in part and those met, and how long that took."""
    timeline = found.timeline
    in_part, met = (
        list(dict.fromkeys(a.ask for a in group)) for group in (found.in_part, found.met)
    )
    total = len(found.open) + len(in_part) + len(met)
    counts = f"{len(found.open):,} open, {len(in_part):,} met in part, {len(met):,} met"
    yield line(Part(f"{plural(total, 'ask')}: {counts}", "title"))
    yield line()
    for topic, label in timeline.topics.items():
        left, some, whole = (
            sum(_main_topic(event, wanted) == topic for event in asks)
            for asks in (found.open, in_part, met)
        )
        if left or some or whole:
            counts = f"{left:,} open · {some:,} in part · {whole:,} met"
            yield line(f"{label}: ", Part(counts, "dim"), indent=2, hang=2)
    for topic in ("", *timeline.topics):
        asks = [event for event in found.open if _main_topic(event, wanted) == topic]
        if asks:
            yield line()
            yield line(Part(f"Open: {timeline.topics.get(topic, 'No topic')}", "title"))
        for event in asks:
            yield from _ask(timeline, event)
    for title, group in (("Met in part", found.in_part), ("Met", found.met)):
        if group:
            yield line()
            yield line(Part(title, "title"))
        for ask, answers in groupby(group, key=lambda answer: answer.ask):
            yield from _ask(timeline, ask)
            for answer in answers:
                yield _answer(answer)


def _ask(timeline: Timeline, event: Event) -> Iterator[Line]:
    by = ", ".join(PERSPECTIVES[voice] for voice in voices(timeline, event))
    yield entry(event)
    who = f"asks ({by})" if by else "asks"
    yield line(Part(f"{who}: ", "dim"), event.asks or "", indent=4, hang=2)


def _answer(answer: Answer) -> Line:
    by = answer.by
    verb = "met in part after " if answer.in_part else "met after "
    marks = "".join(f" ({mark})" for mark in answer.marks)
    return line(
        Part(verb, "dim"),
        Part(duration(answer), "added"),
        f"{marks}: {by.date.words()} {by.title} ",
        Part(by.id, "id"),
        *cites(by),
        indent=4,
        hang=2,
    )


def plain(found: Gaps) -> str:
    """One aligned line per ask and answer; what nothing answers has a hyphen for it."""
    rows = [_row(found, ask, "open", "-", "-", "-") for ask in found.open]
    for answer in (*found.in_part, *found.met):
        met, notes = "in-part" if answer.in_part else "met", ",".join(answer.marks) or "-"
        about = (met, duration(answer), answer.by.id, notes.replace(" ", "-"))
        rows.append(_row(found, answer.ask, *about))
    headers = ("TOPICS", "DATE", "BY", "MET", "TOOK", "ANSWERED-BY", "MARKS", "ID", "ASKS")
    return aligned(headers, rows)


def _row(found: Gaps, ask: Event, *answer: str) -> tuple[str, ...]:
    by = ",".join(voices(found.timeline, ask)) or "-"
    return (",".join(ask.topics) or "-", ask.date.text, by, *answer, ask.id, ask.asks or "")


# --- what to research next ----------------------------------------------------------------------

_MOST = 20
"""How many items of a task a layout shows; lines and JSON have all."""


def todo(items: Sequence[Item]) -> Iterator[Line]:
    """The items by task, the most telling first, each task with its count."""
    if not items:
        yield line("Nothing is missing.")
    for task, title in TASKS.items():
        of_task = [item for item in items if item.task == task]
        if not of_task:
            continue
        yield line(Part(f"{title}: {len(of_task):,}", "title"))
        for item in of_task[:_MOST]:
            yield line(Part(item.key, "id"), f" {item.title}", indent=2, hang=2)
            yield line(Part(item.detail, "dim"), indent=4, hang=2)
        if len(of_task) > _MOST:
            yield line(f"{len(of_task) - _MOST:,} more", indent=2)
        yield line()
