"""TimelineJS 3 (https://timeline.knightlab.com/docs/json-format.html): JSON for its slides.

Dates keep their precision and are written in words, too; what is only known to end begins at its
end. TimelineJS takes headlines, texts and groups for HTML, and makes links of addresses in texts.
"""

import html
import re
from typing import Any, Final

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection
from kztimeline.record.model import OCCURRED, Event, Timeline
from kztimeline.renderers.json import text
from kztimeline.renderers.show import paragraphs, reference
from kztimeline.renderers.views import How
from kztimeline.text.gate import line as gate


def export(selection: Selection, how: How) -> str:
    """The slides of the events selected; TimelineJS itself refuses a timeline without any."""
    timeline, events = selection.timeline, selection.events
    slides: dict[str, Any] = {}
    if timeline.title:
        # No event has such an id.
        title = {"unique_id": "_title", "text": _text(timeline.title, [how.closing])}
        slides["title"] = title
    slides["events"] = [_slide(timeline, event) for event in events]
    return text(slides | {"scale": "human"})


def _slide(timeline: Timeline, event: Event) -> dict[str, Any]:
    slide: dict[str, Any] = {"unique_id": event.id, **_dates(event.date)}
    slide["display_date"] = event.date.words()
    if event.topics:
        # It takes one layer of HTML off a group before it shows it as HTML.
        slide["group"] = html.escape(html.escape(gate(timeline.topics[event.topics[0]])))
    slide["text"] = _text(event.title, [*paragraphs(event.summary), *_facts(timeline, event)])
    return slide


def _facts(timeline: Timeline, event: Event) -> list[str]:
    marks = [event.status] if event.status != OCCURRED else []
    marks += ["contested"] if event.contested else []
    cited = dict.fromkeys(citation.source for citation in event.sources)
    facts = [f"({', '.join(marks)})"] if marks else []
    return facts + [f"Source: {reference(timeline.sources[key])}" for key in cited]


def _text(headline: str, prose: list[str]) -> dict[str, str]:
    return {
        "headline": as_html(headline),
        "text": "".join([f"<p>{as_html(paragraph)}</p>" for paragraph in prose]),
    }


# A chance for a line break, which parts what would become a link.
_LINKED: Final = re.compile(r"(?<=www)(?=\.)|(?<=:)(?=//)|(?=@)", re.IGNORECASE)


def as_html(shown: str) -> str:
    """HTML that shows a text and nothing else."""
    return "<wbr>".join([html.escape(part, quote=False) for part in _LINKED.split(gate(shown))])


# --- dates -------------------------------------------------------------------------------------


def _dates(when: PartialDate) -> dict[str, Any]:
    """Where a date begins, and where it ends if that is another day, month or year."""
    ends = re.split(r"/|\.\.|,", when.text.strip("[]"))
    known = [end for end in ends if end]
    start = _date(ends[0] or known[0], last=False)
    end = _date(ends[-1], last=True) if ends[-1] else start
    return {"start_date": start, **({"end_date": end} if end != start else {})}


def _date(text: str, *, last: bool) -> dict[str, int]:
    """Its first or last year, month or day, whichever it is precise to."""
    plain = text.rstrip("?~%").replace("-XX", "")
    found = PartialDate.parse(plain)
    day = found.latest if last else found.earliest
    assert day
    return dict(
        zip(("year", "month", "day")[: len(plain.split("-"))], day.timetuple(), strict=False)
    )
