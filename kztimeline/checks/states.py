"""Rules of what events set and find."""

from collections.abc import Iterator
from typing import Final

from kztimeline.checks.subject import Subject, finding
from kztimeline.query.state import setters
from kztimeline.text.errors import Finding

# Kinds of events that report what stands, and don't set it.
_REPORTING: Final = frozenset(
    {
        "report",
        "statement",
        "statistic",
        "alternative-report",
        "state-party-report",
        "treaty-body-review",
        "concluding-observations",
        "forum",
        "dialogue",
    }
)


def set_and_found(subject: Subject) -> Iterator[Finding]:
    """An event that both sets a state and finds one.

    A law, decree or ruling sets what a matter stands at, a report or review finds it. Make two
    events of what a document tells of both, each with its own date.

    Fails:

        [[event]]
        kind = "decree"
        state = { libel = "An offence" }
        finding = { libel = "A crime in practice" }

    Passes:

        [[event]]
        kind = "decree"
        state = { libel = "An offence" }
    """
    for event in subject.timeline.events:
        if event.state and event.finding:
            path = ("event", event.position, "finding")
            yield finding(path, f'"{event.id}" sets and finds', on_key=True)


def in_force(subject: Subject) -> Iterator[Finding]:
    """A day of coming into force before the event's date, or without a state that holds from it.

    `in-force` is from when the state holds that an event sets, where that is later than its date:
    a law is signed in July and comes into force in January.

    Fails:

        [[event]]
        date = "2020-05-25"
        in-force = "2020-01-01"
        state = { libel = "An offence" }

    Passes:

        [[event]]
        date = "2020-05-25"
        in-force = "2020-06-06"
        state = { libel = "An offence" }
    """
    for event in subject.timeline.events:
        if event.in_force is None:
            continue
        path = ("event", event.position, "in-force")
        latest, begins = event.in_force.latest, event.date.earliest
        if not event.state:
            yield finding(path, "in-force without a state that holds from it", on_key=True)
        elif latest is not None and begins is not None and latest < begins:
            yield finding(path, f"in force from {event.in_force}, before the event, {event.date}")


def report_sets_state(subject: Subject) -> Iterator[Finding]:
    """A report, review, statement or the like that sets a state.

    Its date is that of the report, not of what it reports, so a state that it sets would begin on
    the wrong day. What it finds goes into `finding`.

    Fails:

        [[event]]
        kind = "report"
        state = { libel = "A crime" }

    Passes:

        [[event]]
        kind = "report"
        finding = { libel = "A crime" }
    """
    for event in subject.timeline.events:
        if event.state and event.kind in _REPORTING:
            path = ("event", event.position, "state")
            message = f'"{event.id}" of kind {event.kind} sets a state'
            yield finding(path, message, hint="what it finds goes into finding", on_key=True)


def open_ended(subject: Subject) -> Iterator[Finding]:
    """A state set for a period that no later event ends.

    What is set on a date with an end, such as a state of emergency, holds on after it unless an
    event says what came then. Add that event, or give the day on which it was set as the date.

    Fails:

        [[event]]
        kind = "decree"
        date = "2020-03-16/2020-05-11"
        state = { libel = "An offence" }

    Passes:

        [[event]]
        kind = "decree"
        date = "2020-03-16"
        state = { libel = "An offence" }
    """
    for matter, events in setters(subject.timeline).items():
        last = events[-1] if events else None
        if last is not None and last.holds_from.throughout and last.holds_from.latest:
            message = f"nothing ends what {matter} is set to for {last.holds_from}"
            yield finding(("event", last.position, "state", matter), message)
