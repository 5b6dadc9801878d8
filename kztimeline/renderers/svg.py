"""The record drawn: where its events and the states of its matters lie among the years.

Geometry for the page and for a picture of its own, in units of which `WIDTH` make the lanes'
width: numbers and paths of SVG. The picture is for a slide or a report: it has no script, no link
and no font from outside.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape
from itertools import pairwise
from math import sqrt
from typing import Final, NamedTuple

from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Selection, marks
from kztimeline.query.lanes import Lane, all_lanes, extent
from kztimeline.query.state import Spell
from kztimeline.record.model import Event
from kztimeline.renderers.views import How
from kztimeline.text.gate import line, shorten

WIDTH: Final = 1000
PITCH: Final = 10
"""From one row of a lane to the next."""
STRIP: Final = 22
"""The height of a matter's strip of states."""

_MOST_ROWS = 60
_HALF = 3.0
"""Half the height of a bar."""
_EDGE = 4.0
"""The space that stays free on both sides."""
_STUB = 30.0
"""How far a bar reaches to where its date is open."""
_MARGIN = _STUB + _EDGE
_GAP = 3.0
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
_MOST_YEARS = 40
_LABEL = 36
"""The least space from one year's label to the next."""


class Scale(NamedTuple):
    """Days to places: linear between the years that are marked.

    Years in which much begins are wider than others, or the busiest could not be read.
    """

    years: tuple[int, ...]
    """The years marked, and the first one after the picture."""
    places: tuple[float, ...]
    """Where each of them begins."""

    def at(self, day: date, after: bool = False) -> float:
        """Where a day begins, or the day after it."""
        ordinal = day.toordinal() + after
        index = min(max(bisect_right(self.years, day.year) - 1, 0), len(self.years) - 2)
        start, end = (_new_year(year) for year in self.years[index : index + 2])
        share = min(max((ordinal - start) / (end - start), 0), 1)
        left, right = self.places[index : index + 2]
        return left + share * (right - left)

    @property
    def labels(self) -> list[tuple[int, float]]:
        """The years that there is space to name, and where: wide ones come before narrow ones."""
        columns = list(zip(self.years, pairwise(self.places), strict=False))
        columns.sort(key=lambda column: column[1][1] - column[1][0] < _LABEL)
        named: dict[float, int] = {}
        for year, (place, _) in columns:
            if all(abs(place - other) >= _LABEL for other in named):
                named[place] = max(year, 1)
        return [(named[place], place) for place in sorted(named)]

    @property
    def grid(self) -> str:
        """The path of an upright line, of height 1, at each year marked."""
        return "".join(f"M{_n(place)} 0v1" for place in self.places)


