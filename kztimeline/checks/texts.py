"""Rules of what texts are made of."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import count
from typing import Final

from kztimeline.checks.subject import Subject, finding
from kztimeline.record.keys import PROSE
from kztimeline.text.errors import Finding, KeyPath
from kztimeline.text.gate import is_web_address, plural, shorten, unsafe
from kztimeline.text.gate import line as gate


def unsafe_character(subject: Subject) -> Iterator[Finding]:
    """A character that can't be seen, or that changes how others are seen.

    Control characters, marks of direction, zero-width and private characters, fillers and the
    like, and more than eight accents on one letter hide text, reorder it, or command the terminal
    that shows it. They often come along when text is copied from a web page. Found in texts, also
    where they are written as escapes, and in comments. Type the passage anew; spaces of any width
    and all letters are fine.

    Fails:

        [[event]]
        title = "A law\\u200b on assembly"

    Passes:

        [[event]]
        title = "A law on assembly – “peaceful” митинг"
    """
    for path, text in subject.irregular:
        allowed = "\n\t" if path[-1] in PROSE else "\n"
        places = unsafe(text.replace("\r\n", "\n\n"), allowed)
        start = next(places, None)
        if start is not None:
            end = next(at for at in count(start + 1) if next(places, None) != at)
            message = f"{_subject(path)} has an unsafe character: {_named(text[start])}"
            yield finding(path, message, part=(start, end))
    yield from _unsafe_elsewhere(subject)


def _unsafe_elsewhere(subject: Subject) -> Iterator[Finding]:
    """In comments and in what can't be read: at most one a line."""
    source = subject.reading.text
    body = source.removeprefix("\ufeff")
    # Two scans in C spare the slow one for most files.
    if body.isascii() and body.translate({9: None, 10: None, 13: None}).isprintable():
        return
    if next(unsafe(body.replace("\r", ""), "\n\t"), None) is None:
        return
    paths = [path for path, text in subject.irregular if gate(text) != text]
    spans = sorted(map(subject.reading.locator(paths).span, paths))
    starts = [start for start, _ in spans]
    broken = {problem.line for problem in subject.reading.broken}
    offset = len(source) - len(body)
    for number, row in enumerate(body.split("\n"), 1):
        column = None if number in broken else next(unsafe(row.removesuffix("\r"), "\t"), None)
        if column is not None:
            at = offset + column
            inside = bisect_right(starts, at) - 1
            if inside < 0 or spans[inside][1] <= at:
                message = f"the line has an unsafe character: {_named(row[column])}"
                yield finding((), message, at=(at, at + 1))
        offset += len(row) + 1


def _subject(path: KeyPath) -> str:
    """What a message calls the text at a path."""
    names = [part for part in path if type(part) is str]
    return "author" if path[-2:-1] == ("authors",) else names[-1]


def _named(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}{f' ({name.lower()})' if name else ', a control character'}"


def conflict_mark(subject: Subject) -> Iterator[Finding]:
    """A mark of git's inside a text: a merge conflict was saved unresolved.

    Inside a text of several lines the marks break nothing, so that nothing else tells of them.
    While git still knows of the conflict, `kzt merge` resolves it; later, make one of both sides.

    Fails:

        [[event]]
        summary = '''
        <<<<<<< HEAD
        A law on assembly.
        =======
        A law on assemblies.
        >>>>>>> main'''

    Passes:

        [[event]]
        summary = "A law on assemblies."
    """
    for path, text in subject.irregular:
        if mark := _MARK.search(text):
            message = f"{_subject(path)} has git's mark of a merge conflict: {mark[0]}"
            yield finding(path, message, part=mark.span(), hint="kzt merge resolves it")


_MARK: Final = re.compile(r"(?m)^(?:<{7,}|>{7,})(?= )")


def line_break(subject: Subject) -> Iterator[Finding]:
    """A line break in a text of one line.

    Only `summary` and `note` may have several lines; every other text stands in one line of a
    table or a list. Write it as one.

    Fails:

        [[event]]
        title = "A law\\non assembly"

    Passes:

        [[event]]
        title = "A law on assembly"
        summary = \"\"\"
        One paragraph.

        And another one.\"\"\"
    """
    for path, text in subject.irregular:
        if path[-1] in PROSE:
            continue
        start = text.strip().find("\n")
        if start >= 0:
            start += len(text) - len(text.lstrip())
            message = f"{_subject(path)} must stand on one line"
            yield finding(path, message, part=(start, start + 1))


def outer_space(subject: Subject) -> Iterator[Finding]:
    """A blank before or after a text of one line.

    It can't be seen, but `diff` and `--search` see it. Delete it.

    Fails:

        [[event]]
        title = "A law on assembly "

    Passes:

        [[event]]
        title = "A law on assembly"
    """
    for path, text in subject.irregular:
        stripped = text.strip()
        if path[-1] in PROSE or stripped == text or not stripped:
            continue
        front = len(text) - len(text.lstrip())
        part = (0, front) if front else (len(text.rstrip()), len(text))
        where = "before" if front else "after"
        yield finding(path, f"{_subject(path)} has a blank {where} its text", part=part)


