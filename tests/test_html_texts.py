"""The exported page with hostile texts: they show as themselves, nothing runs, nothing is asked for.

Each oracle, html5lib and Chromium, is also seen to fail.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import jinja2
import pytest
from playwright.sync_api import Browser, Route

from kztimeline.query.filter import Filter, select
from kztimeline.renderers import html
from kztimeline.renderers.views import How
from kztimeline.text.gate import defuse, is_web_address, line
from tests.oracles.markdown_texts import TEXTS
from tests.pages import Node, Saved, record, shown, tree

# --- hostile texts -----------------------------------------------------------------------------

ATTACKS = [
    "<script>hacked = 1</script>", "</script><script>hacked = 1</script>", "</style><script>hacked=1</script>",
    "</title><script>hacked = 1</script>", "--><script>hacked = 1</script>", "<!--<script>", "]]><script>hacked=1</script>",
    "<![CDATA[<script>hacked = 1</script>]]>", '"><script>hacked = 1</script>', "'><img src=x onerror=hacked=1>",
    '" onfocus="hacked=1" autofocus="', "' onmouseover='hacked=1", "x onload=hacked=1", "`onload=hacked=1`",
    "<svg onload=hacked=1>", "<svg><script>hacked=1</script></svg>", "</svg><img src=x onerror=hacked=1>",
    "<svg><a xlink:href=javascript:hacked=1>x</a></svg>", "<animate onbegin=hacked=1>", "<foreignObject><body onload=hacked=1>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>", "<base href=https://example.org/>", "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=https://example.org/x.css>", "<object data=https://example.org>", "<form action=https://example.org>",
    "<input autofocus onfocus=hacked=1>", "<details open ontoggle=hacked=1>", "<video><source onerror=hacked=1>", "<body onload=hacked=1>",
    "<math><mtext></p><img src onerror=hacked=1>", "<noscript><p title='</noscript><img src onerror=hacked=1>'>", "<template><script>hacked=1</script>",
    "<style>@import 'https://example.org'</style>", "<p style=background:url(https://example.org)>", "{{ 7 * 7 }}", "{% raw %}", "{# x", "#}", "}}", "%}",
    "&lt;script&gt;", "&amp;", "&#60;script&#62;", "&", "&amp", "&copy", "&notit;", "&#0;", "&#x80;", "<", ">", "<a", "</", "<!", "<?", "</textarea>", "</select>",
    "\u2028alert(1)", "\u2029", "\x00<script>", "\x1b]52;c;YQ==\x07", "\x0c<b>", "\x7f", "\x85", "\u202etxt.exe", "\ufeff<b>", "\ufffe", "\U0001ffff", "\ud800", "a\rb", "a\tb",
    "constructor", "__proto__", "javascript:hacked=1", "java\tscript:hacked=1", "\x01javascript:hacked=1", "https://[::1", "${hacked=1}", "\\u003cscript\\u003e", "\\", "\\\"", "'-hacked=1-'",
]  # fmt: skip
HOSTILE = [raw.replace("\n", " ").strip(" ") for raw in [*ATTACKS, *TEXTS]]
# Web addresses become links: see test_html.py.
HOSTILE = [text for text in HOSTILE if text and not is_web_address(text)]


STRIP_TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.mark.slow
def test_hostile_texts_show_as_themselves_and_as_nothing_else() -> None:
    assert len(HOSTILE) >= 485
    assert differences(page_of(HOSTILE), HOSTILE) == []


def test_the_comparison_sees_a_naive_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without escapes, without quotes escaped, without the gate."""
    environment = jinja2.Environment

    def without(**left_out: Any) -> Callable[..., Any]:
        return lambda **options: environment(**{**options, **left_out})

    monkeypatch.setattr(jinja2, "Environment", without(autoescape=False))
    for text in ("<b>x</b>", '"x="', "&copy;", "</title>"):
        try:
            assert differences(page_of([text]), [text]) != []
        except html5lib.html5parser.ParseError:
            continue
    monkeypatch.setattr(jinja2, "Environment", without(finalize=None))
    assert differences(page_of(["\u202ea"]), ["\u202ea"]) != []


