"""The questions of `kzt add` on a terminal; each is asked until its answer is right."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from kztimeline.cli import output
from kztimeline.dates.edtf import PartialDate
from kztimeline.edit.draft import NEW, Draft, choices, completed, shape, states_of
from kztimeline.edit.insert import Addition, error_in, errors, propose_id
from kztimeline.files import drafts
from kztimeline.query.filter import typed_date
from kztimeline.record.keys import KEYS, Key, names_of
from kztimeline.record.reading import Reading
from kztimeline.record.values import SLUG, slug_message
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import line, suggest

_STOPPED: Final = "nothing was added; the answers are kept for the next kzt add"


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


_MANY: Final = 30
"""So many names are listed before a question; more are listed when asked for."""


def ask(
    label: str,
    read: Callable[[str], Any] = str,
    *,
    known: Mapping[str, str] = MappingProxyType({}),
    default: str = "",
    optional: bool = False,
    about: str = "",
    more: str = "",
) -> Any:
    """Ask until `read` raises no `KztError`, and give what it read; None for no answer.

    `known` has names that it may be answered with, and their titles; ``?`` shows `about` again,
    and `more`.
    """
    if about:
        _say("", about)
    if len(known) <= _MANY:
        _say(*_numbered(known))
    hint = " (Enter for none)" if optional else ""
    shown = f" [{default}]" if default else hint
    while True:
        answer = _input(f"{label}{shown}: ", known) or default
        if answer == "?":
            _say(*filter(None, [about, more]), *_numbered(known))
        elif optional and answer in ("", _NONE):
            return None
        elif not answer:
            _say("  Please answer, or ? for help; Ctrl-C ends this, and the answers are kept.")
        else:
            try:
                return read(answer)
            except KztError as error:
                _say(f"  {error}")


_NONE: Final = "-"
"""The answer that takes an optional one back."""

# The order of questions is that of the keys, but for one that only a state makes sense of.
_ORDER: Final = sorted(
    (key for key in KEYS["event"] if key.name not in ("id", "sources")),
    key=lambda key: names_of("event").index("finding" if key.name == "in-force" else key.name),
)


class Session:
    """The questions for one event, whose answers go into a draft and are kept at once."""

    def __init__(self, path: Path, record: Reading, draft: Draft, today: date) -> None:
        self.path, self.record, self.draft, self.today = path, record, draft, today
        self.old = record.timeline
        self.errors = self._errors()
        self.complaint = ""

    def gather(self, show: Callable[[Addition], None]) -> Addition:
        """Ask for what the draft lacks and, once it is shown, what to do with it.

        Raises `KztError` if it is left, or the answers end.
        """
        try:
            if self.draft.missing:
                self._fill()
            while True:
                question = ""
                try:
                    show(self.draft.addition())
                    question = f"Write this to {self.path}?"
                except KztError as error:
                    output.complain([str(error)])
                match _choose(question):
                    case "write":
                        return self.draft.addition()
                    case "edit":
                        self._edit()
                    case "citation":
                        self.draft.citations.append({})
                        self._cite(self.draft.citations[-1])
                    case _:
                        self._keep()
                        raise KztError(_STOPPED)
        except KeyboardInterrupt:
            output.complain([_STOPPED])
            raise

    def _keep(self) -> None:
        """Keep the answers for the next `kzt add`; a failure is reported once."""
        try:
            drafts.save(self.path, asdict(self.draft))
        except KztError as error:
            if str(error) != self.complaint:
                output.complain([f"no draft is kept: {error}"])
            self.complaint = str(error)

    def _errors(self) -> Mapping[object, str]:
        """What `kzt check` would find if all other answers were valid."""
        return errors(self.record, completed(self.draft, self.old))

    def _fill(self) -> None:
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

    def _edit(self) -> None:
        """Ask which answer is wrong, and ask for it again."""
        places = dict(self._places())
        given = {name: of.get(key.name) for name, (_, key, of) in places.items()}
        known = {name: "" if value is None else str(value) for name, value in given.items()}
        name = ask("Which answer", partial(_one, "answer", known), known=known)
        table, key, of = places[name]
        if name.startswith("source"):
            of["source"] = self._source()
            self._keep()
        else:
            self._ask(table, key, of)

    def _places(self) -> Iterator[tuple[str, tuple[str, Key, dict[str, Any]]]]:
        """Each answer: what it is called, of what table, its key, and where it is."""
        for key in KEYS["event"]:
            if key.name in self.draft.event or (key in _ORDER and self._makes_sense(key.name)):
                yield key.name, ("event", key, self.draft.event)
        for number, cited in enumerate(self.draft.citations, 1):
            of = f"-{number}" if len(self.draft.citations) > 1 else ""
            for key in KEYS["citation"]:
                yield f"{key.name}{of}", ("citation", key, cited)

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
            self._keep()
        for key in KEYS["citation"]:
            if key.name not in cited:
                self._ask("citation", key, cited)

    def _ask(self, table: str, key: Key, of: dict[str, Any]) -> None:
        """Ask for the value of a key, and keep it."""
        before, known = of.get(key.name), self._known(key)
        default = "" if before is None or isinstance(before, list | dict) else str(before)
        if key.name == "id" and not default:
            default = self._proposed(self.draft.event, {event.id for event in self.old.events})

        def read(text: str) -> Any:
            value = self._read(key, known, text)
            if error := error_in(table, self.old, key.name, value):
                raise KztError(error)
            of[key.name] = value
            for one, error in self._errors().items():
                if one not in self.errors:
                    raise KztError(error)
            return value

        examples = ", ".join(str(one) for one in key.examples if isinstance(one, str))
        value = ask(
            key.name.replace("-", " ").capitalize() + " of the source" * (table == "source"),
            read,
            known=known,
            default=default,
            optional=not key.required,
            about=key.help + (" Several are parted by ;" if key.name == "authors" else ""),
            more=f"For example: {examples}" if examples else "",
        )
        if key.name == "authors" and value and len(value) > 1:
            _say(f"  {len(value)} authors: {', '.join(value)}")
        # None, so that it isn't asked again.
        of[key.name] = value
        if value is None and (before is not None or table == "source"):
            del of[key.name]
        self.errors = self._errors()
        self._keep()

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

    def _read(self, key: Key, names: Collection[str], text: str) -> Any:
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
                return [_one(key.name, names, word) for word in text.replace(",", " ").split()]
            case "object":
                return {
                    _one("matter", names, matter): said
                    for matter, said in states_of(text.split(" | ")).items()
                }
            case "choice":
                return _one(key.name, names, text)
            case _:
                return text

    def _proposed(self, of: Mapping[str, Any], taken: Collection[str]) -> str:
        return propose_id(PartialDate.parse(of["date"]), of["title"], taken)

    def _source(self) -> str:
        """The id of a source: one that is there, or a new one that goes into the draft."""
        there = {key: f"{one.title} ({one.date})" for key, one in self.old.sources.items()}
        there |= {key: one["title"] for key, one in self.draft.sources.items() if key != NEW}
        if NEW not in self.draft.sources:
            known = {**there, NEW: "a document that is not among them"}
            reader = partial(_one, "source", known)
            chosen = str(ask("Source", reader, known=known, about="The document."))
            if chosen != NEW:
                return chosen
        new, taken = self.draft.sources.setdefault(NEW, {}), {*there, NEW}
        for key in KEYS["source"]:
            if key.name not in new:
                self._ask("source", key, new)

        def unused(text: str) -> str:
            if text in taken or not SLUG.fullmatch(text):
                used = f'id "{text}" is already used'
                raise KztError(used if text in taken else slug_message(text))
            return text

        name = str(ask("Id of the source", unused, default=self._proposed(new, taken)))
        self.draft.sources[name] = self.draft.sources.pop(NEW)
        return name


def _choose(question: str) -> str:
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
    return str(ask(label, read, default=known[0], more=more))


# --- lists -------------------------------------------------------------------------------------


def _numbered(labels: Mapping[str, str]) -> tuple[str, ...]:
    digits = len(str(len(labels)))
    width = max(map(len, labels), default=0)
    return tuple(
        f"  {number:>{digits}}  {name:<{width}}  {label}"
        for number, (name, label) in enumerate(labels.items(), 1)
    )


def _one(noun: str, names: Collection[str], text: str) -> str:
    """A name, or what its number in the list stands for. Raises `KztError`."""
    if text in names:
        return text
    if text.isascii() and text.isdigit():
        number = int(text[:9])
        if not 1 <= number <= len(names):
            raise KztError(f"there is no number {number}: they are 1 to {len(names)}")
        return [*names][number - 1]
    hint = suggest(text, names)
    raise KztError(f'unknown {noun} "{text[:80]}"' + (f" ({hint})" if hint else ""))
