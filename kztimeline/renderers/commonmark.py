"""The gate for Markdown: any text → Markdown that shows just that text.

It holds for CommonMark, GitHub (with its autolinks, mentions, references, emoji and mathematics)
and pandoc (with smart punctuation, citations, attributes and its kinds of lists). Nothing it
writes is a command to a CI runner either, so that a log's gate has nothing to change.
"""

import html
import re

from kztimeline.text.gate import is_web_address
from kztimeline.text.gate import line as gate

# What GitHub turns into links, mentions or pictures after Markdown was read: no escape stops it,
# only code spans do. Commit hashes are known from words ("acceded") by having a digit.
_LINKED = re.compile(
    r"@|://|www\.|\#\d|\b(?:gh|cve)-\d|\bghsa-|:[\w+-]+:|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b",
    re.ASCII | re.IGNORECASE,
)
# Straight quotes, dots and hyphens: smart punctuation would show others in their place.
_SPECIAL = re.compile(r"""[\\`*_\[\]<|~^${"'\#]|&(?=[\w\#])|-(?=-)|\.(?=\.\.)|(?<=:):""")
# Pandoc's abbreviations: it puts a non-breaking space after these unless the dot is escaped.
_ABBREVIATION = re.compile(
    r"(?<![^\W_])(?:aet|aetat|al|Apr|Aug|bk|Bros|c|Capt|cf|ch|chap|chs|Co|col|Corp|cp|d|Dec|Dr|e\.g"
    r"|eds?|esp|ff?|fasc|Feb|fig|fl|fols?|Fr|Gen|Gov|Hon|i\.e|ill|Inc|incl|Jan|Jr|Jul|Jun|Ltd|M\.A"
    r"|M\.D|Mar|Mrs?|Ms|nn?|n\.b|No|Nov|Oct|pp?|Ph\.D|Pres|Prof|pt|q\.v|Rep|Rev|s\.vv?|saec|sec|Sen"
    r"|Sept?|Sgt|Sr|St|univ|viz|vol|vs)\.$"
)
# Text without any of the above, nor the beginnings of it, needs no closer look.
_RISKY = re.compile(
    r"[^\w ,;()/?!%+=>.:“”’«»–—…·→-]|_|  |--|\.\.\.|:(?=\S)|www\.|(?:gh|cve|ghsa)-|[0-9a-f]{7}"
    r"|(?<![^\W_])[a-z]{1,5}\.(?= |$)",
    re.IGNORECASE,
)
# Before what to put a backslash at the start of a block: lists (pandoc: letters and roman
# numbers, too), captions; rules, underlines, definitions, title blocks, quotes.
_START = re.compile(
    r"(?:\d+|[^\W\d_]|[ivxlcdm]+)(?=[.)](?: |$))|table(?=:)"
    r"|(?=[-+](?![^\W_])|[=:%>]|\(\w+\)(?: |$))",
    re.IGNORECASE,
)
# Pandoc makes a box even of escaped brackets at the start of a list item.
_BOX = re.compile(r"\\\[([ x])\\\](?= |$)", re.IGNORECASE)
# Even inside code a bar ends a table's cell, and a comment's start can take pandoc past the end of
# a list item; the others begin a runner's command.
_NOT_IN_CODE = re.compile(r"(\||<!--|::|\#\#\[)")
_COMMAND = re.compile(r"(?<=:):|(?<=\#)\#(?=\[)")


def inline(text: str) -> str:
    """One line of Markdown that shows `text` wherever inline content may stand."""
    shown = gate(text).strip()
    if not _RISKY.search(shown):
        return shown
    return " ".join([_word(word) for word in shown.split(" ") if word])


def block(text: str) -> str:
    """The same for the start of a paragraph, list item or heading, where more has a meaning."""
    shown = inline(text)
    if box := _BOX.match(shown):
        return f"{code(f'[{box[1]}]')}{shown[box.end() :]}"
    found = _START.match(shown)
    return f"{shown[: found.end()]}\\{shown[found.end() :]}" if found else shown


def _word(word: str) -> str:
    # Most are: nothing below is made of letters alone.
    if word.isalpha():
        return word
    if _LINKED.search(word):
        # The punctuation around it is the sentence's.
        inner = word.lstrip("(")
        core = inner.rstrip(").,;!?")
        before, after = word[: len(word) - len(inner)], inner[len(core) :]
        return before + code(core) + _escape(after)
    shown = _escape(word)
    return f"{shown[:-1]}\\." if _ABBREVIATION.search(word) else shown


def _escape(text: str) -> str:
    # Pandoc takes this one, if it opens no quotation, for an apostrophe.
    return _SPECIAL.sub(r"\\\g<0>", text).replace("‘", "&lsquo;")


def code(text: str) -> str:
    """A code span that shows `text`, or several where one can't; nothing for nothing."""
    pieces = _NOT_IN_CODE.split(gate(text))
    return "".join(
        [re.sub(".", r"\\\g<0>", p) if n % 2 else _span(p) for n, p in enumerate(pieces)]
    )


def _span(text: str) -> str:
    inside = text.strip(" ")
    if not inside:
        return text
    # Spaces at its edges are not part of a code span, so they stand outside.
    before, after = text.split(inside, 1)
    fence = "`" * (max((len(run) for run in re.findall("`+", inside)), default=0) + 1)
    pad = " " if inside[0] == "`" or inside[-1] == "`" else ""
    return f"{before}{fence}{pad}{inside}{pad}{fence}{after}"


# What pandoc and citation styles know for the place in a document.
_LOCATOR = re.compile(r"(?:page|section|chapter|paragraph)s? \d{1,9}(?:-\d{1,9})?", re.ASCII)
_SIMPLE_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def cite(key: str, at: str = "") -> str:
    """One of pandoc's citations for between ``[`` and ``]``, where ``;`` parts it from others."""
    cited = f"@{key}" if _SIMPLE_KEY.fullmatch(key) else f"@{{{key}}}"
    if not at:
        return cited
    if _LOCATOR.fullmatch(at):
        return f"{cited}, {at}"
    words = [word.split(";") for word in gate(at).strip().split(" ") if word]
    shown = " ".join([r"\;".join(map(_word, pieces)) for pieces in words])
    # Empty braces: nothing of what follows is a number of pages.
    return f"{cited}{{}}, {shown}"


def address(url: str) -> str:
    """A link for a web address that may be one, else its text."""
    # Between angle brackets nothing can be escaped.
    return f"<{url}>" if is_web_address(url) and _target(url) == url else link(url, url)


def link(text: str, url: str | None) -> str:
    """A text that links to a web address, or the text alone."""
    shown = inline(text)
    return f"[{shown}](<{_target(url)}>)" if url and is_web_address(url) else shown


def _target(url: str) -> str:
    """A web address in which nothing is read as an entity, or as a runner's command."""
    if "&" in url and html.unescape(url) != url:
        url = url.replace("&", "&amp;")
    return _COMMAND.sub(r"\\\g<0>", url)
