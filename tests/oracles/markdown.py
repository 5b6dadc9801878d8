"""Markdown as cmark-gfm and pandoc read it, and where hostile texts make a reader take it otherwise.

A document is rendered twice, once with harmless words in place of the hostile texts. Read back,
both must be the same sequence of elements, links and texts, but for each word, in whose place
stands the hostile text to the letter. Code spans count as text: putting one around what GitHub
would link is our means.
"""

import html.parser
import json
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, zip_longest
from typing import Any

import cmarkgfm
import pypandoc
from cmarkgfm.cmark import Options

from kztimeline.text.gate import is_rtl, line

Reader = Callable[[str], list[str]]
"""Markdown → its texts and, each after a NUL, its elements, in order."""

ELEMENT = "\0"


class _Elements(html.parser.HTMLParser):
    """HTML → elements and texts; `loose` has the texts that GitHub looks for references in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loose: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        told = "".join(f" {name}={value}" for name, value in attrs)
        self.found += [] if tag == "code" else [f"{ELEMENT}{tag}{told}"]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.within:
            self.within = self.within[: -self.within[::-1].index(tag) - 1]
        self.found += [] if tag == "code" else [f"{ELEMENT}/{tag}"]

    def handle_data(self, data: str) -> None:
        self.found.append(data)
        if not {"a", "code"} & set(self.within):
            self.loose.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"{ELEMENT}comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


LIVE = re.compile(
    r"@\w|\#\d|\bgh-\d|://|www\.|:[a-z0-9_+-]+:|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b|\bcve-\d|\bghsa-",
    re.IGNORECASE | re.ASCII,
)
"""What GitHub would link, or replace, in a text that is neither code nor a link."""


def _html(text: str, extensions: list[str]) -> list[str]:
    page = _Elements()
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    page.feed(cmarkgfm.markdown_to_html_with_extensions(text, options, extensions))
    page.close()
    live = [found for text in page.loose if (found := LIVE.search(text))]
    return _joined([*page.found, *(f"{ELEMENT}github {found[0]}" for found in live)])


def _joined(found: Iterable[str]) -> list[str]:
    """Texts between the same two elements as one, without what white space can differ in."""
    parts = []
    for is_element, group in groupby(found, lambda part: part.startswith(ELEMENT)):
        texts = list(group)
        parts += texts if is_element else [re.sub(r"[ \n\t]+", " ", "".join(texts)).strip(" ")]
    return [part for part in parts if part]


def commonmark_footnotes(text: str) -> list[str]:
    return _html(text, [])


def github(text: str) -> list[str]:
    return _html(text, ["table", "autolink", "strikethrough", "tagfilter", "tasklist"])


def pandoc(form: str) -> Reader:
    def read(text: str) -> list[str]:
        command = [pypandoc.get_pandoc_path(), f"--from={form}", "--to=json"]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        document = json.loads(done.stdout)
        return _joined([f"{ELEMENT}meta {document['meta']}", *_nodes(document["blocks"])])

    return read


_QUOTES = {"DoubleQuote": "“”", "SingleQuote": "‘’"}


def _nodes(node: Any) -> Iterator[str]:
    """Pandoc's syntax tree → elements and texts."""
    if isinstance(node, list):
        for child in node:
            yield from _nodes(child)
    elif isinstance(node, dict) and "t" in node:
        yield from _node(node["t"], node.get("c"))


def _node(kind: str, content: Any) -> Iterator[str]:
    if kind == "Str":
        yield content
    elif kind == "Code":
        yield from [f"{ELEMENT}Code {content[0]}"] if any(content[0]) else []
        yield content[1]
    elif kind in ("Space", "SoftBreak"):
        yield " "
    elif kind == "Quoted":
        quotes = _QUOTES[content[0]["t"]]
        yield quotes[0]
        yield from _nodes(content[1])
        yield quotes[1]
    elif kind in ("BulletList", "OrderedList"):
        yield f"{ELEMENT}{kind}"
        for item in content if kind == "BulletList" else content[1]:
            yield f"{ELEMENT}item"
            yield from _nodes(item)
        yield f"{ELEMENT}/{kind}"
    elif kind == "Cite":
        # What it would be without a bibliography, the second part of its content, isn't shown.
        for one in content[0]:
            yield f"{ELEMENT}Cite {one['citationId']} {one['citationMode']['t']}"
            yield from _nodes([one["citationPrefix"], one["citationSuffix"]])
            yield f"{ELEMENT}/Cite"
    elif not kind.startswith(("Align", "ColWidth")):
        yield f"{ELEMENT}{kind}{_told(kind, content)}"
        yield from _nodes(content)
        yield f"{ELEMENT}/{kind}"


def _told(kind: str, content: Any) -> str:
    """What, besides its children, tells an element from others: level, target, attributes."""
    if kind == "Header":
        return f" {content[0]} {content[1][1:]}"
    if kind in ("Link", "Image"):
        return f" {content[0][1:]} {content[2]}"
    if kind in ("Div", "Span"):
        return f" {content[0]}"
    if kind in ("Math", "RawInline", "RawBlock", "CodeBlock"):
        return f" {content}"
    return ""


PANDOCS = {
    f"pandoc {form}": pandoc(form) for form in ("markdown", "markdown-smart", "gfm", "commonmark_x")
}
READERS: dict[str, Reader] = {"github": github, "commonmark": commonmark_footnotes, **PANDOCS}


def read_all(text: str, readers: Iterable[str] = READERS) -> dict[str, list[str]]:
    """The document as each reader takes it; the pandocs, processes of their own, side by side."""
    with ThreadPoolExecutor() as pool:
        pandocs = {name: pool.submit(READERS[name], text) for name in readers if name in PANDOCS}
        # cmark-gfm is for one thread only.
        return {
            name: pandocs[name].result() if name in pandocs else READERS[name](text)
            for name in readers
        }


# --- the same document with harmless words ------------------------------------------------------

Document = Callable[[list[str]], str]
"""Texts → Markdown that shows each of them in every place that it has."""


def stand_in(number: int, text: str) -> str:
    """A harmless word, as long as the text that it stands for."""
    # What is read from the right stays so, since it has a line of its own.
    return f"zq{number}q".ljust(len(line(text)) - 1, "q") + ("א" if is_rtl(text) else "z")


def shown(text: str) -> str:
    """What a reader must show: the gated text, without what white space can differ in."""
    return re.sub(r"[ \n\t]+", " ", line(text).strip())


def expected(document: Document, texts: list[str], readers: Iterable[str]) -> dict[str, list[str]]:
    harmless = read_all(document([stand_in(n, text) for n, text in enumerate(texts)]), readers)
    return {
        name: [
            re.sub(r"zq(\d+)q+[zא]", lambda found: shown(texts[int(found[1])]), part)
            for part in read
        ]
        for name, read in harmless.items()
    }


def differences(
    document: Document, texts: list[str], readers: Iterable[str] = READERS
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Where a reader takes a document otherwise than with harmless words: what is read, was due."""
    actual, due = read_all(document(texts), readers), expected(document, texts, readers)
    for name in readers:
        # Two of pandoc's readers compose characters: é of two is read as é of one.
        read, wanted = ([_composed(part) for part in parts[name]] for parts in (actual, due))
        at = next(
            (n for n, pair in enumerate(zip_longest(read, wanted)) if len(set(pair)) > 1), None
        )
        if at is not None:
            yield name, read[max(0, at - 3) : at + 4], wanted[max(0, at - 3) : at + 4]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
