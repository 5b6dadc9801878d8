"""Lanes of events over years: as a picture for a terminal, and as lines for a pipe."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from kztimeline.dates.edtf import PartialDate, Window
from kztimeline.query.filter import ALWAYS, SORT_KEYS, Selection, marks
from kztimeline.query.lanes import Lane, extent, lanes
from kztimeline.query.state import Standing, outcome_text, setters, sweep
from kztimeline.record.model import OCCURRED, Event
from kztimeline.renderers.layout import Line, Part, Style, line
from kztimeline.renderers.plain import aligned, columns
from kztimeline.text.gate import line as gate

if TYPE_CHECKING:
    from kztimeline.renderers.terminal import Screen

_NARROW = 60
"""Below this many columns, a lane's label stands on a line of its own."""
_WIDEST = 12
"""The columns that a year takes at most."""
_OUTSIDE = 3
"""The columns that all years before or after the axis take."""
_TAIL = 40
"""The columns that a matter's last state takes at most after the picture."""
_MAGNITUDES = {"t": "tens", "h": "hundreds", "k": "thousands"}
"""Instead of a number that has no room."""
_LONGEST_IDS = 90
"""The characters that the ids in a line of the plain form take, if they are several."""
_SHORTEST = 8
"""The columns that a state needs in its line, if it is cut."""


# --- where events stand ------------------------------------------------------------------------

_STEPS: Final = tuple(n * 10**k for k in range(4) for n in (1, 2, 5))
"""How many years a column, or the way between two ticks, may stand for."""


