"""What contributors and maintainers do: `kzt check`, `init`, `add`, `fmt`, `merge`, `schema`."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
    reference_day,
    revisions,
    values,
)
from kztimeline.renderers.views import VIEWS, How, view
from kztimeline.text import colour, progress
from kztimeline.text.errors import KztError

if TYPE_CHECKING:
    from kztimeline.checks.registry import Checked
    from kztimeline.files.place import Place
    from kztimeline.record.keys import Key


def _codes(incomplete: str) -> list[str]:
    from kztimeline.checks.registry import codes

    return [code for code in codes() if code.startswith(incomplete)]


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
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings, too.")] = False,
    form: Annotated[str | None, formats("check", default="text")] = None,
) -> None:
    """Find all that is wrong in events files.

    Each problem is told with its line and column, errors before warnings; on a terminal with
    the line, too, and a code that --explain explains.

    With --against, only what an edit touches or brings about is told. And what a reviewer should
    look at: a date or state changed without a citation, an event removed, an id reused or
    renamed, a past that now stands differently.

    Exits 1 if there is an error, under --strict also for a warning; 2 if a file can't be opened.

    \b
    Examples:
      kzt check
      kzt check events.toml --format json
      kzt check --strict --against rev:main
      kzt check --explain bad-date
    """
    from kztimeline.checks import registry
    from kztimeline.files.place import place
    from kztimeline.query.filter import one_of

    form = "text" if form is None else form
    one_of("format", [form], VIEWS["check"])
    if explain is not None:
        one_of("code", [explain], registry.codes())
        output.page(registry.manual(explain))
        return
    places = [place(file) for file in files] if files else [place(None)]
    with _git_deadline() if rev or against else nullcontext():
        checked = [_checked(at, rev, against) for at in places]
    if form == "text" and output.is_terminal():
        from kztimeline.renderers.problems import excerpts

        output.page(excerpts(checked, output.width(), colour=colour.is_wanted(is_terminal=True)))
    else:
        output.write(str(view("check", form, checked, How())), commands=form == "github")
    found = [problem.severity for file in checked for problem in file.problems]
    if "error" in found or (strict and found):
        raise typer.Exit(1)


def _git_deadline() -> AbstractContextManager[None]:
    from kztimeline.files import git

    return git.deadline()


def _checked(at: "Place", revision: str | None, against: str | None) -> "Checked":
    from kztimeline.checks import registry
    from kztimeline.files.place import read

    new = read(at, revision, whole=True)
    progress.tell(f"Checking {new.origin.name}")
    if against is None:
        found = registry.problems(new, reference_day(at))
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


def init(
    folder: Annotated[Path, argument("[DIR]", "A folder, made if it isn't there.")] = Path(),
    title: Annotated[
        str | None, option("TEXT", "What the record is about. [default: asked]", "--title")
    ] = None,
) -> None:
    """Begin a record: a commented events.toml, and the JSON Schema for editors beside it.

    Nothing that is there already is overwritten.

    \b
    Examples:
      kzt init --title "Human-rights reforms in Uzbekistan"
      kzt init uzbekistan
    """
    from kztimeline.cli import adding

    adding.begin(folder, title)


class NewEvent(Group):
    """An event as typed, with its citations: an option for each of their keys in the file."""

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The annotations of the options, which `kzt --help` needs not."""
        from kztimeline.record.keys import KEYS

        return {
            key.attribute: _option(key, table)
            for table in ("event", "citation")
            for key in KEYS[table]
            if key.name != "sources"
        }

    def typed(self) -> dict[str, Any]:
        """The options by key, without those that weren't typed."""
        values = {name.replace("_", "-"): value for name, value in vars(self).items()}
        return {name: value for name, value in values.items() if value not in (None, False, [])}


_SHORT: Final[Mapping[str, str]] = {"topics": "-t", "source": "-s"}
_NAMES: Final[Mapping[str, str]] = {
    "topics": "topic",
    "source": "source",
    "answers": "event",
    "answers-in-part": "event",
}
"""The keys whose values are names that the record has, and of what."""


