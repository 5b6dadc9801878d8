"""The exported page in a browser, and as html5lib reads it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from playwright.sync_api import Browser, Dialog, Page, Request

from kztimeline import Citation, Event, Matter, PartialDate, Source, Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import html
from kztimeline.renderers.views import How
from tests.conftest import BENCH, SMALL

Saved = Callable[[str], Path]
RECORDS = {"bench": BENCH, "small": SMALL}
VISIBLE = "nodes => nodes.filter(node => node.checkVisibility()).map(node => node.id)"


def saver(folder: Path) -> Saved:
    """Pages as files: of a record by its name, else of a text."""
    names: dict[str, str] = {}

    def save(text: str) -> Path:
        path = folder / f"{names.setdefault(text, str(len(names)))}.html"
        if not path.exists():
            known = RECORDS.get(text)
            page = exported(loads(known.read_text("utf-8"))) if known else text
            path.write_text(page, "utf-8", newline="")
        return path

    return save


def exported(timeline: Timeline, wanted: Filter | None = None) -> str:
    return html.export(select(timeline, wanted or Filter()), How("What was asked for"))


@contextmanager
def shown(browser: Browser, path: Path, fragment: str = "", **options: Any) -> Iterator[Page]:
    """A page in a window of its own; whatever it complains of or asks for is an error."""
    options.setdefault("viewport", {"width": 1280, "height": 900})
    context = browser.new_context(**options)
    page = context.new_page()
    address = path.as_uri()
    trouble: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        trouble.append(dialog.message)
        dialog.dismiss()

    def look(request: Request) -> None:
        if request.url != address:
            trouble.append(request.url)

    page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", dismiss)
    page.on("request", look)
    page.goto(address + fragment)
    try:
        yield page
    finally:
        context.close()
    assert trouble == []


def entries(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all(".entry", VISIBLE)
    return ids


def address(page: Page) -> str:
    """The address at this moment; Playwright's own memory of it lags behind."""
    return str(page.evaluate("location.href"))


def told(page: Page) -> str:
    return page.locator("#_filters .shown").text_content() or ""


def answers(page: Page, fragments: list[str], answer: str) -> Any:
    """What a function of the page returns under each fragment put into the address."""
    return page.evaluate(
        f"""async fragments => {{
            const found = [];
            for (const fragment of fragments) {{
                const changed = new Promise(done =>
                    addEventListener("hashchange", done, {{once: true}}));
                location.hash = fragment;
                await changed;
                found.push(({answer})());
            }}
            return found;
        }}""",
        fragments,
    )


Node = tuple[str, list[tuple[str, str]], str, str]


def tree(page: str) -> list[Node]:
    """The elements of a page in order, with attributes and texts; refuses any parse error."""
    parser = html5lib.HTMLParser(strict=True)
    root: Element = parser.parse(page)
    return [
        (str(node.tag), sorted(node.items()), node.text or "", node.tail or "")
        for node in root.iter()
    ]


def record(texts: list[str], each: int = 1) -> Timeline:
    """A record whose every event holds `each` of the texts, one after the other in its fields."""
    day = PartialDate.parse("2020-06-25")
    topics, matters, sources, events = {}, {}, {}, []
    for index, first in enumerate(range(0, len(texts), each)):
        slug, text = f"e{index}", partial(next, cycle(texts[first : first + each]))
        topics[slug] = text()
        matters[slug] = Matter(title=text(), topics=(slug,))
        sources[slug] = Source(
            title=text(), authors=(text(), text()), publisher=text(), date=day, perspective="ngo",
            url=text(), note=text(),
        )  # fmt: skip
        told = Citation(source=slug, at=text(), says=text())
        disputed = told._replace(says=text(), perspective="official", disputes=True)
        event = Event(
            id=slug, date=day, title=text(), kind="law", topics=(slug,), summary=text(),
            state={slug: text()}, asks=text(), answers=(slug,), dating=text(), position=index,
            sources=(told, disputed),
        )  # fmt: skip
        events.append(event)
    return Timeline(
        title=texts[0], topics=topics, matters=matters, sources=sources, events=tuple(events)
    )
