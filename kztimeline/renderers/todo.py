"""What to research next: as a layout, and as lines for a pipe."""

from collections.abc import Iterator, Sequence

from kztimeline.query.worklist import TASKS, Item
from kztimeline.renderers.layout import Line, Part, line
from kztimeline.renderers.plain import aligned

_MOST = 20
"""How many items of a task a layout shows; lines and JSON have all."""


def lines(items: Sequence[Item]) -> Iterator[Line]:
    """The items by task, the most telling first, each task with its count."""
    if not items:
        yield line("Nothing is missing.")
    for task, title in TASKS.items():
        of_task = [item for item in items if item.task == task]
        if not of_task:
            continue
        yield line(Part(f"{title}: {len(of_task):,}", "title"))
        for item in of_task[:_MOST]:
            yield line(Part(item.key, "id"), f" {item.title}", indent=2, hang=2)
            yield line(Part(item.detail, "dim"), indent=4, hang=2)
        if len(of_task) > _MOST:
            yield line(f"{len(of_task) - _MOST:,} more", indent=2)
        yield line()


def plain(items: Sequence[Item]) -> str:
    """One aligned line per item."""
    rows = [
        (item.task, str(item.weight), item.key, f"{item.title}: {item.detail}") for item in items
    ]
    return aligned(("TASK", "WEIGHT", "ID", "WHAT"), rows)
