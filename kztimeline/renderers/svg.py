"""The picture of lanes as SVG for a slide or a report: no script, no link, no font from outside."""

from collections.abc import Iterator
from html import escape
from typing import Final

from kztimeline.query.filter import marks
from kztimeline.query.groups import all_lanes
from kztimeline.renderers import picture
from kztimeline.renderers.picture import Mark
from kztimeline.renderers.views import Export
from kztimeline.text.gate import line, shorten

_LEFT: Final = 250
"""Where the lanes begin; their names stand before."""
_LABEL: Final = 36
"""The letters of a name that fit there."""
_TOP, _EDGE = 84, 20
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


def export(exported: Export) -> str:
    """The picture of the events selected."""
    selection = exported.selection
    scale = picture.scale(selection.events)
    found = all_lanes(selection, exported.by) if scale else ()
    drawn = [picture.draw(lane, scale) for lane in found if scale]
    title = _text(selection.timeline.title or "Events")
    width, height = _LEFT + picture.WIDTH + _EDGE, _TOP + sum(each.height for each in drawn) + 40
    names = ", ".join(f"{lane.label} ({len(lane.events):,})" for lane in found)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{title}</title>',
        f'<desc id="desc">{_text(exported.closing)}. Lanes: {_text(names)}.</desc>',
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="head" x="{_EDGE}" y="38">{title}</text>',
    ]
    y = _TOP
    for place, year in ((at, year) for year, at in (scale.labels if scale else ())):
        rows.append(f'<text class="soft" x="{_LEFT + place:.1f}" y="{y - 8}">{year}</text>')
    for each in drawn:
        name = _text(shorten(line(each.lane.label), _LABEL))
        rows += [
            f'<path class="line" d="M{_EDGE} {y}H{width - _EDGE}"/>',
            f'<text x="{_EDGE}" y="{y + each.height - 8}">{name}'
            f' <tspan class="soft">{len(each.marks):,}</tspan></text>',
            f'<g transform="translate({_LEFT} {y})">',
            f'<path class="line" transform="scale(1 {each.height})"'
            f' d="{scale.grid if scale else ""}" vector-effect="non-scaling-stroke"/>',
            *(row for mark in each.marks for row in _mark(exported, mark)),
            "</g>",
        ]
        y += each.height
    rows.append(f'<text class="soft" x="{_EDGE}" y="{y + 26}">{_text(exported.closing)}</text>')
    return "\n".join([*rows, "</svg>", ""])


def _mark(exported: Export, mark: Mark) -> Iterator[str]:
    event = mark.event
    notes = "".join(f" ({it})" for it in marks(exported.selection, event) if it != "?")
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
