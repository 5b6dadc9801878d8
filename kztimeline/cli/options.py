"""Options that several commands share, in groups: a command takes groups, users see options."""

import inspect
from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from kztimeline.cli import output
from kztimeline.record.model import GROUPINGS, KINDS, PERSPECTIVES, SORTS, STATUSES
from kztimeline.renderers.views import VIEWS, How, view
from kztimeline.text import progress
from kztimeline.text.errors import KztError

if TYPE_CHECKING:
    from kztimeline.files.place import Place
    from kztimeline.query.filter import Criteria
    from kztimeline.record.reading import Keep, Reading


class Group:
    """Options as annotated attributes, those of its bases first.

    A dataclass would be made anew at every start, which takes longer than all it is used for.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def options(cls) -> dict[str, inspect.Parameter]:
        """The options by name, as parameters of a function."""
        return {
            name: parameter(name, annotation, getattr(base, name))
            for base in reversed(cls.__mro__)
            if issubclass(base, Group)
            for name, annotation in inspect.get_annotations(base).items()
        }


def parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """An option as a parameter of a function."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each group in a command's signature by its options, and gather them again."""
    groups: dict[str, type[Group]] = {}
    parameters: list[inspect.Parameter] = []
    for name, taken in inspect.signature(command).parameters.items():
        if isinstance(taken.annotation, type) and issubclass(taken.annotation, Group):
            groups[name] = taken.annotation
            parameters += taken.annotation.options().values()
        else:
            parameters.append(taken)
    look = Look.options()
    parameters += look.values()

    @wraps(command)
    def run(**values: Any) -> None:
        for name in look:
            del values[name]
        for name, group in groups.items():
            values[name] = group(**{option: values.pop(option) for option in group.options()})
        command(**values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


class Command(TyperCommand):
    """A command that remembers in what order its options came: ``ctx.meta["order"]``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line as typer does; a second value is refused, not put for the first."""
        order: Any = self.make_parser(ctx).parse_args(list(args))[2]
        ctx.meta["order"] = [option.name for option in order]
        rest = super().parse_args(ctx, args)
        for option in order:
            times = order.count(option)
            if times > 1 and not (option.multiple or option.is_flag or ctx.resilient_parsing):
                flag = max(option.opts, key=len)
                raise KztError(f"{flag} is given {'twice' if times == 2 else 'several times'}")
        return rest


# --- kinds of options --------------------------------------------------------------------------

Candidates = Iterable[str] | Callable[..., Iterable[Any]]
"""What completion offers: always the same values, or what a function finds."""


def _completer(candidates: Candidates) -> Callable[..., Iterable[Any]]:
    return candidates if callable(candidates) else lambda: candidates


def option(
    metavar: str, text: str, *flags: str, candidates: Candidates = (), default: Any = None
) -> Any:
    """An option that takes a value."""
    completion = _completer(candidates)
    return typer.Option(default, *flags, metavar=metavar, help=text, autocompletion=completion)


def switch(text: str, *flags: str) -> Any:
    """An option that takes none."""
    return typer.Option(False, *flags, help=text)


def argument(metavar: str, text: str, candidates: Candidates = (), default: Any = None) -> Any:
    """An argument."""
    completion = _completer(candidates)
    return typer.Argument(
        default, metavar=metavar, help=text, autocompletion=completion, show_default=False
    )


def formats(answer: str, default: str = "table on a terminal, else plain") -> Any:
    """The option for the formats that an answer has."""
    text = f"{either(VIEWS[answer])}. [default: {default}]"
    return option("FORMAT", text, "--format", candidates=VIEWS[answer])


def either(values: Iterable[str]) -> str:
    """Values in words: ``text, github or json``."""
    *others, last = values
    return f"{', '.join(others)} or {last}"


def names(kind: str) -> Callable[[typer.Context], list[tuple[str, str]]]:
    """Candidates from the record at hand, with their titles."""

    def candidates(ctx: typer.Context) -> list[tuple[str, str]]:
        from kztimeline.cli import completion

        return completion.names(kind, ctx.params.get("file"), ctx.params.get("rev"))

    return candidates


def revisions(ctx: typer.Context) -> list[str]:
    """The branches and tags of the record's repository."""
    from kztimeline.cli import completion

    return completion.revisions(ctx.params.get("file"))


# --- what every command takes ------------------------------------------------------------------


def _show_usage(ctx: typer.Context, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from kztimeline.cli.manual import show_usage

        show_usage(ctx.get_help())
        raise typer.Exit


_COLOURS = ("auto", "always", "never")


def _choose_colour(chosen: str) -> None:
    if chosen not in _COLOURS:
        raise KztError(f"--color: auto, always or never, not {chosen}")
    if chosen != _COLOURS[0]:
        from kztimeline.text import colour

        colour.choice = chosen


def _choose_pager(is_off: bool) -> None:
    if is_off:
        output.may_page = False


def _look(default: Any, text: str, callback: Any, *flags: str, **more: Any) -> Any:
    return typer.Option(default, *flags, help=text, callback=callback, is_eager=True, **more)


class Look(Group):
    """What every command takes, and callbacks handle before the command runs."""

    color: str = _look(
        _COLOURS[0],
        "auto, always or never.",
        _choose_colour,
        "--color",
        metavar="WHEN",
        autocompletion=_completer(_COLOURS),
    )
    no_pager: bool = _look(False, "Write all at once, however long.", _choose_pager, "--no-pager")
    help: bool = _look(False, "Show this message and exit.", _show_usage, "--help", "-h")


# --- the record --------------------------------------------------------------------------------

FILE = option(
    "FILE",
    "The events file; - is standard input. [default: $KZT_FILE, else the nearest events.toml"
    " upward from here, else the bundled record]",
    "--file",
)
BY = option("LANES", f"{either(GROUPINGS)}.", candidates=GROUPINGS, default=GROUPINGS[0])
REV = option("REV", "Read the file as of a git revision.", "--rev", candidates=revisions)


class From(Group):
    """Which record."""

    file: str | None = FILE
    rev: str | None = REV

    @property
    def place(self) -> "Place":
        """The file that the options choose."""
        from kztimeline.files.place import place

        return place(self.file)

    def read(self, keep: "Keep | None" = None) -> "Reading":
        """The record, refused if its meaning is doubtful; perhaps without what `keep` refuses."""
        from kztimeline.files.place import read, timeline
        from kztimeline.record.reading import everything

        found = read(self.place, self.rev, keep or everything)
        timeline(found)
        progress.tell("Preparing the output")
        return found


def reference_day(place: "Place", typed: str | None = None) -> date:
    """The day typed, else that of a file's last commit, else today. Raises `KztError`."""
    from kztimeline.files.git import last_day
    from kztimeline.query.filter import typed_date

    today = date.today()
    if typed is not None:
        return typed_date(typed, "--today", today).latest or today
    committed = None if place.path is None or place.bundled else last_day(place.path)
    return committed or today


class To(Group):
    """Where the output goes."""

    output: Path | None = option(
        "FILE", "Write to a file, whole or not at all; - is standard output.", "--output", "-o"
    )

    @property
    def is_terminal(self) -> bool:
        """Whether a person will see it at once."""
        return self._is_standard and output.is_terminal()

    @property
    def _is_standard(self) -> bool:
        """Whether it is standard output, which - names as it names standard input."""
        return self.output is None or str(self.output) == "-"

    def format(self, asked: str | None, answer: str) -> str:
        """The format asked for, else a table on a terminal and plain lines elsewhere."""
        if asked is None:
            return "table" if self.is_terminal else "plain"
        from kztimeline.query.filter import one_of

        one_of("format", [asked], VIEWS[answer])
        if asked == "docx" and self._is_standard:
            raise KztError("docx is for a file: -o FILE")
        return asked

    def show(self, answer: str, form: str, value: Any, origin: From, **how: Any) -> None:
        """Write an answer in one of its formats; `how` is what `How` has."""
        if form == "table":
            from kztimeline.renderers.terminal import screen

            how["screen"] = screen(output.width(), output.encoding(), is_terminal=self.is_terminal)
        self.write(view(answer, form, value, How(**how)), origin)

    def write(self, text: str | bytes, origin: From) -> None:
        """Write what a record rendered to, never over that record."""
        if self.output is None or (self._is_standard and isinstance(text, str)):
            output.page(str(text))
            return
        from kztimeline.files import write

        data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        stream = write.save(self.output, data, origin.place.path, output.complain)
        if stream is None:
            return
        if isinstance(text, bytes):
            raise KztError(f"{self.output}: is not a regular file")
        output.send(text, stream, self.output)


# --- filters -----------------------------------------------------------------------------------


class Matters(Group):
    """Filters by what a matter is about. Their names are those of `query.filter.FIELDS`."""

    topic: list[str] | None = option(
        "TOPIC", "On any of these topics; repeatable.", "--topic", "-t", candidates=names("topic")
    )
    matter: list[str] | None = option(
        "MATTER", "What sets or finds this matter; repeatable.", candidates=names("matter")
    )

    def criteria(self) -> "Criteria":
        """The filters as typed, without those that weren't."""
        from kztimeline.query.filter import Criteria

        return Criteria(**{name: value for name, value in vars(self).items() if value is not None})


class Things(Matters):
    """All filters but those by date."""

    kind: list[str] | None = option(
        "KIND", "Of any of these kinds; repeatable.", "--kind", "-k", candidates=KINDS
    )
    source: list[str] | None = option(
        "SOURCE",
        "What cites this source; repeatable.",
        "--source",
        "-s",
        candidates=names("source"),
    )
    perspective: list[str] | None = option(
        "PERSPECTIVE",
        f"Reported by {', '.join(PERSPECTIVES)}; repeatable.",
        candidates=PERSPECTIVES,
    )
    status: list[str] | None = option(
        "STATUS", f"{', '.join(STATUSES)}; repeatable.", candidates=STATUSES
    )
    contested: bool = switch("Only what a citation disputes.", "--contested")
    search: list[str] | None = option(
        "WORDS",
        "Beginnings of words in its texts, topics, matters and sources; repeatable.",
        "--search",
        "-q",
    )


class Filters(Things):
    """All filters."""

    since: str | None = option("DATE", 'From its first day on: 2019, "June 2020", 5y (ago).')
    until: str | None = option("DATE", "Through its last day.")
    within: str | None = option("DATE", "From its first day to its last.", "--in")
    certain: bool = switch("Leave out what is only possibly in the period.", "--certain")


class Sorted(Filters):
    """All filters, and the order of what they find."""

    sort: str = option("KEY", f"{', '.join(SORTS)}.", candidates=SORTS, default="date")
    reverse: bool = switch("Last first.", "--reverse")
    limit: int | None = typer.Option(None, metavar="N", min=0, help="At most N events.")


class Logged(Things):
    """Which commits, by what they did and when."""

    since: str | None = option("WHEN", "From a day on, or after a revision.", candidates=revisions)
    until: str | None = option("WHEN", "Through a day, or a revision.", candidates=revisions)
    limit: int | None = typer.Option(None, metavar="N", min=0, help="At most N commits.")
