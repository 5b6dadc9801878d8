"""The bytes of a file at a git revision, with the repository treated as untrusted data.

A revision is never an option, nothing is executed or fetched on the repository's behalf, and
only a regular file's content is read. Every failure is a `KztError` of one line.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kztimeline.files.programs import find
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

# A FIFO in the repository's folder makes git wait for ever; what we ask takes milliseconds.
_SECONDS = 2.5
# What a hostile configuration could make git run, and the values that keep it from doing so.
_SAFE = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
}
_SAFE_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    # A repository's protocol.ext.allow outweighs our protocol.allow, but not this list of none.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # History as committed, without what refs and files of this clone put in its place.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # Messages are matched below, so they must not be translated.
    "LC_ALL": "C",
}
_REVISION = re.compile(r"[^-^ :][^ :]{0,999}")
_HASH = re.compile(r"[0-9a-f]{40,64}")
# The modes of a tree's entries.
_REGULAR = b"100"
_OTHER = {b"120000": "a symbolic link", b"040000": "a folder", b"160000": "a submodule"}


class RevisionError(KztError):
    """A revision that isn't there, or can't be for want of git or of a repository."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One file's content as a commit holds it."""

    commit: str
    """The full hash of the commit."""
    data: bytes


def _program() -> str:
    program = find("git")
    if program is None:
        raise RevisionError("git is not installed, and revisions need it")
    return program


def _git(folder: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    settings = [word for key, value in _SAFE.items() for word in ("-c", f"{key}={value}")]
    command = [_program(), "--no-pager", "--literal-pathspecs", *settings, *args]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=env | _SAFE_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KztError(f"{folder}: git did not answer within {_SECONDS} seconds") from None
    except OSError as error:
        raise KztError(f"{folder}: can't run git: {error.strerror}") from None


def _said(result: subprocess.CompletedProcess[bytes]) -> str:
    """What git gave as the reason of its failure, on one line."""
    said = result.stderr.decode("utf-8", "replace")
    _, fatal, cause = said.partition("fatal: ")
    return " ".join((cause if fatal else said).split()) or f"exit {result.returncode}"


def _prefix(folder: Path) -> bytes:
    """The folder's path inside its repository, empty or ending in a slash."""
    result = _git(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix")
    if result.returncode == 0:
        inside, _, prefix = result.stdout.partition(b"\n")
        if inside != b"true":
            raise RevisionError(f"{folder}: not in the working tree of its git repository")
        return prefix.removesuffix(b"\n")
    said = _said(result)
    if "dubious ownership" in said:
        raise RevisionError(
            f"{folder}: the git repository belongs to another user"
            " (git config --global --add safe.directory FOLDER trusts it)"
        )
    if "cannot use bare repository" in said:
        raise RevisionError(f"{folder}: a bare git repository, not the working tree of one")
    if "not a git repository" in said:
        raise RevisionError(f"{folder}: not in a git repository, so there are no revisions")
    raise KztError(f"{folder}: git: {said}")


def _commit(folder: Path, revision: str) -> str:
    quoted = f'"{shorten(revision)}"'
    if not _REVISION.fullmatch(revision) or not revision.isprintable():
        raise RevisionError(f"{quoted} is not a git revision")
    wanted = f"{revision}^{{commit}}"
    result = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    commit = result.stdout.decode("ascii", "replace").strip()
    if result.returncode == 0 and _HASH.fullmatch(commit):
        return commit
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise RevisionError(f"no revision {quoted}: the current branch has no commit yet")
    shallow = _git(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    why = " (the clone is shallow: git fetch --unshallow)" if shallow else ""
    raise RevisionError(f"no revision {quoted} in this repository{why}")


def _split(path: Path) -> tuple[Path, Path]:
    """A folder that exists, and the path inside it: its folders may be gone since the revision."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    inside = path.relative_to(folder)
    if inside.name in ("", "..") or ".." in inside.parts:
        raise KztError(f"{path}: not the path of a file")
    return folder, inside


def read(path: Path, revision: str, limit: int) -> Blob:
    """Read `path` as of `revision` of the repository that its folder is in.

    `limit` is the largest content read, in bytes. Raises `KztError`.
    """
    folder, inside = _split(path)
    name = _prefix(folder) + os.fsencode(inside.as_posix())
    commit = _commit(folder, revision)
    where = f'revision "{shorten(revision)}"'
    listed = _git(folder, "ls-tree", "-l", "-z", "--full-tree", commit, "--", os.fsdecode(name))
    if listed.returncode:
        raise KztError(f"{path}: git: {_said(listed)}")
    if not listed.stdout:
        raise KztError(f"{path}: not in {where}")
    mode, _, blob, size, *_ = listed.stdout.split()
    if not mode.startswith(_REGULAR):
        raise KztError(f"{path}: {_OTHER.get(mode, 'not a file')} in {where}")
    if not size.isdigit():
        raise KztError(f"{path}: its content at {where} is not in this clone")
    if int(size) > limit:
        raise KztError(f"{path}: larger than {limit >> 20} MiB in {where}")
    content = _git(folder, "cat-file", "blob", blob.decode("ascii"))
    if content.returncode:
        raise KztError(f"{path}: git: {_said(content)}")
    return Blob(commit, content.stdout)


def names(folder: Path) -> list[str]:
    """The branches, also remote ones, and tags of the repository that `folder` is in."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    result = _git(folder, "for-each-ref", "--format=%(refname:short)", *kinds)
    # Names may hold what str.split takes for a space.
    return [name.decode("utf-8", "replace") for name in result.stdout.split(b"\n") if name]
