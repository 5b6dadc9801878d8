"""What contributors and maintainers do: `kzt check`, `init`, `add`, `fmt`, `merge`, `schema`."""

import inspect
import os
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from kztimeline.cli import output
from kztimeline.cli.options import (
    FILE,
    REV,
    Candidates,
    From,
    Group,
    To,
    argument,
    formats,
    names,
    option,
    parameter,
    reference_day,
    revisions,
    switch,
)
from kztimeline.renderers.views import VIEWS, How, view
from kztimeline.text import colour, progress
from kztimeline.text.errors import KztError, reason
from kztimeline.text.gate import line

if TYPE_CHECKING:
    from kztimeline.record.keys import Key


def _codes() -> Iterable[str]:
    from kztimeline.checks.registry import codes

    return codes()


def check(
    files: list[str] | None = argument("[FILE]...", "Events files; - is standard input."),
    rev: str | None = REV,
    against: str | None = option(
        "REV",
        "Only what changed since a git revision, and what to look at in it.",
        candidates=revisions,
    ),
    explain: str | None = option(
        "CODE", "Explain what a code means and how to fix it.", candidates=_codes
    ),
    strict: bool = switch("Exit 1 for warnings, too.", "--strict"),
    form: str | None = formats("check", default="text"),
) -> None:
    """Find all that is wrong in events files.

    Each problem is reported with its line and column, errors before warnings; on a terminal with
    the line, too, and a code that --explain explains.

    With --against, only what an edit touches or brings about is reported, and what a reviewer
    should look at: a date or state changed without a citation, an event removed, an id reused or
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
    from kztimeline.files import git
    from kztimeline.files.place import place, read
    from kztimeline.query.filter import one_of

    form = "text" if form is None else form
    one_of("format", [form], VIEWS["check"])
    if explain is not None:
        one_of("code", [explain], registry.codes())
        output.page(registry.manual(explain))
        return
    places = [place(file) for file in files] if files else [place(None)]
    checked = []
    with git.deadline() if rev or against else nullcontext():
        for at in places:
            new = read(at, rev, whole=True)
            progress.tell(f"Checking {new.origin.name}")
            if against is None:
                found = registry.problems(new, reference_day(at))
            else:
                found = registry.problems_of_edit(new, read(at, against, whole=True), date.today())
            checked.append(registry.Checked(new.origin.name, str(at.path or ""), new.text, found))
    if form == "text" and output.is_terminal():
        from kztimeline.renderers.problems import excerpts

        output.page(excerpts(checked, output.width(), colour=colour.is_wanted(is_terminal=True)))
    else:
        output.write(str(view("check", form, checked, How())), commands=form == "github")
    severities = {problem.severity for file in checked for problem in file.problems}
    if "error" in severities or (strict and severities):
        raise typer.Exit(1)


def schema(
    target: To,
    of: str = option(
        "FORMAT",
        "toml, the events file, or json, what export json writes.",
        candidates=("toml", "json"),
        default="toml",
    ),
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
    target.write(schema.text(of), From(file=None, rev=None))


def init(
    folder: Path = argument("[DIR]", "A folder, made if it isn't there.", default=Path()),
    title: str | None = option("TEXT", "What the record is about. [default: asked]"),
) -> None:
    """Begin a record: a commented events.toml, and the JSON Schema for editors beside it.

    Nothing that is there already is overwritten.

    \b
    Examples:
      kzt init --title "Human-rights reforms in Uzbekistan"
      kzt init uzbekistan
    """
    from kztimeline.cli import asking
    from kztimeline.edit import draft
    from kztimeline.files import write
    from kztimeline.files.place import NAME
    from kztimeline.record import schema

    if title is None and not asking.possible():
        raise KztError("kzt init: missing --title (see kzt init --help)")
    files = {folder / NAME: "", folder / "events.schema.json": schema.text()}
    for path in files:
        if os.path.lexists(path):
            raise KztError(f"{path}: is there already; nothing was written")
    files[folder / NAME] = draft.begun(asking.ask("Title") if title is None else title)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KztError(f"{folder}: {reason(error)}") from None
    for path, text in files.items():
        write.save(path, text.encode("utf-8"), None, output.complain)
    output.confirm(folder, f"wrote {' and '.join(map(str, files))}; kzt add makes the first event")


class NewEvent(Group):
    """An event as typed, with its citations: an option for each of their keys in the file."""

    @classmethod
    def options(cls) -> dict[str, inspect.Parameter]:
        """The options by name, which `kzt --help` needs not."""
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


_SHORT: Final[Mapping[str, tuple[str, ...]]] = {"topics": ("-t",), "source": ("-s",)}
_NAMES: Final[Mapping[str, str]] = {
    "topics": "topic",
    "source": "source",
    "answers": "event",
    "answers-in-part": "event",
}
"""The keys whose values are names that the record has, and of what."""


def _option(key: "Key", table: str) -> inspect.Parameter:
    """The option of a key of an event or, repeatable, of a citation."""
    from kztimeline.edit.draft import choices, flag, shape

    form, known = shape(key), choices(key)
    flags = [flag(key.name), *_SHORT.get(key.name, ())]
    if form == "boolean":
        return parameter(key.attribute, bool, switch(key.help, *flags))
    candidates: Candidates = known
    metavar = {"date": "DATE", "choice": key.name.upper()}.get(form, "TEXT")
    if form == "object":
        metavar, candidates = "MATTER=TEXT", _settings
    elif of := _NAMES.get(key.name):
        metavar, candidates = of.upper(), names(of)
    text = [key.help, *([f"{', '.join(known)}."] if known else [])]
    several = table == "citation" or form in ("array", "object")
    text += ["Repeatable."] if several else []
    kind: Any = list[str] if several else str
    asked = option(metavar, " ".join(text), *flags, candidates=candidates)
    return parameter(key.attribute, kind | None, asked)


def _settings(ctx: typer.Context) -> list[tuple[str, str]]:
    return [(f"{name}=", title) for name, title in names("matter")(ctx)]


def add(
    ctx: typer.Context,
    given: NewEvent,
    file: str | None = FILE,
    document: str | None = option(
        "FILE",
        "The whole event as JSON, as in the file, from a file or standard input (-).",
        "--json",
    ),
    table: str | None = option(
        "FILE", "Many events: a table (CSV, TSV, XLSX), or JSON, or JSON Lines; or -.", "--from"
    ),
    columns: list[str] | None = option(
        "HEADER=KEY", "Of a table: what a column is; repeatable.", "--map"
    ),
    sheet: str | None = option("NAME", "Of a workbook: the sheet. [default: the first]"),
    update: bool = switch(
        "Of a table: change events that are there; - in a cell clears it.", "--update"
    ),
    dry_run: bool = switch("Print a patch for git apply; write nothing.", "--dry-run"),
    yes: bool = switch("Ask nothing.", "--yes", "-y"),
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
    from kztimeline.edit.draft import flag

    typed = given.typed()
    others = [*map(flag, typed)]
    if table is None:
        if columns or sheet is not None or update:
            raise KztError("--map, --sheet and --update are of --from FILE")
        if document is not None and others:
            raise KztError(f"--json is the whole event; leave out {others[0]}")
        adding.add(file, typed, ctx.meta["order"], document, dry_run=dry_run, yes=yes)
        return
    if document is not None:
        others.insert(0, "--json")
    if others:
        raise KztError(f"--from is all there is to add; leave out {others[0]}")
    adding.add_many(file, table, columns or (), sheet, update=update, dry_run=dry_run, yes=yes)


def fmt(
    files: list[str] | None = argument("[FILE]...", "Events files."),
    check: bool = switch("Write nothing; exit 1 if a file would change.", "--check"),
    diff: bool = switch("Write nothing; print what would change.", "--diff"),
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
    errors: list[str] = []
    would_change = False
    for file in files or (None,):
        try:
            would_change |= _format(file, check=check, diff=diff)
        except KztError as error:
            errors += map(str, error.args)
    if errors:
        raise KztError(*errors)
    if check and would_change:
        raise typer.Exit(1)


def _format(name: str | None, *, check: bool, diff: bool) -> bool:
    """Lay out a file, or show what would change; whether anything does."""
    from kztimeline.edit import draft, patch
    from kztimeline.edit.format import Formatted, formatted
    from kztimeline.files import write
    from kztimeline.files.place import place

    path = draft.editable(place(name))
    # Even to write, it is read first: that tells most clearly what can't be.
    data = draft.content(path)
    progress.tell(f"Formatting {path}", len(data))
    done = formatted(str(path), data)

    def again(now: bytes) -> Formatted:
        return done if now == data else formatted(str(path), now)

    if not done.changed:
        if not (check or diff):
            write.tidy(path)
        return False
    if diff:
        output.write(patch.shown(patch.patch(patch.path_of(path), done.old, done.edits)))
    elif check:
        output.write(f"would format {line(str(path))}\n")
    elif write.update(path, again, output.complain).changed:
        output.confirm(path, f"formatted {path}")
    return True


def merge(
    versions: list[str] | None = argument(
        "[BASE OURS THEIRS]", "Three versions of one file; OURS is written."
    ),
    file: str | None = FILE,
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
