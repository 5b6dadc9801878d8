"""Markdown shows the file's texts and nothing else, as cmark-gfm and pandoc read it.

The oracle is in ``oracles/markdown.py``: a text may show as nothing but itself.
"""

import re
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kztimeline import PartialDate, Timeline, loads
from kztimeline.query.diff import between, compare
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import commonmark, markdown
from kztimeline.renderers.views import How
from kztimeline.text.gate import defuse, is_blank, line
from tests.conftest import SMALL, Run, golden
from tests.oracles.filled import record
from tests.oracles.markdown import ELEMENT, READERS, Document, differences, github
from tests.oracles.markdown_documents import (
    DECADES,
    date_diff,
    fields_of_one_line,
    full,
    places,
    table,
    version_diff,
)
from tests.oracles.markdown_texts import ADDRESSES, HOSTILE, NO_ADDRESSES, PLAIN, TEXTS, TRIMMED
from tests.test_json import edited

PANDOC = ["pandoc markdown", "pandoc commonmark_x"]

DOCUMENTS: list[tuple[Document, list[str], list[str]]] = [
    (places, TEXTS, list(READERS)),
    (full, PLAIN, ["github", "commonmark", *PANDOC]),
    (fields_of_one_line, TRIMMED[-120:], ["github", *PANDOC]),
    (table, PLAIN, ["github", *PANDOC]),
    (date_diff, PLAIN, ["github", *PANDOC]),
    (version_diff, PLAIN, ["github", *PANDOC]),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "texts", "readers"), DOCUMENTS, ids=[entry[0].__name__ for entry in DOCUMENTS]
)
def test_hostile_texts_show_as_themselves_and_as_nothing_else(
    document: Document, texts: list[str], readers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "COMMENT_LIMIT", 10**9)
    assert list(differences(document, texts, readers)) == []


# Short ones, so that a headline names its effects.
_some = st.lists(
    st.lists(
        st.sampled_from([*TEXTS, *"`*_~-=#:.>|$\\[]{}()<>&\"'!@^+%/? 1aé"]) | st.text(max_size=3),
        min_size=1,
        max_size=5,
    )
    .map("".join)
    .map(lambda text: " ".join(text.split())[:60].strip())
    .filter(bool),
    min_size=1,
    max_size=6,
    unique=True,
)


@pytest.mark.parametrize("document", [full, table, date_diff, version_diff, places])
@given(texts=_some)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_texts_show_as_themselves_and_as_nothing_else(
    document: Document, texts: list[str]
) -> None:
    assert list(differences(document, texts, ["github", "commonmark"])) == []


@pytest.mark.slow
@given(texts=st.lists(_some, min_size=10, max_size=20).map(lambda lists: [*chain(*lists)]))
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_any_texts_show_as_themselves_in_pandoc(texts: list[str]) -> None:
    assert list(differences(places, texts, PANDOC)) == []


def _backslashes(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>])", r"\\\1", line(text))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_oracle_sees_through_a_naive_escaper(name: str) -> None:
    def is_caught(naive: Callable[[str], str]) -> bool:
        texts = [text for text in HOSTILE[name] if not is_blank(text)]
        document = partial(places, block=naive, inline=naive)
        readers = ("github", "pandoc markdown")
        return any(list(differences(document, texts, [reader])) for reader in readers)

    assert is_caught(line)
    # What backslashes can stop, they do.
    assert is_caught(_backslashes) or name in ("headings", "quotes and rules")


