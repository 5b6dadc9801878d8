"""`kzt` on a terminal of its own: to look at, or to talk to."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from tests.conftest import CHECKOUT, environment

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(
    *args: str, columns: int, cwd: Path, env: Mapping[str, str]
) -> tuple[int, list[str]]:
    """The exit code and lines of `kzt` on a terminal of its own."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "kztimeline", *args],
        cwd=cwd,
        env=environment({"TERM": "xterm-256color", **env}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    output = b""
    while True:
        try:
            output += (part := os.read(ours, 65536))
        except OSError:  # what Linux says at the end of a terminal
            break
        if not part:
            break
    os.close(ours)
    return process.wait(), output.decode().splitlines()


def in_terminal(
    *args: str,
    columns: int = 80,
    rows: int = 24,
    cwd: Path = CHECKOUT,
    typed: str = "",
    env: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, str]:
    """The exit code of `kzt` on a terminal that it controls, and what that shows of it.

    What is typed comes at a pager's first prompt. A variable ``unset`` is none.
    """
    pid, descriptor = pty.fork()
    if pid == 0:
        termios.tcsetwinsize(0, (rows, columns))
        os.chdir(cwd)
        variables = environment({"TERM": "xterm", **env})
        variables = {name: value for name, value in variables.items() if value != "unset"}
        # One that waits for keys ends the test instead.
        signal.alarm(20)
        os.execve(sys.executable, [sys.executable, "-m", "kztimeline", *args], variables)
    out = b""
    with suppress(OSError):  # what Linux says at the end of a terminal
        while part := os.read(descriptor, 65536):
            out += part
            if typed and b":" in out:
                os.write(descriptor, typed.encode())
                typed = ""
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), out.decode("utf-8").replace("\r\n", "\n")


class Terminal:
    """`kzt` on a terminal of its own, in an empty environment."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.process, self.end = pty.fork()
        if not self.process:
            os.chdir(folder)
            env = environment({"TERM": "xterm", "COLUMNS": "100", "PATH": os.environ["PATH"]})
            env["XDG_STATE_HOME"] = str(folder / "state")
            os.execve(sys.executable, [sys.executable, "-m", "kztimeline", *args], env)
        self.seen = ""
        self.since = 0

    def until(self, text: str) -> str:
        """Wait for a text; what came before it."""
        deadline = time.monotonic() + 20
        while text not in self.seen[self.since :]:
            if not self._read(deadline):
                raise AssertionError(f"no {text!r} in {self.seen!r}")
        start, self.since = self.since, self.seen.index(text, self.since) + len(text)
        return self.seen[start : self.since]

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.end], [], [], max(0, deadline - time.monotonic()))
        try:
            data = os.read(self.end, 65536) if ready else b""
        except OSError:
            data = b""
        text = re.sub(r"\x1b\[\?2004[hl]\r?", "", data.decode())
        self.seen += text.replace("\r\n", "\n")
        return bool(data)

    def answer(self, question: str, text: str) -> str:
        """Wait for a question and answer it."""
        before = self.until(question)
        os.write(self.end, text.encode() + b"\n")
        return before

    def close(self, keys: bytes = b"") -> int:
        """Wait for the end; the exit code.

        The `keys` that bring it about are pressed until it comes: a single interrupt can fall
        into the moment between a prompt's being shown and its being read.
        """
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError):
                os.write(self.end, keys)
            pause = time.monotonic() + 1
            while self._read(pause):
                pass
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        raise AssertionError(f"still running after {self.seen!r}")
