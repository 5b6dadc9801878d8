"""What stood when, what changed, what is lacking: `kzt diff`, `state`, `gaps`, `log`, `todo`."""

from datetime import date
from itertools import islice
from typing import Any

import typer

from kztimeline.cli import output
from kztimeline.cli.options import (
    Filters,
    From,
    Logged,
    Matters,
    To,
    argument,
    formats,
    names,
    option,
    reference_day,
    revisions,
    switch,
)
from kztimeline.text import progress
from kztimeline.text.errors import KztError


def diff(
    origin: From,
    filters: Filters,
    target: To,
    old: str | None = argument("[OLD]", "A date, a file or a git revision.", revisions),
    new: str | None = argument("[NEW]", "The same.", revisions),
    form: str | None = formats("diff"),
    ignore: list[str] | None = option(
        "FIELD", "Leave out what differs in this field alone; repeatable."
    ),
    exit_code: bool = switch("Exit 1 if something differs.", "--exit-code"),
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
    from kztimeline.files import place, sides
    from kztimeline.query.diff import IGNORABLE, between, compare, ignoring, narrow
    from kztimeline.query.filter import Criteria, one_of, to_filter

    form = target.format(form, "diff")
    today = date.today()
    named, criteria = sides.pair(old, new, today), filters.criteria()
    if isinstance(named, sides.Dates):
        if ignore:
            raise KztError("--ignore goes with versions, not with dates")
        timeline = origin.read().timeline
        only = Criteria(topic=criteria.topic, matter=criteria.matter)
        if criteria != only:
            raise KztError("a diff of dates takes only --topic and --matter")
        found: Any = between(timeline, *named, to_filter(only, today, timeline))
        labels = f"end of {named.old} (date)", f"end of {named.new} (date)"
    else:
        one_of("field", ignore or (), IGNORABLE)
        before, after = sides.versions(named, origin.place, origin.rev)
        versions = place.timeline(before), place.timeline(after)
        progress.tell("Comparing")
        chosen = to_filter(criteria, today, *versions)
        found = compare(*versions, (before.text, after.text))
        found = narrow(ignoring(found, ignore or ()), chosen)
        labels = before.origin.label, after.origin.label
    look_at = tuple(warnings(found, today)) if form == "md" else ()
    target.show("diff", form, found, origin, names=labels, warnings=look_at)
    if exit_code and found:
        raise typer.Exit(1)


def state(
    origin: From,
    filters: Matters,
    target: To,
    when: str | None = argument("[DATE]", "By the end of it. [default: today]"),
    form: str | None = formats("state"),
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
    timeline = origin.read().timeline
    at = typed_period(today.isoformat() if when is None else when, "DATE", today)
    if at.latest is None:
        raise KztError(f'DATE: "{at}" has no last day')
    chosen = to_filter(filters.criteria(), today, timeline)
    standings = tuple(
        standing
        for standing in what_stood(timeline, at.latest)
        if shows(timeline.matters[standing.matter], chosen, standing.matter)
    )
    target.show("state", form, (timeline, at, standings), origin)


def gaps(origin: From, filters: Filters, target: To, form: str | None = formats("gaps")) -> None:
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
    timeline = origin.read().timeline
    criteria = filters.criteria()
    asked = answered(choose(timeline, criteria, date.today()))
    target.show("gaps", form, (asked, criteria.topic), origin)


def todo(
    origin: From,
    target: To,
    today: str | None = option("DATE", "The day of reference. [default: of the last commit]"),
    form: str | None = formats("todo"),
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
    timeline = origin.read().timeline
    items = lacking(timeline, reference_day(origin.place, today))
    target.show("todo", form, (timeline, items), origin)


def log(
    origin: From,
    filters: Logged,
    target: To,
    ids: list[str] | None = argument(
        "[ID]...", "Events, matters, sources or topics.", names("any")
    ),
    form: str | None = formats("log"),
) -> None:
    """Tell what each commit did to the record, the newest first.

    IDs and filters leave what touched those; IDs tell it in full. Renames of the file are
    followed. Of a merge, what none of its parents had is shown.

    \b
    Examples:
      kzt log --limit 10
      kzt log 2020-assembly-law
      kzt log --topic assembly --since 2024-05 --until main
    """
    from kztimeline.files import history
    from kztimeline.files.place import versioned
    from kztimeline.files.sides import side
    from kztimeline.query.filter import unchecked, window
    from kztimeline.query.history import entries

    form = target.format(form, "log")
    today = date.today()
    path = versioned(origin.place)
    bounds = {"since": filters.since, "until": filters.until}
    typed = {name: side(text, today) for name, text in bounds.items() if text is not None}
    revisions: Any = {name: one.text for name, one in typed.items() if not one.date}
    if origin.rev is not None and revisions.setdefault("until", origin.rev) != origin.rev:
        raise KztError("--rev and --until name two revisions")
    criteria = filters.criteria()._replace(since=None, until=None)
    days: Any = {name: one.text for name, one in typed.items() if one.date}
    first, last = (day and day.isoformat() for day in window(criteria._replace(**days), today))
    found = history.history(path, **revisions)
    if not found.changes and "since" not in revisions:
        raise KztError(f"{path}: no commit has it")
    changes = [
        change
        for change in found.changes
        if (first or "") <= change.commit.day <= (last or "9999-12-31")
    ]
    looked_at, older = changes[: history.MOST], changes[history.MOST :]
    steps = history.steps(found, looked_at)
    whole = looked_at == found.changes and "since" not in revisions
    logged = entries(steps, unchecked(criteria, today), ids or (), to_end=whole)
    target.show("log", form, (islice(logged, filters.limit), bool(ids)), origin)
    if older:
        count = f"{len(older):,} older commits were not looked at"
        output.complain([f"{count}: kzt log --until {older[0].commit.hash[:12]}"])