COUNT = "() => [document.querySelectorAll('*').length, typeof hacked, document.scripts.length]"


@pytest.mark.slow
def test_nothing_hostile_runs_in_a_browser(browser: Browser, saved: Saved) -> None:
    harmless = page_of([stand_in(number) for number in range(len(HOSTILE))])
    with shown(browser, saved(harmless)) as page:
        wanted = page.evaluate(COUNT)
    with shown(browser, saved(page_of(HOSTILE))) as page:
        page.get_by_label("Words").fill("<script>")
        page.locator("#_filters .shown", has_text=" of ").wait_for()
        page.locator("a.mark:not(.off)").first.hover()
        assert page.locator(".tip").text_content() != ""
        assert page.evaluate(COUNT) == wanted
        assert wanted[1:] == ["undefined", 1]


# --- the policy --------------------------------------------------------------------------------

INJECTED = (
    "<script>hacked = 1</script><p style='color: red' onclick='hacked = 2' id='_p'>x</p></body>"
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">\n')


def attacked(browser: Browser, path: Path) -> tuple[Any, Any, int]:
    """What an injected script, a style and a request to a stranger come to."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []

    def stop(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    # What the policy stops doesn't come as far as this.
    page.route("http://**", stop)
    page.goto(path.as_uri())
    page.evaluate(
        """async () => {
            document.querySelector("#_p").click();
            await fetch("http://stranger.example/").catch(() => {});
        }"""
    )
    ran = page.evaluate("() => typeof hacked === 'undefined' ? null : hacked")
    colour = page.locator("#_p").evaluate("node => getComputedStyle(node).color")
    context.close()
    return ran, colour == "rgb(255, 0, 0)", len(asked)


@pytest.mark.slow
def test_the_policy_stops_what_is_injected(browser: Browser, saved: Saved) -> None:
    page = saved("small").read_text("utf-8").replace("</body>", INJECTED)
    assert attacked(browser, saved(page)) == (None, False, 0)
    assert attacked(browser, saved(POLICY.sub("", page))) == (2, True, 1)


def test_the_policy_permits_one_style_and_one_script(saved: Saved) -> None:
    page = saved("small").read_text("utf-8")
    (policy,) = POLICY.findall(page)
    hash_ = r"'sha256-[A-Za-z0-9+/]{43}='"
    assert re.fullmatch(
        f"default-src 'none'; style-src {hash_}; script-src {hash_}; base-uri 'none';"
        " form-action 'none'",
        policy,
    )
    nodes = tree(page)
    assert [tag.partition("}")[2] for tag, *_ in nodes].count("script") == 1
    assert not any(name == "style" or name[:2] == "on" for _, held, *_ in nodes for name, _ in held)


def test_a_runner_reads_no_command_in_it(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it changed by what keeps commands from runners, or its hashes would not hold."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    page = saved("small").read_text("utf-8")
    assert defuse(page) == page


# --- helpers ---------------------------------------------------------------------------------


def stand_in(number: int) -> str:
    return f"zq{number}qz"


def page_of(texts: list[str]) -> str:
    selection = select(record(texts, each=5), Filter())
    return html.export(selection, How(f'1 event · search "{texts[0]}"'))


def expected(texts: list[str]) -> list[Node]:
    """The tree of harmless words, with each text in the place of its word."""

    def back(text: str) -> str:
        return re.sub(r"zq(\d+)qz", lambda found: line(texts[int(found[1])]), text)

    return [
        (tag, [(name, back(value)) for name, value in attributes], back(text), back(tail))
        for tag, attributes, text, tail in tree(page_of([stand_in(n) for n in range(len(texts))]))
    ]


def differences(page: str, texts: list[str]) -> list[object]:
    """Where a page of hostile texts differs from the one of harmless words."""
    actual, wanted = tree(page), expected(texts)
    if len(actual) != len(wanted):
        return [f"{len(actual)} elements instead of {len(wanted)}"]
    return [
        (one, other)
        for one, other in zip(actual, wanted, strict=True)
        # A strip shows as much of its text as it has space for.
        if one != other and not (one[0] == STRIP_TEXT and other[0] == STRIP_TEXT)
    ]
