"""The review rules: what a maintainer should look at in an edit, beside its faults.

Each takes an edit and the day of reference.
"""

from collections.abc import Iterator
from datetime import date

from kztimeline.checks.subject import finding
from kztimeline.dates.edtf import PartialDate
from kztimeline.query.diff import DIRECTIVE, LAYOUT, VersionDiff
from kztimeline.query.worklist import same_words
from kztimeline.text.errors import Finding, KeyPath
from kztimeline.text.gate import is_rtl, shorten


def uncited_change(edit: VersionDiff, _: date) -> Iterator[Finding]:
    """A date or a state was changed, and no citation was.

    What the record says changed, but not on what grounds. Add or correct the citation that says
    so; if the old value was a slip, say that in the pull request.

    Before:

        [[event]]
        id = "law"
        date = "2019"

    Fails:

        [[event]]
        id = "law"
        date = "2020"

    Passes:

        [[event]]
        id = "law"
        date = "2020"
        sources = [{ source = "gazette", at = "page 7", says = "Adopted in 2020" }]
    """
    for change in edit.changed:
        changed = {field.name for field in change.fields}
        if "sources" in changed:
            continue
        new = change.new
        base = ("event", new.position)
        if "date" in changed:
            message = f'the date of "{new.id}" changed and no citation did'
            hint = f"was {change.old.date}"
            yield finding((*base, "date"), message, hint=hint)
        for matter in dict.fromkeys((*change.old.state, *new.state)):
            was = change.old.state.get(matter)
            if was != new.state.get(matter):
                message = f'the state of {matter} set by "{new.id}" changed and no citation did'
                hint = f'was "{shorten(was)}"' if was else "had none"
                yield finding((*base, "state", matter), message, hint=hint)


def removed_event(edit: VersionDiff, _: date) -> Iterator[Finding]:
    """An event was removed.

    Reported where it stood. What did not happen as described is better corrected, or marked as
    contested by a citation with `disputes = true`; what is there twice may go.

    Before:

        [[event]]
        id = "law"
        date = "2020"

        [[event]]
        id = "protest"
        date = "2021"

    Fails:

        [[event]]
        id = "protest"
        date = "2021"

    Passes:

        [[event]]
        id = "law"
        date = "2020"

        [[event]]
        id = "protest"
        date = "2021"
        topics = ["assembly"]
    """
    places = _former_places(edit) if edit.removed else {}
    for event in edit.removed:
        yield finding(places[event.id], f'event "{event.id}" was removed', hint=event.title)


def _former_places(edit: VersionDiff) -> dict[str, KeyPath]:
    """Where removed events stood: at the next event that is still there, else at the last one."""
    here = {event.id: event for event in edit.new.events}
    here |= {change.old.id: change.new for change in edit.changed}
    place: KeyPath = ("event", edit.new.events[-1].position) if edit.new.events else ()
    places: dict[str, KeyPath] = {}
    for event in reversed(edit.old.events):
        if event.id in here:
            place = ("event", here[event.id].position)
        else:
            places[event.id] = place
    return places


def reused_id(edit: VersionDiff, _: date) -> Iterator[Finding]:
    """An id now names another event: its date and its title both changed beyond a slip.

    Reports and links quote ids, so an id stays with its event for good. Give the new event an id
    of its own and leave the old one in place; if it is the same event after all, say so in the
    pull request.

    Before:

        [[event]]
        id = "law"
        date = "2019"
        title = "A law on rallies"

    Fails:

        [[event]]
        id = "law"
        date = "2020"
        title = "A code of procedure"
        sources = [{ source = "gazette", at = "page 9" }]

    Passes:

        [[event]]
        id = "law"
        date = "2019"
        title = "A law on peaceful rallies"
    """
    for change in edit.changed:
        names = {field.name for field in change.fields}
        same = same_words(change.old.title, change.new.title)
        if "id" not in names and names >= {"date", "title"} and not same:
            message = f'"{change.new.id}" seems to name another event now'
            hint = f'was "{shorten(change.old.title)}" of {change.old.date}'
            yield finding(("event", change.new.position, "id"), message, hint=hint)


def renamed_id(edit: VersionDiff, _: date) -> Iterator[Finding]:
    """An event has another id.

    Reports and links quote ids, so they break. Keep the id, even if the date in it was
    corrected.

    Before:

        [[event]]
        id = "law"
        title = "A law on rallies"

    Fails:

        [[event]]
        id = "law-on-rallies"
        title = "A law on rallies"

    Passes:

        [[event]]
        id = "law"
        title = "The law on rallies"
    """
    for change in edit.changed:
        if change.old.id != change.new.id:
            message = f'the id "{change.old.id}" was changed to "{change.new.id}"'
            yield finding(("event", change.new.position, "id"), message)


def changed_past(edit: VersionDiff, today: date) -> Iterator[Finding]:
    """An edit changes what a matter stood at on a past date.

    That is what `kzt state` answered until now for that date. It is right for what was unknown
    or wrong; look at the line that is named, and at what `kzt diff` shows.

    Before:

        [[event]]
        id = "law"
        date = "2010"
        state = { libel = "A crime" }

    Fails:

        [[event]]
        id = "law"
        date = "2010"
        state = { libel = "An offence" }
        sources = [{ source = "gazette", at = "page 7" }]

    Passes:

        [[event]]
        id = "law"
        date = "2010"
        state = { libel = "A crime" }
        sources = [{ source = "gazette", at = "page 7" }]
    """
    # Not at the top: only a review needs the words of a diff.
    from kztimeline.query.wording import matter_title, states, until

    places = _setters(edit) if edit.effects else {}
    for effect in edit.effects:
        title = matter_title(edit, effect.matter)
        for step in effect.steps:
            if (step.since.earliest or date.min) < today:
                ends = until(effect) if len(effect.steps) == 1 else ""
                was, now = shorten(states(step.old)), shorten(states(step.new))
                # Between two texts that are read from the right, an arrow would point back.
                change = f"was {was}, is {now}" if is_rtl(was + now) else f"{was} → {now}"
                message = f"{title} stands differently from {step.since}{ends}: {change}"
                place = places.get((effect.matter, step.since), ("matter", effect.matter))
                yield finding(place, message)


def outside_values(edit: VersionDiff, _: date) -> Iterator[Finding]:
    """An edit changes comments, or the line that editors obey.

    `kzt diff` shows what a record says, and comments are not of that. A line `#:schema` makes
    editors fetch what it names; read what the others say in the file.

    Before:

        #:schema events.schema.json

    Fails:

        #:schema https://example.org/events.schema.json

    Passes:

        #:schema events.schema.json
        [timeline]
        title = "A record"
    """
    from kztimeline.query.wording import outside

    for change in edit.outside:
        hint = f"was {change.old}" if change.name == DIRECTIVE and change.old else ""
        if change.name != LAYOUT:
            yield finding((), outside(change), hint=shorten(hint))


def _setters(edit: VersionDiff) -> dict[tuple[str, PartialDate], KeyPath]:
    """Where an edit makes a matter stand differently from a date on; what counts most is last."""
    changed = {change.new.id for change in edit.changed} | {event.id for event in edit.added}
    former = _former_places(edit) if edit.removed else {}
    places: dict[tuple[str, PartialDate], KeyPath] = {}
    for event in edit.removed:
        places |= {(matter, event.date): former[event.id] for matter in event.state}
    for change in edit.changed:
        path = ("event", change.new.position, "date")
        places |= {(matter, change.old.date): path for matter in change.old.state}
    for event in sorted(edit.new.events, key=lambda event: event.id in changed):
        for matter in event.state:
            places[matter, event.date] = ("event", event.position, "state", matter)
    return places
