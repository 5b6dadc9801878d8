"""One HTML page that needs nothing else: no server, no network, and no script to be read.

Every text of the record passes the gate and is escaped where the template prints it; nothing
else of a record reaches the page. The policy in its head permits this one style and this one
script, by their hashes, and no request.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.dates.words import in_words
from kztimeline.query.answers import answers
from kztimeline.query.filter import Selection, marks
from kztimeline.query.lanes import all_lanes
from kztimeline.query.state import (
    MOST_OUTCOMES,
    UNKNOWN,
    Outcome,
    Spell,
    Standing,
    evidence,
    finders,
    findings,
    outcome_text,
    set_since,
    setters,
    spells,
)
from kztimeline.query.stats import stats
from kztimeline.record.model import DOCUMENT, PERSPECTIVES, Event, Source
from kztimeline.renderers import svg
from kztimeline.renderers.show import by_perspective, by_years, paragraphs, passage
from kztimeline.renderers.state import ending
from kztimeline.renderers.views import How
from kztimeline.text.errors import KztError
from kztimeline.text.gate import is_web_address, line

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
MOST: Final = 3_000
"""More events take a browser seconds."""
_LETTER: Final = 6.2
"""About the width of a letter of a strip's text, in units of the picture."""
_MOST_LISTED: Final = 3
"""How many possible states the name of a stretch of a strip lists."""


def too_many(selection: Selection) -> list[str]:
    """The warning about a page that takes long to load."""
    count = len(selection.events)
    advice = "narrow it: --topic, --since, --kind"
    return [f"{count:,} events make a page that loads slowly; {advice}"] if count > MOST else []


def export(selection: Selection, how: How) -> str:
    """The page of the events selected. Raises `KztError` where jinja2 is missing."""
    template = _environment().get_template("page.html.j2")
    timeline = selection.timeline
    scale = svg.scale(selection.events)
    page: str = template.render(
        style=_asset("page.css"),
        script=_asset("page.js"),
        title=timeline.title or "Events",
        closing=how.closing,
        selection=selection,
        timeline=timeline,
        counted=stats(selection),
        years=list(by_years(selection.events)) if how.by_year else [("", selection.events)],
        in_page={event.id for event in selection.events},
        by_id={event.id: event for event in timeline.events},
        answered_by=answers(timeline),
        cited=_cited(selection),
        matters=list(_matters(selection)),
        ending=ending(timeline),
        scale=scale,
        drawn=[svg.draw(lane, scale) for lane in all_lanes(selection)] if scale else [],
        named=set(),
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
        "day": _day,
        "days": _days,
        "fitting": _fitting,
        "is_web_address": is_web_address,
        "language": _language,
        "imprint": _imprint,
        "marks": marks,
        "mentioned": _mentioned,
        "most": MOST_OUTCOMES,
        "outcome_text": outcome_text,
        "paragraphs": paragraphs,
        "passage": passage,
        "picture": svg,
        "possibly": _possibly,
        "set_since": set_since,
        "span": _span,
        "sure": _sure,
        "voices": PERSPECTIVES,
    }
    return environment


def _gated(value: Any) -> Any:
    """What an expression prints: a text through the gate; what is markup already is ours."""
    return line(value) if type(value) is str else value


def _asset(name: str) -> dict[str, Any]:
    """A style or script, and the hash by which the page's policy knows it."""
    from markupsafe import Markup

    text = (_FOLDER / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest())
    return {"text": Markup(text), "hash": f"sha256-{digest.decode('ascii')}"}


def _day(day: date) -> str:
    return in_words(day.isoformat())


def _span(spell: Spell) -> str:
    """From when to when something stood, in words."""
    if spell.first == date.min:
        return "At any time" if spell.last == date.max else f"Until {_day(spell.last)}"
    if spell.last == date.max:
        return f"From {_day(spell.first)}"
    one = spell.first == spell.last
    return f"On {_day(spell.first)}" if one else f"{_day(spell.first)} – {_day(spell.last)}"


def _possibly(states: Sequence[str | None]) -> str:
    """The states of a stretch of a strip, as far as they are few."""
    if len(states) == 1:
        return str(states[0])
    shown = [f"{UNKNOWN if state is None else state} ?" for state in states[:_MOST_LISTED]]
    return " / ".join([*shown, *(["…"] if len(states) != len(shown) or not states else [])])


def _language(source: Source) -> str:
    """The language of a source's words, if it is named by a tag that a browser may know."""
    tag = source.language or ""
    return tag if re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) else ""


def _imprint(source: Source) -> list[str]:
    """By whom a source is, its number, its date, what it is and in which language."""
    kind = source.type.replace("_", " ").replace("-", " ") if source.type != DOCUMENT else None
    parts = (*source.authors, source.publisher, source.number, source.date.words(), kind)
    return [*filter(None, parts), *([f"language {source.language}"] if source.language else [])]


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


def _cited(selection: Selection) -> list[tuple[str, Source, list[tuple[Event, bool]]]]:
    """The documents cited, in the order of the record, with what each supports or disputes."""
    found: dict[str, dict[tuple[str, bool], Event]] = {}
    for event in selection.events:
        for citation in event.sources:
            found.setdefault(citation.source, {})[event.id, citation.disputes] = event
    sources = selection.timeline.sources
    return [
        (key, sources[key], [(event, disputes) for (_, disputes), event in found[key].items()])
        for key in sources
        if key in found
    ]


def _matters(selection: Selection) -> Iterator[dict[str, Any]]:
    """The matters that an event selected sets or finds, each with its history in the record."""
    timeline = selection.timeline
    chosen = {matter for event in selection.events for matter in (*event.state, *event.finding)}
    setting, finding = setters(timeline), finders(timeline)
    for key, matter in timeline.matters.items():
        if key in chosen:
            yield {
                "key": key,
                "matter": matter,
                "history": _history(key, setting[key]),
                "found": list(findings(timeline, finding[key])),
                "evidence": evidence(timeline, (*setting[key], *finding[key])),
            }


def _history(key: str, events: Sequence[Event]) -> list[Spell]:
    """The spells of a matter; neighbours with more outcomes than are shown are one, without any.

    They could be as many as the events, each with as many outcomes.
    """
    shown: list[Spell] = []
    for spell in spells(key, events):
        if not spell.standing.more:
            shown.append(spell)
        elif shown and shown[-1].standing.more:
            shown[-1] = shown[-1]._replace(last=spell.last)
        else:
            shown.append(spell._replace(standing=spell.standing._replace(outcomes=())))
    return shown or [Spell(date.min, date.max, Standing(key, (Outcome(None),)))]


def _mentioned(standing: Standing, outcome: Outcome) -> Sequence[Event]:
    """The events behind an outcome; only the first where there are many in all."""
    many = sum(len(each.events) for each in standing.outcomes) > MOST_OUTCOMES
    return outcome.events[:1] if many else outcome.events
