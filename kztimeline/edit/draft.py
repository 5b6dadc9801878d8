"""What is to be added, from the options of a command line or from JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from kztimeline.edit import sheets
from kztimeline.edit.insert import Addition, error_in, message
from kztimeline.files.place import Place, read_file
from kztimeline.query.filter import typed_date
from kztimeline.record.keys import KEYS, Key, Names, check, names_of
from kztimeline.record.model import KINDS, Timeline
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten
from kztimeline.toml import writing


def editable(at: Place) -> Path:
    """The path of a file that can be edited. Raises `KztError`."""
    if at.path is None:
        raise KztError("standard input can't be edited; name a file with --file")
    if at.bundled:
        raise KztError("the bundled record can't be edited; name a file with --file")
    return at.path


def content(path: Path) -> bytes:
    """The bytes of a file that is to be edited. Raises `KztError`."""
    try:
        return read_file(path)
    except KztError as error:
        if not path.exists() and path.parent.is_dir() and not path.is_symlink():
            raise KztError(f"{error} (an empty file is a record: make one first)") from None
        raise


NEW: Final = "new"
"""The answer that makes a new source, and its name until it has one."""


def begun(title: str) -> str:
    """An events file to begin with, commented. Raises `KztError` for a title that is none."""
    if wrong := check("timeline").findings({"title": title}):
        raise KztError(f"--title: {message(wrong[0])}")
    text = Path(__file__).with_name("new.toml").read_text("utf-8")
    return text.replace('"TITLE"', writing.value(title))


def shape(key: Key) -> str:
    """How a value of a key is typed: string, array, object, boolean, choice or date."""
    schema = key.checked(Names()).schema
    return str(schema.get("type") or ("choice" if "enum" in schema else "date"))


def choices(key: Key) -> list[str]:
    """The values that a key may have, if they are the same in every record."""
    return list(key.checked(Names()).schema.get("enum", ()))


def flag(key: str) -> str:
    """The option of a key."""
    return "--topic" if key == "topics" else f"--{key}"


def required(table: str) -> list[str]:
    """The keys that must be given; an id can be proposed, and citations are asked one by one."""
    return [k.name for k in KEYS[table] if k.required and k.name not in ("id", "sources")]


@dataclass(slots=True)
class Draft:
    """An event on its way, in the keys of the file, with its citations."""

    event: dict[str, Any] = field(default_factory=dict)
    citations: list[dict[str, Any]] = field(default_factory=lambda: [{}])
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The options without which nothing can be added."""
        missing = [flag(key) for key in required("event") if key not in self.event]
        for cited in self.citations:
            of = f" for {shorten(cited['source'])}" if len(self.citations) > 1 else ""
            missing += [flag(key) + of for key in required("citation") if key not in cited]
        return missing

    @property
    def label(self) -> str:
        """What it is, in words."""
        title = self.event.get("title") or self.event.get("date")
        return f'"{shorten(str(title))}"' if title else "of before"

    def addition(self) -> Addition:
        """The whole. Raises `KztError` naming all that is missing."""
        if missing := self.missing:
            *others, last = missing
            named = f"{', '.join(others)} and {last}" if others else last
            raise KztError(f"kzt add: missing {named} (see kzt add --help)")
        return self.as_it_is()

    def as_it_is(self) -> Addition:
        """The answers, without those that were none."""
        sources = {key: _given(source) for key, source in self.sources.items()}
        event = _given(self.event) | {"sources": [_given(cited) for cited in self.citations]}
        return Addition([event], {"source": sources})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def kept(value: Any, old: Timeline) -> Draft | None:
    """The draft that a file holds, as far as it is still valid."""
    try:
        event, cited, sources = value["event"], value["citations"], value["sources"]
        known = old._replace(sources={**old.sources, **sources})
        found = Draft(
            _valid("event", event, old),
            [_valid("citation", one, known) for one in cited] or [{}],
            {str(key): _valid("source", one, old) for key, one in sources.items()},
        )
    except (AttributeError, KeyError, TypeError):
        return None
    return found if found.event or any(found.citations) else None


def _valid(table: str, values: Mapping[str, Any], old: Timeline) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is None or not error_in(table, old, k, v)}


def joined(there: Draft, typed: Draft) -> Draft:
    """A draft that was kept, with what was typed now."""
    citations = typed.citations if any(typed.citations) else there.citations
    return Draft({**there.event, **typed.event}, citations, there.sources)