_MOST_WORDS: Final = 12
_MOST_QUOTED: Final = 100


def long_quote(subject: Subject) -> Iterator[Finding]:
    """A quote of more than 12 words or 100 characters.

    A quote leads to a passage; it doesn't replace it. Take the few words that stand nowhere else
    in the document, and say the rest in `says`, in your own words.

    Fails:

        [[event]]
        sources = [{ source = "gazette", at = "page 1", quote = "a b c d e f g h i j k l m" }]

    Passes:

        [[event]]
        sources = [{ source = "gazette", at = "page 1", quote = "five days ahead" }]
    """
    for event in subject.timeline.events:
        for number, citation in enumerate(event.sources):
            quote = citation.quote or ""
            words = len(quote.split())
            if words > _MOST_WORDS or len(quote) > _MOST_QUOTED:
                path = ("event", event.position, "sources", number, "quote")
                message = f"quotes {plural(words, 'word')}, {len(quote)} characters"
                hint = f"at most {_MOST_WORDS} words and {_MOST_QUOTED} characters"
                yield finding(path, message, hint=hint)


# What `.github/CONTRIBUTING.md` gives to paste, and `kzt init` to begin with.
PLACEHOLDERS: Final = frozenset(
    {
        "What happened, in one neutral line",
        "One to four sentences in your own words.",
        "What the document claims",
        "2021-short-name",
        "The title of the document",
        "The name of the author",
    }
)


def placeholder(subject: Subject) -> Iterator[Finding]:
    """A value of the sample to paste that was left as it is.

    Replace it by what your document says, or leave the key out if it is an optional one.

    Fails:

        [[event]]
        title = "What happened, in one neutral line"

    Passes:

        [[event]]
        title = "Ministry presents a draft law on assembly"
    """
    for event in subject.timeline.events:
        texts: dict[KeyPath, str | None] = {
            (key,): getattr(event, key) for key in ("id", "title", "summary")
        }
        for number, cited in enumerate(event.sources):
            texts["sources", number, "says"] = cited.says
        for path, text in texts.items():
            if text in PLACEHOLDERS:
                message = f'"{shorten(text)}" is what the sample says'
                yield finding(("event", event.position, *path), message)


# Letters of the Cyrillic and Greek scripts that look like Latin ones.
_ALIKE: Final = "АВЕЅЗІЈКМНОРСТУХҮҺаеоорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧανικορτυχ"
_LATIN: Final = "A-Za-z\u00c0-\u024f"
_MIXED: Final = re.compile(rf"[{_LATIN}][{_ALIKE}]|[{_ALIKE}][{_LATIN}]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def look_alike(subject: Subject) -> Iterator[Finding]:
    """A word of Latin letters with a Cyrillic or Greek one that looks the same.

    `--search` won't find the word, and two names that look alike may not be the same. Type the
    word anew, in one alphabet.

    Fails:

        [[event]]
        title = "A l\\u0430w on assembly"

    Passes:

        [[event]]
        title = "A law on assembly, the закон on митинги"
    """
    for path, text in subject.irregular:
        mixed = None if text.isascii() else _MIXED.search(text)
        if mixed:
            odd = next(char for char in mixed[0] if char in _ALIKE)
            # Of a hostile word, some letters around.
            words = _WORD.finditer(text, max(0, mixed.start() - 80), mixed.end() + 80)
            word = next(word for word in words if word.end() > mixed.start())
            message = f'"{shorten(word[0])}" mixes alphabets: {_named(odd)}'
            yield finding(path, message, part=word.span())


def bad_url(subject: Subject) -> Iterator[Finding]:
    """An address that can't become a link.

    A `url` begins with http:// or https:// and a host, holds no user name, no blank and no
    quotes or brackets, and is ASCII: copy it from the browser's address bar, which escapes the
    rest.

    Fails:

        [source.gazette-2021]
        title = "The gazette"
        date = "2021"
        perspective = "official"
        url = "www.example.org/law"

        [[event]]
        sources = [{ source = "gazette-2021", at = "page 1" }]

    Passes:

        [source.gazette-2021]
        title = "The gazette"
        date = "2021"
        perspective = "official"
        url = "https://www.example.org/law"

        [[event]]
        sources = [{ source = "gazette-2021", at = "page 1" }]
    """
    for key, source in subject.timeline.sources.items():
        if source.url and not is_web_address(source.url):
            message = f'"{shorten(source.url)}" is not a web address that can be linked'
            bare = len(source.url) <= 80 and "://" not in source.url
            schemeless = bare and is_web_address(f"https://{source.url}")
            hint = f"did you mean https://{source.url}?" if schemeless else ""
            yield finding(("source", key, "url"), message, hint=hint)