@pytest.mark.parametrize("document", [full, table, date_diff, version_diff, places])
def test_nothing_in_markdown_is_a_command_to_a_runner(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    written = document(PLAIN)
    assert defuse(written) == written


# --- raw text: as little noise as is safe ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Rallies need notification, not permission (since 2020).", ...),
        ("Закон «О порядке организации», статья 5: право граждан.", ...),
        ("Kazakhstan acceded to it at 10 % – “in full”; so what? Yes!", ...),
        ("pages 3-4 and 7/8, well-known, A/HRC/46/12", ...),
        ("a > b, 1 + 1 = 2", ...),
        ('The country\'s "law"', r"The country\'s \"law\""),
        ("ratified... at last", r"ratified\... at last"),
        ("1995--2000", r"1995\--2000"),
        ("see p. 12, art. 3", r"see p\. 12, art. 3"),
        ("O‘zbekiston", "O&lsquo;zbekiston"),
        ("AT&T & Co", r"AT\&T & Co"),
        ("by @name at 10:30", "by `@name` at 10:30"),
        ("a@b|#1::c", r"`a@b`\|`#1`\:\:`c`"),
        ("`@", "`` `@ ``"),
        ("see (#1), @a; www.b.org...", r"see (`#1`), `@a`; `www.b.org`\..."),
        ("  a \u200b\n ", r"a \\u\{200b}\\u\{a}"),
    ],
    ids=lambda value: "as it is" if value is ... else None,
)
def test_inline(text: str, written: Any) -> None:
    assert commonmark.inline(text) == (text if written is ... else written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2020. A year", r"2020\. A year"),
        ("2.5 million", "2.5 million"),
        ("iv) four", r"iv\) four"),
        ("(a) first", r"\(a) first"),
        ("(as told by some)", "(as told by some)"),
        ("- a", r"\- a"),
        ("-5 degrees", "-5 degrees"),
        ("+7 701", "+7 701"),
        ("> a", r"\> a"),
        ("Table: a", r"Table\: a"),
        ("Talks: a", "Talks: a"),
        (": a", r"\: a"),
        ("[x] a", "`[x]` a"),
        ("Parliament. It", "Parliament. It"),
    ],
)
def test_block(text: str, written: str) -> None:
    assert commonmark.block(text) == written


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "write", [commonmark.address, lambda url: commonmark.link(url, url)], ids=["address", "link"]
)
def test_a_web_address_is_a_link_to_it(write: Callable[[str], str], reader: str) -> None:
    read = READERS[reader]("\n\n".join(f"a {write(url)} b" for url in ADDRESSES))
    links = [re.match(r"\0a href=(\S*)|\0Link .*\['(.*)', ''\]$", part) for part in read]
    targets = [found[1] or found[2] for found in links if found]
    assert [unquote(target) for target in targets] == [unquote(url) for url in ADDRESSES]
    texts = "".join(part for part in read if not part.startswith(ELEMENT))
    assert texts == "".join(f"a{url}b" for url in ADDRESSES)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_web_address_is_text(url: str) -> None:
    for written in (commonmark.address(url), commonmark.link("a", url)):
        read = [part for part in github(f"a {written} b") if part.startswith(ELEMENT)]
        assert read == ["\0p", "\0/p"]


