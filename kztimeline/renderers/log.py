"""A history as a layout: each commit in a line, and what it did under it."""

from collections.abc import Iterable, Iterator
from itertools import islice

from kztimeline.query.diff import VersionDiff
from kztimeline.query.history import Entry
from kztimeline.query.wording import headline, texts, verb
from kztimeline.renderers.changes import SIGNS, versions
from kztimeline.renderers.layout import Line, Part, line


def lines(entries: Iterable[Entry], full: bool, most: int | None) -> Iterator[Line]:
    """What each commit did: in full, or at most so many things in a line each."""
    for number, (commit, diff, notes) in enumerate(entries):
        if number:
            yield line()
        head = Part(commit.day, "date"), Part(f" {commit.hash[:12]}", "id")
        yield line(*head, f" {commit.author}: {commit.subject}", hang=4)
        for note in notes:
            yield line(Part(note, "disputed"), indent=4, hang=2)
        if diff is not None and full:
            yield from (row._replace(indent=row.indent + 4) for row in versions(diff))
        elif diff is not None:
            yield line(Part(headline(diff), "dim"), indent=4, hang=2)
            things = list(_things(diff))
            yield from islice(things, most)
            if most is not None and len(things) > most:
                yield line(Part(f"and {len(things) - most:,} more", "dim"), indent=4)


def _things(diff: VersionDiff) -> Iterator[Line]:
    """A line for each event and entry; of what changed, in which fields."""
    yield from (_thing("added", event.id, event.title) for event in diff.added)
    yield from (_thing("removed", event.id, event.title) for event in diff.removed)
    for change in diff.changed:
        was = f" (was {change.old.id})" if change.old.id != change.new.id else ""
        fields = [field.name for field in texts(diff, change)]
        yield _thing("edited", f"{change.new.id}{was}", *fields)
    for noun, changes in diff.tables:
        for entry in changes:
            fields = [field.name for field in texts(diff, entry)]
            name, done = f"{noun} {entry.name}", verb(entry)
            yield _thing(done, name, *(fields if done == "edited" else ()))


def _thing(done: str, name: str, *told: str) -> Line:
    sign, style = SIGNS[done]
    words = ", ".join(dict.fromkeys(word for word in told if word != "id"))
    return line(Part(f"{sign} {name}", style), f": {words}" if words else "", indent=4, hang=2)
