"""Word files: as Markdown is, with a footnote for each citation, and safe to make."""

import re
import shutil
import subprocess
import time
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kztimeline import Citation, Event, KztError, Timeline, loads
from kztimeline.query.filter import Criteria, choose
from kztimeline.renderers import word
from kztimeline.renderers.show import by_perspective, reference
from kztimeline.renderers.views import VIEWS, How, view
from tests.bench import records
from tests.conftest import CHECKOUT, SMALL, Run
from tests.oracles.hostile_texts import TEXTS

TODAY = date(2026, 11, 21)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def made(timeline: Timeline, style: str = "full") -> bytes:
    """The record as `kzt export docx` writes it."""
    how = How("The end", style=style)
    data = view("export", "docx", choose(timeline, Criteria(), TODAY), how)
    assert isinstance(data, bytes)
    return data


def part(data: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(BytesIO(data)).read(f"word/{name}.xml"))


def text(element: ElementTree.Element) -> str:
    return "".join(node.text or "" for node in element.iter(f"{W}t"))


def paragraphs(data: bytes) -> list[tuple[str, str]]:
    """The style and the text of each."""
    found = []
    for each in part(data, "document").iter(f"{W}p"):
        style = each.find(f"{W}pPr/{W}pStyle")
        found.append(("" if style is None else style.attrib[f"{W}val"], text(each)))
    return found


def notes(data: bytes) -> list[str]:
    return [text(note).strip() for note in part(data, "footnotes") if text(note)]


def targets(data: bytes) -> set[str]:
    """What the parts of a document lead to outside of it."""
    archive = zipfile.ZipFile(BytesIO(data))
    names = [name for name in archive.namelist() if name.endswith(".rels")]
    return {
        each.attrib["Target"]
        for name in names
        for each in ElementTree.fromstring(archive.read(name))
        if each.attrib.get("TargetMode") == "External"
    }


def _in_order(timeline: Timeline, event: Event, style: str) -> list[Citation]:
    """Those of a full document stand by perspective."""
    if style == "table":
        return [*event.sources]
    return [citation for _, group in by_perspective(timeline, event) for citation in group]


@pytest.mark.parametrize("style", ["full", "table"])
def test_each_citation_has_a_footnote_with_its_locator(style: str, small: Timeline) -> None:
    data = made(small, style=style)
    cited = [
        (small.sources[citation.source], citation.at)
        for event in choose(small, Criteria(), TODAY).events
        for citation in _in_order(small, event, style)
    ]
    assert len(cited) > 5
    told = notes(data)
    assert len(told) == len(cited)
    for note, (source, at) in zip(told, cited, strict=True):
        assert f"“{source.title}”" in note
        assert f", {at}" in note
    marks = [*part(data, "document").iter(f"{W}footnoteReference")]
    assert len(marks) == len(cited)


def test_headings_are_styles_dates_are_words_and_links_live(small: Timeline) -> None:
    data = made(small)
    shown = paragraphs(data)
    assert shown[0] == ("Title", "Reforms in an example country")
    assert ("Heading1", "2006") in shown
    assert ("Heading2", "The Covenant is ratified") in shown
    assert any(line.startswith("12 July 2011 · ") for _, line in shown)
    assert shown[-1][1] == "The end"
    assert targets(data) == {source.url for source in small.sources.values() if source.url}


@pytest.mark.parametrize("answer", [name for name, views in VIEWS.items() if "md" in views])
def test_word_is_wherever_markdown_is(answer: str, kzt: Run, tmp_path: Path) -> None:
    words = {
        "export": ["export", "docx"],
        "diff": ["diff", "2005", "2020", "--format", "docx"],
        "show": ["show", "2020-assembly-law", "--format", "docx"],
    }.get(answer, [answer, "--format", "docx"])
    done = kzt(*words, "--file", str(SMALL), "-o", "x.docx")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert len(paragraphs((tmp_path / "x.docx").read_bytes())) > 3


