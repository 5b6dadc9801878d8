"""`kzt fmt`: lay out files, or tell which would change and how."""

from collections.abc import Iterable
from typing import NamedTuple

from kztimeline.cli import output
from kztimeline.edit import draft, patch
from kztimeline.edit import format as canonical
from kztimeline.files import write
from kztimeline.files.place import place
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import line


class _Formatted(NamedTuple):
    """The bytes of a file, before and after."""

    old: bytes
    data: bytes


def run(names: Iterable[str | None], *, check: bool, diff: bool) -> bool:
    """Lay out files; whether `check` found one that is not canonical.

    Raises `KztError` for those that can't be, after the others are done.
    """
    errors: list[str] = []
    would_change = False
    for name in names:
        try:
            would_change |= _one(name, check=check, diff=diff)
        except KztError as error:
            errors += map(str, error.args)
    if errors:
        raise KztError(*errors)
    return check and would_change


def _one(name: str | None, *, check: bool, diff: bool) -> bool:
    path = draft.editable(place(name))
    # Even to write, it is read first: that tells most clearly what can't be.
    data = draft.content(path)
    progress.tell(f"Formatting {path}", len(data))
    done = _Formatted(data, canonical.formatted(str(path), data))

    def formatted(now: bytes) -> _Formatted:
        return done if now == data else _Formatted(now, canonical.formatted(str(path), now))

    if done.data == data:
        if not (check or diff):
            write.tidy(path)
        return False
    if diff:
        old, new = data.decode("utf-8"), done.data.decode("utf-8")
        edits = patch.differences(old, new)
        output.write(patch.shown(patch.patch(patch.path_of(path), old, edits)))
    elif check:
        output.write(f"would format {line(str(path))}\n")
    else:
        written = write.update(path, formatted, output.complain)
        if written.data != written.old:
            output.confirm(path, f"formatted {path}")
    return True
