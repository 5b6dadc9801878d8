"""A quote on the page leads to its passage: a real browser scrolls there and highlights it."""

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page

from kztimeline import Citation
from kztimeline.text.gate import line
from tests.pages import Saved, exported, record

QUOTES = [
    "за пять рабочих дней до начала", "“the so-called notification”", "well-known, long-standing",
    "salt & pepper, 100 % sure", "50% of cases", "a=b&c=d #1", "Қазақстан Республикасының заңы",
    "he said: 'no'", "5 + 5", "-leading hyphen", "comma, at end,", "«уведомительный» порядок",
]  # fmt: skip
PASSAGE = (
    "<!doctype html><meta charset=utf-8><style>::target-text { background: #f0f; color: #f0f }"
)
PASSAGE += "</style><p id=part>The part</p><div style='height: 5000px'></div>{}<div style='height: 5000px'>"


@pytest.fixture
def documents() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the documents that it serves by number."""
    texts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PASSAGE.replace(
                "{}", f"<p>Before. {texts[int(self.path[1:])]} After.</p>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", texts
        server.shutdown()


def highlighted(page: Page) -> bool:
    """Whether something in sight has the colour of a highlighted passage."""
    image = base64.b64encode(page.screenshot()).decode()
    found: bool = page.evaluate(
        """async data => {
            const image = new Image();
            image.src = "data:image/png;base64," + data;
            await image.decode();
            const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
            canvas.drawImage(image, 0, 0);
            const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
            for (let i = 0; i < pixels.length; i += 4)
                if (pixels[i] === 255 && pixels[i + 1] === 0 && pixels[i + 2] === 255) return true;
            return false;
        }""",
        image,
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("fragment", ["", "#part"])
def test_a_quote_leads_to_its_passage(
    fragment: str, browser: Browser, saved: Saved, documents: tuple[str, list[str]]
) -> None:
    address, texts = documents
    texts += [line(text).replace("&", "&amp;").replace("<", "&lt;") for text in QUOTES]
    base = record(["x"])
    sources = {
        f"s{n}": base.sources["e0"]._replace(url=f"{address}/{n}{fragment}") for n in range(len(QUOTES))
    }  # fmt: skip
    cited = tuple(Citation(source=f"s{n}", at="1", quote=text) for n, text in enumerate(QUOTES))
    timeline = base._replace(sources=sources, events=(base.events[0]._replace(sources=cited),))
    path = saved(exported(timeline))
    lost = []
    for n, text in enumerate(QUOTES):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri())
        page.locator(".quote a").nth(n).click()
        page.wait_for_load_state()
        page.wait_for_timeout(150)
        if not (page.evaluate("scrollY") > 1000 and highlighted(page)):
            lost.append(text)
        page.close()
    assert lost == []


def test_a_naive_directive_misses_passages(
    browser: Browser, documents: tuple[str, list[str]]
) -> None:
    address, texts = documents
    texts += ["well-known, long-standing"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/0#:~:text=well-known, long-standing")
    assert not highlighted(page)
    page.close()
