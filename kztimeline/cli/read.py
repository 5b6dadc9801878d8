"""What happened: `kzt list`, `show`, `names`, `timeline`, `stats`."""

from datetime import date
from typing import Any

from kztimeline.cli import output
from kztimeline.cli.options import BY, Filters, From, Sorted, To, argument, either, formats, names
from kztimeline.record.model import GROUPINGS, NAMES
from kztimeline.text.errors import KztError


def list_events(
    origin: From, filters: Sorted, target: To, form: str | None = formats("list")
) -> None:
    """List the events that match all filters.

    A date that is only partly known can match a period certainly or possibly; possible matches
    are marked with a question mark and counted.

    \b
    Examples:
      kzt list --topic assembly --since 2019
      kzt list --contested -q "law expert"
      kzt list --in "June 2020" --format md
    """
    from kztimeline.query.filter import choose, unchecked

    form = target.format(form, "list")
    criteria, today = filters.criteria(), date.today()
    # Lines tell nothing of the events that they leave out, not even how many there are.
    is_lines = form in ("plain", "tsv", "ids")
    keep = unchecked(criteria, today).table_filter()
    reading = origin.read(keep if is_lines else None)
    chosen = choose(reading.timeline, criteria, today)
    target.show("list", form, chosen, origin, **closing(reading, chosen, criteria))
    if criteria.search and not chosen.events:
        from kztimeline.query.filter import near_words

        if hints := near_words(reading.timeline, criteria.search):
            output.complain(["; ".join(hints)])


def closing(reading: Any, chosen: Any, criteria: Any) -> dict[str, Any]:
    """The line under a list of events, and whether they stand in the order of their dates."""
    from kztimeline.query.filter import summary

    commit = [f"commit {reading.origin.commit}"] if reading.origin.commit else []
    line = " · ".join([summary(chosen, criteria), *commit])
    return {"closing": line, "by_year": criteria.sort == "date"}


def show(
    origin: From,
    target: To,
    ids: list[str] | None = argument("ID...", "Events, matters, sources or topics.", names("any")),
    form: str | None = formats("show"),
) -> None:
    """Show events, matters, sources or topics in full.

    An event is shown with its claims by perspective, its asks and answers both ways, and what it
    set or found; a matter with all that was set and found in time; a source with what it
    supports; a topic with its matters and events.

    \b
    Examples:
      kzt show 2020-assembly-law
      kzt show assembly-procedure
      kzt show 2020-assembly-law --format json
    """
    from kztimeline.query.lookup import by_name

    if not ids:
        raise KztError("kzt show: missing an ID; kzt names lists what there is, kzt list events")
    timeline = origin.read().timeline
    things = by_name(timeline, ids)
    target.show("show", target.format(form, "show"), (timeline, things), origin)


def list_names(
    origin: From,
    target: To,
    of: list[str] | None = argument("[KIND]...", f"{either(NAMES)}.", NAMES),
    form: str | None = formats("names"),
) -> None:
    """List the names there are: of topics, matters, sources, kinds and perspectives.

    Each with what it stands for and how many events have it; sources with their date, number and
    address.

    \b
    Examples:
      kzt names matters
      kzt names sources --format csv -o sources.csv
    """
    from kztimeline.query.lookup import names as known

    form = target.format(form, "names")
    timeline = origin.read().timeline
    target.show("names", form, known(timeline, of or ()), origin)


def draw(
    origin: From, filters: Filters, target: To, by: str = BY, form: str | None = formats("timeline")
) -> None:
    """Draw the events in lanes over the years.

    A mark counts the events that begin in a year, or may. It is hollow if all of them are
    uncertain: by their year, or because they are only alleged or scheduled. Dots run through the
    years in which an event may have been, lines through those that it lasts. Lanes of matters
    show the states that were set and how long they hold.

    Into a pipe goes a line for each lane and year, or years of which it is one: how many events,
    what is marked of them (a question mark: uncertain), and their ids.

    \b
    Examples:
      kzt timeline
      kzt timeline --by matter --topic assembly
      kzt timeline --since 2010 --format plain | grep contested
    """
    from kztimeline.query.filter import choose, one_of, summary, window

    if target.output and target.output.suffix.lower() == ".svg":
        raise KztError(f"timeline draws with letters; a picture: kzt export svg -o {target.output}")
    form = target.format(form, "timeline")
    one_of("grouping", [by], GROUPINGS)
    timeline = origin.read().timeline
    criteria, today = filters.criteria(), date.today()
    chosen = choose(timeline, criteria, today)
    drawn = chosen, by, window(criteria, today)
    target.show("timeline", form, drawn, origin, closing=summary(chosen, criteria))


def stats(origin: From, filters: Filters, target: To, form: str | None = formats("stats")) -> None:
    """Count events by year, topic, kind, perspective and more.

    A year counts what begins in it; events that may begin in one of several are counted apart.

    \b
    Examples:
      kzt stats
      kzt stats --topic assembly --format json
    """
    from kztimeline.query.filter import choose, summary
    from kztimeline.query.stats import stats as count

    form = target.format(form, "stats")
    timeline = origin.read().timeline
    criteria = filters.criteria()
    chosen = choose(timeline, criteria, date.today())
    counted = timeline, count(chosen)
    target.show("stats", form, counted, origin, closing=summary(chosen, criteria))
