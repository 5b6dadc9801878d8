"""What each commit did to a record: as the diffs between its versions."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kztimeline.query.diff import VersionDiff, compare, narrow, part
from kztimeline.query.filter import FIELDS, Filter, one_of
from kztimeline.record.reading import Reading


class Commit(NamedTuple):
    """A commit, in the words of whoever made it: a stranger."""

    hash: str
    when: str
    """The author's day and time, as ISO 8601 writes them."""
    author: str
    subject: str

    @property
    def day(self) -> str:
        """The author's day."""
        return self.when[:10]


Version = Reading | str
"""The record as a commit holds it, or why its meaning is doubtful or can't be known at all."""


class Step(NamedTuple):
    """A commit that touched the file, with the record in each parent and after it."""

    commit: Commit
    before: tuple[Version, ...]
    after: Version
    notes: tuple[str, ...] = ()


class Entry(NamedTuple):
    """What is known of a commit."""

    commit: Commit
    diff: VersionDiff | None
    """None if it isn't known."""
    notes: tuple[str, ...] = ()


def entries(
    steps: Iterable[Step], wanted: Filter, ids: Collection[str] = (), *, to_end: bool = True
) -> Iterator[Entry]:
    """What each commit did, or did to what has one of these ids and passes the filter.

    Steps come newest first; under the id that an event had before a commit renamed it, it is
    followed on. Raises `KztError` at the end of the history if what is asked for was never there.
    """
    names = set(ids)
    everything = not names and wanted == Filter()
    is_of_matters = bool(names or wanted.topic or wanted.matter)
    seen: dict[str, set[str]] = {name: set() for name in ("id", *FIELDS)}
    for step in steps:
        diff = _diff(step)
        if everything:
            notes = step.notes if diff is not None else (*step.notes, _unknown(step))
            yield Entry(step.commit, diff, notes)
        elif diff is not None:
            for timeline in (diff.old, diff.new):
                seen["id"].update(event.id for event in timeline.events)
                seen["id"].update(timeline.topics, timeline.matters, timeline.sources)
                for name, field in FIELDS.items():
                    seen[name].update(field.known(timeline))
            diff = narrow(_about(diff, names) if ids else diff, wanted)
            if diff or (diff.effects and is_of_matters):
                yield Entry(step.commit, diff, step.notes)
    for name, known in seen.items() if to_end and not everything else ():
        one_of(name, ids if name == "id" else getattr(wanted, name), sorted(known))


def _about(diff: VersionDiff, names: set[str]) -> VersionDiff:
    """What is about these names; the former ones of events that were renamed join them."""
    found = part(diff, lambda _, event: event.id in names, lambda _, key: key in names)
    names.update(change.old.id for change in found.changed)
    return found


def _unknown(step: Step) -> str:
    """Why it isn't known what a commit did."""
    if isinstance(step.after, str):
        return f"can't be read: {step.after}"
    before = next(version for version in step.before if isinstance(version, str))
    return f"what it did isn't known: nothing before it can be read ({before})"


def _diff(step: Step) -> VersionDiff | None:
    """What a commit did; of a merge, what none of its parents had."""
    after, readable = step.after, [old for old in step.before if isinstance(old, Reading)]
    if isinstance(after, str) or len(readable) < len(step.before):
        return None
    first, *others = (_compare(before, after) for before in readable)
    if not others:
        return first
    shared = set.intersection(*(set(_things(diff)) for diff in (first, *others)))
    return part(
        first,
        lambda _, event: ("event", event.id) in shared,
        lambda noun, key: (noun, key) in shared,
    )


def _compare(old: Reading, new: Reading) -> VersionDiff:
    # What is outside the values of a whole file that comes or goes says nothing.
    texts = (old.text, new.text) if old.text and new.text else None
    return compare(old.timeline, new.timeline, texts)


def _things(diff: VersionDiff) -> Iterator[tuple[str, str]]:
    """All that differs, by noun and name."""
    renamed = (event for change in diff.changed for event in change[:2])
    yield from (("event", event.id) for event in (*diff.added, *diff.removed, *renamed))
    yield from ((noun, change.name) for noun, changes in diff.tables for change in changes)
    yield from (("effect", effect.matter) for effect in diff.effects)