class Axis(NamedTuple):
    """Years in columns; what lies far away from the others has a column before or after them."""

    first: int
    """The first year of column 0."""
    per: int
    """How many years a column stands for."""
    size: int
    """How many columns there are, but for those two."""
    before: bool = False
    """Whether there is a column -1 for all earlier years."""
    after: bool = False
    """Whether there is a column `size` for all later years."""

    @property
    def left(self) -> int:
        """The first column."""
        return -1 if self.before else 0

    @property
    def right(self) -> int:
        """The last column."""
        return self.size if self.after else self.size - 1

    @property
    def last(self) -> int:
        """The last year of the last column that isn't for all later ones."""
        return self.first + self.per * self.size - 1

    def column(self, year: int) -> int:
        """The column of a year."""
        return min(max((year - self.first) // self.per, self.left), self.right)

    def day_before(self, column: int) -> date:
        """The last day before a column."""
        return date(max(self.first + self.per * column - 1, date.min.year), 12, 31)

    def ticks(self, columns: int) -> tuple[tuple[int, int], ...]:
        """Round years and their columns, at least so many columns apart."""
        step = next((s for s in _STEPS if s % self.per == 0 and s >= columns * self.per), 0)
        years = range(self.first, self.last + 1, self.per) if step else ()
        return tuple((year, self.column(year)) for year in years if year % step == 0)


def axis(events: Iterable[Event], most: int, window: Window = ALWAYS) -> Axis:
    """The years of some events, at least one, that lie in a window; in at most so many columns."""
    first, last = window.since or date.min, window.until or date.max
    days = [day for e in events for day in {e.date.earliest, e.date.latest} if day]
    known = [min(max(day, first), last).year for day in days]
    years = _without_outliers(Counter(known), most)
    for per in _STEPS:
        start = years[0] - years[0] % per
        size = (years[-1] - start) // per + 1
        if size <= most:
            break
    return Axis(start, per, size, min(known) < start, max(known) >= start + per * size)


def _without_outliers(years: Counter[int], most: int) -> list[int]:
    """Leave out few years that are far from many, as long as the rest doesn't fit one by one."""
    kept = sorted(years)
    while (span := kept[-1] - kept[0]) >= most:
        cut = max(range(1, len(kept)), key=lambda n: kept[n] - kept[n - 1])
        parts = ((sum(years[year] for year in part), part) for part in (kept[:cut], kept[cut:]))
        (few, _), (many, rest) = sorted(parts)
        if (kept[cut] - kept[cut - 1]) * 3 < span or 2 * few > many:
            break
        kept = rest
    return kept


class Place(NamedTuple):
    """Where an event stands on an axis."""

    event: Event
    mark: int
    """The column that counts it: the first that it can begin in, else the last it can end in."""
    start: int
    """The first column that it can reach; just the mark's where one day in an open range is."""
    end: int
    lasts: tuple[int, int] | None
    """The first and the last column in which it certainly lasts, if its date is an interval."""
    opens: bool
    """Whether it can begin before all columns."""
    stays: bool
    """Whether it can end after all columns."""
    uncertain: bool
    """Whether its column, its match or that it occurred is uncertain."""

    @property
    def open(self) -> tuple[tuple[int, int], ...]:
        """The stretches, from a column to a later one, in which a day of it may be."""
        low, high = self.lasts or (self.end, self.start)
        ends = ((self.start, self.end),) if low > high else ((self.start, low), (high, self.end))
        return tuple((start, end) for start, end in ends if start < end)


def place(event: Event, on: Axis, *, possible: bool = False) -> Place:
    """Where an event stands; `possible` is one that matches only possibly."""
    when = event.date
    columns = [on.column(day.year) for day in (when.earliest, when.latest) if day]
    mark, start, end, lasts = columns[0], columns[0], columns[-1], None
    if when.throughout:
        start, end = start if when.earliest else on.left, end if when.latest else on.right
        lasts = (
            on.column(when.first_latest.year) if when.first_latest else end,
            on.column(when.last_earliest.year) if when.last_earliest else start,
        )
    latest = when.first_latest
    begins = when.earliest and latest and on.column(latest.year) == mark
    return Place(
        event,
        mark,
        start,
        end,
        lasts,
        when.earliest is None or (when.earliest.year < on.first and not on.before),
        when.latest is None or (when.latest.year > on.last and not on.after),
        possible or when.qualified or event.status != OCCURRED or not begins,
    )


# --- what is drawn -----------------------------------------------------------------------------


class Signs(NamedTuple):
    """The characters of a picture."""

    one: str
    some: str
    many: str
    uncertain: str
    contested: str
    both: str
    """Contested and uncertain."""
    lasts: str
    within: str
    before: str
    after: str
    tick: str
    cut: str


UNICODE: Final = Signs("•", "●", "■", "○", "◆", "◇", "─", "·", "◂", "▸", "┴", "…")
ASCII: Final = Signs("*", "#", "@", "o", "X", "x", "-", ".", "<", ">", "+", "~")


class _Frame(NamedTuple):
    """What all rows of a picture share."""

    on: Axis
    wide: int
    """How many characters a column takes."""
    tail: int
    """How many are left after the last one."""
    many: int
    """How many events get the largest mark."""
    signs: Signs
    used: set[str]
    """The signs of events, which the legend explains."""

    def x(self, column: int) -> int:
        """Where a column begins; the first character of all is for an arrow."""
        if column < 0:
            return 1
        outside = _OUTSIDE * (self.on.before + max(column - self.on.size, 0))
        return 1 + outside + min(column, self.on.size) * self.wide

    def end(self, column: int) -> int:
        """The last character of a column, but for a gap before the next one."""
        return max(self.x(column), self.x(column + 1) - 2)

    def sign(self, places: Sequence[Place]) -> tuple[str, Style]:
        """What stands for some events."""
        signs, uncertain = self.signs, all(placed.uncertain for placed in places)
        if any(placed.event.contested for placed in places):
            return (signs.both if uncertain else signs.contested), "disputed"
        if uncertain:
            return signs.uncertain, "changed"
        if len(places) == 1:
            return signs.one, "date"
        return (signs.some if len(places) < self.many else signs.many), "date"


class _Row:
    """A row of characters over an axis, each with a style."""

    def __init__(self, frame: _Frame) -> None:
        self.frame = frame
        size = frame.x(frame.on.right + 1) + 1 + frame.tail
        self.cells: list[tuple[str, Style]] = [(" ", "")] * size

    def put(self, at: int, text: str, style: Style) -> int:
        """Write over what is there; where the text ends."""
        for char in text:
            size = columns(char)
            if size == 0:
                before, its_style = self.cells[at - 1]
                self.cells[at - 1] = (before + char, its_style)
            else:
                self.cells[at : at + size] = [(char, style)] + [("", style)] * (size - 1)
            at += size
        return at

    def sign(self, at: int, sign: str, style: Style = "dim", number: str = "") -> int:
        """Write a sign that the legend explains; where it ends."""
        self.frame.used.add(sign)
        return self.put(at, sign + number, style)

    def fill(self, start: int, end: int, sign: str) -> None:
        """Draw a line where there is nothing yet."""
        for at in range(start, end + 1):
            if self.cells[at][0] == " ":
                self.sign(at, sign)

    def arrow(self, at: int, sign: str) -> None:
        """Draw an arrow unless a mark stands there."""
        if self.cells[at][0] in (" ", self.frame.signs.lasts, self.frame.signs.within):
            self.sign(at, sign)

    def mark(self, column: int, places: Sequence[Place]) -> int:
        """Write the mark of a column's events, and their number where there is room."""
        sign, at = self.frame.sign, self.frame.x(column)
        room = self.frame.x(column + 1) - at
        alike: dict[tuple[str, Style], list[Place]] = {}
        for placed in places:
            alike.setdefault(sign([placed]), []).append(placed)
        each = [(*sign(some), _number(some)) for some in alike.values()]
        if sum(len(mark + number) for mark, _, number in each) >= max(room, 2):
            number = _number(places)
            # Cells side by side would read as one number without a blank between them.
            magnitude = ["", "", "t", "h", "k"][min(len(number), 4)]
            each = [(*sign(places), number if len(number) < room - 1 else magnitude * (room > 1))]
        for mark, style, number in each:
            self.frame.used.update({number} & _MAGNITUDES.keys())
            at = self.sign(at, mark, style, number)
        return at

    def parts(self) -> tuple[Part, ...]:
        """The row, by runs of one style."""
        runs = groupby(self.cells, key=lambda cell: cell[1])
        return tuple(Part("".join(char for char, _ in run), style) for style, run in runs)


def _number(places: Sequence[Place]) -> str:
    return f"{len(places)}" if len(places) > 1 else ""


def cells(places: Iterable[Place]) -> dict[int, list[Place]]:
    """The events that the mark of each column counts, in the order of time."""
    found: dict[int, list[Place]] = {}
    for placed in sorted(places, key=lambda placed: SORT_KEYS["date"](placed.event)):
        found.setdefault(placed.mark, []).append(placed)
    return dict(sorted(found.items()))


def _draw(places: Sequence[Place], row: _Row) -> None:
    """Draw events, how long they last and when those that are uncertain may have been."""
    signs = row.frame.signs
    for low, high in {placed.lasts for placed in places if placed.lasts}:
        if low < high:
            row.fill(row.frame.x(low), row.frame.end(high), signs.lasts)
    ends = _draw_marks(places, row)
    for placed in places:
        if placed.stays:
            at = row.frame.end(placed.end) + 1 if placed.lasts else ends[placed.mark]
            row.arrow(at, signs.after)


def _draw_states(places: Sequence[Place], row: _Row, matter: str, setting: Sequence[Event]) -> None:
    """Draw when a matter's states were set; what it stood at then, where there is room for it.

    All events `setting` it count, whichever are drawn.
    """
    frame, stop = row.frame, len(row.cells)
    ends = _draw_marks(places, row)
    # What only finds a state doesn't begin one.
    first = min((placed.mark for placed in places if matter in placed.event.state), default=None)
    if first is not None:
        row.fill(frame.x(first), stop - 1, frame.signs.lasts)
    stops = [*(frame.x(column) for column in ends), stop][1:]
    _, last = extent(setting) or (date.min, date.max)
    until = [*(frame.on.day_before(column) for column in ends), date(last.year, 12, 31)][1:]
    stretches = [
        (_stood(standing), end + 1, stop)
        for end, stop, standing in zip(
            ends.values(), stops, sweep(matter, setting, until), strict=True
        )
    ]
    for state, same in groupby(stretches, key=lambda stretch: stretch[0]):
        # A state that was set again is written once, where there is most room, until the next one.
        _, start, stop = max(same, key=lambda stretch: stretch[2] - stretch[1])
        room, text = stop - start - 3, gate(state)
        if room >= min(_SHORTEST, columns(text)):
            row.put(start, f" {_cut(text, room, frame.signs)} ", "")


def _stood(standing: Standing) -> str:
    if standing.states == {None}:
        return ""
    return " / ".join(outcome_text(standing, outcome) for outcome in standing.outcomes)


def _draw_marks(places: Sequence[Place], row: _Row) -> dict[int, int]:
    """Draw what is uncertain of some events, and their marks; where the marks end."""
    for start, end in {stretch for placed in places for stretch in placed.open}:
        row.fill(row.frame.x(start), row.frame.end(end), row.frame.signs.within)
    ends = {column: row.mark(column, cell) for column, cell in cells(places).items()}
    for placed in places:
        if placed.opens:
            row.arrow(row.frame.x(placed.start) - 1, row.frame.signs.before)
    return ends


def _cut(text: str, room: int, signs: Signs) -> str:
    """At most so many columns of a text that passed the gate."""
    if columns(text) <= room:
        return text
    used = columns(signs.cut)
    for at, char in enumerate(text):
        used += columns(char)
        if used > room:
            return text[:at].rstrip() + signs.cut
    return text


# --- the whole picture -------------------------------------------------------------------------


def picture(
    selection: Selection, by: str, closing: str, to: "Screen", window: Window = ALWAYS
) -> Iterator[Line]:
    """Lanes under the years of a window, what the marks mean, and what is shown."""
    found = lanes(selection, by)
    if found:
        if selection.timeline.title:
            yield line(Part(selection.timeline.title, "title"))
            yield line()
        yield from _rows(selection, found, by, to, window)
    shown = {event.id for lane in found for event in lane.events}
    without = sum(event.id not in shown for event in selection.events)
    yield line(Part(f"{closing} · {without:,} without a {by}" if without else closing, "dim"))


def _rows(
    selection: Selection, found: Sequence[Lane], by: str, to: "Screen", window: Window
) -> Iterator[Line]:
    width, signs = to.width, UNICODE if to.unicode else ASCII
    digits = max(len(f"{len(lane.events):,}") for lane in found)
    stacked = width < _NARROW
    longest = max(columns(gate(lane.label)) for lane in found)
    label = width - digits - 1 if stacked else min(longest, width // 3)
    # A space before the picture; and it has room for an arrow on both sides.
    left = 0 if stacked else label + digits + 2
    room = width - left - 2
    # What a matter stands at last is written beyond the years.
    tail = min(room // 3, _TAIL) if by == "matter" else 0
    events = [event for lane in found for event in lane.events]
    on = axis(events, room - tail, window)
    if on.before or on.after:
        on = axis(events, room - tail - 2 * _OUTSIDE, window)
    free = room - tail - _OUTSIDE * (on.before + on.after)
    wide = min(free // on.size, _WIDEST)
    if not stacked:
        # Columns that the years leave free are for the labels.
        label += min(longest - label, free - wide * on.size)
        left = label + digits + 2
    placed = [
        [place(e, on, possible=e.id in selection.possible) for e in lane.events] for lane in found
    ]
    peak = max(len(cell) for places in placed for cell in cells(places).values())
    frame = _Frame(on, wide, tail, max(-(-peak // 2), 5), signs, set())
    yield from _header(frame, left, width)
    setting = setters(selection.timeline)
    for lane, places in zip(found, placed, strict=True):
        head = _cut(gate(lane.label), label, signs)
        number = f"{len(lane.events):,}"
        row = _Row(frame)
        if by == "matter":
            _draw_states(places, row, lane.key, setting[lane.key])
        else:
            _draw(places, row)
        if stacked:
            yield line(Part(head, "title"), " ", Part(number, "dim"))
            yield line(*row.parts())
        else:
            padding = " " * (label - columns(head) + 1 + digits - len(number))
            yield line(head, padding, Part(number, "dim"), " ", *row.parts())
    yield line()
    yield from _legend(frame, by, width)


def _header(frame: _Frame, left: int, width: int) -> Iterator[Line]:
    on, signs = frame.on, frame.signs
    years, rule = _Row(frame), _Row(frame)
    rule.put(1, signs.lasts * (frame.x(on.right + 1) - 1), "dim")
    # The last year may stand out over the picture.
    years.cells += [(" ", "")] * (width - left - len(years.cells))
    room = frame.x(on.size) if on.after else len(years.cells)
    for year, column in on.ticks(-(-5 // frame.wide)):
        at = frame.x(column)
        if at + 4 <= room:
            years.put(at, f"{max(year, 1):04}", "title")
            rule.put(at, signs.tick, "dim")
    for outside, column, arrows in ((on.before, -1, "<<"), (on.after, on.size, ">>")):
        if outside:
            years.put(frame.x(column), arrows, "title")
    yield line(" " * left, *years.parts())
    yield line(" " * left, *rule.parts())


def _legend(frame: _Frame, by: str, width: int) -> Iterator[Line]:
    on, signs = frame.on, frame.signs
    meanings = (
        (signs.one, "1 event"),
        (signs.some, f"2 to {frame.many - 1:,}"),
        (signs.many, f"{frame.many:,} or more"),
        *_MAGNITUDES.items(),
        (signs.uncertain, "all uncertain"),
        (signs.contested, "any contested"),
        (signs.both, "uncertain and contested"),
        (signs.lasts, "holds" if by == "matter" else "lasts"),
        (signs.within, "some time within"),
        (signs.before, "or earlier"),
        (signs.after, "or later"),
    )
    items = [f"{sign} {meaning}" for sign, meaning in meanings if sign in frame.used]
    items += [f"<< before {on.first}"] if on.before else []
    items += [f">> after {on.last}"] if on.after else []
    row = ""
    for item in items:
        if row and len(row) + 3 + len(item) > width:
            yield line(Part(row, "dim"))
            row = ""
        row += f"   {item}" if row else item
    yield line(Part(row, "dim"))


# --- for a pipe --------------------------------------------------------------------------------


def plain(selection: Selection, by: str) -> str:
    """One aligned line per lane and year, or range of years, with its events."""
    rows = []
    for lane in lanes(selection, by):
        years: dict[str, list[Event]] = {}
        for event in sorted(lane.events, key=SORT_KEYS["date"]):
            years.setdefault(_years(event.date), []).append(event)
        for year, events in years.items():
            shown = dict.fromkeys(
                mark
                for event in events
                for mark in (*(["?"] * event.date.qualified), *marks(selection, event))
            )
            ids = _fitting([event.id for event in events])
            rows.append((lane.key, year, str(len(events)), ",".join(shown) or "-", ids))
    return aligned((by.upper(), "YEAR", "EVENTS", "MARKS", "IDS"), rows)


def _fitting(ids: Sequence[str]) -> str:
    """As many ids as a line has room for, and how many there are more."""
    shown = ids[0]
    for number, name in enumerate(ids[1:], 1):
        if len(shown) + len(name) > _LONGEST_IDS:
            return f"{shown},+{len(ids) - number}"
        shown += f",{name}"
    return shown


def _years(when: PartialDate) -> str:
    """A date as precise as a year, in the language of dates."""
    first = f"{when.earliest.year:04}" if when.earliest else ".."
    last = f"{when.latest.year:04}" if when.latest else ".."
    if first == last != "..":
        return first
    return f"{first}/{last}" if when.throughout else f"[{first.strip('.')}..{last.strip('.')}]"