# --- the small record ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("full.md", ["export", "md"]),
        ("table.md", ["export", "md", "--style", "table"]),
        ("contested.md", ["export", "md", "--contested", "--since", "2020-03"]),
        ("dates.md", ["diff", "2011", "2020", "--format", "md"]),
    ],
)
def test_whole_documents(name: str, args: list[str], kzt: Run) -> None:
    done = kzt(*args, "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden(name, done.out)


def test_whole_comment_on_an_edit(small: Timeline) -> None:
    warnings = ["the state of libel changed and no citation did", "an id was changed"]
    diff = compare(small, loads(edited()))
    golden("versions.md", markdown.versions(diff, "HEAD:a.toml (file)", "a.toml (file)", warnings))


def outline(read: list[str]) -> list[tuple[int, str]]:
    """The headings of a document with their levels."""
    found = []
    for n, part in enumerate(read):
        level = re.match(r"\0(?:h|Header )([1-6])", part)
        if level:
            end = next(m for m in range(n + 1, len(read)) if re.match(r"\0/[hH]", read[m]))
            texts = [text for text in read[n + 1 : end] if not text.startswith(ELEMENT)]
            found.append((int(level[1]), "".join(texts)))
    return found


@pytest.mark.parametrize("reader", READERS)
def test_headings_are_ours(reader: str, small: Timeline) -> None:
    read = READERS[reader](markdown.export(select(small, Filter()), How("9 events")))
    years = ["By 2005", "2006", "2009", "2011", "2014", "2018", "2020", "2022"]
    told = [(1, small.title), *((2, year) for year in years), (2, "Sources")]
    assert sorted(outline(read)) == sorted([*told, *((3, event.title) for event in small.events)])
    assert outline(read)[:3] == [(1, small.title), (2, "By 2005"), (3, small.events[0].title)]


WRITTEN: dict[str, Callable[[Timeline], str]] = {
    "full": lambda record: markdown.export(select(record, Filter()), How("End")),
    "table": lambda record: markdown.export(select(record, Filter()), How("End", style="table")),
    "dates": lambda record: markdown.diff(between(record, *DECADES, Filter()), "", ""),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_footnotes_and_list_items_are_ours(
    write: Callable[[Timeline], str], small: Timeline
) -> None:
    written = write(small)
    defined = re.findall(r"^\[\^([a-z0-9-]+)\]: ", written, re.MULTILINE)
    cited = re.findall(r"\[\^([a-z0-9-]+)\](?!:)", written)
    items = len(re.findall(r"^ *- ", written, re.MULTILINE))
    assert sorted(defined) == sorted(cited)
    assert len(defined) == len(set(defined))
    for name in ("github", "commonmark") if write is not WRITTEN["table"] else ("github",):
        read = READERS[name](written)
        assert sorted(part for part in read if part.startswith("\0li id=fn-")) == [
            f"\0li id=fn-{key}" for key in sorted(defined)
        ]
        assert read.count("\0sup class=footnote-ref") >= len(cited)
        assert read.count("\0li") == items
    for name in READERS:
        read = READERS[name](written)
        assert "[^" not in "".join(read)
        if name.startswith("pandoc"):
            assert (read.count("\0Note"), read.count("\0item")) == (len(cited), items)


@pytest.mark.parametrize("slug", ["-", "--", "---", "1", "0-0", "a--b", "x" * 64, "con", "sources"])
def test_any_slug_can_be_a_footnote(slug: str) -> None:
    written = full(["a"]).replace("k0", slug)
    for name in READERS:
        read = READERS[name](written)
        assert "[^" not in "".join(read)
        assert slug in "".join(part for part in read if not part.startswith(ELEMENT))


def test_prose_of_several_lines_and_paragraphs(small: Timeline) -> None:
    prose = "One\r\ntwo.\n\n\n- Three\nfour\n\n# Five\n"
    source = small.sources["daily-2021"]._replace(note=prose)
    event = small.events[0]._replace(summary=prose)
    changed = small._replace(
        events=(event, *small.events[1:]), sources={**small.sources, "daily-2021": source}
    )
    written = full_text = markdown.export(select(changed, Filter()), How("End"))
    assert "\n\nOne two.\n\n\\- Three four\n\n\\# Five\n\n" in written
    assert "Media. One two. - Three four \\# Five\n" in full_text
    comment = markdown.versions(compare(small, changed), "old", "new")
    assert "**One two. - Three four \\# Five**" in comment


def test_a_change_shows_characters_that_words_would_lose(small: Timeline) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve"
    event = small.events[0]._replace(title=words.replace(" three ", "\x85\u2028\x1f"))
    old = small._replace(events=(event._replace(title=words), *small.events[1:]))
    comment = markdown.versions(
        compare(old, small._replace(events=(event, *small.events[1:]))), "", ""
    )
    assert r"\\u\{85}\\u\{2028}\\u\{1f}" in comment


def changed_title(old: str, new: str) -> str:
    """The comment on a change of a title."""
    before, after = (record("A", [("k", text, "S")]) for text in (old, new))
    return markdown.versions(compare(before, after), "old", "new")


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("A law", "A\u00a0law", "A law → **A(no-break space)law**"),
        ("A law", "A  law", "A law → **A (space)law**"),
        ("a b " * 20, "a b " * 19 + "a \u00a0 b", "(no-break space)"),
        ("a b " * 20, "a b " * 19 + "a\u00a0b ", "**a(no-break space)b**"),
    ],
)
def test_a_change_of_blanks_is_named(old: str, new: str, shown: str) -> None:
    comment = changed_title(old, new)
    assert shown in comment
    assert "****" not in comment
    assert "~~~~" not in comment


