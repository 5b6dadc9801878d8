"""The bytes of a file at a git revision, with the repository treated as untrusted data.

A revision is never an option, nothing is executed or fetched on the repository's behalf, and
only a regular file's content is read. Every failure is a `KztError` of one line.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kztimeline.errors import KztError

_SECONDS = 30
# What a hostile configuration could make git run, and the values that keep it from doing so.
_SAFE = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
}
_BAD_REVISION = re.compile(r"^-|[\x00-\x20\x7f:]|^$")


@dataclass(frozen=True, slots=True)
class Blob:
    """One file's content as a commit holds it."""

    commit: str
    """The full hash of the commit."""
    data: bytes


def _git(folder: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env |= {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    # Messages are matched below, so they must not be translated.
    env |= {"LC_ALL": "C", "GIT_NO_REPLACE_OBJECTS": "1"}
    settings = [word for key, value in _SAFE.items() for word in ("-c", f"{key}={value}")]
    command = ["git", "--no-pager", "--literal-pathspecs", *settings, *args]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        if not folder.is_dir():
            raise KztError(f"{folder}: no such folder") from None
        raise KztError("git is not installed, and revisions need it") from None
    except NotADirectoryError:
        raise KztError(f"{folder}: not a folder") from None
    except PermissionError as error:
        raise KztError(f"{folder}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise KztError(f"git did not answer within {_SECONDS} seconds") from None


def _said(result: subprocess.CompletedProcess[bytes]) -> str:
    lines = result.stderr.decode("utf-8", "replace").strip().splitlines()
    return (lines[0] if lines else f"exit {result.returncode}").removeprefix("fatal: ")


def _prefix(folder: Path) -> bytes:
    """The folder's path inside its repository, empty or ending in a slash."""
    result = _git(folder, "rev-parse", "--show-prefix")
    if result.returncode == 0:
        return result.stdout.removesuffix(b"\n")
    said = _said(result)
    if "dubious ownership" in said:
        raise KztError(
            f"{folder}: the git repository belongs to another user"
            " (git config --global --add safe.directory FOLDER trusts it)"
        )
    if "not a git repository" in said:
        raise KztError(f"{folder}: not in a git repository, so there are no revisions")
    raise KztError(f"{folder}: git: {said}")


def _commit(folder: Path, revision: str) -> str:
    if _BAD_REVISION.search(revision):
        raise KztError(f'"{revision}" is not a git revision')
    wanted = f"{revision}^{{commit}}"
    result = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if result.returncode == 0:
        return result.stdout.decode("ascii").strip()
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise KztError(f'no revision "{revision}": the repository has no commit yet')
    shallow = _git(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    why = " (the clone is shallow: git fetch --unshallow)" if shallow else ""
    raise KztError(f'no revision "{revision}" in this repository{why}')


def read(path: Path, revision: str, limit: int) -> Blob:
    """Read `path` as of `revision` of the repository that its folder is in.

    `limit` is the largest content read, in bytes. Raises `KztError`.
    """
    folder = path.parent
    prefix = _prefix(folder)
    commit = _commit(folder, revision)
    name = prefix + os.fsencode(path.name)
    listed = _git(folder, "ls-tree", "-l", "-z", "--full-tree", commit, "--", os.fsdecode(name))
    if listed.returncode:
        raise KztError(f"{path}: git: {_said(listed)}")
    if not listed.stdout:
        raise KztError(f'{path}: not in revision "{revision}"')
    mode, _, blob, size, *_ = listed.stdout.split()
    if mode not in (b"100644", b"100755"):
        kind = {b"120000": "a symbolic link", b"040000": "a folder"}.get(mode, "not a file")
        raise KztError(f'{path}: {kind} in revision "{revision}"')
    if not size.isdigit():
        raise KztError(f'{path}: its content at revision "{revision}" is not in this clone')
    if int(size) > limit:
        raise KztError(f'{path}: larger than {limit >> 20} MiB in revision "{revision}"')
    content = _git(folder, "cat-file", "blob", blob.decode("ascii"))
    if content.returncode:
        raise KztError(f"{path}: git: {_said(content)}")
    return Blob(commit, content.stdout)


def names(folder: Path) -> list[str]:
    """The branches and tags of the repository that `folder` is in."""
    result = _git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags")
    return result.stdout.decode("utf-8", "replace").split()
