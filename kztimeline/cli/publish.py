"""Documents, pages and data for other programs: `kzt export`."""

from datetime import date

from kztimeline.cli import output
from kztimeline.cli.options import BY, From, Sorted, To, argument, option
from kztimeline.cli.read import closing
from kztimeline.record.model import GROUPINGS
from kztimeline.renderers.views import CITATIONS, STYLES, VIEWS
from kztimeline.text.errors import KztError

FORMATS = VIEWS["export"]


def export(
    origin: From,
    filters: Sorted,
    target: To,
    form: str = argument("FORMAT", f"{', '.join(FORMATS)}.", FORMATS, default=...),
    style: str = option(
        "STYLE",
        "Of Markdown and Word: full or a compact table.",
        candidates=STYLES,
        default=STYLES[0],
    ),
    citations: str = option(
        "FORM",
        "Of Markdown: footnotes, or for pandoc with what export csl writes.",
        candidates=CITATIONS,
        default=CITATIONS[0],
    ),
    by: str = BY,
) -> None:
    """Write a document, a web page, or data for other programs.

    Word and Markdown are for reports, CSV for spreadsheets, CSL for bibliographies, SVG,
    TimelineJS and Mermaid for pictures, TOML for a record of its own, JSON for programs.

    The page is one file that needs no server and no network: a picture of the record, filters
    that a link shares, what stood when, and every citation. It needs the extra kztimeline[html];
    Word needs kztimeline[word].

    \b
    Examples:
      kzt export docx -o report.docx
      kzt export md -o record.md
      kzt export html -o record.html
      kzt export md --style table --topic assembly
      kzt export csv --since 2019 -o record.csv
      kzt export md --citations pandoc -o record.md
      kzt export csl -o sources.json
      kzt export svg --in 2019/2021 -o picture.svg
    """
    from kztimeline.query.filter import choose, one_of

    form = target.format(form, "export")
    one_of("style", [style], STYLES)
    one_of("form of citations", [citations], CITATIONS)
    one_of("grouping", [by], GROUPINGS)
    if form != "svg" and by != "topic":
        raise KztError(f"--by is of svg, not of {form}")
    if form not in ("md", "docx") and style != STYLES[0]:
        raise KztError(f"--style is of md and docx, not of {form}")
    if form != "md" and citations != CITATIONS[0]:
        raise KztError(f"--citations is of md, not of {form}")
    reading = origin.read()
    criteria = filters.criteria()
    chosen = choose(reading.timeline, criteria, date.today())
    how = closing(reading, chosen, criteria) | {"style": style, "citations": citations, "by": by}
    target.show("export", form, chosen, origin, **how)
    if form in ("mermaid", "html"):
        from kztimeline.renderers import html, mermaid

        output.complain({"mermaid": mermaid, "html": html}[form].too_many(chosen))
