"""What `check` finds beyond what makes a file's meaning doubtful: rules in one registry.

A rule takes a `Subject` and yields what it finds, with paths into the document. Its docstring is
its manual, which ``kzt check --explain`` prints: the first line says what it finds, the samples
under "Fails:" and "Passes:" are run by the tests. A sample shows only what matters of a file;
under "Before:" stands what an edit started from.

Rules see whole files of strangers, so each takes time linear in the file (or nearly: sorting).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from kztimeline.dates import PartialDate
from kztimeline.datewords import MONTHS
from kztimeline.diff import VersionDiff
from kztimeline.digest import PROSE
from kztimeline.fields import Finding, Path
from kztimeline.model import Event, Timeline
from kztimeline.read import Document
from kztimeline.text import is_web_address, shorten
from kztimeline.text import line as gate

SCHEDULED: Final = "scheduled"


@dataclass(frozen=True)
class Subject:
    """What rules look at: a record, the document it was read from, and perhaps an edit."""

    timeline: Timeline
    document: Document | None = None
    edit: VersionDiff | None = None
    """What the review rules judge; its new side is `timeline`."""
    today: date = date.max

    @cached_property
    def events(self) -> Mapping[str, Event]:
        """Events by id; of two with the same id, the first."""
        return {event.id: event for event in reversed(self.timeline.events)}

    @property
    def irregular(self) -> Sequence[tuple[Path, str]]:
        """The document's free texts that aren't plain ASCII without blanks around them."""
        return self.document.digest.irregular if self.document else ()


Check = Callable[[Subject], Iterator[Finding]]


class Rule(NamedTuple):
    """A check and how much what it finds matters."""

    severity: Literal["error", "warning"]
    check: Check


def found(subject: Subject, rules: Mapping[str, Rule] | None = None) -> Iterator[Finding]:
    """All that the rules, those below or others, find."""
    for code, rule in (RULES if rules is None else rules).items():
        for one in rule.check(subject):
            yield one._replace(code=code, severity=rule.severity)


def finding(path: Path, message: str, **more: Any) -> Finding:
    """What a rule yields; its code is that of the registry."""
    return Finding(path, "", message, **more)


# --- answers -----------------------------------------------------------------------------------


def answer_before_ask(subject: Subject) -> Iterator[Finding]:
    """An answer that comes before what it answers.

    `answers` points back in time: from what was done to what had been asked for. Found only if
    no day that the dates leave open would do: the latest first day of the answer is before the
    earliest day of the ask. Correct the date that is wrong, or take the id out of `answers`.

    Fails:

        [[event]]
        id = "2011-law"
        date = "2011"
        answers = ["2019-call"]

        [[event]]
        id = "2019-call"
        date = "2019"
        asks = "Change the law"

    Passes:

        [[event]]
        id = "2019-call"
        date = "2019-10"
        asks = "Change the law"

        [[event]]
        id = "2020-law"
        date = "2020"
        answers = ["2019-call"]
    """
    for event, place, ask in _answers(subject):
        if ask is not event and _is_before(event, ask):
            message = f'answers "{ask.id}" of {ask.date}, but is dated {event.date}'
            yield finding(place, message)


def self_answer(subject: Subject) -> Iterator[Finding]:
    """An event that answers itself.

    Name the event that asked, or leave `answers` out.

    Fails:

        [[event]]
        id = "2020-law"
        asks = "Change the law"
        answers = ["2020-law"]

    Passes:

        [[event]]
        id = "2020-law"
        answers = ["first"]
    """
    for event, place, ask in _answers(subject):
        if ask is event:
            yield finding(place, f'"{event.id}" answers itself')


def answer_cycle(subject: Subject) -> Iterator[Finding]:
    """Events that answer each other in a circle.

    Of two events only the later one can answer the other. Reported is the answer that points
    from an earlier event to a later one, or against the order of the file where the dates leave
    that open; take that id out.

    Fails:

        [[event]]
        id = "call"
        date = "2020"
        asks = "Change the law"
        answers = ["law"]

        [[event]]
        id = "law"
        date = "2020"
        asks = "Apply the law"
        answers = ["call"]

    Passes:

        [[event]]
        id = "call"
        date = "2020"
        asks = "Change the law"

        [[event]]
        id = "law"
        date = "2020"
        asks = "Apply the law"
        answers = ["call"]
    """
    # What the rules above report is left out: one mistake, one finding.
    edges = [
        (event, place, ask)
        for event, place, ask in _answers(subject)
        if ask is not event and not _is_before(event, ask)
    ]
    upward = [edge for edge in edges if _order(edge[0]) < _order(edge[2])]
    # Without answers that point to a later event there is no circle, so most files end here.
    if not upward:
        return
    asked: dict[str, list[str]] = {}
    for event, _, ask in edges:
        asked.setdefault(event.id, []).append(ask.id)
    circle = _circles(asked)
    for event, place, ask in upward:
        if circle.get(event.id) == circle.get(ask.id):
            yield finding(place, f'"{event.id}" and "{ask.id}" answer each other in a circle')


def answer_without_ask(subject: Subject) -> Iterator[Finding]:
    """An answer to an event that asks nothing.

    `kzt gaps` matches what was asked with what was done. Say in the earlier event what it asks
    for (`asks`), or take its id out of `answers`.

    Fails:

        [[event]]
        id = "2019-report"
        date = "2019"

        [[event]]
        id = "2020-law"
        answers = ["2019-report"]

    Passes:

        [[event]]
        id = "2019-report"
        date = "2019"
        asks = "Change the law"

        [[event]]
        id = "2020-law"
        answers = ["2019-report"]
    """
    for event, place, ask in _answers(subject):
        if not ask.asks and ask is not event:
            yield finding(place, f'"{ask.id}" asks nothing that could be answered')


def _answers(subject: Subject) -> Iterator[tuple[Event, Path, Event]]:
    for event in subject.timeline.events:
        for number, name in enumerate(event.answers):
            ask = subject.events.get(name)
            if ask is not None:
                yield event, ("event", event.position, "answers", number), ask


def _is_before(event: Event, other: Event) -> bool:
    """Whether an event surely begins before another may."""
    latest, earliest = event.date.first_latest, other.date.earliest
    return latest is not None and earliest is not None and latest < earliest


def _order(event: Event) -> tuple[tuple[int, int], int]:
    return event.date.sort_key, event.position


def _circles(targets: Mapping[str, list[str]]) -> dict[str, int]:
    """The number of each name's strongly connected component (Tarjan 1972, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    path: list[str] = []
    for root in targets:
        if root in number:
            continue
        work = [(root, iter(targets[root]))]
        number[root] = low[root] = len(number)
        path.append(root)
        while work:
            name, rest = work[-1]
            for target in rest:
                if target not in number:
                    number[target] = low[target] = len(number)
                    path.append(target)
                    work.append((target, iter(targets.get(target, ()))))
                    break
                if target not in component:
                    low[name] = min(low[name], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    while name not in component:
                        component[path.pop()] = number[name]
    return component


# --- dates -------------------------------------------------------------------------------------


def after_sources(subject: Subject) -> Iterator[Finding]:
    """An event dated after every document that it is cited from.

    A document can't report what had not happened when it was written: the date of the event or
    of the document is wrong. What a document announces has `status = "scheduled"`.

    Fails:

        [source.report-2019]
        title = "A report"
        date = "2019"
        perspective = "ngo"

        [[event]]
        date = "2020"
        sources = [{ source = "report-2019", at = "page 1" }]

    Passes:

        [source.report-2019]
        title = "A report"
        date = "2019"
        perspective = "ngo"

        [[event]]
        date = "2020"
        status = "scheduled"
        sources = [{ source = "report-2019", at = "page 1" }]
    """
    written = {key: source.date.latest for key, source in subject.timeline.sources.items()}
    for event in subject.timeline.events:
        begins = event.date.earliest
        if begins is None or event.status == SCHEDULED or not event.sources:
            continue
        latest = [written.get(citation.source) for citation in event.sources]
        if all(day is not None and day < begins for day in latest):
            names = ", ".join(dict.fromkeys(citation.source for citation in event.sources))
            message = f'"{event.date}" is after all its sources were written: {shorten(names)}'
            hint = f'what they announce has status = "{SCHEDULED}"'
            yield finding(("event", event.position, "date"), message, hint=hint)


_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{2})(-01)?[?~%]?")
# Words that admit a date was reached and not read, and those that admit more than a month.
_VAGUE: Final = re.compile(
    r"\b(?:inferred|estimated?|approximate(?:ly)?|approx|circa|guess(?:ed)?|assum(?:ed|ing)"
    r"|placeholder|undated|unknown|no (?:exact |precise )?(?:date|day|month)"
    r"|(?:date|day|month)s? (?:is|are|was|were) (?:not|un|missing)"
    r"|(?:day|month)s? (?:and \w+ )?(?:isn't|wasn't|not) )",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\byears?\b", re.IGNORECASE)
_MONTH: Final = re.compile(r"\bmonths?\b", re.IGNORECASE)


def too_precise(subject: Subject) -> Iterator[Finding]:
    """A date that may be more precise than how it was reached.

    The first of January, or of another month, is what programs fill in where only the year or
    the month is known. Reported if `dating` (of a source: `note`) speaks of a year or month, or
    of a date that is inferred or unknown, and doesn't name that day. Write only what is known:
    "2020" or "2020-06"; if the day is right, let `dating` name it.

    Fails:

        [[event]]
        date = "2020-01-01"
        dating = "The source gives only the year."

    Passes:

        [[event]]
        date = "2020"
        dating = "The source gives only the year."

        [[event]]
        date = "2021-01-01"
        dating = "In force from 1 January of the year after adoption."
    """
    timeline = subject.timeline
    for event in timeline.events:
        if event.dating and "-01" in event.date.text:
            yield from _filled_in(event.date, event.dating, ("event", event.position, "date"))
    for key, source in timeline.sources.items():
        if source.note and "-01" in source.date.text:
            yield from _filled_in(source.date, source.note, ("source", key, "date"))


def _filled_in(when: PartialDate, told: str, path: Path) -> Iterator[Finding]:
    for part in re.split(r"[][/,]|\.\.", when.text):
        first = _FIRST.fullmatch(part)
        if not first or not 1 <= int(first[2]) <= 12 or not (first[3] or first[2] == "01"):
            continue
        name = MONTHS[int(first[2]) - 1]
        month = rf"{name[:3]}(?:\.|{name[3:]})?"
        day = rf"\b(?:0?1(?:st)?(?: of)? {month}|{month} (?:the )?0?1(?:st)?\b|first (?:of|day))"
        named = rf"{day}|New Year" if first[3] else rf"\b{month}\b"
        unit = _YEAR if first[2] == "01" else _MONTH
        if (_VAGUE.search(told) or unit.search(told)) and not re.search(named, told, re.IGNORECASE):
            known = first[1] if first[2] == "01" else f"{first[1]}-{first[2]}"
            message = f'"{when}" may be more precise than what is known of it'
            yield finding(path, message, hint=f'if that is the {_unit(known)}, write "{known}"')
            return


def _unit(known: str) -> str:
    return "month" if "-" in known else "year"


def order(subject: Subject) -> Iterator[Finding]:
    """An event that does not stand in date order.

    Order: earliest day, then latest day; what is equal may stand either way. Reported are the
    fewest events that would have to move. `kzt fmt` moves them.

    Fails:

        [[event]]
        date = "2019"

        [[event]]
        date = "2021"

        [[event]]
        date = "2020"

    Passes:

        [[event]]
        date = "2019"

        [[event]]
        date = "2020"

        [[event]]
        date = "2020-06"
    """
    events = subject.timeline.events
    keys = [event.date.sort_key for event in events]
    kept = longest_ascending(keys)
    if len(kept) == len(events):
        return
    stays = set(kept)
    above: Event | None = None
    following = iter([*kept, None])
    below = next(following)
    for place, event in enumerate(events):
        if place in stays:
            above, below = event, next(following)
            continue
        if above is not None and above.date.sort_key > event.date.sort_key:
            message = f'"{event.date}" stands too late: after "{above.date}"'
        else:
            next_one = events[below] if below is not None else event
            message = f'"{event.date}" stands too early: before "{next_one.date}"'
        yield finding(("event", event.position, "date"), message, hint="kzt fmt mends the order")


def longest_ascending(keys: list[tuple[int, int]]) -> list[int]:
    """The places of a longest subsequence that doesn't descend."""
    ends: list[tuple[int, int]] = []
    places: list[int] = []
    before = [-1] * len(keys)
    for place, key in enumerate(keys):
        if not ends or key >= ends[-1]:
            length = len(ends)
            ends.append(key)
            places.append(place)
        else:
            length = bisect_right(ends, key)
            ends[length] = key
            places[length] = place
        before[place] = places[length - 1] if length else -1
    kept = []
    place = places[-1] if places else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]


