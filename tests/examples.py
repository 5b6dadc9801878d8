"""Examples in pages, and a shell to try them in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import environment


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.fixture
def bin_with_kzt(tmp_path: Path) -> Path:
    """A folder with a `kzt` command, whether the package is installed or not."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "kzt"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kztimeline "$@"\n')
    script.chmod(0o755)
    return folder


def shell(command: str, folder: Path, extra_path: Path) -> str:
    """What a command prints; it must succeed, and complain of nothing."""
    path = f"{extra_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment({"PATH": path}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout
