"""Slides as TimelineJS itself shows them in a browser: the file's texts and nothing else."""

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import timelinejs
from kztimeline.renderers.show import paragraphs, reference
from kztimeline.renderers.views import How
from kztimeline.text.gate import defuse, line
from tests.browser import npm_file
from tests.conftest import SMALL, Run, golden
from tests.oracles.filled import fields
from tests.oracles.markdown_texts import TEXTS

CLOSING = "some <b>events</b>"

NAUGHTY = [
    "<b>a</b>", "<script>document.title = 'run'</script>", "<img src=x onerror=\"document.title='run'\">",
    "&lt;img src=x onerror=document.title='run'&gt;", "&amp;lt;b&amp;gt;", "&lt;b&gt;", "&", "&amp;", "<",
    "<svg onload=document.title='run'>", "<iframe src='javascript:parent.document.title=1'></iframe>",
    "https://example.org/a", "http://example.org", "HTTPS://EXAMPLE.ORG/?a=b", "ftp://example.org/a",
    "www.example.org", "a www.example.org/b", "WWW.EXAMPLE.ORG", "a@example.org", "a.b+c@example.co.uk",
    "@name", "#1", "mailto:a@example.org", "javascript:document.title='run'", "a://b", "://", "https://",
    "<a href=x>a</a>", "</a>", "<a", "<p>a</p>", "</p>", "</div></div>", "<style>*{display:none}</style>",
    "<!-- a -->", "<!--", "<wbr>", "a<wbr>b", "<br>", '"', "'", "`", "\\", "{{a}}", "${a}", "]]>", "*a*",
    "<math><mi>a", "<template><b>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "👍🏽", "Қазақстан", "مرحبا", "__proto__",
]  # fmt: skip


# --- in a browser --------------------------------------------------------------------------------

SHOW = """data => new Promise(done => {
  const place = document.createElement("div");
  place.id = "timeline";
  place.style = "width: 900px; height: 600px";
  document.body.replaceChildren(place);
  const shown = new TL.Timeline("timeline", data, {language: "en"});
  const texts = chosen => [...place.querySelectorAll(chosen)].map(node => node.textContent);
  const ours = ".tl-headline, .tl-text-content, .tl-timegroup-message, .tl-slidenav-title";
  shown.on("ready", () => setTimeout(() => done({
    errors: shown.config.getErrors().map(String),
    headlines: texts(".tl-slide h2.tl-headline"),
    texts: texts(".tl-slide .tl-text-content"),
    markers: texts(".tl-timemarker .tl-headline"),
    groups: texts(".tl-timegroup-message"),
    elements: [...new Set([...place.querySelectorAll(ours)].flatMap(
      node => [...node.querySelectorAll("*")].map(inner => inner.tagName)))].sort(),
    others: place.querySelectorAll("script, style, iframe, img, svg, object, embed, math").length,
    links: [...place.querySelectorAll("a")].map(link => link.href),
    title: document.title,
  }), 100));
})"""


def test_it_shows_the_record(page: Page, small: Timeline, bench: Timeline) -> None:
    for record in (small, bench):
        assert wrong(page, written(record), due(record)) == {}


CHUNK = 150
HOSTILE = [*NAUGHTY, *TEXTS]


@pytest.mark.parametrize("start", range(0, len(HOSTILE), CHUNK))
def test_hostile_texts_show_as_themselves(start: int, page: Page) -> None:
    record = fields(HOSTILE[start : start + CHUNK])
    assert wrong(page, written(record), due(record)) == {}


def _escaped_once(text: str) -> str:
    return html.escape(line(text))


@pytest.mark.parametrize("naive", [line, _escaped_once])
def test_the_oracle_sees_through_naive_slides(
    naive: Callable[[str], str], page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelinejs, "as_html", naive)
    assert wrong(page, written(fields(NAUGHTY)), due(fields(NAUGHTY)))


def test_a_group_is_read_as_html_twice(page: Page) -> None:
    record = fields(["<b>a</b>"])
    text = written(record).replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;")
    assert "groups" in wrong(page, text, due(record))


# --- the JSON ------------------------------------------------------------------------------------

