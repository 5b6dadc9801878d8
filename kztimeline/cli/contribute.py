"""What contributors and maintainers do: `kzt check`, `add`, `fmt`, `schema`."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kztimeline.cli import output
from kztimeline.cli.options import (
    FILE,
    REV,
    From,
    Group,
    To,
    argument,
    formats,
    names,
    option,
    revisions,
    values,
)
from kztimeline.record.vocabulary import KINDS, PERSPECTIVES, STATUSES
from kztimeline.renderers.views import VIEWS, How, render
from kztimeline.text import colour, progress
from kztimeline.text.errors import KztError

if TYPE_CHECKING:
    from kztimeline.checks.registry import Checked
    from kztimeline.files.place import Place


def _codes(incomplete: str) -> list[str]:
    from kztimeline.checks.registry import CODES

    return [code for code in CODES if code.startswith(incomplete)]


_AGAINST = option(
    "REV",
    "Only what changed since a git revision, and what to look at in it.",
    "--against",
    candidates=revisions,
)
_EXPLAIN = option(
    "CODE", "Tell what a code means and how to mend it.", "--explain", candidates=_codes
)


def check(
    files: Annotated[
        list[str] | None, argument("[FILE]...", "Events files; - is standard input.")
    ] = None,
    rev: Annotated[str | None, REV] = None,
    against: Annotated[str | None, _AGAINST] = None,
    explain: Annotated[str | None, _EXPLAIN] = None,
    form: Annotated[str | None, formats("check", default="text")] = None,
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
    from kztimeline.checks import registry
    from kztimeline.files.place import place
    from kztimeline.query.filter import one_of

    form = "text" if form is None else form
    one_of("format", [form], VIEWS["check"])
    if explain is not None:
        one_of("code", [explain], registry.CODES)
        output.page(registry.manual(explain))
        return
    places = [place(file) for file in files] if files else [place(None)]
    checked = [_checked(at, rev, against) for at in places]
    if form == "text" and output.is_terminal():
        from kztimeline.renderers.problems import excerpts

        output.page(excerpts(checked, output.width(), colour=colour.is_wanted(is_terminal=True)))
    else:
        output.write(str(render("check", form, checked, How())), commands=form == "github")
    if any(file.problems for file in checked):
        raise typer.Exit(1)


def _checked(at: "Place", revision: str | None, against: str | None) -> "Checked":
    from kztimeline.checks import registry
    from kztimeline.files.place import read

    new = read(at, revision, whole=True)
    progress.tell(f"Checking {new.origin.name}")
    if against is None:
        found = registry.problems(new)
    else:
        found = registry.problems_of_edit(new, read(at, against, whole=True), date.today())
    return registry.Checked(new.origin.name, str(at.path or ""), new.text, found)


def schema(
    target: To,
    of: Annotated[
        str,
        option(
            "FORMAT",
            "toml, the events file, or json, what export json writes.",
            "--of",
            candidates=values("toml", "json"),
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
    from kztimeline.query.filter import one_of
    from kztimeline.record import schema

    one_of("format", [of], schema.SCHEMAS)
    target.write(schema.text(of), From())


def _settings(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    return [(f"{name}=", title) for name, title in names("matter")(ctx, incomplete)]


class NewEvent(Group):
    """An event as typed, with one citation. The options are named as the keys of the file."""

    id: Annotated[str | None, option("ID", "[default: of its year and title]", "--id")] = None
    date: Annotated[
        str | None, option("DATE", 'As precise as the source: 2020, "June 2020".', "--date")
    ] = None
    title: Annotated[str | None, option("TEXT", "In one line.", "--title")] = None
    kind: Annotated[
        str | None, option("KIND", f"{', '.join(KINDS)}.", "--kind", candidates=values(*KINDS))
    ] = None
    topic: Annotated[
        list[str] | None,
        option("TOPIC", "Repeatable.", "--topic", "-t", candidates=names("topic")),
    ] = None
    summary: Annotated[
        str | None, option("TEXT", "One to four sentences, your own words.", "--summary")
    ] = None
    status: Annotated[
        str | None,
        option("STATUS", f"{', '.join(STATUSES)}.", "--status", candidates=values(*STATUSES)),
    ] = None
    state: Annotated[
        list[str] | None,
        option(
            "MATTER=TEXT",
            "What it stands at from then on; repeatable.",
            "--state",
            candidates=_settings,
        ),
    ] = None
    asks: Annotated[str | None, option("TEXT", "What it asks the state to do.", "--asks")] = None
    answers: Annotated[
        list[str] | None,
        option(
            "ID",
            "An event whose ask it responds to; repeatable.",
            "--answers",
            candidates=names("event"),
        ),
    ] = None
    dating: Annotated[
        str | None, option("TEXT", "How an inferred date was reached.", "--dating")
    ] = None
    source: Annotated[
        list[str] | None,
        option("SOURCE", "The document cited.", "--source", "-s", candidates=names("source")),
    ] = None
    at: Annotated[list[str] | None, option("TEXT", "Where in the document.", "--at")] = None
    says: Annotated[list[str] | None, option("TEXT", "What it claims there.", "--says")] = None
    perspective: Annotated[
        list[str] | None,
        option(
            "PERSPECTIVE",
            f"Whose voice, if not the document's: {', '.join(PERSPECTIVES)}.",
            "--perspective",
            candidates=values(*PERSPECTIVES),
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


def add(
    given: NewEvent,
    file: Annotated[str | None, FILE] = None,
    document: Annotated[
        str | None,
        option(
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


def fmt(
    files: Annotated[list[str] | None, argument("[FILE]...", "Events files.")] = None,
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
