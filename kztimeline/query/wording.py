"""The words of diffs, whatever the format."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.diff import (
    COMMENTS,
    LAYOUT,
    Change,
    DateDiff,
    Effect,
    EventChange,
    VersionDiff,
    field_changes,
)
from kztimeline.query.state import Standing, outcome_text
from kztimeline.record.model import PERSPECTIVES, Citation, Timeline
from kztimeline.text.compare import changes
from kztimeline.text.gate import plural

_MOST_EFFECTS: Final = 3


def headline(diff: VersionDiff) -> str:
    """What an edit does, in a sentence: ``2 events added, 1 changed; libel stands …``."""
    events = {"added": diff.added, "removed": diff.removed, "changed": diff.changed}
    counts = [_count("event", **{name: len(some) for name, some in events.items()})]
    for noun, entries in diff.tables:
        done = [verb(entry) for entry in entries]
        verbs = ("added", "removed", "edited")
        counts.append(_count(noun, **{name: done.count(name) for name in verbs}))
    counts += ["1 title edited"] if diff.title else []
    effects = [
        f"{matter_title(diff, effect.matter)} stands differently from"
        f" {effect.steps[0].since}{until(effect)}"
        for effect in diff.effects
    ]
    if len(effects) > _MOST_EFFECTS:
        effects = [f"{plural(len(effects), 'matter')} stand differently"]
    edits = ", ".join(filter(None, counts)) or "no change"
    return "; ".join([edits, *map(outside, diff.outside), *effects])


def verb(change: Change) -> str:
    """What was done to an entry of a table."""
    return "added" if change.old is None else "removed" if change.new is None else "edited"


def _count(noun: str, **by_verb: int) -> str:
    """How many things by what was done to them: ``2 events added, 1 changed``."""
    first, *more = [(count, verb) for verb, count in by_verb.items() if count] or [(0, "")]
    counts = [
        f"{plural(first[0], noun)} {first[1]}",
        *(f"{count:,} {verb}" for count, verb in more),
    ]
    return ", ".join(counts) if first[0] else ""


def outside(change: Change) -> str:
    """What differs outside the values: ``2 comments added, 1 removed``."""
    if change.name == COMMENTS:
        return _count("comment", added=change.new, removed=change.old)
    return "layout changed" if change.name == LAYOUT else f"{change.name} line changed"


def until(effect: Effect) -> str:
    """When both versions agree again: `` until the end of 2020``, else an empty string."""
    if effect.until is None:
        return ""
    return f" until {'the end of ' if effect.until_end else ''}{effect.until}"


def matter_title(diff: VersionDiff, matter: str) -> str:
    """A matter's title, in the new version if it is there."""
    found = diff.new.matters.get(matter) or diff.old.matters[matter]
    return found.title


def states(standing: Standing) -> str:
    """All that a matter may stand at, in one line."""
    outcomes = [outcome_text(standing, outcome) for outcome in standing.outcomes]
    return " or ".join([*outcomes, *([f"{standing.more:,} more"] if standing.more else [])])


def texts(diff: VersionDiff, change: EventChange | Change) -> Iterator[Change]:
    """The changed fields of an event or an entry as texts; citations and states one by one."""
    known = change.fields if isinstance(change, EventChange) else None
    for name, before, after in known or field_changes(change.old, change.new):
        if name in ("state", "finding"):
            keys = dict.fromkeys((*before, *after))
            parts = [(f"{name} {key}", before.get(key), after.get(key)) for key in keys]
        elif name == "sources":
            parts = [
                (f"citation of {(b or a).source}", _cited(diff.old, a), _cited(diff.new, b))
                for a, b in _citation_changes(before, after)
            ]
        else:
            parts = [(name, _text(before), _text(after))]
        for part, was, now in parts:
            if was != now or name == "sources":
                both = was is not None and now is not None
                yield Change(part, *(blanks_named(was, now) if both else (was, now)))


def _text(value: Any) -> str | None:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, tuple):
        return ", ".join(value) or None
    return None if value is None else str(value)


def _cited(timeline: Timeline, citation: Citation | None) -> str | None:
    """What a citation says, where, and whose voice it is, in one line."""
    if citation is None:
        return None
    voice = PERSPECTIVES[timeline.perspective(citation)]
    disputes = ", disputes" if citation.disputes else ""
    quote = f" “{citation.quote}”" if citation.quote else ""
    return f"{citation.says or 'supports it'}{quote} ({citation.at}; {voice}{disputes})"


def _citation_changes(
    old: tuple[Citation, ...], new: tuple[Citation, ...]
) -> Iterator[tuple[Any, Any]]:
    """Pair the citations that differ: with the same source and locator, else the same source."""
    before = [citation for citation in old if citation not in new]
    after = [citation for citation in new if citation not in old]
    for key in (lambda c: (c.source, c.at), lambda c: c.source):
        for citation in tuple(before):
            partner = next((other for other in after if key(other) == key(citation)), None)
            if partner:
                before.remove(citation)
                after.remove(partner)
                yield citation, partner
    yield from ((citation, None) for citation in before)
    yield from ((None, citation) for citation in after)


def words(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Pair stretches of words: equal ones, or what was with what is, either possibly empty."""
    # Not split(): what else Python takes for white space is for the gate to show.
    before, after = (text.replace("\n", " ").split(" ") for text in (old, new))
    at = 0
    for start, end, first, last in changes(before, after):
        if start > at:
            yield " ".join(before[at:start]), " ".join(before[at:start])
        yield blanks_named(" ".join(before[start:end]), " ".join(after[first:last]))
        at = end
    if at < len(before):
        yield " ".join(before[at:]), " ".join(before[at:])


_BLANK: Final = re.compile(r"[^\S ]|(?<=\s) |^ | $")


def blanks_named(old: str, new: str) -> tuple[str, str]:
    """Two texts; if they differ in blanks alone, these by their names: ``(no-break space)``."""
    if old == new or old.split() != new.split():
        return old, new
    named = (_BLANK.sub(_blank_name, text) for text in (old, new))
    return next(named), next(named)


def _blank_name(found: re.Match[str]) -> str:
    return f"({unicodedata.name(found[0], 'line break').lower()})"


def dates_headline(diff: DateDiff) -> str:
    """How much changed between two dates, in a sentence."""
    changed = len(diff.of_kind("changed"))
    counts = [f"{plural(changed, 'matter')} {'is' if changed == 1 else 'are'} set differently"]
    for kind, how in (("first", "for the first time"), ("back", "and set back")):
        if count := len(diff.of_kind(kind)):
            counts.append(f"{count:,} set {how}")
    possible = f", {len(diff.events.possible)} only possibly" if diff.events.possible else ""
    events = plural(len(diff.events.events), "event")
    return (
        f"{', '.join(counts)} at the end of {diff.new.words()} than at the end of"
        f" {diff.old.words()}; {events} in between{possible}"
    )
