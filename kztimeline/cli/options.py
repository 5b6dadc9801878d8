"""Options that several commands share, in groups: a command takes groups, users see options."""

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from typer.core import TyperCommand
from typer.models import OptionInfo

from kztimeline.cli import output
from kztimeline.record.model import KINDS, PERSPECTIVES, SORTS, STATUSES
from kztimeline.renderers.views import VIEWS, How, view
from kztimeline.text import progress
from kztimeline.text.errors import KztError

if TYPE_CHECKING:
    from kztimeline.files.place import Place
    from kztimeline.query.filter import Criteria
    from kztimeline.record.model import Timeline
    from kztimeline.record.reading import Keep, Reading
    from kztimeline.renderers.terminal import Screen

_KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Group:
    """Options as annotated attributes with defaults, those of its bases first.

    A dataclass would be made anew at every start, which takes longer than all it is used for.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The annotations of the options by name."""
        bases = [base for base in reversed(cls.__mro__) if issubclass(base, Group)]
        return {
            name: annotation
            for base in bases
            for name, annotation in inspect.get_annotations(base).items()
        }


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each group in a command's signature by its options, and gather them again.

    An option of a single value is taken as often as it is given, so that a second one is refused
    instead of replacing the first.
    """
    groups: dict[str, type[Group]] = {}
    single: dict[str, str] = {}
    parameters = []

    def add(name: str, annotation: Any, default: Any) -> None:
        value, *more = get_args(annotation) or (annotation,)
        if more and isinstance(more[0], OptionInfo) and value in _LISTS:
            single[name] = max(more[0].param_decls or [f"--{name}"], key=len)
            annotation = Annotated[_LISTS[value], more[0]]
            default = None if default is None else [default]
        parameters.append(inspect.Parameter(name, _KEYWORD, default=default, annotation=annotation))

    for parameter in inspect.signature(command).parameters.values():
        annotation = parameter.annotation
        if isinstance(annotation, type) and issubclass(annotation, Group):
            groups[parameter.name] = annotation
            for name, option in annotation.options().items():
                add(name, option, getattr(annotation, name, None))
        else:
            add(parameter.name, annotation, parameter.default)

    @wraps(command)
    def run(**values: Any) -> None:
        for name in _LOOKS:
            del values[name]
        for name, flag in single.items():
            values[name] = one(values[name], flag)
        for name, group in groups.items():
            values[name] = group(**{option: values.pop(option) for option in group.options()})
        command(**values)

    parameters += [inspect.Parameter(name, _KEYWORD, **made) for name, made in _LOOKS.items()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


_LISTS: Mapping[Any, Any] = {
    str: list[str],
    str | None: list[str] | None,
    Path | None: list[Path] | None,
    int | None: list[int] | None,
}


def one(given: Any, flag: str = "") -> Any:
    """The single value of an option that was taken as a list. Raises `KztError` for several."""
    if not isinstance(given, list | tuple):
        return given
    if len(given) > 1 and flag:
        raise KztError(f"{flag} is given {'twice' if len(given) == 2 else 'several times'}")
    return given[-1] if given else None


class Command(TyperCommand):
    """A command that remembers in what order its options came: ``ctx.meta["order"]``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line, as typer does."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        ctx.meta["order"] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


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
        from kztimeline.cli import pager

        pager.is_on = False


def _look(kind: Any, default: Any, text: str, *flags: str, **more: Any) -> Mapping[str, Any]:
    """A parameter that is told to its callback before the command runs, and to nobody else."""
    made = typer.Option(*flags, help=text, is_eager=True, expose_value=False, **more)
    return {"default": default, "annotation": Annotated[kind, made]}


_LOOKS = {
    "color": _look(
        str,
        _COLOURS[0],
        "auto, always or never.",
        "--color",
        metavar="WHEN",
        callback=_choose_colour,
        autocompletion=lambda incomplete: [c for c in _COLOURS if c.startswith(incomplete)],
    ),
    "no_pager": _look(
        bool, False, "Write all at once, however long.", "--no-pager", callback=_choose_pager
    ),
    "help": _look(bool, False, "Show this message and exit.", "--help", "-h", callback=_show_usage),
}


# --- candidates for completion -----------------------------------------------------------------


