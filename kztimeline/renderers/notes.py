"""Markdown's footnotes, one for each citation, and layouts as Markdown that has them.

One note a citation, because a word processor prints a note again wherever it is referred to: the
first of a document cites it in full, further ones by its title and the place in it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from kztimeline.record.model import Citation, Timeline
from kztimeline.renderers.commonmark import address, block, code, inline, link
from kztimeline.renderers.layout import Line, Part
from kztimeline.renderers.show import passage, reference


class Notes:
    """The footnotes of a document, numbered in the order in which they are referred to."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._cited: list[Citation] = []

    def mark(self, citation: Citation) -> str:
        """The reference to a new note for this citation."""
        self._cited.append(citation)
        return f"[^{len(self._cited)}]"

    def definitions(self) -> Iterator[str]:
        """The notes themselves."""
        cited: set[str] = set()
        for number, citation in enumerate(self._cited, 1):
            yield f"[^{number}]: {self._text(citation, again=citation.source in cited)}"
            cited.add(citation.source)

    def _text(self, citation: Citation, *, again: bool) -> str:
        source = self._timeline.sources[citation.source]
        # Brief where the document was cited before, by what a reader knows it by.
        name = f"“{source.title}”" if again else reference(source)
        quote = f": {inline(f'“{citation.quote}”')}" if citation.quote else ""
        where = link(citation.at, passage(source, citation))
        url = source.url or source.archive
        site = f" {address(url)}" if url and not again else ""
        return f"{block(name)}, {where}{quote}{site}"


def laid_out(lines: Iterable[Line], timeline: Timeline) -> str:
    """A layout as a document: titles as headings, indented lines as lists, citations as notes."""
    notes = Notes(timeline)
    blocks: list[str] = []
    items: list[str] = []
    for line in lines:
        if line.parts and line.indent:
            depth = (line.indent - 2) // 2 if items else 0
            items.append(f"{'  ' * depth}- {_text(line, notes)}")
            continue
        blocks += ["\n".join(items)] if items else []
        items = []
        if line.parts:
            level = _LEVELS.get(line.parts[0].style, "") if blocks else ""
            blocks.append(level + _text(line, notes))
    blocks += ["\n".join(items)] if items else []
    return "\n\n".join([*blocks, *notes.definitions()]) + "\n"


_LEVELS: Final = {"title": "## ", "heading": "### "}
"""What stands before headings, below what a document begins with."""


def _text(line: Line, notes: Notes) -> str:
    """The parts of a line: a text is escaped as a whole, since what two parts say may combine."""
    text = plain = ""
    for part in (*line.parts, Part("", "id")):
        if part.style not in _SPECIAL and part.cites is None:
            plain += part.text
            continue
        if shown := (inline(plain) if text else block(plain)):
            # Escaping strips the blanks that part it from what stands beside it.
            blank = " " if plain[-1:] == " " else ""
            text += f"{' ' if text and plain[:1] == ' ' else ''}{shown}{blank}"
        elif text and plain and not text.endswith(" "):
            text += " "
        plain = ""
        text = text.rstrip() + notes.mark(part.cites) if part.cites else text + _marked(part)
    return text.strip()


_SPECIAL: Final = ("id", "date", "disputed")


def _marked(part: Part) -> str:
    if not part.text.strip():
        return ""
    if part.style == "id":
        return code(part.text.strip())
    inside = inline(part.text)
    return f"**{inside}**" if part.style == "date" else f"*{inside}*"
