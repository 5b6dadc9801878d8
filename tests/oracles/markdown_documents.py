"""The documents that show texts in Markdown, each of any texts."""

from typing import Any

from kztimeline import PartialDate
from kztimeline.query.diff import between, compare
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import commonmark, markdown
from kztimeline.renderers.views import How
from tests.oracles.filled import fields, record


def places(texts: list[str], block: Any = commonmark.block, inline: Any = commonmark.inline) -> str:
    """Each text in every kind of place in Markdown."""
    parts = []
    for text in texts:
        parts += [f"# {block(text)}", block(text), f"- {block(text)}\n- **{inline(text)}** a"]
        parts += [f"*{inline(text)}* ({inline(text)})[^s0] ~~{inline(text)}~~ **{inline(text)}**"]
        parts += [f"| a | b |\n|---|---|\n| {inline(text)} | {inline(text)}[^s0] |"]
    return "\n\n".join([*parts, "[^s0]: note", ""])


LONG = "What it was before, at such length that words are compared with words"


def full(texts: list[str]) -> str:
    return markdown.export(select(fields(texts), Filter()), How(texts[-1]))


def fields_of_one_line(texts: list[str]) -> str:
    found = record("Title", ((f"k{n}", text, LONG) for n, text in enumerate(texts)))
    return markdown.export(select(found, Filter()), How("End"))


def table(texts: list[str]) -> str:
    return markdown.export(select(fields(texts), Filter()), How(texts[-1], style="table"))


DECADES = (PartialDate.parse("2000"), PartialDate.parse("2030"))


def date_diff(texts: list[str]) -> str:
    return markdown.diff(between(fields(texts), *DECADES, Filter()), "", "")


def version_diff(texts: list[str]) -> str:
    """A third of the texts in what is removed, a third in what changes, a third in the new."""
    kinds = [(f"{'rka'[n % 3]}{n}", text, text) for n, text in enumerate(texts)]
    kept = [entry for entry in kinds if entry[0].startswith("k")]
    # Not to be taken for new ones whose titles differ in punctuation alone.
    removed = [(key, f"{text} {key}", text) for key, _, text in kinds if key.startswith("r")]
    old = record("Before", [*((key, "Before", LONG) for key, _, _ in kept), *removed])
    new = record(texts[0], [entry for entry in kinds if not entry[0].startswith("r")])
    return markdown.versions(compare(old, new), texts[0], texts[-1], texts)
