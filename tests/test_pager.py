"""The pager and colour: as git has them, without a shell, and nothing of it in a pipe."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CHECKOUT, SMALL, Run
from tests.terminals import in_terminal

LIST = ("list", "--file", str(SMALL))


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A program that shows what it was given: its words, what it may do, and the text."""
    program = tmp_path / "show-it"
    program.write_text(
        '#!/bin/sh\necho "PAGED $# $1 LESS=$LESS SECURE=$LESSSECURE"\ncat\necho END\n'
    )
    program.chmod(0o755)
    return program


def paged(*args: str, rows: int = 5, typed: str = "", **env: str) -> tuple[int, str]:
    """The exit code of the real process, and what a terminal of so few rows shows of it."""
    return in_terminal(*args, rows=rows, typed=typed, env=env)


def test_long_output_goes_through_the_pager(pager: Path) -> None:
    code, out = paged(*LIST, KZT_PAGER=f"{pager} 'a word'")
    assert code == 0
    assert out.startswith("PAGED 1 a word LESS=FRX SECURE=1\n")
    assert out.endswith("END\n")
    assert "9 events" in out


@pytest.mark.parametrize(
    "args",
    [
        ("--help",),
        ("list", "--help"),
        ("help", "dates"),
        ("check", "--explain", "bad-date"),
        ("show", "2020-assembly-law"),
        ("export", "md"),
        ("list", "--format", "json"),
    ],
    ids=" ".join,
)
def test_so_does_all_that_is_read(args: tuple[str, ...], pager: Path) -> None:
    assert "PAGED" in paged(*args, KZT_FILE=str(SMALL), KZT_PAGER=str(pager))[1]


@pytest.mark.parametrize(
    ("args", "rows", "env"),
    [
        (LIST, 50, {}),
        ((*LIST, "--no-pager"), 5, {}),
        (LIST, 5, {"KZT_PAGER": ""}),
        (LIST, 5, {"KZT_PAGER": "cat"}),
        (LIST, 5, {"KZT_PAGER": "there-is-no-such-program"}),
        (LIST, 5, {"TERM": "dumb"}),
        (("version",), 5, {}),
    ],
    ids=["short", "--no-pager", "empty", "cat", "missing", "dumb terminal", "version"],
)
def test_this_does_not(args: tuple[str, ...], rows: int, env: dict[str, str], pager: Path) -> None:
    code, out = paged(*args, rows=rows, **{"KZT_PAGER": str(pager), **env})
    assert (code, "PAGED" in out) == (0, False)
    assert "9 events" in out or args == ("version",)


def test_a_pipe_and_a_file_are_not_paged(kzt: Run, pager: Path, tmp_path: Path) -> None:
    assert "PAGED" not in kzt(*LIST, env={"KZT_PAGER": str(pager), "TERM": "xterm"}).out
    saved = str(tmp_path / "x")
    assert paged(*LIST, "-o", saved, KZT_PAGER=str(pager)) == (0, "")


def test_pager_is_the_second_choice(pager: Path) -> None:
    _, out = paged(*LIST, KZT_PAGER="unset", PAGER=str(pager))
    assert out.startswith("PAGED 0")
    _, out = paged(*LIST, KZT_PAGER="cat", PAGER=str(pager))
    assert "PAGED" not in out


def test_no_shell_reads_the_pagers_name(pager: Path, tmp_path: Path) -> None:
    paged(*LIST, KZT_PAGER=f"{pager} $(touch {tmp_path}/pwned) ; touch {tmp_path}/pwned")
    assert not (tmp_path / "pwned").exists()
    code, out = paged(*LIST, KZT_PAGER="less '")
    assert (code, out) == (2, "$KZT_PAGER: no closing quotation\n")


def test_a_pager_in_the_working_directory_is_not_run(tmp_path: Path, pager: Path) -> None:
    """A relative entry of PATH would find it in somebody's checkout."""
    path = os.path.relpath(pager.parent, CHECKOUT)
    _, out = paged(*LIST, KZT_PAGER="show-it", PATH=f"{path}:{os.environ['PATH']}")
    assert "PAGED" not in out


def test_one_may_leave_early_and_interrupt(tmp_path: Path) -> None:
    early = tmp_path / "early"
    early.write_text("#!/bin/sh\nhead -c 10\nkill -INT 0\nsleep 0.2\necho LEFT\n")
    early.chmod(0o755)
    big = "".join(f'[source.s{n}]\ntitle = "{"x" * 200}"\ndate = "2020"\nperspective = "un"\n' for n in range(2_000))  # fmt: skip
    (tmp_path / "big.toml").write_text(big)
    code, out = paged("export", "json", "--file", str(tmp_path / "big.toml"), KZT_PAGER=str(early))  # fmt: skip
    assert code == 0
    assert "Traceback" not in out


def test_less_shows_it() -> None:
    code, out = paged(*LIST, KZT_PAGER="unset", PAGER="less -FRX", typed="Gq")
    assert code == 0
    assert "9 events" in out


# --- colour ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "env", "colour"),
    [
        (["list", "--format", "table"], {}, False),
        (["list", "--format", "table", "--color", "always"], {}, True),
        (["list", "--format", "table", "--color=always"], {"NO_COLOR": "1"}, True),
        (["list", "--format", "table"], {"FORCE_COLOR": "1"}, True),
        (["list", "--format", "table"], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["list", "--format", "table", "--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["list"], {"FORCE_COLOR": "1"}, False),
        (["list", "--format", "json"], {"FORCE_COLOR": "1"}, False),
        (["list", "--help"], {"FORCE_COLOR": "1"}, True),
        (["list", "--color", "always", "--help"], {}, True),
        (["--help"], {}, False),
        (["check"], {"FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour_in_a_pipe(args: list[str], env: dict[str, str], colour: bool, kzt: Run) -> None:
    shown = kzt(*args, env={"KZT_FILE": str(SMALL), "TERM": "xterm", **env})
    assert shown.err == ""
    assert ("\x1b[" in shown.out) is colour


@pytest.mark.parametrize("args", [("list",), ("list", "--help"), ("help", "dates"), ("check",)])
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=str)
def test_colour_on_a_terminal(args: tuple[str, ...], env: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text("[topics]\nx = 'X'\n[topic]\ny = 1\n")
    file = str(tmp_path / "events.toml") if args == ("check",) else str(SMALL)
    _, out = paged(*args, KZT_FILE=file, **env)
    assert ("\x1b[" in out) is (not env)
    plain = re.sub("\x1b\\[[0-9;]*m", "", out)
    assert "\x1b" not in plain
    if args == ("check",):
        assert "    ^^^^^^\n" in plain
        assert "\x1b[31m" in out or env


def test_colour_is_one_of_three(kzt: Run) -> None:
    assert kzt("list", "--color", "blue").err == "--color: auto, always or never, not blue\n"