@pytest.mark.parametrize("chunk", range(0, len(TEXTS), 200))
def test_any_text_is_shown_and_nothing_more(chunk: int, small: Timeline) -> None:
    model = small.events[1]
    events = [
        model._replace(
            id=f"e-{n}", title=told, summary=told, sources=(model.sources[0]._replace(says=told),)
        )
        for n, told in enumerate(TEXTS[chunk : chunk + 200])
    ]
    timeline = small._replace(events=tuple(events), sources=dict(small.sources))
    data = made(timeline)
    assert targets(data) == {small.sources[key].url for key in ("bureau-2011",)} - {None}
    names = zipfile.ZipFile(BytesIO(data)).namelist()
    assert not [name for name in names if re.search(r"media/|embeddings/|vba|activeX", name)]
    document = part(data, "document")
    used = {element.tag.removeprefix(W) for element in document.iter()}
    assert used & {"fldSimple", "fldChar", "instrText", "drawing", "object", "pict"} == set()
    assert len(notes(data)) == len(events)
    headings = [line for style, line in paragraphs(data) if style == "Heading2"]
    assert len(headings) == len(events)


@pytest.mark.parametrize("text", ["", '[topic]\na = "A"\n'], ids=["empty", "unused"])
def test_a_record_without_events_is_a_document(text: str) -> None:
    assert paragraphs(made(loads(text))) == [("Title", "Events"), ("FirstParagraph", "The end")]


@pytest.mark.slow
def test_the_same_record_makes_the_same_bytes(small: Timeline) -> None:
    first = made(small)
    time.sleep(2.1)
    assert made(small) == first


@pytest.mark.slow
def test_five_thousand_events(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(records.toml(5_000), "utf-8")
    started = time.monotonic()
    assert kzt("export", "docx", "-o", "x.docx").code == 0
    assert time.monotonic() - started < 60
    assert len(notes((tmp_path / "x.docx").read_bytes())) >= 5_000


# --- how pandoc is run -------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of an installed pandoc."""
    path = tmp_path / "bin/pandoc"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\necho $0 $*\n")
    path.chmod(0o755)
    monkeypatch.setattr(word, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    return path


def test_pandoc_runs_from_its_absolute_path_and_in_its_sandbox(program: Path) -> None:
    command, *options = word.document("x").decode().split()
    assert command == str(program)
    assert "--sandbox" in options
    assert any(option.startswith("-M") for option in options)


def test_a_pandoc_in_the_working_directory_is_not_run(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    monkeypatch.setenv("PATH", ".:")
    with pytest.raises(KztError, match=r"^docx needs pandoc: pip install pypandoc-binary"):
        word.document("x")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sleep 5", "pandoc did not end within 0.2 seconds"),
        ("echo 'no \x1b[31m' >&2; echo more >&2; exit 3", "pandoc: no \x1b[31m"),
    ],
)
def test_a_pandoc_that_fails(
    script: str, message: str, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word, "SECONDS", 0.2)
    program.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(KztError) as caught:
        word.document("x")
    assert str(caught.value) == message


@pytest.mark.parametrize("sandboxed", [True, False])
def test_the_sandbox_keeps_files_out(
    sandboxed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oracle would see one: without the sandbox, the picture is in the document."""
    if not sandboxed:
        real = subprocess.run

        def run(command: list[str], **how: Any) -> Any:
            return real([word for word in command if word != "--sandbox"], **how)

        monkeypatch.setattr(subprocess, "run", run)
    picture = CHECKOUT / ".github/images/page.png"
    names = zipfile.ZipFile(BytesIO(word.document(f"![x]({picture})"))).namelist()
    assert any("media/" in name for name in names) is not sandboxed


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["list", "--format", "docx"], "docx is for a file: -o FILE"),
        (["export", "docx", "-o", "-"], "docx is for a file: -o FILE"),
        (["export", "docx", "-o", "/dev/null"], "/dev/null: is not a regular file"),
        (
            ["export", "docx", "-o", "x", "--citations", "pandoc"],
            "--citations is of md, not of docx",
        ),
        (["export", "csv", "--style", "table"], "--style is of md and docx, not of csv"),
    ],
    ids=str,
)
def test_where_it_can_go(args: list[str], message: str, kzt: Run) -> None:
    done = kzt(*args, "--file", str(SMALL))
    assert (done.code, done.out, done.err) == (2, "", f"{message}\n")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_reads_what_was_written(tmp_path: Path) -> None:
    shipped = loads((CHECKOUT / "events.toml").read_text("utf-8"))
    (tmp_path / "x.docx").write_bytes(made(shipped))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", home, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "x.docx"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    read = " ".join((tmp_path / "x.txt").read_text("utf-8-sig").split())
    for event in shipped.events:
        for told in (event.title, event.summary, *(c.says for c in event.sources if c.says)):
            assert " ".join(told.split()) in read
    for source in {citation.source for event in shipped.events for citation in event.sources}:
        assert " ".join(reference(shipped.sources[source]).split()) in read
