"""`kzt fmt`: lay out files, or tell which would change and how."""

from collections.abc import Iterable
from dataclasses import dataclass

from kztimeline.cli import output
from kztimeline.edit import draft, patch
from kztimeline.edit import format as canonical
from kztimeline.files import write
from kztimeline.files.place import place
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import line


@dataclass(frozen=True, slots=True)
class _LaidOut:
    """The bytes of a file, before and after."""

    old: bytes
    data: bytes

    @property
    def changed(self) -> bool:
        return self.old != self.data


def run(names: Iterable[str | None], *, check: bool, diff: bool) -> bool:
    """Lay out files; whether `check` found one that is not canonical.

    Raises `KztError` for those that can't be, after the others are done.
    """
    complaints: list[str] = []
    would_change = False
    for name in names:
        try:
            changed = _one(name, check=check, diff=diff)
            would_change = would_change or changed
        except KztError as error:
            complaints += map(str, error.args)
    if complaints:
        raise KztError(*complaints)
    return check and would_change


def _one(name: str | None, *, check: bool, diff: bool) -> bool:
    path = draft.editable(place(name))

    # Even to write, it is read first: that tells most clearly what can't be.
    data = draft.content(path)
    progress.tell(f"Formatting {path}", len(data))
    done = _LaidOut(data, canonical.formatted(str(path), data))

    def lay_out(now: bytes) -> _LaidOut:
        return done if now == data else _LaidOut(now, canonical.formatted(str(path), now))

    if not done.changed:
        if not (check or diff):
            write.tidy(path)
        return False
    if diff:
        old, new = done.old.decode("utf-8"), done.data.decode("utf-8")
        edits = patch.differences(old, new)
        output.write(patch.shown(patch.patch(patch.path_of(path), old, edits)))
    elif check:
        output.write(f"would format {line(str(path))}\n")
    elif write.update(path, lay_out, output.complain).changed:
        _tell(f"formatted {line(str(path))}\n", str(path))
    return True


def _tell(text: str, name: str) -> None:
    try:
        output.write(text)
    except KztError as error:
        raise KztError(f"{name}: written; but {error}") from None
