"""Records of any size, the same at every run, and the same data for other tools."""

import csv
import json
import random
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from kztimeline import PartialDate

TOPICS = [f"topic-{n:02}" for n in range(20)]
SOURCES = [f"source-{n:03}" for n in range(200)]
MATTERS = [f"matter-{n:03}" for n in range(100)]
KINDS = ["law", "decree", "policy", "report", "statement", "court-decision", "protest"]
WORDS = [
    "a", "bill", "on", "assemblies", "was", "passed", "after", "hearings", "with", "ministries",
    "and", "civil", "society", "while", "experts", "asked", "for", "shorter", "terms", "of",
    "notice", "courts", "reviewed", "earlier", "rulings", "fines",
]  # fmt: skip


def events(count: int, *, lean: bool = False) -> list[dict[str, Any]]:
    """Events over 35 years, in date order; seeded, so that every run has the same ones.

    They are rich, with long texts and several citations, or lean: one citation, two lines of text.
    """
    found = _events(count, lean=lean)
    return sorted(found, key=lambda event: PartialDate.parse(event["date"]).sort_key)


def _events(count: int, *, lean: bool) -> Iterator[dict[str, Any]]:
    chance = random.Random(count)

    def text(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words)).capitalize()

    for number in range(count):
        year = 1991 + number * 35 // count
        date = chance.choice([f"{year}", f"{year}-06", f"{year}-06-15", f"[{year}..{year + 1}]"])
        event: dict[str, Any] = {
            "id": f"{year}-event-{number}",
            "date": date,
            "title": text(9),
            "kind": chance.choice(KINDS),
            "topics": sorted(chance.sample(TOPICS, 2)),
            "summary": text(9 if lean else 40) + ".",
        }
        if number % 10 == 0:
            event["kind"] = "law"
            event["state"] = {chance.choice(MATTERS): text(3)}
        event["sources"] = []
        for _ in range(1 if lean else chance.randint(1, 2)):
            cited = {"source": chance.choice(SOURCES), "at": f"page {chance.randint(1, 90)}"}
            event["sources"].append(cited if lean else cited | {"says": text(9)})
        yield event


Events = Sequence[dict[str, Any]]


def corrected(found: Events, start: int = 0) -> Events:
    """One event in a hundred with another title."""
    return [
        event | {"title": f"{event['title']}, corrected"} if number % 100 == start else event
        for number, event in enumerate(found)
    ]


def untidy(found: Events) -> Events:
    """One event in a hundred at another place, with its keys in another order."""
    moved = [dict(reversed(event.items())) for event in found[::100]]
    kept = [event for number, event in enumerate(found) if number % 100]
    return [*kept[: len(kept) // 2], *moved, *kept[len(kept) // 2 :]]


def toml(count: int, edit: bool = False) -> str:
    """An events file of rich events; `edit` changes one in a hundred."""
    return record(corrected(events(count)) if edit else events(count))


def record(found: Events) -> str:
    """An events file with the topics, matters and sources that the events need."""
    matters = {matter for event in found for matter in event.get("state", ())}
    sources = {cited["source"] for event in found for cited in event["sources"]}
    parts = ['[timeline]\ntitle = "A record"\n\n[topic]\n']
    parts += [f'{name} = "Label of {name}"\n' for name in TOPICS]
    parts += [
        f'\n[matter.{name}]\ntitle = "The {name}"\ntopics = ["{TOPICS[0]}"]\n'
        for name in sorted(matters)
    ]
    parts += [
        f'\n[source.{name}]\ntitle = "The {name}"\ndate = "2025"\nperspective = "ngo"\n'
        for name in sorted(sources)
    ]
    return "".join([*parts, *map(_event, found)])


def _event(event: dict[str, Any]) -> str:
    lines = ["", "[[event]]"]
    for key, value in event.items():
        if key == "sources":
            lines += ["sources = [", *(f"  {_inline(cited)}," for cited in value), "]"]
        elif key == "state":
            lines.append(f"state = {_inline(value)}")
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join([*lines, ""])


def _inline(table: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + " }"


def rec(found: Events) -> str:
    """The same events for GNU recutils, with the constraints that `recfix --check` verifies."""
    head = "%rec: Event\n%key: Id\n%mandatory: Date Title Kind Summary\n"
    parts = [head]
    for event in found:
        lines = [
            "",
            *(f"{key.capitalize()}: {event[key]}" for key in ("id", "date", "title", "kind")),
        ]
        lines += [f"Topic: {topic}" for topic in event["topics"]]
        lines.append(f"Summary: {event['summary']}")
        lines += [f"State: {key} {text}" for key, text in event.get("state", {}).items()]
        for cited in event["sources"]:
            lines += [f"{key.capitalize()}: {value}" for key, value in cited.items()]
        parts.append("\n".join([*lines, ""]))
    return "".join(parts)


def journal(found: Events) -> str:
    """The same events as an hledger journal: a transaction each, dates filled in as it needs."""
    return "".join(
        f"{event['id'][:4]}-06-15 {event['title']}  ; {', '.join(f'{t}:' for t in event['topics'])}\n"
        f"    {event['kind']}  1\n    record\n\n"
        for event in found
    )


def table(found: Events) -> str:
    """The same events as a table, under other ids, a citation a row, to be taken in."""
    file = StringIO()
    names = ["id", "date", "title", "kind", "topics", "summary", "source", "at", "says"]
    rows = csv.DictWriter(file, names, extrasaction="ignore")
    rows.writeheader()
    for event in found:
        for cited in event["sources"]:
            shown = {"id": f"more-{event['id']}", "topics": "; ".join(event["topics"])}
            rows.writerow(event | cited | shown)
    return file.getvalue()


def write(folder: Path, count: int) -> None:
    """Write all forms of the rich and the lean record of so many events."""
    rich, lean = events(count), events(count, lean=True)
    files = {
        f"{count}-theirs.toml": record(corrected(rich, 50)),
        f"{count}-untidy.toml": record(untidy(rich)),
        f"{count}-more.csv": table(rich),
    }
    for name, found in ((f"{count}", rich), (f"{count}-lean", lean)):
        files |= {
            f"{name}.toml": record(found),
            f"{name}-edited.toml": record(corrected(found)),
            f"{name}.rec": rec(found),
            f"{name}.json": json.dumps(found),
            f"{name}.journal": journal(found),
        }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