@pytest.mark.parametrize(("old", "new"), [("חוקי", "אסור"), ("legal", "אסור"), ("حرام", "legal")])
def test_a_text_that_is_read_from_the_right_has_its_own_line(old: str, new: str) -> None:
    assert f"- title:\n  - was: {old}\n  - is: **{new}**" in changed_title(old, new)


# --- the length of a comment -----------------------------------------------------------------------


def _many(count: int, text: str) -> Timeline:
    return record("A", ((f"k{n}", f"{text} {n}", text) for n in range(count)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_many(0, "a"), _many(3000, "a")),
        (_many(3000, "a"), _many(0, "a")),
        (_many(500, "a"), _many(500, "b")),
        (_many(0, "a"), _many(300, "👍🏽 Қазақстан " * 20)),
        (_many(0, "a"), _many(60, "\x1b\u202e`" * 60)),
        (_many(0, "a"), _many(2, "a|@" * 2000)),
    ],
    ids=["added", "removed", "changed", "wide", "escaped", "huge"],
)
def test_a_comment_is_cut_inside_details_and_says_so(
    old: Timeline, new: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = "rev:" + "\u202e" * 5000
    told = (label, label, [f"- {label}"] * 1000)
    comment = markdown.versions(compare(old, new), *told)
    monkeypatch.setattr(markdown, "COMMENT_LIMIT", 10**9)
    whole = markdown.versions(compare(old, new), *told)
    said = re.search(
        r"\n\n([\d,]+) of ([\d,]+) changes? not shown in full: this comment would be too long\.\n$",
        comment,
    )
    assert said
    assert len(comment.encode()) <= 60_000 < len(whole.encode())
    left, count = (int(number.replace(",", "")) for number in said.groups())
    changes = r"^\*\*(?:Added|Removed|Changed)\*\* |^\*\*.*\*\* stands differently"
    assert count == len(re.findall(changes, whole, re.MULTILINE))
    # Before what is in full, each change by its headline.
    listed = re.search(r"(?:\n\n|\n)((?:- \*\*.*\n)+(?:- ([\d,]+) more changes?\n)?)", comment)
    assert listed
    rest = int((listed[2] or "0").replace(",", ""))
    assert len(re.findall(r"^- \*\*", listed[1], re.MULTILINE)) + rest == count
    assert left <= count


def hiding() -> tuple[Timeline, Timeline]:
    """An edit that adds one long event before all others, removes three and changes three."""
    old = record("A", ((f"k{n}", f"Event {n}", "S") for n in range(7)))
    cited = old.events[0].sources[0]
    many = tuple(cited._replace(at=f"p {n}", says="x" * 980) for n in range(60))
    first = old.events[0]._replace(
        id="long", date=PartialDate.parse("1990"), title="A long one", sources=many
    )
    changed = tuple(e._replace(title=f"{e.title}, changed") for e in old.events[:3])
    return old, old._replace(events=(first, *changed, old.events[3]))


def test_one_long_change_hides_no_other() -> None:
    comment = markdown.versions(compare(*hiding()), "old", "new")
    head = comment[: comment.index("\n\n**Added**")]
    for verb, name in [("Added", "long"), *(("Removed", f"k{n}") for n in (4, 5, 6)),
                       *(("Changed", f"k{n}") for n in (0, 1, 2))]:  # fmt: skip
        assert f"- **{verb}** `{name}`" in head
    assert len(comment.encode()) <= 60_000
    assert comment.endswith("7 of 11 changes not shown in full: this comment would be too long.\n")
    assert comment.count("x" * 980) > 40


def test_a_short_comment_is_whole(small: Timeline) -> None:
    comment = markdown.versions(compare(small, loads(edited())), "old", "new")
    assert "not shown" not in comment
    assert "**1 event added, 1 removed, 3 changed" in comment
