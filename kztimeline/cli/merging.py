"""`kzt merge`: three files into one, or what git left in conflict; what is left to do is named."""

from collections.abc import Sequence
from pathlib import Path

from kztimeline.cli import output
from kztimeline.edit import draft
from kztimeline.edit.merge import Merged, merge
from kztimeline.files import git, write
from kztimeline.files.place import place, read_file, versioned
from kztimeline.text import progress
from kztimeline.text.errors import KztError
from kztimeline.text.gate import plural, shorten

_SIDES = ("BASE", "OURS", "THEIRS")
_MARKS = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


def run(given: Sequence[str], file: str | None) -> bool:
    """Merge; whether it left something to do. Raises `KztError`."""
    if not given:
        return _resolve(file)
    if len(given) not in (3, 4, 5) or file is not None:
        raise KztError("kzt merge: takes BASE, OURS and THEIRS, or a --file in conflict")
    size = given[3] if len(given) > 3 else "7"
    if not (size.isascii() and size.isdigit() and 0 < int(size[:4]) < 1000):
        raise KztError(f'kzt merge: "{shorten(size)}" is not the length of a mark')
    path = draft.editable(place(given[1]))
    name = given[4] if len(given) > 4 else given[1]
    try:
        return _merge_files(path, name, given[:3], int(size))
    except KztError as error:
        if len(given) == 3:
            raise
        # To git as the caller, OURS is the result whatever the exit code says, and a later commit
        # would drop THEIRS: leave what git would have without this driver.
        output.complain([*map(str, error.args), f"{name}: merged line by line instead"])
        lines = git.merged_by_lines(path, Path(given[0]), Path(given[2]), int(size))
        write.update(path, lambda _: Merged(lines), output.complain)
        return True


def _merge_files(path: Path, name: str, given: Sequence[str], size: int) -> bool:
    base, ours, theirs = given
    if path.exists() and Path(theirs).exists() and path.samefile(theirs):
        raise KztError(f"{ours}: is OURS and THEIRS")
    old, new = (read_file(Path(side)) for side in (base, theirs))
    versions = [old, draft.content(path), new]
    names = [f"{name} ({side})" for side in _SIDES] if name != ours else given
    progress.tell(f"Merging {name}", sum(map(len, versions)))

    def merged(now: bytes) -> Merged:
        return merge(names, [old, now, new], size)

    return _reported(name, write.update(path, merged, output.complain))


def _resolve(file: str | None) -> bool:
    """Merge what the index has of a file in conflict into the work tree."""
    at = place(file)
    path = versioned(at)
    draft.content(path)
    sides = git.conflicted(path)
    if not sides:
        raise KztError(f"{path}: git has no conflict in it")
    if not sides.keys() >= {2, 3}:
        raise KztError(f"{path}: deleted by one side: keep it with git add, or git rm it")
    versions = [sides.get(stage, b"") for stage in (1, 2, 3)]
    progress.tell(f"Merging {path}", sum(map(len, versions)))
    merged = merge([f":{stage}:{path}" for stage in (1, 2, 3)], versions)

    def resolved(now: bytes) -> Merged:
        _refuse_edited(path, now, {*sides.values(), merged.data})
        return merged

    return _reported(str(path), write.update(path, resolved, output.complain))


def _refuse_edited(path: Path, now: bytes, known: set[bytes]) -> None:
    """Refuse a file with lines that git didn't take from a version: they would be lost."""
    rows = {row.rstrip() for version in known for row in version.split(b"\n")}
    for number, row in enumerate(now.split(b"\n"), 1):
        if row.rstrip() not in rows and not row.startswith(_MARKS):
            raise KztError(
                f"{path}:{number}: was edited since git left it in conflict"
                " (git checkout --merge brings that back)"
            )


def _reported(name: str, merged: Merged) -> bool:
    output.complain(
        [
            *(f"{name}:{at}: conflict in {what}: {how}" for at, what, how in merged.conflicts),
            *(f"{name}: {text}" for text in (*merged.errors, *merged.warnings)),
        ]
    )
    left = len(merged.conflicts) + len(merged.errors)
    but = f", but for {plural(left, 'place')} to fix" if left else ""
    output.confirm(name, f"merged {name}{but}")
    return bool(left)
