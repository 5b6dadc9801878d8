"""The README's pictures show what the commands show now, and ask nothing of the network."""

import re
import struct
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console

from kztimeline.renderers.plain import columns
from tests import pictures
from tests.conftest import CHECKOUT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", pictures.TERMINAL)
def test_a_picture_shows_what_the_command_shows(name: str) -> None:
    drawn = pictures.terminal(pictures.TERMINAL[name])
    shown = (pictures.FOLDER / name).read_text("utf-8")
    assert shown == drawn, "out of date; this draws it anew: python -m tests.pictures"


def check_needs_nothing(svg: str) -> None:
    """Nothing in a picture is loaded from elsewhere or run."""
    root = ElementTree.fromstring(svg)
    assert not {each.tag for each in root.iter()} - {f"{SVG}{tag}" for tag in ("svg", "title", "style", "rect", "text")}  # fmt: skip
    assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"@import|@font-face|url\(", root.findtext(f"{SVG}style") or "")
    keys = {key for each in root.iter() for key in each.attrib}
    assert keys <= {"class", "x", "y", "textLength", "width", "height", "rx", "viewBox", "role"}


@pytest.mark.parametrize("name", pictures.TERMINAL)
def test_a_picture_needs_nothing_from_elsewhere(name: str) -> None:
    check_needs_nothing((pictures.FOLDER / name).read_text("utf-8"))


def test_a_naive_picture_needs_fonts_from_elsewhere() -> None:
    console = Console(record=True, file=StringIO())
    console.print("x")
    with pytest.raises(AssertionError):
        check_needs_nothing(console.export_svg())


@pytest.mark.parametrize("name", pictures.TERMINAL)
def test_each_word_stands_in_its_column(name: str) -> None:
    root = ElementTree.parse(pictures.FOLDER / name).getroot()
    for word in root.iter(f"{SVG}text"):
        start, length = float(word.attrib["x"]), float(word.attrib["textLength"])
        assert length == pytest.approx(columns(word.text or "") * pictures.WIDE, abs=0.1)
        assert (start - pictures.MARGIN) % pictures.WIDE == pytest.approx(0, abs=0.1) or (
            start - pictures.MARGIN
        ) % pictures.WIDE == pytest.approx(pictures.WIDE, abs=0.1)
        assert start + length <= float(root.attrib["width"])


def test_text_is_text() -> None:
    svg = pictures.svg(['\x1b[1;36m<script>&\x1b[0m  \x1b[35m"a"  b\x1b[0m'], "<&>")
    root = ElementTree.fromstring(svg)
    found = [(word.text, word.attrib.get("class")) for word in root.iter(f"{SVG}text")]
    assert found == [("<script>&", "s1 s36"), ('"a"', "s35"), ("b", "s35")]
    assert root.findtext(f"{SVG}title") == "<&>"


def test_the_readme_shows_each_picture_with_words_for_it() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(\.github/images/([^)]+)\)", (CHECKOUT / "README.md").read_text("utf-8"))  # fmt: skip
    assert {name for _, name in shown} == {path.name for path in pictures.FOLDER.iterdir()}
    assert {name for _, name in shown} == {*pictures.TERMINAL, pictures.PAGE}
    assert all(len(words) > 40 for words, _ in shown)


def test_the_page_is_a_small_picture() -> None:
    data = (pictures.FOLDER / pictures.PAGE).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">I", data[16:20]) == (1280,)
    assert len(data) <= 250_000
