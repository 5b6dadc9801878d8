"""Bibliographies and the Markdown that cites them, as pandoc makes pages and documents of them."""

import html.parser
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kztimeline import PartialDate, Source, Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import commonmark, csl, markdown
from kztimeline.renderers.views import How
from kztimeline.text.gate import defuse
from tests.conftest import SMALL, Run, golden
from tests.oracles.filled import fields
from tests.oracles.markdown import differences, shown
from tests.oracles.markdown_texts import PLAIN, TEXTS, TRIMMED

# --- the bibliography ----------------------------------------------------------------------------

# The part of CSL's csl-data.json (version 1.0.2) that is used.
SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "type": {"const": "document"},
            "title": {"type": "string"},
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"literal": {"type": "string"}},
                    "required": ["literal"],
                    "additionalProperties": False,
                },
            },
            "publisher": {"type": "string"},
            "issued": {
                "type": "object",
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "items": {
                            "type": "array",
                            "items": {"type": "integer"},
                            "minItems": 1,
                            "maxItems": 3,
                        },
                        "minItems": 1,
                        "maxItems": 2,
                    },
                    "circa": {"const": True},
                    "literal": {"type": "string"},
                },
                "additionalProperties": False,
            },
            "URL": {"type": "string", "pattern": "^https?://"},
            "note": {"type": "string"},
            "annote": {"type": "string"},
        },
        "required": ["id", "type", "title", "issued"],
        "additionalProperties": False,
    },
}


def test_only_what_the_events_cite_is_there(small: Timeline, bench: Timeline) -> None:
    assert [item["id"] for item in items(small)] == list(small.sources)
    assert [item["id"] for item in items(bench)] == list(bench.sources)
    laws = items(small, Filter(kind=frozenset({"dialogue"})))
    assert [item["id"] for item in laws] == ["ministry-2021"]
    assert items(loads("")) == []


def test_texts_read_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    record = fields(TEXTS)
    assert defuse(written(record)) == written(record)
    for item, text in zip(items(record), TEXTS, strict=True):
        assert (item["title"], item["publisher"]) == (text, text)
        assert item["author"] == [{"literal": text}] * 2
        assert "URL" not in item