def names(kind: str) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    """Candidates from the record at hand, with their titles."""

    def candidates(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from kztimeline.cli import completion

        known = completion.names(kind, one(ctx.params.get("file")), one(ctx.params.get("rev")))
        return [(name, title) for name, title in known if name.startswith(incomplete)]

    return candidates


def values(*known: str) -> Callable[[str], list[str]]:
    """Candidates that are the same for every record."""
    return lambda incomplete: [value for value in known if value.startswith(incomplete)]


def revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    """The branches and tags of the record's repository."""
    from kztimeline.cli import completion

    known = completion.revisions(one(ctx.params.get("file")))
    return [name for name in known if name.startswith(incomplete)]


# --- options and arguments ---------------------------------------------------------------------


def option(metavar: str, text: str, *flags: str, candidates: Any = None) -> Any:
    """An option that takes a value."""
    return typer.Option(*flags, metavar=metavar, help=text, autocompletion=candidates)


def argument(metavar: str, text: str, candidates: Any = None) -> Any:
    """An argument."""
    return typer.Argument(metavar=metavar, help=text, autocompletion=candidates, show_default=False)


def formats(answer: str, default: str = "table on a terminal, else plain") -> Any:
    """The option for the formats that an answer has."""
    *others, last = VIEWS[answer]
    text = f"{', '.join(others)} or {last}. [default: {default}]"
    return option("FORMAT", text, "--format", candidates=values(*others, last))


FILE = option(
    "FILE",
    "The events file; - is standard input. [default: $KZT_FILE, else the nearest events.toml"
    " upward from here, else the bundled record]",
    "--file",
)
REV = option("REV", "Read the file as of a git revision.", "--rev", candidates=revisions)


class From(Group):
    """Which record."""

    file: Annotated[str | None, FILE] = None
    rev: Annotated[str | None, REV] = None

    @property
    def place(self) -> "Place":
        """The file that the options choose."""
        from kztimeline.files.place import place

        return place(self.file)

    def read(self, keep: "Keep | None" = None) -> "tuple[Reading, Timeline]":
        """The record, refused if its meaning is doubtful; perhaps without what `keep` refuses."""
        from kztimeline.files.place import read, timeline
        from kztimeline.record.reading import everything

        reading = read(self.place, self.rev, keep or everything)
        found = timeline(reading)
        progress.tell("Preparing the output")
        return reading, found


def reference_day(place: "Place", typed: str | None = None) -> date:
    """The day typed, else that of a file's last commit, else today. Raises `KztError`."""
    from kztimeline.files.git import last_day
    from kztimeline.query.filter import typed_date

    today = date.today()
    if typed is not None:
        return typed_date(typed, "--today", today).latest or today
    committed = None if place.path is None or place.bundled else last_day(place.path)
    return committed or today


_OUTPUT = option(
    "FILE", "Write to a file, whole or not at all; - is standard output.", "--output", "-o"
)


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
        screen = self._screen() if form == "table" else None
        self.write(view(answer, form, value, How(screen=screen, **how)), origin)

    def _screen(self) -> "Screen":
        from kztimeline.renderers.terminal import screen

        return screen(output.width(), output.encoding(), is_terminal=self.is_terminal)

    def write(self, text: str | bytes, origin: From) -> None:
        """Write what a record rendered to, never over that record."""
        if self.output is None or (self._is_standard and isinstance(text, str)):
            output.page(str(text))
            return
        from kztimeline.files import write

        data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        stream = write.save(self.output, data, origin.place.path, output.complain)
        if stream is not None and isinstance(text, bytes):
            raise KztError(f"{self.output}: is not a regular file")
        if stream is not None:
            output.send(str(text), stream, self.output)


# --- filters -----------------------------------------------------------------------------------


class Matters(Group):
    """Filters by what a matter is about. Their names are those of `query.filter.FIELDS`."""

    topic: Annotated[
        list[str] | None,
        option(
            "TOPIC",
            "On any of these topics; repeatable.",
            "--topic",
            "-t",
            candidates=names("topic"),
        ),
    ] = None
    matter: Annotated[
        list[str] | None,
        option(
            "MATTER",
            "What sets or finds this matter; repeatable.",
            "--matter",
            candidates=names("matter"),
        ),
    ] = None

    def criteria(self) -> "Criteria":
        """The filters as typed, without those that weren't."""
        from kztimeline.query.filter import Criteria

        return Criteria(**{name: value for name, value in vars(self).items() if value is not None})


class Things(Matters):
    """All filters but those by date."""

    kind: Annotated[
        list[str] | None,
        option(
            "KIND", "Of any of these kinds; repeatable.", "--kind", "-k", candidates=values(*KINDS)
        ),
    ] = None
    source: Annotated[
        list[str] | None,
        option(
            "SOURCE",
            "What cites this source; repeatable.",
            "--source",
            "-s",
            candidates=names("source"),
        ),
    ] = None
    perspective: Annotated[
        list[str] | None,
        option(
            "PERSPECTIVE",
            f"Reported by {', '.join(PERSPECTIVES)}; repeatable.",
            "--perspective",
            candidates=values(*PERSPECTIVES),
        ),
    ] = None
    status: Annotated[
        list[str] | None,
        option(
            "STATUS",
            f"{', '.join(STATUSES)}; repeatable.",
            "--status",
            candidates=values(*STATUSES),
        ),
    ] = None
    contested: Annotated[
        bool, typer.Option("--contested", help="Only what a citation disputes.")
    ] = False
    search: Annotated[
        list[str] | None,
        option(
            "WORDS",
            "Beginnings of words in its texts, topics, matters and sources; repeatable.",
            "--search",
            "-q",
        ),
    ] = None


class Filters(Things):
    """All filters."""

    since: Annotated[
        str | None, option("DATE", 'From its first day on: 2019, "June 2020", 5y (ago).', "--since")
    ] = None
    until: Annotated[str | None, option("DATE", "Through its last day.", "--until")] = None
    within: Annotated[str | None, option("DATE", "From its first day to its last.", "--in")] = None
    certain: Annotated[
        bool, typer.Option("--certain", help="Leave out what is only possibly in the period.")
    ] = False


class Sorted(Filters):
    """All filters, and the order of what they find."""

    sort: Annotated[
        str, option("KEY", f"{', '.join(SORTS)}.", "--sort", candidates=values(*SORTS))
    ] = "date"
    reverse: Annotated[bool, typer.Option("--reverse", help="Last first.")] = False
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=0, help="At most N events.")
    ] = None


class Logged(Things):
    """Which commits, by what they did and when."""

    since: Annotated[
        str | None,
        option("WHEN", "From a day on, or after a revision.", "--since", candidates=revisions),
    ] = None
    until: Annotated[
        str | None, option("WHEN", "Through a day, or a revision.", "--until", candidates=revisions)
    ] = None
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=0, help="At most N commits.")
    ] = None


def only_matters(criteria: "Criteria", where: str) -> "Criteria":
    """Only topics and matters choose what is shown of states. Raises `KztError`."""
    from kztimeline.query.filter import Criteria

    only = Criteria(topic=criteria.topic, matter=criteria.matter)
    if criteria != only:
        raise KztError(f"{where} takes only --topic and --matter")
    return only
