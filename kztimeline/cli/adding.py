"""`kzt add`: gather an event, show what would be written, write it, and tell what was written."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from kztimeline.cli import asking, output
from kztimeline.edit import draft, insert, patch
from kztimeline.files import reading, write
from kztimeline.files.place import STDIN, Place, place, standard_input, timeline
from kztimeline.record.reading import Origin, read_bytes
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import defuse, line


class Typed(NamedTuple):
    """Options as typed: their values by key, and the order in which they came."""

    values: Mapping[str, Any]
    order: Sequence[str]


def run(file: str | None, typed: Typed, document: str | None, *, dry_run: bool, yes: bool) -> None:
    """Add an event from options, JSON or answers. Raises `KztError`."""
    path = draft.editable(place(file))
    if not dry_run:
        # Before questions are asked whose answers couldn't be written.
        write.refuse_stray_link(path)
    data = draft.content(path)
    progress.tell(f"Reading {path}", len(data))
    can_ask = asking.possible() and not yes
    addition = _addition(path, data, typed, document, can_ask)
    if dry_run:
        _print_patch(_patch(path, data, addition))
        if top := patch.place_to_apply(path):
            output.complain([f"git apply skips this patch here; run it in {top}"])
    elif not can_ask or _agreed(path, _patch(path, data, addition)):
        _write(path, addition)
    else:
        raise KztError("nothing was added")


def _addition(
    path: Path, data: bytes, typed: Typed, document: str | None, can_ask: bool
) -> insert.Addition:
    if document is not None:
        if typed.values:
            option = draft.flag(next(iter(typed.values)))
            raise KztError(f"--json is the whole event; leave out {option}")
        return draft.from_json(_json(document))
    old = timeline(
        read_bytes(data)._replace(origin=Origin(str(path), arguments=(Place(path).argument,)))
    )
    today = date.today()
    new = draft.draft(*typed, old, today)
    if can_ask and new.missing:
        asking.fill(new, old, today)
    return new.addition()


def _json(document: str) -> bytes:
    return standard_input() if document == STDIN else reading.read_bytes(Path(document))


def _patch(path: Path, data: bytes, addition: insert.Addition) -> str:
    added = insert.add(str(path), data, addition)
    return patch.patch(patch.path_of(path), added.old, added.edits)


def _print_patch(text: str) -> None:
    """Print a patch as it is, or refuse: one that was altered would not apply."""
    safe = patch.shown(text)
    if not output.is_terminal() and (safe != text or not _is_written_exactly(text)):
        raise KztError("the patch holds characters that can't be printed here as they are")
    output.write(safe)


def _is_written_exactly(text: str) -> bool:
    try:
        return defuse(text).encode(output.encoding()) == text.encode("utf-8")
    except UnicodeEncodeError:
        return False


def _agreed(path: Path, text: str) -> bool:
    output.write("\n" + patch.shown(text) + "\n")
    return asking.confirm(f"Write this to {path}?")


def _write(path: Path, addition: insert.Addition) -> None:
    added = write.update(path, lambda now: insert.add(str(path), now, addition), output.complain)
    brought = "".join(f", with the source {key}" for key in addition.tables.get("source", ()))
    identity = added.events[0].id
    try:
        output.write(line(f"added {identity}: {path}:{added.line(identity)}{brought}") + "\n")
    except KztError as error:
        raise KztError(f"{path}: written; but {error}") from None
    output.complain(added.warnings)