def completed(draft: Draft, old: Timeline) -> Addition:
    """A draft with answers that nothing is wrong with in place of those that aren't given yet."""
    late = {"title": "x", "date": "9999", "perspective": "media"}
    event = {"date": "[0001..9999]", "title": "x", "kind": KINDS[0], "topics": [*old.topics][:1]}
    source = {"source": NEW} if NEW in draft.sources else {}
    cited = [{"at": "x", **source, **one} for one in draft.citations]
    cited = [one for one in cited if one.get("source")]
    sources = {key: {**late, **one} for key, one in draft.sources.items()}
    whole = Draft({**event, "summary": "x", **draft.event}, cited, sources)
    return whole.as_it_is()


def draft(typed: Mapping[str, Any], order: Iterable[str], old: Timeline, today: date) -> Draft:
    """A draft of the options that were typed, each checked by itself. Raises `KztError`.

    `typed` has their values by key, those of citations as lists; `order` is that in which the
    keys came on the command line.
    """
    new = Draft(citations=_citations(typed, order))
    for key in KEYS["event"]:
        if key.name in typed:
            new.event[key.name] = value = _read(key, typed[key.name], today)
            _refuse(key.name, error_in("event", old, key.name, value))
    for cited in new.citations:
        for name, value in cited.items():
            _refuse(name, error_in("citation", old, name, value))
    return new


def _refuse(key: str, wrong: str | None) -> None:
    if wrong:
        raise KztError(f"{flag(key)}: {wrong}")


def _citations(typed: Mapping[str, Any], order: Iterable[str]) -> list[dict[str, Any]]:
    """The citations that were typed: each source begins another one."""
    left = {
        name: iter(typed[name])
        for name in names_of("citation")
        if name != "disputes" and name in typed
    }
    found: list[dict[str, Any]] = [{}]
    for name in order:
        if name not in names_of("citation"):
            continue
        if name == "source" and "source" in found[-1]:
            found.append({})
        if name in found[-1]:
            raise KztError(f"{flag(name)}: twice in one citation; each begins with its --source")
        found[-1][name] = name == "disputes" or next(left[name])
    return found


def _read(key: Key, value: Any, today: date) -> Any:
    match shape(key):
        case "date":
            return typed_date(value, flag(key.name), today).text
        case "object":
            return states_of(value, f"{flag(key.name)}: ")
        case _:
            return value


def states_of(typed: Sequence[str], name: str = "") -> dict[str, str]:
    """``MATTER=TEXT`` as a table. Raises `KztError`."""
    found: dict[str, str] = {}
    for pair in typed:
        matter, equals, text = pair.partition("=")
        if not equals:
            example = 'libel="No longer a crime"'
            raise KztError(f'{name}"{shorten(pair)}" is not MATTER=TEXT, such as {example}')
        if matter.strip() in found:
            raise KztError(f'{name}"{shorten(matter.strip())}" is there twice')
        found[matter.strip()] = text.strip()
    return found


# --- JSON --------------------------------------------------------------------------------------

PLURAL: Final = {"topic": "topics", "matter": "matters", "source": "sources"}
"""The tables of an events file, and what JSON that the tool writes calls them."""


def from_json(data: bytes, old: Timeline) -> Addition:
    """An event as in the file, ``{"event": …, "source": {id: …}}``, or what `show` writes.

    What is derived is ignored, and so are tables that are there already. Raises `KztError`.
    """
    try:
        found = sheets.document(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise KztError(f"--json: not UTF-8 at byte {error.start:,}") from None
    except KztError as error:
        raise KztError(f"--json: {error}") from None
    if not isinstance(found, dict):
        raise KztError("--json: must be an object, an event as in the file")
    tables = {}
    event = found
    if "event" in found and found.keys() <= {"event", "source"}:
        event, tables = found["event"], {"source": found.get("source", {})}
    elif isinstance(found.get("events"), list):
        if len(found["events"]) != 1:
            raise KztError("--json: must hold one event; kzt add --from takes several")
        (event,) = found["events"]
        for noun, plural in PLURAL.items():
            known = getattr(old, plural)
            tables[noun] = {k: v for k, v in found.get(plural, {}).items() if k not in known}
    for table in (event, *tables.values(), *tables.get("source", {}).values()):
        if not isinstance(table, dict):
            raise KztError('--json: must be an event, or {"event": {…}, "source": {"ID": {…}}}')
    return Addition([{k: v for k, v in event.items() if k not in sheets.DERIVED}], tables)
