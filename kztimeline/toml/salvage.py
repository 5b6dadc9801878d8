"""What can be read of a text whose TOML is broken, block by block."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kztimeline.text.errors import Problem
from kztimeline.toml import mistakes
from kztimeline.toml.blocks import Block, spans, split
from kztimeline.toml.parse import HUGE, is_heavy, parsed

# Beyond this many blocks, which cost about a kilobyte each, or this many broken ones, a broken file
# gets no more than its first mistake reported.
_MOST_BLOCKS = 50_000
_MOST_BROKEN = 100


class Salvaged(NamedTuple):
    """What can be read of a broken document, block by block."""

    data: dict[str, Any]
    good: tuple[Block, ...]
    """The blocks that could be read."""
    broken: tuple[Problem, ...]
    lost: Mapping[str, Collection[str]]
    """The names that blocks which can't be read would give, by table."""


def salvage(source: str, error: ValueError) -> Salvaged:
    """What can be read of a text that the parser refused with an error."""
    as_one = Salvaged({}, (), (mistakes.problem(error, source),), {})
    # What looked like a text may be read as something else, block by block.
    if len(source) > HUGE or source.count("\n[") > _MOST_BLOCKS or is_heavy(source):
        return as_one
    attempts = [_by_block(split(source)), _by_block(split(source, suspicious=True))]
    found = min(attempts, key=lambda attempt: (len(attempt.broken), -len(attempt.good)))
    if len(found.broken) > _MOST_BROKEN:
        return as_one
    return found if found.broken else found._replace(broken=as_one.broken)


def _by_block(blocks: Iterable[Block]) -> Salvaged:
    data: dict[str, Any] = {}
    good: list[Block] = []
    broken: list[Problem] = []
    lost: dict[str, set[str]] = {}
    orphan = ""
    for block in blocks:
        if block.header[:1] == (orphan,) and not (block.array and len(block.header) == 1):
            # Its parent could not be read, so it belongs to nothing that was.
            continue
        orphan = ""
        try:
            values = parsed(block.text)
        except ValueError as error:
            broken.append(mistakes.problem(error, block.text, block.line))
            if block.header:
                orphan = block.header[0] if block.array else ""
                lost.setdefault(block.header[0], set()).update(_names(block))
            if len(broken) > _MOST_BROKEN:
                break
        else:
            single = len(block.header) == 1 and not block.array
            if single and type(data.get(block.header[0])) is list:
                # A table in the place of another entry: [event] instead of [[event]].
                continue
            good.append(block)
            _merge(data, values)
    return Salvaged(data, tuple(good), tuple(broken), lost)


def _names(block: Block) -> Iterator[str]:
    """What a block that can't be read would have given a name to."""
    if block.header[0] == "event":
        found = re.search(r"^[ \t]*id\b[^\w\n]*([a-z0-9-]+)", block.text, re.MULTILINE | re.ASCII)
        yield from [found[1]] if found else []
    elif len(block.header) > 1:
        yield block.header[1]
    else:
        yield from (str(path[0]) for path in spans(block))


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        old = into.get(key)
        if type(old) is list and type(value) is list:
            old += value
        elif type(old) is list and old and type(old[-1]) is dict and type(value) is dict:
            _merge(old[-1], value)
        elif type(old) is dict and type(value) is dict:
            _merge(old, value)
        else:
            into.setdefault(key, value)
