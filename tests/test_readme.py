"""The README's examples, executed: outputs are compared, commands must work."""

import os
import re
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, Repository
from tests.examples import bin_with_kzt, blocks, shell

__all__ = ["bin_with_kzt"]

README = CHECKOUT / "README.md"


@pytest.mark.parametrize("block", blocks(README, "console"))
def test_shown_output_is_the_real_one(block: str, bin_with_kzt: Path) -> None:
    commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    actual = "".join(f"$ {it}\n{shell(it, CHECKOUT, bin_with_kzt)}" for it in commands)
    if os.environ.get("KZT_GOLDEN") == "write":
        README.write_text(README.read_text("utf-8").replace(block, actual), "utf-8")
    else:
        assert actual == block


# `kzt add` alone asks, and only on a terminal.
KZT_LINES = [
    line
    for block in blocks(README, "sh")
    for line in block.splitlines()
    if line.startswith("kzt ") and line != "kzt add"
]


@pytest.mark.parametrize("command", KZT_LINES)
def test_commands_work(command: str, repository: Repository, bin_with_kzt: Path) -> None:
    repository.commit((CHECKOUT / "events.toml").read_text("utf-8"))
    out = shell(command, repository.folder, bin_with_kzt)
    # An example that finds nothing shows nothing: more than a header must come.
    assert not command.startswith("kzt list") or out.count("\n") > 1


def test_there_are_two_set_up_commands_on_a_line_each() -> None:
    set_up = [
        block.splitlines() for block in blocks(README, "sh") if block.startswith("python3 -m venv")
    ]
    last = [[line.rpartition("/")[2] for line in lines] for lines in set_up]
    assert last == [["kzt list"], ["python -m pytest"]]


def test_it_is_short_and_honest() -> None:
    text = README.read_text("utf-8")
    assert len(text.split()) <= 1_000
    assert "None has been chosen yet" in text


def test_the_sample_of_the_file_is_cut_from_it() -> None:
    (sample,) = blocks(README, "toml")
    record = (CHECKOUT / "events.toml").read_text("utf-8")
    cut = re.search(
        r'^\[\[event\]\]\nid = "2020-libel-decriminalised"\n.*?\n(?=\n|\Z)',
        record,
        re.MULTILINE | re.DOTALL,
    )
    assert cut
    if os.environ.get("KZT_GOLDEN") == "write":
        README.write_text(README.read_text("utf-8").replace(sample, cut[0]), "utf-8")
    else:
        assert sample == cut[0]
