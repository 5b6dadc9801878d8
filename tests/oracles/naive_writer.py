"""Writers as one finds them, each wrong in its way: what the tests of durability must catch.

``python naive_writer.py MODE FILE TEXT`` appends a text to a file: ``in-place`` truncates the file
and writes it; ``unsynced`` renames a temporary file over it, as many believe to be safe.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def in_place(path: Path, edit: Callable[[bytes], bytes]) -> None:
    """Truncate and write."""
    new = edit(path.read_bytes())
    path.write_bytes(new)


def unsynced(path: Path, edit: Callable[[bytes], bytes]) -> None:
    """Rename without a lock, without fsync, without a look at what is there by now."""
    new = edit(path.read_bytes())
    temporary = path.with_name(f".naive-{os.getpid()}")
    temporary.write_bytes(new)
    temporary.replace(path)


WRITERS: Mapping[str, Callable[[Path, Callable[[bytes], bytes]], None]] = {
    "in-place": in_place,
    "unsynced": unsynced,
}


def main(mode: str, name: str, text: str) -> None:
    """Append a text; slowly, as a program that parses what it read."""

    def edit(old: bytes) -> bytes:
        time.sleep(0.05)
        return old + text.encode()

    WRITERS[mode](Path(name), edit)
    os.write(1, b"added\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
