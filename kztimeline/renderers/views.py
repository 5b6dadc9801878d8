"""Timeline → text: one small module per format, and the formats that `kzt export` offers.

A module of `RENDERERS` has one function, ``export``, and is imported when it is asked for.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

# Help names the formats, and needs nothing else of this.
if TYPE_CHECKING:
    from kztimeline.query.filter import Selection

STYLES: Final = ("full", "table")
CITATIONS: Final = ("footnotes", "pandoc")


class Export(NamedTuple):
    """What is exported, and the choices that some formats have."""

    selection: "Selection"
    closing: str
    """What is shown, in words: ``3 of 88 events · topic assembly``, and the commit if any."""
    by_year: bool = True
    """Whether the events stand in the order of their dates."""
    style: str = STYLES[0]
    """Of Markdown: one of `STYLES`."""
    citations: str = CITATIONS[0]
    """Of Markdown: one of `CITATIONS`."""


def _export(module: str, exported: Export) -> str:
    text: str = import_module(f"kztimeline.renderers.{module}").export(exported)
    return text


RENDERERS: Final[Mapping[str, Callable[[Export], str]]] = MappingProxyType(
    {
        "md": partial(_export, "markdown"),
        "html": partial(_export, "html"),
        "json": partial(_export, "json"),
        "csv": partial(_export, "csv"),
        "csl": partial(_export, "csl"),
        "timelinejs": partial(_export, "timelinejs"),
        "mermaid": partial(_export, "mermaid"),
        "toml": partial(_export, "toml"),
    }
)
