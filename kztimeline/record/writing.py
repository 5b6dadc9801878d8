"""Tables of a record as canonical TOML: keys in their order, each in its layout."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kztimeline.record.keys import PROSE, names_of
from kztimeline.toml import writing

Plain = Mapping[str, Any]
"""A table as the parser, or JSON, gives it."""

ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    table: names_of(table) for table in ("timeline", "topic", "matter", "source", "event")
}
"""The tables of a file and the keys of each, in their order."""


def line_end(text: str) -> str:
    """How most lines of a text end."""
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def table(header: str, raw: Plain, order: Sequence[str], newline: str) -> str:
    """A table in canonical layout, without a line end after it."""
    entries = (entry(key, raw[key], newline) for key in sorted(raw, key=order.index))
    return newline.join([header, *entries])


def entry(key: str, value: Any, newline: str) -> str:
    """A key with its value in canonical layout, without a line end after it."""
    if key == "sources":
        citations = ({k: c[k] for k in sorted(c, key=names_of("citation").index)} for c in value)
        text = writing.rows(map(writing.value, citations), newline)
    elif key in PROSE:
        text = writing.paragraphs(value.replace("\r\n", "\n"), newline)
    else:
        text = writing.value(value)
    return f"{key} = {text}"