# --- citations ---------------------------------------------------------------------------------


def no_citation(subject: Subject) -> Iterator[Finding]:
    """An event without a source.

    Every line of the record can be looked up. Cite a document, or leave the event out.

    Fails:

        [[event]]
        sources = []

    Passes:

        [[event]]
        sources = [{ source = "gazette", at = "page 1" }]
    """
    for event in subject.timeline.events:
        if not event.sources:
            path = ("event", event.position, "sources")
            yield finding(path, f'no source is cited for "{event.id}"')


def only_disputed(subject: Subject) -> Iterator[Finding]:
    """An event of which every citation disputes what it says.

    An event tells what at least one document says, and `disputes = true` marks those that
    contradict it. Tell the event as a document does, or drop `disputes` where it is wrong.

    Fails:

        [[event]]
        sources = [{ source = "gazette", at = "page 1", disputes = true }]

    Passes:

        [[event]]
        sources = [
          { source = "gazette", at = "page 1" },
          { source = "gazette", at = "page 2", says = "That is not so", disputes = true },
        ]
    """
    for event in subject.timeline.events:
        if event.sources and all(citation.disputes for citation in event.sources):
            path = ("event", event.position, "sources", 0, "disputes")
            yield finding(path, f'every citation disputes "{event.id}", none supports it')