def _option(key: "Key", table: str) -> Any:
    """The option of a key of an event or, repeatable, of a citation."""
    from kztimeline.edit.draft import choices, flag, shape

    of, form, known = _NAMES.get(key.name), shape(key), choices(key)
    flags = [flag(key.name), *([_SHORT[key.name]] if key.name in _SHORT else [])]
    if form == "boolean":
        return Annotated[bool, typer.Option(*flags, help=key.help)]
    metavar, candidates = {
        "date": ("DATE", None),
        "object": ("MATTER=TEXT", _settings),
        "choice": (key.name.upper(), values(*known)),
    }.get(form, (of.upper(), names(of)) if of else ("TEXT", None))
    told = [key.help, *([f"{', '.join(known)}."] if known else [])]
    several = table == "citation" or form in ("array", "object")
    told += ["Repeatable."] if several else []
    kind: Any = list[str] if several else str
    return Annotated[kind | None, option(metavar, " ".join(told), *flags, candidates=candidates)]


def _settings(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    return [(f"{name}=", title) for name, title in names("matter")(ctx, incomplete)]


def add(
    ctx: typer.Context,
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
    table: Annotated[
        str | None,
        option(
            "FILE", "Many events: a table (CSV, TSV, XLSX), or JSON, or JSON Lines; or -.", "--from"
        ),
    ] = None,
    columns: Annotated[
        list[str] | None, option("HEADER=KEY", "Of a table: what a column is; repeatable.", "--map")
    ] = None,
    sheet: Annotated[
        str | None, option("NAME", "Of a workbook: the sheet. [default: the first]", "--sheet")
    ] = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="Of a table: change events that are there; - in a cell clears it."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print a patch for git apply; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Add an event at its place in date order, with the sources it cites.

    On a terminal, what the options leave out is asked for, and what would be written is shown
    first. Each --source begins a citation, to which the --at, --says and others around it belong.

    JSON is an event as in the file, or {"event": {...}, "source": {"ID": {...}}} to add
    the document that it cites, too. Nothing else in the file changes.

    A table has a column for each key, and an event a row: source, at, says, quote and disputes
    make its citation; a row with no other cell, or the same id, is one more of the event above;
    source.title, source.date and so on describe a document that isn't there yet. It is written
    whole, or not at all.

    \b
    Examples:
      kzt add
      kzt add --date 2020-06-25 --title "Libel is decriminalised" --kind law -t expression
              --summary "Libel is an offence no longer." -s eu-reporter-2021 --at "third paragraph"
      kzt add --json event.json --dry-run | git apply
      kzt add --from events.xlsx --map "What happened=title" --dry-run
    """
    from kztimeline.cli import adding

    typed = adding.Typed(given.typed(), ctx.meta["order"])
    if table is not None:
        many = adding.Many(table, columns or (), sheet, update=update)
        adding.take(file, many, typed, document, dry_run=dry_run, yes=yes)
        return
    if columns or sheet is not None or update:
        raise KztError("--map, --sheet and --update are of --from FILE")
    adding.run(file, typed, document, dry_run=dry_run, yes=yes)


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


def merge(
    versions: Annotated[
        list[str] | None,
        argument("[BASE OURS THEIRS]", "Three versions of one file; OURS is written."),
    ] = None,
    file: Annotated[str | None, FILE] = None,
) -> None:
    """Merge two edits of a record, event by event and key by key.

    Without arguments it resolves the events file that git left in conflict. As git's merge
    driver it takes the length of the marks and the name of the file, too:
    git config merge.kzt.driver "kzt merge %O %A %B %L %P", and in .gitattributes the line
    "events.toml merge=kzt".

    What both sides changed differently is left between git's marks around that event alone, and
    named; then it exits 1.

    \b
    Examples:
      kzt merge
      kzt merge base.toml ours.toml theirs.toml
    """
    from kztimeline.cli import merging

    if merging.run(versions or [], file):
        raise typer.Exit(1)