DATES: list[tuple[str, list[int], list[int] | None]] = [
    ("2020", [2020], None),
    ("2020-06", [2020, 6], None),
    ("2020-06-25", [2020, 6, 25], None),
    ("2016~", [2016], None),
    ("2004-XX", [2004], None),
    ("1985-04-XX", [1985, 4], None),
    ("201X", [2010], [2019]),
    ("2020-21", [2020, 3], [2020, 5]),
    ("2020-24", [2020, 12], [2021, 2]),
    ("2019-09-16/2019-09-27", [2019, 9, 16], [2019, 9, 27]),
    ("2019/2019-09", [2019], [2019, 9]),
    ("2003/..", [2003], None),
    ("../2003", [2003], None),
    ("/2003", [2003], None),
    ("[2019-07..2019-10]", [2019, 7], [2019, 10]),
    ("[2019,2021]", [2019], [2021]),
    ("[..2021]", [2021], None),
    ("[2015..]", [2015], None),
    ("[..2010,2015,2019..]", [2010], None),
]


@pytest.mark.parametrize(("text", "start", "end"), DATES, ids=[row[0] for row in DATES])
def test_dates_are_as_precise_as_written(
    text: str, start: list[int], end: list[int] | None
) -> None:
    record = fields(["a"])
    when = PartialDate.parse(text)
    slide = slides(record._replace(events=(record.events[0]._replace(date=when),)))["events"][0]
    assert list(slide["start_date"].values()) == start
    assert list(slide.get("end_date", {}).values()) == (end or [])
    assert list(slide["start_date"]) == ["year", "month", "day"][: len(start)]
    assert slide["display_date"] == when.words()


def test_an_empty_record_has_no_slides() -> None:
    assert slides(loads("")) == {"events": [], "scale": "human"}


def test_an_event_without_a_topic_has_no_group(small: Timeline) -> None:
    bare = small._replace(events=(small.events[0]._replace(topics=()),))
    assert "group" not in slides(bare)["events"][0]


def test_a_runner_executes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    record = fields(TEXTS)
    before = slides(record)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert defuse(written(record)) == written(record)
    assert slides(record) == before


def test_whole_document(kzt: Run, tmp_path: Path) -> None:
    done = kzt("export", "timelinejs", "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden("timelinejs.json", done.out)


# --- helpers ---------------------------------------------------------------------------------


def written(record: Timeline) -> str:
    return timelinejs.export(select(record, Filter()), How(CLOSING))


def slides(record: Timeline) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written(record))
    return found


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with TimelineJS and without a network."""
    script = npm_file("@knight-lab/timelinejs/dist/js/timeline.js").as_uri()
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(f"<!doctype html><title>quiet</title><script src='{script}'></script><body>")
    page = browser.new_page()
    # Fonts and the like.
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(file.as_uri())
    yield page
    page.close()


def due(record: Timeline) -> dict[str, Any]:
    """What must be shown of a record."""
    title = [record.title] if record.title else []
    headlines = [event.title for event in record.events]
    texts = []
    for event in record.events:
        told = paragraphs(event.summary)
        marks = [event.status] if event.status != "occurred" else []
        marks += ["contested"] if event.contested else []
        told += [f"({', '.join(marks)})"] if marks else []
        for key in dict.fromkeys(citation.source for citation in event.sources):
            told.append(f"Source: {reference(record.sources[key])}")
        texts.append("".join(told))
    groups = dict.fromkeys(record.topics[e.topics[0]] for e in record.events if e.topics)
    return {
        "errors": [],
        "headlines": [*title, *headlines],
        "texts": [*([CLOSING] if title else []), *texts],
        "markers": headlines,
        "groups": list(groups),
        "elements": ["P", "WBR"],
        "others": 0,
        "links": ["https://timeline.knightlab.com/"],
        "title": "quiet",
    }


def solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


def wrong(page: Page, text: str, expected: dict[str, Any]) -> dict[str, Any]:
    """What is shown otherwise than expected."""
    try:
        found: dict[str, Any] = page.evaluate(SHOW, json.loads(text))
    finally:
        page.evaluate("document.title = 'quiet'")
    for key in ("headlines", "texts", "markers", "groups"):
        # It puts slides and lanes in an order of its own.
        found[key] = sorted(map(solid, found[key]))
        expected[key] = sorted(solid(line(one)) for one in expected[key])
    # Groups that differ in white space alone are one.
    found["groups"], expected["groups"] = set(found["groups"]), set(expected["groups"])
    found["elements"] = sorted({*found["elements"], *expected["elements"]})
    return {key: (found[key], expected[key]) for key in expected if found[key] != expected[key]}