DATES: list[tuple[str, Any, str]] = [
    ("2020", [[2020]], "2020"),
    ("0999", [[999]], "999 AD"),
    ("2020-06", [[2020, 6]], "June 2020"),
    ("2020-06-25", [[2020, 6, 25]], "June 25, 2020"),
    ("2020-06/2020-07", [[2020, 6], [2020, 7]], "June–July 2020"),
    ("2003/..", [[2003], [0]], "2003–"),
    ("2020-21", "spring 2020", "spring 2020"),
    ("201X", "2010s", "2010s"),
    ("2004-XX", "2004 (month unknown)", "2004 (month unknown)"),
    ("[2021-02..2021]", "February 2021 or later that year", "February 2021 or later that year"),
    ("[..2021]", "by 2021", "by 2021"),
    ("../2003", "until 2003", "until 2003"),
    ("2003/", "from 2003 (end unknown)", "from 2003 (end unknown)"),
]
STYLE = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>Plain</title><id>plain</id><updated>2020-01-01T00:00:00Z</updated></info>
<citation><layout delimiter="; "><text variable="title"/><text variable="locator" prefix=", "/>
</layout></citation>
<bibliography><layout><group delimiter=" | ">
<names variable="author"><name delimiter=" + " initialize="false"/></names>
<text variable="title"/><text variable="publisher"/><date variable="issued" form="text"/>
<text variable="URL"/></group></layout></bibliography></style>"""
"""A citation style that shows texts as they are."""


def source(**values: Any) -> Timeline:
    """A record of one event that cites one source."""
    record = fields(["a"])
    plain = {"title": "Title", "date": PartialDate.parse("2020"), "perspective": "ngo", **values}
    return record._replace(sources={"k0": Source(**plain)})


def pandoc(*args: str, text: str = "", folder: Path | None = None) -> str:
    """What pandoc makes of a text, without a word of warning."""
    command = [pypandoc.get_pandoc_path(), *args]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True, cwd=folder)
    assert done.stderr.decode() == ""
    return done.stdout.decode()


CITE_ALL = "---\nnocite: '@*'\n---\n"


def bibliography(record: Timeline, folder: Path) -> list[str]:
    """The entries that pandoc makes, as texts."""
    (folder / "sources.json").write_text(written(record), "utf-8")
    (folder / "plain.csl").write_text(STYLE)
    args = ["--citeproc", "--bibliography=sources.json", "--csl=plain.csl", "--to=plain"]
    page = pandoc(*args, "--wrap=none", text=CITE_ALL, folder=folder)
    return [entry for entry in page.strip().split("\n\n") if entry]


@pytest.mark.parametrize(("date", "issued", "said"), DATES, ids=[row[0] for row in DATES])
def test_dates_are_as_precise_as_written(date: str, issued: Any, said: str, tmp_path: Path) -> None:
    record = source(date=PartialDate.parse(date))
    key = "literal" if isinstance(issued, str) else "date-parts"
    assert items(record)[0]["issued"] == {key: issued}
    assert bibliography(record, tmp_path) == [f"Title | {said}"]


@pytest.mark.parametrize("date", ["2014?", "2016~", "2016-05%", "2016~/2017"])
def test_what_is_uncertain_is_circa(date: str) -> None:
    assert items(source(date=PartialDate.parse(date)))[0]["issued"]["circa"] is True


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://example.org/a_b?c=d", True), ("javascript:alert(1)", False), ("https://a@b", False)],
)
def test_only_web_addresses_are_addresses(url: str, kept: bool, tmp_path: Path) -> None:
    record = source(url=url)
    assert items(record)[0].get("URL") == (url if kept else None)
    assert bibliography(record, tmp_path) == [f"Title | 2020{f' | {url}' * kept}"]


NOTES = [
    "URL: https://example.org", "url:javascript:alert(1)", "publisher: Another",
    "{:URL:https://example.org}", "a {:publisher:Another} b", "Source: the ministry", " title: a",
    "title : a", "Undated: a\nURL: https://example.org", "type: book", "issued: 1999", "author: A || B",
]  # fmt: skip


def fields_read(record: Timeline) -> list[set[str]]:
    """The fields of each document as pandoc reads them."""
    read = json.loads(pandoc("--from=csljson", "--to=csljson", text=written(record)))
    return [set(item) - {"note", "annote"} for item in read]


def test_a_note_sets_no_field(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [{"id", "type", "title", "issued"}]
    told = {note: items(source(note=note))[0] for note in ["Year inferred.", *NOTES]}
    assert [note for note, item in told.items() if "note" in item] == ["Year inferred."]
    for note in told:
        record = source(note=note)
        assert fields_read(record) == expected, note
    monkeypatch.setattr(csl, "FIELD", re.compile(r"(?!)"))
    assert any(fields_read(source(note=note)) != expected for note in NOTES)


def test_the_whole_bibliography(kzt: Run) -> None:
    done = kzt("export", "csl", "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden("sources.json", done.out)


# --- the Markdown that cites it ------------------------------------------------------------------


def cited(texts: list[str]) -> str:
    return markdown.export(select(fields(texts), Filter()), How("End", citations="pandoc"))


def cited_table(texts: list[str]) -> str:
    return markdown.export(
        select(fields(texts), Filter()), How("End", style="table", citations="pandoc")
    )


LOCATORS = [
    "p. 3", "3", "3-5", "iv", "pp. 3", "page", "section 2, a", "{page 3}", "{", "}", "{}", "{3} b", "]",
    "[", "[a]", "a]", "a; @b", ";", "; ", "a;b", "a ; b", ";;", "; ;a", "@k1", "@k1; @k2", "-@k1",
    "a, b", ", a", "a]{.b}", "a](b)", "[@k1]", "*a*; *b*", "`a;b`", "`a` ; `b`", "a@b;c", "@;@", "‘a; b",
    "&amp;", "&lt; a", "\\", "\\;", "\\]", "a\\", "$a;b$", "<b>;</b>", "^a;^", "a;\u00a0b", "p.; q",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "texts"),
    [(cited, PLAIN), (cited, LOCATORS[::-1]), (cited, LOCATORS), (cited_table, PLAIN)],
)
def test_hostile_texts_show_as_themselves(document: Any, texts: list[str]) -> None:
    texts = [text for text in dict.fromkeys(map(str.strip, texts)) if text]
    assert list(differences(document, texts, ["pandoc markdown"])) == []


@pytest.mark.slow
@given(
    texts=st.lists(
        st.lists(st.sampled_from([*";[]{}@,*`\\ a1-&‘", "@k0", "p. 3"]), min_size=1, max_size=6)
        .map(lambda parts: " ".join("".join(parts).split()))
        .filter(bool),
        min_size=20,
        max_size=60,
        unique=True,
    )
)
@settings(max_examples=8)
def test_any_locator_shows_as_itself(texts: list[str]) -> None:
    assert list(differences(cited, texts, ["pandoc markdown"])) == []


@pytest.mark.parametrize(
    "naive",
    [lambda key, at="": f"@{key}, {at}", lambda key, at="": f"@{key}, {commonmark.inline(at)}"],
    ids=["as it is", "as other Markdown"],
)
def test_the_oracle_sees_through_naive_citations(
    naive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "cite", naive)
    assert list(differences(cited, LOCATORS, ["pandoc markdown"]))


@pytest.mark.parametrize(
    ("key", "at", "mark"),
    [
        ("a-2021", "", "@a-2021"),
        ("a-2021", "page 3", "@a-2021, page 3"),
        ("a-2021", "pages 3-5", "@a-2021, pages 3-5"),
        ("a-2021", "section 2", "@a-2021, section 2"),
        ("a-2021", "first paragraph", "@a-2021{}, first paragraph"),
        ("a-2021", "page 3; @b [c]", r"@a-2021{}, page 3\; `@b` \[c\]"),
        ("a--b", "", "@{a--b}"),
        ("-", "page 3", "@{-}, page 3"),
    ],
)
def test_citations(key: str, at: str, mark: str) -> None:
    assert commonmark.cite(key, at) == mark


# --- pages and documents -------------------------------------------------------------------------


class _Page(html.parser.HTMLParser):
    """The texts of a page's citations, and all of its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.citations: list[str] = []
        self.text = ""
        self.tags: set[str] = set()
        self.depth = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if self.depth:
            self.depth += tag == "span"
        elif ("class", "citation") in attrs:
            self.depth = 1
            self.citations.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "span" and self.depth > 0

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.depth:
            self.citations[-1] += data


