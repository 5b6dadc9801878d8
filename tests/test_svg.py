"""The picture for slides and reports: what it shows, and that nothing in it runs, loads or links."""

import re
from xml.etree import ElementTree

import pytest

from kztimeline import Timeline
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import svg
from kztimeline.renderers.views import How
from kztimeline.text.gate import line
from tests.conftest import SMALL, Run
from tests.pages import record
from tests.test_html_texts import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def drawn(timeline: Timeline, by: str = "topic") -> str:
    return svg.export(select(timeline, Filter()), How("What was asked for", by=by))


def check_needs_nothing(text: str) -> ElementTree.Element:
    """Nothing in a picture is run, loaded, linked or declared."""
    root = ElementTree.fromstring(text)
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "text", "tspan", "g", "path"}
    assert not re.search(r"<!|url\(|@import|@font-face", text)
    assert not any(key.startswith("on") or "href" in key for each in root.iter() for key in each.keys())  # fmt: skip  # noqa: SIM118
    return root


@pytest.mark.parametrize("by", ["topic", "matter", "kind", "perspective"])
def test_each_event_is_drawn_and_named_in_each_of_its_lanes(by: str, kzt: Run) -> None:
    done = kzt("export", "svg", "--by", by, "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    root = check_needs_nothing(done.out)
    titles = [node.text for node in root.iter(f"{SVG}title")][1:]
    lanes = root.findtext(f"{SVG}desc") or ""
    assert len(titles) == sum(map(int, re.findall(r"\((\d+)\)", lanes)))
    assert "9 events" in lanes
    assert root.get("aria-labelledby") == "title desc"
    assert "prefers-color-scheme: dark" in done.out


def test_filters_choose(kzt: Run) -> None:
    done = kzt("export", "svg", "--topic", "un", "--since", "2022", "--file", str(SMALL))
    titles = [node.text for node in ElementTree.fromstring(done.out).iter(f"{SVG}title")]
    assert len(titles) == 2


def test_no_event_makes_a_picture_that_says_so(kzt: Run) -> None:
    done = kzt("export", "svg", "-q", "nowhere", "--file", str(SMALL))
    assert '0 of 9 events · search "nowhere"' in "".join(check_needs_nothing(done.out).itertext())


def test_hostile_texts_show_as_themselves() -> None:
    timeline = record(HOSTILE, each=5)
    root = check_needs_nothing(drawn(timeline))
    shown = " ".join(root.itertext())
    assert all(line(event.title) in shown for event in timeline.events)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["timeline", "-o", "x.svg"], "timeline draws with letters; a picture: kzt export svg -o x.svg\n"),
        (["export", "md", "--by", "kind"], "--by is of svg, not of md\n"),
    ],
)  # fmt: skip
def test_what_it_is_not_for(args: list[str], said: str, kzt: Run) -> None:
    done = kzt(*args, "--file", str(SMALL))
    assert (done.code, done.out, done.err) == (2, "", said)