# --- names that nothing uses -------------------------------------------------------------------


def no_topics(subject: Subject) -> Iterator[Finding]:
    """An event on no topic.

    No `--topic` finds it. Give it at least one of the topics.

    Fails:

        [[event]]
        topics = []

    Passes:

        [[event]]
        topics = ["assembly"]
    """
    for event in subject.timeline.events:
        if not event.topics:
            yield finding(("event", event.position, "topics"), f'"{event.id}" is on no topic')


def unused_topic(subject: Subject) -> Iterator[Finding]:
    """A topic that no event and no matter is on.

    Perhaps its events carry another topic by mistake; else take it out.

    Fails:

        [topic]
        assembly = "Peaceful assembly"
        labour = "Trade unions"

    Passes:

        [topic]
        assembly = "Peaceful assembly"
        labour = "Trade unions"

        [[event]]
        topics = ["assembly", "labour"]
    """
    return _unused(subject, "topic", subject.timeline.topics)


def unused_matter(subject: Subject) -> Iterator[Finding]:
    """A matter whose state no event sets.

    Perhaps an event lacks its `state`; else take the matter out.

    Fails:

        [matter.censorship]
        title = "Censorship"

    Passes:

        [matter.censorship]
        title = "Censorship"

        [[event]]
        state = { censorship = "Banned by law" }
    """
    return _unused(subject, "matter", subject.timeline.matters)


