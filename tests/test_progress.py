"""What takes over a second is told on the terminal of standard error, and nothing is left of it."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kztimeline.text import progress
from tests.conftest import SMALL, environment

READING = b"\rReading standard input ..."
LARGE = b"#" * progress.LARGE + b"\n"


class Started:
    """A process with a pipe to its standard input, and a terminal as its standard error."""

    def __init__(self, columns: int, process: "subprocess.Popen[bytes]", terminal: int) -> None:
        self.columns = columns
        self.process = process
        self.terminal = terminal
        self.seen = b""

    def await_(self, text: bytes) -> None:
        """Wait until the terminal shows a text."""
        while text not in self.seen:
            part = self._read()
            assert part, self.seen
            self.seen += part

    def end(self, text: bytes = b"") -> tuple[int, bytes, bytes]:
        """Write the rest of standard input: exit code, standard output, the whole terminal."""
        out, _ = self.process.communicate(text)
        while part := self._read():
            self.seen += part
        return self.process.returncode, out or b"", self.seen

    def _read(self) -> bytes:
        try:
            return os.read(self.terminal, 65536)
        except OSError:  # what Linux says at the end of a terminal
            return b""


def test_what_is_left_would_be_seen() -> None:
    assert on_screen(READING + b"\rshort\r") == "shortng standard input ..."
    assert on_screen(READING + b"\nan error\n") == "Reading standard input ...\nan error\n"
    assert on_screen(READING + b"\r" + b" " * 26 + b"\ran error\n") == "an error\n"


def test_a_step_that_takes_long_is_told_and_erased(tmp_path: Path) -> None:
    with started("list", "--file", "-", cwd=tmp_path) as kzt:
        # Nothing comes through the pipe until it is told.
        kzt.await_(READING)
        code, out, told = kzt.end(SMALL.read_bytes())
    assert (code, out.count(b"\n")) == (0, 10)
    assert told.startswith(READING)
    assert on_screen(told) == ""


def test_an_error_stands_alone(tmp_path: Path) -> None:
    with started("list", "--file", "-", cwd=tmp_path) as kzt:
        kzt.await_(READING)
        code, out, told = kzt.end(b"[topic\n")
    assert (code, out) == (2, b"")
    assert told.startswith(READING)
    assert on_screen(told) == "standard input:1:7: unclosed table, expected `]`\n"


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with started("list", "--file", "-", cwd=tmp_path) as kzt:
        kzt.await_(READING)
        kzt.process.send_signal(signal.SIGINT)
        code, out, told = kzt.end()
    assert (code, out, on_screen(told)) == (130, b"", "")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("list",), "Reading events.toml ...|Preparing the output ..."),
        (("check",), "Reading events.toml ...|Checking events.toml ..."),
        (("timeline", "-o", "out.txt"), "Reading events.toml ...|Preparing the output ..."),
        (("fmt", "--check"), "Formatting events.toml ..."),
        (("diff", "file:events.toml", "file:events.toml"), "Reading events.toml ...|Reading events.toml ...|Comparing ..."),
    ],
)  # fmt: skip
def test_what_is_large_is_told_at_once(args: tuple[str, ...], told: str, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_bytes(LARGE + SMALL.read_bytes())
    with started(*args, cwd=tmp_path) as kzt:
        code, _, shown = kzt.end()
    # The small record isn't in canonical layout.
    assert code == (args[0] == "fmt")
    assert re.split(r"[\r ]*\r", shown.decode().strip("\r ")) == told.split("|")
    assert on_screen(shown) == ""


@pytest.mark.parametrize("columns", [1, 10, 24, 0])
def test_the_line_never_wraps(columns: int, tmp_path: Path) -> None:
    (tmp_path / "событие 出来事.toml").write_bytes(LARGE + SMALL.read_bytes())
    with started("list", "--file", "событие 出来事.toml", cwd=tmp_path, columns=columns) as kzt:
        code, _, shown = kzt.end()
    assert code == 0
    from kztimeline.renderers.plain import columns as wide

    assert max(wide(part) for part in shown.decode().split("\r")) < (columns or 80)
    assert on_screen(shown) == ""


def test_a_name_is_shown_through_the_gate(tmp_path: Path) -> None:
    (tmp_path / "\x1b]0;x\x07.toml").write_bytes(LARGE + SMALL.read_bytes())
    with started("list", "--file", "\x1b]0;x\x07.toml", cwd=tmp_path) as kzt:
        _, _, shown = kzt.end()
    assert rb"\u{1b}]0;x\u{7}.toml" in shown
    assert b"\x1b" not in shown


@pytest.mark.parametrize("env", [{"CI": "true"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_no_one_is_told_who_does_not_watch(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_bytes(LARGE + SMALL.read_bytes())
    with started("list", cwd=tmp_path, env=env) as kzt:
        code, out, shown = kzt.end()
    assert (code, out.count(b"\n"), shown) == (0, 10, b"")


def test_a_job_in_the_background_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_bytes(LARGE + SMALL.read_bytes())
    with started("list", cwd=tmp_path, own=False) as kzt:
        assert kzt.end()[2] == b""


def test_a_program_that_imports_the_library_tells_nothing(tmp_path: Path) -> None:
    """Its signals are its own."""
    (tmp_path / "events.toml").write_bytes(LARGE + SMALL.read_bytes())
    script = (
        "import fcntl, signal, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n"
        "import kztimeline; kztimeline.load('events.toml')\n"
        "assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL\n"
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment({"TERM": "xterm", "CI": ""}),
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    assert Started(80, process, ours).end() == (0, b"", b"")
    os.close(ours)


def test_what_is_quick_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    timer: list[float] = []
    monkeypatch.setattr(progress, "watched", True)
    monkeypatch.setattr(progress, "write", written.append)
    monkeypatch.setattr(signal, "setitimer", lambda _, seconds: timer.append(seconds))
    before = signal.getsignal(signal.SIGALRM)
    try:
        # The timer runs from the first step on, and is stopped once.
        progress.tell("Reading a")
        progress.tell("Reading b")
        progress.end()
        progress.end()
        assert (timer, written) == ([1.0, 0], [])
        # A signal that was on its way.
        signal.raise_signal(signal.SIGALRM)
        assert written == []
        progress.tell("Reading a")
        progress.tell("Reading b")
        signal.raise_signal(signal.SIGALRM)
        progress.tell("Writing")
        progress.end()
        assert written == ["\rReading b ...", "\rWriting ...  ", f"\r{' ' * 13}\r"]
    finally:
        signal.signal(signal.SIGALRM, before)


# --- helpers ---------------------------------------------------------------------------------


@contextmanager
def started(
    *args: str, cwd: Path, columns: int = 80, env: Mapping[str, str] | None = None, own: bool = True
) -> Iterator[Started]:
    """`kzt` with its own terminal, in the foreground of it; standard output is a pipe."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    take = "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0); "
    run = "from kztimeline.__main__ import main; sys.argv[0] = 'kzt'; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", (take if own else "import sys; ") + run, *args],
        cwd=cwd,
        env=environment({"TERM": "xterm", "CI": "", **(env or {})}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    yield Started(columns, process, ours)
    os.close(ours)
    process.kill()
    process.wait()


def on_screen(written: bytes) -> str:
    """What is to be seen in the end: after a carriage return, a line is written over."""
    lines: list[str] = []
    screen: list[str] = []
    at = 0
    for char in written.decode():
        if char in "\r\n":
            lines += ["".join(screen).strip(" ")] if char == "\n" else []
            screen, at = ([] if char == "\n" else screen), 0
        else:
            screen[at : at + 1] = [char]
            at += 1
    return "\n".join([*lines, "".join(screen).strip(" ")])
