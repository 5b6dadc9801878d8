"""Which files are read at all, and what is said about those that aren't."""

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kztimeline import KztError, load
from kztimeline.files.place import LIMIT
from tests.conftest import SMALL, Run, environment
from tests.processes import run_all

SYNTAX = "[topic]\na = 'x'\nb = \n"

# Made in a folder by `hostile`, or there on every POSIX system.
UNREADABLE = {
    "missing.toml": "missing.toml: no such file",
    "none/missing.toml": "none/missing.toml: no such file",
    "a.toml/x": "a.toml/x: not a directory",
    "folder": "folder: is a directory",
    ".": ".: is a directory",
    "fifo": "fifo: not a regular file",
    "link-to-fifo": "link-to-fifo: not a regular file",
    "socket": "socket: not a regular file",
    "loop": "loop: too many levels of symbolic links",
    "dangling": "dangling: no such file",
    "/dev/zero": "/dev/zero: not a regular file",
    "/dev/null": "/dev/null: not a regular file",
    "/dev/tty": "/dev/tty: not a regular file",
    "/dev/stdin": "/dev/stdin: not a regular file",
    "/proc/self/mem": "/proc/self/mem: input/output error",
    "large.toml": "large.toml: larger than 64 MiB",
    "sparse.toml": "sparse.toml: larger than 64 MiB",
    "x" * 300: f"{'x' * 300}: file name too long",
    "\x1b[31m\n\udcff": "\\u{1b}[31m\\u{a}\\u{dcff}: no such file",
}

MALFORMED = {
    "not UTF-8": (
        b"[topic]\na = '\xc3\xa9\xff'\n",
        ":2:7: not UTF-8: byte 0xff at offset 15\n",
    ),
    "cut UTF-8": (b"# \xc3", ":1:3: not UTF-8: byte 0xc3 at offset 2\n"),
    "UTF-16": ("[topic]".encode("utf-16-le"), ":1:"),
    "a surrogate": (b"# \xed\xa0\x80", ":1:3: not UTF-8: byte 0xed at offset 2\n"),
    "NUL": (b"[topic]\na = '\0'\n", ":2:6: "),
    "no value": (b"[topic]\na = \n", ":2:5: "),
    "no TOML": (b"{\n", ":1:1: "),
    "open string": (b'[topic]\na = "x\n', ":2:7: "),
    "key twice": (b"[topic]\na = 'x'\na = 'y'\n", ":3:1: "),
    "bare month": (
        b"[timeline]\ntitle = 2020-05\n",
        ':2:9: a month needs quotes: "2020-05"\n',
    ),
    "wrong key": (
        b"[timelime]\n",
        ':1:2: unknown key "timelime" (did you mean "timeline"?)\n',
    ),
    "wrong type": (
        b"[timeline]\ntitle = 7\n",
        ":2:9: title must be a string, not a number\n",
    ),
    "two problems": (
        b"[timeline]\ntitle = 7\n[topic]\na = 8\n",
        ":2:9: title must be a string, not a number\n",
    ),
}


def test_only_regular_files_are_read(hostile: Path) -> None:
    commands = {
        (command, *option, name): (2, "", f"{told}\n")
        for name, told in UNREADABLE.items()
        for command, *option in (("list", "--file"), ("check",))
    }
    results = run_all(commands, hostile)
    assert {args: (r.code, r.out, r.err) for args, r in results.items()} == commands


@pytest.mark.slow
def test_a_naive_open_waits_for_ever(hostile: Path) -> None:
    command = [sys.executable, "-c", "open('fifo').read()"]
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(command, cwd=hostile, timeout=1, check=True)


