"""The durable writer: a file is replaced whole, or stays as it was, whatever happens meanwhile.

The order is that of every program that survives a power cut: lock, write a temporary file in the
same folder, fsync it, rename it over the old one, fsync the folder; only then is success reported
(see rename(2), fsync(2)). Programs that don't know the lock are noticed: what they wrote since
the file was read is never overwritten.

`update` edits a record, `save` writes what was made of one. Both work relative to a folder that was
opened once, so that nobody can put a link in its place meanwhile.
"""

import errno
import os
import re
import stat
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from kztimeline.files import links, place
from kztimeline.text.errors import KztError, reason

ATTEMPTS = 20
"""How often a writer begins anew because others wrote meanwhile."""
# Where the system keeps the names of open files, which are links that it makes itself.
_DESCRIPTORS = re.compile(r"/dev|/proc/\d+(/task/\d+)?/fd")
_ACCESS_LIST = "system.posix_acl_access"
# They certify the content, which is another one now.
_OF_CONTENT = {"security.capability", "security.evm", "security.ima"}

Report = Callable[[Iterable[str]], object]
"""What shows lines to a person."""


class Change(Protocol):
    """What an edit makes of a file."""

    @property
    def data(self) -> bytes:
        """The new content; equal to the old one if there is nothing to write."""


C = TypeVar("C", bound=Change)


class _ChangedError(Exception):
    """Somebody else changed the file after it was read."""


class _Target(NamedTuple):
    """What is to be replaced: a name in a folder that is open, and the file that has it now."""

    path: Path
    """As the user named it, which is how messages do."""
    folder: int
    parent: Path
    name: str
    file: int | None = None

    def content(self) -> bytes:
        """All that is in the file now. Raises `KztError`."""
        assert self.file is not None
        with open(self.file, "rb", closefd=False) as file:
            file.seek(0)
            return place.bounded(file, str(self.path))

    def is_current(self) -> bool:
        """Whether the path still leads to the file."""
        try:
            real = links.target(self.path, follow=True)
            return self.holds(self.file) and real == (self.parent, self.name)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def holds(self, file: int | None) -> bool:
        """Whether the name is that of a file."""
        assert file is not None
        now = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        return os.path.samestat(now, os.fstat(file))


def _mark(name: str) -> str:
    """What the names of a file's temporary files begin with."""
    # Not the name itself, which may already be as long as a name can be. Should two names have
    # the same mark, their locks still tell the files apart.
    return f".kzt-{crc32(os.fsencode(name)):08x}-"


def update(path: Path, edit: Callable[[bytes], C], report: Report = list) -> C:
    """Replace a file's content by what `edit` makes of it; the change that was written.

    Waits while another process edits the file. What somebody else changes meanwhile is read, and
    edited, again. Raises `KztError`, then nothing was written unless it says so.
    """
    for _ in range(ATTEMPTS):
        try:
            with _locked(path) as target:
                old = target.content()
                change = edit(old)
                _sweep(target)
                if change.data != old:
                    _replace(target, change.data, report, old)
                return change
        except _ChangedError:
            continue
        except OSError as error:
            raise KztError(f"{path}: {reason(error)}; nothing was written") from None
    raise KztError(f"{path}: is being changed by another program; nothing was written")


def refuse_stray_link(path: Path) -> None:
    """Raise the `KztError` that `update` would for a link that it must not follow."""
    with suppress(OSError):
        links.target(path, follow=True)


def tidy(path: Path) -> None:
    """Remove what killed runs left beside a file that needs no writing, if that can be done."""
    with suppress(OSError, KztError, _ChangedError):
        parent, name = links.target(path, follow=True)
        if any(other.name.startswith(_mark(name)) for other in parent.iterdir()):
            with _locked(path) as target:
                _sweep(target)


