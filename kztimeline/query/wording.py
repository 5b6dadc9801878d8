"""The words in which answers are told, whatever the format."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.diff import (
    COMMENTS,
    LAYOUT,
    DateDiff,
    Effect,
    EventChange,
    FieldChange,
    TableChange,
    VersionDiff,
    entry_fields,
)
from kztimeline.query.state import Standing, outcome_text
from kztimeline.record.model import PERSPECTIVES, Citation, Timeline
from kztimeline.text.compare import changes
from kztimeline.text.gate import plural


class Texts(NamedTuple):
    """A change of one field as texts; None where there was, or is, nothing."""

    field: str
    old: str | None
    new: str | None


_MOST_EFFECTS: Final = 3


def headline(diff: VersionDiff) -> str:
    """What an edit does, in a sentence: ``2 events added, 1 changed; libel stands …``."""
    counts = [
        _count("event", {"added": diff.added, "removed": diff.removed, "changed": diff.changed})
    ]
    for noun, edits in diff.tables:
        by_verb: dict[str, list[TableChange]] = {"added": [], "removed": [], "edited": []}
        for change in edits:
            by_verb[verb(change)].append(change)
        counts.append(_count(noun, by_verb))
    parts = [*(count for count in counts if count), *(["1 title edited"] if diff.title else [])]
    told = "; ".join([", ".join(parts) or "no change", *map(outside, diff.outside)])
    effects = [_brief_effect(diff, effect) for effect in diff.effects]
    if len(effects) > _MOST_EFFECTS:
        effects = [f"{plural(len(effects), 'matter')} stand differently"]
    return "; ".join([told, *effects])


def verb(change: TableChange) -> str:
    """What was done to an entry of a table."""
    return "added" if change.old is None else "removed" if change.new is None else "edited"


def _count(noun: str, by_verb: Mapping[str, Sequence[Any]]) -> str:
    """How many things by what was done to them: ``2 events added, 1 changed``."""
    told = [(len(things), verb) for verb, things in by_verb.items() if things]
    return ", ".join(
        f"{count:,} {verb}" if at else f"{plural(count, noun)} {verb}"
        for at, (count, verb) in enumerate(told)
    )


def outside(change: FieldChange) -> str:
    """What differs outside the values: ``2 comments added, 1 removed``."""
    if change.field == COMMENTS:
        return _count("comment", {"added": range(change.new), "removed": range(change.old)})
    return "layout changed" if change.field == LAYOUT else f"{change.field} line changed"


def _brief_effect(diff: VersionDiff, effect: Effect) -> str:
    title = matter_title(diff, effect.matter)
    return f"{title} stands differently from {effect.steps[0].since}{until(effect)}"


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
    told = [outcome_text(standing, outcome) for outcome in standing.outcomes]
    return " or ".join([*told, *([f"{standing.more:,} more"] if standing.more else [])])


def event_texts(change: EventChange, old: Timeline, new: Timeline) -> Iterator[Texts]:
    """A changed event's fields as texts; citations and states one by one."""
    for name, before, after in change.fields:
        if name in ("state", "finding"):
            for key in dict.fromkeys((*before, *after)):
                if before.get(key) != after.get(key):
                    yield _texts(f"{name} {key}", before.get(key), after.get(key))
        elif name == "sources":
            for a, b in _citation_changes(before, after):
                yield _texts(
                    f"citation of {(b or a).source}",
                    citation_text(old, a) if a else None,
                    citation_text(new, b) if b else None,
                )
        else:
            yield _texts(name, _text(before), _text(after))


def _texts(field: str, old: str | None, new: str | None) -> Texts:
    return (
        Texts(field, old, new)
        if old is None or new is None
        else Texts(field, *blanks_named(old, new))
    )


def _text(value: Any) -> str | None:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, tuple):
        return ", ".join(value) or None
    return None if value is None else str(value)


def citation_text(timeline: Timeline, citation: Citation) -> str:
    """What a citation says, where, and whose voice it is, in one line."""
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


def table_texts(change: TableChange) -> Iterator[Texts]:
    """A changed topic, matter or source as texts, field by field."""
    old, new = entry_fields(change.old), entry_fields(change.new)
    for name in dict.fromkeys((*old, *new)):
        before, after = _text(old.get(name)), _text(new.get(name))
        if before != after:
            yield _texts(name, before, after)


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
    stand = "is" if changed == 1 else "are"
    told = [f"{plural(changed, 'matter')} {stand} set differently"]
    for kind, words in (("first", "for the first time"), ("back", "and set back")):
        if count := len(diff.of_kind(kind)):
            told.append(f"{count:,} set {words}")
    possible = f", {len(diff.events.possible)} only possibly" if diff.events.possible else ""
    events = plural(len(diff.events.events), "event")
    return (
        f"{', '.join(told)} at the end of {diff.new.words()} than at the end of"
        f" {diff.old.words()}; {events} in between{possible}"
    )
