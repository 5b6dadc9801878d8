"""A Mermaid timeline, as it stands between ```mermaid fences in a README.

Every character that could mean something to Mermaid is written as one of its entity codes
(``#58;``), which it decodes in what it has drawn.
"""

import re
from typing import Final

from kztimeline.query.filter import Selection
from kztimeline.renderers.show import by_years
from kztimeline.renderers.views import How
from kztimeline.text.gate import line as gate

MOST: Final = 25
"""The most events that a person can read in a diagram."""


def export(selection: Selection, how: How) -> str:
    """A section for each year, and the events under their dates."""
    lines = ["timeline"]
    if selection.timeline.title:
        lines.append(f"    title {escaped(selection.timeline.title)}")
    for year, events in by_years(selection.events) if how.by_year else [("", selection.events)]:
        lines += [f"    section {escaped(year)}"] if year else []
        lines += [f"    {escaped(event.date.words())} : {escaped(event.title)}" for event in events]
    return "\n".join([*lines, ""])


def too_many(selection: Selection) -> list[str]:
    """What to report of a diagram that nobody can read."""
    count = len(selection.events)
    advice = f"narrow it: --topic, --since, --limit {MOST}"
    return [f"{count:,} events make an unreadable diagram; {advice}"] if count > MOST else []


# Mermaid's own marks for entity codes on their way are no letters, but one of them.
_SPECIAL: Final = re.compile(r"[^\w ,.()–-]|[_\uFB02\u00DF]")


def escaped(text: str) -> str:
    """Any text on one line, with what Mermaid would take for its own as entities."""
    shown = " ".join(gate(text).split())
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", shown)