def test_large_files_are_not_read(hostile: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    def run(*command: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [sys.executable, *command],
            cwd=hostile,
            env=environment(),
            capture_output=True,
            preexec_fn=limit,
            check=False,
        )

    naive = "open('sparse.toml', 'rb').read()"
    assert b"MemoryError" in run("-c", naive).stderr
    for name in ("large.toml", "sparse.toml"):
        done = run("-m", "kztimeline", "list", "--file", name)
        assert (done.returncode, done.stderr) == (2, f"{name}: larger than 64 MiB\n".encode())


def test_a_file_that_can_be_opened_is_checked_not_refused(tmp_path: Path) -> None:
    for case, (data, _) in MALFORMED.items():
        (tmp_path / f"{case}.toml").write_bytes(data)
    commands = [
        (*command, f"{case}.toml")
        for case in MALFORMED
        for command in (["list", "--file"], ["check"])
    ]
    results = run_all(commands, tmp_path)
    for case, (_, told) in MALFORMED.items():
        name = f"{case}.toml"
        refused, found = results["list", "--file", name], results["check", name]
        assert (refused.code, refused.out) == (2, ""), case
        expected = "".join(f"{name}{line}" for line in told.splitlines(keepends=True))
        assert refused.err[: len(expected)] == expected
        first, *rest = refused.err.splitlines()
        assert (found.code, found.err) == (1, ""), case
        assert found.out.splitlines()[0] == first
        more = [f"1 more: kzt check '{name}'"] if case == "two problems" else []
        assert rest == more


def test_how_to_see_all_problems_can_be_pasted(tmp_path: Path, kzt: Run) -> None:
    text = "[timeline]\ntitle = 7\n[topic]\na = 8\n"
    for name, argument in (
        ("a b.toml", "'a b.toml'"),
        ("-x.toml", "./-x.toml"),
        ("$(x).toml", "'$(x).toml'"),
    ):
        (tmp_path / name).write_text(text)
        told = kzt("list", f"--file={name}").err
        assert told.splitlines()[1:] == [f"1 more: kzt check {argument}"]
        script = f'kzt() {{ {sys.executable} -m kztimeline "$@"; }}; kzt check {argument}'
        done = subprocess.run(
            ["/bin/sh", "-c", script], cwd=tmp_path, env=environment(), capture_output=True
        )
        assert (done.returncode, done.stdout.count(b"\n")) == (1, 2)
    told = kzt("list", "--file", "-", stdin=text.encode()).err
    assert told.splitlines()[1:] == ["1 more: kzt check -"]


def test_standard_input_is_read_once(kzt: Run) -> None:
    result = kzt("diff", "-", "--file", "-", stdin=SMALL.read_bytes())
    assert (result.code, result.err) == (0, "")
    assert "no change" in result.out


def test_the_nearest_file_is_taken_even_if_it_is_broken(tmp_path: Path, kzt: Run) -> None:
    (tmp_path / "events.toml").write_text(SYNTAX)
    (tmp_path / "in/ner").mkdir(parents=True)
    assert kzt("list", cwd=tmp_path / "in/ner").err.startswith("../../events.toml:3:")
    (tmp_path / "in/events.toml").mkdir()
    assert kzt("list", cwd=tmp_path / "in/ner").err == "../events.toml: is a directory\n"


def test_notebooks_get_one_exception() -> None:
    with pytest.raises(KztError, match=r"^missing\.toml: no such file$"):
        load("missing.toml")
    with pytest.raises(KztError, match=r"^the name of the file is empty$"):
        load("")
    with pytest.raises(KztError, match="null"):
        load("a\0b")


@pytest.mark.parametrize(
    "module",
    [
        "files.git",
        "files.place",
        "cli.output",
        "files.sides",
        "cli.completion",
        "cli.app",
    ],
)
def test_nothing_of_posix_is_needed_to_import(module: str) -> None:
    # What Windows doesn't have.
    hidden = ["fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"]
    names = ["O_NONBLOCK", "chown", "fork", "geteuid", "mkfifo", "set_blocking"]
    script = (
        "import importlib.abc, os, sys, typer, rtoml, subprocess, shutil\n"
        f"for name in {hidden}: sys.modules[name] = None\n"
        f"for name in {names}: delattr(os, name)\n"
        f"import kztimeline.{module}\n"
        "import kztimeline\n"
        f"kztimeline.load({str(SMALL)!r})\n"
    )
    subprocess.run([sys.executable, "-c", script], env=environment(), check=True)


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files that can't be read."""
    (tmp_path / "a.toml").write_text(SYNTAX)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link-to-fifo").symlink_to("fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    # Its path is limited to about a hundred bytes.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    for name, size in (("large.toml", LIMIT + 1), ("sparse.toml", 1 << 40)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    return tmp_path
