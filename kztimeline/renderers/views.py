"""Which answer has which format: the one table of views, and how each is asked for.

A module of a format is imported when it is asked for; help names the formats, and needs nothing
else of this.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from kztimeline.record.model import Timeline
    from kztimeline.renderers.layout import Line
    from kztimeline.renderers.terminal import Screen

STYLES: Final = ("full", "table")
CITATIONS: Final = ("footnotes", "pandoc")


class How(NamedTuple):
    """How an answer is shown, beside its format; each view takes of it what it needs."""

    closing: str = ""
    """What is shown, in words: ``3 of 88 events · topic assembly``, and the commit if any."""
    by_year: bool = True
    """Whether the events stand in the order of their dates."""
    style: str = STYLES[0]
    """Of Markdown: one of `STYLES`."""
    citations: str = CITATIONS[0]
    """Of Markdown: one of `CITATIONS`."""
    by: str = "topic"
    """Of SVG: what its lanes are."""
    screen: "Screen | None" = None
    """What a table goes to."""
    names: tuple[str, str] = ("", "")
    """What the two sides of a diff are called."""
    warnings: tuple[str, ...] = ()
    """What a reviewer should look at in an edit."""


View = Callable[[Any, How], "str | bytes | Iterable[Line]"]
"""An answer, and how it is shown → a text, a file's bytes, or lines to be laid out."""


def _in(module: str) -> Any:
    return import_module(f"kztimeline.renderers.{module}")


def _export(module: str) -> View:
    return lambda selection, how: _in(module).export(selection, how)


def _notes(lines: "Iterable[Line]", timeline: Any) -> str:
    text: str = _in("notes").laid_out(lines, timeline)
    return text


def _layout(lines: View) -> dict[str, View]:
    """The table and the plain form of what is laid out in lines."""
    return {"table": lines, "plain": lines}


def _word(markdown: View) -> View:
    return lambda answer, how: _in("word").document(markdown(answer, how))


def _and_word(views: Mapping[str, View]) -> Mapping[str, View]:
    """The same views, and Word behind Markdown."""
    found: dict[str, View] = {}
    for form, view in views.items():
        found |= {form: view, "docx": _word(view)} if form == "md" else {form: view}
    return found


_VIEWS: Final[Mapping[str, Mapping[str, View]]] = {
    "list": {
        "table": lambda found, how: _in("terminal").events(found, how.closing, how.screen),
        "plain": lambda found, _: _in("plain").events(found),
        "tsv": lambda found, _: _in("plain").events_tsv(found),
        "md": _export("markdown"),
        "json": _export("json"),
        "ids": lambda found, _: _in("plain").ids(found),
    },
    "show": _layout(lambda found, _: _in("show").things(*found))
    | {
        "md": lambda found, _: _notes(_in("show").things(*found), found[0]),
        "json": lambda found, _: _in("json").shown(found[1]),
    },
    "names": {
        "table": lambda found, _: _in("show").names(found),
        "plain": lambda found, _: _in("plain").names(found),
        "csv": lambda found, _: _in("csv").names(found),
        "json": lambda found, _: _in("json").array(found),
    },
    "timeline": {
        "table": lambda drawn, how: _in("timeline").picture(
            drawn[0], drawn[1], how.closing, how.screen, drawn[2]
        ),
        "plain": lambda drawn, _: _in("timeline").plain(*drawn[:2]),
        "json": lambda drawn, _: _in("json").lanes(*drawn),
    },
    "stats": {
        "table": lambda counted, how: _in("terminal").stats(*counted, how.closing, how.screen),
        "plain": lambda counted, _: _in("plain").stats(counted[1]),
        "json": lambda counted, _: _in("json").stats(counted[1]),
    },
    "diff": _layout(lambda found, how: _in("changes").diff(found, *how.names))
    | {
        "md": lambda found, how: _in("markdown").diff(found, *how.names, how.warnings),
        "json": lambda found, how: _in("json").diff(found, *how.names),
    },
    "state": {
        "table": lambda found, how: _in("terminal").state(*found, how.screen),
        "plain": lambda found, _: _in("state").plain(found[2]),
        "md": lambda found, _: _notes(_in("state").lines(*found), found[0]),
        "json": lambda found, _: _in("json").state(found[0], found[1].text, found[2]),
    },
    "gaps": {
        "table": lambda found, _: _in("gaps").lines(*found),
        "plain": lambda found, _: _in("gaps").plain(found[0]),
        "md": lambda found, _: _notes(_in("gaps").lines(*found), found[0].timeline),
        "json": lambda found, _: _in("json").gaps(found[0]),
    },
    "todo": {
        "table": lambda found, _: _in("gaps").todo(found[1]),
        "plain": lambda found, _: _in("plain").todo(found[1]),
        "md": lambda found, _: _notes(_in("gaps").todo(found[1]), found[0]),
        "json": lambda found, _: _in("json").array(found[1]),
    },
    "log": {
        "table": lambda logged, _: _in("changes").log(*logged, most=20),
        "plain": lambda logged, _: _in("changes").log(*logged, most=None),
        "json": lambda logged, _: _in("json").log(logged[0]),
    },
    "export": {
        "md": _export("markdown"),
        "html": _export("html"),
        "json": _export("json"),
        "csv": _export("csv"),
        "csl": _export("csl"),
        "timelinejs": _export("timelinejs"),
        "mermaid": _export("mermaid"),
        "svg": _export("svg"),
        "toml": _export("toml"),
    },
    "check": {
        "text": lambda checked, _: _in("problems").text(checked),
        "github": lambda checked, _: _in("problems").github(checked),
        "json": lambda checked, _: _in("json").problems(checked),
    },
}
VIEWS: Final = MappingProxyType({answer: _and_word(views) for answer, views in _VIEWS.items()})
"""Answer to format to view."""


def view(answer: str, form: str, value: Any, how: How) -> str | bytes:
    """An answer in one of its formats, as a text whose parts passed the gate or as a file."""
    found = VIEWS[answer][form](value, how)
    if isinstance(found, str | bytes):
        return found
    is_table = form == "table"
    text: str = _in("terminal").lines(found, how.screen) if is_table else _in("layout").plain(found)
    return text


def render(timeline: "Timeline", form: str = "md") -> str | bytes:
    """A whole record in one of the formats of `kzt export`, in date order; a Word file as bytes.

    Raises `KztError` for a format that there is none of.
    """
    from kztimeline.query.filter import Criteria, Filter, one_of, select, summary

    one_of("format", [form], VIEWS["export"])
    chosen = select(timeline, Filter())
    return view("export", form, chosen, How(summary(chosen, Criteria())))
