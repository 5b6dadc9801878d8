"""The union of two edits of a value, as the table of cases in section 8 of the design has it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kztimeline.record.keys import ANSWERS

ABSENT: Final = object()
"""What a key has for a value where it isn't there."""

Plain = Mapping[str, Any]


class ClashError(Exception):
    """Both sides changed one thing, differently; the argument names it."""


def scalar(what: str, base: Any, ours: Any, theirs: Any) -> Any:
    """The value of the side that changed it. Raises `ClashError`."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    raise ClashError(what)


def value(key: str, base: Any, ours: Any, theirs: Any) -> Any:
    """The value of a key that both changed, perhaps differently. Raises `ClashError`."""
    kind = {type(side) for side in (ours, theirs)}
    if not (theirs == base or ours in (base, theirs)):
        empty: Any = type(ours)()
        old = base if type(base) in kind else empty
        if kind == {dict}:
            return _table(f"{key} of ", old, ours, theirs)
        if kind == {list} and key == "sources":
            return _citations(old, ours, theirs)
        if kind == {list}:
            return _set(old, ours, theirs)
    return scalar(key, base, ours, theirs)


def table(base: Plain, ours: Plain, theirs: Plain) -> tuple[dict[str, Any], dict[str, str]]:
    """The union of two edits of a table, and its keys that clash with what does."""
    merged: dict[str, Any] = {}
    clashes: dict[str, str] = {}
    for key in dict.fromkeys((*ours, *theirs)):
        try:
            found = value(key, *(side.get(key, ABSENT) for side in (base, ours, theirs)))
        except ClashError as error:
            clashes[key] = str(error)
        else:
            if found is not ABSENT:
                merged[key] = found
    whole, part = ANSWERS
    if _both(merged) and not (_both(ours) or _both(theirs)):
        clashes |= {whole: "met whole by one, in part by the other", part: ""}
    return {key: found for key, found in merged.items() if key not in clashes}, clashes


def _both(values: Plain) -> set[Any]:
    """What is answered both whole and in part."""
    whole, part = ANSWERS
    return set(values.get(whole, ())) & set(values.get(part, ()))


def _table(what: str, base: Plain, ours: Plain, theirs: Plain) -> dict[str, Any]:
    merged = {
        key: scalar(f"{what}{key}", *(side.get(key, ABSENT) for side in (base, ours, theirs)))
        for key in dict.fromkeys((*ours, *theirs))
    }
    return {key: found for key, found in merged.items() if found is not ABSENT}


def _set(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    kept = [entry for entry in ours if entry in theirs or entry not in base]
    return kept + [entry for entry in theirs if entry not in (*ours, *base)]


# --- citations ---------------------------------------------------------------------------------


def _citations(base: Sequence[Plain], ours: Sequence[Plain], theirs: Sequence[Plain]) -> list[Any]:
    our_places, their_places = _places(base, ours), _places(base, theirs)
    by_place = dict(zip(their_places, theirs, strict=True))
    added = {_name(one): one for place, one in zip(their_places, theirs, strict=True) if place < 0}
    merged: list[Plain] = []
    for place, one in zip(our_places, ours, strict=True):
        if place < 0:
            merged.append(_table(f"{_label(one)}: ", {}, one, added.pop(_name(one), one)))
        elif place in by_place:
            merged.append(_table(f"{_label(one)}: ", base[place], one, by_place[place]))
        elif one != base[place]:
            raise ClashError(f"{_label(one)}, which one side removed")
    for place, one in zip(their_places, theirs, strict=True):
        if place >= 0 and place not in our_places and one != base[place]:
            raise ClashError(f"{_label(one)}, which one side removed")
    merged += added.values()
    if len({_name(one) for one in merged}) < len(merged):
        raise ClashError("citations")
    return merged


def _places(base: Sequence[Plain], side: Sequence[Plain]) -> list[int]:
    """Which citation of the base each one is; a negative number if it is none of them.

    Source and locator name a citation. One of which only one of the two was changed is still the
    same if nothing else may be it.
    """
    names = {_name(one): place for place, one in enumerate(base)}
    places = [names.get(_name(one), -1 - number) for number, one in enumerate(side)]
    free = [place for place in range(len(base)) if place not in places]
    pairs = [(number, place) for number, one in enumerate(side) if places[number] < 0
             for place in free if _is_moved(base[place], one)]  # fmt: skip
    seen, candidates = Counter(n for n, _ in pairs), Counter(place for _, place in pairs)
    for number, place in pairs:
        if number == place or (seen[number] == 1 and candidates[place] == 1):
            places[number] = place
    return places


def _is_moved(old: Plain, new: Plain) -> bool:
    changed = [key for key in {*old, *new} if old.get(key) != new.get(key)]
    return changed in (["at"], ["source"])


def _name(citation: Plain) -> tuple[Any, Any]:
    return citation.get("source"), citation.get("at")


def _label(citation: Plain) -> str:
    return f"citation of {citation.get('source')}"
