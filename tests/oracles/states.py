"""Small records of one matter, and what stood by trying every order of days."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from hypothesis import strategies as st

from kztimeline import Event, Matter, PartialDate, Timeline
from kztimeline.record.model import OCCURRED


def record(*events: tuple[str, str] | tuple[str, str, str]) -> Timeline:
    """A record whose events are (date, the state of the one matter, perhaps a status)."""
    return Timeline(
        topics={},
        matters={"m": Matter(title="M")},
        sources={},
        events=tuple(
            Event(
                id=f"e-{index}",
                date=PartialDate.parse(when),
                title="",
                kind="law",
                topics=(),
                summary="",
                sources=(),
                state={"m": text},
                status=status[0] if status else OCCURRED,
                position=index,
            )
            for index, (when, text, *status) in enumerate(events)
        ),
    )


FIRST = date(2020, 1, 1)
DAYS = [FIRST + timedelta(n) for n in range(6)]


def dated(low: int, high: int, form: str) -> str:
    a, b = DAYS[min(low, high)], DAYS[max(low, high)]
    return {
        "day": f"{a}",
        "range": f"[{a}..{b}]",
        "period": f"{a}/{b}",
        "list": f"[{a},{b}]" if a != b else f"{a}",
        "overlap": f"[{a}..{b},{a}]",
        "by": f"[..{b}]",
        "from": f"[{a}..]",
    }[form]


EVENTS = st.lists(
    st.tuples(
        st.builds(
            dated,
            st.integers(0, 5),
            st.integers(0, 5),
            st.sampled_from(["day", "range", "period", "list", "overlap", "by", "from"]),
        ),
        st.sampled_from("ABC"),
        st.sampled_from([OCCURRED, OCCURRED, "scheduled", "alleged"]),
    ),
    max_size=4,
)


def last_first_day(when: PartialDate, until: date) -> date | None:
    """The latest day by the end of `until` that can be the first; None if none can."""
    if (when.earliest or date.min) > until:
        return None
    options = when.options or ((date.min, when.first_latest or date.max),)
    return max(min(high, until) for low, high in options if low <= until)


def first_days(when: PartialDate) -> list[date]:
    """The first days that a date allows, from the day before `DAYS` to the day after them."""
    around = [FIRST - timedelta(1), *DAYS, DAYS[-1] + timedelta(1)]
    return [day for day in around if last_first_day(when, day) == day]


def brute_force(timeline: Timeline, day: date) -> set[str | None]:
    """Every assignment of first days, every subset of what may not have happened."""

    def choices(event: Event) -> Iterator[date | None]:
        if event.status != OCCURRED:
            yield None
        yield from first_days(event.date)

    found: set[str | None] = set()
    for days in product(*(list(choices(event)) for event in timeline.events)):
        set_by = [(d, e.position, e.state["m"]) for d, e in zip(days, timeline.events, strict=True) if d and d <= day]  # fmt: skip
        found.add(max(set_by)[2] if set_by else None)
    return found
