"""Drafts of events: what was answered, kept for its owner alone until it is written."""

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from kztimeline.files.place import read_file
from kztimeline.text.errors import KztError, reason


def _path(record: Path) -> Path:
    """Where the draft for a record is kept. Raises `KztError` if there is no such place."""
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        home = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise KztError(str(error)) from None
    name = sha256(os.fsencode(os.path.realpath(record))).hexdigest()[:32]
    return home / "kzt" / f"{name}.json"


def save(record: Path, draft: Any) -> None:
    """Keep the draft for a record, in place of the one that is there. Raises `KztError`."""
    path = _path(record)
    new = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            json.dump(draft, opened)
        new.replace(path)
    except OSError as error:
        raise KztError(f"{path}: {reason(error)}") from None


def load(record: Path) -> Any:
    """The draft for a record, or None; also if it can't be read."""
    try:
        return json.loads(read_file(_path(record)))
    except (KztError, ValueError, RecursionError):
        return None


def discard(record: Path) -> None:
    """Keep the draft for a record no longer."""
    with suppress(OSError, KztError):
        _path(record).unlink()
