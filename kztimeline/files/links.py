"""Where a path leads, and which of its links writing may follow.

Links of a work tree come with the pull request of a stranger. So one that leads into `.git`, into a
virtual environment or out of the repository would have us write what git or Python runs next.
"""

import errno
import os
import stat
from pathlib import Path

from kztimeline.text.errors import KztError

_MOST_LINKS = 40


def target(path: Path, *, follow: bool) -> tuple[Path, str]:
    """The real folder that a path leads to, and the name in it.

    A link that is the last part of it is followed only if `follow`. Raises `OSError`, and
    `KztError` for a link that must not be followed.
    """
    here = Path(os.sep) if path.is_absolute() else Path.cwd()
    waiting = [*reversed(path.parts)]
    followed: list[tuple[Path, Path]] = []
    links = 0
    while waiting:
        part = waiting.pop()
        inner = here / part
        if part == os.pardir:
            here = here.parent
        elif inner.is_symlink() and (waiting or follow):
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            real = Path(os.path.realpath(inner))
            if tree := _work_tree(here):
                followed.append((inner, tree))
                _refuse_stray(path, real, followed)
            elif not waiting and real.parent != here:
                raise KztError(_refusal(path, inner, "out of its folder"))
            waiting += reversed(inner.readlink().parts)
        elif waiting:
            here = inner
            # What is no folder has nothing above it either: none/../events.toml is no file.
            if not stat.S_ISDIR(here.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        else:
            _refuse_stray(path, here, followed)
            return here, part
    return here, os.curdir


def open_folder(real: Path) -> int:
    """Open a folder by its real path; a link that took the place of a part of it is an error."""
    flags = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    # Of the folders above, only that they may be passed is needed, not that they may be read.
    passing = getattr(os, "O_PATH", os.O_RDONLY)
    *above, last = real.parts
    folder = None
    try:
        for part in above:
            inner = os.open(part, flags | passing, dir_fd=folder)
            if folder is not None:
                os.close(folder)
            folder = inner
        return os.open(last, flags | os.O_RDONLY, dir_fd=folder)
    finally:
        if folder is not None:
            os.close(folder)


def _refuse_stray(path: Path, real: Path, followed: list[tuple[Path, Path]]) -> None:
    for link, tree in followed:
        if where := _forbidden(real, tree):
            raise KztError(_refusal(path, link, where))


def _refusal(path: Path, link: Path, where: str) -> str:
    shown = str(link) if path.is_absolute() else os.path.relpath(link)
    subject = "is a link" if shown == os.path.normpath(path) else f"{shown} is a link"
    return f"{path}: {subject} that leads {where}; nothing was written (name the place itself)"


def _work_tree(folder: Path) -> Path | None:
    """The top of the work tree of git that a folder is in."""
    return next((up for up in (folder, *folder.parents) if os.path.lexists(up / ".git")), None)


def _forbidden(real: Path, tree: Path) -> str | None:
    """Where a link of a work tree must not lead, if it leads there."""
    if not real.is_relative_to(tree):
        return "out of its repository"
    for folder in (real, *real.parents):
        is_git = folder.name.casefold() == ".git" or all(
            (folder / name).exists() for name in ("HEAD", "objects", "refs")
        )
        if is_git:
            return "into the files of git"
        if (folder / "pyvenv.cfg").exists():
            return "into a virtual environment"
        if folder == tree:
            return None
        if os.path.lexists(folder / ".git"):
            return "into another repository"
    return None
