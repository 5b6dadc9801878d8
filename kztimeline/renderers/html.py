"""One HTML page that needs nothing else: no server, no network, and no script to be read.

Every text of the record passes the gate and is escaped where the template prints it; nothing
else of a record reaches the page. The policy in its head permits this one style and this one
script, by their hashes, and no request.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.dates.words import in_words
from kztimeline.query.filter import SORT_KEYS, Selection, marks
from kztimeline.query.lanes import Lane, lanes
from kztimeline.query.spells import Spell, spells
from kztimeline.query.state import UNKNOWN, outcome_text, setters
from kztimeline.query.stats import stats
from kztimeline.record.model import Citation, Event, Matter, Source, Timeline
from kztimeline.record.vocabulary import KINDS, PERSPECTIVES
from kztimeline.renderers import picture
from kztimeline.renderers.show import by_perspective, by_years, paragraphs
from kztimeline.renderers.views import Export
from kztimeline.text.errors import KztError
from kztimeline.text.gate import is_web_address, line, plural

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_LETTER: Final = 6.2
"""About the width of a letter of a strip's text, in units of the picture."""


def export(exported: Export) -> str:
    """The page of the events selected. Raises `KztError` where jinja2 is missing."""
    template = _environment().get_template("page.html.j2")
    selection = exported.selection
    timeline = selection.timeline
    matters = list(_matters(selection))
    scale = picture.scale(selection.events)
    page: str = template.render(
        style=_asset("page.css"),
        script=_asset("page.js"),
        title=timeline.title or "Events",
        closing=exported.closing,
        selection=selection,
        timeline=timeline,
        counted=stats(selection),
        years=list(by_years(selection.events)) if exported.by_year else [("", selection.events)],
        in_page={event.id for event in selection.events},
        by_id={event.id: event for event in timeline.events},
        answered_by=_answers(timeline),
        filters=_filters(selection),
        cited=_cited(selection),
        matters=matters,
        scale=scale,
        drawn=[picture.draw(lane, scale) for lane in _lanes(selection)] if scale else [],
        strips={key: picture.strip(history, scale) for key, _, history in matters} if scale else {},
    )
    return page


# --- what the template is made of --------------------------------------------------------------


def _environment() -> "Environment":
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        message = "export html needs jinja2: pip install jinja2 (or the extra kztimeline[html])"
        raise KztError(message) from None
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_gated,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "by_perspective": by_perspective,
        "day": lambda day: in_words(day.isoformat()),
        "days": _days,
        "fitting": _fitting,
        "is_web_address": is_web_address,
        "marks": marks,
        "outcome_text": outcome_text,
        "paragraphs": paragraphs,
        "picture": picture,
        "plural": plural,
        "sure": _sure,
        "unknown": UNKNOWN,
        "voices": PERSPECTIVES,
    }
    return environment


def _gated(value: Any) -> Any:
    """What an expression prints: a text through the gate; what is markup already is ours."""
    return line(value) if type(value) is str else value


class _Asset(NamedTuple):
    """A style or script, and the hash by which the page's policy knows it."""

    text: Any
    hash: str


def _asset(name: str) -> _Asset:
    from markupsafe import Markup

    text = (_FOLDER / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest())
    return _Asset(Markup(text), f"sha256-{digest.decode('ascii')}")


def _days(when: PartialDate) -> str:
    """The stretches of days for the script: ``2020-01-01/2020-12-31``, one after the other."""
    return " ".join(f"{low}/{high}" for low, high in when.stretches)


def _sure(when: PartialDate) -> str:
    """The latest first and the earliest last day, between which a period is certainly met."""
    if when.qualified:
        return ""
    return f"{when.first_latest or date.max}/{when.last_earliest or date.min}"


def _fitting(text: str, width: float) -> str:
    """As much of a text as a strip of this width shows."""
    most = int((width - 8) / _LETTER)
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rstrip()}…" if most > 6 else ""


# --- what is shown -----------------------------------------------------------------------------


def _lanes(selection: Selection) -> Iterator[Lane]:
    """Lanes of topics, those without one in a lane of their own; of kinds if no event has any."""
    without = tuple(event for event in selection.events if not event.topics)
    if len(without) == len(selection.events):
        yield from lanes(selection, "kind")
        return
    yield from lanes(selection)
    if without:
        yield Lane("", "Without a topic", without)


def _answers(timeline: Timeline) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in sorted(timeline.events, key=SORT_KEYS["date"]):
        for ask in event.answers:
            found.setdefault(ask, []).append(event)
    return found


class _Choice(NamedTuple):
    """A value of a filter."""

    key: str
    label: str
    events: int


def _filters(selection: Selection) -> list[tuple[str, str, list[_Choice]]]:
    """The filters by name, with the values that an event has."""
    groups = stats(selection).groups
    named = (
        ("topic", "Topics", selection.timeline.topics),
        ("kind", "Kinds", {kind: kind.replace("-", " ") for kind in KINDS}),
        ("perspective", "Perspectives", PERSPECTIVES),
    )
    return [
        (name, label, [_Choice(key, labels[key], n) for key, n in groups[name].items()])
        for name, label, labels in named
        if groups[name]
    ]


def _cited(selection: Selection) -> list[tuple[str, Source, list[tuple[Event, Citation]]]]:
    """The documents cited, in the order of the record, with what each supports."""
    found: dict[str, list[tuple[Event, Citation]]] = {}
    for event in selection.events:
        for citation in event.sources:
            found.setdefault(citation.source, []).append((event, citation))
    sources = selection.timeline.sources
    return [(key, sources[key], found[key]) for key in sources if key in found]


def _matters(selection: Selection) -> Iterator[tuple[str, Matter, list[Spell]]]:
    """The matters that an event selected sets, with their history in the whole record."""
    timeline = selection.timeline
    chosen = {matter for event in selection.events for matter in event.state}
    setting = setters(timeline)
    for key, matter in timeline.matters.items():
        if key in chosen:
            yield key, matter, list(spells(key, setting[key]))
