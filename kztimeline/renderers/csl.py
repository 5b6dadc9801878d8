"""CSL-JSON: the documents cited, for pandoc, Zotero and other programs that make bibliographies.

Citation Style Language 1.0.2, csl-data.json. Dates keep their precision; those that date-parts
can't hold are written in words. Texts are the record's; a processor may take ``<i>`` and its like
in them for styling.
"""

import re
from typing import Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection
from kztimeline.record.model import Source
from kztimeline.renderers.json import text
from kztimeline.renderers.show import paragraphs
from kztimeline.renderers.views import How
from kztimeline.text.gate import is_web_address


def export(selection: Selection, _: How) -> str:
    """The documents that the events selected cite, in the order of the record."""
    timeline, events = selection.timeline, selection.events
    cited = {citation.source for event in events for citation in event.sources}
    return text([_item(key, one) for key, one in timeline.sources.items() if key in cited])


def _item(key: str, source: Source) -> dict[str, Any]:
    item: dict[str, Any] = {"id": key, "type": source.type, "title": source.title}
    if source.authors:
        # Whether an author is a person or a body isn't known, nor which name is the family's.
        item["author"] = [{"literal": author} for author in source.authors]
    for variable in ("number", "publisher", "language"):
        if value := getattr(source, variable):
            item[variable] = value
    item["issued"] = _issued(source.date)
    if source.url and is_web_address(source.url):
        item["URL"] = source.url
    if source.archive and is_web_address(source.archive):
        item["archive"] = source.archive
    if source.note:
        note = " ".join(paragraphs(source.note))
        item["annote" if FIELD.search(note) else "note"] = note
    return item


FIELD: Final = re.compile(r"\{:|^\s*[\w-]+\s*:")
"""What processors read as a field in a note, not in an annotation: "publisher: …", "{:URL:…}"."""


def _issued(date: PartialDate) -> dict[str, Any]:
    start, slash, end = date.text.partition("/")
    ends = [_parts(start), *([[0] if end == ".." else _parts(end)] if slash else [])]
    if None in ends:
        return {"literal": date.words()}
    issued: dict[str, Any] = {"date-parts": ends}
    return issued | {"circa": True} if date.qualified else issued


_PARTS: Final = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?[?~%]?")


def _parts(date: str) -> list[int] | None:
    """A year, or year and month, or a day; None for what these can't hold."""
    found = _PARTS.fullmatch(date)
    return [int(part) for part in found.groups() if part] if found else None