def scale(events: Sequence[Event]) -> Scale | None:
    """The scale for some events; None if no day of theirs is known."""
    ends = extent(events)
    if ends is None:
        return None
    first, last = ends[0].year, ends[1].year
    step = next(step for step in _STEPS if (last - first) // step <= _MOST_YEARS)
    first -= first % step
    count = (last - first) // step + 1
    full = Counter((_anchor(event.date).year - first) // step for event in events)
    shares = [1 + 2.5 * sqrt(full[index] * count / len(events)) for index in range(count)]
    unit = (WIDTH - 2 * _MARGIN) / sum(shares)
    places = [_MARGIN]
    for share in shares:
        places.append(places[-1] + share * unit)
    return Scale(tuple(first + step * index for index in range(count + 1)), tuple(places))


def _anchor(when: PartialDate) -> date:
    """A day that is known of a date; the first of the calendar if none is."""
    return when.earliest or when.latest or date.min


def _new_year(year: int) -> int:
    """The ordinal of a year's first day; the calendar's ends bound it."""
    if year > date.max.year:
        return date.max.toordinal() + 1
    return date(max(year, 1), 1, 1).toordinal()


# --- lanes -------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """An event in a lane."""

    event: Event
    shape: str
    """``day``, ``range`` (some day within) or ``span`` (all the days of it)."""
    outline: str
    """The path around all the days that it may have."""
    core: str
    """The path around the days that a span certainly has."""
    flag: str
    """The path of the diamond on a contested range or span."""


class Drawn(NamedTuple):
    """A lane with its marks in the order of time, in rows so that none hides another."""

    lane: Lane
    marks: tuple[Mark, ...]
    height: int


def draw(lane: Lane, scale: Scale) -> Drawn:
    """Put each event of a lane into the lowest row that has space for it."""
    placed = sorted(
        ((*_reach(event.date, scale), event) for event in lane.events),
        key=lambda place: (place[0], place[2].date.sort_key),
    )
    ends: list[float] = []
    rows: list[int] = []
    for left, right, _ in placed:
        row = next((row for row, end in enumerate(ends) if end + _GAP <= left), len(ends))
        if row == _MOST_ROWS:
            # Nobody can count as many; here marks begin to lie over each other.
            row = min(range(row), key=ends.__getitem__)
        if row == len(ends):
            ends.append(right)
        ends[row] = max(ends[row], right)
        rows.append(row)
    height = PITCH * (len(ends) + 1) + 4
    marks = [
        _mark(event, scale, left, right, height - PITCH * (row + 1))
        for (left, right, event), row in zip(placed, rows, strict=True)
    ]
    return Drawn(lane, tuple(marks), height)


def _reach(when: PartialDate, scale: Scale) -> tuple[float, float]:
    """Where a mark begins and ends."""
    left = scale.at(when.earliest) if when.earliest else None
    right = scale.at(when.latest, after=True) if when.latest else None
    if left is None:
        to_edge = when.throughout or right is None
        right = WIDTH - _EDGE if right is None else right
        return _EDGE if to_edge else right - _STUB, right
    if right is None:
        return left, WIDTH - _EDGE if when.throughout else left + _STUB
    if when.earliest == when.latest:
        return (left + right) / 2 - 4, (left + right) / 2 + 4
    return left, max(right, left + 2 * _HALF + 1)


def _mark(event: Event, scale: Scale, left: float, right: float, y: int) -> Mark:
    when = event.date
    middle = (left + right) / 2
    flag = _diamond(middle, y) if event.contested else ""
    if when.earliest is not None and when.earliest == when.latest:
        return Mark(event, "day", flag or _circle(middle, y), "", "")
    pointed = when.earliest is None, when.latest is None
    if not when.throughout:
        return Mark(event, "range", _bar(left, right, y, pointed, _ROUND), "", flag)
    outline = _bar(left, right, y, pointed, _STRAIGHT)
    return Mark(event, "span", outline, _core(when, scale, left, right, y), flag)


def _core(when: PartialDate, scale: Scale, left: float, right: float, y: int) -> str:
    first, last = when.first_latest or date.max, when.last_earliest or date.min
    if first > last:
        return ""
    start = left if first == date.min or first == when.earliest else scale.at(first)
    end = right if last == date.max or last == when.latest else scale.at(last, after=True)
    pointed = first == date.min, last == date.max
    return _bar(start, max(end, start + 1), y, pointed, _STRAIGHT)


# How a bar ends, as strokes on its right side downwards, and on its left one upwards.
_STRAIGHT: Final = ("v6", "v-6")
_ROUND: Final = ("a3 3 0 0 1 0 6", "a3 3 0 0 1 0 -6")
_POINTED: Final = ("l3 3 -3 3", "l-3 -3 3 -3")


def _bar(
    left: float, right: float, y: int, pointed: tuple[bool, bool], ends: tuple[str, str]
) -> str:
    """A bar with such ends, and with points where the date is open."""
    first, last = (_POINTED if is_open else ends for is_open in pointed)
    start = left + (0 if first is _STRAIGHT else _HALF)
    end = right - (0 if last is _STRAIGHT else _HALF)
    return f"M{_n(start)} {_n(y - _HALF)}H{_n(end)}{last[0]}H{_n(start)}{first[1]}z"


def _circle(x: float, y: int) -> str:
    return f"M{_n(x - 3.6)} {y}a3.6 3.6 0 1 1 7.2 0a3.6 3.6 0 1 1 -7.2 0z"


def _diamond(x: float, y: int) -> str:
    return f"M{_n(x)} {_n(y - 4.8)}l4.8 4.8 -4.8 4.8 -4.8 -4.8z"


def _n(number: float) -> str:
    return f"{round(number, 1):g}"


# --- states ------------------------------------------------------------------------------------


class Segment(NamedTuple):
    """A stretch of a matter's strip with the same possible states throughout."""

    states: tuple[str | None, ...]
    left: float
    width: float


def strip(history: Iterable[Spell], scale: Scale) -> tuple[Segment, ...]:
    """What is or may be known of a matter, side by side."""
    starts: list[tuple[float, tuple[str | None, ...]]] = []
    for spell in history:
        states = tuple(outcome.state for outcome in spell.standing.outcomes)
        if spell.first.year < scale.years[-1] and (not starts or starts[-1][1] != states):
            starts.append((scale.at(spell.first), states))
    return tuple(
        Segment(states, left, right - left)
        for (left, states), (right, _) in pairwise([*starts, (WIDTH, ())])
        if right > left and states != (None,)
    )


# --- a picture of its own ----------------------------------------------------------------------

_LEFT: Final = 250
"""Where the lanes begin; their names stand before."""
_LETTERS: Final = 36
"""The letters of a name that fit there."""
_TOP, _BORDER = 84, 20
# Literal colours: programs other than browsers know no variables.
_STYLE: Final = """
text { font-family: system-ui, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; font-size: 13px; fill: #1f2328 }
.paper { fill: #fcfbf8 } .head { font-size: 20px; font-weight: 600 } .soft { fill: #565d66; font-size: 11.5px }
.line { stroke: #dcd8ce; fill: none } .mark { fill: #fcfbf8; stroke: #2b5f97 } .range { fill: #d7e3f0 }
.core, .day { fill: #2b5f97 } .unsure { stroke-dasharray: 2 1.6 } .contested { stroke: #a8361b } .flag { fill: #a8361b }
@media (prefers-color-scheme: dark) {
text { fill: #e4e2dc } .paper { fill: #15181c } .soft { fill: #a4abb4 } .line { stroke: #343a42 }
.mark { fill: #15181c; stroke: #7fb0e6 } .range { fill: #24374b } .core, .day { fill: #7fb0e6 } .contested { stroke: #f39a7d } .flag { fill: #f39a7d }
}
"""  # noqa: E501


def export(selection: Selection, how: How) -> str:
    """The picture of the events selected."""
    on = scale(selection.events)
    found = all_lanes(selection, how.by) if on else ()
    drawn = [draw(lane, on) for lane in found if on]
    title = _text(selection.timeline.title or "Events")
    width, height = _LEFT + WIDTH + _BORDER, _TOP + sum(each.height for each in drawn) + 40
    names = ", ".join(f"{lane.label} ({len(lane.events):,})" for lane in found)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{title}</title>',
        f'<desc id="desc">{_text(how.closing)}. Lanes: {_text(names)}.</desc>',
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="head" x="{_BORDER}" y="38">{title}</text>',
    ]
    y = _TOP
    for year, place in on.labels if on else ():
        rows.append(f'<text class="soft" x="{_LEFT + place:.1f}" y="{y - 8}">{year}</text>')
    for each in drawn:
        name = _text(shorten(line(each.lane.label), _LETTERS))
        rows += [
            f'<path class="line" d="M{_BORDER} {y}H{width - _BORDER}"/>',
            f'<text x="{_BORDER}" y="{y + each.height - 8}">{name}'
            f' <tspan class="soft">{len(each.marks):,}</tspan></text>',
            f'<g transform="translate({_LEFT} {y})">',
            f'<path class="line" transform="scale(1 {each.height})"'
            f' d="{on.grid if on else ""}" vector-effect="non-scaling-stroke"/>',
            *(row for mark in each.marks for row in _event(selection, mark)),
            "</g>",
        ]
        y += each.height
    rows.append(f'<text class="soft" x="{_BORDER}" y="{y + 26}">{_text(how.closing)}</text>')
    return "\n".join([*rows, "</svg>", ""])


def _event(selection: Selection, mark: Mark) -> Iterator[str]:
    event = mark.event
    notes = "".join(f" ({it})" for it in marks(selection, event) if it != "?")
    kind = f"mark {mark.shape}{' contested' * event.contested}{' unsure' * event.date.qualified}"
    yield f"<g><title>{_text(f'{event.date.words()}: {event.title}{notes}')}</title>"
    whole = " flag" if event.contested and mark.shape == "day" else ""
    yield f'<path class="{kind}{whole}" d="{mark.outline}"/>'
    if mark.core:
        yield f'<path class="core{" flag" * event.contested}" d="{mark.core}"/>'
    if mark.flag:
        yield f'<path class="flag" d="{mark.flag}"/>'
    yield "</g>"


def _text(text: str) -> str:
    return escape(line(text))
