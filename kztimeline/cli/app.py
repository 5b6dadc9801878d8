"""The `kzt` command: options → one core call → one renderer → exit code. The only user of typer."""

import os
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from kztimeline import __version__
from kztimeline.cli import output
from kztimeline.cli.groups import Group, expanded
from kztimeline.record.vocabulary import KINDS, PERSPECTIVES, SORTS, STATUSES
from kztimeline.renderers.views import CITATIONS, RENDERERS, STYLES, Export
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

# Everything else is imported by the command that needs it: help, usage errors and completions
# need none of it.
if TYPE_CHECKING:
    from kztimeline.checks.registry import Checked
    from kztimeline.files.place import Place
    from kztimeline.query.criteria import Wishes
    from kztimeline.query.filter import Selection
    from kztimeline.record.model import Timeline
    from kztimeline.record.reading import Keep, Reading
    from kztimeline.renderers.layout import Line
    from kztimeline.renderers.terminal import Screen

app = typer.Typer(
    # Help without rich: it would double the time that --help and a usage error take.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


# --- options that several commands share -------------------------------------------------------


def _names(kind: str) -> Callable[[typer.Context, str], list[str]]:
    def candidates(ctx: typer.Context, incomplete: str) -> list[str]:
        from kztimeline.cli import completion

        known = completion.names(kind, ctx.params.get("file"), ctx.params.get("rev"))
        return [name for name in known if name.startswith(incomplete)]

    return candidates


def _values(*values: str) -> Callable[[str], list[str]]:
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


def _revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    from kztimeline.cli import completion

    known = completion.revisions(ctx.params.get("file"))
    return [name for name in known if name.startswith(incomplete)]


def _option(metavar: str, told: str, *flags: str, candidates: Any = None) -> Any:
    return typer.Option(*flags, metavar=metavar, help=told, autocompletion=candidates)


def _argument(metavar: str, told: str, candidates: Any = None) -> Any:
    return typer.Argument(metavar=metavar, help=told, autocompletion=candidates, show_default=False)


def _format(*names: str, default: str = "table on a terminal, else plain") -> Any:
    told = f"{', '.join(names[:-1])} or {names[-1]}. [default: {default}]"
    return _option("FORMAT", told, "--format", candidates=_values(*names))


_FILE = (
    "The events file; - is standard input. [default: $KZT_FILE, else the nearest events.toml"
    " upward from here, else the bundled record]"
)
_REV = _option("REV", "Read the file as of a git revision.", "--rev", candidates=_revisions)
_OUTPUT = _option(
    "FILE", "Write to a file, whole or not at all; - is standard output.", "--output", "-o"
)
_TOPIC = _option(
    "TOPIC", "On any of these topics; repeatable.", "--topic", "-t", candidates=_names("topic")
)
_MATTER = _option(
    "MATTER", "What sets this matter's state; repeatable.", "--matter", candidates=_names("matter")
)
_KIND = _option(
    "KIND", "Of any of these kinds; repeatable.", "--kind", "-k", candidates=_values(*KINDS)
)
_SOURCE = _option(
    "SOURCE", "What cites this source; repeatable.", "--source", "-s", candidates=_names("source")
)
_PERSPECTIVE = _option(
    "PERSPECTIVE",
    f"Told by {', '.join(PERSPECTIVES)}; repeatable.",
    "--perspective",
    candidates=_values(*PERSPECTIVES),
)
_STATUS = _option(
    "STATUS", f"{', '.join(STATUSES)}; repeatable.", "--status", candidates=_values(*STATUSES)
)
_SINCE = _option("DATE", 'From its first day on: 2019, "June 2020", 5y (ago).', "--since")
_UNTIL = _option("DATE", "Through its last day.", "--until")
_IN = _option("DATE", "From its first day to its last.", "--in")
_CERTAIN = typer.Option("--certain", help="Leave out what is only possibly in the period.")
_CONTESTED = typer.Option("--contested", help="Only what a citation disputes.")
_SEARCH = _option(
    "WORDS",
    "All of them, in any case or accents, in title, summary, asks, state and claims.",
    "--search",
    "-q",
)
_SORT = _option("KEY", f"{', '.join(SORTS)}.", "--sort", candidates=_values(*SORTS))
_REVERSE = typer.Option("--reverse", help="Last first.")
_LIMIT = typer.Option("--limit", metavar="N", min=0, help="At most N events.")


class From(Group):
    """Which record."""

    file: Annotated[str | None, _option("FILE", _FILE, "--file")] = None
    rev: Annotated[str | None, _REV] = None

    @property
    def place(self) -> "Place":
        """The file that the options choose."""
        from kztimeline.files.place import place

        return place(self.file)

    def read(self, keep: "Keep | None" = None) -> "tuple[Reading, Timeline]":
        """The record, refused if its meaning is doubtful; perhaps without what `keep` refuses."""
        from kztimeline.files.place import read, timeline
        from kztimeline.record.reading import everything

        record = read(self.place, self.rev, keep or everything)
        found = timeline(record)
        progress.tell("Preparing the output")
        return record, found


class To(Group):
    """Where the output goes."""

    output: Annotated[Path | None, _OUTPUT] = None

    @property
    def is_terminal(self) -> bool:
        """Whether a person will see it at once."""
        return self._is_standard and output.is_terminal()

    @property
    def _is_standard(self) -> bool:
        """Whether it is standard output, which - names as it names standard input."""
        return self.output is None or str(self.output) == "-"

    def format(self, asked: str | None, known: tuple[str, ...]) -> str:
        """The format asked for, else a table on a terminal and plain lines elsewhere."""
        if asked is None:
            return "table" if self.is_terminal else "plain"
        from kztimeline.query.criteria import one_of

        one_of("format", [asked], known)
        return asked

    def write(self, text: str, origin: From) -> None:
        """Write what a record rendered to, never over that record."""
        if self.output is None or self._is_standard:
            output.write(text)
        else:
            output.save(text, self.output, record=origin.place.path)


class Matters(Group):
    """Filters by what a matter is about."""

    topic: Annotated[list[str] | None, _TOPIC] = None
    matter: Annotated[list[str] | None, _MATTER] = None

    def wishes(self) -> "Wishes":
        """The filters as typed, without those that weren't."""
        from kztimeline.query.criteria import Wishes

        return Wishes(**{name: value for name, value in vars(self).items() if value is not None})


class Filters(Matters):
    """All filters."""

    kind: Annotated[list[str] | None, _KIND] = None
    source: Annotated[list[str] | None, _SOURCE] = None
    perspective: Annotated[list[str] | None, _PERSPECTIVE] = None
    status: Annotated[list[str] | None, _STATUS] = None
    since: Annotated[str | None, _SINCE] = None
    until: Annotated[str | None, _UNTIL] = None
    within: Annotated[str | None, _IN] = None
    certain: Annotated[bool, _CERTAIN] = False
    contested: Annotated[bool, _CONTESTED] = False
    search: Annotated[str | None, _SEARCH] = None


class Sorted(Filters):
    """All filters, and the order of what they find."""

    sort: Annotated[str, _SORT] = "date"
    reverse: Annotated[bool, _REVERSE] = False
    limit: Annotated[int | None, _LIMIT] = None


def _screen(target: To) -> "Screen":
    from kztimeline.renderers.terminal import screen

    return screen(output.width(), output.encoding(), is_terminal=target.is_terminal)


def _rendered(
    form: str, record: "Reading", chosen: "Selection", wishes: "Wishes", **choices: str
) -> str:
    from kztimeline.query.criteria import summary

    closing = summary(chosen, wishes)
    if record.origin.commit:
        closing += f" · commit {record.origin.commit}"
    return RENDERERS[form](Export(chosen, closing, by_year=wishes.sort == "date", **choices))


# --- read --------------------------------------------------------------------------------------

LIST_FORMATS = ("table", "plain", "tsv", "md", "json", "ids")
SHORT_FORMATS = ("table", "plain", "json")


@app.command("list")
def list_events(
    origin: From,
    wanted: Sorted,
    target: To,
    form: Annotated[str | None, _format(*LIST_FORMATS)] = None,
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
    from kztimeline.query import criteria
    from kztimeline.renderers import plain

    lines = {"plain": plain.events, "tsv": plain.events_tsv, "ids": plain.ids}
    form = target.format(form, LIST_FORMATS)
    wishes, today = wanted.wishes(), date.today()
    # Lines tell nothing of the events that they leave out, not even how many there are.
    may_match = criteria.unchecked(wishes, today).may_match
    record, found = origin.read(may_match if form in lines else None)
    chosen = criteria.choose(found, wishes, today)
    if form == "table":
        from kztimeline.renderers import terminal

        text = terminal.events(chosen, criteria.summary(chosen, wishes), _screen(target))
    elif form in RENDERERS:
        text = _rendered(form, record, chosen, wishes)
    else:
        text = lines[form](chosen)
    target.write(text, origin)


@app.command()
def show(
    names: Annotated[list[str], _argument("ID...", "Events, matters or sources.", _names("any"))],
    origin: From,
    target: To,
    form: Annotated[str | None, _format(*SHORT_FORMATS)] = None,
) -> None:
    """Show events, matters or sources in full.

    An event is shown with its claims by perspective, its asks and answers both ways, and the
    states that it set; a matter with all its states in time; a source with what it supports.

    \b
    Examples:
      kzt show 2020-assembly-law
      kzt show assembly-procedure
      kzt show 2020-assembly-law --format json
    """
    from kztimeline.query.criteria import by_name

    _, found = origin.read()
    things = by_name(found, names)
    form = target.format(form, SHORT_FORMATS)
    if form == "json":
        from kztimeline.renderers import json

        text = json.shown(things)
    else:
        from kztimeline.renderers import show

        text = _lines_text(show.things(found, things), form, target)
    target.write(text, origin)


def _lines_text(lines: "Iterable[Line]", form: str, target: To) -> str:
    if form == "table":
        from kztimeline.renderers import terminal

        return terminal.lines(lines, _screen(target))
    from kztimeline.renderers.layout import plain

    return plain(lines)


def _groupings(incomplete: str) -> list[str]:
    from kztimeline.query.lanes import GROUPINGS

    return [name for name in GROUPINGS if name.startswith(incomplete)]


_BY = _option("LANES", "topic, matter, kind or perspective.", "--by", candidates=_groupings)


@app.command("timeline")
def draw(
    origin: From,
    wanted: Filters,
    target: To,
    by: Annotated[str, _BY] = "topic",
    form: Annotated[str | None, _format(*SHORT_FORMATS)] = None,
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
    from kztimeline.query import criteria
    from kztimeline.query.lanes import GROUPINGS

    form = target.format(form, SHORT_FORMATS)
    criteria.one_of("grouping", [by], GROUPINGS)
    _, found = origin.read()
    wishes = wanted.wishes()
    today = date.today()
    chosen = criteria.choose(found, wishes, today)
    if form == "json":
        from kztimeline.renderers import json

        text = json.lanes(chosen, by, criteria.window(wishes, today))
    elif form == "table":
        from kztimeline.renderers import terminal

        closing, window = criteria.summary(chosen, wishes), criteria.window(wishes, today)
        text = terminal.timeline(chosen, by, closing, _screen(target), window)
    else:
        from kztimeline.renderers import timeline as render

        text = render.plain(chosen, by)
    target.write(text, origin)


@app.command()
def stats(
    origin: From,
    wanted: Filters,
    target: To,
    form: Annotated[str | None, _format(*SHORT_FORMATS)] = None,
) -> None:
    """Count events by year, topic, kind, perspective and more.

    A year counts what begins in it; events that may begin in one of several are counted apart.

    \b
    Examples:
      kzt stats
      kzt stats --topic assembly --format json
    """
    from kztimeline.query import criteria
    from kztimeline.query import stats as query

    form = target.format(form, SHORT_FORMATS)
    _, found = origin.read()
    wishes = wanted.wishes()
    chosen = criteria.choose(found, wishes, date.today())
    counted = query.stats(chosen)
    if form == "json":
        from kztimeline.renderers import json

        text = json.stats(counted)
    elif form == "table":
        from kztimeline.renderers import terminal

        text = terminal.stats(found, counted, criteria.summary(chosen, wishes), _screen(target))
    else:
        from kztimeline.renderers import plain

        text = plain.stats(counted)
    target.write(text, origin)


# --- compare -----------------------------------------------------------------------------------

DIFF_FORMATS = ("table", "plain", "md", "json")


@app.command()
def diff(
    origin: From,
    wanted: Filters,
    target: To,
    old: Annotated[
        str | None, _argument("[OLD]", "A date, a file or a git revision.", _revisions)
    ] = None,
    new: Annotated[str | None, _argument("[NEW]", "The same.", _revisions)] = None,
    form: Annotated[str | None, _format(*DIFF_FORMATS)] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 if something differs.")
    ] = False,
) -> None:
    """Tell what changed between dates, files or git revisions.

    Each side that reads as a date is a date, else an existing file (- is standard input), else a
    git revision; date:, file: and rev: force one. Without arguments the last commit is compared
    with the working file. A single side is compared with the working file, a single date with
    today.

    \b
    Examples:
      kzt diff 2011 2020
      kzt diff main --format md
      kzt diff old.toml new.toml --exit-code
    """
    from kztimeline.files import sides
    from kztimeline.files.place import timeline
    from kztimeline.query import criteria
    from kztimeline.query.diff import between, compare, narrow

    form = target.format(form, DIFF_FORMATS)
    today = date.today()
    named = sides.pair(old, new, today)
    if isinstance(named, sides.Dates):
        _, found = origin.read()
        only = _matter_wishes(wanted.wishes(), "a diff of dates")
        result: Any = between(found, *named, criteria.to_filter(only, today, found))
        told = named.names
    else:
        before = sides.version(named.old, origin.place, origin.rev)
        after = sides.version(named.new, origin.place, origin.rev)
        timelines = timeline(before), timeline(after)
        progress.tell("Comparing")
        chosen = criteria.to_filter(wanted.wishes(), today, *timelines)
        result = narrow(compare(*timelines), chosen)
        told = before.origin.label, after.origin.label
    target.write(_diff_text(result, told, form, target), origin)
    if exit_code and result:
        raise typer.Exit(1)


def _matter_wishes(wishes: "Wishes", where: str) -> "Wishes":
    """Only topics and matters choose what is shown of states. Raises `KztError`."""
    from kztimeline.query.criteria import Wishes

    only = Wishes(topic=wishes.topic, matter=wishes.matter)
    if wishes != only:
        raise KztError(f"{where} takes only --topic and --matter")
    return only


def _diff_text(result: Any, told: tuple[str, str], form: str, target: To) -> str:
    if form == "json":
        from kztimeline.renderers import json

        return json.diff(result, *told)
    if form == "md":
        from kztimeline.checks.registry import warnings
        from kztimeline.renderers import markdown

        return markdown.diff(result, *told, warnings(result, date.today()))
    from kztimeline.renderers import changes

    return _lines_text(changes.diff(result, *told), form, target)


@app.command()
def state(
    origin: From,
    wanted: Matters,
    target: To,
    when: Annotated[str | None, _argument("[DATE]", "By the end of it. [default: today]")] = None,
    form: Annotated[str | None, _format(*SHORT_FORMATS)] = None,
) -> None:
    """Tell what each matter stood at by the end of a date.

    Where the dates of events leave their order open, each possible state is marked with a
    question mark.

    \b
    Examples:
      kzt state 2015
      kzt state "June 2020" --topic assembly
    """
    from kztimeline.query import criteria
    from kztimeline.query import state as query

    form = target.format(form, SHORT_FORMATS)
    today = date.today()
    _, found = origin.read()
    at = criteria.typed_date(today.isoformat() if when is None else when, "DATE", today)
    if at.latest is None:
        raise KztError(f'DATE: "{at}" has no last day')
    chosen = criteria.to_filter(wanted.wishes(), today, found)
    standings = tuple(
        standing
        for standing in query.state(found, at.latest)
        if query.shows(found.matters[standing.matter], chosen, standing.matter)
    )
    if form == "json":
        from kztimeline.renderers import json

        text = json.state(found, at.text, standings)
    elif form == "table":
        from kztimeline.renderers import terminal

        text = terminal.state(found, at, standings, _screen(target))
    else:
        from kztimeline.renderers import plain

        text = plain.state(standings)
    target.write(text, origin)


@app.command()
def gaps(
    origin: From,
    wanted: Filters,
    target: To,
    form: Annotated[str | None, _format(*SHORT_FORMATS)] = None,
) -> None:
    """List what was asked of the state and not answered.

    Recommendations and criticisms that no later event answers stand by topic; then those that
    one answers, with the time that took: a range where dates are partial.

    \b
    Examples:
      kzt gaps
      kzt gaps --topic torture --format plain
    """
    from kztimeline.query import answers as query
    from kztimeline.query import criteria

    form = target.format(form, SHORT_FORMATS)
    _, found = origin.read()
    wishes = wanted.wishes()
    asked = query.gaps(criteria.choose(found, wishes, date.today()))
    if form == "json":
        from kztimeline.renderers import json

        text = json.gaps(asked)
    elif form == "table":
        from kztimeline.renderers import gaps as render

        text = _lines_text(render.lines(found, asked, wishes.topic), form, target)
    else:
        from kztimeline.renderers import gaps as render

        text = render.plain(asked)
    target.write(text, origin)


# --- publish -----------------------------------------------------------------------------------


@app.command()
def export(
    form: Annotated[
        str,
        _argument("FORMAT", f"{', '.join(RENDERERS)}.", _values(*RENDERERS)),
    ],
    origin: From,
    wanted: Sorted,
    target: To,
    style: Annotated[
        str,
        _option(
            "STYLE", "Of Markdown: full or a compact table.", "--style", candidates=_values(*STYLES)
        ),
    ] = STYLES[0],
    citations: Annotated[
        str,
        _option(
            "FORM",
            "Of Markdown: footnotes, or for pandoc with what export csl writes.",
            "--citations",
            candidates=_values(*CITATIONS),
        ),
    ] = CITATIONS[0],
) -> None:
    """Write a document, a web page, or data for other programs.

    Markdown is for reports, CSV for spreadsheets, CSL for bibliographies, TimelineJS and Mermaid
    for pictures, TOML for a record of its own, JSON for programs.

    The page is one file that needs no server and no network: a picture of the record, filters
    that a link shares, what stood when, and every citation. It needs the extra kztimeline[html].

    \b
    Examples:
      kzt export md -o record.md
      kzt export html -o record.html
      kzt export md --style table --topic assembly
      kzt export csv --since 2019 -o record.csv
      kzt export md --citations pandoc -o record.md
      kzt export csl -o sources.json
    """
    from kztimeline.query import criteria

    criteria.one_of("format", [form], RENDERERS)
    criteria.one_of("style", [style], STYLES)
    criteria.one_of("form of citations", [citations], CITATIONS)
    if form != "md" and (style, citations) != (STYLES[0], CITATIONS[0]):
        raise KztError(f"--style and --citations are of md, not of {form}")
    record, found = origin.read()
    wishes = wanted.wishes()
    chosen = criteria.choose(found, wishes, date.today())
    text = _rendered(form, record, chosen, wishes, style=style, citations=citations)
    target.write(text, origin)
    if form == "mermaid":
        from kztimeline.renderers import mermaid

        output.complain(mermaid.too_many(chosen))


# --- contribute --------------------------------------------------------------------------------

CHECK_FORMATS = ("text", "github", "json")


def _codes(incomplete: str) -> list[str]:
    from kztimeline.checks.registry import CODES

    return [code for code in CODES if code.startswith(incomplete)]


_AGAINST = _option(
    "REV",
    "Only what changed since a git revision, and what to look at in it.",
    "--against",
    candidates=_revisions,
)
_EXPLAIN = _option(
    "CODE", "Tell what a code means and how to mend it.", "--explain", candidates=_codes
)


@app.command()
def check(
    files: Annotated[
        list[str] | None, _argument("[FILE]...", "Events files; - is standard input.")
    ] = None,
    rev: Annotated[str | None, _REV] = None,
    against: Annotated[str | None, _AGAINST] = None,
    explain: Annotated[str | None, _EXPLAIN] = None,
    form: Annotated[str | None, _format(*CHECK_FORMATS, default="text")] = None,
) -> None:
    """Find all that is wrong in events files.

    Each problem is told with its line and column, errors before warnings; on a terminal with
    the line, too, and a code that --explain explains.

    With --against, only what an edit touches or brings about is told. And what a reviewer should
    look at: a date or state changed without a citation, an event removed, an id reused or
    renamed, a past that now stands differently.

    Exits 1 if there is a problem, 2 if a file can't be opened.

    \b
    Examples:
      kzt check
      kzt check events.toml --format json
      kzt check --against main
      kzt check --explain bad-date
    """
    from kztimeline.checks import registry as checks
    from kztimeline.files.place import place
    from kztimeline.query import criteria

    form = "text" if form is None else form
    criteria.one_of("format", [form], CHECK_FORMATS)
    if explain is not None:
        criteria.one_of("code", [explain], checks.CODES)
        output.write(checks.manual(explain))
        return
    places = [place(file) for file in files] if files else [place(None)]
    checked = [_checked(at, rev, against) for at in places]
    if form == "json":
        from kztimeline.renderers import json

        output.write(json.problems(checked))
    else:
        from kztimeline.renderers import problems

        if form == "github":
            output.write(problems.github(checked), commands=True)
        elif output.is_terminal():
            output.write(problems.excerpts(checked, output.width()))
        else:
            output.write(problems.text(checked))
    if any(file.problems for file in checked):
        raise typer.Exit(1)


def _checked(at: "Place", revision: str | None, against: str | None) -> "Checked":
    from kztimeline.checks import registry as checks
    from kztimeline.files.place import read

    new = read(at, revision, whole=True)
    progress.tell(f"Checking {new.origin.name}")
    if against is None:
        found = checks.problems(new)
    else:
        found = checks.problems_of_edit(new, read(at, against, whole=True), date.today())
    return checks.Checked(new.origin.name, str(at.path or ""), new.text, found)


@app.command()
def schema(
    target: To,
    of: Annotated[
        str,
        _option(
            "FORMAT",
            "toml, the events file, or json, what export json writes.",
            "--of",
            candidates=_values("toml", "json"),
        ),
    ] = "toml",
) -> None:
    """Print the JSON Schema of events files, for editors, or of JSON, for programs.

    A file that begins with the line "#:schema kztimeline/events.schema.json" is checked and
    explained while it is edited, by editors with Taplo or Tombi.

    \b
    Examples:
      kzt schema
      kzt schema -o events.schema.json
      kzt schema --of json
    """
    from kztimeline.query.criteria import one_of
    from kztimeline.record import schema

    one_of("format", [of], schema.SCHEMAS)
    target.write(schema.text(of), From())


def _settings(ctx: typer.Context, incomplete: str) -> list[str]:
    return [f"{name}=" for name in _names("matter")(ctx, incomplete)]


class NewEvent(Group):
    """An event as typed, with one citation. The options are named as the keys of the file."""

    id: Annotated[str | None, _option("ID", "[default: of its year and title]", "--id")] = None
    date: Annotated[
        str | None, _option("DATE", 'As precise as the source: 2020, "June 2020".', "--date")
    ] = None
    title: Annotated[str | None, _option("TEXT", "In one line.", "--title")] = None
    kind: Annotated[
        str | None, _option("KIND", f"{', '.join(KINDS)}.", "--kind", candidates=_values(*KINDS))
    ] = None
    topic: Annotated[
        list[str] | None,
        _option("TOPIC", "Repeatable.", "--topic", "-t", candidates=_names("topic")),
    ] = None
    summary: Annotated[
        str | None, _option("TEXT", "One to four sentences, your own words.", "--summary")
    ] = None
    status: Annotated[
        str | None,
        _option("STATUS", f"{', '.join(STATUSES)}.", "--status", candidates=_values(*STATUSES)),
    ] = None
    state: Annotated[
        list[str] | None,
        _option(
            "MATTER=TEXT",
            "What it stands at from then on; repeatable.",
            "--state",
            candidates=_settings,
        ),
    ] = None
    asks: Annotated[str | None, _option("TEXT", "What it asks the state to do.", "--asks")] = None
    answers: Annotated[
        list[str] | None,
        _option(
            "ID",
            "An event whose ask it responds to; repeatable.",
            "--answers",
            candidates=_names("event"),
        ),
    ] = None
    dating: Annotated[
        str | None, _option("TEXT", "How an inferred date was reached.", "--dating")
    ] = None
    source: Annotated[
        list[str] | None,
        _option("SOURCE", "The document cited.", "--source", "-s", candidates=_names("source")),
    ] = None
    at: Annotated[list[str] | None, _option("TEXT", "Where in the document.", "--at")] = None
    says: Annotated[list[str] | None, _option("TEXT", "What it claims there.", "--says")] = None
    perspective: Annotated[
        list[str] | None,
        _option(
            "PERSPECTIVE",
            f"Whose voice, if not the document's: {', '.join(PERSPECTIVES)}.",
            "--perspective",
            candidates=_values(*PERSPECTIVES),
        ),
    ] = None
    disputes: Annotated[
        bool, typer.Option("--disputes", help="It contradicts or qualifies the event as told.")
    ] = False

    def typed(self) -> dict[str, Any]:
        """The options by name, without those that weren't typed."""
        values = dict(vars(self))
        for name in ("source", "at", "says", "perspective"):
            # Taken as lists so that a second one is refused instead of replacing the first.
            given = values[name] or [None]
            if len(given) > 1:
                raise KztError(f"--{name}: options make one citation; --json takes several")
            values[name] = given[0]
        return {name: value for name, value in values.items() if value not in (None, False, [])}


@app.command()
def add(
    given: NewEvent,
    file: Annotated[str | None, _option("FILE", _FILE, "--file")] = None,
    document: Annotated[
        str | None,
        _option(
            "FILE",
            "The whole event as JSON, as in the file, from a file or standard input (-).",
            "--json",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print a patch for git apply; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Add an event at its place in date order, with the source it cites.

    On a terminal, what the options leave out is asked for, and what would be written is shown
    first. JSON is an event as in the file, or {"event": {...}, "source": {"ID": {...}}} to add
    the document that it cites, too. Nothing else in the file changes.

    \b
    Examples:
      kzt add
      kzt add --date 2020-06-25 --title "Libel is decriminalised" --kind law -t expression
              --summary "Libel is an offence no longer." -s eu-reporter-2021 --at "third paragraph"
      kzt add --json event.json --dry-run | git apply
    """
    from kztimeline.cli import adding

    adding.run(file, given.typed(), document, dry_run=dry_run, yes=yes)


@app.command()
def fmt(
    files: Annotated[list[str] | None, _argument("[FILE]...", "Events files.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print what would change.")
    ] = False,
) -> None:
    """Put events into date order and canonical layout.

    Comments stay with what they stand above or behind. The record never changes: it is read
    before and after.

    \b
    Examples:
      kzt fmt
      kzt fmt --check events.toml
      kzt fmt --diff
    """
    from kztimeline.cli import formatting

    if formatting.run(files or [None], check=check, diff=diff):
        raise typer.Exit(1)


# --- the process -------------------------------------------------------------------------------


def _show_version(asked: bool) -> None:
    if asked:
        output.write(f"kzt {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def kzt(
    ctx: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep a country's legal and human-rights reforms as one plain TOML file.

    \b
    Examples:
      kzt list --topic assembly       events that match
      kzt show 2020-assembly-law      one event in full
      kzt timeline --by matter        what stood when, as a picture
      kzt diff 2011 2020              what changed between two dates
      kzt export md -o record.md      a document with footnotes
    """
    if ctx.invoked_subcommand is None:
        output.write(ctx.get_help() + "\n")


# typer has no public name for the base class of its usage errors.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> NoReturn:
    """Run `kzt`: every expected error becomes one line on stderr and exit code 2."""
    progress.watch()
    try:
        code = _run()
    except KztError as error:
        output.fail(map(str, error.args))
    except _UsageError as error:
        output.fail([_usage(error)])
    except (KeyboardInterrupt, typer.Abort):
        raise SystemExit(output.INTERRUPTED) from None
    finally:
        progress.end()
    raise SystemExit(code if isinstance(code, int) else 0)


# What typer's scripts for shells set.
_COMPLETE = "_KZT_COMPLETE"


def _run() -> Any:
    if sys.stdout is None:
        # Without a stream typer would print its help nowhere, and succeed. To this one it can't.
        sys.stdout = Path(os.devnull).open()  # noqa: SIM115
    if not os.environ.get(_COMPLETE, "").isprintable():
        # typer would print it.
        del os.environ[_COMPLETE]
    _prepare(_command_asked_for())
    try:
        return app(prog_name="kzt", standalone_mode=False, terminal_width=max(output.width(), 20))
    except OSError as error:
        # Only what typer writes by itself, such as help, ends here.
        output.lose(error)
    except (KeyError, ValueError):
        if _COMPLETE not in os.environ:
            raise
        raise KztError("completion: the words of the shell are not there") from None


def _command_asked_for() -> str:
    """The first word of the command line, or of the one that a shell wants completed."""
    completed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS")
    words = completed.split() if completed and "_KZT_COMPLETE" in os.environ else sys.argv
    return "".join(words[1:2])


def _prepare(asked: str) -> None:
    """Make the command that is asked for; of the others typer needs to know no options.

    To build them all would take a third of the time that `kzt list` takes.
    """
    commands = {_name(command): command for command in app.registered_commands}
    if wanted := commands.get(asked):
        assert wanted.callback
        wanted.callback = expanded(wanted.callback)
        app.registered_commands = [wanted]
    else:
        for command in commands.values():
            command.callback = _named(command.callback)


def _named(command: Any) -> Callable[[], None]:
    """A command with the same name and help, without options."""

    def named() -> None: ...

    named.__name__, named.__doc__ = command.__name__, command.__doc__
    return named


def _name(command: Any) -> str:
    return str(command.name or command.callback.__name__)


def _usage(error: Any) -> str:
    message = shorten(error.format_message().rstrip("."), 200)
    if near := getattr(error, "possibilities", None):
        message = f"No such option: {shorten(error.option_name)} (did you mean {near[0]}?)"
    command = error.ctx.command_path if error.ctx else _command_path()
    behind = [word for word in sys.argv[2:] if word in map(_name, app.registered_commands)]
    if command == "kzt" and behind and (option := getattr(error, "option_name", "")):
        message = f"No such option: {shorten(option)} (options follow the command: kzt {behind[0]})"
    return f"{command}: {message[:1].lower()}{message[1:]} (see {command} --help)"


def _command_path() -> str:
    known = [_name(command) for command in app.registered_commands]
    return " ".join(["kzt", *(word for word in sys.argv[1:2] if word in known)])
