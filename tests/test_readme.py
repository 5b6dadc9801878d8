"""The README's examples, executed: outputs are compared, commands must work."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, Repository, Run, environment

README = CHECKOUT / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def first_line(block: str) -> str:
    return block.partition("\n")[0]


@pytest.mark.parametrize("block", blocks("console"), ids=first_line)
def test_shown_output_is_the_real_one(block: str, bin_with_kzt: Path) -> None:
    commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    actual = "".join(f"$ {it}\n{shell(it, CHECKOUT, bin_with_kzt)}" for it in commands)
    if os.environ.get("KZT_GOLDEN") == "write":
        README.write_text(README.read_text("utf-8").replace(block, actual), "utf-8")
    else:
        assert actual == block


KZT_LINES = [line for block in blocks("sh") for line in block.splitlines() if line[:4] == "kzt "]


@pytest.mark.parametrize("command", KZT_LINES)
def test_commands_work(command: str, repository: Repository, bin_with_kzt: Path) -> None:
    repository.commit((CHECKOUT / "events.toml").read_text("utf-8"))
    out = shell(command, repository.folder, bin_with_kzt)
    # An example that finds nothing shows nothing: more than a header must come.
    assert not command.startswith("kzt list") or out.count("\n") > 1


def test_there_are_two_set_up_commands_on_a_line_each() -> None:
    assert [line.rpartition("/")[2] for line in blocks("sh")[0].splitlines()] == ["kzt list"]
    assert [line.rpartition("/")[2] for line in blocks("sh")[1].splitlines()] == [
        "python -m pytest"
    ]


@pytest.mark.parametrize("block", blocks("python"), ids=first_line)
def test_python_example_runs(block: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") >= 1


def test_the_file_to_begin_with_has_no_problem(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(blocks("toml")[1], "utf-8")
    assert kzt("check").code == 0
    assert kzt("fmt", "--check").code == 0


@pytest.mark.parametrize("block", blocks("toml"), ids=first_line)
def test_shown_event_has_only_known_keys(block: str) -> None:
    from kztimeline.record.reading import read

    codes = {problem.code for problem in read(block).problems}
    assert codes <= {"unknown-topic", "unknown-matter", "unknown-source", "unknown-event"}


# --- helpers ---------------------------------------------------------------------------------


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
