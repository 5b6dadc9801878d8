"""What stood when, what changed, what is lacking: `kzt diff`, `state`, `gaps`, `todo`."""

from datetime import date
from typing import Annotated, Any

import typer

from kztimeline.cli.options import (
    Filters,
    From,
    Matters,
    To,
    argument,
    formats,
    only_matters,
    option,
    reference_day,
    revisions,
)
from kztimeline.text import progress
from kztimeline.text.errors import KztError


def diff(
    origin: From,
    wanted: Filters,
    target: To,
    old: Annotated[
        str | None, argument("[OLD]", "A date, a file or a git revision.", revisions)
    ] = None,
    new: Annotated[str | None, argument("[NEW]", "The same.", revisions)] = None,
    form: Annotated[str | None, formats("diff")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 if something differs.")
    ] = False,
) -> None:
    """Tell what changed between dates, files or git revisions.

    Each side that reads as a date is a date, else an existing file (- is standard input), else a
    git revision; date:, file: and rev: force one, and must where a name is two of them. Without
    arguments the last commit is compared with the working file. A single side is compared with the
    working file, a single date with today.

    \b
    Examples:
      kzt diff 2011 2020
      kzt diff main --format md
      kzt diff old.toml new.toml --exit-code
    """
    from kztimeline.checks.registry import warnings
    from kztimeline.files import sides
    from kztimeline.query.diff import between

    form = target.format(form, "diff")
    today = date.today()
    named = sides.pair(old, new, today)
    if isinstance(named, sides.Dates):
        from kztimeline.query.filter import to_filter

        _, timeline = origin.read()
        only = only_matters(wanted.criteria(), "a diff of dates")
        found: Any = between(timeline, *named, to_filter(only, today, timeline))
        labels = named.names
    else:
        found, labels = _versions(named, origin, wanted, today)
    look_at = tuple(warnings(found, today)) if form == "md" else ()
    target.show("diff", form, found, origin, names=labels, warnings=look_at)
    if exit_code and found:
        raise typer.Exit(1)


def _versions(
    named: Any, origin: From, wanted: Filters, today: date
) -> tuple[Any, tuple[str, str]]:
    from kztimeline.files import sides
    from kztimeline.files.place import timeline
    from kztimeline.query.diff import compare, narrow
    from kztimeline.query.filter import to_filter

    before, after = sides.versions(named, origin.place, origin.rev)
    timelines = timeline(before), timeline(after)
    progress.tell("Comparing")
    chosen = to_filter(wanted.criteria(), today, *timelines)
    return narrow(compare(*timelines), chosen), (before.origin.label, after.origin.label)


def state(
    origin: From,
    wanted: Matters,
    target: To,
    when: Annotated[str | None, argument("[DATE]", "By the end of it. [default: today]")] = None,
    form: Annotated[str | None, formats("state")] = None,
) -> None:
    """Tell what each matter was set to, and found to stand at, by the end of a date.

    Laws, decrees and rulings set a state; reports and reviews find one, each by its perspective.
    Where the dates of events leave their order open, each possible state is marked with a
    question mark. The latest evidence tells how old an answer is.

    \b
    Examples:
      kzt state 2015
      kzt state "June 2020" --topic assembly
    """
    from kztimeline.query.filter import to_filter, typed_period
    from kztimeline.query.state import shows
    from kztimeline.query.state import state as what_stood

    form = target.format(form, "state")
    today = date.today()
    _, timeline = origin.read()
    at = typed_period(today.isoformat() if when is None else when, "DATE", today)
    if at.latest is None:
        raise KztError(f'DATE: "{at}" has no last day')
    chosen = to_filter(wanted.criteria(), today, timeline)
    standings = tuple(
        standing
        for standing in what_stood(timeline, at.latest)
        if shows(timeline.matters[standing.matter], chosen, standing.matter)
    )
    target.show("state", form, (timeline, at, standings), origin)


def gaps(
    origin: From,
    wanted: Filters,
    target: To,
    form: Annotated[str | None, formats("gaps")] = None,
) -> None:
    """List what was asked of the state: what is open, met in part, and met.

    Recommendations and criticisms that no later event meets stand by topic, with who asked; then
    those that one meets in part or whole, with the time that took: a range where dates are
    partial. Answers are marked that are contested, or whose state has changed since.

    \b
    Examples:
      kzt gaps
      kzt gaps --topic torture --format md
    """
    from kztimeline.query.answers import gaps as answered
    from kztimeline.query.filter import choose

    form = target.format(form, "gaps")
    _, timeline = origin.read()
    criteria = wanted.criteria()
    asked = answered(choose(timeline, criteria, date.today()))
    target.show("gaps", form, (asked, criteria.topic), origin)


_TODAY = option("DATE", "The day of reference. [default: of the last commit]", "--today")


def todo(
    origin: From,
    target: To,
    today: Annotated[str | None, _TODAY] = None,
    form: Annotated[str | None, formats("todo")] = None,
) -> None:
    """Tell what to research next: what the record lacks, the most telling first.

    Dates whose closer knowledge would settle most, matters without evidence for three years, asks
    without an answer, events that rest on one document, sources without an address, scheduled
    events whose date is past.

    \b
    Examples:
      kzt todo
      kzt todo --today 2026 --format plain | grep ^stale
    """
    from kztimeline.query.worklist import todo as lacking

    form = target.format(form, "todo")
    _, timeline = origin.read()
    items = lacking(timeline, reference_day(origin.place, today))
    target.show("todo", form, (timeline, items), origin)
