"""The manual: `kzt help`, `version`, and what `--help` prints."""

import re
from pathlib import Path
from typing import Final

from kztimeline import __version__
from kztimeline.cli import output
from kztimeline.cli.options import argument
from kztimeline.text import colour

FOLDER: Final = Path(__file__).parent.parent / "manual"
_START: Final = "kzt"


def topics() -> list[str]:
    """The pages there are."""
    return sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != _START)


def show(
    topic: str = argument("[TOPIC]", "A command or a subject.", topics, default=_START),
) -> None:
    """Show the manual: where to begin, a subject, or a command in full.

    The subjects are format, dates, contribute, review, publish and python. Into a pipe go the
    pages as they are written, in Markdown.

    \b
    Examples:
      kzt help
      kzt help dates
      kzt help diff
    """
    from kztimeline.query.filter import one_of

    if topic != _START:
        one_of("topic", [topic], topics())
    text = (FOLDER / f"{topic}.md").read_text("utf-8")
    if output.is_terminal():
        from kztimeline.renderers import terminal

        to = terminal.screen(min(output.width(), 100), output.encoding(), is_terminal=True)
        text = terminal.markdown(text, to)
    output.page(text)


def version() -> None:
    """Show the version, as --version and -V do.

    \b
    Examples:
      kzt version
    """
    output.write(f"kzt {__version__}\n")


_HEAD = re.compile(r"^ *(?:Usage|Arguments|Options|Commands|[A-Z][a-z ]*):", re.MULTILINE)
_NAME = re.compile(r"^  (-[\w-]+(?:, -[\w-]+)*|[a-z]+(?=  ))", re.MULTILINE)


def show_usage(text: str) -> None:
    """Show what `--help` says, in colour where there is any."""
    if colour.is_wanted(is_terminal=output.is_terminal()):
        text = _NAME.sub(lambda found: f"  {colour.paint(found[1], 'id')}", text)
        text = _HEAD.sub(lambda found: colour.paint(found[0], "title"), text)
    output.page(f"{text}\n")