def save(path: Path, data: bytes, record: Path | None, report: Report = list) -> Path | None:
    """Write what a record rendered to, in place of the file or link that is there.

    None is returned, or the path of a device or pipe: those can't be replaced, only written to.
    Neither `record`, the events file, nor any other file that was read is ever overwritten.
    Raises `KztError`.
    """
    if os.name != "posix":
        raise KztError(f"{path}: writing files safely needs a POSIX system; use > instead of -o")
    try:
        parent, name = links.target(path, follow=False)
        _refuse_what_was_read(path, record)
        with _closing(links.open_folder(parent)) as folder:
            try:
                mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            except FileNotFoundError:
                mode = 0
            is_file, is_link = stat.S_ISREG(mode), stat.S_ISLNK(mode)
            if mode and not is_file and not (is_link and not _DESCRIPTORS.fullmatch(str(parent))):
                return parent / name
            target = _Target(path, folder, parent, name)
            _sweep(target)
            # A file can be replaced in spite of its mode, but that isn't what the mode says.
            with _opened(name, os.O_WRONLY, folder) if is_file else nullcontext() as file:
                _replace(target._replace(file=file), data, report)
            return None
    except OSError as error:
        if error.errno == errno.ENOENT and not path.parent.is_dir():
            raise KztError(f"{path.parent}: no such folder") from None
        raise KztError(f"{path}: {reason(error)}") from None


def _refuse_what_was_read(path: Path, record: Path | None) -> None:
    """Refuse a folder, and a name that leads to what was read, be it through links."""
    with suppress(OSError):
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise KztError(f"{path}: is a directory")
        if stat.S_ISREG(status.st_mode) and (
            place.was_read(status) or (record and record.exists() and path.samefile(record))
        ):
            raise KztError(f"{path}: is the events file itself; choose another name")


# --- locking -----------------------------------------------------------------------------------


@contextmanager
def _locked(path: Path) -> Iterator[_Target]:
    """Hold the lock of a file. It is the file's own, so that nothing is left behind."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:
        raise KztError(f"{path}: editing needs a POSIX system") from None
    while True:
        parent, name = links.target(path, follow=True)
        # Opened for writing because its mode says whether it may be changed, not its folder's.
        with (
            _closing(links.open_folder(parent)) as folder,
            _opened(name, os.O_RDWR, folder) as file,
        ):
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise KztError(f"{path}: not a regular file")
            target = _Target(path, folder, parent, name, file)
            flock(file, LOCK_EX)
            # Whoever had the lock may have put a new file in its place: then wait for that one.
            if target.is_current():
                yield target
                return


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        # Nothing was written through it that a failing close could lose: that was synced before.
        with suppress(OSError):
            os.close(descriptor)


@contextmanager
def _opened(name: str, flags: int, folder: int) -> Iterator[int]:
    """Open what is no link, and don't wait for what is no file."""
    with _closing(os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=folder)) as file:
        yield file


