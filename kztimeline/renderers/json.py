"""JSON: the computed structure itself, in the words of the events file.

A list of events is one object ``{timeline, topics, matters, sources, events}``. Each event is as
in the file, plus ``earliest`` and ``latest`` (days, null when open) and ``contested``. Dates are
strings as the file writes them.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from kztimeline.dates.edtf import PartialDate, Window
from kztimeline.query.answers import Answer, Gaps
from kztimeline.query.diff import Change, DateDiff, VersionDiff
from kztimeline.query.filter import ALWAYS, Selection
from kztimeline.query.lanes import extent
from kztimeline.query.lanes import lanes as picture_lanes
from kztimeline.query.lookup import Name
from kztimeline.query.state import Found, Standing, reach
from kztimeline.query.stats import Stats
from kztimeline.query.worklist import Item
from kztimeline.record.keys import CLASSES, KEYS
from kztimeline.record.model import Event, Matter, Source, Timeline
from kztimeline.renderers.views import How
from kztimeline.text.gate import json_text

if TYPE_CHECKING:
    from kztimeline.checks.registry import Checked
    from kztimeline.query.history import Entry

_TABLES: Mapping[type, str] = {cls: table for table, cls in CLASSES.items()}


def text(value: Any) -> str:
    """Any of the structures below as a JSON document."""
    written = json.dumps(value, ensure_ascii=False, indent=2, default=date.isoformat)
    return json_text(written) + "\n"


def plain(value: Any) -> Any:
    """A value of the model as the file writes it, without the defaults that it leaves out."""
    if isinstance(value, PartialDate):
        return value.text
    if type(value) in _TABLES:
        return _table(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    return value


def _table(value: Any) -> dict[str, Any]:
    table = {}
    explicit, defaults = getattr(value, "explicit", ()), value._field_defaults
    for key in KEYS[_TABLES[type(value)]]:
        entry = getattr(value, key.attribute)
        if entry != defaults.get(key.attribute, ...) or key.attribute in explicit:
            table[key.name] = plain(entry)
    return table


def written(value: Event) -> dict[str, Any]:
    """One event as in the file."""
    table = _table(value)
    # Required keys that may be empty.
    table.setdefault("topics", [])
    table.setdefault("sources", [])
    return table


def event(value: Event) -> dict[str, Any]:
    """One event as in the file, with its bounds and whether it is contested."""
    date = value.date
    return written(value) | {
        "earliest": date.earliest and date.earliest.isoformat(),
        "latest": date.latest and date.latest.isoformat(),
        "contested": value.contested,
    }


def export(selection: Selection, _: How) -> str:
    """The document of `list --format json` and `export json`: all tables, the events selected."""
    timeline = selection.timeline
    return text(
        {
            "timeline": {"title": timeline.title} if timeline.title else {},
            "topics": dict(timeline.topics),
            "matters": plain(timeline.matters),
            "sources": plain(timeline.sources),
            "events": list(map(event, selection.events)),
        }
    )


def _outcomes(value: Standing) -> list[dict[str, Any]]:
    """All that a matter may be set to; a null state is unknown."""
    return [
        {
            "state": outcome.state,
            "since": outcome.since and outcome.since.holds_from.text,
            "events": [event.id for event in outcome.events],
            "contested": outcome.contested,
        }
        for outcome in value.outcomes
    ]


def _found(value: Found) -> dict[str, Any]:
    return {
        "perspective": value.perspective,
        "finding": value.text,
        "date": value.event.date.text,
        "event": value.event.id,
        "possible": value.possible,
        "contested": value.event.contested,
        "before": value.before,
    }


def state(timeline: Timeline, date: str, standings: Iterable[Standing]) -> str:
    """``{date, reach, matters}``: what each matter stands at by the end of the date."""
    matters = [
        {
            "matter": standing.matter,
            "title": timeline.matters[standing.matter].title,
            "outcomes": _outcomes(standing),
            **({"more": standing.more} if standing.more else {}),
            "found": list(map(_found, standing.found)),
            "evidence": standing.evidence,
        }
        for standing in standings
    ]
    return text({"date": date, "reach": reach(timeline), "matters": matters})


def array(found: Iterable[Name] | Iterable[Item]) -> str:
    """A bare array of names, or of the items of what is to do, with their fields as keys."""
    return text([each._asdict() for each in found])


def shown(things: Iterable[tuple[str, Event | Matter | Source | str]]) -> str:
    """``{events, matters, sources}``: the things that `show` was asked for."""
    found: dict[str, Any] = {"events": [], "matters": {}, "sources": {}}
    for key, thing in things:
        if isinstance(thing, Event):
            found["events"].append(event(thing))
        elif isinstance(thing, str):
            found.setdefault("topics", {})[key] = thing
        else:
            found["matters" if isinstance(thing, Matter) else "sources"][key] = plain(thing)
    return text(found)


def gaps(found: Gaps) -> str:
    """``{open, in_part, met}``: asks, and answers with how many days they took.

    Days are the least and the most that the dates allow; null when open. ``undone`` is an answer
    whose state has changed since.
    """
    groups = {"in_part": found.in_part, "met": found.met}
    answered = {name: list(map(_answer, group)) for name, group in groups.items()}
    return text({"open": list(map(event, found.open)), **answered})


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "ask": answer.ask.id,
        "by": answer.by.id,
        "in_part": answer.in_part,
        "contested": answer.by.contested,
        "undone": answer.undone,
        "least_days": _days(answer.shortest),
        "most_days": _days(answer.longest),
    }


def _days(ends: tuple[date, date] | None) -> int | None:
    return (ends[1] - ends[0]).days if ends else None


def lanes(selection: Selection, by: str, window: Window = ALWAYS) -> str:
    """``{by, from, to, lanes: [{key, label, events}]}``: each event by its id and date.

    The days from and to are the first and the last that are known and in the window, null if
    none is. An event is possible if it matches only possibly; in a matter's lane it has the state
    that it sets or the finding that it makes.
    """
    found = picture_lanes(selection, by)
    days = extent(event for lane in found for event in lane.events)
    seen = window & Window(*days) if days else Window()
    since, until = (None, None) if seen.empty else (seen.since, seen.until)
    drawn = [
        {
            "key": lane.key,
            "label": lane.label,
            "events": [_in_lane(selection, by, lane.key, value) for value in lane.events],
        }
        for lane in found
    ]
    return text({"by": by, "from": since, "to": until, "lanes": drawn})


def _in_lane(selection: Selection, by: str, key: str, value: Event) -> dict[str, Any]:
    shown = {name: entry for name, entry in event(value).items() if name in _IN_LANE}
    shown["possible"] = value.id in selection.possible
    for role in ("state", "finding") if by == "matter" else ():
        shown |= {role: entry} if (entry := getattr(value, role).get(key)) else {}
    return shown


_IN_LANE = ("id", "date", "title", "status", "earliest", "latest", "contested")


def stats(counted: Stats) -> str:
    """``{total, first, last, sources, groups}``: first and last year, events by group and name."""
    return text(counted._asdict())


# --- diffs -------------------------------------------------------------------------------------


def diff(result: VersionDiff | DateDiff, old: str, new: str) -> str:
    """A diff of either kind; `old` and `new` name the versions that were compared."""
    if isinstance(result, DateDiff):
        return text(_dates(result))
    return text({"old": old, "new": new, **_edit(result)})


def log(entries: "Iterable[Entry]") -> str:
    """A bare array of ``{commit, date, author, subject, notes, diff}``, the newest first."""
    return text(
        [
            {
                "commit": commit.hash,
                "date": commit.when,
                "author": commit.author,
                "subject": commit.subject,
                "notes": notes,
                "diff": None if diff is None else _edit(diff),
            }
            for commit, diff, notes in entries
        ]
    )


def _edit(diff: VersionDiff) -> dict[str, Any]:
    """What an edit does: ``{added, removed, changed, topics, …, effects, outside}``."""
    changed = [
        {
            "id": change.new.id,
            "renamed_from": change.old.id if change.old.id != change.new.id else None,
            "fields": _changes(change.fields),
        }
        for change in diff.changed
    ]
    effects = [
        {
            "matter": effect.matter,
            "steps": [
                {"since": step.since.text, "old": _outcomes(step.old), "new": _outcomes(step.new)}
                for step in effect.steps
            ],
            "until": effect.until and effect.until.text,
            "until_end": effect.until_end,
        }
        for effect in diff.effects
    ]
    return {
        "added": list(map(event, diff.added)),
        "removed": list(map(event, diff.removed)),
        "changed": changed,
        "title": diff.title and {"old": diff.title.old, "new": diff.title.new},
        "topics": _changes(diff.topics),
        "matters": _changes(diff.matters),
        "sources": _changes(diff.sources),
        "effects": effects,
        "outside": _changes(diff.outside),
    }


def _changes(changes: Iterable[Change]) -> dict[str, Any]:
    return {change.name: {"old": plain(change.old), "new": plain(change.new)} for change in changes}


def _dates(diff: DateDiff) -> dict[str, Any]:
    """What happened between two dates: ``{old, new, matters, events}``; a kind for each matter."""
    matters = [
        {
            "matter": change.matter,
            "title": diff.events.timeline.matters[change.matter].title,
            "kind": change.kind,
            "old": _outcomes(change.old),
            "new": _outcomes(change.new),
            "events": [event.id for event in change.events],
            "found": list(map(_found, change.found)),
        }
        for change in diff.matters
    ]
    events = list(map(event, diff.events.events))
    return {"old": diff.old.text, "new": diff.new.text, "matters": matters, "events": events}


def problems(checked: "Iterable[Checked]") -> str:
    """A bare array of ``{path, line, column, code, severity, message, hint}``."""
    keys = ("line", "column", "code", "severity", "message", "hint")
    return text(
        [
            {"path": file.name, **{key: getattr(problem, key) for key in keys}}
            for file in checked
            for problem in file.problems
        ]
    )
