"""The gate for Markdown: any text → Markdown that shows just that text.

It holds for CommonMark, GitHub (with its autolinks, mentions, references, emoji and mathematics)
and pandoc (with smart punctuation, citations, attributes and its kinds of lists).
"""

import re

from kztimeline.text import is_web_address
from kztimeline.text import line as gate

# What GitHub turns into links, mentions or pictures after Markdown was read: no escape stops it,
# only code spans do. Commit hashes are told from words and numbers by having letters and digits.
_LINKED = re.compile(
    r"@|://|www\.|\#\d|\bgh-\d|:[\w+-]+:|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"""[\\`*_\[\]<>&|~^${}"'\#]|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.""")
# At the start of a block: headings, lists (pandoc: letters and roman numbers, too), quotes,
# rules, definitions, title blocks.
_START = re.compile(r"[-+=:%(]|(?<=^)[^\W_]+(?=[.)])")


def inline(text: str) -> str:
    """One line of Markdown that shows `text` wherever inline content may stand."""
    words = gate(text).split(" ")
    return " ".join([_word(word) for word in words if word])


def block(text: str) -> str:
    """The same for the start of a paragraph, list item or heading, where more has a meaning."""
    shown = inline(text)
    found = _START.match(shown)
    if not found:
        return shown
    end = found.end()
    if found[0][-1].isalnum():
        return f"{shown[:end]}\\{shown[end:]}"
    return f"\\{shown}"


def _word(word: str) -> str:
    if _LINKED.search(word):
        # A bar would end a table's cell even inside code.
        return r"\|".join([code(piece) for piece in word.split("|")])
    return _SPECIAL.sub(r"\\\g<0>", word)


def code(text: str) -> str:
    """A code span that shows `text`; nothing for nothing."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{gate(text)}{pad}{fence}"


def address(url: str) -> str:
    """A link for a web address that may be one, else its text."""
    return f"<{url}>" if is_web_address(url) else code(url)


def link(text: str, url: str | None) -> str:
    """A text that links to a web address, or the text alone."""
    shown = inline(text)
    return f"[{shown}](<{url}>)" if url and is_web_address(url) else shown
