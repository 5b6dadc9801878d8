"""The `kzt` command: which module has which command, and how the process ends."""

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from kztimeline import __version__
from kztimeline.cli import output
from kztimeline.cli.options import Command, expanded
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "list": ("read", "list_events"),
    "show": ("read", "show"),
    "names": ("read", "list_names"),
    "timeline": ("read", "draw"),
    "stats": ("read", "stats"),
    "diff": ("compare", "diff"),
    "state": ("compare", "state"),
    "gaps": ("compare", "gaps"),
    "log": ("compare", "log"),
    "export": ("publish", "export"),
    "check": ("contribute", "check"),
    "todo": ("compare", "todo"),
    "schema": ("contribute", "schema"),
    "init": ("contribute", "init"),
    "add": ("contribute", "add"),
    "fmt": ("contribute", "fmt"),
    "merge": ("contribute", "merge"),
    "version": ("manual", "version"),
    "help": ("manual", "show"),
}
"""Command to its module and function, in the order of the help."""


def function_of(name: str) -> Callable[..., None]:
    """The function of a command, whose module is imported with it."""
    module, function = COMMANDS[name]
    found: Callable[..., None] = getattr(import_module(f"kztimeline.cli.{module}"), function)
    return found


class Commands(TyperGroup):
    """All commands, of which only the one that is asked for gets its options.

    To build them all would take a third of the time that `kzt list` takes.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": dict.fromkeys(COMMANDS)})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """A command as it stands in a list of all."""
        known = cmd_name in COMMANDS
        return TyperCommand(cmd_name, help=getdoc(function_of(cmd_name))) if known else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is asked for, and the words behind it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(name, cls=Command)(expanded(function_of(name)))
            command = typer.main.get_command(alone)
        return name, command, rest


app = typer.Typer(
    cls=Commands,
    # Help without rich: it would double the time that --help and a usage error take.
    rich_markup_mode=None,
    # It is among the options that `expanded` gives to every command.
    context_settings={"help_option_names": []},
)


def _show_version(asked: bool) -> None:
    if asked:
        output.write(f"kzt {__version__}\n")
        raise typer.Exit


def kzt(
    ctx: typer.Context,
    _version: bool = typer.Option(
        False, "--version", "-V", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Keep a country's legal and human-rights reforms as one plain TOML file.

    \b
    Find out:
      kzt list --topic assembly --since 2019    what happened
      kzt show 2020-assembly-law                one event, who says so, who disputes it
      kzt state 2015                            what stood at the end of a year
      kzt diff 2015 2021 --topic expression     what changed between two dates
      kzt gaps --topic torture                  what was asked and never answered

    \b
    Pass it on:
      kzt export docx -o report.docx            a Word file with footnotes
      kzt export html -o record.html            a page for everybody
      kzt export csv -o record.csv              a table for spreadsheets

    \b
    Contribute:
      kzt add                                   a new event, asked for part by part
      kzt check                                 all that is wrong in the file

    "kzt help" opens the manual; "kzt help diff" tells all about a command, "kzt help dates" and
    format, contribute, review, publish and python about a subject.
    """
    if ctx.invoked_subcommand is None:
        from kztimeline.cli.manual import show_usage

        show_usage(ctx.get_help())


app.callback(invoke_without_command=True)(expanded(kzt))


# typer has no public name for the base class of its usage errors.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> NoReturn:
    """Run `kzt`: every expected error becomes one line on stderr and exit code 2."""
    progress.watch()
    try:
        code = _run()
    except KztError as error:
        output.complain(map(str, error.args))
        code = 2
    except _UsageError as error:
        output.complain([_usage(error)])
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
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
    command = typer.main.get_command(app)
    try:
        if _COMPLETE in os.environ or "completion" in "".join(sys.argv[1:2]):
            from kztimeline.cli import completion

            offered = completion.answer(command, os.environ.get(_COMPLETE, ""))
            if offered is not None:
                return output.write(offered)
        width = max(output.width(), 20)
        return command.main(prog_name="kzt", standalone_mode=False, terminal_width=width)
    except OSError as error:
        # Only what typer writes by itself, such as help, ends here.
        output.give_up(error)


def _usage(error: Any) -> str:
    message = shorten(error.format_message().rstrip("."), 200)
    if near := getattr(error, "possibilities", None):
        message = f"No such option: {shorten(error.option_name)} (did you mean {near[0]}?)"
    named = " ".join(["kzt", *(word for word in sys.argv[1:2] if word in COMMANDS)])
    command = error.ctx.command_path if error.ctx else named
    behind = [word for word in sys.argv[2:] if word in COMMANDS]
    if command == "kzt" and behind and (option := getattr(error, "option_name", "")):
        message = f"No such option: {shorten(option)} (options follow the command: kzt {behind[0]})"
    return f"{command}: {message[:1].lower()}{message[1:]} (see {command} --help)"
