"""Mermaid diagrams as Mermaid itself draws them in a browser: the file's texts and nothing else."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kztimeline import Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import mermaid
from kztimeline.renderers.views import How
from kztimeline.text.gate import line
from tests.browser import npm_file
from tests.conftest import BENCH, SMALL, Run, golden
from tests.oracles.filled import fields
from tests.oracles.markdown_texts import TEXTS

NAUGHTY = [
    "a : b", "a: b", ": a", "a :", ":", "::", "a #58; b", "#35;", "#lt;", "#;", "#", "a # b", "a;", ";",
    "title", "title a", "section", "section a", "timeline", "timeline TD", "accTitle: a", "accDescr: a",
    "accDescr { a }", "%%", "a %% b", "%% a", "%%{init: {'theme': 'dark'}}%%", "%%{wrap}%%", "%", "}%%",
    "---", "--- a", "-->", "==>", "a\n    section b", "a\n%%{init: {}}%%", "a<br>b", "a<br/>b", "<br>",
    "<b>a</b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</text></svg><b>", "&lt;",
    "&amp;lt;", "&#58;", "&", "ﬂ°°58¶ß", "ﬂ°lt¶ß", "ﬂ", "°", "¶", "ß", "style a: b #58; c;", "style :#a;",
    "classDef a :#b;", "style #a;", "\\", "\\n", "a\\nb", '"', '"a"', "'", "`a`", "`**a**`", "$$a$$",
    "{a}", "{{a}}", "[a]", "(a)", "click a href", "javascript:alert(1)", "https://example.org", "a, b",
    "graph TD", "end", "subgraph a", "direction TB", "_", "a_b", "__proto__", "constructor", "{", "}",
    "a.b", "2020 : a : b", "👍🏽", "🇰🇿", "e\u0301", "Қазақстан", "مرحبا", "中文",
]  # fmt: skip


DRAW = """async text => {
  mermaid.initialize({startOnLoad: false, securityLevel: "strict", maxTextSize: 1e7});
  await mermaid.parse(text);
  const {svg} = await mermaid.render("drawn", text);
  document.body.innerHTML = svg;
  const texts = [...document.querySelectorAll("svg text")];
  const isNode = text => text.closest(".timeline-node");
  return {
    title: texts.filter(text => !isNode(text)).map(text => text.textContent),
    nodes: texts.filter(isNode).map(text => text.textContent),
    elements: [...new Set([...document.querySelectorAll("svg *")].map(node => node.tagName))],
    theme: mermaid.mermaidAPI.getConfig().theme,
  };
}"""


def test_it_draws_the_record(page: Page, small: Timeline, bench: Timeline) -> None:
    for record in (small, bench):
        assert wrong(page, written(record), due(record)) == []


CHUNK = 150
TITLES = [*NAUGHTY, *TEXTS]


@pytest.mark.parametrize("start", range(0, len(TITLES), CHUNK))
def test_hostile_titles_show_as_themselves(start: int, page: Page) -> None:
    record = fields(TITLES[start : start + CHUNK])
    assert wrong(page, written(record), due(record)) == []


@pytest.mark.slow
def test_hostile_titles_of_the_record_show_as_themselves(page: Page) -> None:
    for text in NAUGHTY:
        record = fields(["a"])._replace(title=text)
        assert wrong(page, written(record), due(record)) == [], text


@pytest.mark.parametrize(
    "naive",
    [
        line,
        lambda text: line(text).replace(":", "#58;"),
        lambda text: re.sub(r"[:;#<>%\"]", lambda found: f"#{ord(found[0])};", line(text)),
    ],
    ids=["as it is", "colons alone", "without the rest"],
)
def test_the_oracle_sees_through_naive_escapes(
    naive: Callable[[str], str], page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mermaid, "escaped", naive)
    assert any(
        wrong(page, written(record), due(record)) for record in (fields([t]) for t in NAUGHTY)
    )


def test_without_years(page: Page, small: Timeline) -> None:
    text = written(small, by_year=False)
    assert "section" not in text
    titles = [title for event in small.events for title in (event.date.words(), event.title)]
    assert wrong(page, text, {**due(small), "nodes": titles}) == []


def test_an_empty_record_is_an_empty_diagram(page: Page) -> None:
    assert wrong(page, written(loads("")), due(loads(""))) == []


@pytest.mark.parametrize(("args", "told"), [([], "162 events"), (["--limit", "26"], "26 events")])
def test_too_many_events_are_told(args: list[str], told: str, kzt: Run) -> None:
    record = str(BENCH)
    done = kzt("export", "mermaid", "--file", record, *args)
    advice = "narrow it: --topic, --since, --limit 25"
    assert (done.code, done.err) == (0, f"{told} make an unreadable diagram; {advice}\n")
    assert kzt("export", "mermaid", "--file", record, "--limit", "25").err == ""


def test_whole_document(kzt: Run) -> None:
    done = kzt("export", "mermaid", "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden("record.mmd", done.out)


# --- helpers ---------------------------------------------------------------------------------


def written(record: Timeline, *, by_year: bool = True) -> str:
    return mermaid.export(select(record, Filter()), How(by_year=by_year))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page with Mermaid, strict as on GitHub."""
    page = browser.new_page()
    page.set_content("<body></body>")
    page.add_script_tag(path=npm_file("mermaid/dist/mermaid.min.js"))
    yield page
    page.close()


def drawn(page: Page, text: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(DRAW, text)
    return found


def solid(text: str) -> str:
    """A text without white space, which Mermaid breaks lines at."""
    return re.sub(r"\s+", "", text)


def due(record: Timeline) -> dict[str, Any]:
    """What must be drawn: years, and under each the dates and the titles."""
    years: dict[str, list[str]] = {}
    for event in select(record, Filter()).events:
        year = str(event.date.year or event.date.words())
        years.setdefault(year[:1].upper() + year[1:], []).extend([event.date.words(), event.title])
    nodes = [line(text) for year, texts in years.items() for text in (year, *texts)]
    return {
        "title": [line(record.title)] if record.title else [],
        "nodes": nodes,
        "elements": ["style", "g", "defs", "marker", "path", "line", "text", "tspan"],
        "theme": "default",
    }


def wrong(page: Page, text: str, expected: dict[str, Any]) -> list[Any]:
    """What is drawn otherwise than expected: texts, elements or settings."""
    try:
        found = drawn(page, text)
    except Exception as error:  # Playwright's, and Mermaid's through it
        return [str(error)]
    differing = [
        pair
        for key in ("title", "nodes")
        for pair in zip(found[key], expected[key], strict=False)
        if solid(pair[0]) != solid(pair[1])
    ]
    differing += [
        (len(found[key]), len(expected[key]))
        for key in ("title", "nodes")
        if len(found[key]) != len(expected[key])
    ]
    differing += sorted(set(found["elements"]) - set(expected["elements"]))
    return differing + [found["theme"]] * (found["theme"] != expected["theme"])