def unused_source(subject: Subject) -> Iterator[Finding]:
    """A source that no event cites.

    Perhaps its events are yet to come, or cite another source by mistake; else take it out.

    Fails:

        [source.report]
        title = "A report"
        date = "2021"
        perspective = "ngo"

    Passes:

        [source.report]
        title = "A report"
        date = "2021"
        perspective = "ngo"

        [[event]]
        sources = [{ source = "report", at = "page 1" }]
    """
    return _unused(subject, "source", subject.timeline.sources)


def _unused(subject: Subject, table: str, names: Mapping[str, object]) -> Iterator[Finding]:
    # Of a broken file some events are missing, and what they use with them.
    if subject.document is None or subject.document.broken:
        return
    used = subject.document.digest.used[table]
    for name in names:
        if name not in used:
            message = f'no event uses {table} "{name}"'
            yield finding((table, name), message, on_key=True)


# --- texts -------------------------------------------------------------------------------------


def _is_unsafe(char: str) -> bool:
    return gate(char) != char


def unsafe_character(subject: Subject) -> Iterator[Finding]:
    """A character that can't be seen, or that changes how others are seen.

    Control characters, marks of direction, zero-width and private characters and the like hide
    text, reorder it, or command the terminal that shows it. They often come along when text is
    copied from a web page. Found in texts, also where they are written as escapes, and in
    comments. Type the passage anew; spaces of any width and all letters are fine.

    Fails:

        [[event]]
        title = "A law\\u200b on assembly"

    Passes:

        [[event]]
        title = "A law on assembly – “peaceful” митинг"
    """
    if subject.document is None:
        return
    for path, text in subject.irregular:
        allowed = "\n\t" if path[-1] in PROSE else "\n"
        start = _first_unsafe(text.replace("\r\n", "\n\n"), allowed)
        if start is not None:
            end = start + 1
            while end < len(text) and _is_unsafe(text[end]) and text[end] not in allowed:
                end += 1
            message = f"{_subject(path)} has an unsafe character: {_named(text[start])}"
            yield finding(path, message, part=(start, end))
    yield from _unsafe_elsewhere(subject, subject.document)


