"""The questions of `kzt add` on a terminal; each is asked until its answer is right."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn

from kztimeline.cli import output
from kztimeline.dates.edtf import PartialDate
from kztimeline.edit.draft import NEW, Draft, choices, completed, shape, states_of
from kztimeline.edit.insert import errors, propose_id, wrong_in
from kztimeline.query.filter import typed_date
from kztimeline.record.keys import KEYS, Key, names_of
from kztimeline.record.model import Timeline
from kztimeline.record.reading import Reading
from kztimeline.record.values import SLUG, slug_message
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import line, suggest

STOPPED: Final = "nothing was added; the answers are kept for the next kzt add"


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
        raise KztError(STOPPED) from None
    except UnicodeDecodeError as error:
        raise KztError(f"the answer is not in {error.encoding}; {STOPPED}") from None


class _Question(NamedTuple):
    """What is asked, how an answer is read, and what is wrong with what was read, if anything."""

    label: str
    read: Callable[[str], Any] = str
    wrong: Callable[[Any], str | None] = lambda _: None
    known: Mapping[str, str] = MappingProxyType({})
    """Names that it may be answered with, and their titles."""
    default: str = ""
    optional: bool = False
    help: str = ""
    more: str = ""
    """What else ``?`` tells."""


_MANY: Final = 30
"""So many names are listed before a question; more are listed when asked for."""


def _answer(question: _Question) -> Any:
    """Ask until the answer is right; None for no answer to what is optional."""
    if question.help:
        _say("", question.help)
    if len(question.known) <= _MANY:
        _say(*_numbered(question.known))
    hint = " (Enter for none)" if question.optional else ""
    shown = f" [{question.default}]" if question.default else hint
    while True:
        answer = _input(f"{question.label}{shown}: ", question.known) or question.default
        if answer == "?":
            _say(*filter(None, [question.help, question.more]), *_numbered(question.known))
            continue
        if not answer or (answer == _NONE and question.optional):
            if question.optional:
                return None
            _say("  Please answer, or ? for help; Ctrl-C ends this, and the answers are kept.")
            continue
        try:
            value = question.read(answer)
            wrong = question.wrong(value)
        except KztError as error:
            wrong = str(error)
        if not wrong:
            return value
        _say(f"  {wrong}")


_NONE: Final = "-"
"""The answer that takes an optional one back."""

# The order of questions is that of the keys, but for one that only a state makes sense of.
_ORDER: Final = sorted(
    (key for key in KEYS["event"] if key.name not in ("id", "sources")),
    key=lambda key: names_of("event").index("finding" if key.name == "in-force" else key.name),
)


class Session:
    """The questions for one event, whose answers go into a draft and are kept at once."""

    def __init__(
        self, draft: Draft, record: Reading, today: date, keep: Callable[[], None]
    ) -> None:
        self.draft, self.record, self.today, self.keep = draft, record, today, keep
        self.old: Timeline = record.timeline
        self.errors = self._errors()

    def _errors(self) -> Mapping[object, str]:
        """What `kzt check` would find, were all other answers right."""
        return errors(self.record, completed(self.draft, self.old))

    def fill(self) -> None:
        """Ask for what the draft lacks. Raises `KztError` if the answers end."""
        if not self.old.topics:
            raise KztError("the file has no topics; write a [topic] table first")
        _say("? explains a question, Enter answers it, the tab key completes names;")
        _say("Ctrl-C adds nothing, and keeps the answers for the next kzt add.")
        for key in _ORDER:
            if key.name not in self.draft.event and self._makes_sense(key.name):
                self._ask("event", key, self.draft.event)
        for cited in self.draft.citations:
            self._cite(cited)
        if "id" not in self.draft.event:
            self._ask("event", KEYS["event"][0], self.draft.event)

    def leave(self) -> NoReturn:
        """Keep the answers, and end. Raises `KztError`."""
        self.keep()
        raise KztError(STOPPED)

    def cite(self) -> None:
        """Ask for one more citation."""
        self.draft.citations.append({})
        self._cite(self.draft.citations[-1])

    def edit(self) -> None:
        """Ask which answer is wrong, and ask for it again."""
        places = {name: (table, key, of) for name, table, key, of in self._places()}
        told = {
            name: "" if of.get(key.name) is None else str(of[key.name])
            for name, (_, key, of) in places.items()
        }
        name = _answer(
            _Question("Which answer", lambda text: _one("answer", text, list(told)), known=told)
        )
        table, key, of = places[name]
        if name.startswith("source"):
            of["source"] = self._source()
            self.keep()
        else:
            self._ask(table, key, of)

    def _places(self) -> Iterator[tuple[str, str, Key, dict[str, Any]]]:
        """Each answer: what it is called, of what table, its key, and where it is."""
        for key in KEYS["event"]:
            if key.name in self.draft.event or (key in _ORDER and self._makes_sense(key.name)):
                yield key.name, "event", key, self.draft.event
        for number, cited in enumerate(self.draft.citations, 1):
            of = f"-{number}" if len(self.draft.citations) > 1 else ""
            for key in KEYS["citation"]:
                yield f"{key.name}{of}", "citation", key, cited

    def _makes_sense(self, name: str) -> bool:
        event, asks = self.draft.event, any(other.asks for other in self.old.events)
        needed = {
            "state": bool(self.old.matters) and not event.get("finding"),
            "in-force": bool(event.get("state")),
            "finding": bool(self.old.matters) and not event.get("state"),
            "answers": asks,
            "answers-in-part": asks,
        }
        return needed.get(name, True)

    def _cite(self, cited: dict[str, Any]) -> None:
        if NEW in self.draft.sources or "source" not in cited:
            cited["source"] = self._source()
            self.keep()
        for key in KEYS["citation"]:
            if key.name not in cited:
                self._ask("citation", key, cited)

    def _ask(self, table: str, key: Key, of: dict[str, Any]) -> None:
        """Ask for the value of a key, and keep it."""
        before = of.get(key.name)
        question = self._question(table, key, of)
        value = _answer(question)
        if key.name == "authors" and value and len(value) > 1:
            _say(f"  {len(value)} authors: {', '.join(value)}")
        if value is None and before is None and table != "source":
            # So that it isn't asked again.
            of[key.name] = None
        elif value is None:
            of.pop(key.name, None)
        else:
            of[key.name] = value
        self.errors = self._errors()
        self.keep()

    def _question(self, table: str, key: Key, of: dict[str, Any]) -> _Question:
        of_source = " of the source" if table == "source" else ""
        known = self._known(key)
        present = of.get(key.name)
        default = "" if present is None or isinstance(present, list | dict) else str(present)
        if key.name == "id":
            default = default or self._proposed(self.draft.event, {e.id for e in self.old.events})
        examples = ", ".join(str(one) for one in key.examples if isinstance(one, str))
        return _Question(
            key.name.replace("-", " ").capitalize() + of_source,
            partial(self._read, key, list(known)),
            partial(self._wrong, table, key, of),
            known,
            default,
            not key.required,
            key.help + (" Several are parted by ;" if key.name == "authors" else ""),
            f"For example: {examples}" if examples else "",
        )

    def _known(self, key: Key) -> Mapping[str, str]:
        """The names that a key may be answered with, and their titles."""
        old = self.old
        match key.name:
            case "topics":
                return old.topics
            case "state" | "finding":
                return {name: matter.title for name, matter in old.matters.items()}
            case "answers" | "answers-in-part":
                return {event.id: event.asks for event in old.events if event.asks}
            case _:
                return dict.fromkeys(choices(key), "")

    def _read(self, key: Key, names: list[str], text: str) -> Any:
        match shape(key):
            case "date":
                return typed_date(text, "date", self.today).text
            case "boolean":
                if text.lower() not in ("y", "yes", "n", "no"):
                    raise KztError("yes or no")
                return text.lower().startswith("y")
            case "array" if key.name == "authors":
                return [part.strip() for part in text.split(";") if part.strip()]
            case "array":
                return [_one(key.name, word, names) for word in text.replace(",", " ").split()]
            case "object":
                return {
                    _one("matter", matter, names): said
                    for matter, said in states_of(text.split(" | ")).items()
                }
            case "choice":
                return _one(key.name, text, names)
            case _:
                return text

    def _wrong(self, table: str, key: Key, of: dict[str, Any], value: Any) -> str | None:
        """What is wrong with an answer, by itself or beside the others."""
        if wrong := wrong_in(table, self.old, key.name, value):
            return wrong
        before = of.get(key.name)
        of[key.name] = value
        found = [told for one, told in self._errors().items() if one not in self.errors]
        if before is None:
            del of[key.name]
        else:
            of[key.name] = before
        return found[0] if found else None

    def _proposed(self, of: Mapping[str, Any], taken: Collection[str]) -> str:
        return propose_id(PartialDate.parse(of["date"]), of["title"], taken)

    def _source(self) -> str:
        """The id of a source: one that is there, or a new one that goes into the draft."""
        there = {key: f"{one.title} ({one.date})" for key, one in self.old.sources.items()}
        there |= {key: one["title"] for key, one in self.draft.sources.items() if key != NEW}
        if NEW not in self.draft.sources:
            known = {**there, NEW: "a document that is not among them"}
            reader = partial(_one, "source", names=list(known))
            chosen = str(_answer(_Question("Source", reader, known=known, help="The document.")))
            if chosen != NEW:
                return chosen
        made = self.draft.sources.setdefault(NEW, {})
        for key in KEYS["source"]:
            if key.name not in made:
                self._ask("source", key, made)
        proposed = self._proposed(made, {*there, NEW})
        wrong = partial(_wrong_id, {*there, NEW})
        name = str(_answer(_Question("Id of the source", wrong=wrong, default=proposed)))
        self.draft.sources[name] = self.draft.sources.pop(NEW)
        return name


def _wrong_id(taken: Collection[str], value: str) -> str | None:
    if value in taken:
        return f'id "{value}" is already used'
    return None if SLUG.fullmatch(value) else slug_message(value)


def choose(question: str) -> str:
    """Ask what to do with an event: write it, if that can be asked, or one of three others."""
    known = [*(["write"] if question else []), "edit", "citation", "leave"]
    meant = {"y": "write", "yes": "write", "n": "leave", "no": "leave"}

    def read(text: str) -> str:
        start = meant.get(text.lower(), text.lower())
        found = [name for name in known if name.startswith(start)]
        if len(found) != 1:
            raise KztError(f"{', '.join(known)}; the first letter is enough")
        return found[0]

    more = "edit: give another answer; citation: add one; leave: keep the answers for later"
    label = f"{question or 'What now?'} ({', '.join(known)})"
    return str(_answer(_Question(label, read, default=known[0], more=more)))


# --- lists -------------------------------------------------------------------------------------


def _numbered(labels: Mapping[str, str]) -> tuple[str, ...]:
    digits = len(str(len(labels)))
    width = max(map(len, labels), default=0)
    return tuple(
        f"  {number:>{digits}}  {name:<{width}}  {label}"
        for number, (name, label) in enumerate(labels.items(), 1)
    )


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
