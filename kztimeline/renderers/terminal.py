"""What goes to a terminal: wrapped to its width, styled, in tables. The only user of rich.

Everything is rendered to a text first, so that it is written in one go and can be tested.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain, zip_longest
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.text import Text
from rich.theme import Theme

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection, marks
from kztimeline.query.state import Standing
from kztimeline.query.stats import Stats
from kztimeline.record.model import Event, Timeline
from kztimeline.renderers import plain
from kztimeline.renderers.layout import Line
from kztimeline.text import colour
from kztimeline.text.gate import line as gate

_STYLES = {
    "title": "bold",
    "date": "cyan",
    "dim": "dim",
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "disputed": "magenta",
    "id": "blue",
    "heading": "bold",
}
# Measured: past this, laying out a table takes longer than a person reads in it.
_LONGEST_TABLE = 1_000
_NARROW, _WIDE = 60, 140
_GAP = 2
"""The columns between those of a table."""
_EIGHTHS = "▏▎▍▌▋▊▉█"
_BESIDE, _GUTTER = 60, 4
"""The columns that a group of bars needs beside others, and those between them."""


class Screen(NamedTuple):
    """What the output goes to: its columns, and whether it takes colour and box characters."""

    width: int
    colour: bool = False
    unicode: bool = True

    def console(self) -> Console:
        """A console of rich's that writes to memory, and asks no environment."""
        return Console(
            file=StringIO(),
            width=self.width,
            force_terminal=self.colour,
            color_system="standard" if self.colour else None,
            # Rich would read NO_COLOR, FORCE_COLOR and more by itself; that was decided before.
            _environ={"TERM": "xterm" if self.colour else "dumb"},
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def text(self, *renderables: RenderableType, styles: Mapping[str, str] | None = None) -> str:
        """Renderables as text, with escape sequences for styles if there is colour."""
        console = self.console()
        if styles:
            console.push_theme(Theme(styles))
        for renderable in renderables:
            console.print(renderable)
        output = console.file
        assert isinstance(output, StringIO)
        return "".join(f"{row.rstrip(' ')}\n" for row in output.getvalue().split("\n")[:-1])


def screen(width: int, encoding: str, *, is_terminal: bool) -> Screen:
    """The screen that the environment describes, at least 20 columns wide."""
    return Screen(
        width=max(width, 20),
        colour=colour.is_wanted(is_terminal=is_terminal),
        unicode=encoding.lower().replace("-", "").startswith("utf"),
    )


def markdown(page: str, to: Screen) -> str:
    """A page of the manual; what links to others names the command that shows them."""
    from rich.markdown import Markdown

    page = re.sub(r"\[(\w+)\]\(\1\.md\)", r"`kzt help \1`", page)
    page = re.sub(r"\[([^]]+)\]\((\w+)\.md\)", r"\1 (`kzt help \2`)", page)
    # Colours for a shell's words would part ids.
    page = re.sub(r"^```\w+$", "```text", page, flags=re.MULTILINE)
    shown = Markdown(page, code_theme="ansi_light", hyperlinks=False)
    # Rich's own style has a background, for dark terminals alone.
    return to.text(shown, styles={"markdown.code": "cyan"})


def lines(shown: Iterable[Line], to: Screen) -> str:
    """A layout, wrapped; further lines of a wrapped one hang under it."""
    console = to.console()
    segments: list[Segment] = []
    for item in shown:
        for row in _wrapped(item, to.width, console):
            segments += [*_segments(row, console), Segment("\n")]
    return to.text(Segments(segments))


def _wrapped(shown: Line, width: int, console: Console) -> Iterator[Text]:
    text = Text()
    for part in shown.parts:
        text.append(gate(part.text), _STYLES.get(part.style, ""))
    first, *more = _fitted(text, max(width - shown.indent, 10), console)
    yield Text(" " * shown.indent) + first
    if more:
        # Wrapped a second time, because hanging lines have less room than the first one.
        done = len(first.plain)
        done += len(text.plain[done:]) - len(text.plain[done:].lstrip(" "))
        indent = shown.indent + shown.hang
        rest = _fitted(text[done:], max(width - indent, 10), console)
        yield from (Text(" " * indent) + row for row in rest)


def _fitted(text: Text, width: int, console: Console) -> Sequence[Text]:
    """The lines of a text wrapped to so many columns, without trailing blanks."""
    lines = [text] if text.cell_len <= width else [*text.wrap(console, width)]
    for line in lines:
        line.rstrip()
    return lines


def events(selection: Selection, summary: str, to: Screen) -> str:
    """A table of events that fits the width, and a line that says what is shown."""
    closing = Text(gate(summary), "dim")
    if len(selection.events) > _LONGEST_TABLE:
        return plain.events(selection) + to.text(closing)
    if not selection.events:
        return to.text(closing)
    if to.width < _NARROW:
        stacked: list[Text] = []
        for event in selection.events:
            date = _date(selection, event, to.width)
            head = Text.assemble(date, "  ", (gate(event.id), _STYLES["id"]))
            stacked += [head, _title(selection, event), Text()]
        return to.text(*stacked, closing)
    room = min(to.width * 3 // 10, 32)
    columns = {
        "Date": [_date(selection, event, room) for event in selection.events],
        "Event": [_title(selection, event) for event in selection.events],
    }
    if to.width >= _WIDE:
        columns["Kind"] = [Text(gate(event.kind)) for event in selection.events]
        columns["Topics"] = [Text(gate(", ".join(event.topics))) for event in selection.events]
    columns["Id"] = [Text(gate(event.id), _STYLES["id"]) for event in selection.events]
    # An id is there to be copied, and a date to be read at once: they are only broken where they
    # would leave no room.
    shrink = [("Topics", 24), ("Event", 20), ("Id", to.width // 3), ("Event", 10), ("Date", 10)]
    table = _table(columns, shrink, to)
    return to.text(table, Text(), closing)


def _table(
    columns: Mapping[str, Sequence[Text]], shrink: Iterable[tuple[str, int]], to: Screen
) -> Segments:
    """Columns under their heads and a rule. Those of `shrink` give up what isn't there, in turn.

    Not one of rich's own tables, because they take four times as long: a third of `kzt list`.
    """
    widths = _widths(columns, to.width, shrink)
    total = sum(widths) + _GAP * (len(widths) - 1)
    heads = [Text(name, "bold") for name in columns]
    rule = Segment(("─" if to.unicode else "-") * total + "\n")
    console = to.console()
    segments = [*_row(heads, widths, console), rule]
    for row in zip(*columns.values(), strict=True):
        segments += _row(row, widths, console)
    return Segments(segments)


def _row(cells: Iterable[Text], widths: Iterable[int], console: Console) -> Iterator[Segment]:
    """Cells side by side, each wrapped to its width."""
    columns = [
        (_fitted(cell, width, console), width) for cell, width in zip(cells, widths, strict=True)
    ]
    for number in range(max(len(lines) for lines, _ in columns)):
        space = 0
        for lines, width in columns:
            if number < len(lines):
                yield Segment(" " * space)
                yield from _segments(lines[number], console)
                space = -lines[number].cell_len
            space += width + _GAP
        yield Segment("\n")


def _segments(text: Text, console: Console) -> Iterable[Segment]:
    if text.spans:
        return text.render(console)
    # Rich would leave out the text's own style.
    return [Segment(text.plain, console.get_style(text.style))]


def _widths(
    columns: Mapping[str, Sequence[Text]], width: int, shrink: Iterable[tuple[str, int]]
) -> Sequence[int]:
    """How wide each column is: what it takes, less what those of `shrink` must give up in turn."""
    widths = {
        name: max([len(name), *(cell.cell_len for cell in cells)])
        for name, cells in columns.items()
    }
    for name, least in shrink:
        excess = sum(widths.values()) + _GAP * (len(widths) - 1) - width
        if excess > 0 and name in widths:
            widths[name] -= min(excess, max(widths[name] - least, 0))
    return [*widths.values()]


def _date(selection: Selection, event: Event, room: int) -> Text:
    words = event.date.words()
    text = Text(gate(words if len(words) <= room else event.date.text), _STYLES["date"])
    return text.append(" ?", "bold") if event.id in selection.possible else text


def _title(selection: Selection, event: Event) -> Text:
    text = Text(gate(event.title))
    for mark in marks(selection, event):
        if mark != "?":
            text.append(f" · {mark}", _STYLES["disputed"])
    return text


def state(timeline: Timeline, when: PartialDate, standings: Sequence[Standing], to: Screen) -> str:
    """A table of what each matter is set to and found to stand at, under a headline."""
    from kztimeline.renderers import state as render

    names = ("Matter", "Set, and found", "Since, or of", "Evidence")
    # On a narrow screen the day of the evidence goes under what it is evidence of.
    below = to.width < _WIDE
    columns: dict[str, list[Text]] = {name: [] for name in names[: 3 if below else 4]}
    for row in render.cells(timeline, standings, below=below):
        is_note = below and row[3]
        for name, cell in zip(columns, row, strict=False):
            style = _STYLES["date"] if name == names[2] else "dim" if is_note else ""
            columns[name].append(Text(gate(cell), style))
    if to.width < _NARROW:
        del columns[names[2]]
    third, most = to.width // 3, to.width * 2 // 5
    shrink = [(names[0], most), (names[1], third), (names[2], third), (names[1], 1)]
    table = _table(columns, shrink, to)
    ending = render.ending(timeline)
    under = [Text(), Text(gate(ending), "dim")] if ending else []
    return to.text(Text(gate(render.headline(when)), "bold"), Text(), table, *under)


def stats(timeline: Timeline, counted: Stats, summary: str, to: Screen) -> str:
    """A bar for each count, by group and all to one scale, under the summary.

    Where there is room, groups stand side by side: a long bar says no more than a short one.
    """
    groups = {group: dict(names) for group, names in counted.groups.items() if names}
    if topics := groups.get("topic"):
        labels = timeline.topics
        groups["topic"] = {f"{labels[key]} ({key})": count for key, count in topics.items()}
    label = max((len(name) for names in groups.values() for name in names), default=0)
    count = max(to.width // _BESIDE, 1)
    width = (to.width - _GUTTER * (count - 1)) // count
    label = min(label, width // 2)
    heights = [len(names) + 2 for names in groups.values()]
    blocks = [
        [Text(), Text(group.capitalize(), "bold"), *_bars(names, counted.total, label, width, to)]
        for group, names in groups.items()
    ]
    rows = [Text(gate(summary), "bold"), Text(plain.coverage(counted))]
    columns = [chain(*blocks[part]) for part in _even(heights, count)]
    for cells in zip_longest(*columns, fillvalue=Text()):
        row = Text()
        for number, cell in enumerate(cells):
            row.append(" " * (number * (width + _GUTTER) - row.cell_len)).append_text(cell)
        rows.append(row)
    return to.text(*rows)


def _even(heights: Sequence[int], count: int) -> list[slice]:
    """Divide a row of things of these heights into at most so many columns, as low as can be."""
    columns: list[slice] = []
    runs = range(len(heights))
    for limit in sorted({sum(heights[i : j + 1]) for i in runs for j in runs[i:]}):
        columns, start = [], 0
        for end in range(1, len(heights) + 1):
            if end == len(heights) or sum(heights[start : end + 1]) > limit:
                columns.append(slice(start, end))
                start = end
        if len(columns) <= count:
            break
    return columns


def _bars(
    names: Mapping[str, int], total: int, label: int, width: int, to: Screen
) -> Iterator[Text]:
    console, digits = to.console(), len(f"{total:,}")
    room = max(width - label - digits - 2, 1)
    mark, parts = ("█", 8) if to.unicode else ("#", 1)
    for name, count in names.items():
        # Rounded up, so that what there is always shows; in eighths where there are such.
        full, rest = divmod(-(-count * room * parts // total), parts)
        bar = mark * full + _EIGHTHS[rest - 1] * (rest > 0)
        first, *more = _fitted(Text(gate(name)), label, console)
        first.append(f"{' ' * (label - first.cell_len)} {count:>{digits},} ")
        yield first.append(bar, _STYLES["date"])
        yield from more
