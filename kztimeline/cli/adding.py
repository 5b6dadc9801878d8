"""`kzt add`: gather an event, show what would be written, write it, and name what was written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kztimeline.cli import asking, output
from kztimeline.edit import draft, insert, patch
from kztimeline.files import drafts, write
from kztimeline.files.place import STDIN, place, read_file, standard_input
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import defuse, shorten

if TYPE_CHECKING:
    pass


def add(
    file: str | None,
    typed: Mapping[str, Any],
    order: Iterable[str],
    document: str | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Add an event from a `document` of JSON, or from options by key and answers.

    Raises `KztError`.
    """
    path = draft.editable(place(file))
    if not dry_run:
        # Before questions are asked whose answers couldn't be written.
        write.refuse_stray_link(path)
    data = draft.content(path)
    progress.tell(f"Reading {path}", len(data))
    record = insert.before(str(path), data)
    can_ask = asking.possible() and not yes and not dry_run

    def show(addition: insert.Addition) -> None:
        added = insert.add(str(path), data, addition)
        output.write("\n" + patch.shown(_patch(path, added)) + "\n")
        output.complain(added.warnings)

    if document is not None:
        addition = draft.from_json(_content(document), record.timeline)
        if can_ask:
            show(addition)
            _ask_to_write(path)
    else:
        new = draft.draft(typed, order, record.timeline, date.today())
        if can_ask:
            kept = draft.kept(drafts.load(path), record.timeline)
            if kept and asking.confirm(f"Go on with the draft {kept.label}?"):
                new = draft.joined(kept, new)
            addition = asking.Session(path, record, new, date.today()).gather(show)
        else:
            addition = new.addition()
    if dry_run:
        _print_patch(path, insert.add(str(path), data, addition))
        if top := patch.place_to_apply(path):
            output.complain([f"git apply skips this patch here; run it in {top}"])
        return
    added = write.update(path, lambda now: insert.add(str(path), now, addition), output.complain)
    if can_ask and document is None:
        drafts.discard(path)
    brought = "".join(f", with the source {key}" for key in addition.tables.get("source", ()))
    identity = added.events[0].id
    output.confirm(path, f"added {identity}: {path}:{added.line(identity)}{brought}")
    output.complain(added.warnings)


def _ask_to_write(path: Path) -> None:
    if not asking.confirm(f"Write this to {path}?"):
        raise KztError("nothing was added")


def _content(document: str) -> bytes:
    return standard_input() if document == STDIN else read_file(Path(document))


def _patch(path: Path, added: insert.Added) -> str:
    return patch.patch(patch.path_of(path), added.old, added.edits)


def _print_patch(path: Path, added: insert.Added) -> None:
    """Print a patch as it is, or refuse: one that was altered would not apply."""
    text = _patch(path, added)
    safe = patch.shown(text)
    printed = defuse(text).encode(output.encoding(), "replace")
    if not output.is_terminal() and (safe != text or printed != text.encode("utf-8")):
        raise KztError("the patch holds characters that can't be printed here as they are")
    output.write(safe)


# --- many at once ------------------------------------------------------------------------------

_MOST_WARNINGS = 20


def add_many(
    file: str | None,
    source: str,
    columns: Iterable[str],
    sheet: str | None,
    *,
    update: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Add the events of a table, whose `columns` are perhaps named as ``HEADER=KEY``.

    Raises `KztError` with all that is wrong in it.
    """
    from kztimeline.edit import intake

    path = draft.editable(place(file))
    named = dict(map(_pair, columns))
    name = "standard input" if source == STDIN else source
    progress.tell(f"Reading {name}")
    table = intake.read(name, _content(source), named, sheet)

    def edit(data: bytes) -> insert.Added:
        return intake.take(str(path), data, table, update=update)

    if dry_run:
        taken = edit(draft.content(path))
        _print_patch(path, taken)
        output.complain([*table.notes, taken.summary])
        return
    can_ask = asking.possible() and not yes
    if can_ask:
        _report(table.notes, edit(draft.content(path)))
        _ask_to_write(path)
    taken = write.update(path, edit, output.complain)
    if not can_ask:
        _report(table.notes, taken)
    output.confirm(path, f"{taken.summary}: {path}")


def _pair(pair: str) -> tuple[str, str]:
    header, equals, key = pair.rpartition("=")
    if not equals:
        raise KztError(f'--map: "{shorten(pair)}" is not HEADER=KEY')
    return header, key


def _report(notes: Sequence[str], taken: insert.Added) -> None:
    warnings = taken.warnings
    more = len(warnings) - _MOST_WARNINGS
    rest = [f"{more:,} more warnings: kzt check"] if more > 0 else []
    output.complain([*notes, *warnings[:_MOST_WARNINGS], *rest])
