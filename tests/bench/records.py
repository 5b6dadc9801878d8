"""Records of any size, the same at every run, and the same data for other tools."""

import json
import random
import sys
from collections.abc import Iterator
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


def events(count: int) -> list[dict[str, Any]]:
    """Events over 35 years, in date order; seeded, so that every run has the same ones."""
    return sorted(_events(count), key=lambda event: PartialDate.parse(event["date"]).sort_key)


def _events(count: int) -> Iterator[dict[str, Any]]:
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
            "summary": text(40) + ".",
        }
        if number % 10 == 0:
            event["kind"] = "law"
            event["state"] = {chance.choice(MATTERS): text(3)}
        event["sources"] = [
            {
                "source": chance.choice(SOURCES),
                "at": f"page {chance.randint(1, 90)}",
                "says": text(9),
            }
            for _ in range(chance.randint(1, 2))
        ]
        yield event


def toml(count: int, edit: bool = False) -> str:
    """An events file; `edit` changes one event in a hundred."""
    found = events(count)
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
    for number, event in enumerate(found):
        if edit and number % 100 == 0:
            event["title"] += ", corrected"
        parts.append(_event(event))
    return "".join(parts)


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


def rec(count: int) -> str:
    """The same events for GNU recutils, with the constraints that `recfix --check` verifies."""
    head = "%rec: Event\n%key: Id\n%mandatory: Date Title Kind Summary\n"
    parts = [head]
    for event in events(count):
        lines = [
            "",
            *(f"{key.capitalize()}: {event[key]}" for key in ("id", "date", "title", "kind")),
        ]
        lines += [f"Topic: {topic}" for topic in event["topics"]]
        lines.append(f"Summary: {event['summary']}")
        lines += [f"State: {key} {text}" for key, text in event.get("state", {}).items()]
        for cited in event["sources"]:
            lines += [f"Source: {cited['source']}", f"At: {cited['at']}", f"Says: {cited['says']}"]
        parts.append("\n".join([*lines, ""]))
    return "".join(parts)


def journal(count: int) -> str:
    """The same events as an hledger journal: a transaction each, dates filled in as it needs."""
    return "".join(
        f"{event['id'][:4]}-06-15 {event['title']}  ; {', '.join(f'{t}:' for t in event['topics'])}\n"
        f"    {event['kind']}  1\n    record\n\n"
        for event in events(count)
    )


def write(folder: Path, count: int) -> None:
    """Write all forms of a record of so many events."""
    (folder / f"{count}.toml").write_text(toml(count), "utf-8")
    (folder / f"{count}-edited.toml").write_text(toml(count, edit=True), "utf-8")
    (folder / f"{count}.rec").write_text(rec(count), "utf-8")
    (folder / f"{count}.json").write_text(json.dumps(events(count)), "utf-8")
    (folder / f"{count}.journal").write_text(journal(count), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
