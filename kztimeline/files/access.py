"""Who may do what with a file: copied to the file that takes its place, and never made wider."""

import errno
import os
import stat
from pathlib import Path

from kztimeline.text.errors import KztError, reason

_ACCESS_LIST = "system.posix_acl_access"
# They certify the content, which is another one now.
_OF_CONTENT = {"security.capability", "security.evm", "security.ima"}


def copy(path: Path, old: int, new: int, *, must_keep_owner: bool) -> None:
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
