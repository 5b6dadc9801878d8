"""The one gate for untrusted text: nothing reaches a person without passing it.

Unicode categories are those of the Unicode Character Database, chapter 4.5: control (Cc),
format (Cf), surrogate (Cs), private use (Co), unassigned (Cn), line (Zl) and paragraph (Zp)
separators are shown as ``\\u{1b}``; everything else passes unchanged.
"""

import os
import re
from collections.abc import Collection, Sequence

# ``str.isprintable`` is false for exactly the gated categories and for spaces other than U+0020,
# so it clears almost every text at the speed of C; only what it stops is looked at closely.
_SPACES = frozenset("\u00a0\u1680\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}


def _shown(char: str, keep: str) -> str:
    if char.isprintable() or char in _SPACES or char in keep:
        return char
    return f"\\u{{{ord(char):x}}}"


def line(text: str) -> str:
    """Gate a field that is shown on one line: a newline or tab inside it is shown, too."""
    if text.isprintable():
        return text
    return "".join([_shown(char, "") for char in text])


def cells(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Gate the cells of a table, each as `line` does."""
    # Nearly always nothing is to be shown otherwise, which is seen fastest of all at once.
    if "".join(["".join(row) for row in rows]).isprintable():
        return rows
    return [[line(cell) for cell in row] for row in rows]


def page(text: str) -> str:
    """Gate text that our own newlines and tabs lay out: these two pass."""
    if "\t" not in text and all(map(str.isprintable, text.split("\n"))):
        return text
    return "".join([_shown(char, "\n\t") for char in text])


def unguarded(text: str) -> str:
    """A text without the apostrophe that `export csv` puts before what may be computed."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute a text."""
    if text[:1].isalnum():
        return False
    import unicodedata

    # Spreadsheets look past these for the beginning of a formula.
    lead = re.match(r"[\s'\"‘’“”`]*", text)
    first = text[lead.end() if lead else 0 :][:1]
    # Normalised, because East Asian versions take full-width signs for the usual ones.
    return text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", first) in tuple("=+-−@")


def defuse(text: str) -> str:
    """On a CI runner that executes commands found in logs, make them inert; else unchanged."""
    if os.environ.get("GITHUB_ACTIONS"):
        return text.replace("::", r":\u{3a}").replace("##[", r"#\u{23}[")
    return text


# JSON permits these raw, but a terminal that shows the JSON would obey or misorder them.
_JSON_UNSAFE = re.compile(r"[^\x20-\x7e\n]")


def _json_escape(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable() or char in _SPACES:
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def json_text(text: str) -> str:
    """Gate a JSON document by JSON's own escapes, so that it reads back to the same values."""
    return inert(_JSON_UNSAFE.sub(_json_escape, text))


def inert(text: str) -> str:
    """The same as `defuse` by escapes of JSON and TOML, so that their strings read back."""
    if os.environ.get("GITHUB_ACTIONS"):
        return text.replace("::", r":\u003a").replace("##[", r"#\u0023[")
    return text


def shorten(text: str, most: int = 80) -> str:
    """At most so many characters of a text that a message quotes."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that `word` was probably meant to be, else an empty string."""
    if not known or len(word) > 80:
        return ""
    from difflib import get_close_matches

    word = word.casefold()
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    longer = (name for name in known if len(word) > 2 and name.startswith(word))
    return near[0] if near else min(longer, key=len, default="")


def suggest(word: str, known: Collection[str]) -> str:
    """``did you mean "assembly"?``, else all of a short list, else an empty string."""
    near = nearest(word, known)
    if near:
        return f'did you mean "{near}"?'
    return f"known: {', '.join(sorted(known))}" if 0 < len(known) <= 20 else ""


def plural(count: int, noun: str) -> str:
    """``1 event``, ``2 events``, ``0 entries``."""
    if count != 1:
        noun = noun[:-1] + "ies" if noun[-2:] in ("ry", "ty") else noun + "s"
    return f"{count:,} {noun}"


def is_web_address(url: str) -> bool:
    """Whether a URL may become a link: http(s), a host, no user, nothing that misleads."""
    if not url.isascii() or not url.isprintable() or re.search(r"[\s<>\"'`\\|{}^]", url):
        return False
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and (parts.port is None or parts.port > 0)
        return known and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