def published(record: Timeline, folder: Path, to: str, *args: str) -> str:
    """A report made by pandoc of the Markdown and the bibliography."""
    (folder / "sources.json").write_text(written(record), "utf-8")
    text = markdown.export(select(record, Filter()), How("End", citations="pandoc"))
    args = ("--citeproc", "--bibliography=sources.json", f"--to={to}", *args)
    return pandoc("--from=markdown", *args, text=text, folder=folder)


def slugs(record: Timeline) -> Timeline:
    """The same with the names that pandoc could mistake."""
    strange = ["-", "--", "a--b", "1", "0-0", "-a", "a-", "x" * 64]
    names = dict(zip(record.sources, strange, strict=False))
    sources = {names.get(key, key): source for key, source in record.sources.items()}
    events = tuple(
        event._replace(
            sources=tuple(c._replace(source=names.get(c.source, c.source)) for c in event.sources),
        )
        for event in record.events
    )
    return record._replace(sources=sources, events=events)


def spaced(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_a_page_has_every_text_and_no_undefined_citation(tmp_path: Path) -> None:
    texts = [*TRIMMED[:300], *LOCATORS]
    record = slugs(fields(texts))
    # The titles are harmless: a citation style changes their case and their quotation marks.
    sources = {
        key: Source(title=f"T{n}", date=PartialDate.parse("2021"), perspective="ngo")
        for n, key in enumerate(record.sources)
    }
    page = _Page(published(record._replace(sources=sources), tmp_path, "html", "--wrap=none"))
    due = [f"(“T{n}” 2021, {spaced(shown(text))})" for n, text in enumerate(texts) for _ in "ab"]
    assert [spaced(citation) for citation in page.citations] == due
    assert not page.tags & {"script", "img", "iframe", "b", "details"}


def test_a_document_has_every_text_and_no_undefined_citation(tmp_path: Path) -> None:
    record = fields(TRIMMED[:150])
    published(record, tmp_path, "docx", "--output=record.docx")
    text = spaced(pandoc("--to=plain", "--wrap=none", str(tmp_path / "record.docx")))
    for event in record.events:
        assert spaced(shown(event.title)) in text
    assert "?" not in re.findall(r"\((k[0-9]+\?)", text)


def test_a_larger_record_can_be_published(bench: Timeline, tmp_path: Path) -> None:
    page = _Page(published(bench, tmp_path, "html"))
    text = spaced(page.text)
    assert len(page.citations) == sum(len(event.sources) for event in bench.events)
    assert all(spaced(event.title) in text for event in bench.events)
    assert all(author in text for one in bench.sources.values() for author in one.authors)


@pytest.mark.parametrize(
    ("name", "args"), [("cited.md", []), ("cited-table.md", ["--style", "table"])]
)
def test_whole_documents(name: str, args: list[str], kzt: Run) -> None:
    done = kzt("export", "md", "--citations", "pandoc", "--file", str(SMALL), *args)
    assert (done.code, done.err) == (0, "")
    golden(name, done.out)


# --- helpers ---------------------------------------------------------------------------------


def written(record: Timeline, wanted: Filter | None = None) -> str:
    return csl.export(select(record, wanted or Filter()), How())


def items(record: Timeline, wanted: Filter | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(record, wanted))
    jsonschema.validate(found, SCHEMA)
    return found