def _first_unsafe(text: str, allowed: str) -> int | None:
    # By far most texts, and stretches of long ones, are cleared at the speed of C.
    if text.replace("\n", "").isprintable():
        return None
    for start in range(0, len(text), 256):
        stretch = text[start : start + 256]
        if not stretch.isprintable():
            for place, char in enumerate(stretch, start):
                if not char.isprintable() and char not in allowed and _is_unsafe(char):
                    return place
    return None


def _unsafe_elsewhere(subject: Subject, document: Document) -> Iterator[Finding]:
    """In comments and in what can't be read: at most one a line."""
    source = document.source
    body = source.removeprefix("\ufeff")
    if _first_unsafe(body.replace("\r", "").replace("\t", ""), "\n") is None:
        return
    paths = [path for path, text in subject.irregular if gate(text) != text]
    spans = sorted(map(document.locator(paths).span, paths))
    starts = [start for start, _ in spans]
    broken = {problem.line for problem in document.broken}
    offset = len(source) - len(body)
    for number, row in enumerate(body.split("\n"), 1):
        column = None if number in broken else _first_unsafe(row.removesuffix("\r"), "\t")
        if column is not None:
            at = offset + column
            inside = bisect_right(starts, at) - 1
            if inside < 0 or spans[inside][1] <= at:
                message = f"the line has an unsafe character: {_named(row[column])}"
                yield finding((), message, at=(at, at + 1))
        offset += len(row) + 1


def _subject(path: Path) -> str:
    """What a message calls the text at a path."""
    names = [part for part in path if type(part) is str]
    return "author" if path[-2:-1] == ("authors",) else names[-1]


def _named(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}{f' ({name.lower()})' if name else ', a control character'}"


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


# Letters of the Cyrillic and Greek scripts that look like Latin ones.
_ALIKE: Final = "АВЕЅЗІЈКМНОРСТУХҮҺаеоорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧανικορτυχ"
_LATIN: Final = "A-Za-z\u00c0-\u024f"
_MIXED: Final = re.compile(rf"[{_LATIN}][{_ALIKE}]|[{_ALIKE}][{_LATIN}]")
_WORD: Final = re.compile(r"[^\W\d_]{0,80}")


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
            start = mixed.start() - _letters(text[: mixed.start()][::-1])
            end = mixed.end() + _letters(text[mixed.end() :])
            message = f'"{shorten(text[start:end])}" mixes alphabets: {_named(odd)}'
            yield finding(path, message, part=(start, end))


def _letters(text: str) -> int:
    """How many letters a text begins with."""
    word = _WORD.match(text)
    return word.end() if word else 0


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


# --- the registry ------------------------------------------------------------------------------

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "answer-before-ask": Rule("error", answer_before_ask),
        "self-answer": Rule("error", self_answer),
        "answer-cycle": Rule("error", answer_cycle),
        "answer-without-ask": Rule("error", answer_without_ask),
        "after-sources": Rule("error", after_sources),
        "no-citation": Rule("error", no_citation),
        "only-disputed": Rule("error", only_disputed),
        "unsafe-character": Rule("error", unsafe_character),
        "line-break": Rule("error", line_break),
        "bad-url": Rule("error", bad_url),
        "too-precise": Rule("warning", too_precise),
        "order": Rule("warning", order),
        "no-topics": Rule("warning", no_topics),
        "unused-topic": Rule("warning", unused_topic),
        "unused-matter": Rule("warning", unused_matter),
        "unused-source": Rule("warning", unused_source),
        "outer-space": Rule("warning", outer_space),
        "look-alike": Rule("warning", look_alike),
    }
)
"""Code to rule, in the order in which they run."""
