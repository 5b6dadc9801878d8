"""The questions of `kzt add` on a terminal; each is asked until its answer is right."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from kztimeline.cli import output
from kztimeline.dates.edtf import PartialDate
from kztimeline.edit.draft import Draft, states_of
from kztimeline.edit.insert import propose_id, wrong_in_citation, wrong_in_event, wrong_in_source
from kztimeline.query.filter import typed_date
from kztimeline.record.model import Timeline
from kztimeline.record.values import SLUG, slug_message
from kztimeline.record.vocabulary import KINDS, PERSPECTIVES
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import line, suggest

NEW: Final = "new"
"""The answer that makes a new source."""

_STOPPED: Final = "nothing was added"


def possible() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin is not None and sys.stdin.isatty() and output.is_terminal()


def confirm(question: str) -> bool:
    """Ask for a yes; no answer is one."""
    while True:
        answer = _input(f"{question} [Y/n] ", ()).lower()
        if answer in ("", "y", "yes"):
            return True
        if answer in ("n", "no"):
            return False


def ask(label: str) -> str:
    """Ask for a text."""
    return str(_answer(_Question(label, str, lambda _: None)))


def _say(*lines: str) -> None:
    output.write("".join(f"{line(text)}\n" for text in lines))


def _input(prompt: str, known: Collection[str]) -> str:
    """One line, without the spaces around it; the tab key completes known names."""
    with suppress(ImportError):
        import readline

        def completed(start: str, index: int) -> str | None:
            names = [name for name in known if name.startswith(start)]
            return names[index] if index < len(names) else None

        readline.set_completer_delims(" ,")
        readline.set_completer(completed)
        readline.parse_and_bind("tab: complete")
    progress.end()
    try:
        return input(line(prompt.rstrip()) + " ").strip()
    except EOFError:
        output.write("\n")
        raise KztError(_STOPPED) from None
    except UnicodeDecodeError as error:
        raise KztError(f"the answer is not in {error.encoding}; {_STOPPED}") from None


class _Question(NamedTuple):
    """What is asked, how an answer is read, and what is wrong with what was read, if anything."""

    label: str
    read: Callable[[str], Any]
    wrong: Callable[[Any], str | None]
    known: Collection[str] = ()
    default: str = ""
    optional: bool = False
    told: tuple[str, ...] = ()
    """Lines that are shown before."""


def _answer(question: _Question) -> Any:
    """Ask until the answer is right; None for no answer to what is optional."""
    _say(*question.told)
    hint = " (Enter for none)" if question.optional else ""
    shown = f" [{question.default}]" if question.default else hint
    while True:
        answer = _input(f"{question.label}{shown}: ", question.known) or question.default
        if not answer:
            if question.optional:
                return None
            _say("  Please answer; Ctrl-C ends this, and nothing is added.")
            continue
        try:
            value = question.read(answer)
            wrong = question.wrong(value)
        except KztError as error:
            wrong = str(error)
        if not wrong:
            return value
        _say(f"  {wrong}")


def fill(draft: Draft, old: Timeline, today: date) -> None:
    """Ask for what a draft lacks. Raises `KztError` if the answers end."""
    if not old.topics:
        raise KztError("the file has no topics; write a [topic] table first")
    _say("Enter answers each question; the tab key completes names; Ctrl-C adds nothing.")
    for key, question in _about_event(old, today).items():
        if key not in draft.event and (value := _answer(question)) is not None:
            draft.event[key] = value
    if "source" not in draft.citations[-1]:
        draft.citations[-1]["source"] = _source(draft, old, today)
    for key, question in _about_citation(old).items():
        if key not in draft.citations[-1] and (value := _answer(question)) is not None:
            draft.citations[-1][key] = value
    if "id" not in draft.event:
        draft.event["id"] = _answer(_about_id(draft, old))


def _about_event(old: Timeline, today: date) -> Mapping[str, _Question]:
    asks = [event.id for event in old.events if event.asks]
    matters = {key: matter.title for key, matter in old.matters.items()}

    def question(key: str, label: str, read: Callable[[str], Any] = str, **more: Any) -> _Question:
        return _Question(label, read, partial(wrong_in_event, old, key), **more)

    precise = 'As precise as the source: 2020, 2020-06, "25 June 2020", [2019..2020]'
    topics = partial(_chosen, "topic", list(old.topics))
    questions = {
        "date": question("date", "Date", partial(_date, today), told=("", precise)),
        "title": question("title", "Title", told=("",)),
        "kind": question("kind", "Kind", known=KINDS, told=("", *_wrapped(KINDS))),
        "topics": question(
            "topics", "Topics", topics, known=list(old.topics), told=("", *_numbered(old.topics))
        ),
        "summary": question(
            "summary", "Summary", told=("", "One to four sentences, in your own words.")
        ),
        "state": question(
            "state",
            "Sets MATTER=TEXT",
            partial(_setting, list(matters)),
            known=[f"{name}=" for name in matters],
            optional=True,
            told=("", *_numbered(matters)),
        ),
        "asks": question("asks", "Asks the state to", optional=True),
        "answers": question("answers", "Answers the events", _listed, known=asks, optional=True),
        "dating": question("dating", "How the date was inferred", optional=True),
    }
    pointless = {"state"} if not matters else set()
    pointless |= {"answers"} if not any(event.asks for event in old.events) else set()
    return {key: asked for key, asked in questions.items() if key not in pointless}


def _about_citation(old: Timeline) -> Mapping[str, _Question]:
    wrong = partial(wrong_in_citation, old)
    told = ("", "The paragraph, section or article.")
    return {
        "at": _Question("Where in it", str, partial(wrong, "at"), told=told),
        "says": _Question("What it says", str, partial(wrong, "says"), optional=True),
    }


def _about_id(draft: Draft, old: Timeline) -> _Question:
    when = PartialDate.parse(draft.event["date"])
    proposed = propose_id(when, draft.event["title"], {event.id for event in old.events})
    wrong = partial(wrong_in_event, old, "id")
    return _Question("Id", str, wrong, default=proposed, told=("",))


# --- sources -----------------------------------------------------------------------------------


def _source(draft: Draft, old: Timeline, today: date) -> str:
    """The id of a source: one that is there, or a new one that goes into the draft."""
    names = list(old.sources)
    titles = {key: f"{source.title} ({source.date})" for key, source in old.sources.items()}
    question = _Question(
        "Source",
        lambda text: text if text == NEW else _one("source", text, names),
        lambda _: None,
        [*names, NEW],
        told=("", *_numbered(titles), f'  or "{NEW}" for a document that is not among them'),
    )
    chosen = str(_answer(question))
    if chosen != NEW:
        return chosen
    made: dict[str, Any] = {}
    for key, about in _about_source(today).items():
        if (value := _answer(about)) is not None:
            made[key] = value
    proposed = propose_id(PartialDate.parse(made["date"]), made["title"], {*names, NEW})
    key = str(
        _answer(_Question("Id of the source", str, partial(_wrong_id, old), default=proposed))
    )
    draft.sources[key] = made
    return key


def _wrong_id(old: Timeline, value: str) -> str | None:
    if value in old.sources or value == NEW:
        return f'id "{value}" is already used'
    return None if SLUG.fullmatch(value) else slug_message(value)


def _about_source(today: date) -> Mapping[str, _Question]:
    def question(key: str, label: str, read: Callable[[str], Any] = str, **more: Any) -> _Question:
        return _Question(label, read, partial(wrong_in_source, key), **more)

    return {
        "title": question("title", "Title of the source", told=("",)),
        "authors": question("authors", "Author", lambda text: [text], optional=True),
        "publisher": question("publisher", "Publisher", optional=True),
        "date": question("date", "Date of the source", partial(_date, today)),
        "perspective": question(
            "perspective", "Perspective", known=PERSPECTIVES, told=_wrapped(PERSPECTIVES)
        ),
        "url": question("url", "Web address", optional=True),
        "note": question("note", "Note", optional=True),
    }


# --- lists -------------------------------------------------------------------------------------


def _numbered(labels: Mapping[str, str]) -> tuple[str, ...]:
    digits = len(str(len(labels)))
    width = max(map(len, labels), default=0)
    return tuple(
        f"  {number:>{digits}}  {name:<{width}}  {label}"
        for number, (name, label) in enumerate(labels.items(), 1)
    )


def _wrapped(names: Iterable[str]) -> tuple[str, ...]:
    from textwrap import wrap

    room = max(20, min(output.width(), 100) - 2)
    told = wrap(", ".join(names), room, break_on_hyphens=False)
    return tuple(f"  {row}" for row in told)


def _one(noun: str, text: str, names: list[str]) -> str:
    """A name, or what its number in the list stands for. Raises `KztError`."""
    if text.isascii() and text.isdigit() and text not in names:
        number = int(text[:9])
        if not 1 <= number <= len(names):
            raise KztError(f"there is no number {number}: they are 1 to {len(names)}")
        return names[number - 1]
    if text not in names:
        hint = suggest(text, names)
        raise KztError(f'unknown {noun} "{text[:80]}"' + (f" ({hint})" if hint else ""))
    return text


def _chosen(noun: str, names: list[str], text: str) -> list[str]:
    return [_one(noun, word, names) for word in _listed(text)]


def _setting(names: list[str], text: str) -> dict[str, str]:
    return {_one("matter", matter, names): state for matter, state in states_of([text]).items()}


def _listed(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _date(today: date, text: str) -> str:
    return typed_date(text, "date", today).text
