"""The one gate for untrusted text: nothing reaches a person without passing it.

Shown as ``\\u{1b}`` are, by the Unicode Character Database: the categories control (Cc), format
(Cf), surrogate (Cs), private use (Co), unassigned (Cn), line (Zl) and paragraph (Zp) separator;
what else is Default_Ignorable_Code_Point, or a blank that counts as a letter or sign, but a
variation selector behind an emoji; and zero-width marks beyond eight on one letter. Everything
else passes unchanged.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence

# ``str.isprintable`` is false for exactly the gated categories and for spaces other than U+0020,
# so it clears almost every text at the speed of C; only what it stops is looked at closely.
_SPACES = frozenset("\u00a0\u1680\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}
_SELECTORS = "\ufe0e\ufe0f"
# Most of these patterns few texts need, so each is compiled, and kept by `re`, when one does.
# Printable by their categories, yet nobody sees them.
_UNSEEN = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U00013441-\U00013443\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
_EMOJI = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]"
)
_MOST_MARKS = 8
# Marks are no letters; only a row of such characters is looked at closely.
_PILE = rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1}}}"


def is_mark(char: str) -> bool:
    """Whether a character takes no column of its own: it stands on the one before."""
    return unicodedata.category(char) in ("Mn", "Me")


# Letters and punctuation of most texts, which are cleared in a tenth of the time.
_RARE = "[^\x00-\u02ff\u0370-\u0482\u048a-\u0530\u2010-\u2027\u2030-\u205e\u4e00-\u9fff]"


def _is_clean(text: str) -> bool:
    """Whether nothing needs a closer look."""
    if not text.isprintable():
        return False
    rare = not text.isascii() and re.search(_RARE, text)
    return not (rare and (re.search(_UNSEEN, text) or re.search(_PILE, text)))


def _passes(text: str, place: int) -> bool:
    char = text[place]
    if re.match(_UNSEEN, char):
        base = text[place - 1 : place]
        return char in _SELECTORS and bool(re.match(_EMOJI, base)) and base.isprintable()
    if place >= _MOST_MARKS and not char.isascii() and is_mark(char):
        return not all(map(is_mark, text[place - _MOST_MARKS : place]))
    return char.isprintable() or char in _SPACES


def unsafe(text: str, keep: str = "") -> Iterator[int]:
    """Where a text has a character that doesn't pass, and is none to `keep`."""
    for start in range(0, len(text), 256):
        stretch = text[max(start - _MOST_MARKS, 0) : start + 256]
        if not _is_clean(stretch.translate(dict.fromkeys(map(ord, keep))) if keep else stretch):
            places = range(start, min(start + 256, len(text)))
            yield from (at for at in places if text[at] not in keep and not _passes(text, at))


def escaped(text: str, keep: str, write: Callable[[str], str]) -> str:
    """A text in which each character that doesn't pass is as `write` gives it."""
    chars: list[str] | None = None
    for place in unsafe(text, keep):
        chars = chars or list(text)
        chars[place] = write(text[place])
    return "".join(chars) if chars else text


def _shown(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"


def line(text: str) -> str:
    """Gate a field that is shown on one line: a newline or tab inside it is shown, too."""
    return text if _is_clean(text) else escaped(text, "", _shown)


def cells(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Gate the cells of a table, each as `line` does."""
    # Nearly always nothing is to be shown otherwise, which is seen fastest of all at once.
    if _is_clean("".join(["".join(row) for row in rows])):
        return rows
    return [[line(cell) for cell in row] for row in rows]


def page(text: str) -> str:
    """Gate text that our own newlines and tabs lay out: these two pass."""
    return escaped(text, "\n\t", _shown)


def _is_hidden(char: str) -> bool:
    hidden = re.match(_UNSEEN, char) or unicodedata.category(char) in ("Cc", "Cf")
    return bool(hidden) and not char.isspace()


def visible(text: str) -> str:
    """A text without what nobody sees, blanks aside."""
    return "".join([char for char in text if not _is_hidden(char)])


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in a text."""
    return all(char.isspace() or _is_hidden(char) for char in text)


# What CI runners take for commands where they find it in a log, by the variable that they set.
_COMMANDS = (
    ("GITHUB_ACTIONS", r"::|##(?=\[)"),
    ("TF_BUILD", r"(?i)##(?=\[|vso\[)"),
    ("TEAMCITY_VERSION", r"(?i)##(?=teamcity\[)"),
)


def defuse(text: str, escape: str = r"\u{%x}") -> str:
    """On a CI runner that executes commands found in logs, make them inert; else unchanged."""
    for variable, command in _COMMANDS:
        if os.environ.get(variable):
            text = re.sub(command, lambda found: found[0][0] + escape % ord(found[0][1]), text)
    return text


def _units(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def json_text(text: str) -> str:
    """Gate a JSON document by JSON's own escapes, so that it reads back to the same values."""
    return inert(escaped(text, "\n", _units))


def inert(text: str) -> str:
    """The same as `defuse` by escapes of JSON and TOML, so that their strings read back."""
    return defuse(text, r"\u%04x")


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


_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"


def is_rtl(text: str) -> bool:
    """Whether a text has letters of a script that is read from the right."""
    return not text.isascii() and bool(re.search(_RTL, text))


# Where a spreadsheet of some locale may begin a cell, what it looks past there, and the signs of a
# formula; East Asian versions take full-width signs for the usual ones.
_CELL = "(?:^|(?<=[,;|،؛、，；]))"
_FORMULA = "(?='*[\\t\\r\\n]|[\\s'\"‘’“”`]*[=＝﹦⁼₌⩵⩶+＋﹢⁺₊﬩－﹣−⁻₋@＠﹫-])"
_UNGUARDED, _GUARDED = _CELL + _FORMULA, f"{_CELL}'{_FORMULA}"


def guarded(text: str) -> str:
    """A text for a cell in which no spreadsheet finds a formula, whatever parts its cells."""
    return re.sub(_UNGUARDED, "'", text)


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return re.sub(_GUARDED, "", text)


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