def _sweep(target: _Target) -> None:
    """Remove what killed runs left behind."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    with suppress(OSError):
        with os.scandir(target.folder) as others:
            names = [other.name for other in others if other.name.startswith(_mark(target.name))]
        for name in names:
            with suppress(OSError), _opened(name, os.O_RDONLY, target.folder) as file:
                # Unless its lock is free, a writer still has it; our own lock is on the file
                # itself, of which this may be the second name that `_last_look` gave it.
                if target.file is None or not os.path.sameopenfile(file, target.file):
                    flock(file, LOCK_EX | LOCK_NB)
                os.unlink(name, dir_fd=target.folder)


# --- writing -----------------------------------------------------------------------------------


def _replace(target: _Target, data: bytes, report: Report, old: bytes | None = None) -> None:
    """Put a new file in place of the one that is there; of its owner, if that has content `old`.

    Without `old` it may have any content, and the new one is ours where it can't be its owner's.
    """
    path, folder = target.path, target.folder
    others = 0 if target.file is None else os.fstat(target.file).st_nlink - 1
    # Until it is closed, the lock of the new file keeps the next writer, who finds it, waiting.
    with _temporary(target) as (name, new):
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(new, rest) :]
            if target.file is not None:
                copy_access(path, target.file, new, must_keep_owner=old is not None)
            os.fsync(new)
            with nullcontext() if old is None else _last_look(target, old, new):
                os.replace(name, target.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
            raise
        try:
            os.fsync(folder)
        except OSError as error:
            # With EINVAL file systems say that their folders are never synced.
            if error.errno != errno.EINVAL:
                why = f"written, durability unconfirmed: {reason(error)}"
                raise KztError(f"{path}: {why}") from None
    if others > 0:
        names = "another name" if others == 1 else f"{others} other names"
        report([f"{path}: written; its old content stays under {names} (hard links)"])


@contextmanager
def _temporary(target: _Target) -> Iterator[tuple[str, int]]:
    """A new file beside the target, locked so that nobody takes it for left behind."""
    from fcntl import LOCK_EX, flock

    # A file that is new gets the access that the system gives to new files.
    mode = 0o666 if target.file is None else 0o600
    while True:
        name = _mark(target.name) + os.urandom(6).hex()
        try:
            new = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode, dir_fd=target.folder)
        except OSError as error:
            if target.file is None:
                raise
            why = f"no new file can be made in its folder: {reason(error)}"
            raise KztError(f"{target.path}: {why}; nothing was written") from None
        with _closing(new):
            # Not every file system has locks.
            with suppress(OSError):
                flock(new, LOCK_EX)
            # Unless somebody who tidied up was faster.
            if os.fstat(new).st_nlink:
                yield name, new
                return


@contextmanager
def _last_look(target: _Target, old: bytes, new: int) -> Iterator[None]:
    """See that the file is as it was read, before and after the new one takes its place.

    A program without the lock may have changed it between the last look and the rename. Therefore
    the old file keeps a second name until then, by which it is put back.
    """
    if not target.is_current() or target.content() != old:
        raise _ChangedError
    folder, name = target.folder, _mark(target.name) + os.urandom(6).hex()
    try:
        # Not every file system has links.
        with suppress(OSError):
            os.link(target.name, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        yield
        try:
            if target.content() == old:
                return
            if target.holds(new):
                os.replace(name, target.name, src_dir_fd=folder, dst_dir_fd=folder)
                raise _ChangedError
        except OSError:
            pass
        raise KztError(
            f"{target.path}: written, but what another program wrote to it in the same moment is"
            " lost; make that change again"
        )
    finally:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


# --- access ------------------------------------------------------------------------------------


def copy_access(path: Path, old: int, new: int, *, must_keep_owner: bool) -> None:
    """Give a new file the owner, mode, access list and attributes of the old one.

    Where the owner can't be given, that is an error if `must_keep_owner`; else the new file is
    ours, and nobody may do more with it than before. Raises `KztError`.
    """
    status = os.fstat(old)
    mode = stat.S_IMODE(status.st_mode)
    is_kept = _give_owner(new, status, must_keep_owner=must_keep_owner)
    if must_keep_owner and not is_kept:
        raise KztError(
            f"{path}: belongs to another user or group, which a new file can't be given"
            "; nothing was written"
        )
    if not must_keep_owner:
        mode &= 0o777
    if not is_kept:
        # Who was in the group may now be another, and the other way round.
        shared = mode >> 3 & mode & 0o7
        mode = mode & 0o700 | shared << 3 | shared
    if hasattr(os, "listxattr"):
        _copy_attributes(path, old, new)
    os.fchmod(new, mode)


def _give_owner(new: int, old: os.stat_result, *, must_keep_owner: bool) -> bool:
    """Give the owner and group, else perhaps the group alone; whether that could be done."""
    status = os.fstat(new)
    if (status.st_uid, status.st_gid) == (old.st_uid, old.st_gid):
        return True
    for owner in [old.st_uid] if must_keep_owner else [old.st_uid, -1]:
        try:
            os.fchown(new, owner, old.st_gid)
            return True
        except OSError as error:
            if must_keep_owner and error.errno != errno.EPERM:
                raise
    return False


def _copy_attributes(path: Path, old: int, new: int) -> None:
    """Copy the extended attributes, among which Linux keeps access lists."""
    try:
        names = os.listxattr(old)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    try:
        present = os.listxattr(new)
        # The folder may give its new files a list that the old one didn't have.
        if _ACCESS_LIST in present and _ACCESS_LIST not in names:
            os.removexattr(new, _ACCESS_LIST)
        for name in names:
            value = os.getxattr(old, name)
            if name in _OF_CONTENT or (name in present and os.getxattr(new, name) == value):
                continue
            os.setxattr(new, name, value)
    except OSError as error:
        raise KztError(
            f"{path}: its access list or attributes can't be kept: {reason(error)}"
            "; nothing was written"
        ) from None
