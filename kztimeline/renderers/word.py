"""A Word document, made of our Markdown by pandoc, which can read no file meanwhile."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kztimeline.files.programs import find
from kztimeline.text.errors import KztError
from kztimeline.text.gate import shorten

SECONDS: Final = 120
_MEMORY: Final = "2G"
_EPOCH: Final = "315532800"
"""The earliest time that the files inside a Word file can have: 1980."""


def document(markdown: str) -> bytes:
    """The same document, its title and headings as styles, its footnotes as Word's own."""
    command = [_program(), "+RTS", f"-M{_MEMORY}", "-RTS", "--sandbox", "--from=markdown-smart"]
    command += ["--to=docx", "--shift-heading-level-by=-1", "--output=-"]
    data = markdown.encode("utf-8", "backslashreplace")
    # No clock: the same record makes the same file.
    env = {"SOURCE_DATE_EPOCH": _EPOCH, **os.environ}
    try:
        done = subprocess.run(
            command, input=data, env=env, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise KztError(f"pandoc did not end within {SECONDS} seconds") from None
    except OSError as error:
        raise KztError(f"can't run pandoc: {error.strerror}") from None
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise KztError(f"pandoc: {shorten(message, 200)}")
    return done.stdout


def _program() -> str:
    package = find_spec("pypandoc")
    bundled = Path(package.origin).parent / "files/pandoc" if package and package.origin else None
    program = str(bundled.absolute()) if bundled and bundled.is_file() else find("pandoc")
    if program is None:
        extra = "pip install pypandoc-binary (or the extra kztimeline[word])"
        raise KztError(f"docx needs pandoc: {extra}")
    return program
